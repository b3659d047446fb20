"""Ports of the bus: what a log is, whatever stands behind it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

__all__ = ["MAX_RECORD_BYTES", "Batch", "Headers", "Log", "Record", "StoredRecord", "partition_of"]

Headers = Sequence[tuple[str, bytes]]


MAX_RECORD_BYTES = 1 << 20
"""Key, value and headers of one record; the same in every log, so that the same facts get in. Fits any broker."""


class Record(NamedTuple):
    """What is appended: key, value and headers, all bytes; header names apart, since batches share them."""

    key: bytes | None
    value: bytes | None
    names: tuple[str, ...] = ()
    values: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, key: bytes | None, value: bytes | None, headers: Headers = ()) -> Record:
        """A record with its headers given in pairs."""
        return cls(key, value, tuple([name for name, _ in headers]), tuple([text for _, text in headers]))

    @property
    def headers(self) -> Headers:
        """Headers in pairs."""
        return tuple(zip(self.names, self.values, strict=True))

    @property
    def size(self) -> int:
        """Bytes of key, value and headers, at most `MAX_RECORD_BYTES`."""
        return len(self.key or b"") + len(self.value or b"") + sum(map(len, self.names)) + sum(map(len, self.values))


class StoredRecord(NamedTuple):
    """A record at its place: offset, and recorded time in milliseconds UTC."""

    offset: int
    recorded_ms: int
    key: bytes | None
    value: bytes | None
    names: tuple[str, ...]
    values: tuple[bytes, ...]

    @property
    def headers(self) -> Headers:
        """Headers in pairs."""
        return tuple(zip(self.names, self.values, strict=True))


class Batch(NamedTuple):
    """What a read found, and where the next one begins.

    ``next_offset`` is behind the last record and behind the holes that follow it. No records and a ``next_offset``
    beyond the offset asked for: only holes lay there, read on. No records and the same offset: the log's end.
    """

    records: list[StoredRecord]
    next_offset: int


class Log(Protocol):
    """An append-only log of topics and partitions.

    Invariants: offsets of a partition rise, and may have holes (what a transaction leaves; the embedded log has
    none); the recorded time never falls within a partition; what a read returned once, it returns always, until
    the topic's retention ends.
    """

    def topics(self) -> set[str]:
        """Names of the topics that exist."""
        ...

    def history(self, topic: str) -> str:
        """Name of what a topic's offsets mean: one that was made anew, or is a copy, has another."""
        ...

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic; fixed once the topic exists."""
        ...

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append records durably, in their order; return the offset of the first.

        When it returns, all are there. When it fails, the embedded log has none of them; Kafka may have some, the
        first ones. So a caller that repeats it appends at least once, and inboxes drop the rest.
        """
        ...

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        """Up to ``limit`` records from ``offset`` on, and where to read on.

        Raises:
            LogTruncated: terminal; retention passed that offset, or the log ends before it.
        """
        ...

    def start_offsets(self, topic: str) -> dict[int, int]:
        """Least offset that can still be read, for each partition of the topic; 0 unless retention passed it."""
        ...

    def end_offsets(self, topic: str) -> dict[int, int]:
        """Offset behind the last record and its holes, for each partition of the topic."""
        ...

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        """Where reading begins with the first record of recorded time >= ``recorded_ms``, else the end offset."""
        ...


def partition_of(key: str, partitions: int) -> int:
    """Partition of a key: the same for ever, so that one key's records keep their order."""
    return zlib.crc32(key.encode()) % partitions
