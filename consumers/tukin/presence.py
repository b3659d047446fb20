"""Third stage: the in and the out of a duty, from punches and manual entries (R8, R9). Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from consumers.tukin.duties import Duty
from consumers.tukin.facts import Excuse, Punch
from consumers.tukin.values import use

__all__ = ["Presence", "presence"]

_REASONS = ("alat_rusak", "belum_terdaftar", "kahar")
_HALF_DAY = timedelta(hours=12)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Presence:
    """When a person came and went, and the facts that say so."""

    arrived: datetime | None = None
    left: datetime | None = None
    facts: tuple[str, ...] = ()


def presence(duty: Duty, day: date, punches: Sequence[Punch], excuses: Sequence[Excuse]) -> Presence:
    """In and out of a duty.

    Args:
        duty: with its window.
        day: its start date.
        punches: of the person, in time order.
        excuses: approved ones of the person.
    """
    mine, mid = list(_inside(duty, punches)), duty.mid
    ins = [(punch.time, _name(punch)) for punch in mine if punch.time < mid]
    outs = [(punch.time, _name(punch)) for punch in mine if punch.time >= mid]
    for excuse in excuses:
        if excuse.kind == "manual_in" and _counts(excuse, day):
            moment = datetime.combine(day, time()) + use(excuse.time)
            ins.append((moment + _DAY if duty.start - moment > _HALF_DAY else moment, excuse.id))
        elif excuse.kind == "manual_out" and _counts(excuse, day):
            moment = datetime.combine(day, time()) + use(excuse.time)
            outs.append((moment + _DAY if moment < duty.start else moment, excuse.id))
    arrived, left = min(ins, default=None), max(outs, default=None)
    facts = tuple(sorted((found[1] for found in (arrived, left) if found), key=lambda name: ":" not in name))
    return Presence(arrived and arrived[0], left and left[0], facts)


def _counts(excuse: Excuse, day: date) -> bool:
    return excuse.reason in _REASONS and use(excuse.date_from) == day


def _inside(duty: Duty, punches: Sequence[Punch]) -> Iterator[Punch]:
    for place in range(bisect_left(punches, (duty.opens,)), len(punches)):
        if punches[place].time > duty.closes:
            return
        if duty.takes(punches[place].time):
            yield punches[place]


def _name(punch: Punch) -> str:
    return f"{punch.device}:{punch.pin}:{punch.time.isoformat()}"
