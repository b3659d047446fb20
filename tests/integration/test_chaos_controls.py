"""Negative controls: the same harness with a guard taken away must turn an invariant red, or it is blind."""

from __future__ import annotations

import time

import pytest

from tests.integration.chaos.bus_under_test import EVENTS, ROUNDS, WHOLE, portions, stream
from tests.integration.test_chaos_workers import restored

pytestmark = pytest.mark.chaos

FEWER = EVENTS if WHOLE else EVENTS // 3
SETTLED_S = 60.0 if not WHOLE else 120.0


def killed(bus, hurt: str, *, copies: bool, size: int = 200) -> None:
    """The fault of `test_workers_killed_at_random_moments`, with workers that lack something."""
    bus.ready()
    worker = bus.start(hurt=hurt)
    for portion in portions(stream(FEWER, seed=21, copies=copies), ROUNDS + 1):
        before = bus.moved()
        with bus.writing(portion, size=size):
            bus.until_moving(before)
            if bus.kills < ROUNDS:
                time.sleep(0.2)
                worker.kill()
                bus.kills += 1
                worker = bus.start(hurt=hurt)
    bus.healed()


@pytest.mark.parametrize("database", ["sqlite", "postgresql"] if WHOLE else ["sqlite"])
def test_without_the_inbox_duplicates_count_twice(database, bus_on, table):
    bus = bus_on(database)
    killed(bus, "inbox-off", copies=True)
    verdicts = table("control: inbox off", bus, 1, red=True)
    assert "doubled" in verdicts["I2"]
    assert verdicts["I1"] == "ok"


def test_by_kafkas_positions_and_without_the_inbox_a_kill_doubles(bus_on, table):
    bus = bus_on("sqlite")
    killed(bus, "kafka-positions,inbox-off", copies=False)
    assert "doubled" in table("control: Kafka's positions, no inbox", bus, 1, red=True)["I2"]


def test_by_sql_positions_even_without_the_inbox_a_kill_doubles_nothing(bus_on, table):
    bus = bus_on("sqlite")
    killed(bus, "inbox-off", copies=False)
    table("no inbox, SQL's positions, no copies", bus, 1)


def test_by_kafkas_positions_a_restored_store_loses(bus_on, table):
    bus = bus_on("sqlite")
    restored(bus, hurt="kafka-positions")
    verdicts = table("control: Kafka's positions", bus, 1, red=True, rebuild=False, ceiling_s=SETTLED_S)
    assert "lost" in verdicts["I1"]


def test_with_auto_commit_a_kill_loses(bus_on, table):
    bus = bus_on("sqlite")
    killed(bus, "auto-commit", copies=False, size=1_000)
    verdicts = table("control: auto-commit", bus, 1, red=True, rebuild=False, ceiling_s=SETTLED_S)
    assert "lost" in verdicts["I1"]
