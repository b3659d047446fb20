"""Same facts in, same views out: whatever the order, the batches, the copies and the crashes."""

from __future__ import annotations

import json
import random
import time

import pytest

from tests.acceptance.cli import OBSERVED_AT, finish, only
from tests.oracle import feeds, isb

AT = ("--observed-at", OBSERVED_AT)


@pytest.fixture
def same(baseline):
    """Assert that a home has come to the views of the baseline."""

    def check(grms):
        assert grms.hash() == baseline.hashes
        assert only(grms.measures(), isb.MEASURES) == baseline.expected.measures()

    return check


def told(letters):
    """What dead letters say, without when and under which id."""
    return {json.dumps([letter[name] for name in ("reason", "source", "key")]) for letter in letters}


def test_the_baseline_is_right(baseline, same):
    same(baseline.grms)
    assert len(baseline.grms.letters()) == 1


def test_another_fact_gives_another_hash(baseline, grms, tmp_path):
    feed = feeds.copied(baseline.feed)
    feed[feeds.SELESAI][0]["nilai_kontrak"] = 123_456_789
    grms.read(feeds.write(feed, tmp_path / "feed"))
    assert grms.hash() != baseline.hashes


@pytest.mark.parametrize("seed", range(2))
def test_files_in_any_order(seed, baseline, grms, same):
    paths = sorted(baseline.folder.glob("*-*.json"))
    random.Random(seed).shuffle(paths)
    grms.ingest(*paths, *AT, exits=(0, 1))
    grms.run(exits=(0, 1))
    same(grms)


@pytest.mark.parametrize("seed", range(2))
def test_rows_and_fields_shuffled(seed, baseline, grms, same, tmp_path):
    feed = feeds.shuffled(baseline.feed, random.Random(seed))
    same(grms.read(feeds.write(feed, tmp_path / "feed")))


def test_each_row_three_times(baseline, grms, same, tmp_path):
    feed = feeds.repeated(feeds.shuffled(baseline.feed, random.Random(3)), 3)
    same(grms.read(feeds.write(feed, tmp_path / "feed")))


def test_gzipped_and_of_any_source(baseline, grms, same, tmp_path):
    folder = feeds.write(baseline.feed, tmp_path / "feed", compress=True)
    grms.ingest(folder, *AT, source="auto", exits=(0, 1))
    grms.run(exits=(0, 1))
    same(grms)


@pytest.mark.parametrize(("ingest", "run"), [(1, 10_000), (10_000, 1), (7, 13), (1000, 1000)])
def test_any_batch_size(ingest, run, baseline, grms, same):
    grms.ingest(baseline.folder, *AT, "--batch", ingest, exits=(0, 1))
    grms.run("--batch", run, exits=(0, 1))
    same(grms)


@pytest.mark.parametrize("between", [False, True], ids=["run once", "run after each"])
def test_in_ten_commands(between, baseline, grms, same, tmp_path):
    for number, part in enumerate(feeds.split(baseline.feed, random.Random(10), 10)):
        grms.ingest(feeds.write(part, tmp_path / f"part-{number}"), *AT, exits=(0, 1))
        if between:
            grms.run(exits=(0, 1))
    grms.run(exits=(0, 1))
    same(grms)


def test_read_three_times_over(baseline, grms, same):
    grms.read(baseline.folder)
    for _ in range(2):
        again = grms.ingest(baseline.folder, *AT, exits=(0, 1))
        assert (again["events"], again["published"]) == (0, 0)
        grms.run(exits=(0, 1))
    same(grms)


def test_rebuilt_from_the_start_of_the_log(baseline, same):
    rebuilt = baseline.grms.json("view", "rebuild", exits=(0, 1))
    assert rebuilt["equal"] is True
    assert rebuilt["views"]
    same(baseline.grms)


def test_nothing_left_to_run_runs_nothing(baseline):
    assert baseline.grms.run()["events"] == 0


@pytest.mark.chaos
@pytest.mark.parametrize("batch", [1, 50])
def test_ingest_killed_at_random_moments(batch, baseline, grms, same, chaos_rounds):
    rng = random.Random(batch)
    longest_s = _duration_s(grms, baseline, batch)
    command = ("ingest", "isb", baseline.folder, *AT, "--batch", batch)
    grms.killed(*command, rng=rng, rounds=chaos_rounds, longest_s=longest_s)
    grms.run(exits=(0, 1))
    same(grms)
    assert told(grms.letters()) == told(baseline.grms.letters())
    assert grms.ingest(baseline.folder, *AT, exits=(0, 1))["events"] == 0


@pytest.mark.chaos
@pytest.mark.parametrize("batch", [1, 50])
def test_run_killed_at_random_moments(batch, baseline, grms, same, chaos_rounds):
    rng = random.Random(batch)
    grms.ingest(baseline.folder, *AT, exits=(0, 1))
    command = ("run", "--until-caught-up", "--batch", batch)
    grms.killed(*command, rng=rng, rounds=chaos_rounds, longest_s=3)
    same(grms)
    assert grms.json("view", "rebuild", exits=(0, 1))["equal"] is True


@pytest.mark.chaos
def test_both_killed_in_turn_while_the_feed_comes_in_parts(baseline, grms, same, tmp_path, chaos_rounds):
    rng = random.Random(9)
    for number, part in enumerate(feeds.split(baseline.feed, rng, 3)):
        folder = feeds.write(part, tmp_path / f"part-{number}")
        rounds = max(1, chaos_rounds // 3)
        grms.killed("ingest", "isb", folder, *AT, "--batch", 5, rng=rng, rounds=rounds, longest_s=1.5)
        grms.killed("run", "--until-caught-up", "--batch", 5, rng=rng, rounds=rounds, longest_s=1.5)
    same(grms)
    assert told(grms.letters()) == told(baseline.grms.letters())


@pytest.mark.chaos
def test_two_at_once_do_each_thing_once(baseline, grms, same):
    for command in (("ingest", "isb", baseline.folder, *AT), ("run", "--until-caught-up")):
        for process in [grms.start(*command) for _ in range(2)]:
            answer = finish(process)
            assert answer.exit in {0, 1}, answer
    grms.run(exits=(0, 1))
    same(grms)
    assert told(grms.letters()) == told(baseline.grms.letters())


@pytest.mark.chaos
def test_the_whole_bundled_feed_killed_at_random_moments(bundled, grms, chaos_rounds):
    rng = random.Random(4)
    grms.killed("ingest", "isb", feeds.BUNDLE, rng=rng, rounds=chaos_rounds, longest_s=4)
    grms.killed("run", "--until-caught-up", rng=rng, rounds=chaos_rounds, longest_s=4)
    assert grms.hash() == bundled[0].hash()


def _duration_s(grms, baseline, batch: int) -> float:
    """How long the ingest takes here, so that kills fall inside it."""
    other = type(grms)(grms.home.with_name("timed"))
    begun = time.monotonic()
    other.ingest(baseline.folder, *AT, "--batch", batch, exits=(0, 1))
    return time.monotonic() - begun
