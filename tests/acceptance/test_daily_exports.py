"""Exports of the same things day by day: what changed is published, and the order of reading never counts."""

from __future__ import annotations

import itertools
import random

import pytest

from tests.acceptance.cli import OBSERVED_AT, only
from tests.oracle import feeds, isb


@pytest.fixture
def week(seeded, tmp_path):
    """Five days as folders in order, and what the oracle makes of them."""

    def make(seed: int):
        feed, rng = seeded(200 + seed)
        folders = [
            (feeds.write(day.feed, tmp_path / day.pulled, pulled=day.pulled), day.pulled)
            for day in feeds.days(feed, rng)
        ]
        return [folder for folder, _ in folders], isb.world(feeds.exported(folders)).measures()

    return make


def one_row(feed: feeds.Feed, folder, pulled: str, **said: object):
    """A folder with a single contract row that says something."""
    row = dict(feed[feeds.KONTRAK][0], **said)
    return feeds.write({feeds.KONTRAK: [row]}, folder, pulled=pulled)


@pytest.mark.parametrize("seed", range(2))
def test_days_in_order_give_the_last_word_of_each_key(seed, grms, week):
    folders, expected = week(seed)
    for folder in folders:
        grms.ingest(folder)
        grms.run()
    assert only(grms.measures(), isb.MEASURES) == expected


@pytest.mark.parametrize("seed", range(3))
def test_days_in_any_order_give_the_same_views(seed, new_home, week):
    folders, expected = week(seed)
    straight = new_home("straight")
    straight.ingest(*folders)
    straight.run()
    assert only(straight.measures(), isb.MEASURES) == expected
    orders = [list(reversed(folders)), random.Random(seed).sample(folders, 5)]
    for number, order in enumerate(orders):
        grms = new_home(str(number))
        for folder in order:
            grms.ingest(folder)
            if number:
                grms.run()
        grms.run()
        assert grms.hash() == straight.hash(), [folder.name for folder in order]
    assert straight.json("view", "rebuild")["equal"] is True


def test_a_late_day_in_the_middle(new_home, week):
    folders, expected = week(5)
    straight, late = new_home("straight"), new_home("late")
    straight.ingest(*folders)
    straight.run()
    for folder in (*folders[:2], *folders[3:], folders[2]):
        late.ingest(folder)
        late.run()
    assert late.hash() == straight.hash()
    assert only(late.measures(), isb.MEASURES) == expected


def test_days_without_change_publish_nothing(grms, seeded, tmp_path):
    feed, rng = seeded(210)
    for number, day in enumerate(("2025-10-01", "2025-10-02", "2025-10-03")):
        export = feeds.repeated(feeds.shuffled(feeds.dated(feed, day), rng), 1 + number)
        report = grms.ingest(feeds.write(export, tmp_path / day, pulled=day))
        if number:
            assert (report["events"], report["published"]) == (0, 0)
            assert report["unchanged"] == report["read"] > 0
    first = grms.run()["events"]
    assert first > 0


def test_only_what_changed_is_published(grms, seeded, tmp_path):
    feed, _ = seeded(211)
    grms.ingest(feeds.write(feeds.dated(feed, "2025-10-01"), tmp_path / "one", pulled="2025-10-01"))
    other = feeds.copied(feed)
    other[feeds.SELESAI][3]["nilai_kontrak"] = 424_242
    report = grms.ingest(feeds.write(feeds.dated(other, "2025-10-02"), tmp_path / "two", pulled="2025-10-02"))
    assert (report["events"], report["published"], report["unchanged"]) == (1, 1, report["read"] - 1)


def test_a_contract_file_gives_one_event_a_content(grms, bundle, tmp_path):
    rows = bundle[feeds.KONTRAK]
    report = grms.ingest(feeds.write({feeds.KONTRAK: rows}, tmp_path / "feed", pulled="2025-10-03"))
    copies = report["files"][0]["copies"]
    assert copies > 0
    assert report["events"] == len(rows) - copies


def test_back_to_the_first_word(new_home, seeded, tmp_path):
    feed, _ = seeded(212)
    days = [
        one_row(feed, tmp_path / f"2025-10-0{n}", f"2025-10-0{n}", nip_ppk=nip)
        for n, nip in ((1, "A"), (2, "198609262015051001"), (3, "A"))
    ]
    hashes = []
    for number, order in enumerate(itertools.permutations(days)):
        grms = new_home(str(number))
        for folder in order:
            grms.ingest(folder)
        grms.run()
        assert grms.measures()["contract_numbers_ppk_nip_invalid"] == 1
        hashes.append(grms.hash())
    assert all(found == hashes[0] for found in hashes)


def test_a_late_statement_is_published_with_its_successor(grms, seeded, tmp_path):
    feed, _ = seeded(213)
    said = {"2025-10-01": "A", "2025-10-03": "A", "2025-10-02": "B"}
    events = [grms.ingest(one_row(feed, tmp_path / day, day, nip_ppk=nip))["events"] for day, nip in said.items()]
    assert events == [1, 0, 2]


def test_a_late_repetition_publishes_nothing(grms, seeded, tmp_path):
    feed, _ = seeded(214)
    said = {"2025-10-01": "A", "2025-10-03": "B", "2025-10-02": "A"}
    events = [grms.ingest(one_row(feed, tmp_path / day, day, nip_ppk=nip))["events"] for day, nip in said.items()]
    assert events == [1, 1, 0]


