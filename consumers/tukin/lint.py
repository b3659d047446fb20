"""What is wrong in a policy though it can be read: holes, and days on which honesty costs more. Pure.

Every finding names the place in the policy and an example day, so that whoever drafts the law can judge it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from consumers.tukin.policy import Overlay, Policy, SpecialDay
from consumers.tukin.values import percent_text

__all__ = ["Finding", "lint"]

_MINUTE = timedelta(minutes=1)
_OFFICE_DAYS = 20
"""Office days of an ordinary month."""
_KINDS = ("DL", "sakit", "izin", "cuti_tahunan", "cuti_besar", "cuti_melahirkan", "cuti_alasan_penting", "rawat_inap")
_STATUSES = ("PNS", "CPNS", "PPPK", "TUGAS_BELAJAR")
_SKP = ("sangat_baik", "baik", "butuh_perbaikan", "kurang", "sangat_kurang", "nihil")
_GOLONGAN = ("I", "II", "III", "IV", "PPPK")


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding.

    Attributes:
        kind: ``hole`` (no rule for what will happen) or ``incentive`` (the wrong thing is the cheaper one).
        path: key of the policy.
        example: a day, or a person, that shows it.
    """

    policy: str
    kind: str
    path: str
    message: str
    example: str


def lint(policy: Overlay) -> list[Finding]:
    """Findings of one policy, sorted."""
    found = [*_special(policy)]
    if isinstance(policy, Policy):
        found += [*_holes(policy), *_attendance(policy), *_excuses(policy), *_caps(policy)]
    return sorted(found)


def _pct(share: Fraction) -> str:
    return f"{percent_text(share)} %"


def _clock(moment: timedelta) -> str:
    minutes = moment // _MINUTE
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _holes(policy: Policy) -> Iterator[Finding]:
    for path, wanted, known, what in (
        ("status_factor", _STATUSES, policy.status_factor, "an employee of status"),
        ("skp", _SKP, policy.skp if policy.bobot_disiplin < 1 else _SKP, "an employee with the predicate"),
        ("pph21.rates", _GOLONGAN, _GOLONGAN if policy.pph21 is None else policy.pph21, "an employee of golongan"),
        ("excuses", _KINDS, policy.excuses, "a day with the approved excuse"),
    ):
        for name in wanted:
            if name not in known:
                yield Finding(
                    policy.id, "hole", f"{path}.{name}", "no rule: the line becomes an error", f"{what} {name}"
                )
    if policy.plt_setingkat is None:
        yield Finding(
            policy.id, "hole", "plt", "no rule for acting posts: the line becomes an error", "a Plt of a month"
        )
    if not policy.sanksi:
        message = "no look-up: sanctions need their own percent and months"
        yield Finding(policy.id, "hole", "sanksi", message, "a sanction that states its kode only")
    if policy.late.table is not None and not policy.late.table.rows:
        yield Finding(policy.id, "hole", "late", "arriving late costs nothing", "Monday, in two hours late: 0 %")
    if policy.early.table is not None and not policy.early.table.rows:
        yield Finding(policy.id, "hole", "early", "leaving early costs nothing", "Monday, out two hours early: 0 %")


def _worst(policy: Policy, *, late: bool) -> tuple[int, Fraction]:
    """The first minute of the dearest step of a side within a day, and what it costs."""
    scale = policy.late if late else policy.early
    minutes = max((start for start, _ in scale.table.rows), default=0) if scale.table else 240
    dearest = max(range(1, max(minutes, 1) + 1), key=scale.cut)
    return dearest, scale.cut(dearest)


def _attendance(policy: Policy) -> Iterator[Finding]:
    hours = policy.normal.senin_kamis
    late_min, late = _worst(policy, late=True)
    early_min, early = _worst(policy, late=False)
    came_late = f"in {_clock(hours.start + late_min * _MINUTE)} ({late_min} min late)"
    left_early = f"out {_clock(hours.end - early_min * _MINUTE)} ({early_min} min early)"
    for path, share, missing, day in (
        ("missing_in", late, policy.missing_in, f"Monday, {came_late}, whole afternoon"),
        ("missing_out", early, policy.missing_out, f"Monday, whole morning, {left_early}"),
    ):
        if missing < share and not policy.bulanan:
            message = "not punching is cheaper than punching late or early"
            yield Finding(policy.id, "incentive", path, message, f"{day}: {_pct(share)}; not punched: {_pct(missing)}")
    extra = policy.apel or Fraction(0)
    costs = (
        (late + early, f"Monday, {came_late}, {left_early}"),
        (late + policy.missing_out, f"Monday, {came_late}, no out punch"),
        (late + policy.missing_out + extra, f"Monday with apel, {came_late}, no out punch"),
    )
    for share, day in costs:
        cost = share if policy.cap_day is None else min(share, policy.cap_day)
        if cost > policy.absent and not policy.bulanan:
            message = "staying away costs less than coming"
            example = f"{day}: {_pct(cost)}; absent: {_pct(policy.absent)}"
            yield Finding(policy.id, "incentive", "absent", message, example)
            break
    yield from _falling(policy)


def _falling(policy: Policy) -> Iterator[Finding]:
    for path, scale in (("late", policy.late), ("early", policy.early)):
        rows = scale.table.rows if scale.table else ()
        for (_, before), (start, after) in pairwise(rows):
            if after < before:
                example = f"{start - 1} minutes: {_pct(before)}; {start} minutes: {_pct(after)}"
                yield Finding(policy.id, "incentive", path, "more minutes cost less", example)


def _excuses(policy: Policy) -> Iterator[Finding]:
    for kind, rule in sorted(policy.excuses.items()):
        for number, value in rule.table.rows:
            share = 1 - value if rule.mode == "paid_table" else value
            cost = share / max(number, 1) if rule.mode == "paid_table" else share
            if cost > policy.absent:
                days = f"{number} calendar days" if rule.mode == "paid_table" else f"day {number}"
                message = "an approved excuse is dearer than none"
                example = f"{kind}, {days}: {_pct(share)}; the same absent: {_pct(policy.absent)} a day"
                yield Finding(policy.id, "incentive", f"excuses.{kind}", message, example)
                break


def _caps(policy: Policy) -> Iterator[Finding]:
    whole = min(policy.absent * _OFFICE_DAYS, policy.cap_month)
    if whole < 1 and not policy.absent_whole_month_zero:
        message = "a whole month of absence leaves a part of the discipline part"
        example = f"{_OFFICE_DAYS} days absent: {_pct(whole)} of it is cut"
        yield Finding(policy.id, "incentive", "absent_whole_month_zero", message, example)


def _special(policy: Overlay) -> Iterator[Finding]:
    special: SpecialDay | None = policy.hari_khusus
    if special is None:
        return
    for key, share in (("late", special.late), ("absent", special.absent)):
        if share is None:
            message = "not given: the ordinary cut counts"
            yield Finding(policy.id, "hole", f"hari_khusus.{key}", message, f"a special day, {key}")
    if special.late is not None and special.absent is not None and special.late > special.absent:
        example = f"a special day, one minute late: {_pct(special.late)}; absent: {_pct(special.absent)}"
        yield Finding(policy.id, "incentive", "hari_khusus", "staying away costs less than coming", example)
