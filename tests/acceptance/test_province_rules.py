"""The synthetic province by the command line: exactly what its text says, under both clocks, in any order."""

from __future__ import annotations

import hashlib
import json
import random
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from tests.acceptance.cli import PROGRAM, Grms

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "ops" / "demo" / "province"
EXPECTED = json.loads((ROOT / "tests" / "oracle" / "province-expected.json").read_text(encoding="utf-8"))


def keys(hits) -> dict[str, list[str]]:
    found = defaultdict(list)
    for hit in hits:
        found[hit["rule"]].append(hit["key"])
    return {rule: sorted(of) for rule, of in found.items()}


@pytest.fixture(scope="module")
def province(tmp_path_factory):
    grms = Grms(tmp_path_factory.mktemp("province") / "home")
    read = grms.ingest(SAMPLE, source="auto")
    grms.run()
    return grms, read


def test_copies_are_counted_per_file(province):
    _, read = province
    copies = {file["file"].removesuffix(".gz"): file["copies"] for file in read["files"] if file["copies"]}
    assert copies == EXPECTED["duplicates"]


@pytest.mark.parametrize("args", [(), ("--as-of", EXPECTED["as_of"])])
def test_rules_hit_what_is_expected(province, args):
    grms, _ = province
    hits = grms.json("chain", "check", *args, exits=(1,))
    assert keys(hits) == EXPECTED["violations"]
    for hit in hits:
        assert hit.keys() == {"rule", "severity", "key", "unit", "amount", "since", "evidence", "message"}
        assert hit["evidence"], hit


def test_another_date_is_compared_with_and_filters_nothing(province):
    grms, _ = province
    early = keys(grms.json("chain", "check", "--as-of", "2025-01-01", exits=(1,)))
    assert "22" not in early
    assert not any(key.startswith("b:") for key in early.get("20", []))
    assert early["15"] == EXPECTED["violations"]["15"]


def test_report_has_the_expected_figures(province):
    grms, _ = province
    report = grms.report()
    assert {name: report[name] for name in ("totals", "funnel", "mak")} == {
        name: EXPECTED[name] for name in ("totals", "funnel", "mak")
    }


def test_units_add_up_to_the_whole(province):
    grms, _ = province
    units = [grms.report("--unit", unit) for unit in EXPECTED["totals"]]
    assert {unit: totals for report in units for unit, totals in report["totals"].items()} == EXPECTED["totals"]
    assert {name: sum(report["funnel"][name] for report in units) for name in EXPECTED["funnel"]} == EXPECTED["funnel"]


def test_rebuild_gives_the_same_views(province):
    grms, _ = province
    assert grms.json("view", "rebuild")["equal"] is True


def folders(tmp_path, rng, number):
    """The province's files dealt into folders, each with the manifest."""
    files = [path for path in sorted(SAMPLE.iterdir()) if path.name != "manifest.json"]
    rng.shuffle(files)
    for part in range(number):
        folder = tmp_path / f"part{part}"
        folder.mkdir()
        shutil.copy(SAMPLE / "manifest.json", folder)
        for path in files[part::number]:
            shutil.copy(path, folder)
        yield folder


def test_files_in_any_order_three_times_and_killed_give_the_same_views(province, grms, tmp_path):
    rng = random.Random(7)
    parts = list(folders(tmp_path, rng, 3))
    for folder in [*parts, *rng.sample(parts, 2), *parts]:
        grms.killed("ingest", "auto", folder, rng=rng, rounds=1, longest_s=1.5)
        grms.killed("run", "--until-caught-up", rng=rng, rounds=1, longest_s=1.5)
    whole, _ = province
    assert grms.hash() == whole.hash()
    assert keys(grms.json("chain", "check", exits=(1,))) == EXPECTED["violations"]


def test_what_was_known_stays_known(grms, tmp_path):
    known = {}
    for folder in folders(tmp_path, random.Random(3), 3):
        grms.ingest(folder, source="auto", exits=(0, 1))
        grms.run()
        known[grms.report()["as_known_at"]] = (grms.report(), grms.json("chain", "check", exits=(0, 1)))
    assert len(known) == 3
    for moment, (report, hits) in known.items():
        assert grms.report("--as-known-at", moment) == report
        assert grms.json("chain", "check", "--as-known-at", moment, exits=(0, 1)) == hits
    assert keys(hits) == EXPECTED["violations"]


def test_an_absent_file_is_not_an_empty_one(grms, tmp_path):
    for path in SAMPLE.iterdir():
        if not path.name.startswith("srikandi-naskah"):
            shutil.copy(path, tmp_path)
    grms.ingest(tmp_path, source="auto")
    grms.run()
    absent = keys(grms.json("chain", "check", exits=(1,)))
    assert absent["24"] == [key for key in EXPECTED["violations"]["24"] if key.startswith("d:")]
    empty = tmp_path / "empty"
    empty.mkdir()
    header = "id_naskah,nomor_naskah,jenis_naskah,arah,kode_klasifikasi,sifat,urgensi,hal,tanggal_naskah,"
    header += "tanggal_registrasi,kode_sub_skpd,status,nip_penandatangan\n"
    (empty / "srikandi-naskah.csv").write_text(header, encoding="utf-8")
    grms.ingest(empty, source="auto")
    grms.run()
    missing = keys(grms.json("chain", "check", exits=(1,)))["24"]
    assert sum(key.startswith("a:") for key in missing) == EXPECTED["funnel"]["contracts"]
    assert sum(key.startswith("c:") for key in missing) == EXPECTED["funnel"]["sp2d"]


