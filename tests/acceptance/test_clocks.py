"""Two clocks: what was known at T never changes, and what is true on D is asked of the events."""

from __future__ import annotations

import os
import random
import re
from datetime import date, datetime

import pytest

from tests.acceptance.cli import OBSERVED_AT, only
from tests.oracle import feeds, isb

AT = ("--observed-at", OBSERVED_AT)
MOMENTS = 10 if "CHAOS_ROUNDS" in os.environ else 5


def test_moments_stay_as_they_were_known(grms, seeded, tmp_path):
    feed, rng = seeded(400)
    parts = feeds.split(feeds.dirty(feed, rng), rng, MOMENTS)
    known = {}
    for number, part in enumerate(parts):
        grms.ingest(feeds.write(part, tmp_path / f"{number}"), *AT)
        grms.run()
        report = grms.report()
        known[report["as_known_at"]] = report
        exports = feeds.exported((tmp_path / f"{n}", OBSERVED_AT) for n in range(number + 1))
        assert only(report["measures"], isb.MEASURES) == isb.world(exports).measures()
    assert len(known) == MOMENTS
    moments = [datetime.fromisoformat(moment) for moment in known]
    assert moments == sorted(moments)
    assert all(moment.tzinfo for moment in moments)
    assert all(re.search(r"\.\d{3}(Z|[+-]\d\d:\d\d)$", moment) for moment in known)
    for moment, report in random.Random(1).sample(sorted(known.items()), MOMENTS):
        assert grms.report("--as-known-at", moment) == report


def test_a_moment_stays_when_days_come_in_out_of_order(grms, seeded, tmp_path):
    feed, rng = seeded(401)
    days = feeds.days(feed, rng)
    rng.shuffle(days)
    known = []
    for day in days:
        grms.ingest(feeds.write(day.feed, tmp_path / day.pulled, pulled=day.pulled))
        grms.run()
        known.append(grms.report())
        for report in known:
            assert grms.report("--as-known-at", report["as_known_at"]) == report


def test_what_is_not_run_yet_is_not_reported(grms, seeded, tmp_path):
    feed, rng = seeded(402)
    one, two = feeds.split(feed, rng, 2)
    grms.ingest(feeds.write(one, tmp_path / "one"), *AT)
    grms.run()
    before = grms.report()
    grms.ingest(feeds.write(two, tmp_path / "two"), *AT)
    assert grms.report()["measures"] == before["measures"]
    grms.run()
    assert grms.report()["measures"] != before["measures"]
    assert grms.report("--as-known-at", before["as_known_at"]) == before


def test_before_anything_was_known(baseline):
    report = baseline.grms.report("--as-known-at", "2001-01-01T00:00:00.000+00:00")
    assert only(report["measures"], isb.MEASURES) == dict.fromkeys(isb.MEASURES, 0)


def test_asking_of_the_past_changes_nothing(baseline):
    baseline.grms.report("--as-known-at", "2001-01-01T00:00:00.000+00:00")
    baseline.grms.report("--as-true-at", "2025-03-31")
    assert baseline.grms.hash() == baseline.hashes
    measures = only(baseline.grms.measures(), isb.MEASURES)
    assert measures == baseline.expected.measures()


@pytest.mark.chaos
def test_what_a_half_finished_run_reported_stays_known(grms, baseline, chaos_rounds):
    rng = random.Random(5)
    grms.ingest(baseline.folder, *AT, exits=(0, 1))
    known = []
    for _ in range(chaos_rounds):
        grms.killed_once("run", "--until-caught-up", "--batch", 1, rng=rng, longest_s=2)
        report = grms.report()
        if report["as_known_at"]:
            known.append(report)
    grms.run("--batch", 1, exits=(0, 1))
    for report in known:
        assert grms.report("--as-known-at", report["as_known_at"]) == report


@pytest.mark.parametrize("day", ["2024-12-31", "2025-02-28", "2025-04-15", "2025-06-30", "2025-12-31"])
def test_bundled_feed_as_true_on_a_day(day, bundled):
    grms, _ = bundled
    expected = isb.agreed([isb.Export(isb.read_folder(feeds.BUNDLE), "2025-10-03")], date.fromisoformat(day))
    report = grms.report("--as-true-at", day)
    assert report["as_true_at"] == day
    assert only(report["measures"], expected) == expected


@pytest.mark.parametrize("seed", range(2))
def test_days_of_exports_as_true_on_a_day(seed, grms, seeded, tmp_path):
    feed, rng = seeded(410 + seed)
    folders = [
        (feeds.write(day.feed, tmp_path / day.pulled, pulled=day.pulled), day.pulled)
        for day in feeds.days(feeds.dirty(feed, rng), rng)
    ]
    grms.ingest(*(folder for folder, _ in folders))
    grms.run()
    exports = feeds.exported(folders)
    for day in ("2025-03-31", "2025-05-31", "2025-08-17"):
        expected = isb.agreed(exports, date.fromisoformat(day))
        assert only(grms.measures("--as-true-at", day), expected) == expected, day


def test_both_clocks_at_once(grms, seeded, tmp_path):
    feed, rng = seeded(420)
    parts = feeds.split(feeds.dirty(feed, rng), rng, 2)
    folders = [(feeds.write(part, tmp_path / f"{n}"), OBSERVED_AT) for n, part in enumerate(parts)]
    grms.ingest(folders[0][0], *AT)
    grms.run()
    moment = grms.report()["as_known_at"]
    grms.ingest(folders[1][0], *AT)
    grms.run()
    expected = isb.agreed(feeds.exported(folders[:1]), date(2025, 5, 31))
    measures = grms.measures("--as-known-at", moment, "--as-true-at", "2025-05-31")
    assert only(measures, expected) == expected
