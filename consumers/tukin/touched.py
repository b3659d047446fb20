"""From which day on new facts can change a computed month: what lies before need not be computed again. Pure.

Each close looks at all earlier months again (R29); without this a year would be 78 months a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bus.rows import Fact
from consumers.tukin.known import Closed, punch_of_key
from consumers.tukin.policy import Book

__all__ = ["first_day", "policies_since", "punches_since"]


def first_day(facts: Iterable[Fact]) -> date:
    """The earliest day that some facts speak of; any fact that may reach back counts from the beginning."""
    return min(map(_day, facts), default=date.max)


def _day(fact: Fact) -> date:
    parts = fact.key.split("|")
    match fact.event:
        case "AttendancePunched":
            return punch_of_key(fact.key).time.date()
        case "DutyRostered":
            return date.fromisoformat(parts[1])
        case "CalendarDayDeclared":
            return date.fromisoformat(parts[0])
        case "ClassAmountSet":
            return date.fromisoformat(parts[2])
        case "MonthClosed":
            return date.max
        case _:
            return date.min


def punches_since(facts: Iterable[Fact], before: Closed, now: Closed) -> date:
    """The earliest day of a punch that lay in the future at one close and not at another, or the other way round."""
    low, high = sorted((before.as_of, now.as_of))
    times = (punch_of_key(fact.key).time for fact in facts if fact.event == "AttendancePunched")
    return min((time.date() for time in times if low < time <= high), default=date.max)


def policies_since(book: Book, before: Closed, now: Closed) -> date:
    """The first day of a policy that was promulgated between two closes."""
    low, high = sorted((before.on, now.on))
    return min((one.berlaku for one in book.policies if low < one.diundangkan <= high), default=date.max)
