"""Brokers and databases that die under the bus, and transactions that were never committed."""

from __future__ import annotations

import random
import signal
import time

import pytest
from kafka import KafkaProducer

from bus.ports import partition_of
from bus.store import Store, open_codec
from tests.integration.chaos.bus_under_test import EVENTS, ROUNDS, WHOLE, portions, stream
from tests.integration.chaos.events import record_of

pytestmark = pytest.mark.chaos

DATABASES = ("sqlite", "postgresql")
FEWER = EVENTS if WHOLE else EVENTS // 3


@pytest.mark.parametrize(("database", "through"), [("sqlite", "outbox"), ("postgresql", "log")])
def test_the_broker_killed_in_the_middle_of_a_batch(database, through, bus_on, table):
    bus, rng = bus_on(database), random.Random(11)
    bus.ready()
    bus.start()
    rounds = max(1, ROUNDS // 4)
    for portion in portions(stream(FEWER, seed=11), rounds + 1):
        before = bus.moved()
        with bus.writing(portion, through=through):
            bus.until_moving(before)
            if bus.kills < rounds:
                time.sleep(rng.uniform(0, 0.3))
                bus.cluster.kill_kafka()
                bus.kills += 1
                bus.cluster.start_kafka()
    bus.healed()
    assert through == "log" or not bus.errors, "who writes to the outbox sees nothing of a broker"
    table(f"broker kill -9 ({through})", bus, 1)


@pytest.mark.parametrize("workers", (1, 3) if WHOLE else (3,))
def test_the_database_stopped_at_once_in_the_middle_of_transactions(workers, bus_on, table):
    bus, rng = bus_on("postgresql"), random.Random(12)
    bus.ready()
    bus.start(workers=workers)
    rounds = max(2, ROUNDS // 4)
    for portion in portions(stream(FEWER, seed=12), rounds + 1):
        before = bus.moved()
        with bus.writing(portion):
            bus.until_moving(before)
            if bus.kills < rounds:
                time.sleep(rng.uniform(0, 0.3))
                bus.cluster.stop_postgres(signal.SIGQUIT)
                bus.kills += 1
                time.sleep(rng.uniform(0, 1))
                bus.cluster.start_postgres()
    bus.healed()
    table("database stopped at once", bus, workers)


@pytest.mark.parametrize("database", DATABASES if WHOLE else ("postgresql",))
def test_records_of_aborted_transactions_are_never_applied(database, bus_on, table):
    bus, rng = bus_on(database), random.Random(13)
    bus.ready()
    bus.start()
    deliveries = stream(FEWER // 2, seed=13, copies=False)
    store = Store(bus.database.url, 30.0)
    codec = open_codec(store)
    store.close()
    with KafkaProducer(
        bootstrap_servers=bus.cluster.bootstrap, transactional_id=f"chaos-{bus.folder}", acks="all"
    ) as producer:
        producer.init_transactions()
        for some in portions(deliveries, 24):
            bus.journal.intent(some)
            producer.begin_transaction()
            for event in some:
                topic, key, record = record_of(codec, event)
                producer.send(topic, record.value, record.key, list(record.headers), partition_of(key, 4))
            producer.flush()
            if rng.random() < 0.5:
                producer.abort_transaction()
                bus.journal.fail(some)
            else:
                producer.commit_transaction()
                bus.journal.ok(some)
    told = bus.told()
    assert min(len(told.ok), len(told.fail)) > len(deliveries) // 8
    bus.healed()
    table("aborted transactions", bus, 1)
    assert not told.fail & set(bus.database.state().inbox)
