"""Workers that are killed, stopped and joined while they work: nothing is lost, nothing counts twice."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time

import pytest

from consumers import CONSUMERS
from schemas import CATALOGUE
from tests.integration.chaos.bus_under_test import EVENTS, ROUNDS, WHOLE, Bus, portions, stream, until
from tests.integration.chaos.events import Event

pytestmark = pytest.mark.chaos

DATABASES = ("sqlite", "postgresql")
CELLS = [(d, w) for d in DATABASES for w in (1, 3)] if WHOLE else [("sqlite", 1), ("postgresql", 3)]
ONE_EACH = DATABASES if WHOLE else ("postgresql",)
FEWER = EVENTS if WHOLE else EVENTS // 4


@pytest.mark.parametrize(("database", "workers"), CELLS)
def test_workers_killed_at_random_moments(database, workers, bus_on, table):
    bus, rng = bus_on(database), random.Random(workers)
    bus.ready()
    worker = bus.start(workers=workers)
    for portion in portions(stream(EVENTS, seed=workers), ROUNDS + 1):
        before = bus.moved()
        with bus.writing(portion):
            bus.until_moving(before)
            if bus.kills < ROUNDS:
                time.sleep(rng.uniform(0, 0.5))
                bus.kills += 1
                if workers == 1:
                    worker.kill()
                    worker = bus.start()
                else:
                    worker.kill_one(rng)
    bus.healed()
    table("worker kill -9", bus, workers)


@pytest.mark.parametrize("database", DATABASES)
def test_workers_killed_around_their_commits(database, bus_on, table):
    bus, rng = bus_on(database), random.Random(2)
    bus.ready()
    ahead = 0
    hurts = ["die-before", "die-after"] * max(1, ROUNDS // 4)
    for hurt, portion in zip(hurts, portions(stream(FEWER, seed=2), len(hurts)), strict=True):
        bus.write(portion)
        worker = bus.start(hurt=f"{hurt}={rng.randint(2, 6)}")
        assert worker.ended() == -signal.SIGKILL, worker.log()
        bus.kills += 1
        ahead += hurt == "die-after" and bus.moved() > bus.committed()
    assert ahead, "no kill fell between the commit in SQL and Kafka's"
    bus.healed()
    bus.start()
    table("kill -9 around the commit", bus, 1)


@pytest.mark.parametrize("database", ONE_EACH)
def test_a_second_worker_comes_and_is_killed_every_five_seconds(database, bus_on, table):
    bus = bus_on(database)
    bus.ready()
    bus.start()
    cycles = 6 if WHOLE else 2
    for portion in portions(stream(EVENTS, seed=3), cycles):
        with bus.writing(portion):
            second = bus.start()
            time.sleep(5)
            second.kill()
            bus.kills += 1
    bus.healed()
    table("second worker every 5 s", bus, 2)


@pytest.mark.parametrize("database", DATABASES if WHOLE else ("sqlite",))
def test_a_zombie_changes_nothing(database, bus_on, table):
    bus = bus_on(database)
    bus.ready()
    first, rest = portions(stream(FEWER, seed=4), 2)
    bus.write(first)
    zombie = bus.start(hurt="stop=3")
    until(lambda: "SIGSTOP" in bus.marks(), "it stops with a batch in hand")
    stopped_at = bus.moved()
    other = bus.start()
    bus.write(rest)
    with bus.parts() as (_, log):
        until(lambda: not bus.behind(log), "the other one takes everything over")
    assert bus.moved() > stopped_at
    zombie.send(signal.SIGCONT)
    until(lambda: "FENCED" in bus.marks(), "its write hits no row")
    bus.kills += 1
    bus.healed()
    assert other.alive
    assert zombie.alive
    table("zombie (SIGSTOP past the session)", bus, 2)


@pytest.mark.skipif(not WHOLE, reason="takes the minute after which PostgreSQL ends an idle transaction; make chaos")
def test_a_zombie_in_the_middle_of_its_transaction_holds_nobody_up(bus_on, table):
    bus = bus_on("postgresql")
    bus.ready()
    bus.write(stream(FEWER, seed=9))
    zombie = bus.start(hurt="stop-inside=3")
    until(lambda: "SIGSTOP" in bus.marks(), "it stops with locks in hand")
    bus.kills += 1
    bus.healed()
    bus.start()
    with bus.parts() as (_, log):
        until(lambda: not bus.behind(log), "the other one takes everything over")
    zombie.send(signal.SIGCONT)
    table("zombie inside its transaction", bus, 2)


@pytest.mark.parametrize("database", ONE_EACH)
def test_sigterm_under_load_ends_in_time_and_repeats_nothing(database, bus_on, table):
    bus = bus_on(database)
    bus.ready()
    effects = 0
    for portion in portions(stream(FEWER, seed=5), max(2, ROUNDS // 4)):
        before = bus.moved()
        worker = bus.start(workers=3 if bus.kills % 2 else 1)
        with bus.writing(portion):
            bus.until_moving(before)
            worker.send(signal.SIGTERM)
            assert worker.ended(30) in (0, 1), worker.log()
        bus.kills += 1
        effects += _told(worker)["events"]
    bus.healed()
    last = bus.start(ends=True)
    assert last.ended() == 0, last.log()
    due = sum(CATALOGUE[event.type].topic in one.topics for event in _distinct(bus) for one in CONSUMERS.values())
    assert effects + _told(last)["events"] == due, "what was counted twice, or not at all"
    table("SIGTERM under load", bus, 1)


def _distinct(bus: Bus) -> list[Event]:
    told = bus.told()
    return [told.events[name] for name in told.ok]


def _told(worker) -> dict:
    text = worker.said.read_text()
    return json.loads(text[text.index("{") : text.rindex("}") + 1])


@pytest.mark.parametrize("database", DATABASES)
def test_the_bulk_engine_killed(database, bus_on, table):
    bus, rng = bus_on(database), random.Random(6)
    bus.ready()
    bus.write(stream(EVENTS, seed=6), size=1_000)
    for _ in range(ROUNDS):
        before = bus.moved()
        worker = bus.start(engine="bulk", batch=100)
        until(lambda at=before, it=worker: bus.moved() > at or not it.alive, "it gets on")
        time.sleep(rng.uniform(0, 0.2))
        worker.kill()
        bus.kills += 1
    bus.healed()
    bus.start(engine="bulk", batch=1_000)
    table("bulk engine kill -9", bus, 1)


@pytest.mark.parametrize("database", DATABASES if WHOLE else ("sqlite",))
def test_the_relay_killed_between_append_and_delete(database, bus_on, table):
    bus, rng = bus_on(database), random.Random(7)
    bus.ready()
    rounds = max(2, ROUNDS // 4)
    for portion in portions(stream(FEWER, seed=7), rounds):
        bus.write(portion, through="outbox")
        worker = bus.start(hurt=f"die-relay={rng.randint(1, 8)}")
        assert worker.ended() == -signal.SIGKILL, worker.log()
        bus.kills += 1
    with bus.parts() as (_, log):
        appended = sum(sum(log.end_offsets(topic).values()) for topic in log.topics() if topic.startswith("grms."))
    waiting = bus.database.rows("select coalesce(sum(size), 0) from outbox")[0][0]
    assert appended + waiting > len(stream(FEWER, seed=7)), "nothing was appended twice"
    bus.healed()
    bus.start()
    table("relay killed after append", bus, 1)


def test_a_store_restored_from_a_backup_catches_up(bus_on, table):
    bus = bus_on("sqlite")
    restored(bus)
    table("store restored from a backup", bus, 1)


def restored(bus: Bus, hurt: str = "") -> None:
    """Positions go back with the store: events after the backup are read again."""
    bus.ready()
    first, second, third = portions(stream(FEWER, seed=8), 3)
    backup = bus.folder / "backup.sqlite"
    for portion in (first, second):
        told = bus.committed()
        bus.write(portion)
        worker = bus.start(hurt=hurt)
        with bus.parts() as (_, log):
            until(lambda it=log: not bus.behind(it), "it catches up")
        until(lambda before=told: bus.committed() > before, "Kafka is told")
        worker.send(signal.SIGTERM)
        worker.ended()
        if not backup.exists():
            _copied(bus.home / "store.sqlite", backup)
    for file in bus.home.glob("store.sqlite*"):
        if "relay" not in file.name and "intake" not in file.name:
            file.unlink()
    _copied(backup, bus.home / "store.sqlite")
    bus.kills += 1
    bus.healed()
    bus.start(hurt=hurt)
    bus.write(third)


def _copied(source, target) -> None:
    with sqlite3.connect(source) as one, sqlite3.connect(target) as other:
        one.backup(other)
