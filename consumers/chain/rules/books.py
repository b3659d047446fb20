"""The rows as rules ask for them. What was asked is noted, so that a fact can tell whose answer it changes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cmp_to_key, partial
from typing import NamedTuple, Protocol, TypeVar

from consumers.chain.rules.kinds import KINDS, Columns
from consumers.chain.rules.reading import ZERO, day, decimal
from schemas import compare_contents
from schemas.values import is_blank, version_order

__all__ = [
    "Asof",
    "Books",
    "Kept",
    "Reader",
    "Row",
    "Term",
    "content_order",
    "memory",
    "present",
    "stated_asof",
    "version_of",
]

Value = TypeVar("Value")


class Row(NamedTuple):
    """One row of a file, as design section 3 defines rows.

    Attributes:
        key: natural key of the object it speaks of.
        observed: when its source said so, as text that sorts.
        event_id: what states it.
        event_ms: when it happened, milliseconds UTC.
    """

    key: str
    columns: Columns
    observed: str
    event_id: str
    event_ms: int | None

    def text(self, column: str) -> str:
        """Text of a column as written; blank = empty."""
        text = self.columns.get(column, "")
        return "" if is_blank(text) else text

    def day(self, column: str) -> date | None:
        """Calendar date; None = blank."""
        return day(self.columns.get(column))

    def amount(self, column: str) -> Decimal:
        """Amount of rupiah; blank = 0."""
        return decimal(self.columns.get(column)) or ZERO

    def number(self, column: str) -> Decimal | None:
        """Number; None = blank."""
        return decimal(self.columns.get(column))

    @property
    def active(self) -> bool:
        """It is not struck off."""
        return self.columns.get("active", "").strip() != "0"


class Reader(Protocol):
    """Where rows come from. It may give more keys than asked for, never fewer."""

    def keys(self, kind: str, index: str, value: str) -> Iterable[Sequence[Row]]:
        """All rows of each key of which some row is found by a value; rows of one key together."""


class Asof(NamedTuple):
    """The date that rules compare with, and the budget year; None = not told."""

    day: date | None
    year: int | None


content_order: Callable[[Columns], object] = cmp_to_key(compare_contents)
"""Sort key that orders contents: fields by name, one by one, as text, null lowest."""


def version_of(kind: str, row: Row) -> tuple[int, Decimal, str]:
    """Version of a row, comparable within its kind: as number where the column is a ``versi…``, else as text."""
    column = KINDS[kind].version
    text = row.text(column) if column else ""
    return version_order(text.strip()) if column.startswith("versi") else (0, ZERO, text)


def _current(kind: str, rows: Sequence[Row]) -> Row:
    if len(rows) == 1:
        return rows[0]
    return max(rows, key=lambda row: (version_of(kind, row), content_order(row.columns)))


Term = tuple[str, str, str]
"""Kind, index and value that was asked for; of a derived value ``=name``, its argument and nothing."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value, and all that was asked for it."""

    value: object
    asked: frozenset[Term]


Name = tuple[str, str]
"""Name of a function and its argument."""


@dataclass(slots=True)
class Books:
    """Rows by term, and what is derived of them, computed once.

    Attributes:
        reader: where rows come from.
        told: what dates are compared with, instead of what manifests say.
        asked: terms asked since they were last taken away.
        shared: values that many subjects share: a change of their inputs matters to a subject only where it
            changes the value.
    """

    reader: Reader
    told: Asof | None = None
    asked: set[Term] = field(default_factory=set)
    shared: dict[Name, Kept] = field(default_factory=dict)
    _kept: dict[Name, Kept] = field(default_factory=dict)
    _found: dict[Term, list[Sequence[Row]]] = field(default_factory=dict)

    def _keys(self, kind: str, index: str, value: str) -> list[Sequence[Row]]:
        term = (kind, index, value)
        self.asked.add(term)
        if term not in self._found:
            self._found[term] = list(self.reader.keys(kind, index, value)) if value else []
        return self._found[term]

    def rows(self, kind: str, index: str, value: str) -> list[Row]:
        """All rows that are found by a value; a blank value finds none."""
        of = KINDS[kind].index[index]
        return [row for rows in self._keys(kind, index, value) for row in rows if value in of(row.columns)]

    def current(self, kind: str, index: str, value: str) -> list[Row]:
        """Current row of each key, of those that are found by a value."""
        of = KINDS[kind].index[index]
        rows = (_current(kind, rows) for rows in self._keys(kind, index, value))
        return [row for row in rows if value in of(row.columns)]

    def one(self, kind: str, index: str, value: str) -> Row | None:
        """Current row of the one key that is found by a value."""
        found = self.current(kind, index, value)
        return found[0] if found else None

    def has(self, *kinds: str) -> bool:
        """Files of all these kinds were read, be they empty."""
        return all(self.share(present, kind) for kind in kinds)

    @property
    def asof(self) -> Asof:
        """What dates are compared with."""
        return self.told or self.share(stated_asof, "")

    def keep(self, name: str, argument: str, compute: Callable[[], Value]) -> Value:
        """A value computed once; whoever uses it has asked all that it asked."""
        kept = self._compute(self._kept, (name, argument), compute)
        self.asked |= kept.asked
        return kept.value  # type: ignore[return-value]  # stored by the same name

    def share(self, function: Callable[[Books, str], Value], argument: str) -> Value:
        """A value computed once; whoever uses it has asked for the value alone."""
        name = function.__name__
        kept = self._compute(self.shared, (name, argument), partial(function, self, argument))
        self.asked.add((f"={name}", argument, ""))
        return kept.value  # type: ignore[return-value]  # stored by the same name

    def take_asked(self) -> frozenset[Term]:
        """What was asked since this was called last."""
        asked, self.asked = frozenset(self.asked), set()
        return asked

    def _compute(self, where: dict[Name, Kept], name: Name, compute: Callable[[], object]) -> Kept:
        found = where.get(name)
        if found is None:
            before, self.asked = self.asked, set()
            value = compute()
            found = where[name] = Kept(value, frozenset(self.asked))
            self.asked = before
        return found


def present(books: Books, kind: str) -> bool:
    """A file of this kind was read."""
    return bool(books.rows("export", "kind", kind))


def stated_asof(books: Books, _argument: str) -> Asof:
    """The latest date up to which an export is said to be complete, and the budget year told with it."""
    told = [(when, row) for row in books.rows("export", "every", "yes") if (when := row.day("as_of")) is not None]
    if not told:
        return Asof(None, None)
    latest = max(when for when, _ in told)
    years = {int(year) for when, row in told if when == latest and (year := row.number("tahun_anggaran"))}
    return Asof(latest, max(years, default=latest.year))


def memory(rows: Mapping[str, Iterable[Row]]) -> Reader:
    """A reader of rows held in memory, by kind."""
    return _Memory({kind: list(found) for kind, found in rows.items()})


class _Memory:
    def __init__(self, rows: Mapping[str, Sequence[Row]]) -> None:
        self._by_key: dict[str, dict[str, list[Row]]] = {}
        self._index: dict[Term, dict[str, None]] = {}
        for kind, found in rows.items():
            keys = self._by_key.setdefault(kind, {})
            for row in found:
                keys.setdefault(row.key, []).append(row)
                for index, values in KINDS[kind].index.items():
                    for value in values(row.columns):
                        self._index.setdefault((kind, index, value), {})[row.key] = None

    def keys(self, kind: str, index: str, value: str) -> Iterable[Sequence[Row]]:
        return [self._by_key[kind][key] for key in self._index.get((kind, index, value), ())]
