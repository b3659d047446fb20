"""Rows of a CSV file, streamed: one at a time, and one bad row costs only itself.

UTF-8 with or without a byte order mark; the first row is the header. The separator is a comma, or a semicolon or a
tab where the header then names the columns that are asked for. A quoted cell may hold line ends: lines are joined
while a quote is open, but only if a whole row comes of it; else the first of them alone is bad.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice

from adapters.jsonrows import MAX_ROW, BadRow, Reads
from adapters.lines import lines

__all__ = ["CsvRow", "Header", "csv_rows"]

_JOINED = 64
"""Most lines that one row may have."""

_SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Header:
    """Names of the columns, in the file's order, and the header's bytes."""

    names: tuple[str, ...]
    separator: str
    original: bytes


@dataclass(frozen=True, slots=True)
class CsvRow:
    """Cells of one row, as many as the header has, and its bytes."""

    number: int
    cells: list[str]
    original: bytes


class _Lines:
    """Lines that can be put back."""

    def __init__(self, stream: Reads) -> None:
        self._lines = lines(stream)
        self._back: list[bytes] = []

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._back.pop() if self._back else next(self._lines)

    def back(self, unused: list[bytes]) -> None:
        self._back += reversed(unused)


def csv_rows(stream: Reads, columns: Collection[str]) -> Iterator[Header | CsvRow | BadRow]:
    """Read a CSV file: first its header, then its rows.

    Args:
        columns: those that the file should have; they tell the separator.

    Invariant: holds one block and `_JOINED` lines at most.
    """
    source = _Lines(stream)
    first = next(source, None)
    if first is None:
        yield BadRow(0, "empty_file", "the file has no byte; an export without rows is its header", "", damaged=True)
        return
    header = _header(first, columns)
    yield header
    if isinstance(header, BadRow):
        return
    number = 0
    for line in source:
        if not line.strip():
            continue
        number += 1
        row = _row(source, number, line, header)
        yield row
        if isinstance(row, BadRow) and row.damaged:
            return


def _header(line: bytes, columns: Collection[str]) -> Header | BadRow:
    shown = line.decode("utf-8", "surrogateescape")
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in line:
        return BadRow(0, "wrong_encoding", "the file is no UTF-8 text", shown, damaged=True)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return BadRow(0, "wrong_encoding", "the header holds bytes that are no UTF-8", shown, damaged=True)
    if len(line) > MAX_ROW:
        return BadRow(0, "oversize", f"the header is too long, the limit is {MAX_ROW} bytes", shown, damaged=True)
    best: tuple[int, str, tuple[str, ...]] = (-1, "", ())
    for separator in _SEPARATORS:
        try:
            names = tuple(cell.strip() for cell in _split(text, separator))
        except _Unreadable:
            continue
        found = len(set(columns).intersection(names))
        if found > best[0]:
            best = found, separator, names
    if best[0] < 0:
        return BadRow(0, "bad_csv", "the header's quotes can't be read", shown, damaged=True)
    return Header(best[2], best[1], line if line.endswith(b"\n") else line + b"\n")


class _Unreadable(Exception):
    """Quotes can't be read; ``open`` = one is not closed, so that more text might."""

    def __init__(self, *, is_open: bool) -> None:
        self.open = is_open


def _split(text: str, separator: str) -> list[str]:
    """Cells of a text that is one whole row.

    Raises:
        _Unreadable: its quotes can't be read.
    """
    if '"' not in text:
        return text.split(separator)
    try:
        rows = list(csv.reader([text], delimiter=separator, strict=True))
    except csv.Error as error:
        raise _Unreadable(is_open="end of data" in str(error)) from error
    if len(rows) != 1:
        raise _Unreadable(is_open=False)
    return rows[0]


def _row(source: _Lines, number: int, line: bytes, header: Header) -> CsvRow | BadRow:
    """One row: this line, or it and those behind it where a quote stays open and they close it."""
    row, is_open = _whole(number, line, header)
    if not is_open:
        return row
    joined = [line]
    for following in islice(source, _JOINED):
        joined.append(following)
        if b'"' in following:
            longer, is_open = _whole(number, b"".join(joined), header)
            if isinstance(longer, CsvRow):
                return longer
            if not is_open:
                break
    source.back(joined[1:])
    return row


def _whole(number: int, line: bytes, header: Header) -> tuple[CsvRow | BadRow, bool]:
    """The row that some bytes are, and whether more bytes might make another.

    The file breaks off in the row if its bytes end no line and are too few.
    """

    def bad(reason: str, why: str, *, damaged: bool = False, is_open: bool = False) -> tuple[BadRow, bool]:
        return BadRow(number, reason, why, line.decode("utf-8", "surrogateescape"), damaged), is_open

    if len(line) > MAX_ROW:
        return bad("oversize", f"the row is too long, the limit is {MAX_ROW} bytes")
    try:
        text = line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        return bad("wrong_encoding", f"{_column_at(line[: error.start], header)} holds bytes that are no UTF-8")
    ended = line.endswith(b"\n")
    try:
        cells = _split(text, header.separator)
    except _Unreadable as error:
        column = _column_at(text[: text.index('"')].encode(), header)
        if not ended:
            return bad("truncated", f"the file ends within this row, in {column}", damaged=True)
        return bad("bad_csv", f"the quotes of {column} can't be read", is_open=error.open)
    if len(cells) != len(header.names):
        if not ended and len(cells) < len(header.names):
            return bad("truncated", f"the file ends within this row, in {header.names[len(cells) - 1]}", damaged=True)
        return bad("wrong_columns", _counted(cells, header))
    if "\0" in text:
        names = [name for name, cell in zip(header.names, cells, strict=True) if "\0" in cell]
        return bad("nul_byte", f"{' and '.join(names)} holds a NUL character")
    return CsvRow(number, cells, line), False


def _counted(cells: list[str], header: Header) -> str:
    wanted, found = len(header.names), len(cells)
    if found < wanted:
        return f"the row has {found} columns, the header {wanted}: it ends before {header.names[found]}"
    return f"the row has {found} columns, the header {wanted}: something stands behind {header.names[-1]}"


def _column_at(before: bytes, header: Header) -> str:
    """Column behind some bytes of a row; near enough where cells are quoted."""
    place = before.count(header.separator.encode())
    return header.names[min(place, len(header.names) - 1)]
