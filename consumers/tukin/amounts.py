"""What a day is worth (R23 to R25). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import prod

from consumers.tukin.duties import office_day
from consumers.tukin.facts import Employee, Facts
from consumers.tukin.policy import Policy
from consumers.tukin.values import half_up, use

__all__ = ["Worth"]


@dataclass(frozen=True, slots=True)
class Worth:
    """Amounts and weights within one month."""

    facts: Facts
    days: tuple[date, ...]
    _known: dict[object, tuple[Fraction, tuple[str, ...]]] = field(default_factory=dict)

    def amount(self, policy: Policy, kelas: str, day: date) -> int | None:
        """R23: A of a class on a day; None = no amount is known."""
        rows = [row for row in self.facts.amounts.get((policy.amount.table, kelas), ()) if row.berlaku <= day]
        if not rows:
            return None
        amount = use(rows[-1].amount_rp)
        return half_up(amount * prod(policy.amount.indices, start=Fraction(1))) if policy.amount.indices else amount

    def allowance(self, row: Employee, policy: Policy, day: date) -> tuple[Fraction, tuple[str, ...]]:
        """R24: T of a day, exact, and codes of what is missing for it."""
        own = self.amount(policy, row.kelas_jabatan, day)
        acting = self.amount(policy, row.plt_kelas, day) if self._acts(row) else None
        key = (id(row), policy.id, own, acting)
        if key not in self._known:
            self._known[key] = self._allowance(row, policy, own, acting)
        return self._known[key]

    def _allowance(
        self, row: Employee, policy: Policy, own: int | None, acting: int | None
    ) -> tuple[Fraction, tuple[str, ...]]:
        factor = policy.status_factor.get(row.status)
        codes = ["no_amount"] if own is None else []
        codes += ["no_status_factor"] if factor is None else []
        plus = Fraction(0)
        if self._acts(row):
            if policy.plt_setingkat is None or row.plt_jenis not in ("setingkat", "dibawah"):
                codes.append("no_plt_rule")
            elif acting is None:
                codes.append("no_amount")
            elif row.plt_jenis == "setingkat":
                plus = policy.plt_setingkat * acting
            else:
                plus = Fraction(max(0, acting - (own or 0)))
        worth = max(Fraction(0), (own or 0) * (factor or Fraction(0)) + plus - use(row.tunjangan_profesi))
        return worth, tuple(codes)

    def _acts(self, row: Employee) -> bool:
        """R24: acts in another post for the whole month."""
        if not row.plt_kelas:
            return False
        begun, ended = use(row.plt_mulai), use(row.plt_selesai)
        return (begun is None or begun <= self.days[0]) and (ended is None or ended >= self.days[-1])

    def office_days(self) -> int:
        """N of R25."""
        return sum(office_day(self.facts, day) for day in self.days)

    def weight(self, policy: Policy, day: date, office_days: int) -> Fraction:
        """R25: share of the month that a day is."""
        if policy.hari_kalender or office_days == 0:
            return Fraction(1, len(self.days))
        return Fraction(1, office_days) if office_day(self.facts, day) else Fraction(0)
