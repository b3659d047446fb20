"""The bus on Kafka, PostgreSQL and Faust, each against a plain way to the same end, in one run."""

from __future__ import annotations

import asyncio
import io
import json
import struct
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import fastavro
import faust
from aiokafka import AIOKafkaConsumer, TopicPartition
from sqlalchemy import URL, create_engine, insert

from bus import Parts
from bus.engine import BULK, catch_up, live_generation, refresh_all, run
from bus.engine.faust import Membership, work
from bus.engine.state import ends_of
from bus.engine.step import Report, Slice, apply_slices
from bus.log.kafka import KafkaAccess
from bus.log.kafka.stored import AsStored
from bus.ports import StoredRecord
from bus.store import Store, generations
from bus.store.tables import metadata
from consumers import CHAIN
from ops.bench.job import multiply, shares
from ops.bench.timing import folder, say, timed
from ops.demo import FEED
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings
from ops.stack import Stack
from ops.workers import supervise
from schemas import read_headers

__all__ = ["compare_servers"]

_TIMES = 3
"""The feed's packages multiplied: about 33,000 events."""
_BATCH = 1000


def compare_servers() -> None:
    """Print every ratio on real servers, which are started for it and stopped."""
    with folder() as place, _servers(place) as servers:
        feed = place / "feed"
        feed.mkdir()
        for path in sorted(FEED.glob("*.json.gz")):
            multiply(path, feed, _TIMES)
        with opened(servers.model_copy(update={"database_url": None, "home": place / "in"}), 30) as parts:
            ingest(parts, Request("isb", [feed]))
            records = [record for place_ in ends_of(parts.log, CHAIN) for record in _all(parts, *place_)]
            say(f"servers: {len(records):,} events of the feed on Kafka", "")
            _bulk(servers, place, records)
            _live(servers, place)
            _sinks(servers, place, records)


@contextmanager
def _servers(place: Path) -> Iterator[Settings]:
    settings = Settings(home=place / "servers")
    stack = Stack.of(settings)
    stack.up(settings)
    try:
        told = stack.status()
        yield settings.model_copy(
            update={"kafka_bootstrap": told["kafka"]["bootstrap"], "database_url": told["postgres"]["url"]}
        )
    finally:
        stack.down()


def _all(parts: Parts, topic: str, partition: int) -> Iterator[StoredRecord]:
    offset = 0
    while (found := parts.log.read(topic, partition, offset, 10_000)).next_offset > offset:
        offset = found.next_offset
        yield from found.records


# -- catch-up in bulk ---------------------------------------------------------------------------------


def _bulk(servers: Settings, place: Path, records: Sequence[StoredRecord]) -> None:
    sqlite = servers.model_copy(update={"database_url": None})
    with opened(sqlite.model_copy(update={"home": place / "floor"}), 30) as parts:
        floor = min(timed(partial(_decoded, parts, records)) for _ in range(3))
    took = {}
    for name, settings in (("SQLite", sqlite), ("PostgreSQL", servers)):
        with opened(settings.model_copy(update={"home": place / f"bulk-{name}"}), 30) as parts:
            facts = replace(CHAIN, name="bench", derive=lambda _node, _keys: ())
            generation = live_generation(parts, facts)
            took[name] = timed(lambda: catch_up(parts, facts, generation, pace=BULK, report=Report()))  # noqa: B023
            generations.drop(parts.store, generation)
            whole = timed(lambda: run(parts, [CHAIN], pace=BULK, until_caught_up=True))
        what = f"bulk, {name}: Kafka to facts in SQL, against fastavro decoding alone"
        say(what, f"{floor / took[name]:.2f}", "aim >= 0.5")
        say(f"bulk, {name}: the same with all views of the chain", f"{floor / whole:.2f}")
    with opened(sqlite.model_copy(update={"home": place / "profile"}), 30) as parts:
        for room, share in shares(lambda: run(parts, [CHAIN], pace=BULK, until_caught_up=True)).items():
            say(f"  of the time of bulk, SQLite, all views, by profiler: {room}", f"{share:.0%}")


def _decoded(parts: Parts, records: Sequence[StoredRecord]) -> None:
    """The floor: the same bytes through fastavro, nothing else."""
    with parts.store.read() as tx:
        bodies: dict[int, str] = dict(tx.all("select id, body from schema_id"))
    parsed = {number: fastavro.parse_schema(json.loads(body)) for number, body in bodies.items()}
    for record in records:
        framed = record.value or b""
        number = struct.unpack_from(">I", framed, 1)[0]
        fastavro.schemaless_reader(io.BytesIO(framed[5:]), parsed[number], None)


