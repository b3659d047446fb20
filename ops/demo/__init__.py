"""The demonstration: the bundled feed, and what its views tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bus import Parts
from bus.store import Tx, generations
from consumers import CHAIN
from consumers.chain.measures import MEASURES, Masters
from ops.chain import Asked, chain_report

__all__ = ["FEED", "story"]

FEED = Path(__file__).parent / "isb"
"""One government's 2025 procurement feed, pseudonymised; 18 files, gzipped."""

_FUNNEL = (
    ("direct purchases announced", "funnel", "nontender_announced"),
    ("… listed as completed", "measures", "purchases_listed"),
    ("… with status Selesai", "measures", "purchases_finished"),
    ("… with a contract in e-Kontrak", "measures", "purchases_with_contract"),
    ("… handed over and paid", "measures", "purchases_with_handover"),
    ("tenders announced", "funnel", "tender_announced"),
    ("… finished", "measures", "tenders_finished"),
    ("… with a contract", "measures", "tenders_with_contract"),
    ("e-catalogue orders", "measures", "catalogue_orders"),
)

_EXAMPLES: Mapping[str, tuple[str, str | None]] = {
    "paid": ("contract_numbers_paid_beyond_value", None),
    "no_handover": ("purchases_with_contract", "purchases_with_handover"),
    "no_value": ("purchases_without_contract_value", None),
    "mak": ("purchases_listed", "purchases_mak_parsed"),
    "above": ("contract_above_hps", None),
}
"""A package that shows a finding: one that the first measure counts and the second doesn't."""


def story(parts: Parts, read: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """What ``grms demo`` tells: funnel, five findings with a key to look at, as of when."""
    report = chain_report(parts, Asked())
    with parts.store.read() as tx:
        examples = _examples(tx)
        copies = sum(file["copies"] for file in read["files"])
    return {
        "rows": read["read"],
        "events": read["events"],
        "seconds": round(seconds, 1),
        "as_known_at": report["as_known_at"],
        "funnel": [{"stage": name, "count": report[part][key]} for name, part, key in _FUNNEL],
        "findings": [
            {"text": text, "look": f"grms chain show {examples.get(example, '')}".strip()}
            for text, example in _findings(report, copies)
        ],
        "measures": report["measures"],
    }


def _findings(report: Mapping[str, Any], copies: int) -> Iterator[tuple[str, str]]:
    told, mak = report["measures"], report["feed"]["mak"]
    listed = told["purchases_listed"]
    paid, handed = told["contract_numbers_paid_beyond_value"], told["contract_numbers_with_handover"]
    share = f"{told['purchases_with_handover']} ({told['purchases_with_handover'] / listed:.0%})"
    unreadable = listed - told["purchases_mak_parsed"]
    unknown = told["purchases_mak_unknown_sub_kegiatan"]
    yield f"{paid} of {handed} contracts were paid beyond their value; {copies:,} copied rows count once.", "paid"
    yield f"Of {listed:,} completed purchases {share} have a hand-over in e-Kontrak.", "no_handover"
    yield f"{told['purchases_without_contract_value']:,} of {listed:,} completed purchases state no value.", "no_value"
    yield (
        (
            f"{unreadable} purchases name a budget line that can't be read ({mak['unparsed']} lines), "
            f"{unknown} one whose sub kegiatan is not in the plan."
        ),
        "mak",
    )
    yield (
        (
            f"{told['contract_above_hps']} purchase was contracted above its own estimate (HPS); "
            f"{told['contract_numbers_ppk_nip_invalid']} contracts bear a PPK's NIP that is no NIP."
        ),
        "above",
    )


def _examples(tx: Tx) -> dict[str, str]:
    """The first package that shows each finding."""
    found: dict[str, str] = {}
    generation = generations.live(tx, CHAIN.name)
    sql = (
        "select body from view_row where generation = ? and view = 'packages' and node >= 'NT:' and node < 'NT;' "
        "order by node"
    )
    for (body,) in tx.stream(sql, generation):
        card = json.loads(body)
        for name, (measure, unless) in _EXAMPLES.items():
            if name not in found and _counts(measure, card) and not (unless and _counts(unless, card)):
                found[name] = card["id"]
        if len(found) == len(_EXAMPLES):
            break
    return found


def _counts(measure: str, card: Mapping[str, Any]) -> int:
    return MEASURES[measure](card, Masters({}, frozenset()))
