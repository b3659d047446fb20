"""What makes new servers ready for use, once they answer: topics, tables."""

from __future__ import annotations

from collections.abc import Callable

from ops.home import opened_log
from ops.settings import Settings

__all__ = ["STEPS"]


def _topics(settings: Settings) -> None:
    opened_log(settings, wait_s=10.0).close()


STEPS: tuple[Callable[[Settings], None], ...] = (_topics,)
"""Called in turn by ``grms stack up`` with settings that name both servers; each may be called again and again."""
