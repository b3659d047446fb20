"""Measures of the chain: each is a question to a card, counted. Pure; a new measure is a new line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from consumers.chain.contracts import paid_beyond
from consumers.chain.money import amount

__all__ = ["FUNNEL", "MEASURES", "Masters", "Tally"]

Card = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Masters:
    """What the agency master and the plan list: unit codes with names, and sub kegiatan codes."""

    units: Mapping[str, str | None]
    sub_kegiatan: AbstractSet[str]


def _purchase(card: Card) -> Card | None:
    """The completed row of a listed direct purchase."""
    return card["completed"] if card["kind"] == "purchase" else None


def _of_purchase(question: Callable[[Card, Card], bool]) -> Callable[[Card, Masters], int]:
    """Count listed direct purchases for which a question about (card, completed row) is true."""

    def count(card: Card, _masters: Masters) -> int:
        completed = _purchase(card)
        return int(completed is not None and question(card, completed))

    return count


def _of_number(question: Callable[[Card], bool]) -> Callable[[Card, Masters], int]:
    """Count contract numbers of direct purchases for which a question is true."""

    def count(card: Card, _masters: Masters) -> int:
        if card["kind"] != "purchase":
            return 0
        return sum(question(number) for number in card["contract_numbers"])

    return count


def _above(left: str | None, right: str | None) -> bool:
    a, b = amount(left), amount(right)
    return a is not None and b is not None and a > b


def _unit_known(card: Card, masters: Masters) -> int:
    completed = _purchase(card)
    return int(completed is not None and completed["unit"] in masters.units)


def _mak_parsed(_card: Card, completed: Card) -> bool:
    return bool(completed["mak"]) and all("problem" not in mak for mak in completed["mak"])


def _linked(*, known: bool) -> Callable[[Card, Masters], int]:
    """Purchases of which some readable budget line's sub kegiatan is, or is not, in the master."""

    def count(card: Card, masters: Masters) -> int:
        completed = _purchase(card) or {"mak": ()}
        codes = [mak["sub_kegiatan"] for mak in completed["mak"] if "problem" not in mak]
        return int(any((code in masters.sub_kegiatan) == known for code in codes))

    return count


def _handovers(card: Card, _masters: Masters) -> int:
    return int(card["handovers"]) if card["kind"] == "purchase" else 0


def _several_rup(card: Card, _masters: Masters) -> int:
    return int(card["kind"] == "purchase" and card["announced"] is not None and len(card["announced"]["rup"]) > 1)


def _tender(card: Card, *, signed: bool) -> int:
    listed = card["kind"] == "tender" and card["completed"] is not None
    return int(listed and (not signed or _has_contract(card)))


def _has_contract(card: Card) -> bool:
    return any(number["signed"] for number in card["contract_numbers"])


MEASURES: Mapping[str, Callable[[Card, Masters], int]] = {
    "purchases_listed": _of_purchase(lambda _card, _row: True),
    "purchases_finished": _of_purchase(lambda _card, row: row["status"] == "Selesai"),
    "purchases_unit_known": _unit_known,
    "purchases_with_contract": _of_purchase(lambda card, _row: _has_contract(card)),
    "purchases_with_handover": _of_purchase(lambda card, _row: card["handovers"] > 0),
    "purchases_without_contract_value": _of_purchase(lambda _card, row: not amount(row["value"])),
    "announcements_multi_rup": _several_rup,
    "hps_above_pagu": _of_purchase(lambda _card, row: _above(row["hps"], row["pagu"])),
    "contract_above_hps": _of_purchase(lambda _card, row: _above(row["value"], row["hps"])),
    "purchases_mak_parsed": _of_purchase(_mak_parsed),
    "purchases_linked_to_sub_kegiatan": _linked(known=True),
    "purchases_mak_unknown_sub_kegiatan": _linked(known=False),
    "contract_numbers": _of_number(lambda number: number["signed"]),
    "contract_numbers_untidy": _of_number(lambda number: number["untidy"]),
    "contract_numbers_ppk_nip_invalid": _of_number(lambda number: number["ppk_nip_problem"] is not None),
    "handovers": _handovers,
    "contract_numbers_with_handover": _of_number(lambda number: number["handovers"] > 0),
    "contract_numbers_paid_beyond_value": _of_number(paid_beyond),
    "tenders_finished": lambda card, _masters: _tender(card, signed=False),
    "tenders_with_contract": lambda card, _masters: _tender(card, signed=True),
    "catalogue_orders": lambda card, _masters: int(card["kind"] == "catalogue_order"),
}
"""Counts by card, of direct purchases unless the name says otherwise. ``rup_codes`` is counted by `Tally`."""

