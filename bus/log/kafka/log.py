"""The log on Kafka: topics that exist, appends by all replicas in sync, committed reads without a group."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bus.log.kafka.access import KafkaAccess
from bus.log.kafka.admin import topic_ids
from bus.log.kafka.reader import Reader
from bus.log.kafka.wire import Wire
from bus.log.kafka.writer import Writer
from bus.log.recorded import first_since
from bus.ports import Batch, Record

__all__ = ["KafkaLog"]


class KafkaLog:
    """Implements `bus.ports.Log` on a cluster; makes no topic (``grms topics apply`` does).

    Recorded time is the broker's append time (topics have ``message.timestamp.type=LogAppendTime``), so it never falls
    within a partition as long as the brokers' clocks are not set back.

    Safe in any thread of the process that made it, one append at a time. Not across a fork: each worker process opens
    its own.

    Args:
        wait_s: how long to wait for the cluster at first contact.

    Raises:
        Unreachable: no broker answered in that time.
    """

    def __init__(self, access: KafkaAccess, *, wait_s: float = 10.0) -> None:
        self._partitions: dict[str, int] = {}
        self._histories: dict[str, str] = {}
        self._wire = Wire(access, wait_s)
        self._reader = Reader(self._wire)
        self._writer = Writer(self._wire)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def topics(self) -> set[str]:
        """See `bus.ports.Log.topics`; those that this user may see."""
        return self._wire.run(self._wire.topics())

    def history(self, topic: str) -> str:
        """See `bus.ports.Log.history`: the id that Kafka gave the topic when it was made."""
        if topic not in self._histories:
            self._histories = topic_ids(self._wire.access)
        if topic not in self._histories:
            self.partitions(topic)
        return self._histories[topic]

    def partitions(self, topic: str) -> int:
        """See `bus.ports.Log.partitions`; asked of the cluster once.

        Raises:
            LogRefused: terminal; there is no such topic, or this user may not see it.
        """
        found = self._partitions.get(topic)
        if found is None:
            found = self._partitions[topic] = self._wire.run(self._wire.partitions(topic))
        return found

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """See `bus.ports.Log.append`; what fails may have appended the first of the records.

        Raises:
            TransientError: retriable; the brokers did not acknowledge it in half a minute.
            LogRefused: terminal; this user may not write there, or a record is larger than the topic takes.
        """
        self._check(topic, partition)
        if not records:
            return self._wire.run(self._reader.end(topic, partition))
        return self._wire.run(self._writer.append(topic, partition, records))

    def _check(self, topic: str, partition: int) -> None:
        if not 0 <= partition < self.partitions(topic):
            message = f"{topic} has partitions 0 to {self.partitions(topic) - 1}, not {partition}"
            raise ValueError(message)

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        """See `bus.ports.Log.read`.

        Raises:
            TransientError: retriable; the partition's leader does not answer.
            LogTruncated: terminal; retention passed that offset, or the log ends before it.
            LogCorrupt: terminal; a stored batch fails its CRC.
        """
        return self._wire.run(self._reader.read(topic, partition, offset, limit))

    def start_offsets(self, topic: str) -> dict[int, int]:
        """See `bus.ports.Log.start_offsets`."""
        return self._each(topic, self._reader.start)

    def end_offsets(self, topic: str) -> dict[int, int]:
        """See `bus.ports.Log.end_offsets`: the last stable offsets."""
        return self._each(topic, self._reader.end)

    def _each(self, topic: str, ask: Callable[[str, int], Coroutine[Any, Any, int]]) -> dict[int, int]:
        numbers = range(self.partitions(topic))

        async def all_of_them() -> list[int]:
            return await asyncio.gather(*(ask(topic, number) for number in numbers))

        return dict(zip(numbers, self._wire.run(all_of_them()), strict=True))

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        """See `bus.ports.Log.offset_for_time`."""
        end = self._wire.run(self._reader.end(topic, partition))
        appended = self._wire.run(self._reader.offset(topic, partition, max(recorded_ms, 0)))
        return first_since(self, topic, partition, recorded_ms, end if appended < 0 else appended, end)
