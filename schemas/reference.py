"""Reference data with dates: what a code is called on a day, and what became of it. Pure.

Codes of accounts and sub kegiatan are listed by editions (Permendagri 90/2019 and its updates); units are renamed,
merged and split. Nothing here knows a code by itself: the rows come from exports (`CodeListed`, `CodeTranslated`,
`UnitSucceeded`). A code that no row names is unknown and said to be so, never dropped and never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from schemas.times import calendar_date
from schemas.values import Wrong, is_blank

__all__ = ["Move", "Named", "Unknown", "became", "move", "named", "named_on"]


@dataclass(frozen=True, slots=True)
class Named:
    """A code as an edition lists it, from a day on; ``until`` = the last day, None = still."""

    kind: str
    code: str
    name: str
    edition: str
    law: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """A code that became another on a day; ``how`` = renamed, merged, split, or translated."""

    kind: str
    before: str
    after: str
    how: str
    law: str
    since: date


@dataclass(frozen=True, slots=True)
class Unknown:
    """A code that has no name on a day, and why."""

    kind: str
    code: str
    why: str


def named(row: Mapping[str, str | None]) -> Named | Wrong:
    """Read a `CodeListed` row."""
    since = calendar_date(row["berlaku_mulai"] or "")
    last = row.get("berlaku_sampai")
    until = None if is_blank(last) else calendar_date(str(last))
    if isinstance(since, Wrong):
        return since
    if isinstance(until, Wrong):
        return until
    kind, code, name, edition, law = (
        (row[column] or "").strip() for column in ("jenis", "kode", "nama", "kodefikasi", "dasar_hukum")
    )
    return Named(kind, code, name, edition, law, since, until)


def move(row: Mapping[str, str | None]) -> Move | Wrong:
    """Read a `CodeTranslated` or `UnitSucceeded` row."""
    since = calendar_date(row["berlaku_mulai"] or "")
    if isinstance(since, Wrong):
        return since
    before, after, law = ((row[column] or "").strip() for column in ("kode_lama", "kode_baru", "dasar_hukum"))
    return Move(row.get("jenis") or "unit", before, after, row.get("perubahan") or "terjemahan", law, since)


def named_on(kind: str, code: str, day: date, names: Iterable[Named]) -> Named | Unknown:
    """What a code is called on a day; of several editions in force the latest counts."""
    listed = [one for one in names if (one.kind, one.code) == (kind, code)]
    in_force = [one for one in listed if one.since <= day and (one.until is None or day <= one.until)]
    if in_force:
        return max(in_force, key=lambda one: (one.since, one.edition, one.name))
    if not listed:
        return Unknown(kind, code, f"{kind} {code} is in no edition that was read")
    before = [one for one in listed if one.since <= day]
    if before:
        last = max(before, key=lambda one: (one.until or one.since, one.name))
        return Unknown(kind, code, f"{kind} {code} ({last.name}) ended on {last.until}")
    first = min(listed, key=lambda one: (one.since, one.name))
    return Unknown(kind, code, f"{kind} {code} ({first.name}) begins on {first.since}")


def became(kind: str, code: str, since: date, day: date, moves: Iterable[Move]) -> tuple[str, ...]:
    """The codes that a code of one day has become by a later one, sorted; itself where nothing happened.

    A move counts on its own day. Moves are followed in the order of their days, so a unit that got its old name back
    is itself again, and no circle is endless.
    """
    later = sorted((one for one in moves if one.kind == kind and since < one.since <= day), key=lambda one: one.since)
    ends, open_codes = set[str](), [(code, since)]
    while open_codes:
        at, then = open_codes.pop()
        dates = [one.since for one in later if one.before == at and one.since > then]
        if not dates:
            ends.add(at)
            continue
        open_codes += [(one.after, dates[0]) for one in later if one.before == at and one.since == dates[0]]
    return tuple(sorted(ends))
