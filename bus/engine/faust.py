"""Live workers: Faust gives group, partitions and delivery; what counts as done is decided in SQL.

A delivery is a whole batch of one partition, as raw bytes. Its transaction moves the position from where it was read;
Kafka's own positions are told where workers are and are never asked. Records that Faust did not deliver are read from
the log, records that it delivered twice are below the position. Nothing is ever acknowledged that was not applied.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from bus.engine.state import behind, live_generation
from bus.engine.step import Report, Slice, apply_slices, refresh_all
from bus.errors import LogTruncated, TransientError
from bus.intake import finish
from bus.log.kafka import KafkaAccess
from bus.log.recorded import RECORDED, recorded_of
from bus.parts import Parts
from bus.ports import StoredRecord
from bus.projection import Projection
from bus.retry import RetryPolicy, retrying
from bus.store import generations
from bus.store.generations import Position

__all__ = ["Membership", "work"]

_REFRESH_AFTER_S = 5.0
"""Under load, marked nodes are refreshed this often; when nothing comes, at once."""
_LOOK_S = 0.2
"""Between two looks at outbox, marks and the way to the end."""
_RESTART = RetryPolicy(first_s=0.5, ceiling_s=10.0)
_POSITIONS_S = 25.0
"""How long positions may take to be read after an assignment; within the session of the group."""


@dataclass(frozen=True, slots=True)
class Membership:
    """Who a worker is.

    Attributes:
        instance: name that it keeps over restarts, so that one is no rebalance; unique among running workers.
        session_s: silence after which others take its partitions; at least the broker's least.
    """

    instance: str
    session_s: float = 10.0


class Stopping(BaseException):
    """Ends a wait because the worker was told to stop; what was in hand is rolled back."""


class Pack(NamedTuple):
    """Records of one partition as one Faust message; attributes are named as Faust reads them."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    value: list[Any]
    headers: None = None
    key: None = None
    checksum: None = None
    serialized_key_size: int = 0
    serialized_value_size: int = 0


class _Thread(driver.AIOKafkaConsumerThread):
    """The thread that fetches and sends heartbeats; reads committed records only."""

    def _create_worker_consumer(self, transport: driver.Transport) -> Any:  # noqa: ANN401 - the driver's
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - at-least-once Faust has no setting for it
        return consumer


class _Consumer(driver.Consumer):
    """Delivers a batch as one message, and begins where SQL says."""

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ANN401, ASYNC109 - Faust's
        if active_partitions is not None and not active_partitions:
            await self.sleep(_LOOK_S)
        found = await super()._getmany(active_partitions, timeout)
        return {
            place: [Pack(*place, records[-1].offset, records[-1].timestamp, 0, records)]
            for place, records in found.items()
            if records
        }

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to SQL's positions; Faust asks after every assignment."""
        worker: _Worker = self.app.grms_worker  # type: ignore[attr-defined]  # put there by `_Worker`
        places = self.assignment()
        if not places:
            return {}
        positions = await worker.positions(places)
        starts, ends = await self.earliest_offsets(*places), await self.highwaters(*places)
        for place, offset in positions.items():
            if not starts[place] <= offset <= ends[place]:
                worker.fail(LogTruncated(*place, offset, start=starts[place], end=ends[place]))
                return {}
        await self.seek_wait(positions)
        return positions


class _Transport(driver.Transport):
    Consumer = _Consumer


class _App(faust.App):
    def _new_transport(self) -> _Transport:
        return _Transport(self.conf.broker_consumer, self)


def work(  # noqa: PLR0913 - one coordinator
    parts: Parts,
    consumers: Sequence[Projection],
    access: KafkaAccess,
    member: Membership,
    *,
    batch: int,
    until_caught_up: bool,
    stop: Callable[[], bool],
    progress: Callable[[int], None] = lambda _offsets: None,
) -> Report:
    """Be one live worker, until stopped or until everything accepted is in the views.

    Raises:
        BusError: terminal errors only; a database or a cluster that does not answer is waited for.
    """
    report = Report()
    live = [(consumer, retrying(partial(live_generation, parts, consumer))) for consumer in consumers]
    attempt = 0
    while not stop():
        worker = _Worker(parts, live, report, stop, progress)
        began = time.monotonic()
        try:
            asyncio.run(worker.run(_settings(access, member, batch, consumers), until_caught_up=until_caught_up))
        except TransientError as error:
            attempt = 1 if time.monotonic() - began > _RESTART.ceiling_s else attempt + 1
            logging.getLogger(__name__).warning("worker begins again: %s", error)
            time.sleep(_RESTART.delay_s(attempt, 0.5))
        else:
            break
    return report


