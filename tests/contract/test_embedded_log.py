"""The embedded log keeps the contract, survives being closed, and says where it is damaged."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from bus.errors import LogCorrupt, Unreachable
from bus.log import EmbeddedLog
from tests.contract.log_contract import TOPIC, LogContract, contents, records


class FakeClock:
    """A clock that goes where it is told, backwards too."""

    def __init__(self, now_ms: int = 1_000_000) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms


class TestEmbeddedLog(LogContract):
    @pytest.fixture
    def clock(self):
        return FakeClock()

    @pytest.fixture
    def log(self, tmp_path, clock):
        with closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=2, now_ms=clock)) as log:
            yield log

    @pytest.fixture
    def tick(self, clock):
        def on() -> None:
            clock.now_ms += 1_000

        return on

    def test_recorded_times_never_fall_though_the_clock_does(self, log, clock):
        for now in (5_000, 4_000, 4_000, 9_000, 1):
            clock.now_ms = now
            log.append(TOPIC, 0, records(2))
        times = [one.recorded_ms for one in log.read(TOPIC, 0, 0, 100).records]
        assert times == sorted(times)
        assert times[0] == 5_000
        assert 9_000 in times


def test_a_log_opened_again_is_the_same(tmp_path):
    path = tmp_path / "log.sqlite"
    with closing(EmbeddedLog(path, partitions=2)) as log:
        log.append(TOPIC, 0, records(10))
        before = log.read(TOPIC, 0, 0, 100)
    with closing(EmbeddedLog(path, partitions=7)) as log:
        assert log.partitions(TOPIC) == 2, "the number of partitions of a topic is fixed"
        assert log.read(TOPIC, 0, 0, 100) == before
        assert log.append(TOPIC, 0, records(1)) == 10


def test_recorded_times_rise_over_all_topics_and_openings(tmp_path):
    times = []
    for number in range(6):
        with closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=2, now_ms=lambda: 1_000)) as log:
            base = log.append(f"topic{number % 3}", number % 2, records(1))
            times.append(log.read(f"topic{number % 3}", number % 2, base, 1).records[0].recorded_ms)
    assert times == sorted(set(times))


def test_several_writers_lose_and_overwrite_nothing(tmp_path):
    path = tmp_path / "log.sqlite"

    def write(writer: int) -> list[int]:
        with closing(EmbeddedLog(path, partitions=1)) as log:
            return [log.append(TOPIC, 0, records(3, first=writer * 1000 + turn * 3)) for turn in range(20)]

    with ThreadPoolExecutor(4) as pool:
        bases = sorted(base for found in pool.map(write, range(4)) for base in found)
    assert bases == list(range(0, 240, 3))
    with closing(EmbeddedLog(path, partitions=1)) as log:
        found = contents(log.read(TOPIC, 0, 0, 1000).records)
    given = [record for writer in range(4) for record in records(60, first=writer * 1000)]
    assert sorted(map(repr, found)) == sorted(map(repr, given))


def test_a_damaged_batch_is_named_and_never_returned(tmp_path):
    path = tmp_path / "log.sqlite"
    with closing(EmbeddedLog(path, partitions=1)) as log:
        log.append(TOPIC, 0, records(5))
        log.append(TOPIC, 0, records(5))
    with closing(sqlite3.connect(path)) as db:
        block = bytearray(db.execute("select block from batch where base = 5").fetchone()[0])
        block[-1] ^= 1
        db.execute("update batch set block = ? where base = 5", (bytes(block),))
        db.commit()
    with closing(EmbeddedLog(path, partitions=1)) as log:
        assert len(log.read(TOPIC, 0, 0, 5).records) == 5
        with pytest.raises(LogCorrupt, match=rf"{TOPIC}/0 offsets 5-9 .* backup"):
            log.read(TOPIC, 0, 0, 100)


def test_a_file_that_is_no_log_is_refused(tmp_path):
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"not a database, but long enough to be looked at" * 100)
    with pytest.raises(Unreachable, match="the file a log"):
        EmbeddedLog(path)
