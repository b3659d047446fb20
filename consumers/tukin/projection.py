"""TUKIN as a consumer: a node is an employee; PINs, excuses and sanctions are parts that name employees.

Months come from the facts themselves: every month that was closed, and the open one after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from bus.linked import Links, refresh
from bus.projection import Projection, ViewRow
from bus.rows import Fact, KeyRows, content_by
from consumers.tukin.days import Day
from consumers.tukin.known import Closed, Decode, Shared, closes_of, owner_facts, remembering, shared_at
from consumers.tukin.month import Known, Month, compute
from consumers.tukin.settle import Account, Line, settle
from consumers.tukin.statement import line_document
from consumers.tukin.touched import first_day, policies_since, punches_since
from consumers.tukin.values import BadInput, month_days, month_of, percent_text
from schemas import Codec, Malformed

__all__ = ["LINKS", "TUKIN", "Ledger", "Settled"]

_EVENTS = (
    "EmployeeListed", "DutyRostered", "AttendancePunched", "PinAssigned", "ExcuseFiled", "SanctionImposed",
    "CalendarDayDeclared", "ClassAmountSet", "PolicyPublished", "PolicyBookPublished", "MonthClosed",
)  # fmt: skip
_SHARED = "all"
_OWNER = "staf:"
_FOR_EVER = datetime.combine(date.max, time())


_PARTS = {"EmployeeListed": 2, "DutyRostered": 2, "AttendancePunched": 3, "PinAssigned": 3}
"""Parts of the keys from which a node is taken."""


def _node(event: str, key: str) -> str:
    """Node of an event: the employee, a part that names one, or what concerns all.

    Raises:
        Malformed: terminal; the key is of another shape.
    """
    parts = key.split("|")
    if len(parts) != _PARTS.get(event, len(parts)):
        raise Malformed(f"the key of {event} has {_PARTS[event]} parts, and this one is not such a key")
    match event:
        case "EmployeeListed" | "DutyRostered":
            return f"{_OWNER}{parts[0]}"
        case "AttendancePunched" | "PinAssigned":
            return f"pin:{parts[1]}"
        case "ExcuseFiled":
            return f"excuse:{key}"
        case "SanctionImposed":
            return f"sanction:{key}"
        case _:
            return _SHARED


@dataclass(frozen=True, slots=True)
class Settled:
    """A person's line of a closed month, or why there is none."""

    closed: Closed
    line: Line | None
    known: Known | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All closes, and what concerns all employees as known at each: made once for many employees."""

    decode: Decode
    shared: Sequence[Fact]
    closes: Sequence[Closed]
    _shared_decode: Decode
    _at: dict[int | None, Shared] = field(default_factory=dict)

    @classmethod
    def of(cls, shared: Sequence[Fact], codec: Codec) -> Ledger:
        """The ledger of some shared facts."""
        decode = content_by(codec)
        remembered = remembering(decode)
        return cls(decode, shared, closes_of(shared, remembered), remembered)

    def shared_at(self, before_ms: int | None) -> Shared:
        """What concerned all employees before a moment."""
        if before_ms not in self._at:
            self._at[before_ms] = shared_at(self.shared, before_ms, self._shared_decode)
        return self._at[before_ms]

    def settled(self, nip: str, facts: Sequence[Fact]) -> Iterator[Settled]:
        """Lines of all closed months, each from what was recorded before its close (R29)."""
        account, decode = Account(), remembering(self.decode)
        months: dict[str, Month] = {}
        before: Closed | None = None
        for closed in self.closes:
            try:
                known = self._known(facts, closed, decode)
                if before is not None:
                    first = self._touched(facts, before, closed) - timedelta(days=known.book.reach)
                    months = {month: one for month, one in months.items() if month_days(month)[-1] < first}
                before = closed
                if nip not in known.facts.employees:
                    account = Account({**account.settled, closed.month: 0}, account.carry_rp)
                    continue
                line, account = settle(known, nip, closed.month, account, partial(_again, months))
            except BadInput as error:
                before, months = closed, {}
                account = Account({**account.settled, closed.month: 0}, account.carry_rp)
                yield Settled(closed, None, None, str(error))
                continue
            months[closed.month] = line.month
            yield Settled(closed, line, known)

    def _touched(self, facts: Sequence[Fact], before: Closed, closed: Closed) -> date:
        """The first day that may differ between two closes, but for what windows reach over."""
        low, high = before.recorded_ms, closed.recorded_ms
        new = (fact for fact in (*facts, *self.shared) if low <= fact.recorded_ms < high)
        book = self.shared_at(high).book
        days = (first_day(new), punches_since(facts, before, closed), policies_since(book, before, closed))
        return max(min(days), date.min + timedelta(days=book.reach))

    def _known(self, facts: Sequence[Fact], closed: Closed, decode: Decode) -> Known:
        shared = self.shared_at(closed.recorded_ms)
        own = owner_facts(facts, closed.recorded_ms, shared, decode)
        return Known.at(own, shared.book, closed.on, closed.as_of)

    def rows(self, owner: str, facts: Sequence[Fact]) -> Iterator[ViewRow]:
        """View rows of an employee: closed months, and the days of the open one."""
        nip = owner.removeprefix(_OWNER)
        for settled in self.settled(nip, facts):
            body, unit = _line(nip, settled)
            yield ViewRow("tukin_lines", f"unit:{unit}", body, {"close": settled.closed.recorded_ms})
        try:
            yield from self._open(nip, facts)
        except BadInput as error:
            yield ViewRow("tukin_open", None, {"nip": nip, "problem": str(error)}, {})

    def _open(self, nip: str, facts: Sequence[Fact]) -> Iterator[ViewRow]:
        """Days so far of the month after the last close; before any close, of the first month with a punch."""
        shared = self.shared_at(None)
        own = owner_facts(facts, None, shared, remembering(self.decode))
        known = Known.at(own, shared.book, date.max, _FOR_EVER)
        punches = known.identified.punches.get(nip, ())
        if self.closes:
            month = month_of(month_days(self.closes[-1].month)[-1] + timedelta(days=1))
        elif punches:
            month = month_of(punches[0].time.date())
        else:
            return
        days = month_days(month)
        mine = [punch.time for punch in punches if days[0] <= punch.time.date() <= days[-1]]
        if not mine:
            return
        until = max(mine).date()
        known = Known.at(own, shared.book, days[-1], datetime.combine(days[-1] + timedelta(days=1), time.max))
        judged = [day for day in compute(known, nip, month).days if day.date <= until and day.duty]
        body = {"nip": nip, "month": month, "until": until.isoformat(), "days": [_day(day) for day in judged]}
        yield ViewRow("tukin_open", None, body, {})


def _again(months: dict[str, Month], known: Known, nip: str, month: str) -> Month:
    """A month computed before that nothing new touches, or computed again."""
    if month not in months:
        months[month] = compute(known, nip, month)
    return months[month]


def _line(nip: str, settled: Settled) -> tuple[dict[str, Any], str]:
    closed = {"month": settled.closed.month, "closed_on": settled.closed.on.isoformat()}
    if settled.line is None:
        return {"nip": nip, **closed, "problem": settled.problem}, ""
    row = settled.line.governed[0]
    document = line_document(settled.line)
    told = {name: value for name, value in document.items() if name not in ("days", "trace", "month_items")}
    unit = row.unit if row else ""
    return {**closed, "unit": unit, **told}, unit


def _day(day: Day) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "status": day.status,
        "late_min": day.late_min,
        "early_min": day.early_min,
        "cut_pct": percent_text(day.cut),
    }


def _names(_event: str, columns: Mapping[str, Any]) -> str:
    return f"{_OWNER}{columns.get('nip') or ''}"


def _derive(node: str, keys: Sequence[KeyRows]) -> Iterable[ViewRow]:
    message = f"{node} ({len(keys)} keys): an employee's rows need its parts, so the refresher derives them"
    raise NotImplementedError(message)


LINKS = Links(
    shared=_SHARED,
    owner=_OWNER,
    naming=("PinAssigned", "ExcuseFiled", "SanctionImposed"),
    names=_names,
    reader=Ledger.of,
)

TUKIN = Projection(
    name="tukin",
    reads=dict.fromkeys(_EVENTS, ()),
    node=_node,
    derive=_derive,
    views=("tukin_lines", "tukin_open"),
    refresher=partial(refresh, LINKS),
)
