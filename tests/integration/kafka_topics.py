"""New topics for a test, made as the bus makes them, and what a foreign producer may do to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from kafka import KafkaProducer

from bus.log.kafka import KafkaAccess
from bus.log.kafka.admin import opened_admin
from bus.topics import Layout, Topic


def new_topics(bootstrap: str, number: int, partitions: int = 1) -> list[str]:
    """Names of topics that nobody has used."""
    topics = [Topic(f"t.{uuid.uuid4().hex}", -1) for _ in range(number)]
    layout = Layout(partitions)
    with opened_admin(KafkaAccess.of(bootstrap)) as admin:
        admin.apply(admin.plan(layout, topics), layout, topics)
    return [topic.name for topic in topics]


class Transactional:
    """A producer with transactions, whose markers and aborted records leave holes."""

    def __init__(self, bootstrap: str) -> None:
        self._producer = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=uuid.uuid4().hex)
        self._producer.init_transactions()

    def open(self, topic: str, values: Iterable[bytes]) -> None:
        self._producer.begin_transaction()
        for value in values:
            self._producer.send(topic, value, b"k", partition=0)
        self._producer.flush()

    def commit(self) -> None:
        self._producer.commit_transaction()

    def abort(self) -> None:
        self._producer.abort_transaction()

    def close(self) -> None:
        self._producer.close()
