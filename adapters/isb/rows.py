"""A row of an ISB file becomes a statement, or is rejected with the reason, the place and the remedy. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from adapters.isb.layouts import LAYOUTS, Layout
from adapters.reading import Reject, check_text, moment, observed
from adapters.shown import masked
from bus.intake import Rejected, Stated
from schemas import CATALOGUE, EXPORT_COLUMNS, classification, join_key, text_of
from schemas.times import calendar_date
from schemas.values import KodeUnit, Wrong, is_blank, squeeze, tidy_version

__all__ = ["Reading", "guess_key", "read_row"]

_GUESS = 1 << 16
"""Characters of a broken row that are searched for its key."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of the file that a row stands in."""

    file: str
    layout: Layout
    zone: ZoneInfo
    observed: str


def read_row(reading: Reading, number: int, columns: Mapping[str, Any], original: str) -> Stated | Rejected:
    """Read one row.

    Args:
        reading: the file.
        number: place of the row in it, from 1.
        columns: JSON values by column; numbers as their literal text.
        original: text of the row; bytes that are no UTF-8 stand in it as lone surrogates.
    """
    place = f"row {number}"
    key: str | None = None
    try:
        content = {
            name: text for name in sorted(columns) if name not in EXPORT_COLUMNS and (text := text_of(columns[name]))
        }
        check_text(original, columns)
        _check_layout(reading.layout, columns)
        key = _key(reading.layout, content)
        return Stated(
            event=reading.layout.event,
            key=key,
            version=tidy_version(content.get(CATALOGUE[reading.layout.event].version)),
            observed=observed(reading.zone, columns, reading.observed),
            event_ms=_event_time(reading, content),
            unit=_unit(reading.layout, content),
            content=content,
            place=place,
            original=original.encode(),
        )
    except Reject as reject:
        key = key or guess_key(reading.layout, original)
        said = f" (key {key})" if key else ""
        return Rejected(
            reject.reason,
            f"{reading.file} {place}{said}: {reject.text}",
            place,
            original.encode("utf-8", "surrogateescape"),
            key,
        )


def guess_key(layout: Layout, text: str) -> str | None:
    """The code of the object that a rejected row speaks of, if its text shows one."""
    found = re.search(rf'"{layout.key[0]}"\s*:\s*"?([\w.-]{{1,64}})', text[:_GUESS])
    if found is None or found[1] == "null":
        return None
    return f"{layout.package}:{found[1]}" if layout.package else found[1]


def _check_layout(layout: Layout, columns: Mapping[str, Any]) -> None:
    """Reject a row of another kind, and one whose key can't be there; marks may be absent, as nulls are left out."""
    unmarked = [mark for mark in layout.marks if mark not in columns]
    if not unmarked and layout.key[0] in columns:
        return
    keyless = [column for column in layout.key_columns if column not in columns]
    like = [
        other.kind
        for other in LAYOUTS.values()
        if other.key[0] in columns and all(mark in columns for mark in other.marks)
    ]
    own = classification(layout.event).keys() - layout.key_columns
    if like or (keyless and own.isdisjoint(columns)):
        absent = ", ".join(dict.fromkeys(keyless + unmarked))
        looks = f"; it looks like {' or '.join(like)}" if like else ""
        problem = f"the row lacks {absent}, so it is no row of {layout.kind}{looks}"
        raise Reject("wrong_layout", problem, "Give the file the name of its kind, or export again.")
    if keyless:
        raise Reject("missing_key", f"the row has no column {keyless[0]}, which its key is made of")


def _key(layout: Layout, content: Mapping[str, str]) -> str:
    parts = []
    for part in layout.key:
        how, _, column = part.rpartition(":")
        text = content.get(column, "")
        if how == "date":
            parts.append(_date_part(column, text))
            continue
        if how == "minutes":
            value = squeeze(content.get("no_bast") if is_blank(text) else text)
        else:
            value = squeeze(text) if how == "number" else text.strip()
        if not value:
            raise Reject("missing_key", f"{column} is blank, and the key is made of it")
        parts.append(value)
    key = join_key(parts)
    return f"{layout.package}:{key}" if layout.package else key


def _date_part(column: str, text: str) -> str:
    if is_blank(text):
        return ""
    day = calendar_date(text)
    if isinstance(day, Wrong):
        raise Reject("bad_date", f'{column} "{masked(text)}" {day.why}, and the key is made of it')
    return day.isoformat()


def _event_time(reading: Reading, content: Mapping[str, str]) -> int | None:
    for column in CATALOGUE[reading.layout.event].event_time:
        text = content.get(column)
        if not is_blank(text):
            return moment(reading.zone, column, str(text))
    return None


def _unit(layout: Layout, content: Mapping[str, str]) -> str | None:
    unit = KodeUnit.parse(content.get(layout.unit, ""))
    return None if isinstance(unit, Wrong) else unit.code
