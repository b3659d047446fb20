"""The same case through the bus pays the same rupiah; closes keep; late facts adjust; a punch touches its employee."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from bus.engine import view_hash
from bus.store import generations
from consumers import TUKIN
from consumers.tukin import projection
from consumers.tukin.month import compute
from consumers.tukin.projection import Ledger
from ops.ingest import Request, ingest
from ops.rebuild import rebuild
from ops.settings import Misuse
from ops.tukin import case_document, close_month, month_lines, statement
from tests.oracle_tukin.random_case import make_case
from tests.tukin.judge import without_bad_rows
from tests.tukin.through_bus import drive, home

CASES = sorted((Path(__file__).parent / "cases").iterdir())
SUSULAN = CASES[2]
AS_OF = datetime.fromisoformat("2025-12-05T08:00:00")


def lines(documents: list[dict]) -> dict:
    """Judged lines and totals by month."""
    return without_bad_rows([document["months"][0] for document in documents])


def of_case(folder: Path) -> dict:
    return without_bad_rows(case_document(folder)["months"])


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_a_worked_case_through_the_bus(folder, tmp_path):
    with home(tmp_path) as parts:
        assert lines(drive(parts, folder)) == of_case(folder)


@pytest.mark.parametrize("seed", range(900, 920))
def test_a_random_case_through_the_bus(seed, tmp_path):
    case = tmp_path / "case"
    case.mkdir()
    make_case(seed, case)
    with home(tmp_path / "home") as parts:
        assert lines(drive(parts, case)) == of_case(case)


def test_a_closed_month_never_changes_and_a_rebuild_gives_the_same(tmp_path):
    with home(tmp_path) as parts:
        documents = drive(parts, SUSULAN)
        for document in documents:
            month = document["months"][0]["month"]
            again = statement(parts, month_lines(parts, month), None)
            assert again["months"] == document["months"]
        assert rebuild(parts, [TUKIN])["equal"]


def test_as_known_at_a_moment_the_statement_is_what_it_was(tmp_path):
    with home(tmp_path) as parts:
        ingest(parts, Request("tukin-case", [SUSULAN]))
        before = month_lines(parts, "2025-09")
        assert before.provisional
        told = statement(parts, before, None)["months"]
        ingest(parts, Request("tukin-case", [SUSULAN / "late" / "2025-09"]))
        assert statement(parts, month_lines(parts, "2025-09"), None)["months"] != told
        asked = month_lines(parts, "2025-09", known_at=before.known_ms)
        assert statement(parts, asked, None)["months"] == told


def test_a_month_is_closed_once_and_in_order(tmp_path):
    with home(tmp_path) as parts:
        ingest(parts, Request("tukin-case", [SUSULAN]))
        close_month(parts, "2025-09", date(2025, 10, 5), AS_OF)
        for month in ("2025-09", "2025-08"):
            with pytest.raises(Misuse, match="2025-09 was closed on 2025-10-05"):
                close_month(parts, month, date(2025, 10, 6), AS_OF)
        with pytest.raises(Misuse, match="2025-08 was never closed"):
            month_lines(parts, "2025-08")


def test_a_unit_is_stated_alone(tmp_path):
    with home(tmp_path) as parts:
        ingest(parts, Request("tukin-case", [SUSULAN]))
        answer = month_lines(parts, "2025-09")
        assert len(statement(parts, answer, "Unit A")["months"][0]["employees"]) == 5
        assert statement(parts, answer, "Unit B")["months"][0]["employees"] == []


@pytest.fixture
def counted(monkeypatch):
    """Owners that were recomputed, in order."""
    seen: list[str] = []
    rows = Ledger.rows

    def counting(self, owner, facts):
        seen.append(owner)
        return rows(self, owner, facts)

    monkeypatch.setattr(Ledger, "rows", counting)
    return seen


def test_a_punch_recomputes_its_employee_only(tmp_path, counted):
    late = tmp_path / "late"
    late.mkdir()
    with home(tmp_path / "home") as parts:
        ingest(parts, Request("tukin-case", [SUSULAN]))
        month_lines(parts, "2025-09")
        assert len(set(counted)) == 5
        counted.clear()
        (late / "punches.csv").write_text("device,pin,time\nGD1,32,2025-09-10 07:11:00\n", encoding="utf-8")
        ingest(parts, Request("tukin-case", [late]))
        month_lines(parts, "2025-09")
        assert counted == ["staf:990003000000000002"]
        counted.clear()
        (late / "calendar.csv").write_text("date,kind\n2025-09-11,libur\n", encoding="utf-8")
        ingest(parts, Request("tukin-case", [late]))
        month_lines(parts, "2025-09")
        assert len(counted) == 5


def test_earlier_months_are_computed_again_only_where_something_new_touches_them(tmp_path, monkeypatch):
    again: list[tuple[str, str]] = []

    def counting(known, nip, month):
        again.append((nip[-1], month))
        return compute(known, nip, month)

    monkeypatch.setattr(projection, "compute", counting)
    late = tmp_path / "late"
    late.mkdir()
    with home(tmp_path / "home") as parts:
        ingest(parts, Request("tukin-case", [SUSULAN]))
        close_month(parts, "2025-09", date(2025, 10, 5), AS_OF)
        again.clear()  # the open month was looked at until then
        close_month(parts, "2025-10", date(2025, 11, 5), AS_OF)
        month_lines(parts, "2025-10")
        assert not [one for one in again if one[1] == "2025-09"]
        (late / "punches.csv").write_text("device,pin,time\nGD1,32,2025-09-10 07:11:00\n", encoding="utf-8")
        ingest(parts, Request("tukin-case", [late]))
        close_month(parts, "2025-11", date(2025, 12, 5), AS_OF)
        month_lines(parts, "2025-11")
        assert {one for one in again if one[1] == "2025-09"} == {("2", "2025-09")}


def test_views_do_not_depend_on_order_or_batches(tmp_path):
    hashes = []
    for place, size in (("a", 1000), ("b", 7)):
        with home(tmp_path / place) as parts:
            paths = [path for path in sorted(SUSULAN.iterdir()) if path.is_file()]
            for path in paths if place == "a" else reversed(paths):
                ingest(parts, Request("tukin-case", [path], observed_at="2025-10-01", batch=size))
            month_lines(parts, "2025-09")
            with parts.store.read() as tx:
                hashes.append(view_hash(tx, TUKIN, generations.live(tx, TUKIN.name)))
    assert hashes[0] == hashes[1]


BAD = {
    "employees.csv": ("nip,nama,tmt_start\n990003000000000009,SITI,01-09-2025\n", "bad_date"),
    "excuses.csv": (
        "id,nip,kind,date_from,time,reason,status\nM1,990003000000000001,manual_in,2025-09-01,,kahar,approved\n",
        "bad_value",
    ),
    "roster.csv": ("nip,date,kind,start,end\n990003000000000001,2025-09-01,shift,,14:00\n", "bad_value"),
    "calendar.csv": ("date,kind\n2025-09-01,entah\n", "bad_value"),
    "sanctions.csv": ("id,nip,pct,start_month,status\nS9,990003000000000001,25,Sept,approved\n", "bad_value"),
    "class_amounts.csv": ("table,kelas,amount_rp,berlaku\ntpp,5,mahal,2025-01-01\n", "bad_value"),
    "pins.csv": ("device,pin,nip,valid_from\nGD1,,990003000000000001,2025-01-01\n", "missing_key"),
    "punches.csv": ("device,pin,time\n,31,2025-09-30 07:10:00\n", "missing_key"),
    "punches.dat": ("       31\t2025-09-31 07:10:00\tGD1\t0\t15\t0\n", "bad_date"),
    "policy.yaml": ("- id: salah\n  absent: 5\n", "bad_policy"),
}


@pytest.mark.parametrize("file", BAD)
def test_bad_rows_are_dead_letters_with_reason_and_without_persons(file, tmp_path):
    text, reason = BAD[file]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / file).write_text(text, encoding="utf-8")
    with home(tmp_path / "home") as parts:
        told = ingest(parts, Request("tukin-case", [folder]))
        assert (told["read"], told["rejected"], told["published"]) == (1, 1, 0)
        with parts.store.read() as tx:
            ((found, message, key),) = tx.all("select reason, message, key from dead_letter")
    assert found == reason
    assert not {"990003000000000001", "990003000000000009", "SITI"} & set(message.replace(",", " ").split())
    assert key is None or "9900" not in key


def test_the_same_key_twice_in_a_file_is_refused_the_second_time(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "calendar.csv").write_text("date,kind,nama\n2025-09-01,libur,A\n2025-09-01,libur,B\n", encoding="utf-8")
    with home(tmp_path / "home") as parts:
        told = ingest(parts, Request("tukin-case", [folder]))
        with parts.store.read() as tx:
            reasons = tx.all("select reason from dead_letter")
    assert (told["published"], told["rejected"], reasons) == (1, 1, [("duplicate_key",)])
