"""How soon after they happened events arrive, and what was heard last: by unit and type. Pure.

An event's delay is in calendar days WITA, from the day that it happened to the day that its source first stated it.
What a key's export says again, or in another order, changes nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from bus.rows import Fact
from consumers.chain.due import Due
from schemas.times import iso
from schemas.values import KodeUnit, Wrong, version_order

__all__ = ["Pace", "Paced", "paces", "quantile"]

_UNITS = ("kode_sub_skpd", "kd_satker_str", "kode_skpd", "kd_satker")
_VIA = {"kode_sbl": "AnnualPlanSet", "id_indikator": "AgreementSigned"}
"""Columns that lead to a unit where a row states none, and the type that says whose they are."""
Owners = dict[tuple[str, str], str]
"""Units by such a column and its value; each is the key of one object, so it has one current row."""
_OBSERVED = len("2025-01-01T00:00:00.000Z")


class Paced(NamedTuple):
    """What a pace is of; no unit = the row states none that can be followed."""

    unit: str | None
    event: str


@dataclass(slots=True)
class Pace:
    """Arrivals of one type from one unit.

    Attributes:
        events: contents that were stated.
        days: how many of them came after how many days; those without event time are not among them.
        last_event: latest day on which something happened.
        last_heard: latest day on which something was stated.
        judged: reports for which a term is declared, and how many of them were in time.
    """

    events: int = 0
    days: Counter[int] = field(default_factory=Counter)
    last_event: date | None = None
    last_heard: date | None = None
    judged: int = 0
    in_time: int = 0

    def add(self, other: Pace) -> None:
        """Take another one in."""
        self.events += other.events
        self.days.update(other.days)
        self.last_event = _later(self.last_event, other.last_event)
        self.last_heard = _later(self.last_heard, other.last_heard)
        self.judged += other.judged
        self.in_time += other.in_time


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def quantile(days: Mapping[int, int], share: float) -> int | None:
    """Smallest number of days within which at least a share came (nearest rank); None = nothing came.

    >>> quantile({0: 5, 2: 4, 30: 1}, 0.5), quantile({0: 5, 2: 4, 30: 1}, 0.9), quantile({}, 0.5)
    (0, 2, None)
    """
    wanted, so_far = share * sum(days.values()), 0
    for day in sorted(days):
        so_far += days[day]
        if so_far >= wanted:
            return day
    return None


def paces(
    facts: Iterable[Fact],
    columns: Callable[[Fact], Mapping[str, Any]],
    due: Mapping[str, Due],
    until: date,
) -> dict[Paced, Pace]:
    """Arrivals by unit and type.

    Args:
        facts: grouped by node, each event once, read once.
        columns: content of a fact.
        due: terms by type.
        until: last day that ``last_event`` looks at: what is dated ahead says nothing of the past.

    Memory: a counter of days for each unit, sub kegiatan, indicator and type.
    """
    found: dict[tuple[str, str, str], Pace] = defaultdict(Pace)
    owners: Owners = {}
    for _, members in groupby(facts, key=attrgetter("node")):
        for (event, _), rows in _by_key(members).items():
            told = columns(rows[-1])
            _note_owner(owners, event, told)
            via, name = _owner(told)
            found[event, via, name].add(_pace(rows, told, due.get(event), until))
    merged: dict[Paced, Pace] = defaultdict(Pace)
    for (event, via, name), pace in found.items():
        unit = name if via == "unit" else owners.get((via, name))
        merged[Paced(unit or None, event)].add(pace)
    return dict(merged)


def _by_key(members: Iterable[Fact]) -> Mapping[tuple[str, str], list[Fact]]:
    """First statement of each content, by type and key; the greatest version last."""
    first: dict[tuple[str, str, str, str], Fact] = {}
    for fact in members:
        name = (fact.event, fact.key, fact.version, fact.digest)
        if name not in first or fact.observed < first[name].observed:
            first[name] = fact
    keys: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in first.values():
        keys[fact.event, fact.key].append(fact)
    for rows in keys.values():
        rows.sort(key=lambda fact: (version_order(fact.version), fact.digest))
    return keys


def _owner(told: Mapping[str, Any]) -> tuple[str, str]:
    """Unit that a row states, else what leads to one."""
    for column in _UNITS:
        unit = KodeUnit.parse(str(told.get(column) or ""))
        if not isinstance(unit, Wrong):
            return "unit", unit.code
    return next(((column, str(told[column])) for column in _VIA if told.get(column)), ("", ""))


def _note_owner(owners: Owners, event: str, told: Mapping[str, Any]) -> None:
    for column, source in _VIA.items():
        unit = KodeUnit.parse(str(told.get("kode_sub_skpd") or "")) if event == source else None
        if isinstance(unit, KodeUnit) and told.get(column):
            owners[column, str(told[column])] = unit.code


def _pace(rows: list[Fact], told: Mapping[str, Any], due: Due | None, until: date) -> Pace:
    """Arrivals of one key."""
    heard = [_heard(fact) for fact in rows]
    happened = [None if fact.event_ms is None else date.fromisoformat(iso(fact.event_ms)[:10]) for fact in rows]
    pairs = zip(heard, happened, strict=True)
    pace = Pace(
        events=len(rows),
        days=Counter((came - was).days for came, was in pairs if was is not None),
        last_event=_last(happened, until),
        last_heard=max(heard),
    )
    last = due.on(told) if due is not None else None
    if last is not None:
        pace.judged, pace.in_time = 1, int(min(heard) <= last)
    return pace


def _last(days: Iterable[date | None], until: date) -> date | None:
    return max((day for day in days if day is not None and day <= until), default=None)


def _heard(fact: Fact) -> date:
    moment = datetime.fromisoformat(fact.observed[:_OBSERVED]).astimezone(UTC)
    return date.fromisoformat(iso(int(moment.timestamp() * 1000))[:10])
