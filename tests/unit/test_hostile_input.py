"""Input that once crashed the bus, slowed it down, or was read wrongly."""

from __future__ import annotations

import io
import json
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest

from adapters import absensi
from adapters.isb import read_file
from adapters.jsonrows import JsonRow, json_rows
from bus.intake import Rejected
from bus.rows import Fact, rows_of
from schemas import CATALOGUE, Codec, Envelope, Malformed, Undecodable, avsc, read_headers, write_headers
from schemas.compiled import _long
from schemas.times import instant, utc_text
from schemas.values import Wrong

WITA = ZoneInfo("Asia/Makassar")
IDS = {name: number for number, name in enumerate(CATALOGUE, 1)}
CODEC = Codec(IDS, {number: (name, avsc(name)) for name, number in IDS.items()})
ROW = {"kd_nontender": "1", "no_kontrak": "2", "nilai_kontrak": "3", "jenis_kontrak": "x"}


class Dribble:
    def __init__(self, data, size):
        self._stream, self._size = io.BytesIO(data), size

    def read(self, size, /):
        return self._stream.read(min(size, self._size))


def isb(row):
    data = json.dumps([row]).encode()
    [item] = read_file(io.BytesIO(data), file="f.json", kind="spse-nontender-kontrak", zone=WITA, observed="o")
    return item


def attlog(data, device="SN"):
    return list(absensi.read_file(io.BytesIO(data), file="f", zone=WITA, observed="o", device=device))


# -- Dates at the edge of the calendar
@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01 07:00:00", "9999-12-31 23:59:59-05:00"])
def test_a_time_that_is_read_can_be_written(text):
    moment = instant(text, WITA, trust_offset=True)
    assert isinstance(moment, Wrong) or utc_text(moment)


@pytest.mark.parametrize("column", ["_event_date", "_inserted_date", "tgl_penarikan"])
def test_a_row_with_date_0001_is_rejected(column):
    assert isinstance(isb({**ROW, column: "0001-01-01"}), Rejected)


def test_a_row_whose_event_time_is_0001_can_be_published():
    stated = isb({**ROW, "tgl_kontrak": "0001-01-01"})
    if not isinstance(stated, Rejected):
        write_headers(Envelope("i", stated.event, "/s", stated.key, "", "o", "d", stated.event_ms), 1)


def test_a_punch_of_year_1_is_rejected():
    assert isinstance(attlog(b"1\t0001-01-01 00:00:00\t1\t0\t0")[0], Rejected)


# -- Half a surrogate pair in an export column gets into the message
def test_a_message_is_text_that_can_be_stored():
    isb({**ROW, "_event_date": "\ud800"}).message.encode()


# -- Six named columns without a device
def test_six_named_columns_without_device_are_rejected():
    [item] = attlog(b"pin,name,time,status,verify,workcode\n1,A,2025-01-01 07:00:00,0,1,0", None)
    assert item.reason == "missing_device"


# -- Rows depend on where blocks end
@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
@pytest.mark.parametrize(
    "data",
    [
        b'[{"a":"x}, {y"}]',
        b'[{"a":1} {"b":2}, {"c":3}]',
        b'[12.5, {"a":1}]',
        b'[1e+5,{"a":1}]',
        b'\xef\xbb\xbf[{"a":1}]',
        '[{"a":1}]'.encode("utf-16"),
    ],
)
def test_rows_are_the_same_however_the_file_arrives(data, size):
    def seen(stream):
        return [(row.number, getattr(row, "reason", "row"), type(row)) for row in json_rows(stream)]

    assert seen(Dribble(data, size)) == seen(io.BytesIO(data))


