"""Reading: what one fetch brought is kept, so that small steps and sequential reads don't ask again."""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from aiokafka.consumer.fetcher import READ_COMMITTED, OffsetResetStrategy, PartitionRecords
from aiokafka.errors import KafkaError
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import TopicPartition

from bus.errors import BusError, LogCorrupt, LogTruncated, TransientError
from bus.log.kafka.stored import AsStored
from bus.log.kafka.wire import Place, Wire
from bus.ports import Batch, StoredRecord

__all__ = ["Reader"]

_FETCH_BYTES = 1 << 20
"""Asked for at once, about a thousand events; a larger batch still comes, whole and alone."""
_WINDOWS = 32
"""Partitions whose last fetch is kept: at most some 100 MB of records."""
_OFFSET_OUT_OF_RANGE = 1


@dataclass(frozen=True, slots=True)
class _Window:
    """What one fetch brought: every record from ``start`` to ``next_offset``; ``end`` of the log when it did."""

    start: int
    next_offset: int
    end: int
    records: Sequence[StoredRecord]

    def from_(self, offset: int, limit: int) -> Batch:
        first = bisect_left(self.records, offset, key=attrgetter("offset"))
        some = list(self.records[first : first + limit])
        rest = first + len(some) < len(self.records)
        return Batch(some, some[-1].offset + 1 if rest and some else self.next_offset)


class _Records(PartitionRecords):  # type: ignore[misc]  # the client has no types
    """The client's decoder, which checks CRCs and leaves out aborted records, with our record as its result."""

    def __init__(self, *args: Any) -> None:  # noqa: ANN401 - the client's
        super().__init__(*args)
        self._as_stored = AsStored()

    def _consumer_record(self, _place: TopicPartition, record: Any) -> StoredRecord:  # noqa: ANN401 - the client's
        return self._as_stored(record)


class Reader:
    """Group-less reads of committed records only; nothing is committed, nothing runs on behind."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._windows: OrderedDict[Place, _Window] = OrderedDict()

    async def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        """See `bus.ports.Log.read`."""
        found: list[StoredRecord] = []
        while len(found) < limit:
            window = await self._window(topic, partition, offset)
            some, following = window.from_(offset, limit - len(found))
            found += some
            if following == offset:
                break
            offset = following
            if found and offset >= window.end:
                break
        return Batch(found, offset)

    async def _window(self, topic: str, partition: int, offset: int) -> _Window:
        place = (topic, partition)
        window = self._windows.pop(place, None)
        if window is None or not window.start <= offset < window.next_offset:
            window = await self._fetch(topic, partition, offset)
        self._windows[place] = window
        while len(self._windows) > _WINDOWS:
            self._windows.popitem(last=False)
        return window

    async def _fetch(self, topic: str, partition: int, offset: int) -> _Window:
        wanted = [(topic, [(partition, offset, _FETCH_BYTES)])]
        response = await self._wire.ask(topic, partition, FetchRequest(0, 0, 50 << 20, READ_COMMITTED, wanted))
        ((_, ((_, code, _, *rest),)),) = response.topics
        if code == _OFFSET_OUT_OF_RANGE:
            raise await self._out_of_range(topic, partition, offset)
        if code:
            raise self._wire.error(code, topic, partition)
        stable, aborted, block = rest[0], rest[2], rest[-1]
        if stable < offset:
            raise await self._out_of_range(topic, partition, offset)
        place = TopicPartition(topic, partition)
        stored = _Records(place, MemoryRecords(block), aborted, offset, None, None, True, READ_COMMITTED)  # noqa: FBT003 - the client's
        try:
            records: list[StoredRecord] = list(stored)
        except (KafkaError, UnicodeDecodeError) as error:
            raise LogCorrupt(
                f"{topic}/{partition} at offset {stored.next_fetch_offset}: {error}. "
                "Restore the topic from a replica or a copy of the log."
            ) from error
        return _Window(offset, stored.next_fetch_offset, stable, records)

    async def _out_of_range(self, topic: str, partition: int, offset: int) -> BusError:
        start, end = await self.start(topic, partition), await self.end(topic, partition)
        if start <= offset <= end:
            return TransientError(f"{topic}/{partition}: a new leader does not know offset {offset} yet")
        return LogTruncated(topic, partition, offset, start=start, end=end)

    async def start(self, topic: str, partition: int) -> int:
        """Least offset that can be read."""
        return await self.offset(topic, partition, OffsetResetStrategy.EARLIEST)

    async def end(self, topic: str, partition: int) -> int:
        """Last stable offset: behind everything that a committed read can return."""
        return await self.offset(topic, partition, OffsetResetStrategy.LATEST)

    async def offset(self, topic: str, partition: int, moment: int) -> int:
        """Offset of the first record appended at or after a time (milliseconds); -1 = there is none."""
        request = OffsetRequest(-1, READ_COMMITTED, [(topic, [(partition, moment)])])
        response = await self._wire.ask(topic, partition, request)
        ((_, ((_, code, _, offset),)),) = response.topics
        if code:
            raise self._wire.error(code, topic, partition)
        return int(offset)
