"""The outbox: events leave the store in the transaction that made them, and reach the log afterwards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache, partial

from bus.errors import Oversize
from bus.log.batch import Block
from bus.ports import MAX_RECORD_BYTES, Log, Record, partition_of
from bus.retry import retrying
from bus.store.binding import forget_copies
from bus.store.database import Store, Tx

__all__ = ["put", "relay", "waiting"]


def put(tx: Tx, log: Log, events: Iterable[tuple[str, str, Record]]) -> None:
    """Add events, given as (topic, key, record).

    Raises:
        Oversize: terminal; nothing of them may be published. Intake refuses such rows before they get here.
    """
    batches: dict[tuple[str, int], list[Record]] = defaultdict(list)
    partitions = cache(log.partitions)
    for topic, key, record in events:
        if record.size > MAX_RECORD_BYTES:
            raise Oversize(topic, dict(record.headers).get("ce_id", b"").decode(), record.size, MAX_RECORD_BYTES)
        batches[topic, partition_of(key, partitions(topic))].append(record)
    tx.many(
        "insert into outbox (topic, partition, size, block) values (?, ?, ?, ?)",
        [
            (topic, partition, len(records), Block.of(records).packed)
            for (topic, partition), records in sorted(batches.items())
        ],
    )


def relay(store: Store, log: Log) -> int:
    """Bring everything in the outbox to the log, oldest first; return the number of events.

    At least once: killed between append and delete, it appends the batch again, and inboxes drop it. One relay at
    a time, so that the events of a key keep their order; whoever waited finds the outbox empty.
    """
    if not retrying(partial(_any, store)):
        return 0
    moved = 0
    with store.alone("relay", wait=True):
        while (size := retrying(partial(_relay_some, store, log))) is not None:
            moved += size
    return moved


def _any(store: Store) -> bool:
    with store.read() as tx:
        return tx.one("select 1 from outbox limit 1") is not None


_TOGETHER = 8
"""Batches moved between two deletes, at most 2,000 events each: a crash repeats no more than these."""


def _relay_some(store: Store, log: Log) -> int | None:
    with store.read() as tx:
        rows = tx.all("select id, topic, partition, size, block from outbox order by id limit ?", _TOGETHER)
    if not rows:
        return None
    for _, topic, partition, size, block in rows:
        log.append(topic, partition, Block(size, block))
    with store.write() as tx:
        tx.run_in("delete from outbox where id in (?*)", [row[0] for row in rows])
        forget_copies(tx, {row[1] for row in rows})
    return sum(int(row[3]) for row in rows)


def waiting(tx: Tx) -> int:
    """Number of events that have not reached the log yet."""
    row = tx.one("select coalesce(sum(size), 0) from outbox")
    return int(row[0]) if row else 0
