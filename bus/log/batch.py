"""A batch of records as one block of bytes.

Layout: ``<II`` length of the header table and number of records; the table (JSON: the distinct lists of header
names); ``<H`` per record, its list; ``<i`` per part, its length (-1 = null); then all parts end to end. The
parts of a record are key, value and header values.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import overload

from bus.ports import Record

__all__ = ["Block", "pack", "unpack"]

_HEAD = struct.Struct("<II")


def pack(records: Sequence[Record]) -> bytes:
    """Write records as one block."""
    layouts: dict[tuple[str, ...], int] = {}
    kinds: list[int] = []
    parts: list[bytes | None] = []
    for record in records:
        headers = record.headers
        kinds.append(layouts.setdefault(tuple([name for name, _ in headers]), len(layouts)))
        parts += (record.key, record.value)
        parts += [value for _, value in headers]
    lengths = [-1 if part is None else len(part) for part in parts]
    table = json.dumps(list(layouts)).encode()
    head = (
        _HEAD.pack(len(table), len(records)),
        table,
        struct.pack(f"<{len(kinds)}H", *kinds),
        struct.pack(f"<{len(lengths)}i", *lengths),
    )
    return b"".join((*head, *[part for part in parts if part is not None]))


def unpack(block: bytes) -> list[Record]:
    """Read a block back: inverse of `pack`."""
    table_length, count = _HEAD.unpack_from(block)
    at = _HEAD.size + table_length
    layouts: list[list[str]] = json.loads(block[_HEAD.size : at])
    kinds = struct.unpack_from(f"<{count}H", block, at)
    at += 2 * count
    widths = [len(layout) + 2 for layout in layouts]
    total = sum([widths[kind] for kind in kinds])
    lengths = struct.unpack_from(f"<{total}i", block, at)
    ends = accumulate([max(length, 0) for length in lengths], initial=at + 4 * total)
    parts = _slices(block, list(ends), lengths)
    records = []
    place = 0
    for kind in kinds:
        key, value = parts[place], parts[place + 1]
        values = parts[place + 2 : place + widths[kind]]
        records.append(Record(key, value, tuple(zip(layouts[kind], values, strict=True))))  # type: ignore[arg-type]  # header values are never null
        place += widths[kind]
    return records


def _slices(block: bytes, bounds: list[int], lengths: Sequence[int]) -> list[bytes | None]:
    parts: list[bytes | None] = [block[start:end] for start, end in pairwise(bounds)]
    if -1 in lengths:
        parts = [None if length == -1 else part for length, part in zip(lengths, parts, strict=True)]
    return parts


@dataclass(frozen=True, slots=True)
class Block(Sequence[Record]):
    """A packed batch that is a sequence of records; unpacked only where somebody looks inside."""

    size: int
    packed: bytes

    @classmethod
    def of(cls, records: Sequence[Record]) -> Block:
        """Pack records."""
        return cls(len(records), pack(records))

    def records(self) -> list[Record]:
        """The records themselves."""
        return unpack(self.packed)

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> list[Record]: ...
    def __getitem__(self, index: int | slice) -> Record | list[Record]:
        return self.records()[index]

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records())
