"""A row of the procurement feed becomes a statement under its key, or is rejected with its reason."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters import SOURCES, kind_of
from adapters.isb import LAYOUTS, read_file, read_original
from bus.intake import Rejected, Stated
from schemas import EXPORT_COLUMNS

WIB, WITA = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar")
GIVEN = "2025-10-01T00:00:00.000Z"
UNIT = "1.02.0.00.0.00.02.0000"
KONTRAK, BAPBAST = "spse-nontender-kontrak", "spse-nontender-bapbast"

NONTENDER = {"kd_nontender": 10002513000, "kd_satker": "11293093", "kd_satker_str": UNIT, "tahun_anggaran": 2025}
TENDER = {"kd_tender": 10002513000, "kd_satker": "11293093", "kd_satker_str": UNIT, "tahun_anggaran": 2025}
SPPBJ = {"no_sppbj": " 027/ 06/sppbj", "tgl_sppbj": "2025-02-03T00:00:00.000000Z", "harga_final": 79691100.5}
SIGNED = {
    "no_sppbj": "027/06/sppbj",
    "no_kontrak": "027/07 /spk",
    "tgl_kontrak": "2025-02-24T00:00:00.000000Z",
    "nilai_kontrak": 79691100,
    "jenis_kontrak": "Lumsum",
    "versi_addendum": "01",
}
SPMK = {
    "no_kontrak": "027/07/SPK",
    "tgl_kontrak": "2025-02-24",
    "no_spmk_spp": "027/ 08 /spmk",
    "tgl_spmk_spp": "Mar 3, 2025, 12:00:00AM",
    "versi_addendum": 0,
}
HANDOVER = {
    "no_kontrak": "027/07/SPK",
    "tgl_kontrak": "2025-02-24",
    "nilai_kontrak": 79691100,
    "no_bast": "027/09/bast",
    "tgl_bast": "2025-03-17T00:00:00.000000Z",
    "no_bap": " 027/10/bap",
    "tgl_bap": "Mar 18, 2025, 12:00:00AM",
    "besar_pembayaran": 79691100,
    "versi_addendum": 2,
}
MASTER = {"kd_satker": 60414, "tahun_anggaran": 2025}

# One row of each kind: file kind, row, event, key, version, day it happened, unit.
ROWS = [
    (
        "rup-master-satker",
        MASTER | {"kd_satker_str": UNIT, "nama_satker": "Dinas", "status_satker": "Aktif"},
        "UnitListed",
        UNIT,
        "",
        None,
        UNIT,
    ),
    (
        "rup-program-master",
        MASTER | {"kd_program": 7, "kd_program_str": "1.02.02", "pagu_program": 5},
        "ProgramListed",
        "7",
        "",
        None,
        None,
    ),
    (
        "rup-kegiatan-master",
        MASTER | {"kd_program": 7, "kd_kegiatan": 8, "kd_kegiatan_str": "1.02.02.1.01", "pagu_kegiatan": 5},
        "KegiatanListed",
        "8",
        "",
        None,
        None,
    ),
    (
        "rup-subkegiatan-master",
        MASTER
        | {"kd_program": 7, "kd_kegiatan": 8, "kd_subkegiatan": 9, "kd_subkegiatan_str": "x", "pagu_subkegiatan": 5},
        "SubKegiatanListed",
        "9",
        "",
        None,
        None,
    ),
    (
        "rup-struktur-anggaran-pd",
        MASTER | {"kd_satker_str": UNIT, "nama_satker": "Dinas", "total_belanja": 5},
        "UnitBudgetListed",
        UNIT,
        "",
        None,
        UNIT,
    ),
    (
        "spse-nontender-pengumuman",
        NONTENDER | {"versi_nontender": 2, "hps": 5, "mak": None, "tgl_pengumuman_nontender": "2025-01-31 14:00:00Z"},
        "PurchaseAnnounced",
        "10002513000",
        "2",
        (2025, 1, 31, 14),
        UNIT,
    ),
    (
        "spse-nontender-selesai",
        NONTENDER
        | {
            "hps": 5,
            "nilai_kontrak": 4,
            "tgl_pengumuman_nontender": "2025-01-31",
            "tgl_selesai_nontender": "2025-02-28 16:00:00",
        },
        "PurchaseCompleted",
        "10002513000",
        "",
        (2025, 2, 28, 16),
        UNIT,
    ),
    (
        "spse-tender-pengumuman",
        TENDER | {"versi_tender": "1", "hps": 5, "tgl_pengumuman_tender": "2025-01-31"},
        "TenderAnnounced",
        "10002513000",
        "1",
        (2025, 1, 31),
        UNIT,
    ),
    (
        "spse-tender-selesai",
        TENDER | {"hps": 5, "status_tender": "Selesai", "tgl_penetapan_pemenang": "2025-03-07 15:00:00"},
        "TenderCompleted",
        "10002513000",
        "",
        (2025, 3, 7, 15),
        UNIT,
    ),
    (
        "spse-tender-selesai-nilai",
        {"kd_tender": 10002513000, "kd_satker": UNIT, "nilai_penawaran": 5, "tgl_penetapan_pemenang": "2025-03-07"},
        "TenderAwarded",
        "10002513000",
        "",
        (2025, 3, 7),
        UNIT,
    ),
    (
        "ecat-paket-v6",
        {"kd_paket": " 01K32QD12X ", "kd_satker_str": UNIT, "tgl_order": "2025-08-27", "total_harga": 5},
        "CatalogueOrderPlaced",
        "01K32QD12X",
        "",
        (2025, 8, 27),
        UNIT,
    ),
    (
        "spse-nontender-sppbj",
        NONTENDER | SPPBJ,
        "AwardLetterIssued",
        "NT:10002513000|027/06/SPPBJ",
        "",
        (2025, 2, 3),
        UNIT,
    ),
    (
        "spse-tender-sppbj",
        TENDER | SPPBJ,
        "AwardLetterIssued",
        "T:10002513000|027/06/SPPBJ",
        "",
        (2025, 2, 3),
        UNIT,
    ),
    (
        KONTRAK,
        NONTENDER | SIGNED,
        "ContractSigned",
        "NT:10002513000|027/07/SPK",
        "1",
        (2025, 2, 24),
        UNIT,
    ),
    (
        "spse-tender-kontrak",
        TENDER | SIGNED,
        "ContractSigned",
        "T:10002513000|027/07/SPK",
        "1",
        (2025, 2, 24),
        UNIT,
    ),
    (
        "spse-nontender-spmk",
        NONTENDER | SPMK,
        "WorkOrderIssued",
        "NT:10002513000|027/07/SPK|027/08/SPMK",
        "0",
        (2025, 3, 3),
        UNIT,
    ),
    (
        "spse-tender-spmk",
        TENDER | SPMK,
        "WorkOrderIssued",
        "T:10002513000|027/07/SPK|027/08/SPMK",
        "0",
        (2025, 3, 3),
        UNIT,
    ),
    (
        BAPBAST,
        NONTENDER | HANDOVER,
        "HandoverRecorded",
        "NT:10002513000|027/07/SPK|027/10/BAP|2025-03-18",
        "",
        (2025, 3, 18),
        UNIT,
    ),
    (
        "spse-tender-bapbast",
        TENDER | HANDOVER,
        "HandoverRecorded",
        "T:10002513000|027/07/SPK|027/10/BAP|2025-03-18",
        "",
        (2025, 3, 18),
        UNIT,
    ),
]
KINDS = [kind for kind, *_ in ROWS]
SAMPLE = {kind: row for kind, row, *_ in ROWS}


def items(kind: str, data: bytes, zone: ZoneInfo = WITA) -> list[Stated | Rejected]:
    return list(read_file(io.BytesIO(data), file=f"{kind}.json", kind=kind, zone=zone, observed=GIVEN))


def read(kind: str, row: object, zone: ZoneInfo = WITA) -> Stated | Rejected:
    """What becomes of one row."""
    [item] = items(kind, b"[" + (row if isinstance(row, bytes) else json.dumps(row).encode()) + b"]", zone)
    return item


def local(*parts: int, zone: ZoneInfo = WITA) -> int:
    """Milliseconds of a local time."""
    return int(datetime(*parts, tzinfo=zone).timestamp()) * 1000


def text(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def test_every_kind_of_the_feed_is_read():
    assert sorted(KINDS) == sorted(LAYOUTS)


@pytest.mark.parametrize(("kind", "row", "event", "key", "version", "day", "unit"), ROWS, ids=KINDS)
def test_a_row_is_a_statement_about_its_key(kind, row, event, key, version, day, unit):
    stated = read(kind, row)
    assert isinstance(stated, Stated)
    assert (stated.event, stated.key, stated.version, stated.unit) == (event, key, version, unit)
    assert stated.event_ms == (None if day is None else local(*day))
    assert (stated.observed, stated.place) == (GIVEN, "row 1")
    assert stated.original == json.dumps(row).encode()


def test_times_are_those_of_the_source_s_zone_and_its_z_is_not_believed():
    row = SAMPLE[KONTRAK] | {"tgl_kontrak": "2025-02-24T00:00:00.000000Z", "_event_date": "2025-10-03T00:00:00Z"}
    for zone in (WIB, WITA):
        stated = read(KONTRAK, row, zone)
        assert stated.event_ms == local(2025, 2, 24, zone=zone)
        assert stated.observed == text(local(2025, 10, 3, zone=zone))


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_under_the_name_of_another_kind_is_no_statement(kind):
    taken = {other: read(other, SAMPLE[kind]) for other in LAYOUTS if other != kind}
    assert {item.reason for item in taken.values()} <= {"wrong_layout", "missing_key"}
    named = [item.message for item in taken.values() if item.reason == "wrong_layout"]
    assert named
    assert all(f"looks like {kind}" in message or f" or {kind}" in message for message in named)


def test_content_is_every_stated_column_but_the_export_s_in_alphabetical_order():
    row = (
        b'{"no_kontrak": " 1 ", "nilai_kontrak": 79691100.50, "jenis_kontrak": null, "kd_nontender": "2", "a": "",'
        b' "z": true, "y": [1, {"b": null}], "_event_date": "2025-10-03", "tgl_penarikan": null}'
    )
    assert list(read(KONTRAK, row).content.items()) == [
        ("kd_nontender", "2"),
        ("nilai_kontrak", "79691100.50"),
        ("no_kontrak", " 1 "),
        ("y", '["1",{"b":null}]'),
        ("z", "true"),
    ]


@pytest.mark.parametrize("column", sorted(EXPORT_COLUMNS))
def test_another_export_of_a_row_has_the_same_content(column):
    row = SAMPLE[KONTRAK]
    first, second = (read(KONTRAK, row | {column: day}) for day in ("2025-10-03", "2025-10-04"))
    assert first.content == second.content == read(KONTRAK, row).content
    assert first.observed < second.observed


@pytest.mark.parametrize(
    ("columns", "observed"),
    [
        ({}, GIVEN),
        ({"_event_date": None, "_inserted_date": "", "tgl_penarikan": "-"}, GIVEN),
        ({"_event_date": "2025-10-03"}, text(local(2025, 10, 3))),
        ({"_event_date": "Oct 3, 2025, 12:00:00AM"}, text(local(2025, 10, 3))),
        ({"_inserted_date": "2025-10-03 07:30:00Z"}, text(local(2025, 10, 3, 7, 30))),
        ({"tgl_penarikan": "2025-10-03"}, text(local(2025, 10, 3))),
        (
            {"_event_date": "2025-10-03", "_inserted_date": "2025-10-04 01:00:00", "tgl_penarikan": "2025-10-05"},
            f"{text(local(2025, 10, 3))}/{text(local(2025, 10, 4, 1))}",
        ),
    ],
)
def test_a_row_is_observed_when_its_export_says_else_as_given(columns, observed):
    assert read(KONTRAK, SAMPLE[KONTRAK] | columns).observed == observed


@pytest.mark.parametrize("spelling", ["027/07/SPK", " 027/07/spk", "027 / 07 / Spk", "027/07/SPK\u00a0\t"])
def test_a_contract_has_one_key_however_its_number_is_typed(spelling):
    assert read(KONTRAK, SAMPLE[KONTRAK] | {"no_kontrak": spelling}).key == "NT:10002513000|027/07/SPK"


@pytest.mark.parametrize(
    ("columns", "end"),
    [
        ({}, "027/10/BAP|2025-03-18"),
        ({"no_bap": "-"}, "027/09/BAST|2025-03-18"),
        ({"no_bap": " "}, "027/09/BAST|2025-03-18"),
        ({"no_bap": None}, "027/09/BAST|2025-03-18"),
        ({"no_bast": None}, "027/10/BAP|2025-03-18"),
        ({"tgl_bap": "2025-03-18T23:59:59.000000Z"}, "027/10/BAP|2025-03-18"),
        ({"tgl_bap": "18-03-2025"}, "027/10/BAP|2025-03-18"),
        ({"tgl_bap": None}, "027/10/BAP|"),
        ({"tgl_bap": "-"}, "027/10/BAP|"),
    ],
)
def test_a_handover_s_key_is_its_payment_record_else_its_handover_record_and_the_date(columns, end):
    assert read(BAPBAST, SAMPLE[BAPBAST] | columns).key == f"NT:10002513000|027/07/SPK|{end}"


@pytest.mark.parametrize("blank", [None, "", "-"])
def test_a_blank_event_time_is_the_next_column_s_or_not_stated(blank):
    row = SAMPLE[BAPBAST] | {"tgl_bap": blank}
    assert read(BAPBAST, row).event_ms == local(2025, 3, 17)
    assert read(BAPBAST, row | {"tgl_bast": blank}).event_ms is None


@pytest.mark.parametrize(
    ("stated", "version"), [(0, "0"), ("0", "0"), ("01", "1"), (2.0, "2"), (None, ""), ("", ""), (" 10 ", "10")]
)
def test_spellings_of_a_version_are_one_version(stated, version):
    assert read(KONTRAK, SAMPLE[KONTRAK] | {"versi_addendum": stated}).version == version


@pytest.mark.parametrize("code", [None, "60414", "1.02.0.00.0.00.02", "-"])
def test_a_unit_that_is_no_unit_code_is_none(code):
    assert read(KONTRAK, SAMPLE[KONTRAK] | {"kd_satker_str": code}).unit is None


@pytest.mark.parametrize(
    ("kind", "row", "reason", "said", "key"),
    [
        (KONTRAK, {"hps": 5, "kd_nontender": 7}, "wrong_layout", "no_kontrak, nilai_kontrak, jenis_kontrak", "NT:7"),
        (KONTRAK, {}, "wrong_layout", "no row of spse-nontender-kontrak", None),
        (KONTRAK, SIGNED, "missing_key", "no column kd_nontender", None),
        (KONTRAK, SAMPLE[KONTRAK] | {"kd_nontender": None}, "missing_key", "kd_nontender is blank", None),
        (KONTRAK, SAMPLE[KONTRAK] | {"kd_nontender": " "}, "missing_key", "kd_nontender is blank", None),
        (KONTRAK, SAMPLE[KONTRAK] | {"no_kontrak": "\u00a0"}, "missing_key", "no_kontrak is blank", "NT:10002513000"),
        (BAPBAST, SAMPLE[BAPBAST] | {"no_bap": "-", "no_bast": None}, "missing_key", "no_bap is", "NT:10002513000"),
        (KONTRAK, SAMPLE[KONTRAK] | {"tgl_kontrak": "31-02-2025"}, "bad_date", 'tgl_kontrak "31-02-2025"', None),
        (KONTRAK, SAMPLE[KONTRAK] | {"_event_date": "soon"}, "bad_date", '_event_date "aaaa"', None),
        (
            KONTRAK,
            SAMPLE[KONTRAK] | {"_event_date": "2025-10-03", "_inserted_date": "x"},
            "bad_date",
            '_inserted_date "x"',
            None,
        ),
        (BAPBAST, SAMPLE[BAPBAST] | {"tgl_bap": "besok"}, "bad_date", 'tgl_bap "aaaaa"', "NT:10002513000"),
        (KONTRAK, SAMPLE[KONTRAK] | {"nama_paket": "a\0b"}, "nul_byte", "nama_paket holds a NUL", "NT:10002513000"),
        (KONTRAK, SAMPLE[KONTRAK] | {"a\0b": "x"}, "nul_byte", "holds a NUL", "NT:10002513000"),
        (KONTRAK, SAMPLE[KONTRAK] | {"nama_paket": "\ud800"}, "wrong_encoding", "half a surrogate", "NT:10002513000"),
        (KONTRAK, SAMPLE[KONTRAK] | {"x": [{"y": "\udfff"}]}, "wrong_encoding", "half a surrogate", "NT:10002513000"),
        (KONTRAK, b'{"kd_nontender": "7", "a": "Caf\xe9"}', "wrong_encoding", "no UTF-8", "NT:7"),
        (KONTRAK, b'{"kd_nontender": "7", "a": tru}', "bad_json", "is no JSON", "NT:7"),
        (KONTRAK, b'{"kd_nontender": "7", "a": "\0"}', "bad_json", "is no JSON", "NT:7"),
        (KONTRAK, [SAMPLE[KONTRAK]], "not_an_object", "is an array", "NT:10002513000"),
        (KONTRAK, 42, "not_an_object", "not an object", None),
        (KONTRAK, SAMPLE[KONTRAK] | {"nama_paket": "x" * 2**20}, "oversize", "the limit is", "NT:10002513000"),
    ],
)
def test_a_row_that_cannot_be_used_says_why_where_and_which(kind, row, reason, said, key):
    rejected = read(kind, row)
    assert isinstance(rejected, Rejected)
    assert (rejected.reason, rejected.place, rejected.damaged) == (reason, "row 1", False)
    assert rejected.message.startswith(f"{kind}.json row 1")
    assert said in rejected.message
    assert rejected.message.endswith(".")
    assert rejected.original == (row if isinstance(row, bytes) else json.dumps(row).encode())
    if key is not None:
        assert rejected.key.startswith(key)


@pytest.mark.parametrize("row", [{}, SIGNED, SAMPLE[KONTRAK] | {"kd_nontender": None}, 42])
def test_a_row_without_a_key_is_rejected_without_a_key(row):
    assert read(KONTRAK, row).key is None


def test_a_good_row_beside_a_bad_one_is_a_statement():
    good, bad = (json.dumps(SAMPLE[KONTRAK]).encode(), b'{"kd_nontender": 7, "a": "\\u0000"}')
    found = items(KONTRAK, b"[" + b",".join([good, bad, good]) + b"]")
    assert [type(item) for item in found] == [Stated, Rejected, Stated]
    assert [item.place for item in found] == ["row 1", "row 2", "row 3"]


@pytest.mark.parametrize(
    ("data", "reason", "place", "before"),
    [
        (b"", "empty_file", "start", 0),
        (b'{"error": "token expired"}', "not_an_array", "start", 0),
        ("[]".encode("utf-16"), "wrong_encoding", "start", 0),
        (b"[" + json.dumps(SAMPLE[KONTRAK]).encode(), "truncated", "row 2", 1),
        (b"[" + json.dumps(SAMPLE[KONTRAK]).encode() + b', {"kd_nontender": 7', "truncated", "row 2", 1),
        (b"[" + json.dumps(SAMPLE[KONTRAK]).encode() + b"]<html>", "trailing_data", "row 2", 1),
    ],
)
def test_a_damaged_file_gives_the_rows_before_the_damage(data, reason, place, before):
    *good, last = items(KONTRAK, data)
    assert [type(item) for item in good] == [Stated] * before
    assert (last.reason, last.place, last.damaged) == (reason, place, True)
    assert "Export it again" in last.message


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_read_again_is_the_statement_it_would_have_been(kind):
    stated = read(kind, SAMPLE[kind])
    again = read_original(stated.original, file=f"{kind}.json", kind=kind, zone=WITA, observed=GIVEN)
    assert again == stated


@pytest.mark.parametrize("original", [b"", b"{}, {}", b"{", b"{}]", b"42"])
def test_bytes_that_are_not_one_row_are_rejected_again(original):
    again = read_original(original, file="x.json", kind=KONTRAK, zone=WITA, observed=GIVEN)
    assert isinstance(again, Rejected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("end", [".json", ".json.gz", "-2025-10-03.json", "_20251003.json.gz", ".1.json", ".JSON"])
def test_a_file_is_known_by_its_name(kind, end):
    every = [known for kinds in SOURCES.values() for known in kinds]
    assert kind_of(kind + end, every).name == kind
    assert sum(known.matches(kind + end) for known in every) == 1


@pytest.mark.parametrize(
    "name", ["manifest.json", "expected.json", f"{KONTRAK}.csv", f"x{KONTRAK}.json", f"{KONTRAK}-x.json"]
)
def test_a_file_of_another_name_is_of_no_kind(name):
    assert kind_of(name, SOURCES["isb"]) is None
