"""The whole chain on a synthetic province-year: ingest, bulk run and check, each size in a process of its own.

Then one late link in the full database against building its component anew, and a card against one indexed query.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from bus import Parts
from bus.engine import BULK, live_generation, run
from bus.store.facts import SELECT
from consumers import CHAIN
from ops.bench.province import PER_SUB_KEGIATAN, bridging, package, write_province
from ops.bench.timing import best_of, child, folder, say, timed
from ops.chain import Asked, chain_show
from ops.home import opened
from ops.ingest import Request, ingest
from ops.integrity import chain_check
from ops.settings import Settings

__all__ = ["SIZES", "chain_job", "compare_chains"]

SIZES = (1_000, 10_000)
"""Packages of the default bench; 100,000 come by ``--large``."""
_OTHER_DAY = date(2025, 12, 30)


def compare_chains(sizes: Sequence[int] = SIZES) -> None:
    """Print speed, memory and growth by size, then what a late link and a card cost in the largest."""
    told = [(size, child("chain-job", size)) for size in sizes]
    for size, took in told:
        seconds = f"ingest {took['ingest']:.1f} s + bulk run {took['run']:.1f} s + check {took['check']:.2f} s"
        speed = took["events"] / (took["ingest"] + took["run"])
        say(f"chain, {size:,} packages, {took['events']:,.0f} events: {seconds}", f"{speed:,.0f}/s")
        say(f"chain, {size:,} packages: rules evaluated anew for another day", f"{took['anew']:.1f} s")
        say(f"chain, {size:,} packages: peak memory", f"{took['peak_mb']:.0f} MB")
    for (small, before), (large, after) in pairwise(told):
        events = after["events"] / before["events"]
        grown = after["cpu"] / before["cpu"] / events
        say(f"chain, {large:,} against {small:,}: CPU time an event", f"{grown:.2f}", "aim <= 1.2")
        say(f"chain, {large:,} against {small:,}: peak memory", f"{after['peak_mb'] / before['peak_mb']:.2f}")
    size, took = told[-1]
    late = f"chain, {size:,}: a late link {took['late']:.2f} s, its component anew {took['component']:.2f} s"
    say(late, f"{took['late'] / took['component']:.2f}", "aim <= 1")
    card = f"chain, {size:,}: show {took['show'] * 1000:.1f} ms, one indexed query {took['query'] * 1000:.2f} ms"
    say(card, f"{took['show'] / took['query']:.0f}", "aim <= 20")


def chain_job(packages: int) -> dict[str, float]:
    """Seconds of each step (``cpu``: of ingest and run), events and peak memory of a province-year."""
    took: dict[str, float] = {}
    subs = range(packages // PER_SUB_KEGIATAN)
    with folder() as place:
        write_province(place / "feed", subs)
        with opened(Settings(home=place / "home"), 10) as parts:
            read: dict[str, Any] = {}
            began = time.process_time()
            took["ingest"] = timed(lambda: read.update(ingest(parts, Request("auto", [place / "feed"]))))
            took["events"] = read["events"]
            took["run"] = timed(lambda: run(parts, [CHAIN], pace=BULK, until_caught_up=True))
            took["cpu"] = time.process_time() - began
            took["check"] = timed(lambda: chain_check(parts, Asked(), None))
            took["anew"] = timed(lambda: chain_check(parts, Asked(), _OTHER_DAY))
            took["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            took |= _card(parts, package(packages // 2))
            ends = (subs[1] * PER_SUB_KEGIATAN, subs[-2] * PER_SUB_KEGIATAN)
            bridging(place / "late", *ends)
            took["late"] = timed(lambda: _taken(parts, place / "late"))
        write_province(place / "part" / "feed", [subs[1], subs[-2]])
        bridging(place / "part" / "late", *ends)
        with opened(Settings(home=place / "part" / "home"), 10) as parts:
            took["component"] = timed(lambda: _taken(parts, place / "part" / "feed", place / "part" / "late"))
    return took


def _taken(parts: Parts, *folders: Path) -> None:
    ingest(parts, Request("auto", folders))
    run(parts, [CHAIN], until_caught_up=True)


def _card(parts: Parts, code: str) -> dict[str, float]:
    """Seconds of a package's card, and of one indexed query for its facts."""
    generation = live_generation(parts, CHAIN)
    with parts.store.read() as tx:
        query = best_of(20, lambda: tx.all(f"{SELECT} and node = ?", generation, f"NT:{code}"))
    return {"show": best_of(5, lambda: chain_show(parts, code, Asked())), "query": query}
