"""The embedded engine: one process reads the log, applies batches, refreshes views. Safe beside another one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bus import projection as projections
from bus.intake import finish
from bus.parts import Parts
from bus.ports import Batch, Log
from bus.projection import Projection
from bus.retry import retrying
from bus.store import generations, outbox
from bus.store.database import Tx
from bus.store.generations import Position

__all__ = [
    "Progress",
    "Report",
    "catch_up",
    "lag",
    "live_generation",
    "recorded",
    "refresh_all",
    "run",
    "view_hash",
    "watermark",
]

Progress = Callable[[int], None]
Ends = Mapping[tuple[str, int], int]

_REFRESH_AFTER = 50_000
"""Events applied before marked nodes are refreshed though more is waiting: bounds how stale a view gets."""
_IDLE_S = 0.5
"""Sleep between two looks at a log that had nothing new."""


@dataclass(slots=True)
class Report:
    """What a run did: events that had an effect, and dead letters it made."""

    events: int = 0
    dead_letters: int = 0


def live_generation(parts: Parts, projection: Projection) -> int:
    """The live generation of a consumer, made if it is the first."""
    with parts.store.read() as tx:
        found = generations.live(tx, projection.name)
    if found is not None:
        return found
    with parts.store.write() as tx:
        found = generations.live(tx, projection.name)
        return found or generations.make(tx, projection.name, "live", "first run", parts.now_ms())


def run(
    parts: Parts,
    consumers: Sequence[Projection],
    *,
    batch: int,
    until_caught_up: bool,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _events: None,
) -> Report:
    """Bring the live views of some consumers up to the log's end, once or until stopped.

    Raises:
        BusError: terminal errors only; transient ones are waited out.
    """
    report = Report()
    live = [(consumer, retrying(partial(live_generation, parts, consumer))) for consumer in consumers]
    while not stop():
        finish(parts)
        before = report.events
        for consumer, generation in live:
            catch_up(parts, consumer, generation, batch=batch, report=report, stop=stop, progress=progress)
        if until_caught_up:
            return report
        if report.events == before:
            time.sleep(_IDLE_S)
    return report


def catch_up(  # noqa: PLR0913 - one coordinator
    parts: Parts,
    consumer: Projection,
    generation: int,
    *,
    batch: int,
    report: Report,
    ends: Ends | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _events: None,
) -> None:
    """Apply all records up to the log's end (or given ends), then refresh all marked nodes."""
    fresh = 0
    moved = True
    while moved and not stop():
        moved = False
        for topic in consumer.topics:
            for partition in range(parts.log.partitions(topic)):
                end = None if ends is None else ends.get((topic, partition), 0)
                place = (topic, partition)
                read, applied = retrying(partial(_step, parts, consumer, generation, place, batch, end))
                moved = moved or read > 0
                report.events += applied.events
                report.dead_letters += applied.dead_letters
                fresh += applied.events
                progress(read)
        if fresh >= _REFRESH_AFTER:
            refresh_all(parts, consumer, generation, stop)
            fresh = 0
    refresh_all(parts, consumer, generation, stop)


def _step(
    parts: Parts, consumer: Projection, generation: int, place: tuple[str, int], batch: int, end: int | None
) -> tuple[int, projections.Applied]:
    """Apply one batch of one partition: facts, marks, dead letters and position in one transaction.

    Returns:
        By how many offsets the position moved (0 = the end is reached), and what was applied.
    """
    topic, partition = place
    with parts.store.read() as tx:
        old = generations.positions(tx, generation).get(place)
    offset = old.next_offset if old else 0
    limit = batch if end is None else min(batch, end - offset)
    found = parts.log.read(topic, partition, offset, limit) if limit > 0 else Batch([], offset)
    records, next_offset = found
    if end is not None and next_offset > end:
        records, next_offset = [record for record in records if record.offset < end], end
    if next_offset == offset:
        return 0, projections.Applied(0, 0)
    seen_ms = old.recorded_ms if old else 0
    new = Position(next_offset, records[-1].recorded_ms if records else seen_ms)
    with parts.store.write() as tx:
        generations.advance(tx, generation, topic, partition, old, new)
        applied = projections.apply(
            tx,
            consumer,
            generation,
            parts.codec,
            [(topic, partition, record) for record in records],
            parts.now_ms(),
        )
    return next_offset - offset, applied


def refresh_all(parts: Parts, consumer: Projection, generation: int, stop: Callable[[], bool] = lambda: False) -> None:
    """Recompute every marked node."""

    def one() -> int:
        with parts.store.write() as tx:
            return projections.refresh(tx, consumer, generation, parts.codec)

    while not stop() and retrying(one):
        pass


def recorded(parts: Parts, consumers: Sequence[Projection]) -> int:
    """Number of offsets that some consumers read from the log's start to its end; holes count too."""
    ends = [parts.log.end_offsets(topic) for consumer in consumers for topic in consumer.topics]
    return sum(end for partitions in ends for end in partitions.values())


def lag(parts: Parts, consumers: Sequence[Projection]) -> int:
    """Number of offsets, and events of the outbox, that the live views of some consumers have still to read."""
    with parts.store.read() as tx:
        found = [generations.live(tx, consumer.name) for consumer in consumers]
        done = [generations.positions(tx, generation) for generation in found if generation is not None]
        expected = recorded(parts, consumers) + outbox.waiting(tx)
    return expected - sum(position.next_offset for read in done for position in read.values())


def watermark(parts: Parts, tx: Tx, consumer: Projection, generation: int | None) -> tuple[int | None, bool]:
    """Up to which recorded time every record is in the facts of a generation.

    Returns:
        The time (None: nothing was applied yet), and whether the views hold exactly what was recorded by then.

    Where a partition lags, that is just before its first record that waits; recorded times rise strictly over
    the embedded log, so nothing recorded earlier can still come.
    """
    if generation is None:
        return None, True
    done = generations.positions(tx, generation)
    waiting = []
    for topic in consumer.topics:
        for partition, end in parts.log.end_offsets(topic).items():
            at = done[topic, partition].next_offset if (topic, partition) in done else 0
            first = _first_recorded(parts.log, topic, partition, at, end)
            if first is not None:
                waiting.append(first)
    applied = max((position.recorded_ms for position in done.values() if position.recorded_ms), default=None)
    marked = tx.one("select 1 from dirty where generation = ? limit 1", generation) is not None
    if not waiting:
        return applied, not marked
    mark = min(waiting) - 1
    if applied is None:
        return None, True
    return min(mark, applied), not marked and applied <= mark


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


def view_hash(tx: Tx, consumer: Projection, generation: int | None) -> dict[str, str]:
    """SHA-256 of each view: its rows as canonical JSON, sorted, one a line; evidence is not in it."""
    hashes = {}
    for view in consumer.views:
        digest = hashlib.sha256()
        rows = tx.stream(
            "select body from view_row where generation = ? and view = ? order by body", generation or 0, view
        )
        for (body,) in rows:
            digest.update(body.encode())
            digest.update(b"\n")
        hashes[view] = digest.hexdigest()
    return hashes