def _settings(access: KafkaAccess, member: Membership, batch: int, consumers: Sequence[Projection]) -> dict[str, Any]:
    names = "-".join(sorted(consumer.name for consumer in consumers))
    settings = {
        "id": f"grms-{names}",
        "broker": [f"kafka://{broker}" for broker in access.brokers],
        "consumer_group_instance_id": f"grms-{names}-{member.instance}",
        "broker_session_timeout": member.session_s,
        "broker_heartbeat_interval": min(3.0, member.session_s / 3),
        "broker_request_timeout": 30.0,
        "broker_max_poll_interval": 3600.0,  # longer than any outage that a batch waits out
        "broker_max_poll_records": batch,
        "broker_commit_interval": 1.0,
        "broker_commit_livelock_soft_timeout": 3600.0,
        "stream_processing_timeout": 3600.0,
        "stream_buffer_maxsize": 4,  # batches that wait in memory, of each partition
        "stream_wait_empty": False,
        "processing_guarantee": "at_least_once",
        "consumer_auto_offset_reset": "earliest",
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "table_standby_replicas": 0,
        "store": "memory://",
        "datadir": None,
    }
    if access.username:
        settings["broker_credentials"] = faust.SASLCredentials(**_credentials(access))
    elif access.protocol == "SSL":
        settings["broker_credentials"] = faust.SSLCredentials(context=access.client_settings()["ssl_context"])
    return {name: value for name, value in settings.items() if value is not None}


def _credentials(access: KafkaAccess) -> dict[str, Any]:
    return {
        "mechanism": "SCRAM-SHA-512",
        "username": access.username,
        "password": access.password,
        "ssl_context": access.client_settings().get("ssl_context"),
    }


