"""Small exact values of pay: dates, clocks, amounts, percents, rounding. Pure; no binary floats."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TypeAlias, TypeVar

__all__ = [
    "BadInput",
    "Read",
    "Unreadable",
    "half_up",
    "local_time",
    "month_days",
    "month_of",
    "parsed",
    "percent_text",
    "read_clock",
    "read_day",
    "read_month",
    "read_percent",
    "read_rupiah",
    "read_whole",
    "use",
]

T = TypeVar("T")

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:(Z)|([+-])(\d\d):([0-5]\d))?", re.ASCII)
_PERCENT = re.compile(r"\d{1,9}(?:\.\d{1,12})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)

_WITA = timedelta(hours=8)
"""Local time of the rules (R2): UTC+8, no summer time."""


class BadInput(Exception):
    """A case or a policy can't be used; the message names file, place and remedy, and shows no personal data."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that can't be read. It stops the work only where somebody needs it (section F)."""

    place: str
    column: str
    why: str


Read: TypeAlias = T | Unreadable
"""A value, or what is wrong with it."""


def use(value: T | Unreadable) -> T:
    """Take a value that is needed now.

    Raises:
        BadInput: it can't be read.
    """
    if isinstance(value, Unreadable):
        raise BadInput(f"{value.place}: {value.column} {value.why}. Correct it and run again.")
    return value


def read_day(text: str) -> date | str:
    """Read ``YYYY-MM-DD``; else say what is wrong."""
    if not _DAY.fullmatch(text):
        return "is no date YYYY-MM-DD" if text else "is blank"
    try:
        return date.fromisoformat(text)
    except ValueError:
        return "is no day of the calendar"


def read_clock(text: str) -> timedelta | str:
    """Read ``HH:MM[:SS]`` as time since midnight; else say what is wrong."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return "is no time HH:MM" if text else "is blank"
    return timedelta(hours=int(match[1]), minutes=int(match[2]), seconds=int(match[3] or 0))


def read_whole(text: str) -> int | str:
    """Read a whole number; else say what is wrong."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return "is no whole number" if text else "is blank"


def read_rupiah(text: str) -> int | str:
    """Read whole rupiah; decimals are fine while they are zero."""
    whole, point, rest = text.partition(".")
    if point and (rest.strip("0") or not rest):
        return "is no whole rupiah amount"
    found = read_whole(whole)
    return "is no whole rupiah amount" if found == "is no whole number" else found


def read_percent(text: str) -> Fraction | str:
    """Read a decimal as an exact fraction of the whole: ``12.5`` = 1/8."""
    if _PERCENT.fullmatch(text):
        return Fraction(text) / 100
    return "is no percent" if text else "is blank"


def read_month(text: str) -> str:
    """Read ``YYYY-MM``.

    Raises:
        ValueError: it is none.
    """
    if not _MONTH.fullmatch(text):
        message = f'"{text}" is no month YYYY-MM'
        raise ValueError(message)
    return text


def local_time(text: str) -> datetime | None:
    """Read a punch's time as local WITA time, to the second (R2, R3); None if it is none.

    >>> local_time("2025-03-25T14:10:00.9+07:00")
    datetime.datetime(2025, 3, 25, 15, 10)
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, hour, minute, second, utc, sign, off_hours, off_minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}")
        if utc or sign:
            offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
            if offset >= timedelta(days=1):
                return None
            moment += _WITA + (offset if sign == "-" else -offset)
    except (ValueError, OverflowError):
        return None
    return moment


def half_up(value: Fraction | int) -> int:
    """R31: half up to the rupiah.

    >>> half_up(Fraction(5, 2)), half_up(Fraction(-5, 2)), half_up(Fraction(149, 100))
    (3, -2, 1)
    """
    if isinstance(value, int):
        return value
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


_PLACES = 10**6


def percent_text(share: Fraction | int) -> str:
    """Show a share as percent with at most six decimals, half up.

    >>> percent_text(Fraction(1, 80)), percent_text(Fraction(7, 6000)), percent_text(0)
    ('1.25', '0.116667', '0')
    """
    whole, rest = divmod(half_up(Fraction(share) * 100 * _PLACES), _PLACES)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".") if rest else str(whole)


def month_of(day: date) -> str:
    """Month of a date, ``YYYY-MM``."""
    return f"{day.year:04}-{day.month:02}"


def month_days(month: str) -> list[date]:
    """All dates of a month ``YYYY-MM``, ascending."""
    first = date.fromisoformat(f"{month}-01")
    days = [first + timedelta(days=number) for number in range(31)]
    return [day for day in days if day.month == first.month]


def parsed(text: str, place: str, column: str, read: Callable[[str], T | str]) -> T | Unreadable:
    """Read a cell, or tell where it can't be read."""
    found = read(text)
    return Unreadable(place, column, found) if isinstance(found, str) else found
