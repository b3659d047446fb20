"""Sixth stage: what is paid (R29, R30). A fold over closes; the only place where arrival counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from consumers.tukin.days import Problem
from consumers.tukin.duties import Person
from consumers.tukin.facts import Employee
from consumers.tukin.month import Known, Month, compute, tax_rate
from consumers.tukin.policy import Policy
from consumers.tukin.values import half_up, month_days, use

__all__ = ["Account", "Adjustment", "Line", "settle"]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a recomputed month, or an old carry, adds to a line."""

    for_month: str
    amount_rp: int
    label: str


@dataclass(frozen=True, slots=True)
class Account:
    """What was settled with a person so far: earned by month, and what is still to be taken (never above 0)."""

    settled: Mapping[str, int] = field(default_factory=dict)
    carry_rp: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A person's line of a closed month.

    Attributes:
        month: the components; its problems forbid every amount.
        governed: row and policy of tax and BPJS (M, or those of month end for one who was not active).
    """

    month: Month
    adjustments: tuple[Adjustment, ...] = ()
    adjustment_rp: int = 0
    carry_rp: int = 0
    paid_rp: int = 0
    pph21_rp: int = 0
    bpjs_rp: int = 0
    net_rp: int = 0
    governed: tuple[Employee | None, Policy | None] = (None, None)


def settle(
    known: Known, nip: str, month: str, account: Account, again: Callable[[Known, str, str], Month] = compute
) -> tuple[Line, Account]:
    """Close a person's month: compute it, compute the earlier ones ``again``, and settle the differences."""
    computed = compute(known, nip, month)
    row, policy = _governing(known, nip, computed)
    if computed.problems:
        return Line(computed, governed=(row, policy)), _with(account, month, 0)
    changes = [one for earlier in sorted(account.settled) if (one := _change(again(known, nip, earlier), account))]
    due = account.carry_rp + sum(change.amount_rp for change in changes)
    problem = _unpayable(computed, row, policy, due)
    if problem is not None:
        line = Line(replace(computed, problems=(problem,)), governed=(row, policy))
        return line, _with(account, month, 0)
    adjustment = max(due, -computed.earned_rp)
    if account.carry_rp:
        changes.append(Adjustment("carry", account.carry_rp, "sisa_potongan"))
    paid = computed.earned_rp + adjustment
    line = Line(computed, tuple(changes), adjustment, due - adjustment, paid, governed=(row, policy))
    settled = dict(account.settled)
    for change in changes:
        if change.for_month in settled:
            settled[change.for_month] += change.amount_rp
    settled[month] = computed.earned_rp
    return _taxed(line, row, policy), Account(settled, line.carry_rp)


def _with(account: Account, month: str, earned_rp: int) -> Account:
    return Account({**account.settled, month: earned_rp}, account.carry_rp)


def _change(again: Month, account: Account) -> Adjustment | None:
    """How an earlier month differs from what was settled; one in error changes nothing."""
    difference = again.earned_rp - account.settled[again.month]
    if again.problems or difference == 0:
        return None
    return Adjustment(again.month, difference, "potongan_bulan_lalu" if difference < 0 else "kurang_bayar")


def _governing(known: Known, nip: str, month: Month) -> tuple[Employee | None, Policy | None]:
    """M; for one who was not active the row of the greatest tmt_start and the policy of month end (R30)."""
    if month.last is not None:
        return month.last[1], month.last[2]
    end = month_days(month.month)[-1]
    rows: Sequence[Employee] = [row for row in known.facts.employees.get(nip, ()) if row.tmt_start <= end]
    return rows[-1] if rows else None, Person(known.facts, known.book, known.close, nip).policy(end)


def _unpayable(month: Month, row: Employee | None, policy: Policy | None, due: int) -> Problem | None:
    """A rule that is missing to tax what is due to one who was not active; no_rule is for active days (R30, R32)."""
    if month.last is not None or due == 0:
        return None
    rate = None if policy is None or row is None else tax_rate(policy, row)
    return Problem(month_days(month.month)[-1], "no_tax_rule") if rate is None else None


def _taxed(line: Line, row: Employee | None, policy: Policy | None) -> Line:
    """R30: tax and BPJS on what is paid."""
    if row is None or policy is None or line.paid_rp == 0:
        return line
    tax = half_up(line.paid_rp * (tax_rate(policy, row) or Fraction(0)))
    bpjs = 0
    if policy.bpjs is not None:
        bpjs = half_up(policy.bpjs.pct * max(0, min(line.paid_rp, policy.bpjs.cap_rp - use(row.gaji_pokok))))
    return replace(line, pph21_rp=tax, bpjs_rp=bpjs, net_rp=max(0, line.paid_rp - tax - bpjs))
