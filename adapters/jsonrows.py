"""Rows of a JSON array, streamed: one at a time, and one bad row costs only itself.

Numbers stay as their literal text. A row that isn't JSON is skipped up to where the next one begins; what can't
be read at all damages the file from there on. An error that the end of what was read so far may have caused is
none: more is read first, so the rows don't depend on the blocks that the file comes in.
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

_NEAR = 1000
"""An error this near the end of what was read, characters, may come from that end: longer than a number, an escape
or the opening of a row. So much of what was used is kept, too, to show where a file broke off."""

_DECODE = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).raw_decode
_GAP = re.compile(r"[ \t\r\n]*")
_LITERAL = re.compile(r"[A-Za-z0-9+.\-]*[ \t\r\n]*")
_OPENING = re.compile(r'\{\s*"[^"\\]*"\s*:')
# Within a text the quote would have a backslash before it, so a row's first column can't be mistaken.
_NEXT_AFTER_OBJECT = re.compile(r'\}\s*(?=,\s*\{\s*["}]|\]\s*\Z)')
_NEXT_AFTER_OTHER = re.compile(r'(?=,\s*\{\s*["}]|\]\s*\Z)')
_END_AFTER_OBJECT = re.compile(r"\}\s*(?=\]\s*\Z)")


class Reads(Protocol):
    """What can be read in blocks."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, empty at the end. Reading stays linear if fewer come only near the end."""
        ...


@dataclass(frozen=True, slots=True)
class JsonRow:
    """One object of the array and its text."""

    number: int
    columns: dict[str, Any]
    text: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """Something that is no row; ``damaged`` = nothing behind it can be read.

    Its text is empty only for an empty file, and for nothing between two commas.
    """

    number: int
    reason: str
    why: str
    text: str
    damaged: bool = False


class _Text:
    """The file's text around the current place; grows by doubling, so that no retry is quadratic."""

    def __init__(self, stream: Reads) -> None:
        self._stream = stream
        self._rest = b""
        self.buffer = ""
        self.at = 0
        self.ended = False

    def grow(self) -> bool:
        """Drop what is used and read at least as much again as is held; tell whether that could be done."""
        held = len(self.buffer) - self.at
        if self.ended or held >= _MAX_HELD:
            return False
        read = self._stream.read(max(_BLOCK, held))
        data = self._rest + read
        self.ended = not read
        cut = len(data) if self.ended else len(data) - _open_character(data)
        self._rest = data[cut:]
        dropped = max(0, self.at - _NEAR)
        self.buffer = self.buffer[dropped:] + data[:cut].decode("utf-8", "surrogateescape")
        self.at -= dropped
        return True

    def drop(self) -> None:
        """Let go of what is used: an error's message counts all lines before its place."""
        if self.at > _BLOCK:
            self.buffer = self.buffer[self.at - _NEAR :]
            self.at = _NEAR

    def skip(self) -> str:
        """Go on to the next character that isn't white space, and return it; empty at the end."""
        while True:
            self.at = _GAP.match(self.buffer, self.at).end()  # type: ignore[union-attr]  # matches everywhere
            if self.at < len(self.buffer) or not self.grow():
                return self.buffer[self.at : self.at + 1]

    def take(self, end: int) -> str:
        """Go on to ``end`` and return what lies before it."""
        taken = self.buffer[self.at : end]
        self.at = end
        return taken


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
    while len(text.buffer) < 4 and text.grow():  # noqa: PLR2004 - what tells the encoding
        pass
    shown = text.buffer[:_NEAR]
    problem = _begin(text)
    if problem is not None:
        yield BadRow(0, *problem, shown, damaged=True)
        return
    yield from _rows(text)


def _begin(text: _Text) -> tuple[str, str] | None:
    """Go into the array; reason and words if there is none."""
    head = text.buffer[:4].encode("utf-8", "surrogateescape")
    if not head:
        return "empty_file", "the file has no byte; an export without rows is []"
    encoding = json.detect_encoding(head)
    if not encoding.startswith("utf-8") and any(head):
        return "wrong_encoding", f"the file is {encoding.upper()}, not UTF-8"
    text.at = int(text.buffer.startswith("\ufeff"))
    mark = text.skip()
    if not mark:
        return "not_an_array", "the file holds only white space; an export without rows is []"
    if mark != "[":
        return "not_an_array", "the file is no JSON array of rows"
    text.at += 1
    return None


