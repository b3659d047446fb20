"""The second half of the demonstration: a synthetic province, from plan to performance, and what its rules find."""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from bus import Parts
from bus.engine import run
from consumers import CONSUMERS
from ops.chain import Asked, chain_report
from ops.followed import chain_stuck
from ops.ingest import Request, ingest
from ops.integrity import chain_check

__all__ = ["PROVINCE", "province"]

PROVINCE = Path(__file__).parent / "province"
"""A synthetic province of four units, faulty on purpose; one file of each system, no real person or price."""

_TELLING = ("15", "16", "20")
"""Rules whose hits are contracts that a card can be shown of."""


def province(parts: Parts) -> dict[str, Any]:
    """Read the province into a home of its own; tell its money by stage, its open hits, and what waits longest."""
    began = time.monotonic()
    read = ingest(parts, Request("auto", [PROVINCE]))
    run(parts, list(CONSUMERS.values()), until_caught_up=True)
    hits = chain_check(parts, Asked(), None)
    report = chain_report(parts, Asked())
    waiting = chain_stuck(parts, Asked(), None, None)
    money = {
        name: format(sum((Decimal(unit[name]) for unit in report["totals"].values()), Decimal(0)), ".2f")
        for name in ("pagu", "dpa", "packages", "contracts", "orders", "paid", "sp2d")
    }
    by_rule = Counter(hit["rule"] for hit in hits)
    return {
        "rows": read["read"],
        "files": len(read["files"]),
        "events": read["events"],
        "seconds": round(time.monotonic() - began, 1),
        "money": money,
        "hits": len(hits),
        "by_rule": {rule: by_rule[rule] for rule in sorted(by_rule, key=int)},
        "examples": [next(hit for hit in hits if hit["rule"] == rule) for rule in _TELLING if by_rule[rule]],
        "stuck": waiting[:1],
        "waiting": len(waiting),
    }