@dataclass(slots=True)
class _Worker:
    """One life of a worker: a Faust application, the batch in hand, and what is looked after beside it."""

    parts: Parts
    live: Sequence[tuple[Projection, int]]
    report: Report
    stop: Callable[[], bool]
    progress: Callable[[int], None]
    _stopping: threading.Event = field(default_factory=threading.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _failed: asyncio.Future[None] = field(init=False)
    _applied_at: float = 0.0
    _refreshed_at: float = 0.0

    async def run(self, settings: dict[str, Any], *, until_caught_up: bool) -> None:
        """Work until stopped, caught up, or failed."""
        loop = asyncio.get_running_loop()
        self._failed = loop.create_future()
        app = _App(loop=loop, **settings)
        app.grms_worker = self  # type: ignore[attr-defined]  # read by `_Consumer`
        topics = sorted({topic for consumer, _ in self.live for topic in consumer.topics})
        channel = app.topic(*topics, key_serializer="raw", value_serializer="raw")
        app.agent(channel, name="grms", concurrency=1)(self._agent)
        app.finalize()
        try:
            await app.start()
            await self._look_after(app, until_caught_up=until_caught_up)
        finally:
            self._stopping.set()
            async with self._turn:
                await app.stop()
        if self._failed.done():
            self._failed.result()

    def fail(self, error: BaseException) -> None:
        """End this worker with an error."""
        if not self._failed.done():
            self._failed.set_exception(error)

    async def _agent(self, stream: Any) -> None:  # noqa: ANN401 - Faust's
        """Apply batch after batch. Never raises: Faust would acknowledge what raised."""
        async for event in stream.events():
            pack: Pack = event.message
            try:
                await self._alone(partial(self._apply, pack.topic, pack.partition, pack.value))
            except Stopping:
                await asyncio.Event().wait()
            except Exception as error:  # noqa: BLE001 - handed to `run`, which raises it
                self.fail(error)
                await asyncio.Event().wait()

    async def _alone(self, task: Callable[[], object]) -> None:
        """Do something with the store, in a thread so that heartbeats and signals go on; one at a time."""
        async with self._turn:
            if self._stopping.is_set():
                raise Stopping
            await asyncio.to_thread(task)

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Stopping

    def _apply(self, topic: str, partition: int, delivered: Sequence[Any]) -> None:
        records = [_stored(record) for record in delivered]
        for consumer, generation in self.live:
            if topic in consumer.topics:
                retrying(partial(self._step, consumer, generation, (topic, partition), records), self._sleep)
        self.progress(len(records))
        self._applied_at = time.monotonic()
        if self._applied_at - self._refreshed_at > _REFRESH_AFTER_S:
            self._refresh()

    def _step(
        self, consumer: Projection, generation: int, place: tuple[str, int], delivered: list[StoredRecord]
    ) -> None:
        with self.parts.store.read() as tx:
            old = generations.positions(tx, generation).get(place)
        for records, next_offset in _unread(self.parts, place, old.next_offset if old else 0, delivered):
            self.report.add(apply_slices(self.parts, consumer, generation, [Slice(*place, old, records, next_offset)]))
            seen_ms = records[-1].recorded_ms if records else old.recorded_ms if old else 0
            old = Position(next_offset, seen_ms)

    def _refresh(self) -> None:
        for consumer, generation in self.live:
            refresh_all(self.parts, consumer, generation, self._stopping.is_set, self._sleep)
        self._refreshed_at = time.monotonic()

    async def positions(self, places: set[TP]) -> dict[TP, int]:
        """Where to begin: the least position of the consumers that read a topic."""

        def read() -> dict[TP, int]:
            with self.parts.store.read() as tx:
                done = [(consumer, generations.positions(tx, generation)) for consumer, generation in self.live]
            return {
                place: min(
                    at[place.topic, place.partition].next_offset if (place.topic, place.partition) in at else 0
                    for consumer, at in done
                    if place.topic in consumer.topics
                )
                for place in places
            }

        return await asyncio.to_thread(partial(retrying, read, self._sleep))

    async def _look_after(self, app: faust.App, *, until_caught_up: bool) -> None:
        """Relay the outbox, refresh when nothing comes, and see when to end."""
        while not self.stop() and not self._failed.done():
            if app.should_stop or app.crashed:
                raise TransientError(f"Faust ended: {app.crash_reason!r}")
            try:
                await self._alone(self._tidy)
                if until_caught_up and not await asyncio.to_thread(self._is_behind):
                    return
            except TransientError:
                pass
            except Exception as error:  # noqa: BLE001 - raised by `run`
                self.fail(error)
            await asyncio.wait([self._failed], timeout=_LOOK_S)

    def _tidy(self) -> None:
        finish(self.parts)
        if time.monotonic() - self._applied_at > _LOOK_S:
            self._refresh()

    def _is_behind(self) -> bool:
        return behind(self.parts, [consumer for consumer, _ in self.live])


def _stored(record: Any) -> StoredRecord:  # noqa: ANN401 - aiokafka's
    names = tuple([name for name, _ in record.headers])
    values = tuple([text or b"" for _, text in record.headers])
    recorded_ms = record.timestamp
    if RECORDED in names:
        recorded_ms = recorded_of(values[names.index(RECORDED)], recorded_ms)
    return StoredRecord(record.offset, recorded_ms, record.key, record.value, names, values)


def _unread(
    parts: Parts, place: tuple[str, int], offset: int, delivered: list[StoredRecord]
) -> Iterator[tuple[list[StoredRecord], int]]:
    """What lies from a position up to the end of a delivery, in batches with the position behind each.

    A delivery that joins the position without a hole is taken as it is; else the log says what belongs there:
    either the hole is true (what a transaction leaves), or Faust skipped something.
    """
    end = delivered[-1].offset + 1
    fresh = [record for record in delivered if record.offset >= offset]
    if len(fresh) == end - offset:
        if fresh:
            yield fresh, end
        return
    while offset < end:
        records, next_offset = parts.log.read(*place, offset, len(delivered))
        if next_offset == offset:
            raise TransientError(f"{place[0]}/{place[1]}: the log does not show offset {offset} yet")
        records = [record for record in records if record.offset < end]
        offset = min(next_offset, end)
        yield records, offset
