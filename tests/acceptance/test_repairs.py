"""Faults that a hostile review found, each kept from coming back."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing

import pytest

from tests.acceptance.cli import OBSERVED_AT, finish
from tests.oracle import feeds

AT = ("--observed-at", OBSERVED_AT)
MASTER = "rup-master-satker"


@pytest.fixture
def feed(seeded):
    return seeded(3)[0]


@pytest.fixture
def given(grms, tmp_path):
    """Ingest some rows as a file of a kind; return the report."""

    def ingest(kind, rows, *flags, exits=(0, 1)):
        path = tmp_path / f"{time.monotonic_ns()}" / f"{kind}.json"
        path.parent.mkdir()
        path.write_bytes(rows if isinstance(rows, bytes) else feeds.encoded(rows))
        return grms.ingest(path, *(flags or AT), exits=exits)

    return ingest


@pytest.mark.parametrize("null", ["0001-01-01", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59-05:00"])
@pytest.mark.parametrize("column", ["tgl_selesai_nontender", "_event_date"])
def test_a_date_that_no_clock_can_write_costs_its_row_alone(null, column, feed, grms, given):
    rows = feed[feeds.SELESAI][:5]
    bad = dict(rows[2], **{column: null})
    report = given(feeds.SELESAI, [*rows[:2], bad, *rows[3:]])
    if null.startswith("0001"):
        assert (report["rejected"], report["published"]) == (1, 4)
        assert [letter["reason"] for letter in grms.letters()] == ["bad_date"]
    assert given(MASTER, feed[MASTER])["rejected"] == 0
    assert grms.run()["dead_letters"] == 0


def test_an_observed_time_that_no_clock_can_write_is_misuse(grms, tmp_path, feed):
    folder = feeds.write(feed, tmp_path / "feed")
    for text in ("0001-01-01", "", "yesterday"):
        assert grms.call("ingest", "isb", folder, "--observed-at", text).exit == 2


def test_schemas_are_registered_once_however_many_begin_at_once(grms):
    for process in [grms.start("schemas", "list") for _ in range(6)]:
        assert finish(process).exit == 0
    assert {entry["version"] for entry in grms.json("schemas", "list")} == {1}


def test_a_rebuild_after_a_killed_run_equals_what_the_run_would_have_come_to(baseline, grms):
    grms.ingest(baseline.folder, *AT, exits=(0, 1))
    with closing(sqlite3.connect(grms.home / "store.sqlite")) as db:
        grms.run()
        generations = [row[0] for row in db.execute("select id from generation where state = 'live'")]
        # What a run killed between applying and refreshing leaves: marked nodes and subjects, and old rows.
        for generation in generations:
            db.execute(
                "insert into dirty select distinct generation, node from view_row where generation = ? "
                "on conflict do nothing",
                (generation,),
            )
            db.execute(
                "insert into stale select distinct generation, subject from need where generation = ? "
                "on conflict do nothing",
                (generation,),
            )
            db.execute("update view_row set body = '{}' where generation = ?", (generation,))
        db.commit()
    assert grms.json("view", "rebuild")["equal"] is True
    assert grms.hash() == baseline.hashes


def test_a_redriven_row_is_stated_at_every_time_it_was_observed(feed, grms, given):
    row = dict(feed[feeds.KONTRAK][0], no_kontrak="K-REDRIVE")
    for name in ("_event_date", "_inserted_date", "tgl_penarikan"):
        row.pop(name, None)
    for day, value in (("01", "Rp 1.500,00"), ("02", "999"), ("03", "Rp 1.500,00")):
        given(feeds.KONTRAK, [dict(row, nilai_kontrak=value)], "--observed-at", f"2025-10-{day}")
    redriven = grms.json("dlq", "redrive", "--all", "--fix", "indonesian-money", "--yes")
    assert redriven == {"redriven": 1, "applied": 1, "failed_again": 0}
    grms.run()
    [contract] = [
        node for node in grms.json("chain", "show", "K-REDRIVE")["nodes"] if node["id"].endswith("|K-REDRIVE")
    ]
    assert contract["amount"] == "1500.00"


def test_a_fix_for_money_leaves_the_contract_number_alone(feed, grms, given):
    row = dict(feed[feeds.KONTRAK][0], no_kontrak="600.123", nilai_kontrak="Rp 1.500.000,00")
    given(feeds.KONTRAK, [row])
    grms.json("dlq", "redrive", "--all", "--fix", "indonesian-money", "--yes")
    grms.run()
    assert any(node["id"].endswith("|600.123") for node in grms.json("chain", "show", "600.123")["nodes"])


def test_a_fix_for_latin1_leaves_utf8_alone(feed, grms, given):
    row = dict(feed[feeds.SELESAI][0], nama_paket="Gedung – Café")
    name = f'"nama_paket": "{row["nama_paket"]}"'.encode()
    body = json.dumps(row, ensure_ascii=False).encode()
    assert name in body
    given(feeds.SELESAI, b"[" + body.replace("é".encode(), b"\xe9") + b"]")
    assert grms.json("dlq", "redrive", "--all", "--fix", "latin1", "--yes")["applied"] == 1
    assert given(feeds.SELESAI, b"[" + body + b"]")["unchanged"] == 1


def test_a_discarded_letter_hides_no_later_damage(grms, given):
    given(MASTER, b"", "--observed-at", "2025-10-01")
    [letter] = grms.letters()
    grms.json("dlq", "discard", letter["id"], "--because", "the source sends it again", "--yes")
    given(MASTER, b"", "--observed-at", "2025-10-02")
    assert len(grms.letters()) == 1


def test_the_same_damage_at_the_same_time_is_the_same_letter(grms, given):
    for _ in range(3):
        given(MASTER, b"", "--observed-at", "2025-10-01")
    assert len(grms.letters()) == 1


def test_nothing_is_gone_from_a_feed_read_twice(bundled, grms):
    for _ in range(2):
        report = grms.ingest(feeds.BUNDLE)
        assert {file["gone"] for file in report["files"]} == {0}
    grms.run()
    assert grms.json("doctor") == {"ok": True, "problems": []}


def test_a_damaged_export_says_nothing_of_what_is_gone(feed, grms, given):
    given(MASTER, feed[MASTER], "--observed-at", "2025-10-01")
    torn = feeds.encoded(feed[MASTER])[:200]
    [file] = given(MASTER, torn, "--observed-at", "2025-10-02")["files"]
    assert file["problem"]
    assert file["gone"] == 0
    assert not [problem for problem in grms.json("doctor", exits=(1,))["problems"] if "gone" in problem["what"]]


def test_a_punch_is_never_gone(grms, tmp_path):
    for day in (1, 2):
        path = tmp_path / f"{day}_attlog.dat"
        path.write_text(f"   12\t2025-10-0{day} 07:00:00\t1\t0\t1\t0\n")
        at = ("--device", "SN1", "--observed-at", f"2025-10-0{day + 1}")
        [file] = grms.ingest(path, *at, source="absensi")["files"]
        assert (file["rows"], file["gone"]) == (1, 0)
    grms.run()
    assert grms.json("doctor")["ok"] is True


def test_a_card_says_what_is_dead_by_any_of_its_names(feed, grms, given):
    row = feed[feeds.SELESAI][0]
    package = str(row["kd_nontender"])
    for name, rows in feed.items():
        given(name, rows)
    given(feeds.SELESAI, [dict(row, nilai_kontrak="1,5 jt")], "--observed-at", "2025-12-01")
    grms.run()
    [letter] = grms.letters()
    assert letter["topic"] == "grms.pengadaan.v1"
    for name in (package, f"NT:{package}"):
        shown = grms.json("chain", "show", name)
        assert shown["open_dead_letters"] == [letter["id"]]
        assert any("dead letter" in gap for gap in shown["gaps"])


def test_every_end_of_a_link_is_a_node_and_every_node_names_its_events(bundled):
    grms = bundled[0]
    for key in ("10033430000", "10039480000", "10080687000"):
        shown = grms.json("chain", "show", key)
        nodes = {node["id"]: node for node in shown["nodes"]}
        for link in shown["links"]:
            assert {link["from"], link["to"]} <= nodes.keys()
        assert all(node["events"] for node in nodes.values()), [n for n in nodes if not nodes[n]["events"]]


def test_a_budget_line_is_found_as_the_feed_writes_it(bundled):
    grms = bundled[0]
    written = "1.03.10.2.01.0029.5.2.04.01.01.0003."
    assert grms.json("chain", "show", written)["nodes"] == grms.json("chain", "show", written[:-1])["nodes"]


def test_reading_goes_on_while_somebody_writes(baseline):
    with closing(sqlite3.connect(baseline.grms.home / "store.sqlite", isolation_level=None)) as db:
        db.execute("begin immediate")
        assert baseline.grms.report("--wait", "1")["measures"]


def test_an_ingest_waits_for_who_writes_and_ends_well(grms, baseline):
    grms.json("schemas", "list")
    with closing(sqlite3.connect(grms.home / "store.sqlite", isolation_level=None)) as db:
        db.execute("begin immediate")
        process = grms.start("ingest", "isb", baseline.folder, *AT, "--wait", "1")
        time.sleep(3)
        assert process.poll() is None
        db.execute("rollback")
    assert finish(process).exit == 1, "the baseline holds one bad row"


def test_each_of_two_ingests_counts_its_own(grms, tmp_path, bundle):
    folders = [
        feeds.write(part, tmp_path / f"part{n}")
        for n, part in enumerate(({MASTER: bundle[MASTER]}, {feeds.SELESAI: bundle[feeds.SELESAI]}))
    ]
    ingests = [grms.start("ingest", "isb", folder, *AT) for folder in folders]
    runs = [grms.start("run", "--until-caught-up")]
    reports = [finish(process).document() for process in ingests]
    assert [report["published"] for report in reports] == [len(bundle[MASTER]), len(bundle[feeds.SELESAI])]
    assert finish(runs[0]).exit == 0


@pytest.mark.parametrize("partitions", ["0", "-1", "many"])
def test_partitions_are_at_least_one(partitions, tmp_path, grms):
    grms.home.mkdir()
    (grms.home / "grms.toml").write_text(f"partitions = {partitions!r}\n")
    assert grms.call("view", "hash").exit == 2


def test_a_log_that_is_damaged_is_told_by_the_doctor(grms, baseline):
    grms.read(baseline.folder)
    path = grms.home / "log.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    body = bytearray(path.read_bytes())
    body[16384 * 3 :: 64] = b"\0" * len(body[16384 * 3 :: 64])
    path.write_bytes(body)
    answer = grms.call("doctor")
    assert answer.exit in {1, 4}
    assert "backup" in answer.stdout + answer.stderr


def test_a_home_may_have_any_name(tmp_path, baseline):
    grms = type(baseline.grms)(tmp_path / "a?b c#d")
    grms.ingest(baseline.folder, *AT, exits=(0, 1))
    assert (grms.home / "store.sqlite").exists()
    assert [path.name for path in tmp_path.iterdir()] == [grms.home.name]


@pytest.mark.parametrize("clock", ["--as-known-at", "--as-true-at"])
def test_a_card_tells_nothing_from_before_its_facts(clock, bundled):
    shown = bundled[0].json("chain", "show", "NT:10033430000", clock, "2020-01-01", exits=(1,))
    assert (shown["nodes"], shown["links"]) == ([], [])
    assert shown["gaps"] == ["nothing is known of NT:10033430000"]


def test_what_is_gone_counts_the_delivery_not_the_dates_in_its_rows(bundle, grms, tmp_path):
    rows = bundle[feeds.BAPBAST]
    for number in range(10):
        path = tmp_path / f"part{number}" / f"{feeds.BAPBAST}.json"
        path.parent.mkdir()
        path.write_bytes(feeds.encoded(rows[number::10]))
        [file] = grms.ingest(path, *AT)["files"]
        assert file["gone"] == 0
    grms.run()
    assert grms.json("doctor")["ok"] is True


def test_a_key_in_a_rejected_row_is_not_gone(feed, given):
    rows = feed[feeds.SELESAI][:3]
    given(feeds.SELESAI, rows, "--observed-at", "2025-10-01")
    worse = [*rows[:2], dict(rows[2], nilai_kontrak="1,5 jt")]
    [file] = given(feeds.SELESAI, worse, "--observed-at", "2025-10-02")["files"]
    assert (file["rejected"], file["gone"]) == (1, 0)


def test_a_bad_line_of_two_devices_is_two_letters(grms, tmp_path):
    for device in ("D1", "D2"):
        path = tmp_path / device / "1_attlog.dat"
        path.parent.mkdir()
        path.write_bytes(b"1\t2025-10-01 07:00:00\t1\t0\t\x000\n")
        grms.ingest(path, "--device", device, *AT, source="absensi", exits=(1,))
    done = grms.json("dlq", "redrive", "--all", "--fix", "strip-nul", "--yes")
    assert done == {"redriven": 2, "applied": 2, "failed_again": 0}
    assert grms.run()["events"] == 5, "two punches, read for attendance and for pay, and that an export was read"


def test_a_name_in_a_money_column_stays_out_of_text(feed, grms, given):
    given(feeds.SELESAI, [dict(feed[feeds.SELESAI][0], nilai_kontrak="BUDI SANTOSO 198501012010011001")])
    [letter] = grms.letters()
    assert "BUDI" not in letter["message"]
    assert "1985" not in letter["message"]


def test_a_report_counts_nothing_that_a_killed_ingest_left(feed, grms, given, tmp_path):
    given(feeds.SELESAI, feed[feeds.SELESAI])
    with closing(sqlite3.connect(grms.home / "store.sqlite")) as db:
        db.execute("update statement set state = 0 where event = 'PurchaseCompleted'")
        db.commit()
    report = given(MASTER, [])
    assert (report["read"], report["published"], report["events"]) == (0, 0, 0)


def test_a_card_as_known_then_stays_as_it_was(feed, grms, given):
    for name, rows in feed.items():
        given(name, rows)
    grms.run()
    row = next(row for row in feed[feeds.SELESAI] if row["kd_rup"])
    rup = str(row["kd_rup"]).split(";")[0]
    then = grms.report()["as_known_at"]
    names = (rup, f"NT:{row['kd_nontender']}")
    before = [grms.json("chain", "show", name, "--as-known-at", then) for name in names]
    given(feeds.SELESAI, [dict(row, kd_rup="1234567")], "--observed-at", "2025-12-01")
    given(feeds.PENGUMUMAN, [dict(r, kd_rup="1234567") for r in feed[feeds.PENGUMUMAN]], "--observed-at", "2025-12-01")
    given(feeds.SELESAI, [dict(row, nilai_kontrak="1,5 jt")], "--observed-at", "2025-12-02")
    grms.run()
    assert [grms.json("chain", "show", name, "--as-known-at", then) for name in names] == before


def test_a_serial_number_counts_though_the_first_punch_is_bad(grms, tmp_path):
    path = tmp_path / "1_attlog.dat"
    path.write_text("7654321\n1\tyesterday\t1\t0\t1\t0\n2\t2025-10-01 07:00:00\t1\t0\t1\t0\n1F2A\n")
    report = grms.ingest(path, *AT, source="absensi", exits=(1,))
    assert (report["read"], report["rejected"], report["published"]) == (2, 1, 1)
    assert [letter["reason"] for letter in grms.letters()] == ["bad_date"]


def test_names_that_are_no_text_end_in_no_bug(grms, tmp_path, feed):
    grms.call("chain", "show", b"\xff".decode(errors="surrogateescape"))
    path = tmp_path / "feed" / b"attlog\xff.dat".decode(errors="surrogateescape")
    path.parent.mkdir()
    path.write_text("2\t2025-10-01 07:00:00\t1\t0\t1\t0\n")
    assert grms.ingest(path, "--device", "D1", *AT, source="absensi")["published"] == 1
    (path.parent / "manifest.json").write_text('{"as_of": "\\ud800"}')
    assert grms.call("ingest", "absensi", path, "--device", "D1", *AT).exit == 2
