"""Every table of the province: what a row becomes, and what a column that isn't what it says becomes."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from adapters import Setting
from adapters.layout import layout
from adapters.sources import ADAPTERS
from bus.intake import Rejected, Stated
from schemas import CATALOGUE, EXPORT_COLUMNS, avsc, content_of, encode_row
from schemas.codec import Codec
from tests.province import GIVEN, TABLES, WITA, as_csv, as_json, as_xlsx, read, table

ROWS = 40
"""Rows of each table that a fault is planted in."""


def layout_of(kind: str):
    return ADAPTERS[TABLES[kind].source].layouts[kind]


def local(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=WITA).timestamp()) * 1000


# One row of each kind: key, version, event time, observed time, unit, by source-formats.md.
UNIT1, UNIT2, UNIT4 = "1.01.0.00.0.00.01.0000", "1.02.0.00.0.00.02.0000", "4.01.0.00.0.00.04.0000"
SBL = "3000.3000.210.4010.20110"
FIRST = {
    "sipd-rpjmd-program": (f"{UNIT1}|1.01.01|Capaian program 1.01.01", "1", "2024-03-01 09:00:00", None, UNIT1),
    "sipd-renja-subkegiatan": (SBL, "1", "2024-06-15 10:00:00", "2024-06-15 10:00:00", UNIT1),
    "sipd-ssh": ("1.1.7.01.03.01.0001|2025-01-01", "", "2025-01-01", None, None),
    "sipd-dpa": (UNIT1, "1", "2025-01-02", "2025-01-02 16:00:00", UNIT1),
    "sipd-rka": ("5500000", "1", "2025-01-03 09:00:00", None, None),
    "sipd-dana": (f"{SBL}|1.1", "1", "2025-01-05 08:00:00", None, None),
    "sipd-anggaran-kas": (f"{SBL}|5.1.01.01.01.0001", "1", "2025-01-07 08:00:00", None, None),
    "rup-paket-penyedia-terumumkan": ("90000007", "2025-01-12 18:04:47", "2025-01-12 18:04:47", "2026-01-05", UNIT1),
    "rup-paket-anggaran-penyedia": ("90000007|1.01.02.1.01.0003.|APBD", "", None, "2026-01-05", UNIT1),
    "spse-tender-peserta": ("18000001000|18000701000", "", None, None, UNIT4),
    "rfk-bulanan": (f"{SBL}|1", "2025-02-09 09:00:00", "2025-02-09 09:00:00", "2025-02-09 09:00:00", UNIT1),
    "sipd-spd": ("7001", "", "2025-01-01", None, UNIT1),
    "sipd-spd-detail": ("1", "", None, None, None),
    "sipd-spp": ("40001", "2024-12-23 14:10:00", "2024-12-23", None, UNIT4),
    "sipd-spp-detail": ("40001|3001.3001.213.4013.20116|5.1.02.04.01.0001", "", None, None, None),
    "sipd-spm": ("50001", "2024-12-24 09:00:00", "2024-12-24", None, UNIT4),
    "sipd-spm-potongan": ("50030|411211|PPN|000000000040030", "", None, None, None),
    "sipd-sp2d": ("60001", "2024-12-30 08:30:00", "2024-12-30", "2024-12-30 08:30:00", UNIT4),
    "sipd-sp2d-detail": ("60001|3001.3001.213.4013.20116|5.1.02.04.01.0001", "", None, None, None),
    "bmd-kib": ("AST-000001", "", "2025-09-13", "2025-09-13 11:00:00", UNIT4),
    "siasn-pegawai": ("190002021920012001", "", None, None, UNIT1),
    "siasn-riwayat-jabatan": ("RJ-00001", "", "2023-01-02", None, UNIT1),
    "siasn-hukdis": ("HD-0001", "", "2025-05-10", None, None),
    "siasn-pemberhentian": ("PB-0001", "", "2025-06-01", None, None),
    "absensi-pin": ("FAKE0001|0001|2025-01-01", "", "2025-01-01", None, None),
    "sakip-perjanjian": ("IK-00001", "1", "2025-01-27", "2025-01-27 15:00:00", UNIT1),
    "sakip-realisasi": ("IK-00001|2025|3", "", "2025-01-27", None, None),
    "skp-kinerja": ("SKP-00001", "", "2025-04-08", None, None),
    "tpp-bayar": ("190002021920012001|2025|1", "", "2025-01-22", None, UNIT1),
    "srikandi-klasifikasi": ("000.3.2", "", "2023-01-01", None, None),
    "srikandi-naskah": ("NS-000001", "", "2025-05-02", "2025-05-05 08:15:00", UNIT4),
    "srikandi-penyusutan": ("PS-0001", "", "2025-11-20", None, UNIT1),
    "siptl-temuan": ("TM-0001", "", "2025-10-19", None, UNIT2),
    "siptl-rekomendasi": ("RK-0001", "", "2025-12-09", None, None),
    "siptl-setoran": ("ST-0001", "", "2025-11-05", None, None),
    "izin-penerbitan": ("I-202500000001", "", "2025-07-02 15:00:00", None, None),
    "wisata-kunjungan": ("DW-001|2025|1", "", "2025-02-06 10:00:00", None, None),
}


def test_every_table_is_there():
    assert sorted(FIRST) == sorted(TABLES)


@pytest.mark.parametrize("kind", FIRST)
def test_a_row_is_a_statement_about_its_key(kind):
    key, version, happened, observed, unit = FIRST[kind]
    stated = read(kind, as_csv(*table(kind)))[0]
    assert isinstance(stated, Stated)
    assert (stated.event, stated.key, stated.version, stated.unit) == (TABLES[kind].event, key, version, unit)
    assert stated.event_ms == (None if happened is None else local(happened))
    told = GIVEN if observed is None else datetime.fromtimestamp(local(observed) / 1000, WITA)
    assert datetime.fromisoformat(stated.observed) == (datetime.fromisoformat(GIVEN) if observed is None else told)


@pytest.mark.parametrize("kind", TABLES)
def test_a_layout_names_the_columns_of_its_schema(kind):
    known = layout_of(kind)
    fields = json.loads(avsc(known.event))["fields"]
    parsed = [field["name"] for field in fields if "raw_of" not in field and field["name"] != "extra"]
    assert parsed == [column.name for column in known.columns]
    money = {field["raw_of"] for field in fields if "raw_of" in field}
    assert money == {column.name for column in known.columns if column.kind == "m"}
    assert not known.observed or known.by_name[known.observed].kind == "t"
    assert not known.unit or known.by_name[known.unit].kind == "unit"
    assert all(known.by_name[name].kind in {"d", "D", "t"} for name in CATALOGUE[known.event].event_time)


@pytest.mark.parametrize("kind", TABLES)
def test_no_row_of_the_province_is_refused_and_each_comes_back_whole(kind):
    header, rows = table(kind)
    codec = Codec({TABLES[kind].event: 1}, {1: (TABLES[kind].event, avsc(TABLES[kind].event))})
    for stated, row in zip(read(kind, as_csv(header, rows)), rows, strict=True):
        assert isinstance(stated, Stated)
        told = {n: cell for n, cell in zip(header, row, strict=True) if cell and n not in EXPORT_COLUMNS}
        assert stated.content == dict(sorted(told.items()))
        body = encode_row(stated.event, stated.content)
        assert isinstance(body, bytes)
        assert content_of(stated.event, codec.decode(codec.frame(stated.event, body), stated.event)) == stated.content


def same(kind, data):
    return [(row.key, row.version, row.observed, row.event_ms, row.content) for row in read(kind, data)]


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_says_the_same_in_every_form(kind):
    header, rows = table(kind)
    plain = same(kind, as_csv(header, rows))
    order = list(range(len(header)))[::-1]
    turned = as_csv([header[i] for i in order], [[row[i] for i in order] for row in rows])
    for data in (
        b"\xef\xbb\xbf" + as_csv(header, rows),
        as_csv(header, rows, end="\r\n"),
        as_csv(header, rows, separator=";"),
        as_csv(header, rows, separator="\t"),
        as_csv(header, rows).removesuffix(b"\n"),
        turned,
        as_json(header, rows),
        as_xlsx(header, rows),
    ):
        assert same(kind, data) == plain


def faults(kind):
    """Each column's faults: the column, the fault, the file."""
    header, rows = table(kind)
    rows = rows[:ROWS]
    written = as_json if TABLES[kind].shown.endswith(".json") else as_csv
    for place, column in enumerate(header):
        if column in EXPORT_COLUMNS:
            continue
        before, after = slice(None, place), slice(place + 1, None)
        other = "17" if layout_of(kind).by_name[column].kind == "words" else "kata lain"
        yield column, "missing", written(header[before] + header[after], [r[before] + r[after] for r in rows])
        yield column, "renamed", written([*header[before], f"{column}_baru", *header[after]], rows)
        if layout_of(kind).by_name[column].kind != "s" and any(row[place] for row in rows):
            cells = [[*row[before], row[place] and other, *row[after]] for row in rows]
            yield column, "retyped", written(header, cells)
        if any(cell for row in rows for cell in row[place:]):
            yield column, "shifted right", written(header, [[*r[before], "", *r[place:-1]] for r in rows])
            yield column, "shifted left", written(header, [[*r[before], *r[after], ""] for r in rows])


