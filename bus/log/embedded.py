"""The embedded log: one SQLite file, one row per batch of records. No server.

A row holds base offset, count, recorded time, CRC and the packed batch. One append = one row = one recorded
time, and recorded times rise strictly over the whole log, so a recorded time names a prefix of it.
"""

from __future__ import annotations

import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from contextlib import closing, contextmanager
from itertools import count, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bus.errors import LogCorrupt, LogTruncated, TransientError, Unreachable
from bus.log.batch import Block, columns_of, header_names
from bus.log.recorded import RECORDED, first_since, recorded_index, recorded_of
from bus.ports import Batch, Record, StoredRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["EmbeddedLog"]

_TABLES = """
create table if not exists topic (name text primary key, partitions integer not null) without rowid;
create table if not exists history (name text not null);
insert into history select lower(hex(randomblob(16))) where not exists (select 1 from history);
create table if not exists clock (one integer primary key check (one = 1), recorded_ms integer not null);
create table if not exists batch (
    topic text not null, partition integer not null, base integer not null, count integer not null,
    recorded_ms integer not null, crc integer not null, block blob not null);
create unique index if not exists batch_place on batch (topic, partition, base);
create index if not exists batch_time on batch (topic, partition, recorded_ms);
insert into clock values (1, 0) on conflict do nothing;
"""

