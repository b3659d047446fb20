"""First stage: whose punch is it (R3 to R5). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from consumers.tukin.facts import Facts, Pin, Punch
from consumers.tukin.values import use

__all__ = ["Identified", "Quarantined", "identify", "kept"]

_EPOCH = datetime(2010, 1, 1)  # noqa: DTZ001 - local time without zone, as everywhere in the engine
_REPEAT = timedelta(seconds=60)


class Quarantined(NamedTuple):
    """A punch that is not used until somebody mends what its reason names. A bad row's text stands as its time."""

    time: str
    device: str
    pin: str
    reason: str


@dataclass(frozen=True, slots=True)
class Identified:
    """Kept punches by NIP in time order, and the quarantined ones, sorted."""

    punches: Mapping[str, tuple[Punch, ...]]
    quarantine: tuple[Quarantined, ...]


def identify(facts: Facts, as_of: datetime) -> Identified:
    """Give every known punch to its person, or quarantine it."""
    by_nip: dict[str, list[Punch]] = {}
    quarantine = [Quarantined(row.text, "", "", "bad_row") for row in facts.bad_rows]
    for punch in facts.punches:
        owner = _owner(facts, punch)
        reason = _clock(punch, as_of) or owner.reason
        if reason:
            quarantine.append(Quarantined(punch.time.isoformat(), punch.device, punch.pin, reason))
        else:
            by_nip.setdefault(owner.nip, []).append(punch)
    return Identified({nip: kept(punches) for nip, punches in by_nip.items()}, tuple(sorted(quarantine)))


def kept(punches: Iterable[Punch]) -> tuple[Punch, ...]:
    """R5: in time order over all devices, without repeats within 60 s of the last kept one."""
    found: list[Punch] = []
    for punch in sorted(punches):
        if not found or punch.time - found[-1].time > _REPEAT:
            found.append(punch)
    return tuple(found)


def _clock(punch: Punch, as_of: datetime) -> str:
    if punch.time < _EPOCH:
        return "clock_epoch"
    return "clock_future" if punch.time > as_of else ""


class _Owner(NamedTuple):
    nip: str
    reason: str


def _owner(facts: Facts, punch: Punch) -> _Owner:
    """R4: rows of the same device first; only if there is none, those of any device."""
    rows = [row for row in facts.pins.get(punch.pin, ()) if _holds(row, punch)]
    own = [row for row in rows if row.device == punch.device] or [row for row in rows if row.device == "*"]
    nips = {row.nip for row in own}
    if not nips:
        return _Owner("", "unmapped_pin")
    if len(nips) > 1:
        return _Owner("", "ambiguous_pin")
    nip = nips.pop()
    return _Owner(nip, "" if nip in facts.employees else "unknown_nip")


def _holds(row: Pin, punch: Punch) -> bool:
    day, last = punch.time.date(), use(row.valid_to)
    return row.valid_from <= day and (last is None or day <= last)