# Faults that leave every cell what its column may hold, or one unknown code in a file of one row.
UNTOLD = {
    ("siasn-hukdis", "jenisTingkatHukumanId"),
    ("spse-tender-peserta", "alasan"),
    ("sipd-spm-potongan", "nilai"),
    ("sipd-spm-potongan", "id_billing"),
    ("siasn-hukdis", "masaTahun"),
    ("siasn-hukdis", "masaBulan"),
    ("siasn-hukdis", "nomorPp"),
    ("siasn-pemberhentian", "id"),
    ("siasn-pemberhentian", "nipBaru"),
    ("siasn-pemberhentian", "jenisPemberhentian"),
    ("siasn-pemberhentian", "nomorSk"),
    ("siasn-pemberhentian", "tanggalSk"),
    ("siasn-pemberhentian", "tmtPensiun"),
}


@pytest.mark.parametrize("kind", TABLES)
def test_a_column_that_is_gone_renamed_retyped_or_shifted_becomes_no_fact(kind):
    header, _ = table(kind)
    for column, fault, data in faults(kind):
        if fault not in {"missing", "renamed"} and (kind, column) in UNTOLD:
            continue
        items = read(kind, data)
        rejected = [item for item in items if isinstance(item, Rejected)]
        if not rejected:  # money is read when it is encoded
            wrong = [encode_row(item.event, item.content) for item in items]
            assert any(isinstance(body, tuple) for body in wrong), (column, fault)
            continue
        assert all(any(name in item.message for name in header) for item in rejected), (column, fault)
        if fault in {"missing", "renamed", "retyped"}:
            assert all(column in item.message for item in rejected), (column, fault)
        if fault in {"missing", "renamed"}:
            assert [item.damaged for item in items] == [True], (column, fault)


