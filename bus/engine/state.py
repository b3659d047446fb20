"""How far consumers are, and what their views hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial

from bus.parts import Parts
from bus.ports import Log
from bus.projection import Projection
from bus.retry import retrying
from bus.store import generations, outbox
from bus.store.database import Tx
from bus.store.generations import START

__all__ = [
    "behind",
    "ends_of",
    "lag",
    "live_generation",
    "live_generations",
    "marked",
    "recorded",
    "view_bodies",
    "view_hash",
    "watermark",
]


def live_generation(parts: Parts, projection: Projection) -> int:
    """The live generation of a consumer, made if it is the first."""
    with parts.store.read() as tx:
        found = generations.live(tx, projection.name)
    if found is not None:
        return found
    with parts.store.write() as tx:
        return generations.made_live(tx, projection.name, "first run", parts.now_ms())


def live_generations(parts: Parts, consumers: Sequence[Projection]) -> list[tuple[Projection, int]]:
    """Consumers with their live generations, made where they are the first; waits for a store that is away."""
    return [(consumer, retrying(partial(live_generation, parts, consumer))) for consumer in consumers]


def ends_of(log: Log, consumer: Projection) -> dict[tuple[str, int], int]:
    """End offsets of every partition that a consumer reads."""
    return {(topic, partition): end for topic in consumer.topics for partition, end in log.end_offsets(topic).items()}


def recorded(parts: Parts, consumers: Sequence[Projection]) -> int:
    """Number of offsets that some consumers read from the log's start to its end; holes count too."""
    return sum(sum(ends_of(parts.log, consumer).values()) for consumer in consumers)


def lag(parts: Parts, consumers: Sequence[Projection]) -> int:
    """Number of offsets, and events of the outbox, that the live views of some consumers have still to read."""
    with parts.store.read() as tx:
        found = [generations.live(tx, consumer.name) for consumer in consumers]
        done = [generations.positions(tx, generation) for generation in found if generation is not None]
        waiting = outbox.waiting(tx)
    return recorded(parts, consumers) + waiting - sum(at.next_offset for read in done for at in read.values())


def marked(tx: Tx, generation: int) -> bool:
    """Whether nodes of a generation wait to be recomputed."""
    marks = "select 1 from dirty where generation = ? union all select 1 from stale where generation = ? limit 1"
    return tx.one(marks, generation, generation) is not None


def behind(parts: Parts, consumers: Sequence[Projection]) -> bool:
    """Whether anything that was accepted is not yet in the live views of some consumers."""
    with parts.store.read() as tx:
        if outbox.waiting(tx):
            return True
        for consumer in consumers:
            generation = generations.live(tx, consumer.name)
            if generation is None or marked(tx, generation):
                return True
            if next(_waiting(parts, tx, consumer, generation), None) is not None:
                return True
    return False


def watermark(parts: Parts, tx: Tx, consumer: Projection, generation: int | None) -> tuple[int | None, bool]:
    """Up to which recorded time every record is in the facts of a generation.

    Returns:
        The time (None: nothing was applied yet), and whether the views hold exactly what was recorded by then.

    Where a partition lags, that is just before its first record that waits; recorded times rise strictly over
    the embedded log, so nothing recorded earlier can still come.
    """
    if generation is None:
        return None, True
    waiting = list(_waiting(parts, tx, consumer, generation))
    done = generations.positions(tx, generation)
    applied = max((position.recorded_ms for position in done.values() if position.recorded_ms), default=None)
    fresh = not marked(tx, generation)
    if not waiting:
        return applied, fresh
    mark = min(waiting) - 1
    if applied is None:
        return None, True
    return min(mark, applied), fresh and applied <= mark


def _waiting(parts: Parts, tx: Tx, consumer: Projection, generation: int) -> Iterator[int]:
    """Recorded time of the first record that waits, of each partition where one does."""
    done = generations.positions(tx, generation)
    for place, end in ends_of(parts.log, consumer).items():
        first = _first_recorded(parts.log, *place, done.get(place, START).next_offset, end)
        if first is not None:
            yield first


def _first_recorded(log: Log, topic: str, partition: int, offset: int, end: int) -> int | None:
    """Recorded time of the first record at or behind an offset; None where only holes are left."""
    while offset < end:
        records, next_offset = log.read(topic, partition, offset, 1)
        if records:
            return records[0].recorded_ms
        if next_offset == offset:
            return None
        offset = next_offset
    return None


def view_bodies(tx: Tx, generation: int | None, view: str) -> Iterator[bytes]:
    """What is hashed of a view: each row's canonical JSON as a line, sorted."""
    sql = "select body from view_row where generation = ? and view = ? order by body"
    return (f"{body}\n".encode() for (body,) in tx.stream(sql, generation or 0, view))


def view_hash(tx: Tx, consumer: Projection, generation: int | None) -> dict[str, str]:
    """SHA-256 of each view; evidence is not in it."""
    hashes = {}
    for view in consumer.views:
        digest = hashlib.sha256()
        for line in view_bodies(tx, generation, view):
            digest.update(line)
        hashes[view] = digest.hexdigest()
    return hashes
