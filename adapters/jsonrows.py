"""Rows of a JSON array, streamed: one at a time, and one bad row costs only itself.

Numbers stay as their literal text. A row that isn't JSON is skipped up to where the next one begins; what can't
be read at all damages the file from there on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["MAX_ROW", "BadRow", "JsonRow", "json_rows"]

_BLOCK = 1 << 18
"""Bytes read at a time."""

MAX_ROW = 1 << 20
"""Largest row, characters: events are at most 1 MiB."""

_MAX_HELD = 1 << 26
"""Longest text without any row's end that is searched (64 MiB); past that the file is damaged."""

_DECODE = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode
_GAP = re.compile(r"[ \t\r\n]*")
_NEXT_AFTER_OBJECT = re.compile(r"\}\s*(?=,\s*\{|\]\s*\Z)")
_NEXT_AFTER_OTHER = re.compile(r"(?=,\s*\{|\]\s*\Z)")


class Reads(Protocol):
    """What can be read in blocks."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, empty at the end."""
        ...


@dataclass(frozen=True, slots=True)
class JsonRow:
    """One object of the array and its text."""

    number: int
    columns: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """Something that is no row; ``damaged`` = nothing behind it can be read."""

    number: int
    reason: str
    why: str
    text: str
    damaged: bool = False


class _Text:
    """The file's text from the current place on; grows by doubling steps, so that no retry is quadratic."""

    def __init__(self, stream: Reads) -> None:
        self._stream = stream
        self.buffer = ""
        self.ended = False
        self._rest = b""

    def fill(self, at: int) -> None:
        """Drop what lies before ``at`` and read at least as much again as is held."""
        size = max(_BLOCK, len(self.buffer) - at)
        data = self._rest + self._stream.read(size)
        self.ended = len(data) == len(self._rest)
        cut = len(data) if self.ended else len(data) - _open_character(data)
        self._rest = data[cut:]
        self.buffer = self.buffer[at:] + data[:cut].decode("utf-8", "surrogateescape")


def _open_character(data: bytes) -> int:
    """Number of bytes at the end that begin a UTF-8 character and don't end it."""
    for back in range(1, min(3, len(data)) + 1):
        byte = data[-back]
        if byte >= 0xC0:  # noqa: PLR2004 - a leading byte
            width = 2 + (byte >= 0xE0) + (byte >= 0xF0)  # noqa: PLR2004 - widths of UTF-8
            return back if width > back else 0
        if byte < 0x80:  # noqa: PLR2004 - ASCII
            return 0
    return 0


def json_rows(stream: Reads) -> Iterator[JsonRow | BadRow]:
    """Read the rows of a JSON array of objects.

    Invariant: holds at most a few blocks, or twice the longest row.
    """
    text = _Text(stream)
    text.fill(0)
    if not text.buffer:
        yield BadRow(0, "empty_file", "the file has no byte; an export without rows is []", "", damaged=True)
        return
    if text.buffer[0] == "\ufeff":
        text.buffer = text.buffer[1:]
    if text.buffer.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        yield BadRow(0, "wrong_encoding", "the file is UTF-16, not UTF-8", text.buffer[:1000], damaged=True)
        return
    at = _skip(text, 0)
    if text.buffer[at : at + 1] != "[":
        shown = text.buffer[at : at + 1000]
        yield BadRow(0, "not_an_array", "the file is no JSON array of rows", shown, damaged=True)
        return
    yield from _rows(text, at + 1)


def _skip(text: _Text, at: int) -> int:
    """Next place that isn't white space."""
    while True:
        at = _GAP.match(text.buffer, at).end()  # type: ignore[union-attr]  # matches everywhere
        if at < len(text.buffer) or text.ended:
            return at
        text.fill(at)
        at = 0


def _rows(text: _Text, at: int) -> Iterator[JsonRow | BadRow]:
    number = 0
    while True:
        at = _skip(text, at)
        mark = text.buffer[at : at + 1]
        if mark == "]" or not mark:
            yield from _end(text, at, number)
            return
        if number:
            if mark != ",":
                number += 1
                end = _next_row(text, at, at)
                yield _bad(text, at, end, number, "bad_json", "text stands between two rows")
                if end is None:
                    return
                at = end
                continue
            at = _skip(text, at + 1)
        number += 1
        row, at = _row(text, at, number)
        yield row
        if isinstance(row, BadRow) and row.damaged:
            return


def _row(text: _Text, at: int, number: int) -> tuple[JsonRow | BadRow, int]:
    while True:
        try:
            value, end = _DECODE(text.buffer, at)
        except (json.JSONDecodeError, RecursionError) as error:
            position = error.pos if isinstance(error, json.JSONDecodeError) else at
            after = _next_row(text, at, position)
            if after is not None:
                return _bad(text, at, after, number, "bad_json", f"the row is no JSON: {_why(error)}"), after
            if not text.ended and len(text.buffer) - at < _MAX_HELD:
                text.fill(at)
                at = 0
                continue
            why = "the file ends within this row" if text.ended else f"no row ends within {_MAX_HELD} characters"
            return BadRow(number, "truncated", why, text.buffer[at:], damaged=True), len(text.buffer)
        if end == len(text.buffer) and not text.ended and not isinstance(value, dict):
            text.fill(at)
            at = 0
            continue
        shown = text.buffer[at:end]
        if not isinstance(value, dict):
            return BadRow(number, "not_an_object", f"the row is {_kind(value)}, not an object", shown), end
        if len(shown) > MAX_ROW:
            why = f"the row has {len(shown)} characters, the limit is {MAX_ROW}"
            return BadRow(number, "oversize", why, shown), end
        return JsonRow(number, value, shown), end


def _why(error: Exception) -> str:
    return error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"


def _next_row(text: _Text, start: int, position: int) -> int | None:
    """Where the bad row at ``start`` ends, if another row or the array's end follows in the buffer."""
    pattern = _NEXT_AFTER_OBJECT if text.buffer[start : start + 1] == "{" else _NEXT_AFTER_OTHER
    at = max(position - 1, start)
    while match := pattern.search(text.buffer, at):
        if "]" not in text.buffer[match.end() : match.end() + 1] or text.ended:
            return match.end()
        at = match.end() + 1
    return None


def _bad(text: _Text, at: int, end: int | None, number: int, reason: str, why: str) -> BadRow:
    return BadRow(number, reason, why, text.buffer[at:end], damaged=end is None)


def _kind(value: object) -> str:
    names = {str: "a text or number", bool: "a truth value", list: "an array", type(None): "null"}
    return names[type(value)]


def _end(text: _Text, at: int, number: int) -> Iterator[BadRow]:
    """Check that the array is closed and that nothing follows it."""
    if not text.buffer[at:]:
        why = "the file ends before the array does"
        yield BadRow(number + 1, "truncated", why, "", damaged=True)
        return
    at = _skip(text, at + 1)
    if text.buffer[at:]:
        why = "something follows the end of the array"
        yield BadRow(number + 1, "trailing_data", why, text.buffer[at : at + MAX_ROW], damaged=True)
