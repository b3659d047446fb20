"""Tables as files: those of one view, written row by row, and the dictionary of all."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ops.tables.declared import codes, dictionary_rows, tables

__all__ = ["TableFiles", "write_dictionary"]


class TableFiles:
    """The tables of one view while they are written."""

    def __init__(self, folder: Path, view: str) -> None:
        self._folder = folder
        self._tables = [table for table in tables() if table.view == view]
        self._counts = dict.fromkeys((table.table for table in self._tables), 0)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._writers = []
        for table in self._tables:
            file = self._open.enter_context((self._folder / table.file).open("w", encoding="utf-8", newline=""))
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([column.column for column in table.columns])
            self._writers.append(writer)
        return self

    def add(self, line: bytes) -> None:
        """Add a row of the view, given as its line of JSON."""
        if not self._tables:
            return
        body = json.loads(line)
        for table, writer in zip(self._tables, self._writers, strict=True):
            rows = list(table.rows(body))
            writer.writerows(rows)
            self._counts[table.table] += len(rows)

    def __exit__(self, _kind: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None) -> None:
        self._open.close()

    def told(self) -> list[dict[str, Any]]:
        """What was written, once it is."""
        return [
            {
                "table": table.table,
                "title": table.title,
                "view": table.view,
                "file": table.file,
                "rows": self._counts[table.table],
                "sha256": _digest(self._folder / table.file),
            }
            for table in self._tables
        ]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_dictionary(folder: Path) -> list[str]:
    """Write the data dictionary and the lists of codes; return the names of the files."""
    _write(folder / "dictionary.csv", dictionary_rows())
    _write(folder / "codes.csv", [("list", "code", "meaning"), *codes()])
    return ["dictionary.csv", "codes.csv"]


def _write(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
