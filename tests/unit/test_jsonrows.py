"""Rows of a JSON array are streamed: one bad row costs only itself, and what can't be read on is damaged."""

from __future__ import annotations

import io
import json

import pytest

from adapters.jsonrows import MAX_ROW, BadRow, JsonRow, json_rows

WHOLE = 1 << 30
GOOD = (
    '{"kd": 10002513000, "nama": "Pengadaan – ATK \\u00e9\\n"}',
    "{}",
    '{"a": {"b": [1, {"c": null}], "d": []}, "e": true}',
    '{\n  "teks": "]} \\" [ } : , \\\\",\t"emoji": "😀"\r\n}',
)


class Dribble:
    """A stream that gives at most so many bytes at a time, as sockets and pipes do."""

    def __init__(self, data: bytes, size: int) -> None:
        self._stream = io.BytesIO(data)
        self._size = size

    def read(self, size: int, /) -> bytes:
        return self._stream.read(min(size, self._size))

    def given(self) -> int:
        """Number of bytes given away."""
        return self._stream.tell()


def rows(data: bytes | str, size: int = WHOLE) -> list[JsonRow | BadRow]:
    return list(json_rows(Dribble(data.encode() if isinstance(data, str) else data, size)))


def good(found: list[JsonRow | BadRow]) -> list[str]:
    """Texts of those that are rows."""
    return [row.text for row in found if isinstance(row, JsonRow)]


def outcome(data: bytes | str, size: int = WHOLE) -> list[str]:
    """Text of each row, or the reason why it is none."""
    return [row.text if isinstance(row, JsonRow) else row.reason for row in rows(data, size)]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 64, WHOLE])
def test_rows_are_the_same_however_the_file_arrives(size):
    found = rows(" \r\n[\t" + " ,\n".join(GOOD) + "\n] \n", size)
    assert [row.text for row in found] == list(GOOD)
    assert [row.number for row in found] == [1, 2, 3, 4]
    assert [row.columns.keys() for row in found] == [json.loads(text).keys() for text in GOOD]


def test_numbers_keep_their_literal_text():
    [row] = rows('[{"a": 1.50, "b": -0, "c": 1E+3, "d": NaN, "e": -Infinity, "f": ' + "7" * 5000 + "}]")
    assert row.columns == {"a": "1.50", "b": "-0", "c": "1E+3", "d": "NaN", "e": "-Infinity", "f": "7" * 5000}


def test_other_values_are_those_of_json():
    [row] = rows('[{"a": null, "b": true, "c": "\\u00e9\\ud83d\\ude00", "d": {"e": [1, []]}}]')
    assert row.columns == {"a": None, "b": True, "c": "é😀", "d": {"e": ["1", []]}}


@pytest.mark.parametrize("data", ["[]", " [ \n]\n", "\ufeff[]"])
def test_an_export_without_rows_is_a_good_export(data):
    assert rows(data) == []


def test_a_byte_order_mark_loses_no_row():
    assert outcome(b"\xef\xbb\xbf[" + GOOD[0].encode() + b"]") == [GOOD[0]]


@pytest.mark.parametrize("size", [1, 3, WHOLE])
@pytest.mark.parametrize(
    "broken",
    [
        '{"a": tru}',
        '{"a": 1 "b": 2}',
        '{"a"}',
        '{"a": }',
        "{'a': 1}",
        '{"a": 1,}',
        '{"a": [1, 2}',
        '{"a": "\x01"}',
        '{"a": "\0"}',
        '{"a": "\\q"}',
        '{"a": 1.}',
        '{"a": 01}',
        '{"a": NaM}',
        "<html>502</html>",
        "",
    ],
)
def test_a_broken_row_costs_only_itself(broken, size):
    found = rows(f"[{GOOD[0]},{broken}, {GOOD[1]},\n{GOOD[2]}]", size)
    assert good(found) == list(GOOD[:3])
    assert [row.number for row in found] == [1, 2, 3, 4]
    bad = found[1]
    assert (bad.reason, bad.damaged) == ("bad_json", False)
    assert bad.text.strip() == broken
    assert bad.why


@pytest.mark.parametrize("broken", ['{"a": tru}', '{"a": 1,}', "{'a': 1}"])
@pytest.mark.parametrize("size", [1, 3, WHOLE])
def test_a_broken_row_at_the_end_costs_only_itself(broken, size):
    assert outcome(f"[{GOOD[0]}, {broken}\n]\n", size) == [GOOD[0], "bad_json"]


def test_every_row_may_be_broken():
    found = rows('[{"a"}, {"b"}, {"c"}]')
    assert [(row.reason, row.text) for row in found] == [("bad_json", f'{{"{name}"}}') for name in "abc"]


def test_a_comma_too_many_at_the_end_costs_no_row():
    assert outcome(f"[{GOOD[0]}, {GOOD[1]},]") == [GOOD[0], GOOD[1], "bad_json"]


