"""Fourth stage: what each active day of a month costs (R10 to R13, R15 to R21). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from consumers.tukin.duties import Duty, Person
from consumers.tukin.excused import Excused
from consumers.tukin.facts import Employee, Excuse, Punch
from consumers.tukin.policy import Overlay, Policy, SpecialDay
from consumers.tukin.presence import Presence, presence
from consumers.tukin.values import use

__all__ = ["Day", "Problem", "judge"]

_MINUTE = timedelta(minutes=1)
_NOTHING = Fraction(0)
_NOWHERE = Presence()


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A rule that is missing, and the first date that needs it (R32)."""

    date: date
    code: str


@dataclass(frozen=True, slots=True)
class Day:
    """One active day with its policy.

    Attributes:
        status: libur, bebas_absen, alpa, the excuse kind, hadir, tanpa_masuk or tanpa_pulang.
        cut: share of the base that the day costs.
        total: the base is the whole allowance, else its discipline part.
        late_sum, early_sum: minutes that the month's sum takes in (R14).
        excuse: the excuse that replaced the day.
        problems: rules that are missing.
    """

    date: date
    row: Employee
    policy: Policy
    status: str
    presence: Presence = _NOWHERE
    late_min: int = 0
    early_min: int = 0
    cut: Fraction = _NOTHING
    total: bool = False
    rules: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    late_sum: int = 0
    early_sum: int = 0
    excuse: Excuse | None = None
    problems: tuple[str, ...] = ()

    @property
    def duty(self) -> bool:
        """It is a duty day."""
        return self.status != "libur"


def judge(person: Person, excused: Excused, day: date, punches: Sequence[Punch]) -> Day | None:
    """What a day costs; None where the person is not active or no policy governs."""
    row, policy, duty = person.row(day), person.policy(day), person.duty(day)
    if row is None or policy is None:
        return None
    if duty is None:
        return Day(day, row, policy, "libur")
    came = presence(duty, day, punches, excused.rows)
    if row.status in policy.bebas_absen:
        rules = (f"{policy.id}#bebas_absen",)
        return Day(day, row, policy, "bebas_absen", came, rules=rules, facts=came.facts)
    excuse = excused.chosen(day)
    if excuse is not None:
        return _excused_day(excused, excuse, Day(day, row, policy, excuse.kind, came))
    known = person.facts.calendar.get(day)
    special = None
    if known and "khusus" in known.kinds:
        special = _special(person.overlay(day), policy)
    apel = duty.start if known and "apel" in known.kinds and not duty.roster else None
    if apel is not None and known and (at := use(known.apel)) is not None:
        apel = apel.replace(hour=0, minute=0, second=0) + at
    context = _Context(day, row, policy, duty, came, excused.partial(day), apel, special, tuple(excused.findings(day)))
    return context.judged()


def _special(overlay: Overlay | None, policy: Policy) -> tuple[str, SpecialDay] | None:
    """R21: the special-day cuts in force, and whose they are."""
    for source in (overlay, policy):
        if source is not None and source.hari_khusus is not None:
            return source.id, source.hari_khusus
    return None


def _excused_day(excused: Excused, excuse: Excuse, day: Day) -> Day:
    day = replace(day, rules=(f"{day.policy.id}#{excuse.kind}",), facts=(excuse.id,), excuse=excuse)
    rule = day.policy.excuses.get(excuse.kind)
    if rule is None:
        return replace(day, problems=("no_excuse_rule",))
    if rule.mode != "per_day":
        return day
    return replace(day, cut=rule.table.at(excused.number(excuse, rule, day.date)))


@dataclass(frozen=True, slots=True)
class _Side:
    """One side of a day: its minutes, what they cost, whether the month's sum takes them in."""

    minutes: int = 0
    cut: Fraction = _NOTHING
    rule: str = ""
    summed: int = 0


