"""Comparing two statement documents as section F of the rule sheet says: what is judged, and nothing else."""

from __future__ import annotations

from consumers.tukin.statement import RUPIAH

__all__ = ["judged", "without_bad_rows"]

DAY = ("date", "in", "out", "late_min", "early_min", "status", "cut_pct", "cut_base")


def judged(document: dict) -> dict:
    """The judged part of a document, in an order of its own."""
    return {month["month"]: _month(month) for month in document["months"]}


def without_bad_rows(months: list[dict]) -> dict:
    """What is judged of some months; a bad row never becomes an event, so the quarantine is compared without it."""
    found = judged({"months": months})
    for month in found.values():
        month["quarantine"] = [one for one in month["quarantine"] if ("reason", "bad_row") not in one]
    return found


def _month(month: dict) -> dict:
    return {
        "close": month["close"],
        "totals": month["totals"],
        "quarantine": sorted(tuple(sorted(one.items())) for one in month["quarantine"]),
        "employees": {line["nip"]: _line(line) for line in month["employees"]},
    }


def _line(line: dict) -> dict:
    return {
        **{name: line[name] for name in RUPIAH},
        "errors": sorted((one["date"], one["code"]) for one in line["errors"]),
        "adjustments": sorted(tuple(sorted(one.items())) for one in line["adjustments"]),
        "days": [{name: day[name] for name in DAY} for day in line["days"]],
    }
