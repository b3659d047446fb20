"""The statement document: lines of a closed month with days, items and traces, as section F lays it out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from consumers.tukin.days import Day
from consumers.tukin.month import Item
from consumers.tukin.punches import Quarantined
from consumers.tukin.settle import Line
from consumers.tukin.values import percent_text

__all__ = ["FORMAT", "RUPIAH", "line_document", "month_document"]

FORMAT = "tukin-statement/1"

RUPIAH = (
    "gross_rp", "discipline_base_rp", "discipline_cut_rp", "performance_base_rp", "performance_rp", "special_cut_rp",
    "sanction_cut_rp", "earned_rp", "adjustment_rp", "carry_rp", "paid_rp", "pph21_rp", "bpjs_rp", "net_rp",
)  # fmt: skip
"""Rupiah fields of a line, in order."""

_RULES = dict(zip(RUPIAH, ["R26"] * 3 + ["R27"] * 2 + ["R28"] * 3 + ["R29"] * 2 + ["R30"] * 4, strict=True))


def month_document(month: str, close: date, lines: Sequence[Line], quarantine: Iterable[Quarantined]) -> dict[str, Any]:
    """A closed month: a line a person, the quarantine, and totals of the lines without error."""
    employees = [line_document(line) for line in lines]
    good = [line for line in employees if not line["errors"]]
    totals = {name: sum(line[name] for line in good) for name in RUPIAH}
    return {
        "month": month,
        "close": close.isoformat(),
        "employees": employees,
        "quarantine": [
            {"device": one.device, "pin": one.pin, "time": one.time, "reason": one.reason} for one in quarantine
        ],
        "totals": {**totals, "employees": len(employees), "errors": len(employees) - len(good)},
    }


def line_document(line: Line) -> dict[str, Any]:
    """One person's line."""
    month = line.month
    amounts: dict[str, int | None] = dict(zip(RUPIAH, _amounts(line), strict=True))
    return {
        "nip": month.nip,
        **amounts,
        "errors": [{"date": one.date.isoformat(), "code": one.code} for one in month.problems],
        "adjustments": [
            {"for_month": one.for_month, "amount_rp": one.amount_rp, "label": one.label} for one in line.adjustments
        ],
        "month_items": [_item(one) for one in month.items],
        "days": [_day(day) for day in month.days],
        "trace": [_trace(line, name, rupiah) for name, rupiah in amounts.items()],
    }


def _amounts(line: Line) -> tuple[int | None, ...]:
    month = line.month
    if month.problems:
        return (None,) * len(RUPIAH)
    return (
        month.gross_rp, month.base_rp, month.cut_rp, month.performance_base_rp, month.performance_rp,
        month.special_rp, month.sanction_rp, month.earned_rp, line.adjustment_rp, line.carry_rp, line.paid_rp,
        line.pph21_rp, line.bpjs_rp, line.net_rp,
    )  # fmt: skip


def _item(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "pct": percent_text(item.share),
        "rule_id": item.rule,
        "date": item.day.date.isoformat(),
        "facts": list(item.facts),
    }


def _day(day: Day) -> dict[str, Any]:
    came = day.presence
    return {
        "date": day.date.isoformat(),
        "in": came.arrived and came.arrived.isoformat(),
        "out": came.left and came.left.isoformat(),
        "late_min": day.late_min,
        "early_min": day.early_min,
        "status": day.status,
        "cut_pct": percent_text(day.cut),
        "cut_base": "total" if day.total else "disiplin",
        "rule_id": "+".join(day.rules),
        "facts": list(day.facts),
    }


def _trace(line: Line, name: str, rupiah: int | None) -> dict[str, Any]:
    policy = line.governed[1]
    return {
        "field": name,
        "rp": rupiah,
        "rule": "R32" if rupiah is None else _RULES[name],
        "policy": policy.id if policy else "",
        "facts": _trace_facts(line, name),
    }


def _trace_facts(line: Line, name: str) -> list[str]:
    month = line.month
    if month.problems:
        return [f"{one.code}@{one.date.isoformat()}" for one in month.problems]
    if name in ("gross_rp", "discipline_base_rp"):
        return list(dict.fromkeys(f"{month.nip}@{day.row.tmt_start.isoformat()}" for day in month.days))
    if name == "discipline_cut_rp":
        days = [day.date.isoformat() for day in month.days if day.cut and not day.total]
        return days + [f"{item.kind}@{item.day.date.isoformat()}" for item in month.items if item.share]
    if name == "special_cut_rp":
        return [day.date.isoformat() for day in month.days if day.cut and day.total]
    if name == "performance_rp" and month.last:
        return [f"skp:{month.last[1].skp_predikat}"]
    if name == "sanction_cut_rp":
        return list(month.sanctions)
    if name in ("adjustment_rp", "carry_rp"):
        return [one.for_month for one in line.adjustments]
    return []
