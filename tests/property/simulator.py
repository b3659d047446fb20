"""A bus in one process that crashes at commit points, from a seed that replays it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from bus import Parts
from bus.engine import Pace, live_generation, run, view_hash
from bus.log import EmbeddedLog
from bus.ports import Batch, Log, Record
from bus.store import Store, Tx, open_codec
from consumers import CONSUMERS
from ops.ingest import Request, ingest
from tests.contract.holey import HoleyLog

OBSERVED_AT = "2025-10-03T00:00:00+07:00"


class Crash(BaseException):
    """The process ends here."""


class Fate:
    """Ends the process some times, each time before or after a commit drawn at random; or fails transiently."""

    def __init__(self, rng: random.Random, crashes: int, error: type[BaseException] = Crash) -> None:
        self._rng = rng
        self._error = error
        self._left = crashes
        self._exempt = False
        self.crashes = 0
        self._draw()

    def _draw(self) -> None:
        self._commits = self._rng.randint(1, self._rng.choice((3, 30, 300)))

    @contextmanager
    def first_contact(self) -> Iterator[None]:
        """A part that can't be reached at first contact ends the command; only crashes are drawn there."""
        self._exempt = self._error is not Crash
        yield
        self._exempt = False

    @contextmanager
    def point(self) -> Iterator[None]:
        """Wrap one commit."""
        if self._exempt:
            yield
            return
        self._commits -= 1
        strikes = self._left > 0 and self._commits == 0
        if strikes and self._rng.random() < 0.5:
            self._crash()
        yield
        if strikes:
            self._crash()

    def _crash(self) -> None:
        self._left -= 1
        self.crashes += 1
        self._draw()
        raise self._error


class FragileStore(Store):
    """The real store, ended at commits."""

    def __init__(self, url: str, fate: Fate) -> None:
        self._fate: Fate | None = None
        super().__init__(url)
        self._fate = fate

    @contextmanager
    def write(self) -> Iterator[Tx]:
        if self._fate is None:
            with super().write() as tx:
                yield tx
            return
        before = self._fate
        with before.point(), super().write() as tx:
            yield tx


class FragileLog:
    """The real log, ended at appends."""

    def __init__(self, log: Log, fate: Fate) -> None:
        self._log = log
        self._fate = fate

    def topics(self) -> set[str]:
        return self._log.topics()

    def history(self, topic: str) -> str:
        return self._log.history(topic)

    def partitions(self, topic: str) -> int:
        return self._log.partitions(topic)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        with self._fate.point():
            return self._log.append(topic, partition, records)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        return self._log.read(topic, partition, offset, limit)

    def start_offsets(self, topic: str) -> dict[int, int]:
        return self._log.start_offsets(topic)

    def end_offsets(self, topic: str) -> dict[int, int]:
        return self._log.end_offsets(topic)

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        return self._log.offset_for_time(topic, partition, recorded_ms)


@contextmanager
def process(home: Path, fate: Fate, holes: int = 0, url: str | None = None) -> Iterator[Parts]:
    """One life of the process: the home opened, until it ends or crashes; so many holes before each record."""
    home.mkdir(exist_ok=True)
    store = FragileStore(url or f"sqlite:///{home / 'store.sqlite'}", fate)
    log = EmbeddedLog(home / "log.sqlite", partitions=3)
    try:
        with fate.first_contact():
            codec = open_codec(store)
        spread = HoleyLog(log, holes) if holes else log
        yield Parts(store, FragileLog(spread, fate), codec, lambda: 1_760_000_000_000)
    finally:
        log.close()
        store.close()


def lives(life: Callable[[], AbstractContextManager[Parts]], work: Callable[[Parts], object]) -> None:
    """Do some work, again in a new life after each crash, until it is done."""
    while True:
        try:
            with life() as parts:
                work(parts)
                return
        except Crash:
            continue


def simulate(
    home: Path,
    deliveries: Sequence[Sequence[Path]],
    rng: random.Random,
    crashes: int,
    error: type[BaseException] = Crash,
    source: str = "isb",
    url: str | None = None,
) -> tuple[dict, int]:
    """Ingest deliveries, with runs in between, and crashes; return view hashes and how often it crashed."""
    fate = Fate(rng, crashes, error)
    holes = rng.choice((0, 0, 1, 2))
    life = partial(process, home, fate, holes, url)
    for paths in deliveries:
        batch = rng.choice((1, 7, 50, 1000))
        request = Request(source, list(paths), observed_at=OBSERVED_AT, batch=batch)
        lives(life, lambda parts, request=request: ingest(parts, request))
        if rng.random() < 0.5:
            lives(life, lambda parts: caught_up(parts, rng))
    lives(life, lambda parts: caught_up(parts, rng))
    hashes: dict[str, str] = {}
    with process(home, Fate(rng, 0), holes, url) as parts, parts.store.read() as tx:
        for consumer in CONSUMERS.values():
            hashes |= view_hash(tx, consumer, live_generation(parts, consumer))
    return hashes, fate.crashes


def caught_up(parts: Parts, rng: random.Random) -> None:
    """Bring every consumer up to the log's end."""
    run(
        parts,
        list(CONSUMERS.values()),
        pace=Pace(rng.choice((1, 13, 100, 5000)), rng.choice((1, 50_000))),
        until_caught_up=True,
    )