@dataclass(frozen=True, slots=True)
class _Context:
    """A duty day that is judged, with everything its cut depends on."""

    day: date
    row: Employee
    policy: Policy
    duty: Duty
    came: Presence
    travel: tuple[Excuse, ...]
    apel: datetime | None
    special: tuple[str, SpecialDay] | None
    findings: tuple[Excuse, ...]

    def judged(self) -> Day:
        came, name = self.came, self.policy.id
        if came.arrived is None and came.left is None and not self.travel:
            day = Day(self.day, self.row, self.policy, "alpa", cut=self.policy.absent, rules=(f"{name}#absent",))
            return self._replaced(day, absent=True, late=False)
        arriving, leaving = self._arriving(), self._leaving()
        cut, rules, problems = arriving.cut + leaving.cut, [arriving.rule, leaving.rule], []
        if self._apel_missed() and self.policy.apel is not None:
            cut += self.policy.apel
            rules.append("apel")
        for finding in self.findings:
            share = self.policy.findings.get(finding.kind.removeprefix("finding:"))
            if share is None:
                problems.append("no_finding_rule")
            cut += share or 0
            rules.append(finding.kind.removeprefix("finding:"))
        if self.policy.cap_day is not None and cut > self.policy.cap_day:
            cut = self.policy.cap_day
            rules.append("cap_day")
        day = Day(
            self.day, self.row, self.policy, self._status(), came, arriving.minutes, leaving.minutes, cut,
            rules=tuple(f"{name}#{rule}" for rule in rules if rule) or (f"{name}#hadir",),
            facts=(*came.facts, *(one.id for one in (*self.travel, *self.findings))),
            late_sum=arriving.summed, early_sum=leaving.summed, problems=tuple(problems),
        )  # fmt: skip
        late = arriving.minutes >= 1 or (came.arrived is None and not self._void_in) or self._apel_missed()
        return self._replaced(day, absent=False, late=late)

    @property
    def _void_in(self) -> bool:
        return any(one.part == "masuk" for one in self.travel)

    @property
    def _void_out(self) -> bool:
        return any(one.part == "pulang" for one in self.travel)

    def _status(self) -> str:
        if self.came.arrived is None and not self._void_in:
            return "tanpa_masuk"
        return "tanpa_pulang" if self.came.left is None and not self._void_out else "hadir"

    def _arriving(self) -> _Side:
        """The in side (R10 to R14, R18)."""
        if self._void_in:
            return _Side()
        if self.came.arrived is None:
            return _Side(cut=self.policy.missing_in, rule="missing_in")
        minutes = max(0, (self.came.arrived - self.duty.start) // _MINUTE)
        if self._flexes(minutes):
            return _Side(minutes)
        rule = "late" if minutes else ""
        if self.policy.bulanan:
            return _Side(minutes, rule=rule, summed=minutes)
        return _Side(minutes, self.policy.late.cut(minutes), rule)

    def _leaving(self) -> _Side:
        """The out side (R10 to R14, R18)."""
        if self._void_out:
            return _Side()
        if self.came.left is None:
            return _Side(cut=self.policy.missing_out, rule="missing_out")
        minutes = max(0, (self._required_end() - self.came.left) // _MINUTE)
        rule = "early" if minutes else ""
        if self.policy.bulanan:
            return _Side(minutes, rule=rule, summed=minutes)
        return _Side(minutes, self.policy.early.cut(minutes), rule)

    def _flexes(self, minutes: int) -> bool:
        return self.policy.flex is not None and 1 <= minutes <= self.policy.flex.max_min

    def _required_end(self) -> datetime:
        """R11: the end moves by what flex lets in; void where the in side is."""
        flex = self.policy.flex
        if flex is None or self.came.arrived is None or self._void_in:
            return self.duty.end
        minutes = (self.came.arrived - self.duty.start) // _MINUTE
        if not self._flexes(minutes):
            return self.duty.end
        return self.duty.end + (minutes if flex.repay == "exact" else flex.max_min) * _MINUTE

    def _apel_missed(self) -> bool:
        if self.apel is None or self._void_in:
            return False
        return self.came.arrived is None or self.came.arrived >= self.apel + _MINUTE

    def _replaced(self, day: Day, *, absent: bool, late: bool) -> Day:
        """R21: on a special day its cut replaces the day's, where one is given."""
        if self.special is None:
            return day
        source, special = self.special
        share = special.absent if absent else special.late if late else None
        if share is None:
            return day
        rules = (f"{source}#hari_khusus.{'absent' if absent else 'late'}",)
        return replace(day, cut=share, total=special.total, rules=rules, late_sum=0, early_sum=0)
