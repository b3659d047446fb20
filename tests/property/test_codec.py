"""The compiled codec writes what the library writes, reads it back, and survives any other bytes."""

from __future__ import annotations

import io
import json
import struct
from contextlib import suppress
from decimal import Decimal
from functools import cache

import fastavro
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import CATALOGUE, Codec, Undecodable, avsc, content_of, encode_row
from schemas.values import KdRup, Mak, Rupiah, is_blank

thorough = settings(max_examples=150, deadline=None)

IDS = {name: number for number, name in enumerate(CATALOGUE, 1)}
CODEC = Codec(IDS, {number: (name, avsc(name)) for name, number in IDS.items()})
ROW_EVENTS = sorted(set(CATALOGUE) - {"ExportRead"})
HOSTILE = [
    b"\0",
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x04",
    b"\xff",
    b"\xff" * 9 + b"\x01",
    b"\xfe" * 9 + b"\x01",
    b"\x80" * 30,
]

letters = st.characters(exclude_characters="\0", codec="utf-8")
texts = st.text(letters, min_size=1, max_size=12) | st.builds(
    lambda letter, length: letter * length, letters, st.sampled_from([63, 64, 1024, 2047, 2048, 2049, 5000])
)
sen = st.integers(1 - 10**20, 10**20 - 1) | st.integers(-70000, 70000)
money = sen.map(lambda number: str(Decimal(number).scaleb(-2))) | st.sampled_from(["-", " ", "1.5E3", "+7", "007.10"])
links = st.text("0123;, \u00a0é", min_size=1, max_size=40)


@cache
def columns_of(event: str) -> dict[str, st.SearchStrategy[str]]:
    """What each column of a row may say."""
    kinds = {"map": st.nothing(), "array": links}
    found = {}
    for field in json.loads(avsc(event))["fields"]:
        if field["name"] == "extra" or "raw_of" in field:
            continue
        kind = field["type"]
        found[field["name"]] = kinds[kind["type"]] if isinstance(kind, dict) else texts if "string" in kind else money
    return found


@st.composite
def rows(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """An event type and a row's content, unknown columns among it."""
    event = draw(st.sampled_from(ROW_EVENTS))
    known = columns_of(event)
    names = draw(st.lists(st.sampled_from(sorted(known)), unique=True))
    raw = [f"{name}_raw" for name in known]
    unknown = draw(st.dictionaries(st.text(letters, max_size=8) | st.sampled_from([*raw, "extra"]), texts, max_size=3))
    content = {name: text for name, text in unknown.items() if name not in known}
    content |= {name: draw(known[name]) for name in names}
    return event, dict(sorted(content.items()))


def reference(event: str, content: dict[str, str]) -> bytes:
    """The body by the library alone."""
    record: dict[str, object] = {"extra": {}}
    known = columns_of(event)
    for name, text in content.items():
        if name not in known:
            record["extra"][name] = text
        elif known[name] is texts:
            record[name] = text
        elif known[name] is links:
            record |= {name: (Mak if name == "mak" else KdRup).split(text), f"{name}_raw": text}
        else:
            record |= {name: None if is_blank(text) else Rupiah.parse(text).amount, f"{name}_raw": text}
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, json.loads(avsc(event)), record)
    return buffer.getvalue()


def decoded_or_refused(event: str, body: bytes) -> None:
    """Decoding either works or says Undecodable."""
    frame = CODEC.frame(event, body)
    for columns in (None, ("extra",)):
        with suppress(Undecodable):
            assert isinstance(CODEC.decode(frame, event, columns), dict)


@thorough
@given(rows())
def test_the_bytes_are_those_of_the_library(row):
    assert encode_row(*row) == reference(*row)


@thorough
@given(rows())
def test_a_row_comes_back(row):
    event, content = row
    body = encode_row(event, content)
    record = CODEC.decode(CODEC.frame(event, body), event)
    assert content_of(event, record) == content
    assert record == fastavro.schemaless_reader(io.BytesIO(body), json.loads(avsc(event)), None)


@thorough
@given(rows(), st.data())
def test_some_columns_are_that_part_of_all(row, data):
    event, content = row
    frame = CODEC.frame(event, encode_row(event, content))
    whole = CODEC.decode(frame, event)
    columns = data.draw(st.lists(st.sampled_from(sorted(whole)), unique=True).map(tuple))
    assert CODEC.decode(frame, event, columns) == {name: whole[name] for name in columns}


@thorough
@given(rows(), st.data())
def test_an_event_of_an_older_schema_is_read_with_defaults(row, data):
    event, content = row
    record = CODEC.decode(CODEC.frame(event, encode_row(event, content)), event)
    schema = json.loads(avsc(event))
    lacking = data.draw(st.lists(st.sampled_from(sorted(record)), min_size=1, max_size=5, unique=True))
    defaults = {field["name"]: field["default"] for field in schema["fields"] if field["name"] in lacking}
    schema["fields"] = [field for field in schema["fields"] if field["name"] not in lacking]
    buffer = io.BytesIO()
    buffer.write(struct.pack(">bI", 0, 7000))
    fastavro.schemaless_writer(buffer, schema, record)
    codec = Codec(IDS, {7000: (event, json.dumps(schema))})
    assert codec.decode(buffer.getvalue(), event) == record | defaults


@thorough
@given(rows(), st.data())
def test_a_body_cut_short_or_run_on_is_undecodable(row, data):
    event, content = row
    body = encode_row(event, content)
    cut = body[: data.draw(st.integers(0, len(body) - 1))]
    for wrong in (cut, body + data.draw(st.binary(min_size=1, max_size=4))):
        try:
            CODEC.decode(CODEC.frame(event, wrong), event)
        except Undecodable:
            continue
        raise AssertionError(wrong)


@thorough
@given(rows(), st.data())
def test_a_damaged_body_decodes_or_is_undecodable(row, data):
    event, content = row
    body = bytearray(encode_row(event, content))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        match data.draw(st.sampled_from(["flip", "insert", "drop"])):
            case "flip":
                body[at] ^= 1 << data.draw(st.integers(0, 7))
            case "insert":
                body[at:at] = data.draw(st.sampled_from(HOSTILE) | st.binary(min_size=1, max_size=4))
            case _:
                del body[at + 1 : at + 1 + data.draw(st.integers(1, 8))]
    decoded_or_refused(event, bytes(body))


@thorough
@given(st.sampled_from(sorted(CATALOGUE)), st.binary(max_size=120) | st.lists(st.sampled_from(HOSTILE)).map(b"".join))
def test_any_body_decodes_or_is_undecodable(event, body):
    frame = CODEC.frame(event, body)
    with suppress(Undecodable):
        assert isinstance(CODEC.decode(frame, event), dict)


@thorough
@given(st.sampled_from(sorted(CATALOGUE)), st.binary(max_size=40))
def test_any_bytes_decode_or_are_undecodable(event, data):
    with suppress(Undecodable):
        assert isinstance(CODEC.decode(data, event), dict)
