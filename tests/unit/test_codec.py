"""An event is framed Avro: what a row said comes back, and what is no event is refused."""

from __future__ import annotations

import io
import json
import struct
from decimal import Decimal

import fastavro
import pytest

from schemas import CATALOGUE, Codec, Undecodable, avsc, content_of, encode_row, encode_values
from schemas.values import Wrong

IDS = {name: number for number, name in enumerate(CATALOGUE, 1)}
CODEC = Codec(IDS, {number: (name, avsc(name)) for name, number in IDS.items()})
ROW_EVENTS = sorted(set(CATALOGUE) - {"ExportRead"})
PURCHASE = {"kd_nontender": "10002513000", "pagu": "79691100", "kd_rup": "53613698; 53613699"}
HUGE = (b"\xfe" * 9 + b"\x01", b"\xff" * 9 + b"\x01", b"\x80" * 20 + b"\x02", b"\xfe\xff\xff\xff\x0f")
"""Lengths as Avro writes them, of up to 2^62 either way."""


def decoded(event: str, content: dict[str, str], columns: tuple[str, ...] | None = None) -> dict[str, object]:
    """What comes back of a row."""
    return CODEC.decode(CODEC.frame(event, encode_row(event, content)), event, columns)


def whole_row(event: str) -> dict[str, str]:
    """A row that states every column of its schema and one more."""
    columns = {field.get("raw_of", field["name"]) for field in json.loads(avsc(event))["fields"]} - {"extra"}
    money = {field["name"] for field in json.loads(avsc(event))["fields"] if "bytes" in str(field["type"])}
    return {name: "-1234.5" if name in money else f"{name}, é" for name in sorted(columns | {"kolom_baru"})}


def without(event: str, field: str) -> str:
    """The schema as it was before a field came."""
    schema = json.loads(avsc(event))
    schema["fields"] = [one for one in schema["fields"] if one["name"] != field]
    return json.dumps(schema)


@pytest.mark.parametrize("event", ROW_EVENTS)
def test_a_whole_row_comes_back(event):
    content = whole_row(event)
    assert content_of(event, decoded(event, content)) == content


@pytest.mark.parametrize("event", ROW_EVENTS)
def test_an_empty_row_comes_back(event):
    record = decoded(event, {})
    assert content_of(event, record) == {}
    assert {name: value for name, value in record.items() if value is not None} == {
        field["name"]: field["default"] for field in json.loads(avsc(event))["fields"] if field["default"] is not None
    }


def test_a_field_is_parsed_and_its_raw_text_stands_beside_it():
    record = decoded("PurchaseAnnounced", {**PURCHASE, "hps": "-0.5", "mak": " a ;b,"})
    assert (record["pagu"], record["pagu_raw"]) == (Decimal("79691100.00"), "79691100")
    assert (record["hps"], record["hps_raw"]) == (Decimal("-0.50"), "-0.5")
    assert (record["kd_rup"], record["kd_rup_raw"]) == (["53613698", "53613699"], "53613698; 53613699")
    assert (record["mak"], record["mak_raw"]) == (["a", "b"], " a ;b,")
    assert record["extra"] == {}


@pytest.mark.parametrize(
    "amount",
    [
        *("0", "-0.01", "0.01", "1.27", "1.28", "-1.28", "-1.29", "327.67", "327.68", "-327.68", "-327.69"),
        *("999999999999999999.99", "-999999999999999999.99", "92233720368547758.07", "92233720368547758.08"),
    ],
)
def test_money_comes_back_exactly(amount):
    assert decoded("ProgramListed", {"pagu_program": amount})["pagu_program"] == Decimal(amount)


@pytest.mark.parametrize("blank", ["-", " ", "\u00a0"])
def test_blank_money_is_null_never_zero(blank):
    record = decoded("ProgramListed", {"pagu_program": blank})
    assert (record["pagu_program"], record["pagu_program_raw"]) == (None, blank)


@pytest.mark.parametrize("text", ["1,5 jt", "1e18", "0.001"])
def test_a_row_whose_money_is_wrong_is_not_encoded_and_the_column_is_named(text):
    column, wrong = encode_row("PurchaseAnnounced", {**PURCHASE, "hps": text})
    assert column == "hps"
    assert isinstance(wrong, Wrong)
    assert wrong.raw == text


@pytest.mark.parametrize("raw", [";", " , ;", "\n"])
def test_a_link_column_without_any_link_is_an_empty_array(raw):
    record = decoded("PurchaseAnnounced", {"kd_rup": raw, "mak": raw})
    assert (record["kd_rup"], record["mak"]) == ([], [])
    assert (record["kd_rup_raw"], record["mak_raw"]) == (raw, raw)


@pytest.mark.parametrize("length", [63, 64, 127, 128, 2047, 2048, 2049, 8191, 8192, 100_000])
@pytest.mark.parametrize("character", ["x", "é", "\U0001f600"])
def test_long_texts_come_back(length, character):
    content = {"kolom_baru": character * length, "nama_satker": character * length}
    assert content_of("UnitListed", decoded("UnitListed", content)) == content


@pytest.mark.parametrize("name", ["kolom baru", "", "extra", "kd_rup_raw", "pagu_raw", "'\"\\{}"])
def test_an_unknown_column_is_kept_whatever_its_name(name):
    content = dict(sorted({**PURCHASE, name: "isi"}.items()))
    record = decoded("PurchaseAnnounced", content)
    assert record["extra"] == {name: "isi"}
    assert content_of("PurchaseAnnounced", record) == content