def _rows(text: _Text) -> Iterator[JsonRow | BadRow]:
    number = 1
    mark = text.skip()
    while mark and mark != "]":
        if number > 1 and mark != ",":
            row: JsonRow | BadRow = _bad(text, number, text.at, "stray_text", "text stands between two rows")
        else:
            if number > 1:
                text.at += 1
                mark = text.skip()
                if not mark:
                    break
            row = _row(text, number)
        yield row
        if isinstance(row, BadRow):
            if row.damaged:
                return
            text.drop()
        number += 1
        mark = text.skip()
    yield from _end(text, mark, number)


def _row(text: _Text, number: int) -> JsonRow | BadRow:
    while True:
        near = len(text.buffer) - _NEAR
        try:
            value, end = _DECODE(text.buffer, text.at)
        except json.JSONDecodeError as error:
            torn = error.msg.startswith("Unterminated")
            if (torn or error.pos > near) and text.grow():
                continue
            return _bad(text, number, error.pos, "bad_json", f"the row is no JSON: {error.msg}", torn=torn)
        except RecursionError:
            return _bad(text, number, text.at, "bad_json", "the row is no JSON: nested too deep")
        if end > near and not isinstance(value, dict) and text.grow():
            continue
        shown = text.take(end)
        if not isinstance(value, dict):
            return BadRow(number, "not_an_object", f"the row is {_kind(value)}, not an object", shown)
        if len(shown) > MAX_ROW:
            why = f"the row has {len(shown)} characters, the limit is {MAX_ROW}"
            return BadRow(number, "oversize", why, shown)
        return JsonRow(number, value, shown)


def _bad(text: _Text, number: int, position: int, reason: str, why: str, *, torn: bool = False) -> BadRow:
    """Take the bad text up to where another row, or the array's end, follows; without such a place all of it.

    Args:
        position: where in the buffer the error lies.
        torn: a text begins there and never ends, so nothing behind it is a row.
    """
    offset = position - text.at
    while True:
        end = _next_row(text, text.at + offset, torn=torn)
        if end is not None:
            return BadRow(number, reason, why, text.take(end))
        if not text.grow():
            why = "the file ends within this row" if text.ended else f"no row ends within {_MAX_HELD} characters"
            return BadRow(number, "truncated", why, text.take(len(text.buffer)), damaged=True)


def _next_row(text: _Text, position: int, *, torn: bool) -> int | None:
    """Where the bad text at the current place ends, if what follows it is in the buffer."""
    pattern = _NEXT_AFTER_OTHER
    if text.buffer.startswith("{", text.at):
        comma = _comma_before_like(text, position)
        if comma is not None:
            return comma
        pattern = _END_AFTER_OBJECT if torn else _NEXT_AFTER_OBJECT
    at = max(position - 1, text.at)
    while match := pattern.search(text.buffer, at):
        if text.ended or not text.buffer.startswith("]", match.end()):
            return match.end()
        at = match.end() + 1
    return None


def _comma_before_like(text: _Text, position: int) -> int | None:
    """The comma before the next row, if the bad one lost its last brace or quote and so runs into it.

    The decoder then fails in the opening of the next row, and that is the opening of the bad one, too.
    """
    opening = _OPENING.match(text.buffer, text.at, text.at + _NEAR)
    after = _LITERAL.match(text.buffer, position).end()  # type: ignore[union-attr]  # matches everywhere
    comma = text.buffer.rfind(",", text.at, after + 1)
    if opening is None or comma < 0:
        return None
    brace = _GAP.match(text.buffer, comma + 1).end()  # type: ignore[union-attr]  # matches everywhere
    runs_in = text.buffer.startswith(opening[0], brace) and position < brace + len(opening[0])
    return comma if runs_in else None


def _kind(value: object) -> str:
    names = {str: "a text or number", bool: "a truth value", list: "an array", type(None): "null"}
    return names[type(value)]


def _end(text: _Text, mark: str, number: int) -> Iterator[BadRow]:
    """Check that the array is closed and that nothing follows it."""
    if not mark:
        shown = text.buffer[max(0, text.at - _NEAR) :]
        yield BadRow(number, "truncated", "the file ends before the array does", shown, damaged=True)
        return
    text.at += 1
    if text.skip():
        why = "something follows the end of the array"
        yield BadRow(number, "trailing_data", why, text.buffer[text.at : text.at + MAX_ROW], damaged=True)
