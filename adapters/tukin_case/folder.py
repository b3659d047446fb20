"""Reading a case folder: files become rows of text with their place. Nothing in the folder is written."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["COLUMNS", "CaseFiles", "Cell", "FolderFiles", "NotACase", "PunchLine", "read_case"]

COLUMNS: dict[str, tuple[str, ...]] = {
    "employees": ("nip", "tmt_start"),
    "pins": ("device", "pin", "valid_from"),
    "calendar": ("date", "kind"),
    "roster": ("nip", "date"),
    "excuses": ("id",),
    "sanctions": ("id",),
    "class_amounts": ("table", "kelas", "berlaku"),
    "punches": ("device", "pin", "time"),
}
"""Columns that a table can't do without."""


class NotACase(Exception):
    """The folder or a file of it can't be read as a case; the message names file, line and remedy."""


class Cell(NamedTuple):
    """One row: cells by column, trimmed, and where it stands."""

    cells: Mapping[str, str]
    place: str


class PunchLine(NamedTuple):
    """One line of punches: its three values as written, trimmed, and the whole line."""

    device: str
    pin: str
    time: str
    line: str


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """What one folder holds: rows by table, punch lines, and the text of its policies."""

    tables: Mapping[str, Sequence[Cell]]
    punches: Sequence[PunchLine]
    policies: str
    policies_file: str


@dataclass(frozen=True, slots=True)
class CaseFiles:
    """A case folder: its name, as_of and months as written (month, close), its base folder and the late ones."""

    name: str
    as_of: str
    months: Sequence[tuple[str, str]]
    base: FolderFiles
    late: Mapping[str, FolderFiles]


def read_case(folder: Path) -> CaseFiles:
    """Read a case folder.

    Raises:
        NotACase: a file is missing or can't be read.
    """
    told = _case_json(folder / "case.json")
    months = sorted((str(one["month"]), str(one["close"])) for one in told["months"])
    known = {month for month, _ in months}
    late = {}
    for place in sorted((folder / "late").iterdir()) if (folder / "late").is_dir() else ():
        if place.is_dir() and not place.name.startswith("."):
            if place.name not in known:
                raise NotACase(f"late/{place.name}: case.json closes no such month. Rename or remove the folder.")
            late[place.name] = _folder(place, f"late/{place.name}/")
    return CaseFiles(str(told["case"]), str(told["as_of"]), months, _folder(folder, ""), late)


def _case_json(path: Path) -> dict[str, Any]:
    try:
        told = json.loads(_text(path, "case.json"))
        if {"case", "as_of", "months"} <= told.keys() and all(
            {"month", "close"} <= one.keys() for one in told["months"]
        ):
            return dict(told)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise NotACase("case.json is no JSON object of the form {case, as_of, months}. Correct it.") from error
    raise NotACase("case.json lacks case, as_of or months with month and close. Add them.")


def _text(path: Path, name: str) -> str:
    """A file's text; no file is an empty one, but for ``case.json``."""
    if not path.exists():
        if name == "case.json":
            raise NotACase("no case.json there: the folder is no case. Name a folder that holds one.")
        return ""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise NotACase(f"{name}: {error.strerror}. Make it readable.") from error
    except UnicodeDecodeError as error:
        raise NotACase(f"{name}: byte {error.start} is no UTF-8. Save the file as UTF-8.") from error


def _folder(folder: Path, prefix: str) -> FolderFiles:
    tables = {
        table: list(_rows(_text(folder / f"{table}.csv", f"{prefix}{table}.csv"), f"{prefix}{table}.csv", table))
        for table in COLUMNS
        if table != "punches"
    }
    dat = _dat(_text(folder / "punches.dat", f"{prefix}punches.dat"))
    csv_lines = _csv_punches(_text(folder / "punches.csv", f"{prefix}punches.csv"), f"{prefix}punches.csv")
    name = f"{prefix}policy.yaml"
    return FolderFiles(tables, [*dat, *csv_lines], _text(folder / "policy.yaml", name), name)


def _rows(text: str, name: str, table: str) -> Iterator[Cell]:
    """Rows of a CSV file with a header; lines without any cell are no rows, but for punches a row of blanks is one."""
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] | None = None
    try:
        for cells in reader:
            blank = not any(cell.strip() for cell in cells)
            if blank and (header is None or table != "punches" or len(cells) < len(COLUMNS[table])):
                continue
            if header is None:
                header = _header(cells, name, table)
                continue
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            yield Cell(values, f"{name}:{reader.line_num}")
    except csv.Error as error:
        raise NotACase(f"{name}:{reader.line_num}: no readable CSV: {error}. Correct the line.") from error


def _header(cells: list[str], name: str, table: str) -> list[str]:
    header = [cell.strip() for cell in cells]
    for column in COLUMNS[table]:
        if header.count(column) != 1:
            how = "twice" if column in header else "not"
            raise NotACase(f"{name}:1: column {column} is {how} in the header. Correct the header.")
    return header


def _dat(text: str) -> Iterator[PunchLine]:
    for raw in text.split("\n"):
        line = raw.strip()
        if line:
            pin, time, device = (*(cell.strip() for cell in raw.split("\t")), "", "")[:3]
            yield PunchLine(device, pin, time, line)


def _csv_punches(text: str, name: str) -> Iterator[PunchLine]:
    for cells, _ in _rows(text, name, "punches"):
        device, pin, time = (cells.get(column, "") for column in ("device", "pin", "time"))
        yield PunchLine(device, pin, time, f"{device},{pin},{time}".strip())
