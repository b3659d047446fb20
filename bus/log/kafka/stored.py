"""A record of either client as the log gives it."""

from __future__ import annotations

from typing import Any

from bus.log.recorded import recorded_index, recorded_of
from bus.ports import StoredRecord

__all__ = ["AsStored"]


class AsStored:
    """Makes stored records; header names that were met before are one tuple in memory."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], tuple[tuple[str, ...], int]] = {}

    def __call__(self, record: Any) -> StoredRecord:  # noqa: ANN401 - the client's
        """The record with its recorded time: the append time, or what a copied one says."""
        headers = record.headers
        names = tuple([name for name, _ in headers])
        values = tuple([text or b"" for _, text in headers])
        known = self._names.get(names)
        if known is None:
            known = self._names[names] = (names, recorded_index(names))
        names, place = known
        recorded_ms = record.timestamp if place < 0 else recorded_of(values[place], record.timestamp)
        return StoredRecord(record.offset, recorded_ms, record.key, record.value, names, values)