# -- live workers -------------------------------------------------------------------------------------


class _Rate:
    """Events a second from the first batch to the last; what a start takes is not in it."""

    def __init__(self) -> None:
        self._first = self._last = 0.0
        self._events = 0

    def __call__(self, events: int) -> None:
        self._last = time.perf_counter()
        if self._first:
            self._events += events
        else:
            self._first = self._last

    @property
    def per_second(self) -> float:
        return self._events / max(self._last - self._first, 1e-9)


def _live(servers: Settings, place: Path) -> None:
    access = KafkaAccess.of(str(servers.kafka_bootstrap))
    for name, url in (("SQLite", None), ("PostgreSQL", servers.database_url)):
        rates = []
        for kind, way in (("faust", _faust), ("loop", _loop), ("each", _each)):
            home = place / f"live-{name}-{kind}"
            settings = servers.model_copy(update={"home": home, "database_url": url and _database(url, f"live_{kind}")})
            rate = _Rate()
            with opened(settings, 30) as parts:
                way(parts, access, kind, rate)
            rates.append(rate.per_second)
        ours, loop, each = rates
        say(
            f"live, {name}: our Faust worker, {ours:,.0f} events/s, against an aiokafka loop",
            f"{ours / loop:.2f}",
            "aim >= 0.8",
        )
        say(f"live, {name}: against Faust delivering per event", f"{ours / each:.1f}", "aim >= 8")
    seconds = [_workers(servers, place, number) for number in (1, 2)]
    say(f"live, PostgreSQL: 2 workers against 1, start included ({seconds[0]:.1f} s)", f"{seconds[0] / seconds[1]:.2f}")


def _faust(parts: Parts, access: KafkaAccess, name: str, rate: _Rate) -> None:
    work(
        parts, [CHAIN], access, Membership(name), batch=_BATCH, until_caught_up=True, stop=lambda: False, progress=rate
    )


def _handle(parts: Parts, generation: int, topic: str, partition: int, records: list[StoredRecord]) -> None:
    with parts.store.read() as tx:
        old = generations.positions(tx, generation).get((topic, partition))
    apply_slices(parts, CHAIN, generation, [Slice(topic, partition, old, records, records[-1].offset + 1)])


def _loop(parts: Parts, access: KafkaAccess, _name: str, rate: _Rate) -> None:
    """A plain loop with the same handler."""
    generation, ends, as_stored = live_generation(parts, CHAIN), ends_of(parts.log, CHAIN), AsStored()

    async def consume() -> None:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=access.bootstrap, enable_auto_commit=False, isolation_level="read_committed"
        )
        await consumer.start()
        consumer.assign([TopicPartition(*place) for place, end in ends.items() if end])
        await consumer.seek_to_beginning()
        left = sum(ends.values())
        while left:
            for place, found in (await consumer.getmany(timeout_ms=1000, max_records=_BATCH)).items():
                _handle(parts, generation, place.topic, place.partition, [as_stored(record) for record in found])
                rate(len(found))
                left -= len(found)
        await consumer.stop()

    asyncio.run(consume())
    refresh_all(parts, CHAIN, generation)


def _each(parts: Parts, access: KafkaAccess, name: str, rate: _Rate) -> None:
    """Faust as it comes: an event a delivery, taken together up to 500 for one transaction."""
    generation, left = live_generation(parts, CHAIN), sum(ends_of(parts.log, CHAIN).values())

    async def consume() -> None:
        nonlocal left
        app = faust.App(
            f"bench-{name}-{time.time_ns()}",
            broker=f"kafka://{access.bootstrap}",
            loop=asyncio.get_running_loop(),
            topic_allow_declare=False,
            topic_disable_leader=True,
            web_enabled=False,
            store="memory://",
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
        )
        done = asyncio.Event()
        channel = app.topic(*CHAIN.topics, key_serializer="raw", value_serializer="raw")

        async def agent(stream: Any) -> None:  # noqa: ANN401 - Faust's
            nonlocal left
            async for events in stream.take_events(500, within=0.05):
                by_place: dict[tuple[str, int], list[StoredRecord]] = {}
                for event in events:
                    message = event.message
                    by_place.setdefault((message.topic, message.partition), []).append(_of_message(message))
                for place, found in by_place.items():
                    _handle(parts, generation, *place, found)
                    rate(len(found))
                    left -= len(found)
                if not left:
                    done.set()

        app.agent(channel, name="bench", concurrency=1)(agent)
        app.finalize()
        await app.start()
        await done.wait()
        await app.stop()

    asyncio.run(consume())
    refresh_all(parts, CHAIN, generation)