def test_a_key_stated_twice_is_one_statement_in_whatever_files(new_home, seeded, tmp_path):
    feed, _ = seeded(215)
    row = feed[feeds.SELESAI][0]
    words = [dict(row, nilai_kontrak=value) for value in (9, 10, None)]
    together = feeds.write({feeds.SELESAI: words}, tmp_path / "together", pulled="2025-10-03")
    one, other = new_home("one"), new_home("other")
    assert one.ingest(together)["events"] == 3
    for number, word in enumerate(reversed(words)):
        other.ingest(feeds.write({feeds.SELESAI: [word]}, tmp_path / f"{number}", pulled="2025-10-03"))
    one.run()
    other.run()
    assert one.hash() == other.hash()
    # As text, 9 is the greatest: the purchase has a contract value.
    assert one.measures()["purchases_without_contract_value"] == 0
    assert one.ingest(together)["events"] == 0


def test_less_of_a_statement_is_another_statement(grms, seeded, tmp_path):
    feed, _ = seeded(216)
    row = dict(feed[feeds.KONTRAK][0], nip_ppk="198609262015051001")
    twin = dict(row, nip_ppk="A")
    for day, rows, events in (
        ("2025-10-01", [row, twin], 2),
        ("2025-10-02", [twin, row, twin], 0),
        ("2025-10-03", [row], 1),
    ):
        report = grms.ingest(feeds.write({feeds.KONTRAK: rows}, tmp_path / day, pulled=day))
        assert report["events"] == events, day
    grms.run()
    assert grms.measures()["contract_numbers_ppk_nip_invalid"] == 0


def test_an_export_column_is_heeded_before_what_the_command_says(grms, seeded, tmp_path):
    feed, _ = seeded(217)
    row = feed[feeds.SELESAI][0]
    newest = dict(row, tgl_penarikan="2025-10-03", nilai_kontrak=5)
    older = dict(row, tgl_penarikan="2025-10-02", nilai_kontrak=None)
    for name, said, at in (("newest", newest, "2025-10-01"), ("older", older, "2025-10-09")):
        folder = feeds.write({feeds.SELESAI: [said]}, tmp_path / name)
        grms.ingest(folder, "--observed-at", f"{at}T00:00:00+07:00")
    grms.run()
    assert grms.measures()["purchases_without_contract_value"] == 0


def test_what_the_command_says_is_heeded_before_the_manifest(grms, seeded, tmp_path):
    feed, _ = seeded(218)
    valid = one_row(feed, tmp_path / "valid", "2025-10-01", nip_ppk="198609262015051001")
    wrong = one_row(feed, tmp_path / "wrong", "2025-10-09", nip_ppk="A")
    grms.ingest(valid, "--observed-at", "2025-10-05T00:00:00+07:00")
    grms.ingest(wrong, "--observed-at", "2025-10-04T00:00:00+07:00")
    grms.run()
    assert grms.measures()["contract_numbers_ppk_nip_invalid"] == 0


def test_the_time_within_a_day_decides_between_hand_overs(grms, seeded, tmp_path):
    feed, _ = seeded(219)
    row = feed[feeds.BAPBAST][0]
    contract = {"kd_nontender": row["kd_nontender"], "no_kontrak": row["no_kontrak"], "nilai_kontrak": 100}
    base = dict(row, **contract, _event_date="2025-10-02")
    rows = [
        dict(base, _inserted_date="2025-10-02 04:00:00", besar_pembayaran=100),
        dict(base, _inserted_date="2025-10-02 03:00:00", besar_pembayaran=900),
    ]
    grms.ingest(feeds.write({feeds.BAPBAST: rows}, tmp_path / "feed", pulled="2025-10-03"))
    grms.run()
    assert only(grms.measures(), ("handovers", "contract_numbers_paid_beyond_value")) == {
        "handovers": 1,
        "contract_numbers_paid_beyond_value": 0,
    }


def test_what_a_later_export_lacks_is_counted_and_kept(grms, seeded, tmp_path):
    feed, _ = seeded(220)
    listed = {row["kd_nontender"] for row in feed[feeds.SELESAI]}
    lost = sorted(listed)[:3]
    later = {feeds.SELESAI: [row for row in feed[feeds.SELESAI] if row["kd_nontender"] not in lost]}
    grms.ingest(feeds.write(feeds.dated(feed, "2025-10-01"), tmp_path / "one", pulled="2025-10-01"))
    report = grms.ingest(feeds.write(feeds.dated(later, "2025-10-02"), tmp_path / "two", pulled="2025-10-02"))
    assert [entry["gone"] for entry in report["files"]] == [3]
    grms.run()
    assert grms.measures()["purchases_listed"] == len(listed)
    doctor = grms.json("doctor", exits=(0, 1))
    assert all(str(key) in str(doctor) for key in lost)


def test_ten_commands_with_one_observed_time_are_one_export(new_home, seeded, tmp_path):
    feed, rng = seeded(221)
    rows = list(feed[feeds.KONTRAK])
    feeds.twins(feed, rng)
    whole, dealt = new_home("whole"), new_home("dealt")
    folder = feeds.write({feeds.KONTRAK: feed[feeds.KONTRAK]}, tmp_path / "whole")
    events = whole.ingest(folder, "--observed-at", OBSERVED_AT)["events"]
    parts = feeds.split({feeds.KONTRAK: feed[feeds.KONTRAK]}, rng, 10)
    assert events >= len(rows) - isb.copies(isb.parse_rows(feeds.encoded(rows)))
    assert events == sum(
        dealt.ingest(feeds.write(part, tmp_path / f"{number}"), "--observed-at", OBSERVED_AT)["events"]
        for number, part in enumerate(parts)
    )
    whole.run()
    dealt.run()
    assert whole.hash() == dealt.hash()
