"""What a case or a policy can't be is refused, with file, place and remedy; what is not needed is not asked."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from consumers.tukin.loader import read_policies
from consumers.tukin.values import BadInput
from ops.settings import Misuse
from ops.tukin import case_document
from tests.rules.one import policy_text

CASE = Path(__file__).parent / "cases" / "01-daerah"
POLICY = yaml.safe_load(policy_text("pusat2013"))[0]


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CASE, tmp_path / "case")


def add(folder: Path, file: str, line: str) -> None:
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


NIP = "990001000000000001"


@pytest.mark.parametrize(
    ("file", "line", "told"),
    [
        ("excuses.csv", f"M1,{NIP},manual_in,,2025-08-07,,,alat_rusak,approved", r"excuses.csv:8: time is blank"),
        ("excuses.csv", f"M1,{NIP},sakit,,07-08-2025,,,,approved", r"excuses.csv:8: date_from is no date"),
        ("excuses.csv", f"X01,{NIP},sakit,,2025-08-12,,,,approved", r"excuses.csv:8: the key \(id\) stands in"),
        ("sanctions.csv", f"S2,{NIP},,25,6,2025/05,approved", r"sanctions.csv:3: start_month is no date"),
        ("sanctions.csv", f"S2,{NIP},,x,6,2025-05,approved", r"sanctions.csv:3: pct is no percent"),
        ("calendar.csv", "2025-08-19,cutibersama,,,", r"calendar.csv:5: kind is none of libur"),
        ("calendar.csv", "2025-08-32,libur,,,", r"calendar.csv:5: date is no day"),
        ("calendar.csv", "2025-08-19,apel,7.15,,", r"calendar.csv:5: time is no time HH:MM"),
        ("pins.csv", f"GD1,011,{NIP},2020-01-01,", r"pins.csv:7: the key \(device, pin, valid_from\) stands in"),
        ("class_amounts.csv", "tpp,7,mahal,2025-08-15", r"class_amounts.csv:7: amount_rp is no whole rupiah"),
        (
            "employees.csv",
            f"{NIP},P,U,5hari,7,III/b,PNS,2021-01-01,kapan,,baik,,,,,",
            r"employees.csv:7: tmt_end is no",
        ),
        (
            "employees.csv",
            f"{NIP},P,U,5hari,7,III/b,PNS,2021-01-01,,,baik,,,,,",
            r"employees.csv:7: gaji_pokok is blank",
        ),
    ],
)
def test_a_value_that_is_needed_stops_the_case(folder, file, line, told):
    add(folder, file, line)
    with pytest.raises(Misuse, match=told) as caught:
        case_document(folder)
    assert NIP not in str(caught.value)
    assert "Pegawai" not in str(caught.value)


def test_a_shift_without_start_stops_the_case(folder):
    (folder / "roster.csv").write_text(f"nip,date,kind,start,end\n{NIP},2025-08-07,shift,,14:00\n", encoding="utf-8")
    with pytest.raises(Misuse, match=r"roster.csv:2: start is blank"):
        case_document(folder)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("excuses.csv", f"M1,{NIP},manual_in,,2025-08-07,,,lupa,approved"),
        ("excuses.csv", f"M1,{NIP},manual_in,,2025-08-07,,kapan,alat_rusak,pending"),
        ("excuses.csv", f"M1,{NIP},manual_in,,2025-08-09,,kapan,alat_rusak,approved"),
        ("calendar.csv", "2025-08-19,entah,,,void"),
        ("sanctions.csv", f"S2,{NIP},,25,6,2025/05,pending"),
        ("class_amounts.csv", "tpp,99,mahal,2025-08-15"),
        ("employees.csv", "990001000000000006,P,U,5hari,7,III/b,PNS,2025-09-01,,,baik,,,,,"),
    ],
)
def test_a_value_that_nobody_needs_does_not(folder, file, line):
    before = case_document(folder)["months"][0]["totals"]["net_rp"]
    add(folder, file, line)
    assert case_document(folder)["months"][0]["totals"]["net_rp"] == before


def test_late_files_are_checked_before_their_month_is_closed(folder):
    (folder / "late" / "2025-08").mkdir(parents=True)
    (folder / "late" / "2025-08" / "excuses.csv").write_text("id\nX1\nX1\n", encoding="utf-8")
    with pytest.raises(Misuse, match=r"late/2025-08/excuses.csv:3"):
        case_document(folder)


def test_a_folder_without_case_json_is_no_case(tmp_path):
    with pytest.raises(Misuse, match=r"no case\.json"):
        case_document(tmp_path)


def test_columns_may_stand_in_any_order_and_more_are_ignored(folder):
    before = case_document(folder)
    path = folder / "employees.csv"
    rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()]
    turned = [",".join(["catatan" if not place else "x", *reversed(row)]) for place, row in enumerate(rows)]
    path.write_text("\ufeff" + "\r\n".join(turned) + "\r\n", encoding="utf-8")
    assert case_document(folder) == before


def test_blank_lines_are_no_rows_but_a_punch_of_blanks_is_a_bad_one(folder):
    (folder / "punches.csv").write_text("\n\ndevice,pin,time\n\n   \n, ,\n\n", encoding="utf-8")
    add(folder, "calendar.csv", ",,,,")
    quarantine = case_document(folder)["months"][0]["quarantine"]
    assert quarantine == [{"device": "", "pin": "", "time": ",,", "reason": "bad_row"}]


def refused(changes: dict, *without: str) -> str:
    told = {name: value for name, value in {**POLICY, **changes}.items() if name not in without}
    with pytest.raises(BadInput) as caught:
        read_policies(yaml.safe_dump([told]), "p.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"entah": 1}, "pusat2013: unknown key entah"),
        ({"late": {"tiers": [[1, 0.5]]}}, r"pusat2013.late.tiers[0][1]: is no percent"),
        ({"late": {"tiers": [[1, "0.5"], [1, "1"]]}}, "pusat2013.late.tiers: the starts do not rise"),
        ({"late": {"tiers": [], "linear": {"pct": "1", "per_min": 1}}}, "pusat2013.late: has not exactly one of"),
        ({"early": {"clock": []}}, "pusat2013.early: unknown key clock"),
        ({"absent": "101"}, "pusat2013.absent: is no percent"),
        ({"absent": 5}, "pusat2013.absent: is no percent"),
        ({"dasar_hukum": ""}, "pusat2013.dasar_hukum: the citation is missing"),
        ({"sumber": None}, "pusat2013.sumber: the citation is missing"),
        ({"berlaku": "2013-02-30"}, "pusat2013.berlaku: is no day"),
        ({"sampai": "2012-12-31"}, "pusat2013.sampai: lies before berlaku"),
        ({"flex": {"max_min": 30}}, "pusat2013.flex: key repay is missing"),
        ({"excuses": {"sakit": {"mode": "per_day", "count": "month", "table": [[2, "1"]]}}}, "does not start at 1"),
        ({"excuses": {"sakit": {"mode": "per_day", "table": [[1, "1"]]}}}, "excuses.sakit: key count is missing"),
        ({"akumulasi": "bulanan", "early": {"linear": {"pct": "1", "per_min": 1}}}, "bulanan needs tiers"),
        ({"pph21": {"mode": "none", "rates": {"I": "0"}}}, "there are rates though the mode is none"),
        ({"status": "final"}, "pusat2013.status: is none of"),
        ({"bpjs": {"pct": "1", "cap_rp": "12000000"}}, "pusat2013.bpjs.cap_rp: is no whole number"),
    ],
)
def test_a_policy_that_breaks_the_schema_is_refused(changes, told):
    message = refused(changes)
    assert told in message
    assert message.startswith("p.yaml: ")
    assert re.search(r"\. [A-Z][^.]*", message), "no remedy"


@pytest.mark.parametrize("key", sorted(POLICY))
def test_every_key_must_be_there(key):
    message = refused({}, key)
    assert key in message


def test_a_key_twice_and_an_id_twice_are_refused():
    with pytest.raises(BadInput, match="key absent stands twice"):
        read_policies(policy_text("pusat2013") + '  absent: "4"\n', "p.yaml")
    with pytest.raises(BadInput, match="policy id pusat2013 stands twice"):
        read_policies(policy_text("pusat2013") * 2, "p.yaml")
