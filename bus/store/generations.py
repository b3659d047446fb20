"""Generations: each consumer's state belongs to one; live is the one that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from bus.errors import TransientError
from bus.retry import retrying
from bus.store.database import Store, Tx

__all__ = ["START", "Position", "advance", "drop", "live", "made_live", "make", "positions", "unfinished"]

_STATE = {
    "inbox": "event_id",
    "fact": "node",
    "dirty": "node",
    "view_row": "node",
    "position": "topic",
    "term": "term",
    "named": "node",
    "need": "subject",
    "stale": "subject",
}
"""Tables of a generation's state, each with the column behind the generation in an index."""

_DROP_STEP = 20_000
"""Rows deleted in one transaction; about a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a generation has read one partition; recorded time of the last record it applied."""

    next_offset: int
    recorded_ms: int


START = Position(0, 0)
"""Where a partition is read from that has no position yet."""


def live(tx: Tx, consumer: str) -> int | None:
    """The live generation of a consumer; None before the first run."""
    row = tx.one("select id from generation where consumer = ? and state = 'live'", consumer)
    return None if row is None else int(row[0])


def made_live(tx: Tx, consumer: str, why: str, now_ms: int) -> int:
    """The live generation of a consumer, made if it is the first; of several who make it at once, one does."""
    found = live(tx, consumer)
    if found is None:
        tx.exclusively(f"generation of {consumer}")
        found = live(tx, consumer)
    return make(tx, consumer, "live", why, now_ms) if found is None else found


def make(tx: Tx, consumer: str, state: str, why: str, now_ms: int) -> int:
    """Make a generation: ``live``, or ``filling`` beside the live one."""
    return tx.insert(
        "insert into generation (consumer, state, made_ms, why) values (?, ?, ?, ?)",
        consumer,
        state,
        now_ms,
        why,
    )


def unfinished(tx: Tx) -> list[tuple[int, str]]:
    """Generations whose filling was cut off: id and consumer."""
    return [(int(row[0]), str(row[1])) for row in tx.all("select id, consumer from generation where state = 'filling'")]


def drop(store: Store, generation: int) -> None:
    """Delete a generation that isn't live, in steps."""
    for table, column in _STATE.items():
        while retrying(partial(_drop_some, store, generation, table, column)):
            pass
    with store.write() as tx:
        tx.run("update generation set state = 'dropped' where id = ?", generation)


def _drop_some(store: Store, generation: int, table: str, column: str) -> bool:
    """Delete a range of the index; a list of keys instead would be joined row by row by a database without counts."""
    which = f"from {table} where generation = ?"
    with store.write() as tx:
        last = tx.one(f"select {column} {which} order by {column} limit 1 offset {_DROP_STEP}", generation)
        if last is None:
            tx.run(f"delete {which}", generation)
        else:
            tx.run(f"delete {which} and {column} <= ?", generation, last[0])
    return last is not None


def positions(tx: Tx, generation: int) -> dict[tuple[str, int], Position]:
    """Positions of a generation by topic and partition."""
    rows = tx.all("select topic, partition, next_offset, recorded_ms from position where generation = ?", generation)
    return {(topic, partition): Position(next_offset, recorded) for topic, partition, next_offset, recorded in rows}


def advance(tx: Tx, generation: int, topic: str, partition: int, old: Position | None, new: Position) -> None:
    """Move a position from the value that was read; it must still be there.

    Raises:
        TransientError: retriable; another worker moved it, so this batch must roll back and be read anew.
    """
    if old is None:
        moved = tx.run(
            "insert into position values (?, ?, ?, ?, ?) on conflict do nothing",
            *(generation, topic, partition, new.next_offset, new.recorded_ms),
        )
    else:
        moved = tx.run(
            "update position set next_offset = ?, recorded_ms = ? "
            "where generation = ? and topic = ? and partition = ? and next_offset = ?",
            *(new.next_offset, new.recorded_ms, generation, topic, partition, old.next_offset),
        )
    if moved != 1:
        raise TransientError(f"position of {topic}/{partition} (generation {generation}) was moved by another worker")
