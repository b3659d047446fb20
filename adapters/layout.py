"""Layouts as data: what a file of rows looks like, said in one line a file.

Columns are ``name:kind``, parted by spaces; no kind = text, ``?`` = may be blank in every row.

=========  ==================================================
kind       cells
=========  ==================================================
n          whole number
m          rupiah, ``1250000.00`` (checked when it is encoded)
p          number, ``37.50``
d, D       date; D is written ``01-03-2025``
t          time, ``2025-03-01 09:00:00``, local
digits     digits, such as a NIP; leading zeros count
code       parts joined by dots, such as an account
unit       code of a unit
account    bank account: digits, spaces, hyphens, dots
words      text with a letter in it, such as a name
{a|b_c}    one of these (``_`` = space)
=========  ==================================================

Cells of kinds n, m, p, d, D, t must be what they say: a row with another text is rejected. The other kinds tell
whether a column holds what its name says (`adapters.tablehead`); a single odd cell is a fact, not a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from adapters.files import FileKind
from adapters.shown import masked
from schemas import CATALOGUE
from schemas.times import calendar_date
from schemas.values import Wrong, is_blank, tidy_version

__all__ = ["Column", "Layout", "layout"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its kind, whether it may be blank in every row, the values it knows."""

    name: str
    kind: str
    nullable: bool
    known: frozenset[str] = frozenset()

    @property
    def wrong(self) -> Callable[[str], str | None] | None:
        """What says why a cell is not of this kind; None where every text is."""
        return _WRONG.get(self.kind)

    def looks_right(self, text: str) -> bool:
        """Tell whether a text that isn't blank has the look of this column."""
        if self.known:
            return text.strip() in self.known
        look = _LOOK.get(self.kind)
        return look is None or look.fullmatch(text.strip()) is not None

    def key_part(self, text: str) -> str:
        """A cell as part of a key: numbers and dates in one spelling, others without outer white space."""
        if self.kind == "n":
            return tidy_version(text)
        if self.kind in {"d", "D"} and not isinstance(day := calendar_date(text), Wrong):
            return day.isoformat()
        return text.strip()


_WHOLE = re.compile(r"[+-]?\d{1,30}(\.0+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
_LOOK = {
    "digits": re.compile(r"\d{1,40}", re.ASCII),
    "code": re.compile(r"[\dX]\w*(\.\w+)*\.?", re.ASCII),
    "unit": re.compile(r"\d(\.\d+){5,}", re.ASCII),
    "account": re.compile(r"\d[\d .-]*", re.ASCII),
    "words": re.compile(r"(?s:.*)[^\W\d_](?s:.*)"),
}


@lru_cache(maxsize=1 << 14)
def _no_date(text: str) -> str | None:
    if is_blank(text):
        return None
    day = calendar_date(text)
    return f'"{masked(text)}" {day.why}' if isinstance(day, Wrong) else None


@lru_cache(maxsize=1 << 12)
def _no_whole(text: str) -> str | None:
    return None if _WHOLE.fullmatch(text.strip()) or is_blank(text) else f'"{masked(text)}" is no whole number'


@lru_cache(maxsize=1 << 14)
def _no_number(text: str) -> str | None:
    return None if _NUMBER.fullmatch(text.strip()) or is_blank(text) else f'"{masked(text)}" is no number such as 37.50'


_WRONG: dict[str, Callable[[str], str | None]] = {
    "n": _no_whole,
    "p": _no_number,
    "d": _no_date,
    "D": _no_date,
    "t": _no_date,
}


@dataclass(frozen=True)
class Layout:
    """How a row of one file kind is read.

    Attributes:
        kind: kind of file, the beginning of its name.
        event: event type that its rows become; the catalogue says its key, version and event time.
        stage: part of the chain it tells of.
        columns: those that the file has; a new one is kept with the row, a missing one is a fault.
        observed: column that says when a row was exported, if the format names one; it stays in the content.
        unit: column with the unit's code.
        form: how the system writes it, ``csv`` or ``json``; both are read, and ``xlsx``.
    """

    kind: str
    event: str
    stage: str
    columns: tuple[Column, ...]
    observed: str = ""
    unit: str = ""
    form: str = "csv"

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Columns by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def key(self) -> tuple[Column, ...]:
        """Columns that make the key, in order."""
        return tuple(self.by_name[name] for name in CATALOGUE[self.event].key_columns)

    def file_kind(self, source: str) -> FileKind:
        """How its files are found."""
        return FileKind(
            source=source,
            name=self.kind,
            pattern=rf"{re.escape(self.kind)}([-_.]?\d[\d-]*)?\.(csv|json|xlsx)(\.gz)?",
            stage=self.stage,
            event=self.event,
            shown=f"{self.kind}.{self.form}",
        )


def layout(
    kind: str,
    event: str,
    stage: str,
    columns: str,
    *,
    observed: str = "",
    unit: str = "kode_sub_skpd",
    form: str = "csv",
) -> Layout:
    """Make a layout; columns as one text (see the module)."""
    return Layout(kind, event, stage, tuple(map(_column, columns.split())), observed, unit, form)


def _column(text: str) -> Column:
    name, _, kind = text.removesuffix("?").partition(":")
    known = kind[1:-1].replace("_", " ").split("|") if kind.startswith("{") else ()
    return Column(name, "known" if known else kind or "s", text.endswith("?"), frozenset(known))