_BATCHES = """
select base, count, recorded_ms, crc, block from batch where topic = ? and partition = ? and base >=
    coalesce((select max(base) from batch where topic = ? and partition = ? and base <= ?), 0) order by base
"""
"""Batches from the one that holds an offset on."""


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class EmbeddedLog:
    """Implements `bus.ports.Log` in the file ``path``.

    Args:
        path: the file; made if absent.
        partitions: partitions of a topic that does not exist yet.
        wait_s: how long to wait for another process that writes.
        now_ms: the clock that recorded times come from.

    Raises:
        Unreachable: the file can't be opened or is no log.
    """

    def __init__(
        self, path: Path, *, partitions: int = 4, wait_s: float = 10.0, now_ms: Callable[[], int] = _now_ms
    ) -> None:
        self._partitions = partitions
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._path = path
        self._last: tuple[tuple[str, int, int], list[StoredRecord]] = (("", 0, 0), [])
        self._db = _opened(path, wait_s)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._errors():
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                if self._db.in_transaction:  # a full disk has rolled it back already
                    self._db.execute("rollback")
                raise

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Tell a log that does not answer now from one that is damaged."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise TransientError(f"log {self._path}: {error}") from error
        except sqlite3.DatabaseError as error:
            raise LogCorrupt(f"log {self._path}: {error}. Restore the home from a backup.") from error

    def _one(self, sql: str, *params: object) -> tuple[Any, ...] | None:
        with self._errors():
            row: tuple[Any, ...] | None = self._db.execute(sql, params).fetchone()
            return row

    def topics(self) -> set[str]:
        """See `bus.ports.Log.topics`."""
        with self._errors():
            return {name for (name,) in self._db.execute("select name from topic")}

    def history(self, topic: str) -> str:  # noqa: ARG002 - one file, one history
        """See `bus.ports.Log.history`: the file's own name."""
        row = self._one("select name from history")
        return str(row[0]) if row else ""

    def partitions(self, topic: str) -> int:
        """See `bus.ports.Log.partitions`; the first question fixes the number."""
        row = self._one("select partitions from topic where name = ?", topic)
        if row is None:
            self.make(topic, self._partitions)
            return self.partitions(topic)
        return int(row[0])

    def make(self, topic: str, partitions: int) -> None:
        """Make a topic of so many partitions, unless it exists."""
        with self._write() as db:
            db.execute("insert into topic values (?, ?) on conflict do nothing", (topic, partitions))

    def append(self, topic: str, partition: int, records: Sequence[Record]) -> int:
        """See `bus.ports.Log.append`."""
        if not 0 <= partition < self.partitions(topic):
            message = f"{topic} has partitions 0 to {self.partitions(topic) - 1}, not {partition}"
            raise ValueError(message)
        block = (records if isinstance(records, Block) else Block.of(records)).packed
        with self._write() as db:
            base = self._end(topic, partition)
            if not records:
                return base
            (last,) = db.execute("select recorded_ms from clock").fetchone()
            recorded = max(self._now_ms(), last + 1, _copied_until(block) + 1)
            db.execute("update clock set recorded_ms = ?", (recorded,))
            db.execute(
                "insert into batch values (?, ?, ?, ?, ?, ?, ?)",
                (topic, partition, base, len(records), recorded, zlib.crc32(block), block),
            )
        return base

    def read(self, topic: str, partition: int, offset: int, limit: int) -> Batch:
        """See `bus.ports.Log.read`.

        Raises:
            LogCorrupt: terminal; a stored batch fails its CRC.
        """
        found: list[StoredRecord] = []
        with self._errors(), closing(self._db.execute(_BATCHES, (topic, partition, topic, partition, offset))) as rows:
            for base, size, recorded_ms, crc, block in rows:
                if base + size <= offset:
                    continue
                if zlib.crc32(block) != crc:
                    raise LogCorrupt(
                        f"log {self._path}: {topic}/{partition} offsets {base}-{base + size - 1} fail their CRC. "
                        "Restore the home from a backup."
                    )
                first = max(offset - base, 0)
                found += self._unpacked(topic, partition, base, recorded_ms, block)[first : first + limit - len(found)]
                if len(found) >= limit:
                    break
        if not found and (end := self._end(topic, partition)) < offset:
            raise LogTruncated(topic, partition, offset, start=0, end=end)
        return Batch(found, offset + len(found))

    def _unpacked(self, topic: str, partition: int, base: int, recorded_ms: int, block: bytes) -> list[StoredRecord]:
        """Unpack a batch once, however small the steps in which it is read."""
        place = (topic, partition, base)
        if self._last[0] != place:
            columns = columns_of(block)
            times = (
                map(_recorded, columns[2], columns[3], repeat(recorded_ms))
                if RECORDED in header_names(block)
                else repeat(recorded_ms)
            )
            rows = zip(count(base), times, *columns)
            self._last = (place, list(map(tuple.__new__, repeat(StoredRecord), rows)))
        return self._last[1]

    def start_offsets(self, topic: str) -> dict[int, int]:
        """See `bus.ports.Log.start_offsets`."""
        return dict.fromkeys(range(self.partitions(topic)), 0)

    def end_offsets(self, topic: str) -> dict[int, int]:
        """See `bus.ports.Log.end_offsets`."""
        return {partition: self._end(topic, partition) for partition in range(self.partitions(topic))}

    def offset_for_time(self, topic: str, partition: int, recorded_ms: int) -> int:
        """See `bus.ports.Log.offset_for_time`."""
        row = self._one(
            "select base from batch where topic = ? and partition = ? and recorded_ms >= ? order by base limit 1",
            *(topic, partition, recorded_ms),
        )
        end = self._end(topic, partition)
        return first_since(self, topic, partition, recorded_ms, end if row is None else int(row[0]), end)

    def _end(self, topic: str, partition: int) -> int:
        row = self._one(
            "select base + count from batch where topic = ? and partition = ? order by base desc limit 1",
            *(topic, partition),
        )
        return 0 if row is None else int(row[0])


def _copied_until(block: bytes) -> int:
    """Latest recorded time that a block's records bring along; what is recorded after them comes later."""
    if RECORDED not in header_names(block):
        return 0
    _, _, names, values = columns_of(block)
    return max(map(_recorded, names, values, repeat(0)))


def _recorded(names: tuple[str, ...], values: tuple[bytes, ...], recorded_ms: int) -> int:
    place = recorded_index(names)
    return recorded_ms if place < 0 else recorded_of(values[place], recorded_ms)


def _opened(path: Path, wait_s: float) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)
        for pragma in ("page_size = 16384", "journal_mode = wal", "synchronous = full"):
            db.execute(f"pragma {pragma}")
        if not db.execute("select 1 from sqlite_master where name = 'history'").fetchone():
            # All or nothing: who finds the tables finds the log's name in them.
            db.executescript(f"begin immediate; {_TABLES} commit;")
    except sqlite3.Error as error:
        if db is not None:
            db.close()
        raise Unreachable(f"log {path}: {error}. Is the home writable and the file a log?") from error
    return db
