"""Homes and feeds shared by the acceptance tests."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.cli import OBSERVED_AT, PROGRAM, Grms
from tests.oracle import feeds, isb

NewHome = Callable[[str], Grms]


@pytest.fixture(scope="session", autouse=True)
def _program():
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is missing: run `make install`, or name it in CLI_UNDER_TEST.")


@pytest.fixture
def new_home(tmp_path, request) -> NewHome:
    """Homes of a test; their stores lie in PostgreSQL if STORE_UNDER_TEST says so."""

    def make(name: str) -> Grms:
        settings = {}
        if os.environ.get("STORE_UNDER_TEST") == "postgresql":
            settings["GRMS_DATABASE_URL"] = request.getfixturevalue("postgres").fresh()
        return Grms(tmp_path / name, settings)

    return make


@pytest.fixture
def grms(new_home) -> Grms:
    return new_home("home")


@pytest.fixture(scope="session")
def chaos_rounds() -> int:
    """How often a chaos test strikes: a sample unless CHAOS_ROUNDS asks for more."""
    return int(os.environ.get("CHAOS_ROUNDS", "3"))


@pytest.fixture(scope="session")
def bundle() -> feeds.Feed:
    return feeds.bundle()


@pytest.fixture
def seeded(bundle) -> Callable[[int], tuple[feeds.Feed, random.Random]]:
    """A seeded part of the bundled feed, and the randomness that goes on from it."""

    def make(seed: int) -> tuple[feeds.Feed, random.Random]:
        rng = random.Random(seed)
        return feeds.subset(bundle, rng), rng

    return make


@dataclass(frozen=True)
class Baseline:
    """A small dirty feed, read once in the plainest way."""

    feed: feeds.Feed
    folder: Path
    grms: Grms
    hashes: dict[str, str]
    expected: isb.World


@pytest.fixture(scope="session")
def baseline(bundle, tmp_path_factory) -> Baseline:
    root = tmp_path_factory.mktemp("baseline")
    rng = random.Random(20251003)
    feed = feeds.dirty(feeds.subset(bundle, rng, packages=30), rng)
    # One bad row: dead letters must survive the same as facts.
    feed[feeds.KONTRAK].append(dict(feed[feeds.KONTRAK][0], kd_nontender=10999999000, nilai_kontrak="1,5 jt"))
    folder = feeds.write(feed, root / "feed", pulled="2025-10-03")
    grms = Grms(root / "home").read(folder)
    good = {**feed, feeds.KONTRAK: feed[feeds.KONTRAK][:-1]}
    exports = feeds.exported([(feeds.write(good, root / "good"), OBSERVED_AT)])
    return Baseline(feed, folder, grms, grms.hash(), isb.world(exports))


@pytest.fixture(scope="session")
def bundled(tmp_path_factory) -> tuple[Grms, dict]:
    """The bundled feed read once, with the report of its ingest."""
    grms = Grms(tmp_path_factory.mktemp("bundled") / "home")
    report = grms.ingest(feeds.BUNDLE)
    grms.run()
    return grms, report
