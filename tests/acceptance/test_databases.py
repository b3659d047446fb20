"""One bus whichever database its store lies in: the same answers, and the same endurance."""

from __future__ import annotations

import random

import pytest

from tests.acceptance.cli import OBSERVED_AT, Grms, finish
from tests.oracle import feeds

AT = ("--observed-at", OBSERVED_AT)


@pytest.fixture
def on_postgresql(tmp_path, postgres) -> Grms:
    return Grms(tmp_path / "home-postgresql", {"GRMS_DATABASE_URL": postgres.fresh()})


def without(document: dict, *names: str) -> dict:
    return {name: value for name, value in document.items() if name not in names}


def answers(grms: Grms, *ingest: object) -> dict:
    """What every command says, without when."""
    rehearsed = grms.json("ingest", *ingest, "--dry-run", exits=(0, 1))
    assert grms.run()["events"] == 0, "a rehearsal publishes nothing"
    told = {
        "rehearsed": rehearsed,
        "ingest": grms.json("ingest", *ingest, exits=(0, 1)),
        "run": without(grms.run(exits=(0, 1)), "seconds"),
        "again": grms.json("ingest", *ingest, exits=(0, 1)),
        "hash": grms.hash(),
        "report": without(grms.report(), "as_known_at"),
        "on a day": without(grms.report("--as-true-at", "2025-03-31"), "as_known_at"),
        "letters": [without(letter, "at") for letter in grms.letters()],
        "rebuild": grms.json("view", "rebuild"),
        "doctor": grms.json("doctor", exits=(0, 1)),
        "schemas": grms.json("schemas", "list"),
    }
    for key in ("NT:10033430000", "602/SPMK", "1.03.10.2.01.0029.5.2.04.01.01.0003"):
        told[key] = grms.json("chain", "show", key, exits=(0, 1))
    return told


def test_the_bundled_feed_gives_the_same_answers(grms, on_postgresql):
    here, there = (answers(one, "isb", feeds.BUNDLE, *AT) for one in (grms, on_postgresql))
    assert here["ingest"]["events"] > 11_000
    for command, told in here.items():
        assert there[command] == told, command


def test_a_dirty_feed_gives_the_same_answers(baseline, grms, on_postgresql):
    here, there = (answers(one, "isb", baseline.folder, *AT) for one in (grms, on_postgresql))
    assert here["ingest"]["rejected"] == 1
    for command, told in here.items():
        assert there[command] == told, command


def test_several_workers_at_once_give_the_same_views(baseline, on_postgresql):
    on_postgresql.ingest(baseline.folder, *AT, exits=(0, 1))
    workers = [on_postgresql.start("run", "--until-caught-up", "--batch", 20) for _ in range(3)]
    done = [finish(worker) for worker in workers]
    assert {one.exit for one in done} == {0}, done
    assert on_postgresql.hash() == baseline.hashes
    once = baseline.grms.json("view", "rebuild")
    assert once["equal"]
    assert on_postgresql.json("view", "rebuild")["equal"]


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(2))
def test_killed_at_random_moments(seed, baseline, on_postgresql, chaos_rounds):
    rng = random.Random(seed)
    ingest = ("ingest", "isb", baseline.folder, *AT, "--batch", 50)
    on_postgresql.killed(*ingest, rng=rng, rounds=chaos_rounds, longest_s=3)
    on_postgresql.killed("run", "--until-caught-up", "--batch", 20, rng=rng, rounds=chaos_rounds, longest_s=3)
    assert on_postgresql.hash() == baseline.hashes
    assert len(on_postgresql.letters()) == len(baseline.grms.letters())
