"""Ratios against peers and floors, all in one run; absolute times are for orientation only."""

from __future__ import annotations

import gzip
import json
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters import kind_of, kinds_of
from bus.engine import run
from bus.log import EmbeddedLog
from bus.ports import Record
from consumers import CONSUMERS
from ops.demo import FEED
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings
from schemas import EXPORT_COLUMNS, encode_row, text_of

_BATCH = 1000
_RECORDS = 20_000
_TIMES = 10


def main() -> None:
    """Print every ratio with its aim."""
    _log()
    one = _job(1)
    many = _job(_TIMES)
    say(f"{_TIMES} times the feed against one", many / one, "aim <= 12")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"peak memory of the whole run {peak} MB\n")


def say(what: str, ratio: float, aim: str) -> None:
    """One line of the table."""
    sys.stdout.write(f"{what:58} {ratio:7.2f}  ({aim})\n")


def timed(work: Callable[[], object]) -> float:
    """Seconds that some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _log() -> None:
    records = [Record(b"key%d" % n, b"v" * 700, (("ce_id", b"x" * 36), ("ce_type", b"t"))) for n in range(_RECORDS)]
    with folder() as place:
        log = EmbeddedLog(place / "log.sqlite", partitions=1)
        append = timed(lambda: [log.append("t", 0, records[at : at + _BATCH]) for at in range(0, _RECORDS, _BATCH)])
        read = timed(lambda: [log.read("t", 0, at, _BATCH) for at in range(0, _RECORDS, _BATCH)])
        log.close()
        row_append, row_read = _row_a_record(place / "rows.sqlite", records)
    say("embedded append, batches of 1,000, against a row a record", row_append / append, "aim >= 4")
    say("embedded read against the same", row_read / read, "aim >= 2")


def _row_a_record(path: Path, records: list[Record]) -> tuple[float, float]:
    """The peer: the same records, one row each, the same number of transactions."""
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript(
        "pragma journal_mode = wal; pragma synchronous = full; create table record (topic text, partition integer, "
        "offset integer, recorded integer, key blob, value blob, headers text, primary key (topic, partition, offset))"
    )

    def append() -> None:
        for at in range(0, len(records), _BATCH):
            db.execute("begin immediate")
            for offset, record in enumerate(records[at : at + _BATCH], at):
                headers = json.dumps([(name, value.decode()) for name, value in record.headers])
                db.execute(
                    "insert into record values ('t', 0, ?, 1, ?, ?, ?)", (offset, record.key, record.value, headers)
                )
            db.execute("commit")

    def read() -> None:
        for at in range(0, len(records), _BATCH):
            rows = db.execute(
                "select offset, key, value, headers from record where topic = 't' and partition = 0 and offset >= ? "
                "order by offset limit ?",
                (at, _BATCH),
            )
            for _, key, value, headers in rows:
                Record(key, value, tuple((name, text.encode()) for name, text in json.loads(headers)))

    times = timed(append), timed(read)
    db.close()
    return times


def _job(times: int) -> float:
    """The whole job on the feed, its packages multiplied; against parsing and encoding alone."""
    with folder() as place:
        feed = place / "feed"
        feed.mkdir()
        for path in sorted(FEED.glob("*.json.gz")):
            _multiply(path, feed, times)
        floor = timed(lambda: _floor(feed))
        took: dict[str, float] = {}
        with opened(Settings(home=place / "home"), 10) as parts:
            took["ingest"] = timed(lambda: ingest(parts, Request("isb", [feed])))
            consumers = list(CONSUMERS.values())
            took["run"] = timed(lambda: run(parts, consumers, batch=_BATCH, until_caught_up=True))
    whole = sum(took.values())
    where = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in took.items())
    say(f"whole job x{times} against parse + encode ({where})", whole / floor, "aim <= 6")
    return whole


def _multiply(path: Path, feed: Path, times: int) -> None:
    """Write a file with every row under ``times`` keys."""
    rows = json.loads(gzip.decompress(path.read_bytes()))
    keys = ("kd_nontender", "kd_tender", "kd_paket", "kd_subkegiatan", "kd_kegiatan", "kd_program")
    with (feed / path.name.removesuffix(".gz")).open("w", encoding="utf-8") as out:
        out.write("[\n")
        for turn in range(times):
            for number, row in enumerate(rows):
                named = {key: f"{row[key]}{turn or ''}" for key in keys if key in row}
                out.write(",\n" if turn or number else "")
                out.write(json.dumps({**row, **named}, ensure_ascii=False))
        out.write("\n]\n")


def _floor(feed: Path) -> None:
    """Merely parse the same JSON and encode each row."""
    decode = json.JSONDecoder(parse_int=str, parse_float=str).decode
    for path in sorted(feed.glob("*.json")):
        kind = kind_of(path.name, kinds_of("isb"))
        if kind is None:
            continue
        for row in decode(path.read_text(encoding="utf-8")):
            encode_row(
                kind.event, {name: text for name in row if name not in EXPORT_COLUMNS and (text := text_of(row[name]))}
            )


if __name__ == "__main__":
    main()
