"""What tables there are: their columns, where each is found in a view's rows, what it means, and who may see it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ops.cell import harmless
from schemas.personal import struck

__all__ = ["WITHHELD", "Column", "Table", "codes", "dictionary_rows", "tables"]

WITHHELD = {
    "punches": "each row is of a person's PIN",
    "tukin_lines": "each row is a person's pay",
    "tukin_open": "each row is a person's days",
}
"""Views that are no tables, and why."""

_HERE = Path(__file__).parent
_NUMBERS = ("integer", "decimal")
_DESCRIBED = ("table", "column", "meaning", "type", "unit", "source", "classification", "codes")


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        path: names that lead to it, from the table's item; with ``^`` in front, from the whole row of the view.
        type: text, code, list (texts, a semicolon between), integer, decimal, boolean.
        unit: of a number.
        classification: public or internal, as in the schemas; nothing personal is declared.
        codes: list of codes that its values are of.
    """

    table: str
    column: str
    path: str
    meaning: str
    type: str
    unit: str
    source: str
    classification: str
    codes: str

    def cell(self, body: Mapping[str, Any], item: Any) -> str:  # noqa: ANN401 - JSON
        """Its cell for an item of a view's row."""
        value = _at(body, self.path[1:]) if self.path.startswith("^") else _at(item, self.path)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if self.type in _NUMBERS:
            return str(value)
        return harmless(struck("; ".join(map(str, value)) if isinstance(value, list) else str(value)))


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes:
        each: what of a view's row makes a row of the table, as a path; empty = the row itself.
    """

    table: str
    view: str
    each: str
    title: str
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.table}.csv"

    def rows(self, body: Mapping[str, Any]) -> Iterator[list[str]]:
        """Its rows for one row of the view."""
        for item in (_at(body, self.each) or ()) if self.each else (body,):
            yield [column.cell(body, item) for column in self.columns]


def _at(value: Any, path: str) -> Any:  # noqa: ANN401 - JSON
    """What a path leads to; None = it leads nowhere."""
    for name in path.split("."):
        if isinstance(value, list):
            value = value[int(name)]
        elif value is not None:
            value = value.get(name)
    return value


def _read(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def tables() -> tuple[Table, ...]:
    """Every table."""
    columns = [Column(**row) for row in _read("dictionary.csv")]
    return tuple(
        Table(**row, columns=tuple(column for column in columns if column.table == row["table"]))
        for row in _read("tables.csv")
    )


@cache
def codes() -> tuple[tuple[str, str, str], ...]:
    """Every code: its list, itself (``*`` = the list is kept elsewhere), its meaning."""
    return tuple((row["list"], row["code"], row["meaning"]) for row in _read("codes.csv"))


def dictionary_rows() -> Iterator[list[str]]:
    """The data dictionary: a header, and a row a column."""
    yield list(_DESCRIBED)
    for table in tables():
        for column in table.columns:
            yield [getattr(column, name) for name in _DESCRIBED]
