"""The command line's contract: exit codes, one document on stdout, shapes, and what is left alone."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
import sys
import time

import pytest

from tests.acceptance.cli import OBSERVED_AT, PROGRAM, Grms, only
from tests.oracle import feeds, isb

AT = ("--observed-at", OBSERVED_AT)
RUPIAH = re.compile(r"-?\d+\.\d\d")


# --- exit codes ----------------------------------------------------------------


@pytest.mark.parametrize(
    "args",
    [
        ("no-such-command",),
        ("run", "--no-such-option"),
        ("ingest", "no-such-source", "."),
        ("ingest", "isb"),
        ("chain", "report", "--as-true-at", "yesterday"),
        ("chain", "report", "--as-known-at", "yesterday"),
        ("run", "--until-caught-up", "--batch", "0"),
        ("run", "--until-caught-up", "--engine", "steam"),
    ],
    ids=" ".join,
)
def test_misuse_is_2(args, grms):
    answer = grms.call(*args)
    assert answer.exit == 2
    assert answer.stderr.strip()


def test_a_bad_observed_time_is_misuse_and_reads_nothing(grms, baseline):
    assert grms.call("ingest", "isb", baseline.folder, "--observed-at", "yesterday").exit == 2
    assert grms.run()["events"] == 0
    assert grms.letters() == []


def test_findings_are_1_and_listings_always_0(grms, baseline):
    assert grms.call("ingest", "isb", baseline.folder, *AT).exit == 1
    for listing in (("dlq", "list"), ("sources",), ("schemas", "list")):
        assert grms.call(*listing).exit == 0


def test_an_unknown_setting_is_misuse(tmp_path):
    grms = Grms(tmp_path / "home", {"GRMS_NO_SUCH_SETTING": "1"})
    answer = grms.call("view", "hash")
    assert answer.exit == 2
    assert "NO_SUCH_SETTING" in answer.stderr.upper()


def test_an_unknown_key_of_the_settings_file_is_misuse(grms):
    grms.home.mkdir()
    for name in ("grms", "config", "settings"):
        (grms.home / f"{name}.toml").write_text('no_such_setting = "1"\n')
    answer = grms.call("view", "hash")
    assert answer.exit == 2
    assert "no_such_setting" in answer.stderr


def test_a_database_that_cannot_be_reached_is_4(tmp_path):
    settings = {"GRMS_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    answer = Grms(tmp_path / "home", settings).call("view", "hash", "--wait", "1")
    assert answer.exit == 4
    assert "postgresql+psycopg://nobody@127.0.0.1:9/none" in answer.stderr


@pytest.mark.parametrize("url", ["mysql://u:geheim@h/d", "geheim", "postgresql://u:geheim@h:port/d"])
def test_a_database_of_no_known_kind_is_misuse_and_is_not_shown(url, tmp_path):
    answer = Grms(tmp_path / "home", {"GRMS_DATABASE_URL": url}).call("view", "hash")
    assert answer.exit == 2
    assert "GRMS_DATABASE_URL" in answer.stderr
    assert "geheim" not in answer.stderr


def test_a_home_comes_from_the_environment_too(tmp_path, baseline):
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GRMS_")}
    done = subprocess.run(
        [PROGRAM, "view", "hash", "--json"],
        env={**environment, "GRMS_HOME": str(baseline.grms.home)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == baseline.hashes
    assert list(tmp_path.iterdir()) == []


# --- listings ------------------------------------------------------------------


def test_sources_know_the_files_of_the_feed_by_name(grms):
    sources = {entry["source"]: entry for entry in grms.json("sources")}
    assert all({"system", "stage", "files", "events"} <= entry.keys() for entry in sources.values())
    for name in isb.KINDS:
        assert any(fnmatch.fnmatch(f"{name}.json", pattern) for pattern in sources["isb"]["files"]), name
    assert any(fnmatch.fnmatch("1_attlog.dat", pattern) for pattern in sources["absensi"]["files"])
    events = " ".join(event for entry in sources.values() for event in entry["events"])
    assert all(event in events for event in isb.EVENTS if event != "ExportRead")


def test_schemas_are_listed_by_type(grms):
    listed = {entry["type"]: entry for entry in grms.json("schemas", "list")}
    for event, context in isb.EVENTS.items():
        entry = listed[f"grms.{context}.{event}"]
        assert entry["context"] == context
        assert entry["topic"] == f"grms.{context}.v1"
        assert entry["subject"] == f"{entry['topic']}-{entry['type']}"
        assert int(entry["version"]) >= 1
        assert "key" in entry


def test_doctor_of_a_healthy_home(bundled):
    doctor = bundled[0].json("doctor", exits=(0, 1))
    assert isinstance(doctor["ok"], bool)
    assert all({"what", "remedy"} <= problem.keys() for problem in doctor["problems"])


# --- report --------------------------------------------------------------------


def test_report_has_its_parts(bundled, bundle):
    report = bundled[0].report()
    assert {"as_known_at", "as_true_at", "measures", "totals", "funnel", "mak", "by_unit"} <= report.keys()
    assert all({"unit", "name", "measures"} <= entry.keys() for entry in report["by_unit"])
    assert all(isinstance(value, int) for value in report["measures"].values())
    names = {row["kd_satker_str"]: row["nama_satker"] for row in bundle[feeds.UNITS]}
    for entry in report["by_unit"]:
        assert entry["name"] == names.get(entry["unit"], entry["name"]), entry["unit"]


# --- show ----------------------------------------------------------------------


@pytest.fixture(scope="session")
def delivered(bundle):
    """A listed purchase with one contract, one hand-over, one RUP code and a clean MAK."""
    contracts: dict[int, list[dict]] = {}
    for row in bundle[feeds.KONTRAK]:
        contracts.setdefault(row["kd_nontender"], []).append(row)
    handed = {row["kd_nontender"] for row in bundle[feeds.BAPBAST]}
    codes = [row["kd_rup"] for row in bundle[feeds.SELESAI]]
    numbers = [isb.norm(row["no_kontrak"]) for row in bundle[feeds.KONTRAK]]
    row = next(
        row
        for row in bundle[feeds.SELESAI]
        if row["kd_nontender"] in handed
        and len(contracts.get(row["kd_nontender"], [])) == 1
        and codes.count(row["kd_rup"]) == 1
        and isb.MAK.match(row["mak"])
        and numbers.count(isb.norm(contracts[row["kd_nontender"]][0]["no_kontrak"])) == 1
    )
    return row, contracts[row["kd_nontender"]][0]


def assert_chain(shown):
    assert {"key", "nodes", "links", "gaps", "open_dead_letters"} <= shown.keys()
    for node in shown["nodes"]:
        assert {"id", "kind", "stage", "amount", "unit", "events"} <= node.keys()
        assert node["amount"] is None or RUPIAH.fullmatch(node["amount"]), node
        assert all(isinstance(event, str) for event in node["events"])
    for link in shown["links"]:
        assert {"from", "to", "method", "confidence", "evidence"} <= link.keys()
        assert link["method"]
        assert link["evidence"], link
    assert all(isinstance(gap, str) for gap in shown["gaps"])


@pytest.mark.parametrize("form", ["{kd}", "NT:{kd}", "{rup}", "{number}"])
def test_a_package_is_shown_from_budget_to_payment(form, bundled, delivered):
    row, contract = delivered
    key = form.format(kd=row["kd_nontender"], rup=row["kd_rup"], number=contract["no_kontrak"])
    shown = bundled[0].json("chain", "show", key, exits=(0, 1))
    assert_chain(shown)
    told = json.dumps(shown)
    assert str(row["kd_nontender"]) in told
    assert isb.MAK.match(row["mak"]).group(1) in told
    assert f"{contract['nilai_kontrak']:.2f}" in {node["amount"] for node in shown["nodes"]}
    assert any(node["events"] for node in shown["nodes"])
    assert row["kd_satker_str"] in {node["unit"] for node in shown["nodes"]}


def test_package_and_its_prefixed_form_are_one(bundled, delivered):
    kd = delivered[0]["kd_nontender"]
    one, other = (bundled[0].json("chain", "show", key, exits=(0, 1)) for key in (kd, f"NT:{kd}"))
    assert [one["nodes"], one["links"]] == [other["nodes"], other["links"]]


def test_a_contract_number_is_found_in_another_hand(bundled, delivered):
    number = delivered[1]["no_kontrak"]
    shown = bundled[0].json("chain", "show", f" {number.lower()} ", exits=(0, 1))
    assert str(delivered[0]["kd_nontender"]) in json.dumps(shown)


def test_a_mak_that_does_not_match_is_a_link_with_its_raw_text(bundled, bundle):
    row = next(row for row in bundle[feeds.SELESAI] if not any(map(isb.MAK.match, isb.maks(row["mak"]))))
    shown = bundled[0].json("chain", "show", row["kd_nontender"], exits=(0, 1))
    unparsed = [link for link in shown["links"] if link["method"] == "unparsed"]
    assert unparsed
    assert isb.maks(row["mak"])[0] in json.dumps(shown)


# --- ingest --------------------------------------------------------------------


def test_a_dry_run_writes_nothing(grms, baseline):
    dry = grms.ingest(baseline.folder, *AT, "--dry-run", exits=(0, 1))
    assert not any(path.is_file() for path in grms.home.rglob("*")) or grms.letters() == []
    assert grms.run()["events"] == 0
    wet = grms.ingest(baseline.folder, *AT, exits=(1,))
    assert (dry["read"], dry["rejected"]) == (wet["read"], wet["rejected"])
    assert wet["events"] > 0
    grms.run(exits=(0, 1))
    assert grms.hash() == baseline.hashes


@pytest.mark.parametrize("source", ["isb", "auto"])
def test_unknown_files_are_left_alone(source, grms, seeded, tmp_path):
    feed, _ = seeded(500)
    folder = feeds.write(feed, tmp_path / "feed", pulled="2025-10-03")
    strangers = {
        "expected.json": "{}",
        "notes.txt": "{",
        "spse-nontender-kontrak-old.bak": "",
        "README.md": "#",
    }
    for name, text in strangers.items():
        (folder / name).write_text(text)
    report = grms.ingest(folder, source=source)
    assert set(report["ignored"]) >= strangers.keys()
    assert len(report["files"]) == len(feed)
    assert grms.letters() == []


def test_a_manifest_tells_when_its_exports_were_pulled(grms, seeded, tmp_path):
    feed, _ = seeded(501)
    for day, nip in (("2025-10-02", "198609262015051001"), ("2025-10-01", "A")):
        row = dict(feed[feeds.KONTRAK][0], nip_ppk=nip)
        grms.ingest(feeds.write({feeds.KONTRAK: [row]}, tmp_path / day, pulled=day))
    grms.run()
    assert grms.measures()["contract_numbers_ppk_nip_invalid"] == 0


def test_folders_and_files_at_once(grms, seeded, tmp_path):
    feed, _ = seeded(502)
    names = sorted(feed)
    one = feeds.write({name: feed[name] for name in names[:9]}, tmp_path / "one")
    two = feeds.write({name: feed[name] for name in names[9:]}, tmp_path / "two", compress=True)
    report = grms.ingest(one, *sorted(two.iterdir()), *AT)
    assert len(report["files"]) == len(feed)
    grms.run()
    whole = feeds.exported([(feeds.write(feed, tmp_path / "whole"), OBSERVED_AT)])
    assert only(grms.measures(), isb.MEASURES) == isb.world(whole).measures()


def test_ids_and_money_leave_as_text(bundled):
    report = bundled[0].report()
    amounts = [value for value in json.dumps(report["totals"]).split('"') if RUPIAH.fullmatch(value)]
    assert not re.search(r"\d\.\d+[,}]", json.dumps(report["totals"])), "money as a number"
    assert amounts or not report["totals"]


# --- demo ----------------------------------------------------------------------

WEIGH = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], stdout=sys.stdout, stderr=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(done.returncode)
"""


def test_the_demonstration_is_quick_and_small(tmp_path):
    environment = {name: text for name, text in os.environ.items() if not name.startswith("GRMS_")}
    begun = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", WEIGH, PROGRAM, "demo", "--home", tmp_path / "home", "--json"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert time.monotonic() - begun < 60
    json.loads(done.stdout)
    peak_kb = int(done.stderr.split()[-1])
    assert peak_kb < 300 * 1024
