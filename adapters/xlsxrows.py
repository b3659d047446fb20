"""Rows of an XLSX workbook: its first sheet that is not empty; the first row is the header.

A cell is read as the text that a CSV export of the same system would hold: numbers and dates in the spelling of their
column's kind, formulas by the value that was saved with them. What a spreadsheet has spoilt is refused, not guessed:
identity numbers that it rounded to 15 digits, formulas without a saved value, cells that hold an error.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import repeat
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from adapters.csvrows import CsvRow, Header
from adapters.jsonrows import BadRow, Reads
from adapters.layout import Column
from adapters.shown import masked

__all__ = ["xlsx_rows"]

_MAX_PACKED = 1 << 26
_MAX_UNPACKED = 1 << 29
"""64 MiB packed, 512 MiB unpacked: a million rows; past that somebody should export CSV."""

_EXACT = 10**15
"""From here on a spreadsheet's numbers are rounded: they have 15 digits."""

_ZEROS = re.compile(r"0{2,40}")
_DATES = {"d": "%Y-%m-%d", "D": "%d-%m-%Y", "t": "%Y-%m-%d %H:%M:%S"}
_UNREADABLE = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, InvalidFileException, ParseError),
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, EOFError, OverflowError, NotImplementedError),
)
"""What openpyxl raises on a workbook that is none."""


class _Spoilt(Exception):
    """A cell that a spreadsheet has spoilt; says how."""


def xlsx_rows(stream: Reads, columns: Mapping[str, Column]) -> Iterator[Header | CsvRow | BadRow]:
    """Read a workbook: first its header, then its rows.

    Invariant: holds the packed file, and one row.
    """
    data = _all(stream)
    problem = "the workbook is larger than 64 MiB; export it as CSV" if data is None else _unsafe(data)
    if data is None or problem:
        yield BadRow(0, "oversize", str(problem), "", damaged=True)
        return
    try:
        yield from _sheet(data, columns)
    except _UNREADABLE as error:
        why = f"the workbook can't be read ({type(error).__name__})"
        yield BadRow(0, "bad_xlsx", why, data[:200].decode("latin-1"), damaged=True)


def _all(stream: Reads) -> bytes | None:
    pieces, size = [], 0
    while piece := stream.read(1 << 20):
        pieces.append(piece)
        size += len(piece)
        if size > _MAX_PACKED:
            return None
    return b"".join(pieces)


def _unsafe(data: bytes) -> str | None:
    """Look before unpacking: an archive of a few kilobytes may unpack to gigabytes."""
    try:
        sizes = [member.file_size for member in zipfile.ZipFile(io.BytesIO(data)).infolist()]
    except zipfile.BadZipFile:
        return None  # openpyxl says so, too
    return "the workbook unpacks to more than 512 MiB; export it as CSV" if sum(sizes) > _MAX_UNPACKED else None


def _sheet(data: bytes, columns: Mapping[str, Column]) -> Iterator[Header | CsvRow | BadRow]:
    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    formulas = load_workbook(io.BytesIO(data), read_only=True) if _has_formulas(data) else None
    for name in book.sheetnames:
        sheet = book[name]
        sheet.reset_dimensions()
        rows: Iterator[tuple[Any, ...]] = sheet.iter_rows()
        first = next(rows, None)
        if first is None or all(cell.value is None for cell in first):
            continue
        names = _names(first)
        header = Header(names, ",", _line(names))
        yield header
        unread: Iterator[Sequence[Any]] = iter(repeat(()))
        if formulas is not None:
            formulas[name].reset_dimensions()
            unread = formulas[name].iter_rows(min_row=2)
        yield from _rows(rows, unread, header, columns)
        return
    yield BadRow(0, "empty_file", "the workbook has no cell; an export without rows is its header", "", damaged=True)


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(name) for name in sheets)


def _names(first: Sequence[Any]) -> tuple[str, ...]:
    names = ["" if cell.value is None else str(cell.value).strip() for cell in first]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def _rows(
    rows: Iterator[Sequence[Any]], formulas: Iterator[Sequence[Any]], header: Header, columns: Mapping[str, Column]
) -> Iterator[CsvRow | BadRow]:
    number = 0
    for cells, written in zip(rows, formulas, strict=False):
        if all(cell.value is None for cell in cells):
            continue
        number += 1
        yield _row(number, cells, written, header, columns)


def _row(
    number: int, cells: Sequence[Any], written: Sequence[Any], header: Header, columns: Mapping[str, Column]
) -> CsvRow | BadRow:
    texts: list[str] = []
    wide = [cell for cell in cells[len(header.names) :] if cell.value is not None]
    problem = (
        ("wrong_columns", f"a cell stands to the right of {header.names[-1]}, outside the table") if wide else None
    )
    for place, name in enumerate(header.names):
        cell = cells[place] if place < len(cells) else None
        try:
            lost = cell is not None and cell.value is None and _is_formula(written, place)
            texts.append(_text(cell, columns.get(name), lost=lost))
        except _Spoilt as spoilt:
            problem = problem or ("bad_cell", f"{name} {spoilt}")
            texts.append("")
    line = _line(texts)
    return BadRow(number, *problem, line.decode()) if problem else CsvRow(number, texts, line)


def _is_formula(written: Sequence[Any], place: int) -> bool:
    return place < len(written) and written[place].data_type == "f"


def _text(cell: Any, column: Column | None, *, lost: bool) -> str:  # noqa: ANN401 - openpyxl's own cells
    if lost:
        raise _Spoilt("is a formula without a saved value. Open the workbook, save it, and export again")
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        raise _Spoilt(f'holds the error "{masked(str(value))}"')
    kind = column.kind if column else "s"
    match value:
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.strftime(_DATES.get(kind) or ("%Y-%m-%d" if value.time() == time() else _DATES["t"]))
        case date():
            return value.strftime(_DATES.get(kind, "%Y-%m-%d"))
        case int() | float():
            return _number(value, kind, cell.number_format or "")
    text = str(value)
    if "\0" in text:
        raise _Spoilt("holds a NUL character")
    return text


def _number(value: float, kind: str, form: str) -> str:
    """A number in its column's spelling; of an identity number, the zeros that the sheet shows before it."""
    exact = Decimal(value if isinstance(value, int) else f"{value:.15g}")
    if "%" in form:
        exact *= 100
        if kind == "s":
            return f"{exact.normalize():f}%"
    if kind in {"m", "p"}:
        return f"{exact:.2f}" if exact == round(exact, 2) else f"{exact:f}"
    if abs(value) >= _EXACT:
        raise _Spoilt("is a number that the spreadsheet has rounded. Format the column as text and export again")
    if exact != exact.to_integral_value():
        return f"{exact:f}"
    digits = str(int(exact))
    return digits.zfill(len(form)) if _ZEROS.fullmatch(form) else digits


def _line(texts: Sequence[str]) -> bytes:
    """The row as a line of CSV: what a dead letter keeps of it."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(texts)
    return out.getvalue().encode("utf-8", "surrogatepass")
