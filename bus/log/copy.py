"""Copying a log record by record: recorded times, keys, headers, partitions and order are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bus.errors import LogMismatch
from bus.log.recorded import RECORDED
from bus.ports import Log, Record, StoredRecord
from bus.retry import retrying

__all__ = ["CopiedPartition", "copy_partition"]

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class CopiedPartition:
    """What was done for one partition.

    Attributes:
        already: records that an earlier copying had brought.
        copied: records brought now.
        end: offset behind the last one in the target.
        read_until: offset in the source up to which everything is copied.
        same_offsets: every record has the offset that it has in the source.
    """

    already: int
    copied: int
    end: int
    read_until: int
    same_offsets: bool


def copy_partition(
    source: Log, target: Log, topic: str, partition: int, progress: Callable[[int], None] = lambda _records: None
) -> CopiedPartition:
    """Bring what the target lacks; the target's end says how far an earlier copying got, even a killed one.

    A log that is away for a moment, as just after its topics were made, is asked again.

    Raises:
        LogMismatch: terminal; the target holds records that are not the source's, or somebody else appends to it.
    """
    already = target.end_offsets(topic)[partition]
    progress(already)
    end, at, same = retrying(partial(_copy, source, target, topic, partition, progress))
    return CopiedPartition(already, end - already, end, at, same)


def _copy(
    source: Log, target: Log, topic: str, partition: int, progress: Callable[[int], None]
) -> tuple[int, int, bool]:
    """End in the target, the offset in the source up to which all is copied, and whether all offsets are the same."""
    end = target.end_offsets(topic)[partition]
    at = _resumed(source, target, topic, partition, end)
    same = at == end
    while True:
        records, following = source.read(topic, partition, at, _BATCH)
        if records:
            base = target.append(topic, partition, [_with_recorded(record) for record in records])
            if base != end:
                raise LogMismatch(
                    f"{topic}/{partition}: somebody else appends to the log that is copied to. "
                    "Nothing more was copied. Copy to a log of its own."
                )
            end += len(records)
            same = same and (records[0].offset, records[-1].offset) == (base, end - 1)
            progress(len(records))
        if following == at:
            return end, at, same
        at = following


def _resumed(source: Log, target: Log, topic: str, partition: int, end: int) -> int:
    """Offset in the source from which records are missing in the target, which holds the first ``end`` of them."""
    if end == 0:
        return source.start_offsets(topic)[partition]
    last = target.read(topic, partition, end - 1, 1).records
    at, left = _place_of(source, topic, partition, end)
    found = source.read(topic, partition, at, 1) if left == 0 else None
    if not found or not last or not found.records or not _same(found.records[0], last[0]):
        raise LogMismatch(
            f"{topic}/{partition}: the log that is to be copied to holds {end:,} records, and they are not the first "
            "ones of the log that is copied. Nothing was changed. Copy to an empty log, or copy the other way."
        )
    return found.next_offset


def _place_of(source: Log, topic: str, partition: int, number: int) -> tuple[int, int]:
    """Offset of the ``number``-th record, and 0; or how many records are missing to it."""
    at = source.start_offsets(topic)[partition]
    while True:
        records, following = source.read(topic, partition, at, min(number, _BATCH))
        if len(records) == number:
            return records[-1].offset, 0
        if following == at:
            return at, number
        number -= len(records)
        at = following


def _with_recorded(record: StoredRecord) -> Record:
    if RECORDED in record.names:
        return Record(*record[2:])
    moment = b"%d" % record.recorded_ms
    return Record(record.key, record.value, (*record.names, RECORDED), (*record.values, moment))


def _same(one: StoredRecord, other: StoredRecord) -> bool:
    return _essence(one) == _essence(other)


def _essence(record: StoredRecord) -> tuple[object, ...]:
    headers = tuple(header for header in record.headers if header[0] != RECORDED)
    return record.recorded_ms, record.key, record.value, headers
