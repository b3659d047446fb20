"""How the rules read texts: blanks, numbers of documents, dates, amounts. Pure and total.

Source: ``integrity-rules`` section 0. A text that is no date or no amount counts as a blank one: what can't be
read was rejected when it was taken in.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from schemas.times import calendar_date
from schemas.values import Wrong, is_blank, squeeze

__all__ = ["ZERO", "day", "decimal", "differs", "digits", "exceeds", "nips", "norm", "plain", "true"]

ZERO = Decimal(0)
_NEAR = Decimal("1.00")
"""Rupiah: "differs" and "exceeds" mean by more."""

_NO_DIGIT = re.compile(r"[^0-9]")
_NIP_RUN = re.compile(r"(?<!\d)\d{18}(?!\d)", re.ASCII)


def norm(text: str | None) -> str:
    """Normalise a document's number: no white space, upper case; a blank one is empty.

    >>> norm(" 027 / 07/ spk"), norm(" - ")
    ('027/07/SPK', '')
    """
    return "" if is_blank(text) else squeeze(text)


def digits(text: str | None) -> str:
    """The digits 0-9 of a text.

    >>> digits("01.234-5")
    '012345'
    """
    return _NO_DIGIT.sub("", text) if text else ""


def day(text: str | None) -> date | None:
    """Calendar date as written, without zone shift; None = blank."""
    if text is None or is_blank(text):
        return None
    found = calendar_date(text)
    return None if isinstance(found, Wrong) else found


def decimal(text: str | None) -> Decimal | None:
    """A number; None = blank.

    >>> decimal("12.50"), decimal("-")
    (Decimal('12.50'), None)
    """
    if text is None or is_blank(text):
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def exceeds(left: Decimal, right: Decimal) -> bool:
    """Left is above right by more than one rupiah."""
    return left - right > _NEAR


def differs(left: Decimal, right: Decimal) -> bool:
    """The two are more than one rupiah apart."""
    return abs(left - right) > _NEAR


def plain(text: str | None) -> str:
    """A month or version as a plain integer where it is one, else as written.

    >>> plain("03"), plain("2.0"), plain("x")
    ('3', '2', 'x')
    """
    number = decimal(text)
    if number is not None and number == number.to_integral_value():
        return str(int(number))
    return (text or "").strip()


def true(text: str | None) -> bool:
    """A flag that is set."""
    return (text or "").strip().lower() in ("true", "1")


def nips(text: str | None) -> set[str]:
    """Runs of exactly 18 digits."""
    return set(_NIP_RUN.findall(text or ""))
