"""Files of the feed, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from adapters.isb.layouts import LAYOUTS
from adapters.isb.rows import Reading, guess_key, read_row
from adapters.jsonrows import JsonRow, Reads, json_rows
from bus.intake import Rejected, Stated

__all__ = ["read_file", "read_original"]

_REMEDIES = {
    "empty_file": "Export it again.",
    "wrong_encoding": "Export it again as UTF-8.",
    "not_an_array": "Export it again as a JSON array of rows.",
    "truncated": "Export it again; the rows before are in.",
    "trailing_data": "Export it again; the rows before are in.",
}


def read_file(stream: Reads, *, file: str, kind: str, zone: ZoneInfo, observed: str) -> Iterator[Stated | Rejected]:
    """Read the rows of one file, in its order, one at a time."""
    reading = Reading(file, LAYOUTS[kind], zone, observed)
    for row in json_rows(stream):
        if isinstance(row, JsonRow):
            yield read_row(reading, row.number, row.columns, row.text)
            continue
        place = f"row {row.number}" if row.number else "start"
        remedy = _REMEDIES.get(row.reason, "Correct it in the source and export again.")
        yield Rejected(
            row.reason,
            f"{file} {place}: {row.why}. {remedy}",
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

    items = list(read_file(Once(), file=file, kind=kind, zone=zone, observed=observed))
    if len(items) == 1:
        return items[0]
    return Rejected("bad_json", f"{file}: these bytes hold {len(items)} rows, not one.", "redrive", original)
