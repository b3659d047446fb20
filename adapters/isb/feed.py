"""Files of the feed, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from zoneinfo import ZoneInfo

from adapters.begin import begin
from adapters.isb.filled import FILLED
from adapters.isb.layouts import LAYOUTS
from adapters.isb.rows import Reading, guess_key, read_row
from adapters.jsonrows import BadRow, JsonRow, Reads, json_rows
from adapters.tablehead import HEAD, listed, new_column_notice, refused_file, unknown
from bus.intake import Rejected, Stated
from schemas import EXPORT_COLUMNS, classification

__all__ = ["read_file", "read_original"]

_REMEDIES = {
    "empty_file": "Export it again.",
    "wrong_encoding": "Export it again as UTF-8.",
    "not_an_array": "Export it again as a JSON array of rows.",
    "truncated": "Export it again; the rows before are in.",
    "trailing_data": "Export it again; the rows before are in.",
}


_ENOUGH = 3
"""Rows from which on a column that none has is no chance."""

_FEW = 3
"""Columns that may be gone from a whole export; rows that lack more are written by another hand, or of another kind."""


def read_file(
    stream: Reads,
    *,
    file: str,
    kind: str,
    zone: ZoneInfo,
    observed: str,
    tell: Callable[[str], None] = lambda _notice: None,
) -> Iterator[Stated | Rejected]:
    """Read the rows of one file, in its order, one at a time; a file that lost a column is refused."""
    reading = Reading(file, LAYOUTS[kind], zone, observed)
    head, rows = begin(json_rows(stream), HEAD)
    seen = frozenset[str]().union(*(row.columns for row in head if isinstance(row, JsonRow)))
    new = sorted(seen - classification(LAYOUTS[kind].event).keys() - EXPORT_COLUMNS)
    lost = sorted(FILLED[kind] - seen)
    if len(head) >= _ENOUGH and lost and len(lost) <= min(_FEW, len(FILLED[kind]) // 2):
        yield refused_file(file, f"no row has {listed(lost)} of {kind}{unknown(new)}")
        return
    if new:
        tell(new_column_notice(file, new))
    yield from _read(reading, rows)


def _read(reading: Reading, rows: Iterable[JsonRow | BadRow]) -> Iterator[Stated | Rejected]:
    for row in rows:
        if isinstance(row, JsonRow):
            yield read_row(reading, row.number, row.columns, row.text)
            continue
        place = f"row {row.number}" if row.number else "start"
        remedy = _REMEDIES.get(row.reason, "Correct it in the source and export again.")
        yield Rejected(
            row.reason,
            f"{reading.file} {place}: {row.why}. {remedy}",
            place,
            row.text.encode("utf-8", "surrogateescape") or (b"," if row.number else b""),
            key=guess_key(reading.layout, row.text),
            damaged=row.damaged,
        )


def read_original(original: bytes, *, file: str, kind: str, zone: ZoneInfo, observed: str) -> Stated | Rejected:
    """Read one row again from its bytes, as a redrive does."""

    class Once:
        def __init__(self) -> None:
            self.left = b"[" + original + b"]"

        def read(self, _size: int, /) -> bytes:
            data, self.left = self.left, b""
            return data

    items = list(_read(Reading(file, LAYOUTS[kind], zone, observed), json_rows(Once())))
    if len(items) == 1:
        return items[0]
    return Rejected("bad_json", f"{file}: these bytes hold {len(items)} rows, not one.", "redrive", original)
