"""The bundled synthetic province as tables, and its files written anew in other forms."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from openpyxl import Workbook

import ops
from adapters import Setting, kinds_of
from adapters.files import FileKind
from adapters.isb import LAYOUTS
from adapters.sources import ADAPTERS
from bus.intake import Rejected, Stated

__all__ = ["FOLDER", "TABLES", "Rows", "as_csv", "as_json", "as_xlsx", "read", "table"]

FOLDER = Path(ops.__file__).parent / "demo" / "province"
GIVEN = "2026-01-04T16:00:00.000Z"
WITA = ZoneInfo("Asia/Makassar")

TABLES: dict[str, FileKind] = {
    kind.name: kind for kind in kinds_of("auto") if kind.name not in LAYOUTS and (FOLDER / f"{kind.shown}.gz").exists()
}
"""File kinds of the province that a mapping table reads, by name."""

Rows = list[list[str]]


def table(kind: str) -> tuple[list[str], Rows]:
    """Columns and rows of a bundled file; null = empty."""
    for path in FOLDER.glob(f"{kind}.*.gz"):
        text = gzip.decompress(path.read_bytes()).decode()
        if path.name.endswith(".json.gz"):
            rows = json.loads(text, parse_int=str, parse_float=str)
            return list(rows[0]), [[_text(value) for value in row.values()] for row in rows]
        header, *cells = csv.reader(io.StringIO(text))
        return header, cells
    raise LookupError(kind)


def _text(value: str | bool | None) -> str:  # noqa: FBT001 - a JSON value
    return {None: "", True: "true", False: "false"}.get(value, str(value))


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",", end: str = "\n") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows([header, *rows])
    return out.getvalue().encode()


def as_json(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    return json.dumps([{n: cell or None for n, cell in zip(header, row, strict=True)} for row in rows]).encode()


def as_xlsx(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.append(list(header))
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(kind: str, data: bytes, notices: list[str] | None = None) -> list[Stated | Rejected]:
    """What becomes of a file of some kind."""
    source = ADAPTERS[TABLES[kind].source]
    tell = [].append if notices is None else notices.append
    return list(source.read_file(io.BytesIO(data), kind, Setting(f"{kind}.csv", WITA, GIVEN), tell))
