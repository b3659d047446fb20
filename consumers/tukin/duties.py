"""Second stage: on which days a person has a duty, and which punches can belong to it (R6 to R8). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from consumers.tukin.facts import Employee, Facts
from consumers.tukin.policy import Book, Overlay, Policy
from consumers.tukin.values import use

__all__ = ["Duty", "Person"]

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty and the window whose punches count for it; both ends inclusive, but t < ``before`` where it is cut.

    Attributes:
        roster: it comes from a roster row.
    """

    start: datetime
    end: datetime
    roster: bool
    opens: datetime
    closes: datetime
    before: datetime | None = None

    @property
    def mid(self) -> datetime:
        """From here on a punch is an out."""
        return self.start + (self.end - self.start) / 2

    def takes(self, moment: datetime) -> bool:
        """Tell whether a punch lies in the window."""
        return self.opens <= moment <= self.closes and (self.before is None or moment < self.before)


@dataclass(frozen=True, slots=True)
class Person:
    """One employee as known at a close: rows, policies and duties by day, each worked out once."""

    facts: Facts
    book: Book
    close: date
    nip: str
    _rows: dict[date, Employee | None] = field(default_factory=dict)
    _duties: dict[date, Duty | None] = field(default_factory=dict)

    def row(self, day: date) -> Employee | None:
        """R6: the employee row of a day; None = not active."""
        if day not in self._rows:
            fit = [row for row in self.facts.employees.get(self.nip, ()) if _holds(row, day)]
            self._rows[day] = fit[-1] if fit else None
        return self._rows[day]

    def policy(self, day: date) -> Policy | None:
        """The complete policy of a day (R22)."""
        return self.book.main(day, self.close, self._unit(day))

    def overlay(self, day: date) -> Overlay | None:
        """The overlay of a day (R22)."""
        return self.book.overlay(day, self.close, self._unit(day))

    def _unit(self, day: date) -> str:
        """Unit of a day; of one who is not active then, the unit of the last row that had begun."""
        rows = self.facts.employees.get(self.nip, ())
        row = self.row(day) or next((one for one in reversed(rows) if one.tmt_start <= day), None)
        return row.unit if row else ""

    def has_duty(self, day: date) -> bool:
        """R7: whether a day is a duty day; needs no policy."""
        row = self.row(day)
        if row is None:
            return False
        listed = self.facts.roster.get(self.nip, {}).get(day)
        if listed is not None:
            return listed.shift
        return not row.shift and office_day(self.facts, day)

    def duty(self, day: date) -> Duty | None:
        """R7, R8: the duty that starts on a day, its window cut where the next one's or the last one's touches it."""
        duty = self._whole(day)
        if duty is None:
            return None
        reach = self.book.reach
        earlier = next((one for back in range(1, reach) if (one := self._whole(day - back * _DAY))), None)
        later = next((one for ahead in range(1, reach) if (one := self._whole(day + ahead * _DAY))), None)
        if earlier is not None and earlier.closes >= duty.opens:
            duty = replace(duty, opens=max(duty.opens, _middle(earlier, duty)))
        if later is not None and duty.closes >= later.opens:
            duty = replace(duty, before=_middle(duty, later))
        return duty

    def _whole(self, day: date) -> Duty | None:
        if day not in self._duties:
            self._duties[day] = self._uncut(day) if self.has_duty(day) else None
        return self._duties[day]

    def _uncut(self, day: date) -> Duty | None:
        policy = self.policy(day)
        if policy is None:
            return None
        midnight = datetime.combine(day, time())
        listed = self.facts.roster.get(self.nip, {}).get(day)
        if listed is None:
            known = self.facts.calendar.get(day)
            hours = (policy.ramadan if known and "ramadan" in known.kinds else policy.normal).on(day)
            opens, closes = midnight + policy.window.open, midnight + policy.window.close
            return Duty(midnight + hours.start, midnight + hours.end, roster=False, opens=opens, closes=closes)
        start, end = midnight + use(listed.start), midnight + use(listed.end)
        end = end if end > start else end + _DAY
        opens, closes = start - policy.window.shift_before, end + policy.window.shift_after
        return Duty(start, end, roster=True, opens=opens, closes=closes)


def office_day(facts: Facts, day: date) -> bool:
    """Monday to Friday, neither libur nor cuti bersama."""
    known = facts.calendar.get(day)
    return day.weekday() < _SATURDAY and not (known and known.kinds & {"libur", "cuti_bersama"})


def _holds(row: Employee, day: date) -> bool:
    last = use(row.tmt_end)
    return row.tmt_start <= day and (last is None or day <= last)


def _middle(earlier: Duty, later: Duty) -> datetime:
    return earlier.end + (later.start - earlier.end) / 2