@pytest.mark.parametrize("kind", TABLES)
def test_a_new_column_is_kept_and_told(kind):
    header, rows = table(kind)
    for written in (as_csv, as_json, as_xlsx):
        notices: list[str] = []
        items = read(kind, written([*header, "kolom_baru"], [[*row, "isi"] for row in rows]), notices)
        assert {item.content.get("kolom_baru") for item in items if isinstance(item, Stated)} == {"isi"}
        assert len(items) == len(rows)
        assert len(notices) == 1
        assert "kolom_baru" in notices[0]


@pytest.mark.parametrize("kind", TABLES)
def test_an_export_without_rows_has_none(kind):
    header, _ = table(kind)
    assert read(kind, as_csv(header, [])) == read(kind, as_xlsx(header, [])) == read(kind, b"[]") == []


@pytest.mark.parametrize("written", [as_csv, as_json])
def test_rows_before_a_damage_are_read_even_in_the_first_block(written):
    header, rows = table("siptl-temuan")
    data = written(header, rows)

    class Broken:
        """A file that can't be read to its end."""

        def __init__(self) -> None:
            self.left = [data[:-20]]

        def read(self, _size: int, /) -> bytes:
            if not self.left:
                raise EOFError
            return self.left.pop()

    items = ADAPTERS["siptl"].read_file(Broken(), "siptl-temuan", Setting("f", WITA, GIVEN), str)
    assert all(isinstance(next(items), Stated) for _ in rows[1:])
    with pytest.raises(EOFError):
        next(items)


@pytest.mark.parametrize("kind", TABLES)
def test_a_file_without_its_header_shows_no_cell(kind):
    _, rows = table(kind)
    [refused] = read(kind, as_csv(rows[0], rows[1:]))
    assert isinstance(refused, Rejected)
    assert "does not hold the columns" in refused.message
    assert not [cell for cell in rows[0] if len(cell) > 3 and cell in refused.message.replace(f"{kind}.csv", "")]


def test_a_person_s_number_or_name_in_a_header_is_masked():
    header, rows = table("tpp-bayar")
    [refused] = read("tpp-bayar", as_csv(["190002021920012001", "SITI AMINAH", *header[2:]], rows))
    assert isinstance(refused, Rejected)
    assert "#…" in refused.message
    assert "1900020" not in refused.message
    assert "SITI" not in refused.message


def test_a_layout_is_one_line():
    made = layout("k", "SpdIssued", "s", "idSpd nilai:m? jenis:{A_B|C}?", unit="")
    assert [(c.name, c.kind, c.nullable) for c in made.columns] == [
        ("idSpd", "s", False),
        ("nilai", "m", True),
        ("jenis", "known", True),
    ]
    assert made.by_name["jenis"].looks_right(" A B ")
    assert not made.by_name["jenis"].looks_right("A_B")
