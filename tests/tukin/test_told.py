"""What people are told: pay sheets that add up, days that reconcile, explanations without a person in them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from pathlib import Path

import pytest

from consumers.tukin.explain import explained
from consumers.tukin.sheet import COLUMNS, reconciled, sheets
from ops.ingest import Request, ingest
from ops.tukin import month_lines
from ops.tukin.sheets import csv_sheets, pdf_sheets
from tests.acceptance import prefork
from tests.tukin.through_bus import drive, home

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.fixture(scope="module")
def august(tmp_path_factory):
    with home(tmp_path_factory.mktemp("home")) as parts:
        drive(parts, CASES[0])
        return month_lines(parts, "2025-08")


def test_a_sheet_adds_up(august):
    (sheet,) = sheets(august.lines)
    assert sheet.unit == "Unit A"
    for row in sheet.rows:
        told = row.amounts
        cuts = sum(told[name] for name in COLUMNS if name.endswith("_cut_rp") and name != "prior_cut_rp")
        assert told["gross_rp"] - cuts == told["earned_rp"]
        assert told["earned_rp"] - told["prior_cut_rp"] + told["arrears_rp"] == told["paid_rp"]
        assert told["paid_rp"] - told["pph21_rp"] - told["bpjs_rp"] == told["net_rp"]
    assert sheet.totals["net_rp"] == 14_646_228


def test_the_csv_has_a_row_each_and_a_total(august):
    rows = list(csv.DictReader(io.StringIO(csv_sheets(august.lines, "2025-08"))))
    assert len(rows) == 6
    assert rows[-1]["nama"] == "JUMLAH"
    assert int(rows[-1]["net_rp"]) == sum(int(row["net_rp"]) for row in rows[:-1])


def test_the_pdf_is_one(august):
    data = pdf_sheets(august.lines, "2025-08", "2025-09-05", provisional=False)
    assert data.startswith(b"%PDF")
    assert data.rstrip().endswith(b"%%EOF")


def test_each_duty_day_is_in_exactly_one_state(august):
    counts = reconciled(august.lines)
    assert {day.isoformat(): count.total() for (day, _), count in counts.items()}["2025-08-06"] == 4
    assert sum(count.total() for count in counts.values()) == sum(
        day.duty for line in august.lines for day in line.month.days
    )


def test_an_error_line_has_no_amounts_on_the_sheet(tmp_path):
    with home(tmp_path) as parts:
        drive(parts, CASES[1])
        (sheet,) = sheets(month_lines(parts, "2025-03").lines)
    row = sheet.rows[3]
    assert (row.amounts, row.note, sheet.errors) == (None, "no_excuse_rule 2025-03-10", 1)


def test_an_explanation_names_days_rules_and_law_but_nobody(august):
    text = "\n".join(explained(august.lines[1]))
    assert "Selasa 5 Agustus 2025: tidak ada rekaman pulang, masuk 07:20:00: 1.5 % bagian disiplin" in text
    assert "daerah4060#absent" in text
    assert "Perbup Tulang Bawang" in text
    assert "Rp2.864.400" in text
    assert "Pegawai" not in text
    assert august.lines[1].month.nip not in text


def grms(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    args = [*words, "--home", str(folder)]
    code, out, err = prefork.called(args, os.environ, 300)
    return subprocess.CompletedProcess(args, code, out.decode(), err.decode())


def test_the_command_line(tmp_path):
    """Close, state, explain; text is masked, JSON isn't."""
    nip = "990001000000000005"
    assert grms("ingest", "tukin-case", str(CASES[0]), folder=tmp_path).returncode == 0
    refused = grms("tukin", "close", "2025-08", "--on", "2025-09-05", folder=tmp_path)
    assert (refused.returncode, "Say --yes" in refused.stderr) == (3, True)
    closed = grms("tukin", "close", "2025-08", "--on", "2025-09-05", "--yes", "--json", folder=tmp_path)
    assert (closed.returncode, json.loads(closed.stdout)["paid_rp"]) == (0, 15_968_860)
    text = grms("tukin", "statement", "--month", "2025-08", folder=tmp_path)
    assert nip not in text.stdout
    assert "9900**********0005" in text.stdout
    document = json.loads(grms("tukin", "statement", "--month", "2025-08", "--json", folder=tmp_path).stdout)
    assert document["months"][0]["employees"][4]["nip"] == nip
    told = grms("tukin", "explain", nip, "2025-08", folder=tmp_path)
    assert nip not in told.stdout
    assert "sanksi S1" in told.stdout
    answer = json.loads(grms("tukin", "explain", nip, "2025-08", "--json", folder=tmp_path).stdout)
    assert answer["line"]["sanction_cut_rp"] == 912_563
    assert len(answer["events"]["GD1:15:2025-08-13T07:21:00"]) == 36
    assert len(answer["events"]["S1"]) == 36
    unknown = grms("tukin", "explain", "990001000000000099", "2025-08", folder=tmp_path)
    assert unknown.returncode == 2
    assert "990001000000000099" not in unknown.stderr
    linted = grms("tukin", "lint", "daerah4060", "--json", folder=tmp_path)
    assert (linted.returncode, len(json.loads(linted.stdout))) == (1, 5)


def test_a_case_is_written_to_a_file_and_its_folder_left_alone(tmp_path):
    before = {path: path.read_bytes() for path in CASES[1].rglob("*") if path.is_file()}
    out = tmp_path / "out.json"
    told = grms("tukin", "case", str(CASES[1]), "--out", str(out), folder=tmp_path)
    assert told.returncode == 1  # a line is in error
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(before[CASES[1] / "statement.json"])
    assert {path: path.read_bytes() for path in CASES[1].rglob("*") if path.is_file()} == before


def test_nothing_known_is_told_so(tmp_path):
    told = grms("tukin", "statement", "--month", "2025-08", folder=tmp_path)
    assert (told.returncode, "nothing is known yet" in told.stderr) == (2, True)


def test_a_late_folder_waits_when_its_case_is_named(tmp_path):
    with home(tmp_path) as parts:
        told = ingest(parts, Request("tukin-case", [CASES[2]]))
        assert told["ignored"].count("pins.csv") == 1
        again = ingest(parts, Request("tukin-case", [CASES[2] / "late" / "2025-09"]))
        assert again["published"] == 5