def test_with_blocks_of_the_real_size():
    filler = b'{"f": "' + b"x" * 100 + b'"}, '
    head = b"[" + filler * ((1 << 18) // len(filler) - 1)
    row = b'{"nama": "a}, {b' + b"y" * 300 + b'"}]'
    found = list(json_rows(io.BytesIO(head + row)))
    assert [row for row in found if not isinstance(row, JsonRow)] == []


def test_a_missing_comma_at_a_real_block_end():
    filler = b'{"f": "' + b"x" * 100 + b'"}, '
    head = b"[" + filler * ((1 << 18) // len(filler) - 1)
    data = head + b'{"a": 1} {"b": "' + b"y" * 300 + b'"}, ' + b'{"c": 3}, ' * 9 + b'{"d": 4}]'
    assert not any(getattr(row, "damaged", False) for row in json_rows(io.BytesIO(data)))


# -- Codec: length of a varint, and money too large
def test_a_long_run_of_continuation_bytes_is_refused_at_once():
    frame = CODEC.frame("UnitListed", b"\x02" + b"\xff" * 400_000)
    with pytest.raises(Undecodable, match="64 bits"):
        CODEC.decode(frame, "UnitListed")


def money(length):
    names = [field["name"] for field in json.loads(avsc("ProgramListed"))["fields"]]
    at = names.index("pagu_program")
    body = b"\0" * at + b"\x02" + _long(length) + b"\x7f" * length + b"\0" * (len(names) - at - 1)
    return CODEC.frame("ProgramListed", body)


def test_money_that_decimal_20_2_cannot_hold_is_undecodable_not_rounded():
    with pytest.raises(Undecodable):
        CODEC.decode(money(20), "ProgramListed")


def test_money_of_430_kb_is_undecodable():  # 25 s, then decimal.Overflow
    with pytest.raises(Undecodable):
        CODEC.decode(money(430_000), "ProgramListed")


def test_a_long_beyond_64_bits_is_undecodable():
    body = b"\0" * 3 + b"\xfe" * 12 + b"\x01" + b"\0" * 5
    with pytest.raises(Undecodable):
        CODEC.decode(CODEC.frame("ExportRead", body), "ExportRead")


# -- Envelope
@pytest.mark.parametrize("value", [b"2025-01-01T00:00:00", b"2025-01-01", b"2025-W01-1"])
def test_a_time_without_offset_is_malformed(value):
    headers = dict(write_headers(Envelope("i", "UnitListed", "/s", "k", "", "o", "d", 5), 1)) | {"ce_time": value}
    with pytest.raises(Malformed):
        read_headers(tuple(headers.items()))


# -- Spellings of one number that tidy_version leaves apart
@pytest.mark.parametrize(("one", "other"), [("1.5", "1.50"), ("1", "+1"), ("0", "-0"), ("10", "1e1")])
def test_arrival_does_not_choose_the_current_row(one, other):
    facts = [Fact("n", "ContractSigned", "k", v, "o", None, 0, d, d, b"") for v, d in ((one, "a"), (other, "b"))]
    currents = {
        rows_of(order, lambda _: {}, lambda fact: {"d": fact.digest})[0].current.event_id
        for order in permutations(facts)
    }
    assert len(currents) == 1


# -- Keys: a | in a number makes two keys one
def test_parts_of_a_key_are_unambiguous():
    base = {"kd_nontender": "1", "no_spmk_spp": "x", "tgl_spmk_spp": None}
    keys = set()
    for contract, order in (("A|B", "C"), ("A", "B|C")):
        data = json.dumps([base | {"no_kontrak": contract, "no_spmk_spp": order}]).encode()
        [item] = read_file(io.BytesIO(data), file="f", kind="spse-nontender-spmk", zone=WITA, observed="o")
        keys.add(item.key)
    assert len(keys) == 2


# -- Redrive of a line of a file with a header forgets the header
def test_a_line_read_again_is_the_punch_of_its_file():
    data = b"SN,PIN,Time\nSN1,1001,2025-01-01 07:00:00"
    [first] = attlog(data, "GIVEN")
    again = absensi.read_original(first.original, file="f", zone=WITA, observed="o", device="GIVEN")
    assert isinstance(again, Rejected) or again.key == first.key
