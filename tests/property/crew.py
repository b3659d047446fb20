"""Workers on a log in memory, with the real step and a real store, where every bad moment can be chosen.

A worker has what it fetched in hand, perhaps long ago; who it is told to be, and from where to read, is the test's.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from bus import Parts
from bus.engine import Report, live_generation, refresh_all
from bus.engine.faust import _Worker
from bus.errors import LogTruncated, TransientError
from bus.ports import Batch, Record, StoredRecord
from bus.store import Store, Tx, generations
from consumers import ATTENDANCE, CHAIN
from schemas import Codec
from schemas.catalogue import topics

__all__ = ["PARTITIONS", "Crash", "Crew", "Memory", "Place"]

PARTITIONS = 2
_BASE_MS = 1_760_000_000_000

Place = tuple[str, int]


CREW = (CHAIN, ATTENDANCE)
"""Consumers that share no event type, so that each event has one effect in all."""


class Crash(BaseException):
    """The process ends here."""


class Memory:
    """A log in memory; offsets may have holes."""

    def __init__(self) -> None:
        self._records: dict[Place, list[StoredRecord]] = defaultdict(list)
        self._ends: dict[Place, int] = defaultdict(int)
        self._moment = _BASE_MS

    def topics(self) -> set[str]:
        return {*topics()}

    def history(self, topic: str) -> str:
        return f"the only {topic}"

    def partitions(self, _topic: str) -> int:
        return PARTITIONS

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        place, first = (topic, partition), self._ends[topic, partition]
        self._moment += 1
        for record in records:
            self._records[place].append(StoredRecord(self._ends[place], self._moment, *record))
            self._ends[place] += 1
        return first

    def skip(self, place: Place, count: int) -> None:
        """Leave holes, as transactions do."""
        self._ends[place] += count

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        place = (topic, partition)
        if offset > self._ends[place]:
            raise LogTruncated(topic, partition, offset, start=0, end=self._ends[place])
        found = [record for record in self._records[place] if record.offset >= offset]
        some = found[:limit]
        return Batch(some, some[-1].offset + 1 if len(found) > limit else self._ends[place])

    def start_offsets(self, _topic: str) -> dict[int, int]:
        return dict.fromkeys(range(PARTITIONS), 0)

    def end_offsets(self, topic: str) -> dict[int, int]:
        return {number: self._ends[topic, number] for number in range(PARTITIONS)}

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        found = [one.offset for one in self._records[topic, partition] if one.recorded_ms >= recorded_ms]
        return found[0] if found else self._ends[topic, partition]


class Moment(NamedTuple):
    """What happens at one commit to come: how many commits from now, and what."""

    commits: int
    kind: str
    other: Callable[[], None] = lambda: None


class ChosenStore(Store):
    """The real store; at a chosen commit the process dies, the database fails, or somebody else comes first."""

    moment: Moment | None = None

    @contextmanager
    def write(self) -> Iterator[Tx]:
        due = self._due()
        if due is None:
            with super().write() as tx:
                yield tx
            return
        if due.kind == "other first":
            due.other()
        if due.kind == "fails":
            raise TransientError("the database is away")
        with super().write() as tx:
            yield tx
            if due.kind == "dies before":
                raise Crash
        if due.kind == "dies after":
            raise Crash

    def _due(self) -> Moment | None:
        moment = self.moment
        if moment is None:
            return None
        self.moment = None if moment.commits == 0 else moment._replace(commits=moment.commits - 1)
        return moment if moment.commits == 0 else None


@dataclass
class Member:
    """A worker: what it will fetch next of each partition, and packs that it has fetched."""

    next: dict[Place, int] = field(default_factory=dict)
    hand: deque[tuple[Place, list[StoredRecord]]] = field(default_factory=deque)


class Crew:
    """Some workers of both consumers on one store and one log."""

    def __init__(self, store_url: str, codec_of: Callable[[Store], Codec], size: int) -> None:
        self.log = Memory()
        self.store = ChosenStore(store_url)
        self.parts = Parts(self.store, self.log, codec_of(self.store), lambda: _BASE_MS)
        self.members = [Member() for _ in range(size)]
        self.deaths = 0
        self.live = [(consumer, live_generation(self.parts, consumer)) for consumer in CREW]

    def position(self, place: Place) -> int:
        """Where SQL says a partition goes on."""
        with self.store.read() as tx:
            at = [
                generations.positions(tx, number).get(place)
                for consumer, number in self.live
                if place[0] in consumer.topics
            ]
        return min(one.next_offset if one else 0 for one in at)

    def assign(self, number: int, place: Place, off: int) -> None:
        """Give a worker a partition, from where SQL says or, wrongly, some offsets beside it; nobody gives it up."""
        end = self.log.end_offsets(place[0])[place[1]]
        self.members[number].next[place] = min(max(self.position(place) + off, 0), end)

    def fetch(self, number: int, place: Place, limit: int) -> None:
        """A worker fetches a pack, which waits in its hand."""
        member = self.members[number]
        if place not in member.next:
            return
        records, member.next[place] = self.log.read(*place, member.next[place], limit)
        if records:
            member.hand.append((place, records))

    def apply(self, number: int, packs: int = 1) -> None:
        """A worker applies the oldest packs that it has; a failed try is tried again, a death loses all it had."""
        member = self.members[number]
        if not member.hand:
            self.store.moment = None
            return
        delivered: dict[Place, list[StoredRecord]] = {}
        taken = list(member.hand)[:packs]
        for place, records in taken:
            delivered.setdefault(place, []).extend(records)
        worker = _Worker(self.parts, self.live, Report(), lambda: False, lambda _count: None)
        with self._living(number):
            for consumer, generation in self.live:
                mine = {place: records for place, records in delivered.items() if place[0] in consumer.topics}
                while mine:
                    with suppress(TransientError):
                        mine = worker._step(consumer, generation, mine)
            for _ in taken[: len(member.hand)]:
                member.hand.popleft()

    def refresh(self, number: int) -> None:
        """A worker refreshes marked nodes."""
        with self._living(number):
            for consumer, generation in self.live:
                refresh_all(self.parts, consumer, generation, sleep=lambda _seconds: None)

    @contextmanager
    def _living(self, number: int) -> Iterator[None]:
        try:
            yield
        except Crash:
            self.deaths += 1
            self.members[number] = Member()
        finally:
            self.store.moment = None

    def choose(self, commits: int, kind: str, other: Callable[[], None] = lambda: None) -> None:
        """What happens at a commit of the next deed."""
        self.store.moment = Moment(commits, kind, other)
