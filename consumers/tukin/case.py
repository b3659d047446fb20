"""A case (section F): months closed one after another, each from what is known at its close. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from consumers.tukin.facts import BadRow, Facts, Punch, Row, gather
from consumers.tukin.loader import read_policies
from consumers.tukin.month import Known
from consumers.tukin.policy import Book
from consumers.tukin.settle import Account, settle
from consumers.tukin.statement import FORMAT, month_document
from consumers.tukin.tables import keyed

__all__ = ["Case", "Close", "Layer", "case_statement"]


@dataclass(frozen=True, slots=True)
class Close:
    """A month and the date on which it was closed."""

    month: str
    on: date


@dataclass(frozen=True, slots=True)
class Layer:
    """The files of one folder.

    Attributes:
        tables: rows by table.
        policies: text of policy.yaml, blank = none, and the file's name for messages.
    """

    tables: Mapping[str, Sequence[Row]]
    punches: frozenset[Punch] = frozenset()
    bad_rows: frozenset[BadRow] = frozenset()
    policies: tuple[str, str] = ("", "policy.yaml")


@dataclass(frozen=True, slots=True)
class Case:
    """A case folder as read.

    Attributes:
        closes: by month.
        late: what is known only after a month's close, by month.
    """

    name: str
    as_of: datetime
    closes: Sequence[Close]
    base: Layer
    late: Mapping[str, Layer]


def case_statement(case: Case) -> dict[str, Any]:
    """The statement document of a case.

    Raises:
        BadInput: a value that is needed can't be read, or a key stands twice in a file.
    """
    layers, accounts = [case.base], dict[str, Account]()
    months: list[dict[str, Any]] = []
    for layer in (case.base, *case.late.values()):
        _check(layer)
    for close in case.closes:
        known = Known.at(_facts(layers), _book(layers), close.on, case.as_of)
        lines = []
        for nip in sorted(known.facts.employees):
            account = accounts.get(nip) or Account(dict.fromkeys((one["month"] for one in months), 0))
            line, accounts[nip] = settle(known, nip, close.month, account)
            lines.append(line)
        months.append(month_document(close.month, close.on, lines, known.identified.quarantine))
        if close.month in case.late:
            layers.append(case.late[close.month])
    return {"format": FORMAT, "case": case.name, "months": months}


def _check(layer: Layer) -> None:
    """Refuse what is wrong in a folder whenever it becomes known."""
    for table, rows in layer.tables.items():
        keyed(table, rows)
    read_policies(*layer.policies)


def _facts(layers: Iterable[Layer]) -> Facts:
    """Facts of some folders: later rows of a key replace earlier ones."""
    tables: dict[str, dict[tuple[str, ...], Row]] = {}
    punches: set[Punch] = set()
    bad_rows: set[BadRow] = set()
    for layer in layers:
        for table, rows in layer.tables.items():
            tables.setdefault(table, {}).update(keyed(table, rows))
        punches |= layer.punches
        bad_rows |= layer.bad_rows
    return gather({table: list(rows.values()) for table, rows in tables.items()}, punches, bad_rows)


def _book(layers: Iterable[Layer]) -> Book:
    book = Book()
    for layer in layers:
        book = book.with_policies(read_policies(*layer.policies))
    return book
