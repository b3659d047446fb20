"""The embedded log against a plain table with a row per record: the feed's own events, 1,000 at a time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bus.log import EmbeddedLog
from bus.ports import Record
from ops.bench.timing import best_of, folder, say, timed
from ops.demo import FEED
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings
from schemas.catalogue import topics

__all__ = ["compare_logs", "events"]

_BATCH = 1000
_TURNS = 5

Batches = Sequence[Sequence[Record]]


def compare_logs() -> None:
    """Print how many times faster the embedded log is."""
    with folder() as place:
        records = events(place / "home")
        batches = [records[at : at + _BATCH] for at in range(0, len(records), _BATCH)]
        appends, reads = [], []
        for turn in range(_TURNS):
            ours, rows = place / f"log{turn}.sqlite", place / f"rows{turn}.sqlite"
            with closing(EmbeddedLog(ours, partitions=1)) as log, closing(_row_a_record(rows)) as db:
                appends.append((timed(lambda: _append(log, batches)), timed(lambda: _append_rows(db, batches))))
                starts = range(0, len(records), _BATCH)
                reads.append(
                    (
                        best_of(_TURNS, lambda: [len(log.read("t", 0, at, _BATCH).records) for at in starts]),  # noqa: B023
                        best_of(_TURNS, lambda: [len(list(_read_rows(db, at))) for at in starts]),  # noqa: B023
                    )
                )
        with closing(_row_a_record(place / "each.sqlite")) as db:
            few = records[:_BATCH]
            each = timed(lambda: _append_rows(db, [[record] for record in few])) / len(few)
    append, rows_append = (min(times) for times in zip(*appends, strict=True))
    read, rows_read = (min(times) for times in zip(*reads, strict=True))
    say("log: append, against a row per record in the same transactions", f"{rows_append / append:.1f}", "aim >= 4")
    say("log: append, against a row and a transaction per record", f"{each * len(records) / append:.0f}")
    say("log: read, against the same", f"{rows_read / read:.1f}", "aim >= 2")


def events(home: Path) -> list[Record]:
    """Events of the bundled feed, as they lie in the log."""
    with opened(Settings(home=home), 10) as parts:
        ingest(parts, Request("isb", [FEED]))
        log = parts.log
        places = [(topic, partition) for topic in topics() for partition in range(log.partitions(topic))]
        return [Record(*stored[2:]) for place in places for stored in log.read(*place, 0, 1 << 40).records]


def _append(log: EmbeddedLog, batches: Batches) -> None:
    for batch in batches:
        log.append("t", 0, batch)


def _row_a_record(path: Path) -> sqlite3.Connection:
    """The peer: as durable, one row for each record, headers as JSON."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "pragma journal_mode = wal; pragma synchronous = full; create table record (topic text, partition integer, "
        "offset integer, recorded_ms integer, key blob, value blob, headers text, "
        "primary key (topic, partition, offset))"
    )
    return db


def _append_rows(db: sqlite3.Connection, batches: Batches) -> None:
    offset = 0
    for batch in batches:
        db.execute("begin immediate")
        rows = [
            (
                offset + place,
                record.key,
                record.value,
                json.dumps([(name, text.decode()) for name, text in zip(record.names, record.values, strict=True)]),
            )
            for place, record in enumerate(batch)
        ]
        db.executemany("insert into record values ('t', 0, ?, 1, ?, ?, ?)", rows)
        db.execute("commit")
        offset += len(batch)


def _read_rows(db: sqlite3.Connection, offset: int) -> Iterator[Record]:
    rows = db.execute(
        "select key, value, headers from record where topic = 't' and partition = 0 and offset >= ? "
        "order by offset limit ?",
        (offset, _BATCH),
    )
    for key, value, headers in rows:
        yield Record.of(key, value, [(name, text.encode()) for name, text in json.loads(headers)])
