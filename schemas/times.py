"""Times as sources write them: local, in several styles, some with a false ``Z``.

Inside the bus an instant is an ``int`` of milliseconds since 1970-01-01T00:00:00Z.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.values import Wrong

__all__ = ["WITA", "calendar_date", "end_of_day", "instant", "iso", "parse_asked", "utc_text", "zone_named"]

WITA = timezone(timedelta(hours=8), "WITA")
"""Asia/Makassar, UTC+8 without summer time: the province's own time."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?", re.ASCII
)
_INDONESIAN = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4})(?:[ T](\d\d):(\d\d)(?::(\d\d))?)?", re.ASCII)
_ENGLISH = re.compile(r"([A-Za-z]{3})[a-z]* (\d{1,2}), (\d{4})(?:,? (\d{1,2}):(\d\d):(\d\d)\s?([AP]M))?", re.ASCII)


@lru_cache(maxsize=4096)
def _parse(text: str) -> tuple[datetime, str] | Wrong:
    """Parse into a naive local time and the offset text as written (empty if none)."""
    text = text.strip()
    offset = ""
    try:
        if match := _ISO.fullmatch(text):
            year, month, day, hour, minute, second, fraction, offset_text = match.groups()
            micro = int((fraction[1:] + "00000")[:6]) if fraction else 0
            stamp = datetime(  # noqa: DTZ001 - local on purpose
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micro
            )
            offset = offset_text or ""
        elif match := _INDONESIAN.fullmatch(text):
            day, month, year, hour, minute, second = match.groups()
            stamp = datetime(  # noqa: DTZ001
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0)
            )
        elif match := _ENGLISH.fullmatch(text):
            name, day, year, hour, minute, second, half = match.groups()
            hours = int(hour or 12) % 12 + (12 if half == "PM" else 0)
            if int(hour or 12) > 12:  # noqa: PLR2004 - a 12-hour clock
                return Wrong(text, "is not a time of a 12-hour clock")
            month_number = _MONTHS.index(name.lower()) + 1
            stamp = datetime(int(year), month_number, int(day), hours, int(minute or 0), int(second or 0))  # noqa: DTZ001
        else:
            return Wrong(text, "is not a date such as 2025-07-03, 03-07-2025 or Jul 3, 2025")
    except ValueError as error:
        return Wrong(text, f"is no date of the calendar ({error})")
    return stamp, offset


def calendar_date(text: str) -> date | Wrong:
    """Read the calendar date as written, without any zone shift.

    >>> calendar_date("Jul 3, 2025, 12:00:00AM"), calendar_date("03-07-2025").day
    (datetime.date(2025, 7, 3), 3)
    """
    parsed = _parse(text)
    return parsed if isinstance(parsed, Wrong) else parsed[0].date()


@lru_cache(maxsize=64)
def zone_named(name: str) -> ZoneInfo | Wrong:
    """Find a time zone by its IANA name, or by the Indonesian WIB, WITA, WIT."""
    known = {"WIB": "Asia/Jakarta", "WITA": "Asia/Makassar", "WIT": "Asia/Jayapura"}
    try:
        return ZoneInfo(known.get(name.upper(), name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Wrong(name, "is no time zone; use a name such as Asia/Makassar")


@lru_cache(maxsize=16384)
def instant(text: str, zone: ZoneInfo, *, trust_offset: bool = False) -> int | Wrong:
    """Read a source's time as an instant in milliseconds UTC; a bare date is 00:00.

    Args:
        text: as the source wrote it.
        zone: the zone that the source's clock shows.
        trust_offset: read an offset that the text carries; else it is ignored, since ISB writes a
            false ``Z`` behind local times.

    >>> instant("2025-03-11T00:00:00.000000Z", ZoneInfo("Asia/Jakarta")) == instant(
    ...     "Mar 11, 2025, 01:00:00AM", ZoneInfo("Asia/Makassar"))
    True
    """
    parsed = _parse(text)
    if isinstance(parsed, Wrong):
        return parsed
    stamp, offset = parsed
    try:
        if trust_offset and offset:
            aware = datetime.fromisoformat(stamp.isoformat() + offset)
        else:
            aware = stamp.replace(tzinfo=zone)
        moment = _milliseconds(aware)
    except (ValueError, OverflowError):
        return Wrong(text, _OUTSIDE)
    return moment if _FIRST <= moment < _LAST else Wrong(text, _OUTSIDE)


def _milliseconds(aware: datetime) -> int:
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


_FIRST = _milliseconds(datetime(1, 1, 2, tzinfo=UTC))
_LAST = _milliseconds(datetime(9999, 12, 31, 16, tzinfo=UTC))
"""Instants that UTC and WITA can both write; ``0001-01-01``, the null of some programs, is none."""
_OUTSIDE = "is outside the calendar"


def parse_asked(text: str) -> int | Wrong:
    """Read a time that a person asked for: a bare date means the end of that day, WITA, inclusive.

    >>> iso(parse_asked("2025-12-31"))
    '2025-12-31T23:59:59.999+08:00'
    """
    parsed = _parse(text)
    if isinstance(parsed, Wrong):
        return parsed
    if ":" not in text:
        return end_of_day(parsed[0].date())
    return instant(text, ZoneInfo("Asia/Makassar"), trust_offset=True)


def end_of_day(day: date) -> int:
    """Last millisecond of a day, WITA."""
    return _milliseconds(datetime(day.year, day.month, day.day, tzinfo=WITA)) + 86_400_000 - 1


def _moment(milliseconds: int, zone: timezone) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC).astimezone(zone) + timedelta(milliseconds=milliseconds)


def iso(milliseconds: int) -> str:
    """Write an instant as ISO 8601 with milliseconds and the province's offset."""
    return _moment(milliseconds, WITA).isoformat(timespec="milliseconds")


def utc_text(milliseconds: int) -> str:
    """Write an instant as fixed-width UTC text, which sorts as the instants do."""
    return _moment(milliseconds, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
