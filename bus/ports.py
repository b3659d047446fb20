"""Ports of the bus: what a log is, whatever stands behind it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import NamedTuple, Protocol

__all__ = ["Headers", "Log", "Record", "StoredRecord", "partition_of"]

Headers = Sequence[tuple[str, bytes]]


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


class Log(Protocol):
    """An append-only log of topics and partitions.

    Invariants: offsets of a partition are dense from 0; the recorded time never falls within a partition;
    what a read returned once, it returns always.
    """

    def partitions(self, topic: str) -> int:
        """Number of partitions of a topic; fixed once the topic exists."""
        ...

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append records durably, all or none; return the offset of the first."""
        ...

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[StoredRecord]:
        """Up to ``limit`` records from ``offset`` on; empty at the end."""
        ...

    def end_offsets(self, topic: str) -> dict[int, int]:
        """Offset behind the last record, for each partition of the topic."""
        ...

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        """Offset of the first record with recorded time >= ``recorded_ms``, else the end offset."""
        ...


def partition_of(key: str, partitions: int) -> int:
    """Partition of a key: the same for ever, so that one key's records keep their order."""
    return zlib.crc32(key.encode()) % partitions
