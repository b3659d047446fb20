"""Adapters that need no code: a mapping table says all. Files are CSV, JSON arrays or XLSX, told by their bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from adapters.adapter import Adapter, Setting, Tell
from adapters.begin import begin
from adapters.csvrows import CsvRow, Header, csv_rows
from adapters.jsonrows import BadRow, JsonRow, Reads, json_rows
from adapters.layout import Column, Layout
from adapters.reading import EXPORT_AGAIN, Reject, check_text
from adapters.tablehead import HEAD, new_column_notice, new_columns, refused_file, wrong_columns, wrong_rows
from adapters.tablerows import Cells, TableReader
from bus.intake import Rejected, Stated
from schemas import EXPORT_COLUMNS, text_of

__all__ = ["Tables", "table_adapter"]

_REMEDIES = {
    "empty_file": "Export it again.",
    "wrong_encoding": "Export it again as UTF-8.",
    "truncated": "Export it again; the rows before are in.",
    "trailing_data": "Export it again; the rows before are in.",
}
_ZIP = b"PK"
"""First bytes of a workbook, which is a ZIP archive."""


@dataclass(frozen=True, slots=True)
class Tables:
    """Reads files of some layouts, by kind."""

    layouts: Mapping[str, Layout]

    def read_file(self, stream: Reads, kind: str, setting: Setting, tell: Tell) -> Iterator[Stated | Rejected]:
        """Read the rows of one file, in its order, one at a time."""
        layout = self.layouts[kind]
        start = stream.read(4)
        again = _Again(start, stream)
        if _is_json(start):
            rows = _json(layout, again, setting, tell)
        else:
            read = _workbook if start.startswith(_ZIP) else csv_rows
            cells: Iterator[Header | CsvRow | BadRow] = read(again, layout.by_name)
            rows = _cells(layout, cells, setting, tell)
        yield from _checked(layout, rows, setting)

    def read_original(self, original: bytes, kind: str, setting: Setting) -> Stated | Rejected:
        """Read one row again from its bytes: a JSON object, or a header and a line."""
        layout = self.layouts[kind]
        if _is_json(original[:4]):
            reader = TableReader(layout, setting)
            items = [_json_item(reader, row) for row in json_rows(_Again(b"[" + original + b"]", None))]
        else:
            rows = csv_rows(_Again(original, None), layout.by_name)
            items = list(_cells(layout, rows, setting, lambda _notice: None))
        if len(items) == 1:
            return items[0]
        why = f"these bytes hold {len(items)} rows, not one. Discard it and ingest the export again"
        return Rejected("bad_row", f"{setting.file}: {why}.", "redrive", original)


def table_adapter(source: str, system: str, *layouts: Layout, applications: tuple[str, ...] = ()) -> Adapter:
    """Make the adapter of a system all of whose files are tables."""
    tables = Tables({layout.kind: layout for layout in layouts})
    kinds = tuple(layout.file_kind(source) for layout in layouts)
    return Adapter(source, system, kinds, tables.read_file, tables.read_original, tables.layouts, applications)


class _Again:
    """A stream whose first bytes were read already."""

    def __init__(self, start: bytes, stream: Reads | None) -> None:
        self._start = start
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        start, self._start = self._start, b""
        return start or (self._stream.read(size) if self._stream else b"")


def _workbook(stream: Reads, columns: Mapping[str, Column]) -> Iterator[Header | CsvRow | BadRow]:
    from adapters.xlsxrows import xlsx_rows  # noqa: PLC0415 - openpyxl takes 0.2 s, and few files are workbooks

    return xlsx_rows(stream, columns)


def _is_json(start: bytes) -> bool:
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"[", b"{")


def _checked(layout: Layout, rows: Iterator[Stated | Rejected], setting: Setting) -> Iterator[Stated | Rejected]:
    """The rows, once the first of them have shown that they are what their file's name says."""
    head, rows = begin(rows, HEAD)
    problem = wrong_rows(layout, [row.content for row in head if isinstance(row, Stated)])
    if problem is not None:
        yield refused_file(setting.file, problem, head[0].original)
        return
    yield from rows


def _bad(reader: TableReader, row: BadRow, header: bytes) -> Rejected:
    place = f"row {row.number}" if row.number else "start"
    text = f"{row.why}. {_REMEDIES.get(row.reason, EXPORT_AGAIN)}"
    original = header + row.text.encode("utf-8", "surrogateescape")
    return reader.rejected(row.reason, text, place, original, damaged=row.damaged)


def _cells(
    layout: Layout, rows: Iterator[Header | CsvRow | BadRow], setting: Setting, tell: Tell
) -> Iterator[Stated | Rejected]:
    reader = TableReader(layout, setting)
    header = next(rows)
    if not isinstance(header, Header):
        if isinstance(header, BadRow):
            yield _bad(reader, header, b"")
        return
    problem = wrong_columns(layout, header.names)
    if problem is not None:
        yield refused_file(setting.file, problem, header.original)
        return
    _tell_new(layout, header.names, setting, tell)
    cells = _Columns(header)
    for row in rows:
        if isinstance(row, CsvRow):
            yield reader.row(f"row {row.number}", cells.of(row.cells), header.original + row.original)
        elif isinstance(row, BadRow):
            yield _bad(reader, row, header.original)


class _Columns:
    """Puts cells under their names, in alphabetical order."""

    def __init__(self, header: Header) -> None:
        places = {name: place for place, name in reversed(list(enumerate(header.names))) if name}
        self._exports = sorted(places.keys() & EXPORT_COLUMNS)
        self._places = places
        self._names = sorted(places.keys() - EXPORT_COLUMNS)
        self._cells = itemgetter(*(places[name] for name in self._names), 0)  # one place alone would give no tuple

    def of(self, cells: list[str]) -> Cells:
        content = {name: cell for name, cell in zip(self._names, self._cells(cells), strict=False) if cell}
        return Cells(content, {name: cells[self._places[name]] for name in self._exports})


def _json(layout: Layout, stream: Reads, setting: Setting, tell: Tell) -> Iterator[Stated | Rejected]:
    reader = TableReader(layout, setting)
    head, rows = begin(json_rows(stream), HEAD)
    seen = dict.fromkeys(name for row in head if isinstance(row, JsonRow) for name in row.columns)
    problem = wrong_columns(layout, list(seen)) if seen else None
    if problem is not None:
        yield refused_file(setting.file, problem, b"")
        return
    _tell_new(layout, seen, setting, tell)
    for row in rows:
        yield _json_item(reader, row)


def _json_item(reader: TableReader, row: JsonRow | BadRow) -> Stated | Rejected:
    if isinstance(row, BadRow):
        return _bad(reader, row, b"" if row.text or not row.number else b",")
    columns: dict[str, Any] = row.columns
    names = sorted(columns.keys() - EXPORT_COLUMNS)
    content = {name: text for name in names if (text := text_of(columns[name]))}
    place = f"row {row.number}"
    try:
        check_text(row.text, columns)
    except Reject as reject:
        return reader.rejected(reject.reason, reject.text, place, row.text.encode("utf-8", "surrogateescape"))
    exports = {name: text_of(columns[name]) for name in columns.keys() & EXPORT_COLUMNS}
    return reader.row(place, Cells(content, exports), row.text.encode())


def _tell_new(layout: Layout, names: Iterable[str], setting: Setting, tell: Tell) -> None:
    new = new_columns(layout, list(names))
    if new:
        tell(new_column_notice(setting.file, new))
