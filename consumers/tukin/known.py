"""Facts of the log as the engine takes them: what was known before a moment, by rows and current rows. Pure.

The same tables as a case folder: every event of pay carries the columns of its table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bus.rows import Fact, rows_of
from consumers.tukin.facts import Facts, Punch, Row, gather, plain_pin
from consumers.tukin.lines import with_lines
from consumers.tukin.loader import read_policies
from consumers.tukin.policy import Book
from consumers.tukin.values import BadInput, read_day

__all__ = [
    "Closed",
    "Decode",
    "Shared",
    "closes_of",
    "owner_facts",
    "punch_of_key",
    "remembering",
    "shared_at",
]

TABLES = {
    "EmployeeListed": "employees",
    "PinAssigned": "pins",
    "CalendarDayDeclared": "calendar",
    "DutyRostered": "roster",
    "ExcuseFiled": "excuses",
    "SanctionImposed": "sanctions",
    "ClassAmountSet": "class_amounts",
}
"""Table of the rule sheet that an event is a row of."""

_PINS = {"sn": "device", "berlaku_mulai": "valid_from", "berlaku_sampai": "valid_to"}
_WITA = timedelta(hours=8)

Decode = Callable[[Fact], Mapping[str, str]]


@dataclass(frozen=True, slots=True, order=True)
class Closed:
    """A month that was closed: what was recorded before ``recorded_ms`` counts."""

    month: str
    on: date
    as_of: datetime
    recorded_ms: int


@dataclass(frozen=True, slots=True)
class Shared:
    """What concerns all employees, as known at a moment."""

    facts: Facts
    book: Book


def remembering(decode: Decode) -> Decode:
    """Decode each event once, as long as this is kept."""
    known: dict[str, Mapping[str, str]] = {}

    def remembered(fact: Fact) -> Mapping[str, str]:
        if fact.event_id not in known:
            known[fact.event_id] = decode(fact)
        return known[fact.event_id]

    return remembered


def rows_by_table(facts: Iterable[Fact], decode: Decode) -> dict[str, list[Row]]:
    """The current row of each key, by table; an event's key stands as its place."""
    tables: dict[str, list[Row]] = {}
    for keyed in rows_of(facts, decode, decode):
        table = TABLES.get(keyed.event)
        if table is not None:
            columns: Mapping[str, Any] = keyed.current.columns
            cells = {_PINS.get(name, name): str(text) for name, text in columns.items()}
            tables.setdefault(table, []).append(Row(cells, f"event {keyed.current.event_id}"))
    return tables


def owner_facts(facts: Sequence[Fact], before_ms: int | None, shared: Shared, decode: Decode) -> Facts:
    """Facts of one employee and its parts, recorded before a moment (None: all), beside the shared ones."""
    known = [fact for fact in facts if before_ms is None or fact.recorded_ms < before_ms]
    punches = {punch_of_key(fact.key) for fact in known if fact.event == "AttendancePunched"}
    rest = [fact for fact in known if fact.event != "AttendancePunched"]
    found = gather(rows_by_table(rest, decode), punches)
    return Facts(
        punches=found.punches,
        employees=found.employees,
        pins=found.pins,
        roster=found.roster,
        excuses=found.excuses,
        sanctions=found.sanctions,
        calendar=shared.facts.calendar,
        amounts=shared.facts.amounts,
    )


def shared_at(facts: Sequence[Fact], before_ms: int | None, decode: Decode) -> Shared:
    """Calendar, amounts and policies recorded before a moment (None: all).

    Raises:
        BadInput: a policy or a row can't be used.
    """
    known = [fact for fact in facts if before_ms is None or fact.recorded_ms < before_ms]
    policies = [fact for fact in known if fact.event == "PolicyPublished"]
    book = Book()
    for keyed in rows_of(policies, decode, decode):
        current = keyed.current
        book = book.with_policies(read_policies(str(current.columns["isi"]), f"event {current.event_id}"))
    for keyed in rows_of([fact for fact in known if fact.event == "PolicyBookPublished"], decode, decode):
        current = keyed.current
        book = with_lines(book, str(current.columns["isi"]), f"event {current.event_id}")
    return Shared(gather(rows_by_table(known, decode)), book)


def closes_of(facts: Iterable[Fact], decode: Decode) -> list[Closed]:
    """Every closed month once, by its first close, ascending."""
    first: dict[str, Closed] = {}
    for fact in facts:
        if fact.event == "MonthClosed":
            columns = decode(fact)
            on = read_day(columns["closed_on"])
            if isinstance(on, str):
                raise BadInput(f"event {fact.event_id}: closed_on {on}. Discard the event.")
            as_of = datetime.fromisoformat(columns.get("as_of") or f"{on}T23:59:59")
            one = Closed(columns["month"], on, as_of, fact.recorded_ms)
            known = first.get(one.month)
            first[one.month] = one if known is None or one.recorded_ms < known.recorded_ms else known
    return sorted(first.values())


def punch_of_key(key: str) -> Punch:
    """The punch that an event's key ``device|pin|UTC time`` names, in local time."""
    device, pin, moment = (part.replace("%7C", "|") for part in key.split("|"))
    return Punch(datetime.fromisoformat(moment[:19]) + _WITA, device, plain_pin(pin))