@pytest.mark.parametrize("text", ['{"a": "}, {"}', '{"a": "}]"}', '{"a": "\\"}, {"}', '{"a": [{}, {}], "b": "]"}'])
def test_what_looks_like_the_end_of_a_row_within_a_text_is_none(text):
    assert outcome(f"[{text}, {GOOD[0]}, {text}]") == [text, GOOD[0], text]


@pytest.mark.parametrize("item", ["42", "-1.5e3", '"{}"', "null", "true", "[]", '[{"a": 1}]', "NaN"])
def test_what_is_no_object_is_no_row_and_costs_only_itself(item):
    found = rows(f"[{GOOD[0]}, {item}, {GOOD[1]}]")
    assert good(found) == list(GOOD[:2])
    bad = found[1]
    assert (bad.number, bad.reason, bad.text, bad.damaged) == (2, "not_an_object", item, False)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf", "not_an_array"),
        (b" \n", "not_an_array"),
        (b"\0" * 4096, "not_an_array"),
        (b'{"error": "token expired"}', "not_an_array"),
        (b"<html>502</html>", "not_an_array"),
        (b"null", "not_an_array"),
        (b"\x80[]", "not_an_array"),
        ('[{"a": 1}]'.encode("utf-16"), "wrong_encoding"),
        (b"\xfe\xff" + '[{"a": 1}]'.encode("utf-16-be"), "wrong_encoding"),
    ],
)
def test_a_file_that_is_no_array_is_damaged_from_the_start(data, reason):
    [bad] = rows(data)
    assert (bad.number, bad.reason, bad.damaged) == (0, reason, True)
    assert bad.why


@pytest.mark.parametrize("size", [1, 5, WHOLE])
@pytest.mark.parametrize("cut", range(1, len(GOOD[0]) + len(GOOD[2]) + 3))
def test_of_a_torn_file_the_rows_before_the_tear_are_read(cut, size):
    texts = [GOOD[0], GOOD[2]]
    torn = f"[{texts[0]},{texts[1]}]"[:cut]
    found = rows(torn.encode(), size)
    assert good(found) == [text for text in texts if text in torn]
    last = found[-1]
    assert (last.reason, last.damaged, last.number) == ("truncated", True, len(found))
    assert torn.endswith(last.text)


@pytest.mark.parametrize("size", [2, WHOLE])
def test_a_character_torn_in_two_damages_only_its_row(size):
    torn = b"[" + GOOD[0].encode() + ',{"a": "é'.encode()[:-1]
    found = rows(torn, size)
    assert good(found) == [GOOD[0]]
    bad = found[1]
    assert bad.text.encode("utf-8", "surrogateescape") == b'{"a": "\xc3'


@pytest.mark.parametrize("size", [1, WHOLE])
@pytest.mark.parametrize("tail", ["x", "\0", "[]", ",", "]", "\n<html>504</html>", GOOD[0]])
def test_something_behind_the_array_is_damage_and_the_rows_are_read(tail, size):
    found = rows(f"[{GOOD[0]}]\n{tail}", size)
    assert good(found) == [GOOD[0]]
    bad = found[1]
    assert (bad.number, bad.reason, bad.damaged) == (2, "trailing_data", True)


def test_a_row_may_be_as_large_as_an_event_and_no_larger():
    fits = '{"a": "' + "x" * (MAX_ROW - 9) + '"}'
    over = '{"a": "' + "x" * (MAX_ROW - 8) + '"}'
    found = rows(f"[{fits}, {over}, {GOOD[0]}]")
    assert good(found) == [fits, GOOD[0]]
    bad = found[1]
    assert (bad.number, bad.reason, bad.damaged) == (2, "oversize", False)
    assert str(MAX_ROW) in bad.why


def test_a_row_of_10_mb_costs_only_itself():
    large = '{"a": "' + "x" * 10_000_000 + '"}'
    assert outcome(f"[{GOOD[0]}, {large}, {GOOD[1]}]") == [GOOD[0], "oversize", GOOD[1]]


def test_a_row_nested_without_end_costs_only_itself():
    deep = '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"
    assert outcome(f"[{GOOD[0]}, {deep}, {GOOD[1]}]") == [GOOD[0], "bad_json", GOOD[1]]


@pytest.mark.parametrize("size", [1, 2, 3, WHOLE])
@pytest.mark.parametrize(
    "wrong", [b"Caf\xe9", b"\xff", b"\x80", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\xf8\x88"]
)
def test_bytes_that_are_no_utf_8_are_kept_in_their_row(wrong, size):
    text = b'{"a": "' + wrong + b'"}'
    first, second = rows(b"[" + text + b"," + GOOD[0].encode() + b"]", size)
    assert first.text.encode("utf-8", "surrogateescape") == text
    assert good([second]) == [GOOD[0]]


def test_a_large_file_is_read_block_by_block():
    data = b"[" + b",".join([b'{"a": "%s"}' % (b"x" * 100)] * 50_000) + b"]"
    stream = Dribble(data, WHOLE)
    found = json_rows(stream)
    next(found)
    assert stream.given() < len(data) / 10
    assert sum(1 for _ in found) == 49_999
