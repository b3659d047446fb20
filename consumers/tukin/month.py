"""Fifth stage: a person's month before settlement (R14, R17, R26 to R28, R32). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from consumers.tukin.amounts import Worth
from consumers.tukin.days import Day, Problem, judge
from consumers.tukin.duties import Person
from consumers.tukin.excused import Excused
from consumers.tukin.facts import Employee, Facts, Sanction
from consumers.tukin.policy import Book, Policy
from consumers.tukin.punches import Identified, identify
from consumers.tukin.values import half_up, month_days, use

__all__ = ["Item", "Known", "Month", "compute"]


@dataclass(frozen=True, slots=True)
class Known:
    """All that is known at one close, ready to compute any month from."""

    facts: Facts
    book: Book
    close: date
    identified: Identified

    @classmethod
    def at(cls, facts: Facts, book: Book, close: date, as_of: datetime) -> Known:
        """What is known at a close; punches after ``as_of`` are a clock's fault."""
        return cls(facts, book, close, identify(facts, as_of))


@dataclass(frozen=True, slots=True)
class Item:
    """A cut of the month as a whole: summed minutes (R14) or a leave's loss (R17); fed last by ``day``."""

    kind: str
    share: Fraction
    rule: str
    day: Day
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Month:
    """A person's month as computed at one close: components, or the problems that forbid them.

    Attributes:
        last: the last active day's row and policy (R27); None where there was no active day.
        sanctions: ids of those that run.
    """

    nip: str
    month: str
    days: tuple[Day, ...]
    items: tuple[Item, ...]
    problems: tuple[Problem, ...]
    last: tuple[date, Employee, Policy | None] | None
    gross_rp: int = 0
    base_rp: int = 0
    cut_rp: int = 0
    performance_base_rp: int = 0
    performance_rp: int = 0
    special_rp: int = 0
    sanction_rp: int = 0
    earned_rp: int = 0
    sanctions: tuple[str, ...] = ()


def compute(known: Known, nip: str, month: str) -> Month:
    """The components of a month from what is known."""
    dates = tuple(month_days(month))
    person = Person(known.facts, known.book, known.close, nip)
    active = [day for day in dates if person.row(day) is not None]
    if not active:
        return Month(nip, month, (), (), (), None)
    excused, punches = Excused(person), known.identified.punches.get(nip, ())
    days = tuple(day for date_ in active if (day := judge(person, excused, date_, punches)) is not None)
    worth = Worth(known.facts, dates)
    items = tuple(_items(days, dates[-1]))
    row = person.row(active[-1])
    if row is None:  # pragma: no cover - it is an active day
        raise AssertionError
    last = (active[-1], row, person.policy(active[-1]))
    return _components(Month(nip, month, days, items, (), last), person, active, worth)


def _components(month: Month, person: Person, active: Sequence[date], worth: Worth) -> Month:
    sanctions = person.facts.sanctions.get(month.nip, ())
    share, running, unruled = _sanctions(sanctions, month)
    problems = set(_problems(month, person, active, worth))
    if month.last and unruled:
        problems.add(Problem(month.last[0], "no_sanction_rule"))
    policy = month.last[2] if month.last else None
    if problems or month.last is None or policy is None:
        return _evolve(month, problems=_first(problems))
    day, row, _ = month.last
    sums = _sums(month, worth)
    gross, base = half_up(sums.gross), half_up(sums.base)
    cut = half_up(min(sums.cut, policy.cap_month * sums.base))
    duties = [one for one in month.days if one.duty]
    if policy.absent_whole_month_zero and duties and all(one.status == "alpa" for one in duties):
        cut = base
    performance_base = gross - base
    predikat = policy.skp.get(row.skp_predikat)
    problems = set() if performance_base == 0 or predikat is not None else {Problem(day, "no_skp_rule")}
    if policy.pph21 is not None and tax_rate(policy, row) is None:
        problems.add(Problem(day, "no_tax_rule"))
    if problems:
        return _evolve(month, problems=_first(problems))
    performance = half_up(performance_base * (predikat or 0))
    rest = base - cut + performance
    special = min(rest, half_up(sums.special))
    sanction = min(rest - special, half_up(gross * share))
    return Month(
        month.nip, month.month, month.days, month.items, (), month.last, gross, base, cut, performance_base,
        performance, special, sanction, rest - special - sanction, running,
    )  # fmt: skip


def _evolve(month: Month, problems: tuple[Problem, ...]) -> Month:
    return Month(month.nip, month.month, month.days, month.items, problems, month.last)


def tax_rate(policy: Policy, row: Employee) -> Fraction | None:
    """R30: rate of a golongan, by its whole name, else by the part before ``/``; None = no rule."""
    rates = policy.pph21
    if rates is None:
        return Fraction(0)
    return rates.get(row.golongan, rates.get(row.golongan.partition("/")[0].strip()))


def _first(problems: set[Problem]) -> tuple[Problem, ...]:
    """R32: the first date per code, sorted by date."""
    first: dict[str, Problem] = {}
    for problem in sorted(problems):
        first.setdefault(problem.code, problem)
    return tuple(sorted(first.values()))


