"""Money in views: exact, as text with two decimals; unknown stays None."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

__all__ = ["amount", "money", "total"]


def money(value: Decimal | None) -> str | None:
    """Text of an amount of rupiah.

    >>> money(Decimal("79691100")), money(None)
    ('79691100.00', None)
    """
    return None if value is None else format(value, ".2f")


def amount(text: str | None) -> Decimal | None:
    """Inverse of `money`."""
    return None if text is None else Decimal(text)


def total(texts: Iterable[str | None]) -> Decimal:
    """Sum of the amounts that are known."""
    return sum((Decimal(text) for text in texts if text is not None), Decimal(0))
