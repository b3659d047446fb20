"""A batch of records as one block of bytes, by columns.

Records with the same header names are one group. Of a group, the keys are a column, the values, and each
header; a column that holds one and the same value throughout (``ce_type``, ``ce_specversion``) holds it once.

Layout: ``<II`` length of the table and number of records; the table (JSON: for each group its header names);
``<H`` for each record, its group, where there are several; then group by group, column by column: ``<i`` the
number of values written (1 = the same for all), ``<i`` the length of the text that is the values joined by NUL,
and that text. Where a value is null or holds a NUL, that length is -1; then come ``<i`` the length of each value
(-1 = null) and the values end to end.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, repeat
from typing import overload

from bus.ports import Record

__all__ = ["Block", "columns_of", "header_names", "pack", "unpack"]

_HEAD = struct.Struct("<II")
_COLUMN = struct.Struct("<ii")

Column = Sequence[bytes | None]


def pack(records: Sequence[Record]) -> bytes:
    """Write records as one block."""
    groups: dict[tuple[str, ...], int] = {}
    places = [groups.setdefault(record[2], len(groups)) for record in records]
    members: list[list[Record]] = [[] for _ in groups]
    if len(groups) == 1:
        members[0] = list(records)
    else:
        for place, record in zip(places, records, strict=True):
            members[place].append(record)
    table = json.dumps(list(groups)).encode()
    parts = [_HEAD.pack(len(table), len(records)), table]
    if len(groups) > 1:
        parts.append(struct.pack(f"<{len(places)}H", *places))
    for group in members:
        keys, values, _, headers = zip(*group, strict=True)
        for column in (keys, values, *zip(*headers, strict=True)):
            _write_column(parts, column)
    return b"".join(parts)


def _write_column(parts: list[bytes], column: Column) -> None:
    if column[0] == column[-1] and column.count(column[0]) == len(column):
        column = column[:1]
    if None not in column:
        joined = b"\0".join(column)  # type: ignore[arg-type]  # none is null
        if joined.count(0) == len(column) - 1:
            parts += (_COLUMN.pack(len(column), len(joined)), joined)
            return
    lengths = [-1 if value is None else len(value) for value in column]
    parts.append(struct.pack(f"<{len(lengths) + 2}i", len(lengths), -1, *lengths))
    parts += [value for value in column if value is not None]


def header_names(block: bytes) -> set[str]:
    """Names of all headers in a block, without reading its records."""
    table_length, _ = _HEAD.unpack_from(block)
    groups: list[list[str]] = json.loads(block[_HEAD.size : _HEAD.size + table_length])
    return {name for group in groups for name in group}


def unpack(block: bytes) -> list[Record]:
    """Read a block back: inverse of `pack`."""
    return [Record(*parts) for parts in zip(*columns_of(block), strict=True)]


Columns = tuple[Column, Column, Sequence[tuple[str, ...]], Sequence[tuple[bytes, ...]]]


def columns_of(block: bytes) -> Columns:
    """Read keys, values, header names and header values of a block's records, in their order."""
    table_length, count = _HEAD.unpack_from(block)
    at = _HEAD.size + table_length
    groups = [tuple(names) for names in json.loads(block[_HEAD.size : at])]
    if not groups:
        return [], [], [], []
    if len(groups) == 1:
        return _read_group(block, at, groups[0], count)[0]
    places = struct.unpack_from(f"<{count}H", block, at)
    at += 2 * count
    members = []
    for place, names in enumerate(groups):
        columns, at = _read_group(block, at, names, places.count(place))
        members.append([iter(column) for column in columns])
    keys, values, headers, texts = ([next(turn[place]) for place in places] for turn in zip(*members, strict=True))
    return keys, values, headers, texts


def _read_group(block: bytes, at: int, names: tuple[str, ...], count: int) -> tuple[Columns, int]:
    keys, at = _read_column(block, at)
    values, at = _read_column(block, at)
    columns: list[Iterable[bytes]] = []
    for _ in names:
        column, at = _read_column(block, at)
        columns.append(column if len(column) > 1 else repeat(column[0], count))  # type: ignore[arg-type]  # header values are never null
    texts = list(zip(*columns, strict=True)) if columns else [()] * count
    return (_spread(keys, count), _spread(values, count), [names] * count, texts), at


def _spread(column: Column, count: int) -> Column:
    return column if len(column) == count else [column[0]] * count


def _read_column(block: bytes, at: int) -> tuple[Column, int]:
    written, joined = _COLUMN.unpack_from(block, at)
    at += _COLUMN.size
    if joined >= 0:
        return block[at : at + joined].split(b"\0"), at + joined
    lengths = struct.unpack_from(f"<{written}i", block, at)
    at += 4 * written
    ends = list(accumulate([max(length, 0) for length in lengths], initial=at))
    column: list[bytes | None] = [block[start:end] for start, end in pairwise(ends)]
    if -1 in lengths:
        column = [None if length == -1 else value for length, value in zip(lengths, column, strict=True)]
    return column, ends[-1]


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
