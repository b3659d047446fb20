"""What a code is called on a day, and what became of it: both sides of each date; the unknown is named."""

from __future__ import annotations

import io
from datetime import date

import pytest

from adapters import Setting
from adapters.sources import ADAPTERS
from bus.intake import Stated
from schemas.reference import Move, Named, Unknown, became, move, named, named_on
from schemas.values import Wrong
from tests.province import GIVEN, WITA, as_csv

A, B, C, D = (f"1.0{number}.0.00.0.00.0{number}.0000" for number in range(1, 5))
KERTAS = "5.1.02.01.01.0024"
NAMES = [
    Named("rekening", KERTAS, "Alat Tulis", "edisi 1", "UU 1", date(2020, 1, 1), date(2021, 12, 31)),
    Named("rekening", KERTAS, "Alat Tulis Kantor", "edisi 2", "UU 2", date(2022, 1, 1), None),
    Named("unit", A, "DINAS A", "perda", "Perda 1", date(2021, 1, 1), None),
]
MOVES = [
    Move("unit", A, B, "ganti nama", "Perda 1", date(2021, 1, 1)),
    Move("unit", B, C, "pecah", "Perda 2", date(2023, 1, 1)),
    Move("unit", B, D, "pecah", "Perda 2", date(2023, 1, 1)),
    Move("unit", D, A, "gabung", "Perda 3", date(2024, 1, 1)),
]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2020, 1, 1), "Alat Tulis"),
        (date(2021, 12, 31), "Alat Tulis"),
        (date(2022, 1, 1), "Alat Tulis Kantor"),
        (date(2030, 1, 1), "Alat Tulis Kantor"),
    ],
)
def test_a_code_has_the_name_of_its_day(day, name):
    found = named_on("rekening", KERTAS, day, NAMES)
    assert isinstance(found, Named)
    assert found.name == name
    assert named_on("rekening", KERTAS, day, NAMES[::-1]) == found


@pytest.mark.parametrize(
    ("kind", "code", "day", "said"),
    [
        ("rekening", "5.9.99.99.99.9999", date(2022, 1, 1), "5.9.99.99.99.9999 is in no edition"),
        ("rekening", KERTAS, date(2019, 12, 31), "begins on 2020-01-01"),
        ("unit", KERTAS, date(2022, 1, 1), "is in no edition"),
    ],
)
def test_an_unknown_code_is_named(kind, code, day, said):
    found = named_on(kind, code, day, NAMES)
    assert isinstance(found, Unknown)
    assert found.code == code
    assert said in found.why


def test_a_code_that_ended_says_when():
    found = named_on("rekening", KERTAS, date(2023, 1, 1), NAMES[:1])
    assert isinstance(found, Unknown)
    assert found.why.endswith("(Alat Tulis) ended on 2021-12-31")


@pytest.mark.parametrize(
    ("code", "since", "day", "ends"),
    [
        (A, date(2020, 12, 31), date(2020, 12, 31), (A,)),
        (A, date(2020, 12, 31), date(2021, 1, 1), (B,)),
        (A, date(2021, 1, 1), date(2022, 12, 31), (A,)),
        (A, date(2020, 1, 1), date(2023, 1, 1), (C, D)),
        (A, date(2020, 1, 1), date(2025, 1, 1), (A, C)),
        (D, date(2023, 6, 1), date(2025, 1, 1), (A,)),
        (C, date(2020, 1, 1), date(2025, 1, 1), (C,)),
        ("x", date(2020, 1, 1), date(2025, 1, 1), ("x",)),
    ],
)
def test_a_unit_is_followed_to_what_it_became(code, since, day, ends):
    assert became("unit", code, since, day, MOVES) == became("unit", code, since, day, MOVES[::-1]) == ends


def test_two_units_that_swap_names_end():
    moves = [
        Move("unit", A, B, "ganti nama", "x", date(2021, 1, 1)),
        Move("unit", B, A, "ganti nama", "x", date(2021, 1, 1)),
    ]
    assert became("unit", A, date(2020, 1, 1), date(2025, 1, 1), moves) == (B,)


def read(kind, header, *rows):
    setting = Setting(f"{kind}.csv", WITA, GIVEN)
    items = list(ADAPTERS["sipd"].read_file(io.BytesIO(as_csv(header.split(), rows)), kind, setting, str))
    assert all(isinstance(item, Stated) for item in items), items
    return items


def test_reference_data_comes_as_exports_with_their_law():
    header = "jenis kode nama kodefikasi dasar_hukum berlaku_mulai berlaku_sampai"
    [row] = read(
        "sipd-ref-kode", header, ["rekening", KERTAS, "Alat Tulis", "edisi 1", "UU 1", "2020-01-01", "2021-12-31"]
    )
    assert (row.event, row.key) == ("CodeListed", f"rekening|{KERTAS}|edisi 1")
    assert named({"berlaku_sampai": None, **row.content}) == NAMES[0]
    header = "kode_lama kode_baru perubahan nama_baru dasar_hukum berlaku_mulai"
    [row] = read("sipd-ref-unit", header, [A, B, "ganti nama", "DINAS B", "Perda 1", "2021-01-01"])
    assert (row.event, row.key, row.unit) == ("UnitSucceeded", f"{A}|{B}|2021-01-01", B)
    assert move(row.content) == MOVES[0]
    header = "jenis kode_lama kode_baru kodefikasi_lama kodefikasi_baru dasar_hukum berlaku_mulai"
    [row] = read("sipd-ref-terjemahan", header, ["rekening", "5.1", "5.2", "edisi 1", "edisi 2", "UU 2", "2022-01-01"])
    assert move(row.content) == Move("rekening", "5.1", "5.2", "terjemahan", "UU 2", date(2022, 1, 1))


def test_a_row_without_a_date_says_so():
    assert isinstance(move({"kode_lama": "a", "kode_baru": "b", "dasar_hukum": "x", "berlaku_mulai": "besok"}), Wrong)
