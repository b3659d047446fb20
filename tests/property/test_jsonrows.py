"""Any list of objects comes back, however it is spaced and however it arrives; any bytes are survived."""

from __future__ import annotations

import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.jsonrows import BadRow, JsonRow, json_rows

thorough = settings(max_examples=150, deadline=None)

# A text with a brace may look like the end of a row; the test of blocks leaves it out.
plain = st.characters(exclude_characters="{", codec="utf-8")
gaps = st.text(" \t\r\n", max_size=3)


def objects(text: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, object]]:
    """JSON objects whose texts are drawn so."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | text
    values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=6)
    return st.dictionaries(text, values, max_size=5)


@st.composite
def documents(draw: st.DrawFn, text: st.SearchStrategy[str]) -> tuple[str, list[str]]:
    """A JSON array with random white space, and the texts of its rows."""
    separators = (draw(gaps) + "," + draw(gaps), draw(gaps) + ":" + draw(gaps))
    indent = draw(st.none() | st.integers(0, 2))
    escaped = draw(st.booleans())
    texts = [
        json.dumps(row, ensure_ascii=escaped, indent=indent, separators=separators)
        for row in draw(st.lists(objects(text), max_size=6))
    ]
    comma = draw(gaps) + "," + draw(gaps)
    return f"{draw(gaps)}[{draw(gaps)}{comma.join(texts)}{draw(gaps)}]{draw(gaps)}", texts


class Dribble:
    """A stream that gives a few bytes at a time, as many as it is told."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._stream = io.BytesIO(data)
        self._sizes = sizes
        self._reads = 0

    def read(self, _size: int, /) -> bytes:
        self._reads += 1
        return self._stream.read(self._sizes[self._reads % len(self._sizes)])


sizes = st.lists(st.integers(1, 7), min_size=1, max_size=5)


def assert_rows_are(found: list[JsonRow | BadRow], texts: list[str]) -> None:
    read = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str).decode
    assert found == [JsonRow(number, read(text), text) for number, text in enumerate(texts, 1)]


@thorough
@given(documents(st.text()))
def test_any_rows_come_back_with_their_text(document):
    data, texts = document
    assert_rows_are(list(json_rows(io.BytesIO(data.encode()))), texts)


@thorough
@given(documents(st.text(plain)), sizes)
def test_any_rows_come_back_however_they_arrive(document, blocks):
    data, texts = document
    assert_rows_are(list(json_rows(Dribble(data.encode(), blocks))), texts)


@thorough
@given(documents(st.text(plain)), st.data())
def test_of_a_torn_file_the_rows_before_the_tear_are_read(document, data):
    whole, texts = document
    cut = data.draw(st.integers(0, len(whole.rstrip()) - 1))
    *found, last = json_rows(io.BytesIO(whole[:cut].encode()))
    at, complete = 0, []
    for text in texts:
        at = whole.index(text, at) + len(text)
        complete += [text] if at <= cut else []
    assert_rows_are(found, complete)
    assert last.damaged


@thorough
@given(st.binary(max_size=200) | documents(st.text()).map(lambda document: document[0].encode()), sizes, st.data())
def test_any_bytes_are_rows_or_are_named(data, blocks, draw):
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(0, 3))):
        at = draw.draw(st.integers(0, len(damaged)))
        damaged[at : at + draw.draw(st.integers(0, 3))] = draw.draw(st.binary(max_size=3))
    found = list(json_rows(Dribble(bytes(damaged), blocks)))
    for row in found[:-1]:
        assert isinstance(row, JsonRow) or not row.damaged
    for row in found:
        assert isinstance(row, JsonRow) or (row.reason and row.why)