FUNNEL: Mapping[str, Callable[[Card], int]] = {
    "nontender_announced": lambda card: int(card["kind"] == "purchase" and card["announced"] is not None),
    "nontender_finished": lambda card: int((_purchase(card) or {}).get("status") == "Selesai"),
    "tender_announced": lambda card: int(card["kind"] == "tender" and card["announced"] is not None),
    "tender_finished": lambda card: int(
        card["kind"] == "tender" and (card["announced"] or {}).get("status") == "Selesai"
    ),
    "orders": lambda card: int(card["kind"] == "catalogue_order"),
    "award_letters": lambda card: int(card["award_letters"]),
    "contracts": lambda card: len(card["contracts"]),
    "work_orders": lambda card: int(card["work_orders"]),
    "contracts_handed_over": lambda card: sum(contract["handovers"] > 0 for contract in card["contracts"]),
}
"""What reaches each stage, packages of every kind."""

_SUMS: Mapping[str, Callable[[Card], Iterator[str | None]]] = {
    "purchases_pagu": lambda card: iter([(_purchase(card) or {}).get("pagu")]),
    "purchases_hps": lambda card: iter([(_purchase(card) or {}).get("hps")]),
    "purchases_value": lambda card: iter([(_purchase(card) or {}).get("value")]),
    "contracts": lambda card: (contract["value"] for contract in card["contracts"]),
    "paid": lambda card: (contract["paid"] for contract in card["contracts"]),
    "orders": lambda card: iter([card["value"] if card["kind"] == "catalogue_order" else None]),
}


@dataclass(slots=True)
class Tally:
    """Running counts over cards, for the whole and for each unit.

    Memory: a counter a unit, and the RUP codes of listed purchases.
    """

    masters: Masters
    measures: Counter[str] = field(default_factory=Counter)
    funnel: Counter[str] = field(default_factory=Counter)
    totals: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    mak: Counter[str] = field(default_factory=Counter)
    rup: set[str] = field(default_factory=set)

    def add(self, card: Card) -> None:
        """Count one card."""
        for name, measure in MEASURES.items():
            self.measures[name] += measure(card, self.masters)
        for name, stage in FUNNEL.items():
            self.funnel[name] += stage(card)
        for name, amounts in _SUMS.items():
            for text in amounts(card):
                self.totals[name] += amount(text) or 0
        completed = card["completed"]
        if completed is not None:
            self._add_mak(completed)
            if card["kind"] == "purchase":
                self.rup.update(completed["rup"])

    def _add_mak(self, completed: Card) -> None:
        for mak in completed["mak"]:
            if "problem" in mak:
                self.mak["unparsed"] += 1
                continue
            self.mak["parsed"] += 1
            known = mak["sub_kegiatan"] in self.masters.sub_kegiatan
            self.mak["known_sub_kegiatan" if known else "unknown_sub_kegiatan"] += 1

    def counted(self) -> dict[str, int]:
        """All measures by name, in the order they are told."""
        found: dict[str, int] = {}
        for name in MEASURES:
            found[name] = self.measures[name]
            if name == "announcements_multi_rup":
                found["rup_codes"] = len(self.rup)
        return found
