"""The one step that every engine takes: what was read, and how far, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from bus import projection as projections
from bus.notices import put_notices
from bus.parts import Parts
from bus.ports import StoredRecord
from bus.projection import Applied, Projection
from bus.retry import Sleep, retrying
from bus.store import generations, outbox
from bus.store.generations import START, Position

__all__ = ["Report", "Slice", "apply_slices", "refresh_all"]


@dataclass(slots=True)
class Report:
    """What a run did: events that had an effect, and dead letters it made."""

    events: int = 0
    dead_letters: int = 0

    def add(self, applied: Applied) -> None:
        """Count a step."""
        self.events += applied.events
        self.dead_letters += applied.dead_letters

    def plus(self, other: Report) -> Report:
        """Both together."""
        return Report(self.events + other.events, self.dead_letters + other.dead_letters)


class Slice(NamedTuple):
    """What was read of one partition: from the position ``old`` (None: from the start) up to ``next_offset``."""

    topic: str
    partition: int
    old: Position | None
    records: Sequence[StoredRecord]
    next_offset: int


def apply_slices(parts: Parts, consumer: Projection, generation: int, slices: Sequence[Slice]) -> Applied:
    """Apply what was read: facts, marks, dead letters and positions, all or nothing.

    Raises:
        TransientError: retriable; another worker moved a position, so everything must be read anew.
    """
    ordered = sorted(slices, key=lambda one: (one.topic, one.partition))
    with parts.store.write() as tx:
        for topic, partition, old, records, next_offset in ordered:
            new = Position(next_offset, records[-1].recorded_ms if records else (old or START).recorded_ms)
            generations.advance(tx, generation, topic, partition, old, new)
        batch = [(one.topic, one.partition, record) for one in ordered for record in one.records]
        return projections.apply(tx, consumer, generation, parts.codec, batch, parts.now_ms())


def refresh_all(
    parts: Parts,
    consumer: Projection,
    generation: int,
    stop: Callable[[], bool] = lambda: False,
    sleep: Sleep | None = None,
) -> None:
    """Recompute every marked node that no other worker is at; of the live views, tell what changed."""
    with parts.store.read() as tx:
        live = generations.live(tx, consumer.name) == generation

    def one() -> int:
        with parts.store.write() as tx:
            tell = partial(put_notices, tx, parts, consumer.name) if live else None
            return projections.refresh(tx, consumer, generation, parts.codec, tell=tell)

    while not stop() and retrying(one, sleep):
        pass
    if live and consumer.asking is not None:
        outbox.relay(parts.store, parts.log)
