"""Appending: idempotent, acknowledged by all replicas in sync, one batch after the other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeVar

from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from bus.errors import TransientError
from bus.log.kafka.wire import Place, Wire
from bus.ports import Record
from bus.retry import RetryPolicy

__all__ = ["Writer"]

T = TypeVar("T")

_BATCH_BYTES = 1 << 20
"""Records sent at once; a larger single record still goes, alone."""
_GIVE_UP_S = 30.0
"""An append that has not succeeded by then has failed; longer than a broker's restart."""
_BROKER_S = 15.0
"""How long a broker may wait for its replicas."""
_ALL_IN_SYNC = -1
_FENCED = {45, 46, 47, 49, 59}
"""The broker and this producer disagree about its numbers: order, a forgotten duplicate, epoch, id mapping, id."""
_CORRUPT_ON_THE_WAY = 2
_POLICY = RetryPolicy(ceiling_s=1.0)


@dataclass(slots=True)
class _Producer:
    """An identity by which brokers drop what they have already: id, epoch, and the next number of each partition."""

    number: int
    epoch: int
    sequences: dict[Place, int] = field(default_factory=dict)


class _Forgotten(TransientError):
    """Only a new producer identity helps."""


@dataclass(slots=True)
class _Batch:
    builder: DefaultRecordBatchBuilder
    size: int = 0

    def add(self, record: Record) -> bool:
        """Add a record unless the batch is full; the first one always fits."""
        headers = list(zip(record.names, record.values, strict=True))
        if self.builder.append(self.size, None, record.key, record.value, headers) is None:
            return False
        self.size += 1
        return True


def _batches(records: Sequence[Record]) -> Iterator[_Batch]:
    batch = _new()
    for record in records:
        if not batch.add(record):
            yield batch
            batch = _new()
            batch.add(record)
    yield batch


def _new() -> _Batch:
    return _Batch(DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, _BATCH_BYTES))


class Writer:
    """Appends; keeps its producer identity as long as every append ends well.

    After a failed append nobody knows what arrived; a number used again for other records would make the broker
    drop them as duplicates, so the identity is given up with the failure.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._producer: _Producer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """Append records in their order; return the offset of the first.

        Raises:
            TransientError: some of them, in their order, may be there all the same.
            LogRefused: terminal; the same.
        """
        async with self._one_at_a_time:
            try:
                bases = [await self._send(topic, partition, batch) for batch in _batches(records)]
            except BaseException:
                self._producer = None
                raise
        return bases[0]

    async def _send(self, topic: str, partition: int, batch: _Batch) -> int:
        """Send one batch until it is acknowledged, at most once in the log whatever the network does."""
        deadline = time.monotonic() + _GIVE_UP_S
        if self._producer is None:
            self._producer = await _insisting(lambda: self._identity(topic, partition), deadline)
        producer = self._producer
        sequence = producer.sequences.get((topic, partition), 0)
        batch.builder.set_producer_state(producer.number, producer.epoch, sequence)
        block = bytes(batch.builder.build())
        base = await _insisting(lambda: self._try(topic, partition, block), deadline)
        producer.sequences[topic, partition] = (sequence + batch.size) % (1 << 31)
        return base

    async def _try(self, topic: str, partition: int, block: bytes) -> int:
        request = ProduceRequest(None, _ALL_IN_SYNC, int(_BROKER_S * 1000), [(topic, [(partition, block)])])
        response = await self._wire.ask(topic, partition, request)
        ((_, ((_, code, base, *_),)),) = response.topics
        if code in _FENCED:
            raise _Forgotten(f"{topic}/{partition}: the broker does not know this producer's last append")
        if code == _CORRUPT_ON_THE_WAY:
            raise TransientError(f"{topic}/{partition}: a batch was damaged on its way")
        if code:
            raise self._wire.error(code, topic, partition)
        return int(base)

    async def _identity(self, topic: str, partition: int) -> _Producer:
        response = await self._wire.ask_any(InitProducerIdRequest(None, 60_000))
        if response.error_code:
            raise self._wire.error(response.error_code, topic, partition)
        return _Producer(response.producer_id, response.producer_epoch)


async def _insisting(work: Callable[[], Awaitable[T]], deadline: float) -> T:
    """Do something until it succeeds, or fails for good, or the time is over."""
    for attempt in count(1):
        try:
            return await work()
        except _Forgotten:
            raise
        except TransientError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_POLICY.delay_s(attempt, 0.5))
    raise AssertionError
