"""The report over all cards: measures, totals, funnel, budget lines, for the whole and by unit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from consumers.chain.measures import FUNNEL as FEED_FUNNEL
from consumers.chain.measures import Card, Masters, Tally
from consumers.chain.money import amount, money
from consumers.chain.rules import FUNNEL, TOTALS

__all__ = ["conservation", "masters_of", "report", "summed"]

_MAK = ("parsed", "unparsed", "known_sub_kegiatan", "unknown_sub_kegiatan")
_TOTALS = ("purchases_pagu", "purchases_hps", "purchases_value", "contracts", "paid", "orders")


def masters_of(plan: Iterable[Mapping[str, Any]]) -> tuple[Masters, dict[str, str | None]]:
    """Masters from the rows of the view ``plan``, and total budget of each unit that states one."""
    units: dict[str, str | None] = {}
    codes = set[str]()
    ceilings: dict[str, str | None] = {}
    for row in plan:
        if row["kind"] == "unit":
            units[row["code"]] = row["name"]
        elif row["kind"] == "sub_kegiatan" and row["code"]:
            codes.add(row["code"])
        elif row["kind"] == "budget_ceiling":
            ceilings[row["code"]] = row["amount"]
    return Masters(units, codes), ceilings


def report(
    cards: Iterable[Card], masters: Masters, ceilings: Mapping[str, str | None], unit: str | None = None
) -> dict[str, Any]:
    """Count everything.

    Args:
        cards: rows of the view ``packages``, in any order, read once.
        masters: what the plan lists.
        ceilings: total budget by unit, text of rupiah.
        unit: only this unit's packages and budget.

    Returns:
        ``measures``, ``totals`` (rupiah), ``funnel``, ``mak``, and ``by_unit`` sorted by unit; a package
        without a unit counts under ``null``.
    """
    whole = Tally(masters)
    units: dict[str | None, Tally] = {}
    for card in cards:
        if unit is not None and card["unit"] != unit:
            continue
        whole.add(card)
        units.setdefault(card["unit"], Tally(masters)).add(card)
    budget = sum((amount(text) or 0 for code, text in ceilings.items() if unit in (None, code)), start=amount("0") or 0)
    return {
        "measures": whole.counted(),
        "totals": {"budget": money(budget), **{name: money(whole.totals[name]) for name in _TOTALS}},  # type: ignore[arg-type]  # a sum of decimals
        "funnel": {name: whole.funnel[name] for name in FEED_FUNNEL},
        "mak": {name: whole.mak[name] for name in _MAK},
        "by_unit": [
            {"unit": code, "name": masters.units.get(code or ""), "measures": tally.counted()}
            for code, tally in sorted(units.items(), key=lambda pair: pair[0] or "")
        ],
    }


def summed(figures: Iterable[Mapping[str, Any]], unit: str | None = None) -> dict[str, Any]:
    """Totals of each unit, funnel and budget lines, from the rows of the view ``figures``.

    Source: ``integrity-rules`` sections 6 and 7.

    Args:
        figures: rows in any order, read once.
        unit: only this unit's.
    """
    totals: dict[str, dict[str, Decimal]] = {}
    funnel = dict.fromkeys(FUNNEL, 0)
    clean = 0
    repaired: dict[str, str] = {}
    unresolved: list[str] = []
    for row in figures:
        for code, name, text in row["totals"]:
            if unit in (None, code):
                sums = totals.setdefault(code, dict.fromkeys(TOTALS, Decimal(0)))
                sums[name] += Decimal(text)
        for code, name, number in row["funnel"]:
            if unit in (None, code):
                funnel[name] += number
        clean += sum(number for code, number in row["clean"] if unit in (None, code))
        repaired.update({mak: line for code, mak, line in row["repaired"] if unit in (None, code)})
        unresolved += [mak for code, mak in row["unresolved"] if unit in (None, code)]
    return {
        "totals": {code: {name: money(sums[name]) for name in TOTALS} for code, sums in sorted(totals.items())},
        "funnel": funnel,
        "mak": {"clean": clean, "repaired": dict(sorted(repaired.items())), "unresolved": sorted(unresolved)},
    }


_STAGES = (
    ("planned", ("pagu",)),
    ("budgeted", ("dpa",)),
    ("packaged", ("packages",)),
    ("contracted", ("contracts", "orders")),
    ("handed_over", ("paid", "orders")),
)
"""Stages of money and the totals that reach them; an order is paid for whole."""


def conservation(totals: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    """How much of each stage's money reached the next, by unit; ``beyond`` is what the next has and this had not."""
    for unit, sums in totals.items():
        amounts = [(stage, sum((Decimal(sums[name]) for name in names), Decimal(0))) for stage, names in _STAGES]
        for (stage, whole), (following, reached) in pairwise(amounts):
            yield {
                "unit": unit,
                "from": stage,
                "to": following,
                "amount": money(whole),
                "reached": money(reached),
                "left": money(max(whole - reached, Decimal(0))),
                "beyond": money(max(reached - whole, Decimal(0))),
            }
