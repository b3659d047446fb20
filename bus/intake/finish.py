"""What a killed ingest left behind: statements to settle, events to relay."""

from __future__ import annotations

from bus.intake.settle import settle
from bus.parts import Parts
from bus.store.outbox import relay

__all__ = ["finish"]


def finish(parts: Parts) -> None:
    """Bring to the log what was taken in, unless an ingest is just reading: then it will do so itself."""
    with parts.store.alone(wait=False) as granted:
        if granted:
            settle(parts)
    relay(parts.store, parts.log)
