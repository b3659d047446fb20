"""The pulling engine: reads the log, applies batches, refreshes views. Safe beside any other worker.

It runs the embedded bus, and on Kafka catch-up, backfill and rebuild, where only its batches are greater.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bus.engine.state import ends_of, live_generations, marked
from bus.engine.step import Report, Slice, apply_slices, refresh_all
from bus.intake import finish
from bus.parts import Parts
from bus.projection import Applied, Projection
from bus.retry import retrying
from bus.store import generations
from bus.store.generations import START

__all__ = ["BULK", "EMBEDDED", "Pace", "Progress", "catch_up", "run"]

Progress = Callable[[int], None]
Ends = Mapping[tuple[str, int], int]

_IDLE_S = 0.5
"""Sleep between two looks at a log that had nothing new."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How much at once.

    Attributes:
        batch: records a transaction.
        refresh_after: events applied before marked nodes are refreshed though more is waiting; twice as many each
            time, since exports come kind by kind and so every part of a backlog can mark every node.
    """

    batch: int
    refresh_after: int


EMBEDDED = Pace(1_000, 50_000)
"""Views are never much behind."""
BULK = Pace(10_000, 1_000_000)
"""A node is recomputed once, when all its facts are there; 10,000 events are about 20 MB."""


def run(
    parts: Parts,
    consumers: Sequence[Projection],
    *,
    pace: Pace = EMBEDDED,
    until_caught_up: bool,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _offsets: None,
) -> Report:
    """Bring the live views of some consumers up to the log's end, once or until stopped.

    Raises:
        BusError: terminal errors only; transient ones are waited out.
    """
    report = Report()
    live = live_generations(parts, consumers)
    while not stop():
        finish(parts)
        before = report.events
        for consumer, generation in live:
            catch_up(parts, consumer, generation, pace=pace, report=report, stop=stop, progress=progress)
        if until_caught_up and not retrying(partial(_any_marked, parts, [generation for _, generation in live])):
            return report
        if report.events == before:
            time.sleep(_IDLE_S)
    return report


def _any_marked(parts: Parts, generations_: Sequence[int]) -> bool:
    with parts.store.read() as tx:
        return any(marked(tx, generation) for generation in generations_)


def catch_up(  # noqa: PLR0913 - one coordinator
    parts: Parts,
    consumer: Projection,
    generation: int,
    *,
    pace: Pace = EMBEDDED,
    report: Report,
    ends: Ends | None = None,
    stop: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _offsets: None,
) -> None:
    """Apply all records up to the log's end (or given ends), then refresh all marked nodes."""
    fresh = turn = 0
    due = pace.refresh_after
    while not stop():
        moved, applied = retrying(partial(_round, parts, consumer, generation, pace.batch, ends, turn))
        if not moved:
            break
        report.add(applied)
        progress(moved)
        turn += 1
        fresh += applied.events
        if fresh >= due:
            refresh_all(parts, consumer, generation, stop)
            fresh, due = 0, 2 * due
    refresh_all(parts, consumer, generation, stop)


def _round(
    parts: Parts, consumer: Projection, generation: int, batch: int, ends: Ends | None, turn: int
) -> tuple[int, Applied]:
    """Read up to a batch from the partitions that have some, and apply it.

    Returns:
        By how many offsets positions moved (0 = the end is reached), and what was applied.
    """
    slices = _gather(parts, consumer, generation, batch, ends, turn)
    moved = sum(one.next_offset - (one.old or START).next_offset for one in slices)
    return moved, apply_slices(parts, consumer, generation, slices) if slices else Applied(0, 0)


def _gather(
    parts: Parts, consumer: Projection, generation: int, batch: int, ends: Ends | None, turn: int
) -> list[Slice]:
    with parts.store.read() as tx:
        done = generations.positions(tx, generation)
    until = ends_of(parts.log, consumer) if ends is None else ends
    places = sorted(until)
    start = turn % len(places) if places else 0
    slices: list[Slice] = []
    room = batch
    for place in [*places[start:], *places[:start]]:
        offset, end = done.get(place, START).next_offset, until[place]
        if offset == end or room == 0:
            continue
        records, next_offset = parts.log.read(*place, offset, min(room, end - offset) if offset < end else 1)
        if next_offset > end > offset:
            records, next_offset = [record for record in records if record.offset < end], end
        if next_offset != offset:
            slices.append(Slice(*place, done.get(place), records, next_offset))
            room -= len(records)
    return slices
