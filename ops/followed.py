"""What waits, and how far plan, work and money are apart, as asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from bus import Parts
from bus.subjects import stated_subjects
from consumers.chain.asking import SUBJECT, books_in_turn
from consumers.chain.money import money
from consumers.chain.rules import Books
from consumers.chain.stuck import deviation_of, waiting
from ops.chain import Asked, Scope, scope_of, today

__all__ = ["chain_deviation", "chain_stuck"]


def chain_stuck(parts: Parts, asked: Asked, as_of: date | None, unit: str | None) -> list[dict[str, Any]]:
    """The document of ``grms chain stuck --json``: what waits on a date (default: the manifest's), longest first."""
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        found, now = [], today(parts)
        for books, subject in _each(scope):
            day = as_of or books.asof.day or now
            found += [(item.age_days(day), item) for item in waiting(books, subject, day) if unit in (None, item.unit)]
    found.sort(key=lambda pair: (-pair[0], pair[1].key))
    return [
        {
            "key": item.key,
            "unit": item.unit,
            "stage": item.stage,
            "turn": item.turn,
            "since": item.since.isoformat(),
            "age_days": age,
            "amount": money(item.amount),
        }
        for age, item in found
    ]


def chain_deviation(parts: Parts, asked: Asked, unit: str | None) -> list[dict[str, Any]]:
    """The document of ``grms chain deviation --json``: the last reported month of each sub kegiatan, worst first."""
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        found = [deviation_of(books, subject[4:]) for books, subject in _each(scope) if subject.startswith("SBL:")]
    rows = [
        {
            "kode_sbl": one.key,
            "unit": one.unit,
            "month": one.month,
            "physical": str(one.physical),
            "financial": None if one.financial is None else str(one.financial),
            "planned": None if one.planned is None else str(one.planned),
            "behind_plan": None if one.planned is None or one.financial is None else str(one.planned - one.financial),
            "paid_ahead": None if one.financial is None else str(one.financial - one.physical),
        }
        for one in found
        if one is not None and unit in (None, one.unit)
    ]
    return sorted(rows, key=lambda row: (-Decimal(row["paid_ahead"] or 0), row["kode_sbl"]))


def _each(scope: Scope) -> Iterator[tuple[Books, str]]:
    subjects = (name.removeprefix(SUBJECT) for name in stated_subjects(scope.tx, scope.generation))
    return books_in_turn(scope.lookup(), subjects)
