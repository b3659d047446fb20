"""The log on Kafka against a bare loop of kafka-python on the same broker: the feed's own events, 2,000 at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from bus.log.kafka import KafkaAccess, KafkaLog
from bus.log.kafka.admin import opened_admin
from bus.ports import Record
from bus.store import Store
from bus.store.outbox import put, relay
from bus.topics import Layout, Topic
from ops.bench.log import events
from ops.bench.timing import folder, say, timed
from ops.settings import Settings
from ops.stack import Stack, Tie, started

__all__ = ["compare_kafka"]

_BATCH = 2000
_TURNS = 3

Batches = Sequence[Sequence[Record]]


def compare_kafka() -> None:
    """Print how many times faster the log on Kafka is than the plain client."""
    with folder() as place, closing(Tie()) as tie:
        broker, _ = Stack.of(Settings(home=place)).placed()
        started(broker, tie)
        records = events(place / "home") * 3
        batches = [records[at : at + _BATCH] for at in range(0, len(records), _BATCH)]
        turns = [
            _turn(KafkaAccess.of(broker.bootstrap), place / f"store{turn}.sqlite", batches) for turn in range(_TURNS)
        ]
    append, bare_append, read, bare_read, outbox = (min(times) for times in zip(*turns, strict=True))
    say("kafka: append, against kafka-python's producer", f"{bare_append / append:.1f}")
    say("kafka: read, against kafka-python's consumer", f"{bare_read / read:.1f}")
    say("kafka: outbox relay, against kafka-python's producer", f"{bare_append / outbox:.1f}")
    say("kafka: records a second appended, read", f"{len(records) / append:,.0f}", f"{len(records) / read:,.0f}")


def _turn(access: KafkaAccess, store: Path, batches: Batches) -> tuple[float, ...]:
    ours, theirs, relayed = _topics(access)
    with closing(KafkaLog(access)) as log:
        append = timed(lambda: [log.append(ours, 0, batch) for batch in batches])
        bare_append = timed(lambda: _produce(access, theirs, batches))
        read = timed(lambda: _read(log, ours))
        bare_read = timed(lambda: _consume(access, theirs, sum(map(len, batches))))
        return append, bare_append, read, bare_read, _relayed(store, log, relayed, batches)


def _topics(access: KafkaAccess) -> list[str]:
    topics = [Topic(f"bench.{uuid.uuid4().hex}", -1) for _ in range(3)]
    with opened_admin(access) as admin:
        admin.apply(admin.plan(Layout(1), topics), Layout(1), topics)
    return [topic.name for topic in topics]


def _produce(access: KafkaAccess, topic: str, batches: Batches) -> None:
    """The peer, as durable: every batch acknowledged before the next is sent."""
    settings = access.client_settings()
    with closing(KafkaProducer(**settings, enable_idempotence=True, acks="all", batch_size=1 << 18)) as producer:
        for batch in batches:
            sent = [producer.send(topic, one.value, one.key, list(one.headers), 0) for one in batch]
            producer.flush()
            for future in sent:
                future.get()


def _read(log: KafkaLog, topic: str) -> None:
    offset = -1
    following = 0
    while following != offset:
        offset = following
        following = log.read(topic, 0, offset, _BATCH).next_offset


def _consume(access: KafkaAccess, topic: str, count: int) -> None:
    settings = access.client_settings()
    place = TopicPartition(topic, 0)
    with closing(KafkaConsumer(**settings, isolation_level="read_committed", max_poll_records=_BATCH)) as consumer:
        consumer.assign([place])
        consumer.seek(place, 0)
        while count > 0:
            count -= sum(map(len, consumer.poll(1000).values()))


def _relayed(path: Path, log: KafkaLog, topic: str, batches: Batches) -> float:
    """Seconds from the outbox to the log."""
    with closing(Store(f"sqlite:///{path}")) as store:
        for batch in batches:
            with store.write() as tx:
                put(tx, log, [(topic, "k", record) for record in batch])
        return timed(lambda: relay(store, log))
