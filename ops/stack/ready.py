"""What makes new servers ready for use, once they answer: topics, tables."""

from __future__ import annotations

from collections.abc import Callable

from ops.settings import Settings

__all__ = ["STEPS"]


def _topics(settings: Settings) -> None:
    from ops.topics import opened_kafka  # noqa: PLC0415 - Kafka's clients take 0.3 s to load

    opened_kafka(settings, wait_s=10.0).close()


STEPS: tuple[Callable[[Settings], None], ...] = (_topics,)
"""Called in turn by ``grms stack up`` with settings that name both servers; each may be called again and again."""