def test_a_column_alone_can_be_asked():
    assert decoded("PurchaseAnnounced", PURCHASE, ("kd_rup", "pagu")) == {
        "kd_rup": ["53613698", "53613699"],
        "pagu": Decimal("79691100.00"),
    }
    assert decoded("PurchaseAnnounced", PURCHASE, ()) == {}


def test_a_column_that_no_schema_has_is_a_mistake_of_the_caller():
    with pytest.raises(KeyError, match="kolom_baru"):
        decoded("PurchaseAnnounced", PURCHASE, ("pagu", "kolom_baru"))


def test_a_record_with_the_schema_s_own_types_comes_back():
    record = {
        "source": "isb",
        "kind": "spse-nontender-kontrak",
        "file": "é.json",
        "rows": 2**62,
        "copies": 0,
        "sha256": "ab" * 32,
        "observed": "2025-10-03T00:00:00.000Z",
        "pulled": None,
        "as_of": "2025-10-03",
        "tahun_anggaran": "2025",
    }
    frame = CODEC.frame("ExportRead", encode_values("ExportRead", record))
    assert CODEC.decode(frame, "ExportRead") == record
    assert CODEC.decode(frame, "ExportRead", ("rows", "as_of")) == {"rows": 2**62, "as_of": "2025-10-03"}


def test_the_frame_is_that_of_the_confluent_registry():
    codec = Codec({"UnitListed": 0x01020304}, {})
    assert codec.frame("UnitListed", b"body") == b"\0\x01\x02\x03\x04body"
    assert codec.schema_id("UnitListed") == 0x01020304


@pytest.mark.parametrize(
    ("frame", "why"),
    [
        (b"", "shorter than the 5-byte frame"),
        (b"\0\0\0\0", "shorter than the 5-byte frame"),
        (b"\x01\0\0\0\x01\0", "begins with byte 1"),
        (b"\xff\0\0\0\x01\0", "begins with byte"),
        (b'{"a": 1}', "begins with byte"),
        (b"\0\xff\xff\xff\xff\0", "schema id 4294967295 is not in the registry"),
        (struct.pack(">bI", 0, IDS["ProgramListed"]), "is ProgramListed, the event says UnitListed"),
        (struct.pack(">bI", 0, IDS["UnitListed"]), "body does not fit UnitListed"),
    ],
)
def test_bytes_that_are_no_event_are_undecodable_and_say_why(frame, why):
    with pytest.raises(Undecodable, match=why) as caught:
        CODEC.decode(frame, "UnitListed")
    assert caught.value.retriable is False


@pytest.mark.parametrize("tail", [b"\0", b"x", b"\0" * 1000])
def test_bytes_behind_the_body_are_undecodable(tail):
    frame = CODEC.frame("PurchaseAnnounced", encode_row("PurchaseAnnounced", PURCHASE))
    with pytest.raises(Undecodable, match="ends at byte"):
        CODEC.decode(frame + tail, "PurchaseAnnounced")


@pytest.mark.parametrize("length", HUGE)
@pytest.mark.parametrize("column", ["kd_klpd", "kd_rup", "pagu", "mak", "extra"])
def test_a_huge_or_negative_length_is_undecodable(column, length):
    fields = json.loads(avsc("PurchaseAnnounced"))["fields"]
    names = [field["name"] for field in fields]
    branch = b"\x02" if isinstance(fields[names.index(column)]["type"], list) else b""
    body = b"\0" * names.index(column) + branch + length
    for rest in (b"", b"\0" * 64, b"\x02a" * 64):
        with pytest.raises(Undecodable):
            CODEC.decode(CODEC.frame("PurchaseAnnounced", body + rest), "PurchaseAnnounced")


@pytest.mark.parametrize("place", range(9))
def test_a_negative_length_is_undecodable_even_if_the_rest_would_fit(place):
    body = b"\0" * place + b"\x02\x01" + b"\0" * (9 - place)
    with pytest.raises(Undecodable, match="length"):
        CODEC.decode(CODEC.frame("UnitListed", body), "UnitListed")


def test_a_branch_that_no_field_has_is_undecodable():
    with pytest.raises(Undecodable, match="no known branch"):
        CODEC.decode(CODEC.frame("UnitListed", b"\x04" + b"\0" * 9), "UnitListed")


@pytest.mark.parametrize("event", ROW_EVENTS)
@pytest.mark.parametrize("place", [0, 1, -1])
def test_an_event_of_an_older_schema_is_read_with_the_default_of_what_it_lacks(event, place):
    field = json.loads(avsc(event))["fields"][place]
    schema = without(event, field["name"])
    codec = Codec(IDS, {7000: (event, schema)})
    record = decoded(event, whole_row(event))
    old = {name: value for name, value in record.items() if name != field["name"]}
    buffer = io.BytesIO(struct.pack(">bI", 0, 7000))
    buffer.seek(0, io.SEEK_END)
    fastavro.schemaless_writer(buffer, json.loads(schema), old)
    assert codec.decode(buffer.getvalue(), event) == {**old, field["name"]: field["default"]}
    columns = tuple(sorted(record))[::3]
    assert codec.decode(buffer.getvalue(), event, columns) == {
        name: old.get(name, field["default"]) for name in columns
    }
    with pytest.raises(Undecodable):
        codec.decode(buffer.getvalue()[:-1], event)
    with pytest.raises(Undecodable):
        codec.decode(buffer.getvalue() + b"\0", event)
