"""Workers that are killed, stopped and joined while they work: nothing is lost, nothing counts twice."""

from __future__ import annotations

import random
import time

import pytest

from tests.integration.chaos.bus_under_test import EVENTS, ROUNDS, WHOLE, Bus, stream

pytestmark = pytest.mark.chaos

DATABASES = ("sqlite", "postgresql")
CELLS = [(d, w) for d in DATABASES for w in (1, 3)] if WHOLE else [("sqlite", 1), ("postgresql", 3)]


@pytest.mark.parametrize(("database", "workers"), CELLS)
def test_workers_killed_at_random_moments(database, workers, bus_on, table):
    bus = bus_on(database)
    rng = random.Random(workers)
    bus.ready()
    deliveries = stream(EVENTS, seed=workers)
    size = len(deliveries) // (ROUNDS + 1) + 1
    worker = bus.start(workers=workers)
    for start in range(0, len(deliveries), size):
        before = bus.moved()
        with bus.writing(deliveries[start : start + size]):
            bus.until_moving(before)
            if bus.kills < ROUNDS:
                time.sleep(rng.uniform(0, 0.5))
                worker = struck(bus, worker, rng, workers)
    bus.healed()
    table("worker kill -9", bus, workers)


def struck(bus: Bus, worker, rng: random.Random, workers: int):
    """Kill one worker; a supervised one is started anew by its supervisor."""
    bus.kills += 1
    if workers == 1:
        worker.kill()
        return bus.start(workers=1)
    import os, signal
    os.kill(rng.choice(worker.children()), signal.SIGKILL)
    return worker
