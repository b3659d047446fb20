"""Which excuse replaces a duty day, and how many such days there were before (R15, R16, R18). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from consumers.tukin.duties import Person
from consumers.tukin.facts import Excuse
from consumers.tukin.policy import ExcuseRule
from consumers.tukin.values import use

__all__ = ["Excused"]

_ORDER = (
    "DL", "bebas_piket", "cltn", "cuti_besar", "cuti_melahirkan", "cuti_melahirkan_3", "cuti_alasan_penting",
    "cuti_tahunan", "rawat_inap", "sakit", "izin",
)  # fmt: skip
_SIDES = ("masuk", "pulang")


@dataclass(frozen=True, slots=True)
class Excused:
    """The approved excuses of one person, by what they do."""

    person: Person
    _chosen: dict[date, Excuse | None] = field(default_factory=dict)

    @property
    def rows(self) -> Sequence[Excuse]:
        """All approved excuses, by id."""
        return self.person.facts.excuses.get(self.person.nip, ())

    def chosen(self, day: date) -> Excuse | None:
        """R15: the whole-day excuse that replaces a duty day; None where the status frees from attendance."""
        if day not in self._chosen:
            fit = [one for one in self.rows if _whole_day(one) and one.covers(day)]
            judged = bool(fit) and self.person.has_duty(day) and not self._free(day)
            self._chosen[day] = min(fit, key=_rank) if judged else None
        return self._chosen[day]

    def number(self, excuse: Excuse, rule: ExcuseRule, day: date) -> int:
        """R16: running number of a day on which an excuse of this kind (``spell``: this very one) was chosen."""
        first = day.replace(day=1) if rule.count == "month" else day.replace(month=1, day=1)
        alike = [excuse] if rule.count == "spell" else [one for one in self.rows if one.kind == excuse.kind]
        days: set[date] = set()
        for one in alike:
            start = use(one.date_from) if rule.count == "spell" else max(first, use(one.date_from))
            days.update(found for found in _dates(start, min(day, use(one.date_to))) if self.chosen(found) is one)
        return len(days)

    def partial(self, day: date) -> tuple[Excuse, ...]:
        """R18: official travel that takes one side of a day away."""
        return tuple(one for one in self.rows if _partial(one) and one.covers(day))

    def findings(self, day: date) -> list[Excuse]:
        """R19: findings about a day, by name."""
        found = [one for one in self.rows if one.kind.startswith("finding:") and one.covers(day)]
        return sorted(found, key=lambda one: (one.kind, one.id))

    def _free(self, day: date) -> bool:
        row, policy = self.person.row(day), self.person.policy(day)
        return row is not None and policy is not None and row.status in policy.bebas_absen


def _partial(excuse: Excuse) -> bool:
    return excuse.kind == "DL" and excuse.part in _SIDES


def _whole_day(excuse: Excuse) -> bool:
    return not excuse.kind.startswith(("manual_", "finding:")) and not _partial(excuse)


def _rank(excuse: Excuse) -> tuple[int, str, str]:
    place = _ORDER.index(excuse.kind) if excuse.kind in _ORDER else len(_ORDER)
    return place, excuse.kind, excuse.id


def _dates(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