def test_a_card_leads_from_plan_to_performance(province):
    grms, _ = province
    kinds = set()
    for package in ("NT:19000020000", "NT:19000076000"):
        shown = grms.json("chain", "show", package)
        kinds |= {node["kind"] for node in shown["nodes"]}
        ends = {node["id"] for node in shown["nodes"]}
        assert all(link["from"] in ends and link["to"] in ends for link in shown["links"])
        assert all(link["evidence"] for link in shown["links"])
    assert kinds >= {"sub_kegiatan", "budget_line", "rup_package", "purchase", "contract", "handover", "spp", "spm"}
    assert kinds >= {"sp2d", "asset", "letter", "progress", "indicator", "rating", "employee"}
    unpaid = grms.json("chain", "show", "NT:19000020000")["gaps"]
    assert any(gap.startswith("rule 20 ") for gap in unpaid)


@pytest.mark.parametrize("key", ["3000.3000.210.4010.20110", "90000207", "SPP:40061", "1.01.01.1.01.0002"])
def test_other_keys_of_the_chain_have_cards(province, key):
    grms, _ = province
    shown = grms.json("chain", "show", key)
    assert {"sub_kegiatan", "budget_line"} <= {node["kind"] for node in shown["nodes"]}


@pytest.mark.parametrize("key", ["IK-00003", "INDIKATOR:IK-00003", "190002021920012001", "SKP:SKP-00003"])
def test_from_agreement_to_pay_is_one_card(province, key):
    grms, _ = province
    shown = grms.json("chain", "show", key)
    kinds = {node["kind"] for node in shown["nodes"]}
    assert kinds >= {"sub_kegiatan", "budget_line", "indicator", "agreement", "rating", "employee", "allowance"}
    ends = {node["id"] for node in shown["nodes"]}
    assert all(link["from"] in ends and link["to"] in ends and link["evidence"] for link in shown["links"])
    assert any("TUKIN" in gap for gap in shown["gaps"])


@pytest.mark.parametrize("key", ["NT:19000020000", "IK-00003"])
def test_text_masks_who_is_named(province, key):
    grms, _ = province
    answer = subprocess.run(
        [PROGRAM, "chain", "show", key, "--home", str(grms.home)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "NIP:" in answer.stdout
    assert not re.search(r"(?<!\d)\d{18}(?!\d)", answer.stdout)


def test_exported_views_hash_as_the_live_ones(province, tmp_path):
    grms, _ = province
    told = grms.json("export", "views", "--out", tmp_path / "out")
    assert {view["view"]: view["sha256"] for view in told["views"]} == grms.hash()
    for view in told["views"]:
        data = (tmp_path / "out" / view["file"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == view["sha256"]
        assert data.count(b"\n") == view["rows"]


def test_what_waits_is_told_with_its_age(province):
    grms, _ = province
    waiting = grms.json("chain", "stuck")
    assert [item["age_days"] for item in waiting] == sorted((item["age_days"] for item in waiting), reverse=True)
    unpaid = {key.removeprefix("b:") for key in EXPECTED["violations"]["20"] if key.startswith("b:")}
    assert unpaid & {item["key"].removeprefix("KONTRAK:") for item in waiting if item["turn"] == "pptk"}


def test_timeliness_counts_what_is_dated_and_judges_by_a_cited_term(province):
    grms, _ = province
    told = grms.json("chain", "timeliness")
    progress = [row for row in told["by_event"] if row["event"] == "ProgressReported"]
    assert {row["unit"] for row in progress} == set(EXPECTED["totals"])
    assert all(0 < row["in_time"] <= row["judged"] for row in progress)
    assert told["terms"][0]["dasar_hukum"]
    finance = [row for row in told["by_stage"] if row["stage"] == "finance" and row["unit"]]
    assert all(row["timed"] < row["events"] for row in finance), "a pull is no delay"
    one = progress[0]["unit"]
    assert grms.json("chain", "timeliness", "--unit", one)["by_event"] == [
        row for row in told["by_event"] if row["unit"] == one
    ]


def test_coverage_tells_of_every_row_of_the_catalogue(province):
    grms, _ = province
    told = grms.json("chain", "coverage")
    assert (told["units"], told["applications"], sum(told["by_state"].values())) == (49, 165, 165)
    fed = [row for row in told["rows"] if row["state"] == "fed"]
    assert fed
    assert all(row["age_days"] >= 0 and row["code"] and row["stages"] for row in fed)
    assert all(row["source_last_heard"] for row in told["rows"] if row["state"] == "unit_unknown")
    later = grms.json("chain", "coverage", "--as-of", "2026-12-31")
    ages = {(row["unit"], row["application"]): row["age_days"] for row in later["rows"]}
    assert all(ages[row["unit"], row["application"]] > row["age_days"] for row in fed)