def _problems(month: Month, person: Person, active: Sequence[date], worth: Worth) -> Iterator[Problem]:
    judged = {day.date for day in month.days}
    yield from (Problem(day, "no_rule") for day in active if day not in judged)
    for day in month.days:
        yield from (Problem(day.date, code) for code in worth.allowance(day.row, day.policy, day.date)[1])
        yield from (Problem(day.date, code) for code in day.problems)
    shifts = [day.date for day in month.days if day.row.shift and day.row.status not in day.policy.bebas_absen]
    listed = person.facts.roster.get(month.nip, {})
    if shifts and not any(day in listed for day in shifts):
        yield Problem(shifts[0], "no_roster")


@dataclass(frozen=True, slots=True)
class _Sums:
    """Exact sums of R26 and R28."""

    gross: Fraction
    base: Fraction
    cut: Fraction
    special: Fraction


def _sums(month: Month, worth: Worth) -> _Sums:
    office_days = worth.office_days()
    gross = base = cut = special = Fraction(0)
    for day, number in _alike(month.days, worth, office_days):
        allowance = worth.allowance(day.row, day.policy, day.date)[0]
        weight = worth.weight(day.policy, day.date, office_days) * number
        gross += weight * allowance
        base += weight * day.policy.bobot_disiplin * allowance
    for day in month.days:
        if day.cut:
            allowance = worth.allowance(day.row, day.policy, day.date)[0]
            special += day.cut * allowance if day.total else 0
            cut += 0 if day.total else day.cut * day.policy.bobot_disiplin * allowance
    for item in month.items:
        allowance = worth.allowance(item.day.row, item.day.policy, item.day.date)[0]
        cut += item.share * item.day.policy.bobot_disiplin * allowance
    return _Sums(gross, base, cut, special)


def _alike(days: Sequence[Day], worth: Worth, office_days: int) -> Iterator[tuple[Day, int]]:
    """Days of equal worth and weight once, with their number: most months are one such group."""
    groups: dict[object, list[Day]] = {}
    for day in days:
        weight = worth.weight(day.policy, day.date, office_days)
        if weight:
            allowance = worth.allowance(day.row, day.policy, day.date)[0]
            groups.setdefault((weight, day.policy.id, allowance), []).append(day)
    return ((group[0], len(group)) for group in groups.values())


def _items(days: Sequence[Day], month_end: date) -> Iterator[Item]:
    """R14 and R17: items of the month."""
    by_policy: dict[str, list[Day]] = {}
    for day in days:
        by_policy.setdefault(day.policy.id, []).append(day)
    for name, members in by_policy.items():
        policy = members[0].policy
        for kind, scale, minutes in (
            ("late", policy.late, [(day, day.late_sum) for day in members]),
            ("early", policy.early, [(day, day.early_sum) for day in members]),
        ):
            fed = [(day, number) for day, number in minutes if number]
            if fed:
                total = sum(number for _, number in fed)
                dates = tuple(day.date.isoformat() for day, _ in fed)
                yield Item(kind, scale.cut(total), f"{name}#{kind}", fed[-1][0], dates)
    yield from _leave(days, month_end)


def _leave(days: Sequence[Day], month_end: date) -> Iterator[Item]:
    """R17: per kind the largest loss of its rows."""
    last: dict[str, Day] = {}
    for day in days:
        if day.excuse is not None:
            rule = day.policy.excuses.get(day.excuse.kind)
            if rule is not None and rule.mode == "paid_table":
                last[day.excuse.id] = day
    losses: dict[str, tuple[Fraction, str, Item]] = {}
    for name, day in last.items():
        excuse = day.excuse
        if excuse is None:  # pragma: no cover - only excused days were taken
            continue
        length = (min(use(excuse.date_to), month_end) - use(excuse.date_from)).days + 1
        loss = 1 - day.policy.excuses[excuse.kind].table.at(length)
        item = Item(excuse.kind, loss, f"{day.policy.id}#{excuse.kind}", day, (name,))
        losses[excuse.kind] = max(
            losses.get(excuse.kind, (loss, name, item)), (loss, name, item), key=lambda one: one[:2]
        )
    yield from (losses[kind][2] for kind in sorted(losses))


def _sanctions(sanctions: Sequence[Sanction], month: Month) -> tuple[Fraction, tuple[str, ...], bool]:
    """R28: the share cut, the sanctions that run, and whether a look-up failed."""
    if month.last is None or month.last[2] is None:
        return Fraction(0), (), False
    policy = month.last[2]
    shares: list[Fraction] = []
    names: list[str] = []
    unruled = False
    for sanction in sanctions:
        since = _months_since(use(sanction.start_month), month.month)
        if since < 0:
            continue
        months, pct = use(sanction.months), use(sanction.pct)
        rule = policy.sanksi.get(sanction.kode)
        if months is None:
            if rule is None:
                unruled = True
                continue
            months = rule.months
        if since >= months:
            continue
        if pct is None:
            if rule is None:
                unruled = True
                continue
            pct = rule.pct
        shares.append(pct)
        names.append(sanction.id)
    share = min(Fraction(1), sum(shares, Fraction(0))) if policy.sanksi_sum else max(shares, default=Fraction(0))
    return share, tuple(names), unruled


def _months_since(start: date, month: str) -> int:
    year, number = map(int, month.split("-"))
    return (year - start.year) * 12 + number - start.month
