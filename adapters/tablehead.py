"""Does a file hold what its name says? Judged by its columns and by its first rows. Pure.

A column that is gone or renamed, or that holds another column's cells, must not become facts: then the whole file is
refused and the column named. A single odd cell is no reason: it takes enough rows of which not one looks right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from adapters.layout import Layout
from adapters.shown import masked
from bus.intake import Rejected
from schemas import EXPORT_COLUMNS

__all__ = [
    "HEAD",
    "listed",
    "new_column_notice",
    "new_columns",
    "refused_file",
    "unknown",
    "wrong_columns",
    "wrong_rows",
]

HEAD = 100
"""Rows that are looked at before the first is passed on."""

_ENOUGH = 5
"""Rows from which on it is no chance that none looks right."""

_NUMBERS = frozenset({"digits", "code", "unit", "account"})
_DIGIT = re.compile(r"\d")

_NAMED = 5
"""Columns that a message names."""

_NAME = re.compile(r"(?!.*\d{8})[A-Za-z_]\w{0,39}", re.ASCII)
"""What a message shows of a header: a column's name, not a cell of a file that has no header."""

_REFUSED = "No row was taken. Export it again with the columns of its kind, or mend the layout if the system changed."


def wrong_columns(layout: Layout, names: Sequence[str]) -> str | None:
    """What is wrong with the columns of a file; None = nothing."""
    twice = sorted({name for name in names if names.count(name) > 1 and name in layout.by_name})
    if twice:
        return f"the columns {listed(twice)} stand in the header twice"
    missing = [column.name for column in layout.columns if column.name not in names]
    if not missing:
        return None
    if len(missing) > len(layout.columns) // 2:
        return f"the first row does not hold the columns of {layout.kind}: {listed(missing)} are missing"
    return f"the file lacks the columns {listed(missing)} of {layout.kind}{unknown(new_columns(layout, names))}"


def new_columns(layout: Layout, names: Collection[str]) -> list[str]:
    """Columns that the layout does not know, sorted."""
    return sorted(set(names) - layout.by_name.keys() - EXPORT_COLUMNS - {""})


def wrong_rows(layout: Layout, contents: Sequence[Mapping[str, str]]) -> str | None:
    """What is wrong with all of the first rows; None = nothing.

    Where they are few, it takes two columns of which nothing looks right, or numbers without any digit.
    """
    strange = []
    for column in layout.columns:
        cells = [text for content in contents if (text := content.get(column.name, "")).strip() not in {"", "-"}]
        if not cells and not column.nullable and len(contents) >= _ENOUGH:
            return f"{column.name} is blank in each of the first {len(contents)} rows"
        if cells and not any(map(column.looks_right, cells)):
            strange.append(column.name)
            wordy = column.kind in _NUMBERS and not any(map(_DIGIT.search, cells))
            if len(cells) >= _ENOUGH or len(strange) > 1 or wordy:
                return f"no cell of {listed(strange)} is what its column says: columns are shifted or retyped"
    return None


def listed(names: Sequence[str]) -> str:
    """Names of columns as a message shows them."""
    shown = [name if _NAME.fullmatch(name) else masked(name) for name in names[:_NAMED]]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(shown) + more


def unknown(new: Sequence[str]) -> str:
    """The new columns, where a column is missing: it may have been renamed."""
    return f"; it has the unknown {listed(new)}" if new else ""


def new_column_notice(file: str, new: Sequence[str]) -> str:
    """What a report says of columns that no schema knows."""
    return (
        f"{file}: new columns {listed(new)}. They are kept with each row, unread; "
        "ask the source what they say, then add them to the schema and the layout."
    )


def refused_file(file: str, problem: str, original: bytes = b"") -> Rejected:
    """A file none of whose rows is taken."""
    text = f"{file} start: {problem}. {_REFUSED}"
    return Rejected("wrong_layout", text, "start", original, key=None, damaged=True)
