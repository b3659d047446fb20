"""A log with holes: another log, whose offsets are spread."""

from __future__ import annotations

from collections.abc import Sequence

from bus.ports import Batch, Log, Record


class HoleyLog:
    """Each record stands behind ``holes`` empty offsets, and as many follow the last one.

    A read that begins in a hole returns nothing but the way out.
    """

    def __init__(self, log: Log, holes: int = 2) -> None:
        self._log = log
        self._step = holes + 1

    def _shown(self, offset: int) -> int:
        return offset * self._step + self._step - 1

    def _end(self, end: int) -> int:
        return self._shown(end) if end else 0

    def topics(self) -> set[str]:
        return self._log.topics()

    def history(self, topic: str) -> str:
        return f"{self._log.history(topic)} spread {self._step}"

    def partitions(self, topic: str) -> int:
        return self._log.partitions(topic)

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        return self._shown(self._log.append(topic, partition, records))

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        end = self._log.end_offsets(topic)[partition]
        real, into = divmod(offset, self._step)
        if into != self._step - 1 and end:
            return Batch([], min(self._shown(real), self._end(end)))
        if real == end:
            return Batch([], offset)
        records = self._log.read(topic, partition, real, limit).records
        found = [record._replace(offset=self._shown(record.offset)) for record in records]
        return Batch(found, found[-1].offset + 1)

    def start_offsets(self, topic: str) -> dict[int, int]:
        return self._log.start_offsets(topic)

    def end_offsets(self, topic: str) -> dict[int, int]:
        return {partition: self._end(end) for partition, end in self._log.end_offsets(topic).items()}

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        return self._end(self._log.offset_for_time(topic, partition, recorded_ms))
