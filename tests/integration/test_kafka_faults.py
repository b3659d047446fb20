"""A broker that is killed under appends, reads and the outbox loses and reorders nothing."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest

from bus.errors import TransientError
from bus.log.kafka import KafkaAccess, KafkaLog
from bus.ports import Record
from bus.retry import retrying
from bus.store import Store
from bus.store.outbox import put, relay, waiting
from tests.integration.kafka_topics import new_topics


def numbered(first, count):
    return [Record.of(b"k", b"%d" % number) for number in range(first, first + count)]


def values(log, topic, partition=0):
    found, offset = [], 0
    while True:
        some, following = retrying(lambda at=offset: log.read(topic, partition, at, 10_000))
        found += [int(one.value) for one in some]
        if following == offset:
            return found
        offset = following


def first_seen(found):
    return list(dict.fromkeys(found))


class Killer(threading.Thread):
    """Kills the broker and starts it again, some times, while something goes on."""

    def __init__(self, cluster, times):
        super().__init__()
        self._cluster, self._times = cluster, times

    def run(self):
        for _ in range(self._times):
            self._cluster.kill_kafka()
            self._cluster.start_kafka()


def test_a_broker_killed_under_appends_loses_doubles_and_reorders_nothing(cluster):
    (topic,) = new_topics(cluster.bootstrap, 1)
    with closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log:
        killer = Killer(cluster, 3)
        killer.start()
        appended = 0
        while killer.is_alive() or appended < 2_000:
            base = retrying(lambda first=appended: log.append(topic, 0, numbered(first, 50)))
            assert base == appended, "the broker dropped what it had already"
            appended += 50
        killer.join()
        assert values(log, topic) == list(range(appended))


def test_a_reader_goes_on_where_it_was(cluster):
    (topic,) = new_topics(cluster.bootstrap, 1)
    with closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log:
        log.append(topic, 0, numbered(0, 3_000))
        killer = Killer(cluster, 2)
        killer.start()
        rounds = 0
        while killer.is_alive() or rounds < 2:
            log._reader._windows.clear()
            assert values(log, topic) == list(range(3_000))
            rounds += 1
        killer.join()


def test_with_no_broker_an_append_fails_for_now_and_later_succeeds(cluster, monkeypatch):
    monkeypatch.setattr("bus.log.kafka.writer._GIVE_UP_S", 1.0)
    (topic,) = new_topics(cluster.bootstrap, 1)
    with closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log:
        log.append(topic, 0, numbered(0, 10))
        cluster.kill_kafka()
        for ask in (lambda: log.append(topic, 0, numbered(10, 10)), lambda: log.end_offsets(topic)):
            with pytest.raises(TransientError, match="Kafka"):
                ask()
        cluster.start_kafka()
        retrying(lambda: log.append(topic, 0, numbered(10, 10)))
        assert first_seen(values(log, topic)) == list(range(20))


class Died(BaseException):
    """The relaying process ended here."""


class Mortal(Store):
    """A store whose writer dies before its next commit, when told so."""

    dies = False

    def write(self):
        if self.dies:
            raise Died
        return super().write()


def test_a_relay_killed_between_append_and_delete_repeats_at_most_eight_blocks(cluster, tmp_path):
    (topic,) = new_topics(cluster.bootstrap, 1)
    with (
        closing(Mortal(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store,
        closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log,
    ):
        for block in range(20):
            with store.write() as tx:
                put(tx, log, [(topic, "k", record) for record in numbered(block * 10, 10)])
        store.dies = True
        with pytest.raises(Died):
            relay(store, log)
        store.dies = False
        relay(store, log)
        found = values(log, topic)
        assert first_seen(found) == list(range(200))
        assert len(found) == 200 + 80
        with store.read() as tx:
            assert waiting(tx) == 0


def test_an_outbox_waits_for_the_broker_and_drains_in_order(cluster, tmp_path, monkeypatch):
    monkeypatch.setattr("bus.log.kafka.writer._GIVE_UP_S", 0.5)
    topics = new_topics(cluster.bootstrap, 1, partitions=3)
    with (
        closing(Store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store,
        closing(KafkaLog(KafkaAccess.of(cluster.bootstrap))) as log,
    ):
        assert log.partitions(topics[0]) == 3
        cluster.kill_kafka()
        for block in range(30):
            with store.write() as tx:
                put(
                    tx, log, [(topics[0], f"k{number % 7}", numbered(number, 1)[0]) for number in range(block, 300, 30)]
                )
        draining = threading.Thread(target=relay, args=(store, log))
        draining.start()
        draining.join(2)
        assert draining.is_alive(), "it waits"
        cluster.start_kafka()
        draining.join(60)
        assert not draining.is_alive()
        found = [values(log, topics[0], partition) for partition in range(3)]
        assert sorted(set().union(*found)) == list(range(300))
        order = {number: place for place, number in enumerate(n for b in range(30) for n in range(b, 300, 30))}
        for numbers in found:
            assert first_seen(numbers) == sorted(set(numbers), key=order.__getitem__)
