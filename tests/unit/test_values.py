"""Values are parsed once: normalised, with their raw text, or with the reason why they are wrong."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest

from schemas.values import (
    KdRup,
    KodeRekening,
    KodeSubKegiatan,
    KodeUnit,
    Mak,
    Nip,
    NomorKontrak,
    Period,
    Rupiah,
    Wrong,
    is_blank,
    parse_sen,
    squeeze,
    tidy_version,
    version_order,
)

NIP = "199002302099131000"  # 30 February, month 13: nobody's
MAK = "1.03.10.2.01.0029.5.2.04.01.01.0003"
NBSP = "\u00a0"
FULLWIDTH = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))


@pytest.mark.parametrize(
    ("kind", "normal", "raw", "expected"),
    [
        (Nip, "digits", NIP, NIP),
        (Nip, "digits", f"\t{NIP}{NBSP}", NIP),
        (KodeUnit, "code", "1.02.0.00.0.00.02.0000", "1.02.0.00.0.00.02.0000"),
        (KodeUnit, "code", f"{NBSP}1.02.2.08.2.14.02.0001\r\n", "1.02.2.08.2.14.02.0001"),
        (KodeSubKegiatan, "code", "2.07.02.2.01.0001", "2.07.02.2.01.0001"),
        (KodeSubKegiatan, "code", "2.07.02.2.01.01", "2.07.02.2.01.01"),
        (KodeSubKegiatan, "code", " X.XX.01.1.02.0003 ", "X.XX.01.1.02.0003"),
        (KodeRekening, "code", "5.1.02.01.01.0001", "5.1.02.01.01.0001"),
        (KodeRekening, "code", " 5.1.02.01.01.0001", "5.1.02.01.01.0001"),
        (Mak, "code", MAK, MAK),
        (Mak, "code", f" {MAK}.", MAK),
        (Mak, "code", f"{MAK}.1.3.2.10.01.02.003", MAK),
        (KdRup, "code", "53613698", "53613698"),
        (KdRup, "code", " 7\n", "7"),
        (KdRup, "code", "9" * 12, "9" * 12),
        (NomorKontrak, "number", f" 602.1/ 02{NBSP}/spk\t", "602.1/02/SPK"),
        (NomorKontrak, "number", "--", "--"),
        (Rupiah, "amount", "79691100", Decimal("79691100.00")),
        (Period, "year", "2025", 2025),
        (Period, "month", "2025", None),
        (Period, "month", " 2025-03 ", 3),
        (Period, "month", "2025-12", 12),
    ],
)
def test_a_value_is_normalised_and_keeps_its_raw_text(kind, normal, raw, expected):
    value = kind.parse(raw)
    assert getattr(value, normal) == expected
    assert value.raw == raw
    if isinstance(expected, str):
        assert getattr(kind.parse(expected), normal) == expected


@pytest.mark.parametrize(
    ("kind", "raw", "why"),
    [
        (Nip, NIP[:-1], "has 17 digits, not 18"),
        (Nip, NIP + "0", "has 19 digits, not 18"),
        (Nip, "", "is not 18 digits"),
        (Nip, f"{NIP[:8]} {NIP[8:]}", "is not 18 digits"),
        (Nip, f"{NIP[:8]}{NBSP}{NIP[8:]}", "is not 18 digits"),
        (Nip, NIP.translate(FULLWIDTH), "is not 18 digits"),
        (KodeUnit, "1.02.0.00.0.00.02.000", "is not a unit code"),
        (KodeUnit, "1.02.0.00.0.00.02.00000", "is not a unit code"),
        (KodeUnit, "1.02.0.00.0.00.02.0000.", "is not a unit code"),
        (KodeUnit, "1-02-0-00-0-00-02-0000", "is not a unit code"),
        (KodeUnit, "1.02.0.00.0.00.02.0000".translate(FULLWIDTH), "is not a unit code"),
        (KodeUnit, "60414", "is not a unit code"),
        (KodeSubKegiatan, "2.07.02.2.01.1", "is not a sub kegiatan code"),
        (KodeSubKegiatan, "2.07.02.2.01.00001", "is not a sub kegiatan code"),
        (KodeSubKegiatan, "2.07.02.201.0001", "is not a sub kegiatan code"),
        (KodeSubKegiatan, "x.xx.01.1.02.0003", "is not a sub kegiatan code"),
        (KodeRekening, "1.02.01.01.0001", "is not an account code"),
        (KodeRekening, "5.1.02.01.01.00011", "is not an account code"),
        (KodeRekening, "5,1,02,01,01,0001", "is not an account code"),
        (Mak, "1.03.10.2.01.0003.0.5.20.40.10.1000.3.", "has a sub kegiatan but no account"),
        (Mak, "1.03.10.2.01.0029", "has a sub kegiatan but no account"),
        (Mak, MAK.replace(".5.2.", ".4.2."), "has a sub kegiatan but no account"),
        (Mak, MAK + "1", "has a sub kegiatan but no account"),
        (Mak, "5.2.04.01.01.0003", "does not begin with a sub kegiatan"),
        (Mak, "", "does not begin with a sub kegiatan"),
        (KdRup, "9" * 13, "is not a RUP code"),
        (KdRup, "53613698;53613699", "is not a RUP code"),
        (KdRup, "5361 3698", "is not a RUP code"),
        (KdRup, "-1", "is not a RUP code"),
        (KdRup, "53613698".translate(FULLWIDTH), "is not a RUP code"),
        (KdRup, "", "is not a RUP code"),
        (NomorKontrak, "", "is blank"),
        (NomorKontrak, " - ", "is blank"),
        (NomorKontrak, NBSP, "is blank"),
        (Period, "2025-00", "is neither a year"),
        (Period, "2025-13", "is neither a year"),
        (Period, "2025-3", "is neither a year"),
        (Period, "25", "is neither a year"),
        (Period, "2025-03-01", "is neither a year"),
        (Period, "2025".translate(FULLWIDTH), "is neither a year"),
        (Rupiah, "1,5 jt", "is not a decimal"),
    ],
)
def test_a_wrong_text_says_what_is_wrong_with_it(kind, raw, why):
    wrong = kind.parse(raw)
    assert isinstance(wrong, Wrong)
    assert wrong.raw == raw
    assert wrong.why.startswith(why)


@pytest.mark.parametrize(
    ("raw", "amount"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("79691100", "79691100.00"),
        ("0079691100", "79691100.00"),
        ("+7", "7.00"),
        ("-7.1", "-7.10"),
        ("999995334.78", "999995334.78"),
        ("1.2300", "1.23"),
        ("1.5E3", "1500.00"),
        ("1.5e+3", "1500.00"),
        ("1e-2", "0.01"),
        ("12345e-2", "123.45"),
        ("999999999999999999.99", "999999999999999999.99"),
        ("-999999999999999999.99", "-999999999999999999.99"),
        ("9.9999999999999999999e17", "999999999999999999.99"),
        (f" 5{NBSP}", "5.00"),
    ],
)
def test_money_is_exact_to_the_sen(raw, amount):
    money = Rupiah.parse(raw)
    assert (str(money.amount), money.raw) == (amount, raw)
    assert parse_sen(raw) == Decimal(amount) * 100


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("", "is not a decimal"),
        ("-", "is not a decimal"),
        ("1,5", "is not a decimal"),
        ("1.000.000", "is not a decimal"),
        ("1 000", "is not a decimal"),
        (f"1{NBSP}000", "is not a decimal"),
        ("Rp1", "is not a decimal"),
        (".5", "is not a decimal"),
        ("5.", "is not a decimal"),
        ("--1", "is not a decimal"),
        ("1_000", "is not a decimal"),
        ("1e999", "is not a decimal"),
        ("NaN", "is not a decimal"),
        ("Infinity", "is not a decimal"),
        ("100".translate(FULLWIDTH), "is not a decimal"),
        ("7" * 5000, "is not a decimal"),
        ("0.001", "has more than two decimals"),
        ("1e-3", "has more than two decimals"),
        ("-1.005", "has more than two decimals"),
        ("1" + "0" * 18, "is larger than decimal(20,2) holds"),
        ("-1" + "0" * 18, "is larger than decimal(20,2) holds"),
        ("1e18", "is larger than decimal(20,2) holds"),
        ("1e99", "is larger than decimal(20,2) holds"),
    ],
)
def test_money_is_never_guessed(raw, why):
    assert parse_sen(raw) == Wrong(raw, why)
    assert Rupiah.parse(raw) == Wrong(raw, why)


@pytest.mark.parametrize("text", [None, "", " ", "-", f"{NBSP}-\t", "\n"])
def test_a_text_that_states_nothing_is_blank(text):
    assert is_blank(text)


@pytest.mark.parametrize("text", ["0", "--", "\u2013", "null", ".", "- -"])
def test_a_text_that_states_something_is_not_blank(text):
    assert not is_blank(text)


@pytest.mark.parametrize(
    ("text", "squeezed"),
    [(None, ""), ("", ""), (" ", ""), (f" 027 /{NBSP}07/\tspk\u3000", "027/07/SPK"), ("027/07/SPK", "027/07/SPK")],
)
def test_document_numbers_are_compared_in_upper_case_without_white_space(text, squeezed):
    assert squeeze(text) == squeezed


@pytest.mark.parametrize(
    ("raw", "codes"),
    [
        (None, []),
        ("", []),
        ("53613698", ["53613698"]),
        ("53613699; 53613698", ["53613699", "53613698"]),
        (f";53613698,,53613699{NBSP}1\n;", ["53613698", "53613699", "1"]),
        ("1;1", ["1", "1"]),
    ],
)
def test_a_list_of_rup_codes_keeps_order_and_copies(raw, codes):
    assert KdRup.split(raw) == codes


@pytest.mark.parametrize(
    ("raw", "lines"),
    [
        (None, []),
        (" ; ,", []),
        (MAK, [MAK]),
        (f"{MAK}; {MAK}. ,x y", [MAK, f"{MAK}.", "x y"]),
    ],
)
def test_a_list_of_budget_lines_is_split_at_semicolon_and_comma_only(raw, lines):
    assert Mak.split(raw) == lines


def test_a_budget_line_has_its_two_parts():
    mak = Mak.parse(f"{MAK}.1.3.2")
    assert (mak.sub_kegiatan, mak.rekening) == ("1.03.10.2.01.0029", "5.2.04.01.01.0003")
    assert KodeSubKegiatan.parse(mak.sub_kegiatan).code == mak.sub_kegiatan
    assert KodeRekening.parse(mak.rekening).code == mak.rekening


@pytest.mark.parametrize(
    ("code", "tingkat"),
    [
        ("1.02.02.1.01.0003", "provinsi"),
        ("1.02.02.2.01.0003", "kabupaten/kota"),
        ("1.02.02.3.01.0003", ""),
        ("X.XX.01.1.01.0003", "provinsi"),
    ],
)
def test_the_fourth_part_of_a_sub_kegiatan_states_the_level_of_government(code, tingkat):
    assert KodeSubKegiatan.parse(code).tingkat == tingkat


@pytest.mark.parametrize(
    ("raw", "untidy"), [("602.1/02", False), ("602.1 / 02", False), (" 602.1/02", True), ("602.1  /02", True)]
)
def test_stray_white_space_in_a_contract_number_shows(raw, untidy):
    assert NomorKontrak.parse(raw).untidy is untidy


def test_a_masked_nip_shows_neither_birthday_nor_month_of_appointment():
    masked = Nip.parse(NIP).masked
    assert masked == "1990**********1000"
    assert len(masked) == len(NIP)


@pytest.mark.parametrize(
    ("raw", "tidy"),
    [
        (None, ""),
        ("", ""),
        (" ", ""),
        ("0", "0"),
        ("00", "0"),
        ("01", "1"),
        (" 2.0 ", "2"),
        ("10", "10"),
        ("2.5", "2.5"),
        (" b ", "b"),
        ("1".translate(FULLWIDTH), "1".translate(FULLWIDTH)),
    ],
)
def test_spellings_of_a_version_become_one(raw, tidy):
    assert tidy_version(raw) == tidy
    assert tidy_version(tidy) == tidy


def test_versions_are_ordered_as_numbers_where_they_are_numbers():
    versions = ["", "-1", "0", "1", "1.5", "2", "9", "10", "1e3", "A", "a", "b"]
    for lower, upper in pairwise(versions):
        assert version_order(lower) < version_order(upper)
