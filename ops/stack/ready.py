"""What makes new servers ready for use, once they answer: topics, tables."""

from __future__ import annotations

from collections.abc import Callable

from bus.topics import declared
from ops.home import opened_store
from ops.settings import Settings
from ops.topics import make_missing

__all__ = ["STEPS"]

_WAIT_S = 10.0


def _topics(settings: Settings) -> None:
    # Also those that an `up` killed at this point left out, or that a later release added.
    make_missing(settings, {topic.name: settings.partitions for topic in declared()}, _WAIT_S)


def _tables(settings: Settings) -> None:
    # Apart from the log: which log a store reads is settled by the first command that reads one into it.
    with opened_store(settings, _WAIT_S):
        pass


STEPS: tuple[Callable[[Settings], None], ...] = (_topics, _tables)
"""Called in turn by ``grms stack up`` with settings that name both servers; each may be called again and again."""
