"""The whole job on the feed and on ten times the feed, each in a process of its own.

Its floor: merely parsing the same JSON and encoding each row with fastavro.
"""

from __future__ import annotations

import cProfile
import gzip
import json
import pstats
import resource
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bus.engine import run
from consumers import CONSUMERS
from ops.bench.peer import parse_and_encode
from ops.bench.timing import child, folder, say, timed
from ops.demo import FEED
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings

__all__ = ["compare_jobs", "job", "multiply", "shares"]

_TIMES = 10
_ALL = tuple(CONSUMERS.values())
_ROOMS = (
    ("SQLite", "sqlite3"),
    ("read rows: JSON, keys, times", "adapters/", "json/decoder", "schemas/times", "schemas/values"),
    ("Avro", "schemas/codec", "schemas/compiled", "<string>"),
    ("identity and envelope", "schemas/identity", "schemas/envelope", "_hashlib", "uuid"),
    ("log batches", "bus/log"),
    ("intake, statements, outbox", "bus/intake", "bus/statements", "bus/store"),
    ("facts and rows", "bus/projection", "bus/rows", "bus/engine"),
    ("chain views", "consumers/", "json/encoder"),
)
"""Rooms by the files or built-ins whose own time counts for them; the rest, calls of built-ins, is ``other``."""


def compare_jobs() -> None:
    """Print time and memory of the job, ratio to its floor, and growth."""
    one, many = child("job", 1), child("job", _TIMES)
    for times, took in ((1, one), (_TIMES, many)):
        parts = f"ingest {took['ingest']:.1f} s + run {took['run']:.1f} s, floor {took['floor']:.1f} s"
        ratio = (took["ingest"] + took["run"]) / took["floor"]
        say(f"job x{times}: {parts}", f"{ratio:.1f}", "aim <= 6")
    growth = (many["ingest"] + many["run"]) / (one["ingest"] + one["run"])
    say(f"job x{_TIMES} against x1: time", f"{growth:.1f}", "aim <= 12")
    flat = f"({one['peak_mb']:.0f} and {many['peak_mb']:.0f} MB)"
    say(f"job x{_TIMES} against x1: peak memory {flat}", f"{many['peak_mb'] / one['peak_mb']:.2f}", "aim: flat")
    for room, share in _shares().items():
        say(f"  of the time of job x1, by profiler: {room}", f"{share:.0%}")


def job(times: int) -> dict[str, float]:
    """Seconds of ingest, run and floor, and peak memory before the floor; the feed's packages multiplied."""
    took: dict[str, float] = {}
    with folder() as place:
        feed = _fed(place, times)
        with opened(Settings(home=place / "home"), 10) as parts:
            took["ingest"] = timed(lambda: ingest(parts, Request("isb", [feed])))
            took["run"] = timed(lambda: run(parts, _ALL, until_caught_up=True))
        took["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        took["floor"] = timed(lambda: parse_and_encode(feed))
    return took


def _fed(place: Path, times: int) -> Path:
    feed = place / "feed"
    feed.mkdir()
    for path in sorted(FEED.glob("*.json.gz")):
        multiply(path, feed, times)
    return feed


def _shares() -> dict[str, float]:
    with folder() as place:
        feed = _fed(place, 1)
        with opened(Settings(home=place / "home"), 10) as parts:
            return shares(
                lambda: (ingest(parts, Request("isb", [feed])), run(parts, _ALL, until_caught_up=True)),
            )


def shares(work: Callable[[], object]) -> dict[str, float]:
    """Share of each room in the time of some work, the greatest first."""
    profile = cProfile.Profile()
    profile.runcall(work)
    shares: Counter[str] = Counter()
    stats: Mapping[tuple[str, int, str], tuple[Any, ...]] = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # documented, not in the stubs
    for (file, _, function), (_, _, own, _, _) in stats.items():
        name = f"{file} {function}"
        room = next((room for room, *marks in _ROOMS if any(mark in name for mark in marks)), "other")
        shares[room] += own
    return {room: seconds / shares.total() for room, seconds in shares.most_common()}


def multiply(path: Path, feed: Path, times: int) -> None:
    """Write a file with every row under ``times`` keys, a row at a time."""
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
