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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from bus.engine.state import behind, live_generations
from bus.engine.step import Report, Slice, apply_slices, refresh_all
from bus.errors import LogTruncated, TransientError
from bus.intake import finish
from bus.log.kafka import KafkaAccess
from bus.log.kafka.stored import AsStored
from bus.parts import Parts
from bus.ports import StoredRecord
from bus.projection import Projection
from bus.retry import RetryPolicy, retrying
from bus.store import generations
from bus.store.generations import START

__all__ = ["Membership", "work"]

_REFRESH_AFTER_S = 20.0
"""Under load, marked nodes are refreshed this often, a third of what freshness allows; when nothing comes, at once,
until something does."""
_RELAY_S = 1.0
"""Between two looks at the outbox while deliveries come."""
_TOGETHER, _WITHIN_S = 16, 0.02
"""Deliveries of one transaction, and how long to wait for them: a commit costs as much as some hundred events."""
_LOOK_S = 0.2
"""Between two looks at outbox, marks and the way to the end."""
_FULL_S = 0.02
"""Between two looks at buffers that are full."""
_GAP = 1000
"""Records read at once where a delivery does not join the position."""
_RESTART = RetryPolicy(first_s=0.5, ceiling_s=10.0)


@dataclass(frozen=True, slots=True)
class Membership:
    """Who a worker is.

    Attributes:
        instance: name that it keeps over restarts, so that one is no rebalance; unique among running workers.
        session_s: silence after which others take its partitions; at least the broker's least.
    """

    instance: str
    session_s: float = 10.0


Delivered = Mapping[tuple[str, int], list[StoredRecord]]
"""Records by topic and partition."""


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

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ANN401, ASYNC109 - Faust's
        if self.flow_active and not self._get_active_partitions():
            # Every buffer is full. Faust sleeps a second here, and a worker stands still as long.
            await self.sleep(_FULL_S)
            return {}, set()
        return await super()._wait_next_records(timeout)

    async def _getmany(self, active_partitions: set[TP] | None, timeout: float) -> Any:  # noqa: ANN401, ASYNC109 - Faust's
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
    live = live_generations(parts, consumers)
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
        "stream_buffer_maxsize": 4,  # deliveries that wait in memory
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
    _stored: AsStored = field(default_factory=AsStored)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _failed: asyncio.Future[None] = field(init=False)
    _delivered: bool = False
    _applied_at: float = 0.0
    _refreshed_at: float = 0.0
    _tidied_at: float = 0.0

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
        async for events in stream.take_events(_TOGETHER, within=_WITHIN_S):
            self._delivered = True
            try:
                await self._alone(partial(self._apply, [event.message for event in events]))
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

    def _apply(self, packs: Sequence[Pack]) -> None:
        self._delivered = False
        delivered: dict[tuple[str, int], list[StoredRecord]] = {}
        for pack in packs:
            delivered.setdefault((pack.topic, pack.partition), []).extend(map(self._stored, pack.value))
        for consumer, generation in self.live:
            mine: Delivered = {place: found for place, found in delivered.items() if place[0] in consumer.topics}
            while mine:
                mine = retrying(partial(self._step, consumer, generation, mine), self._sleep)
        self.progress(sum(map(len, delivered.values())))
        self._applied_at = time.monotonic()
        if self._applied_at - self._refreshed_at > _REFRESH_AFTER_S:
            self._refresh(self._stopping.is_set)

    def _step(self, consumer: Projection, generation: int, delivered: Delivered) -> Delivered:
        """Apply what joins the positions, in one transaction; return what then still waits."""
        with self.parts.store.read() as tx:
            done = generations.positions(tx, generation)
        slices, left = [], {}
        for place, records in delivered.items():
            offset, end = done.get(place, START).next_offset, records[-1].offset + 1
            if offset >= end:
                continue
            found, next_offset = _joined(self.parts, place, offset, records)
            slices.append(Slice(*place, done.get(place), found, next_offset))
            if next_offset < end:
                left[place] = records
        if slices:
            self.report.add(apply_slices(self.parts, consumer, generation, slices))
        return left

    def _refresh(self, stop: Callable[[], bool]) -> None:
        for consumer, generation in self.live:
            refresh_all(self.parts, consumer, generation, stop, self._sleep)
        if not stop():
            self._refreshed_at = time.monotonic()

    def _gives_way(self) -> bool:
        return self._delivered or self._stopping.is_set()

    async def positions(self, places: set[TP]) -> dict[TP, int]:
        """Where to begin: the least position of the consumers that read a topic."""

        def read() -> dict[TP, int]:
            with self.parts.store.read() as tx:
                done = [(consumer, generations.positions(tx, generation)) for consumer, generation in self.live]
            return {
                place: min(
                    at.get((place.topic, place.partition), START).next_offset
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
                if self._idle or time.monotonic() - self._tidied_at > _RELAY_S:
                    await self._alone(self._tidy)
                if until_caught_up and self._idle and not await asyncio.to_thread(self._is_behind):
                    return
            except TransientError:
                pass
            except Exception as error:  # noqa: BLE001 - raised by `run`
                self.fail(error)
            await asyncio.wait([self._failed], timeout=_LOOK_S)

    @property
    def _idle(self) -> bool:
        return time.monotonic() - self._applied_at > _LOOK_S

    def _tidy(self) -> None:
        finish(self.parts)
        self._tidied_at = time.monotonic()
        if self._idle:
            self._refresh(self._gives_way)

    def _is_behind(self) -> bool:
        return behind(self.parts, [consumer for consumer, _ in self.live])


def _joined(
    parts: Parts, place: tuple[str, int], offset: int, delivered: Sequence[StoredRecord]
) -> tuple[Sequence[StoredRecord], int]:
    """What lies behind a position, up to the end of a delivery at most, and the position behind it.

    A delivery that joins the position without a hole is taken as it is; else the log says what belongs there:
    either the hole is true (what a transaction leaves), or Faust skipped something.
    """
    end = delivered[-1].offset + 1
    fresh = [record for record in delivered if record.offset >= offset]
    if len(fresh) == end - offset:
        return fresh, end
    records, next_offset = parts.log.read(*place, offset, max(len(delivered), _GAP))
    if next_offset == offset:
        raise TransientError(f"{place[0]}/{place[1]}: the log does not show offset {offset} yet")
    return [record for record in records if record.offset < end], min(next_offset, end)
