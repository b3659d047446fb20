"""What TUKIN settled for the employees of a card: the end of the way from agreement to pay."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from bus.store import Tx, generations
from consumers import TUKIN
from consumers.chain.money import money
from schemas.times import iso

__all__ = ["Pay", "pay_lines", "rated_employees"]

Pay = tuple[dict[str, dict[str, Any]], dict[tuple[str, str], dict[str, Any]], list[str]]
"""Nodes by id, links by their ends, and what is not known, in words."""

_TOLD = (
    "month", "closed_on", "performance_base_rp", "performance_rp", "discipline_cut_rp", "sanction_cut_rp", "paid_rp",
)  # fmt: skip


def rated_employees(links: Iterable[Mapping[str, Any]]) -> list[str]:
    """NIPs that ratings of a card are about, sorted."""
    ends = {link["to"] for link in links if link["from"].startswith("SKP:") and link["to"].startswith("NIP:")}
    return sorted(end.removeprefix("NIP:") for end in ends)


def pay_lines(tx: Tx, nips: list[str], known_at: int | None, true_at: int | None) -> Pay:
    """Closed months of some employees, as far as ``grms run`` came.

    Args:
        known_at: only months whose close was recorded by then, milliseconds UTC; None = all.
        true_at: only months closed by then.
    """
    if not nips:
        return {}, {}, []
    nodes: dict[str, dict[str, Any]] = {}
    links: dict[tuple[str, str], dict[str, Any]] = {}
    settled = set[str]()
    for body, event in _lines(tx, nips, known_at, true_at):
        nip, month = body["nip"], body["month"]
        settled.add(nip)
        paid = body.get("paid_rp")
        name = f"TUKIN:{nip}|{month}"
        nodes[name] = {
            "id": name,
            "kind": "pay_line",
            "stage": "performance",
            "amount": None if paid is None else money(Decimal(paid)),
            "unit": body.get("unit") or None,
            "events": [event],
            "told": {key: body.get(key) for key in _TOLD} | ({"problem": body["problem"]} if "problem" in body else {}),
        }
        ends = (f"NIP:{nip}", name)
        links[ends] = {"from": ends[0], "to": name, "method": "exact_id", "confidence": 1.0, "evidence": [event]}
    left = len(nips) - len(settled)
    gaps = [f"{left} of {len(nips)} employees: no month settled by TUKIN is known"] if left else []
    return nodes, links, gaps


def _lines(
    tx: Tx, nips: Iterable[str], known_at: int | None, true_at: int | None
) -> Iterator[tuple[dict[str, Any], str]]:
    """Settled lines, each with the event that closed its month."""
    generation = generations.live(tx, TUKIN.name)
    closed = "select recorded_ms, event_id from fact where generation = ? and node = 'all' and event = 'MonthClosed'"
    closes: dict[int, str] = dict(tx.all(closed, generation or 0))
    lines = "select node, body, evidence from view_row where generation = ? and view = 'tukin_lines' and node in (?*)"
    for _, text, evidence in sorted(tx.where_in(lines, [f"staf:{nip}" for nip in nips], generation or 0)):
        body, close = json.loads(text), json.loads(evidence)["close"]
        known = known_at is None or close <= known_at
        if known and close in closes and (true_at is None or body["closed_on"] <= iso(true_at)[:10]):
            yield body, closes[close]
