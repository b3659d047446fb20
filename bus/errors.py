"""Errors of the bus. Transient ones are waited out; wrong data is no error but a dead letter (`Wrong`, `Rejected`)."""

from __future__ import annotations

__all__ = [
    "BusError",
    "LogCorrupt",
    "LogMismatch",
    "LogRefused",
    "LogTruncated",
    "Oversize",
    "StoreCorrupt",
    "StoreMismatch",
    "TransientError",
    "Unreachable",
]


class BusError(Exception):
    """A failure of the bus; ``retriable`` says what may follow."""

    retriable = False


class TransientError(BusError):
    """A part does not answer now (locked, restarting): wait and retry, never a dead letter."""

    retriable = True


class Unreachable(TransientError):
    """A part can't be reached at all; the message names it and what to do."""


class LogCorrupt(BusError):
    """Stored bytes of the log differ from what was appended; the message names the place."""


class LogMismatch(BusError):
    """Two logs, or a store and a log, don't belong together; the message says what would have been harmed."""


class LogRefused(BusError):
    """The log will not do what was asked, however often: no such topic, no right, too large; the message says which."""


class LogTruncated(BusError):
    """The log has not, or no longer, the offset that a reader needs next; place, offsets and remedy are named."""

    def __init__(self, topic: str, partition: int, offset: int, *, start: int, end: int) -> None:
        if offset < start:
            what = f"the log begins at {start}: retention passed the reader, {start - offset} offsets are gone"
            remedy = "Restore the topic from a backup or a copy of the log, and see why its retention ended"
        else:
            what = f"the log ends at {end}: it lost its end, or is not the log that was read before"
            remedy = "Name the right log, or restore it from a backup or a copy"
        super().__init__(
            f"{topic}/{partition}: offset {offset} was to be read, but {what}. Nothing was skipped. {remedy}."
        )


class Oversize(BusError):
    """An event is larger than any log takes; nothing of it was sent."""

    def __init__(self, topic: str, event_id: str, size: int, limit: int) -> None:
        super().__init__(
            f"{topic}: event {event_id} has {size:,} bytes, and a log takes {limit:,}. Nothing was sent. "
            "Its producer must state less in one event."
        )


class StoreCorrupt(BusError):
    """The store's file is damaged; the message names it."""


class StoreMismatch(BusError):
    """The home was made by another version of the bus."""
