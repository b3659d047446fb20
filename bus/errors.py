"""Errors of the bus: two families. Transient ones are waited out; data ones become dead letters."""

from __future__ import annotations

__all__ = ["BusError", "DataError", "LogCorrupt", "StoreMismatch", "TransientError", "Unreachable"]


class BusError(Exception):
    """A failure of the bus; ``retriable`` says what may follow."""

    retriable = False


class TransientError(BusError):
    """A part does not answer now (locked, restarting): wait and retry, never a dead letter."""

    retriable = True


class Unreachable(TransientError):
    """A part can't be reached at all; the message names it and what to do."""


class DataError(BusError):
    """One record is wrong: it goes to the dead letters with its reason, and work goes on."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class LogCorrupt(BusError):
    """Stored bytes of the log differ from what was appended; the message names the place."""


class StoreMismatch(BusError):
    """The home was made by another version of the bus."""
