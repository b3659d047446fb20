"""Same facts in, same views out: order, copies, batches and crashes drawn from a seed that is printed and replays."""

from __future__ import annotations

import os
import random

import pytest

from bus import TransientError
from tests.oracle import feeds
from tests.property.simulator import simulate

SEEDS = int(os.environ.get("CHAOS_SEEDS", "25"))


@pytest.fixture(scope="module")
def feed():
    rng = random.Random(4)
    return feeds.dirty(feeds.subset(feeds.bundle(), rng, packages=4, tenders=1, orders=2), rng)


@pytest.fixture(scope="module")
def plain(feed, tmp_path_factory):
    """Views of the feed, read once, in order, without a crash."""
    root = tmp_path_factory.mktemp("plain")
    folder = feeds.write(feed, root / "feed")
    hashes, crashes = simulate(root / "home", [sorted(folder.glob("*.json"))], random.Random(0), crashes=0)
    assert crashes == 0
    return hashes


def disordered(feed, rng, folder):
    """The feed in a few deliveries: rows shuffled, some of them twice, files in any order."""
    parts = feeds.split(feeds.shuffled(feeds.repeated(feed, rng.choice((1, 2))), rng), rng, rng.choice((1, 3)))
    deliveries = []
    for number, part in enumerate(parts):
        paths = sorted(feeds.write(part, folder / f"part{number}").glob("*.json"))
        rng.shuffle(paths)
        deliveries.append(paths)
    return deliveries + rng.sample(deliveries, k=rng.randint(0, 1))


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_order_copies_batches_and_crashes_give_the_same_views(seed, feed, plain, tmp_path):
    rng = random.Random(seed)
    deliveries = disordered(feed, rng, tmp_path)
    hashes, _ = simulate(tmp_path / "home", deliveries, rng, crashes=rng.choice((0, 2, 6)))
    assert hashes == plain


@pytest.mark.chaos
@pytest.mark.parametrize("seed", range(SEEDS, SEEDS + max(SEEDS // 8, 1)))
def test_they_do_so_in_postgresql_too(seed, feed, plain, tmp_path, postgres):
    rng = random.Random(seed)
    deliveries = disordered(feed, rng, tmp_path)
    hashes, _ = simulate(tmp_path / "home", deliveries, rng, crashes=rng.choice((2, 6)), url=postgres.fresh())
    assert hashes == plain


def test_the_simulator_really_crashes(feed, plain, tmp_path):
    paths = sorted(feeds.write(feed, tmp_path / "feed").glob("*.json"))
    hashes, crashes = simulate(tmp_path / "home", [paths], random.Random(1), crashes=8)
    assert hashes == plain
    assert crashes > 3


@pytest.mark.parametrize("seed", range(5))
def test_a_transient_failure_at_any_commit_is_waited_out(seed, feed, plain, tmp_path):
    paths = sorted(feeds.write(feed, tmp_path / "feed").glob("*.json"))
    hashes, failures = simulate(tmp_path / "home", [paths], random.Random(seed), crashes=5, error=TransientError)
    assert hashes == plain
    assert failures > 0


def test_a_fact_that_is_missing_shows(feed, plain, tmp_path):
    fewer = {name: list(rows) for name, rows in feed.items()}
    fewer[feeds.SELESAI] = fewer[feeds.SELESAI][1:]
    paths = sorted(feeds.write(fewer, tmp_path / "feed").glob("*.json"))
    hashes, _ = simulate(tmp_path / "home", [paths], random.Random(1), crashes=0)
    assert hashes != plain
