"""Poison in the log: one dead letter each, and the records behind it are applied as if nothing were."""

from __future__ import annotations

import resource
import time
from contextlib import closing
from pathlib import Path

import pytest

from bus import Parts
from bus.engine import Pace, run
from bus.errors import BusError
from bus.log import EmbeddedLog
from bus.ports import MAX_RECORD_BYTES, Record
from bus.store import Store, open_codec
from bus.store.outbox import put
from consumers import CONSUMERS
from tests.integration.chaos.bus_under_test import until
from tests.integration.chaos.events import record_of
from tests.integration.chaos.poison import GOOD, POISON
from tests.integration.chaos.state import Database

_RSS_MB = 400
"""A worker takes about 130 MB; a text of 4 EB must not show."""


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return request.getfixturevalue("servers").fresh_database()


@pytest.mark.parametrize("name", POISON)
def test_each_becomes_one_dead_letter(name, tmp_path):
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with closing(Store(url)) as store, closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=1)) as log:
        codec = open_codec(store)
        topic, record = POISON[name](codec)
        log.append(topic, 0, [record])
        for event in GOOD:
            topic, _, good = record_of(codec, event)
            log.append(topic, 0, [good])
        for _ in range(2):
            run(Parts(store, log, codec, lambda: 1), list(CONSUMERS.values()), until_caught_up=True)
    state = Database(url).state()
    assert len(state.letters) == 1
    assert state.letters[0]["reason"] in {"malformed", "undecodable"}
    assert set(state.inbox) == {event.id for event in GOOD}


def test_all_of_them_at_once_on_either_database(url, tmp_path):
    with closing(Store(url)) as store, closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=1)) as log:
        codec = open_codec(store)
        for make in POISON.values():
            topic, record = make(codec)
            log.append(topic, 0, [record])
        for event in GOOD:
            topic, _, good = record_of(codec, event)
            log.append(topic, 0, [good])
        parts = Parts(store, log, codec, lambda: 1)
        report = run(parts, list(CONSUMERS.values()), pace=Pace(7, 10), until_caught_up=True)
    state = Database(url).state()
    applied = sum(event.type in consumer.reads for consumer in CONSUMERS.values() for event in GOOD)
    assert (report.events, report.dead_letters, len(state.letters)) == (applied, len(POISON), len(POISON))
    assert set(state.inbox) == {event.id for event in GOOD}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2_000_000


@pytest.mark.chaos
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_live_worker_goes_on_behind_it(database, bus_on):
    bus = bus_on(database)
    bus.ready()
    worker = bus.start()
    with bus.parts() as (store, log):
        codec = open_codec(store)
        for make in POISON.values():
            topic, record = make(codec)
            log.append(topic, 0, [record])
        waits_s = []
        for event in GOOD:
            topic, _, good = record_of(codec, event)
            log.append(topic, 0, [good])
        began = time.monotonic()
        until(lambda: set(bus.database.state().inbox) == {event.id for event in GOOD}, "good records are applied")
        waits_s.append(time.monotonic() - began)
        until(lambda: not bus.behind(log), "the worker is at the end")
    assert len(bus.database.state().letters) == len(POISON)
    assert worker.alive, worker.log()
    assert _rss_mb(worker.pid) < _RSS_MB


def _rss_mb(pid: int) -> int:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) // 1024


@pytest.mark.parametrize("size", [MAX_RECORD_BYTES, MAX_RECORD_BYTES + 1])
def test_an_oversize_event_is_refused_at_the_producer_with_the_reason(size, tmp_path):
    with (
        closing(Store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store,
        closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=1)) as log,
    ):
        record = Record(b"k", b"v" * (size - 1))
        if size <= MAX_RECORD_BYTES:
            with store.write() as tx:
                put(tx, log, [("grms.pengadaan.v1", "k", record)])
            return
        with pytest.raises(BusError, match=f"{size:,}") as refused, store.write() as tx:
            put(tx, log, [("grms.pengadaan.v1", "k", record)])
        assert not refused.value.retriable
