"""Errors of the bus. Transient ones are waited out; wrong data is no error but a dead letter (`Wrong`, `Rejected`)."""

from __future__ import annotations

__all__ = ["BusError", "LogCorrupt", "StoreCorrupt", "StoreMismatch", "TransientError", "Unreachable"]


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


class StoreCorrupt(BusError):
    """The store's file is damaged; the message names it."""


class StoreMismatch(BusError):
    """The home was made by another version of the bus."""