def _of_message(message: Any) -> StoredRecord:  # noqa: ANN401 - Faust's
    headers = message.headers.items() if isinstance(message.headers, dict) else message.headers
    names, values = zip(*headers, strict=True)
    return StoredRecord(message.offset, round(message.timestamp * 1000), message.key, message.value, names, values)


def _workers(servers: Settings, place: Path, number: int) -> float:
    url = _database(str(servers.database_url), f"workers_{number}")
    options = [
        "--engine",
        "faust",
        "--until-caught-up",
        "--home",
        str(place / f"workers-{number}"),
        "--consumer",
        "chain",
    ]
    told = {"GRMS_KAFKA_BOOTSTRAP": str(servers.kafka_bootstrap), "GRMS_DATABASE_URL": url}
    with redirect_stdout(sys.stderr):
        return timed(lambda: supervise(options, number, stop=lambda: False, settings=told))


def _database(url: str, name: str) -> str:
    """A new database on the same server."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    engine.dispose()
    return engine.url.set(database=name).render_as_string(hide_password=False)


# -- sinks --------------------------------------------------------------------------------------------

Rows = dict[str, list[tuple[Any, ...]]]


def _sinks(servers: Settings, place: Path, records: Sequence[StoredRecord]) -> None:
    rows = _rows(records)
    peers: tuple[tuple[str, str | URL, Callable[[Store, Rows], None], str, str], ...] = (
        ("PostgreSQL", _database(str(servers.database_url), "sinks"), _core, "SQLAlchemy Core executemany", "aim >= 2"),
        ("SQLite", URL.create("sqlite", database=str(place / "sink.sqlite")), _raw, "raw executemany", "aim >= 0.9"),
    )
    for name, url, peer, what, aim in peers:
        store = Store(url)
        turns = []
        for _ in range(3):
            _empty(store)
            ours = timed(partial(_sunk, store, rows))
            _empty(store)
            turns.append((ours, timed(partial(peer, store, rows))))
        ours, theirs = (min(times) for times in zip(*turns, strict=True))
        say(f"sink, {name}: inbox, facts and marks, against {what}", f"{theirs / ours:.2f}", aim)
        store.close()


def _rows(records: Sequence[StoredRecord]) -> Rows:
    facts: dict[str, tuple[Any, ...]] = {}
    for record in records:
        told = read_headers(zip(record.names, record.values, strict=True))
        node = CHAIN.node(told.type, told.key) if told.type in CHAIN.reads else told.key
        facts[told.id] = (
            *(1, node, told.type, told.key, told.version, told.observed, told.event_ms),
            *(record.recorded_ms, told.id, told.digest, record.value),
        )
    return {
        "inbox": [(1, name) for name in sorted(facts)],
        "fact": list(facts.values()),
        "dirty": [(1, node) for node in sorted({fact[1] for fact in facts.values()})],
    }


def _pieces(rows: Rows) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    for start in range(0, len(rows["fact"]), 10_000):
        for table, members in rows.items():
            if piece := members[start : start + 10_000]:
                yield table, piece


def _empty(store: Store) -> None:
    with store.write() as tx:
        for table in ("inbox", "fact", "dirty"):
            tx.run(f"delete from {table}")  # noqa: S608 - constants


def _sunk(store: Store, rows: Rows) -> None:
    for table, piece in _pieces(rows):
        with store.write() as tx:
            if table == "inbox":
                tx.add_new(table, piece)
            elif table == "fact":
                tx.add(table, piece)
            else:
                tx.merge(table, piece, "(generation, node) do update set node = excluded.node")


def _core(store: Store, rows: Rows) -> None:
    for table, piece in _pieces(rows):
        names = [column.name for column in metadata.tables[table].columns]
        with store.write() as tx:
            tx.connection.execute(insert(metadata.tables[table]), [dict(zip(names, row, strict=True)) for row in piece])


def _raw(store: Store, rows: Rows) -> None:
    for table, piece in _pieces(rows):
        marks = ", ".join("?" * len(piece[0]))
        with store.write() as tx:
            tx.many(f"insert into {table} values ({marks})", piece)  # noqa: S608 - constants
