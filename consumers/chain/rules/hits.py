"""What a rule finds. Values only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from consumers.chain.money import money
from consumers.chain.rules.books import Row

__all__ = ["SEVERITY", "Hit", "hit"]

SEVERITY = {
    **dict.fromkeys(("2", "3", "4", "5", "6", "7a", "8", "9a", "9b", "10", "11a", "11b", "14a", "14b", "15"), "E"),
    **dict.fromkeys(("18a", "18b", "18c", "18d", "19a", "19b", "19c", "20a", "21a", "21b"), "E"),
    **dict.fromkeys(("23a", "23b", "24d", "25a", "25b", "25c", "26", "27a", "27b"), "E"),
    **dict.fromkeys(("1", "7b", "12a", "12b", "12c", "12d", "13", "14c", "16", "17"), "W"),
    **dict.fromkeys(("18e", "19d", "20b", "22", "24a", "24b", "24c"), "W"),
}
"""Severity by rule and clause."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An open hit of a rule.

    Attributes:
        rule: its number, ``18``.
        key: what is hit, as the rule writes it, clause in front.
        amount: rupiah at stake as text, where there is one.
        evidence: the rows that show it.
    """

    rule: str
    severity: str
    key: str
    unit: str | None
    amount: str | None
    message: str
    evidence: tuple[Row, ...]


def hit(
    clause: str, key: str, unit: str | None, amount: Decimal | None, message: str, evidence: Iterable[Row | None]
) -> Hit:
    """Make a hit of a clause, ``18a``; its letter goes before the key."""
    rule = clause.rstrip("abcde")
    letter = clause.removeprefix(rule)
    rows = {row.event_id: row for row in evidence if row is not None}
    told = f"{letter}:{key}" if letter else key
    return Hit(rule, SEVERITY[clause], told, unit or None, money(amount), message, tuple(rows.values()))
