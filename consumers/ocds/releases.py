"""Releases of one process: one for each statement that a source made about it. Pure.

Several sources speak of one thing, and a late export may tell of an early version. So statements stand in *lines*, in
which the later one counts more: that of the procurement, and one each for a contract, its work orders and a hand-over.
A release is dated when its source said so, never before its predecessor in the line. Merged by date, releases thus
give the current state whatever order facts came in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from consumers.ocds.compiled import closing
from consumers.ocds.history import Statement
from consumers.ocds.reads import READS
from consumers.ocds.rowtext import RowText
from consumers.ocds.sections import Place, section
from schemas.values import version_order

__all__ = ["Terms", "ocid", "releases"]

_PLAN = "PackageAnnounced:"
_RANK = {event: rank for rank, event in enumerate(READS)}
_CONTRACT_LINES = ("ContractSigned", "WorkOrderIssued", "HandoverRecorded")


@dataclass(frozen=True, slots=True)
class Terms:
    """What the publisher states.

    Attributes:
        prefix: ocid prefix.
        zone: what the sources' clocks show.
    """

    prefix: str
    zone: ZoneInfo


def ocid(prefix: str, node: str) -> str:
    """The ocid of a node: a package, or a package of the procurement plan.

    >>> ocid("ocds-000000", "NT:10050366000"), ocid("ocds-000000", "PackageAnnounced:58123456")
    ('ocds-000000-NT-10050366000', 'ocds-000000-RUP-58123456')
    """
    kind, _, code = node.partition(":")
    return f"{prefix}-{'RUP' if kind == 'PackageAnnounced' else kind}-{code}"


@dataclass(frozen=True, slots=True)
class _Dated:
    said: Statement
    place: Place
    date: str


def releases(node: str, said: Sequence[Statement], terms: Terms) -> list[dict[str, Any]]:
    """Releases of a node, sorted by date.

    Args:
        said: all statements of the node, each key's in order; at least one.
    """
    dated = sorted(_dated(node, said, terms), key=lambda one: one.date)
    name = ocid(terms.prefix, node)
    tags, parties = _Tags(), _Roles()
    before: dict[tuple[str, str], Mapping[str, Any]] = {}
    found = []
    for one in dated:
        stated = section(RowText(one.said, terms.zone), one.place)
        key = (one.said.event, one.said.key)
        found.append(
            {
                "ocid": name,
                "id": one.said.event_id,
                "date": one.date,
                "tag": tags.of(one, stated),
                "initiationType": "tender",
                "language": "id",
                **parties.gathered(closing(before.get(key, {}), stated)),
            }
        )
        # Who took part once stays a party.
        before[key] = {part: value for part, value in stated.items() if part != "parties"}
    return found


def _dated(node: str, said: Sequence[Statement], terms: Terms) -> Iterator[_Dated]:
    """Statements with their places and dates, line by line."""
    contracts = _contracts(said)
    code = node.partition(":")[2]

    def place(one: Statement) -> Place:
        contract, _, part = one.key.removeprefix(f"{node}|").partition("|")
        known = contracts.get(contract, contract) if one.event in _CONTRACT_LINES else ""
        return Place(code, known, part, lambda rup: ocid(terms.prefix, f"{_PLAN}{rup}"))

    def line(one: tuple[Statement, Place]) -> tuple[str, str, str]:
        if one[0].event not in _CONTRACT_LINES:
            return ("", "", "")
        return (one[0].event, one[1].contract, one[1].part if one[0].event == "HandoverRecorded" else "")

    def order(one: tuple[Statement, Place]) -> tuple[Any, ...]:
        return (*line(one), _RANK[one[0].event], version_order(one[0].version), one[0].key)

    placed = sorted(((one, place(one)) for one in said), key=order)
    for _, members in groupby(placed, key=line):
        date = ""
        for one, where in members:
            date = max(date, one.observed.partition("/")[0])
            yield _Dated(one, where, date)


def _contracts(said: Sequence[Statement]) -> dict[str, str]:
    """Contract proper of each number.

    Where at most one number is an original, all belong to one contract, whatever numbers its addenda bear.

    Source: ``integrity-rules`` section 0.
    """
    signed = sorted(
        (version_order(one.version.strip()), one.key.partition("|")[2], one.version.strip() in ("", "0"))
        for one in said
        if one.event == "ContractSigned"
    )
    originals = {number for _, number, original in signed if original}
    if not signed or len(originals) > 1:
        return {}
    base = min(originals, default=signed[0][1])
    numbers = {one.key.split("|")[1] for one in said if one.event in _CONTRACT_LINES}
    return dict.fromkeys(numbers, base)


class _Tags:
    """What releases are about, told by what was released before."""

    def __init__(self) -> None:
        self._told: set[str] = set()

    def of(self, one: _Dated, stated: Mapping[str, Any]) -> list[str]:
        """Tags of a release."""
        event = one.said.event
        if event == "PackageAnnounced":
            return [self._first("planning", "planningUpdate")]
        if event == "ContractSigned":
            amended = one.said.version.strip() not in ("", "0")
            return [self._first("contract", "contractAmendment" if amended else "contractUpdate", one.place.contract)]
        if event in _CONTRACT_LINES:
            return [self._first("implementation", "implementationUpdate", f"{event}|{one.said.key}")]
        tags = [self._first("tender", "tenderUpdate")] if "tender" in stated else []
        tags += [self._first("award", "awardUpdate")] if "awards" in stated else []
        return tags or [self._first("tender", "tenderUpdate")]

    def _first(self, tag: str, again: str, what: str = "") -> str:
        name = f"{tag} {what}"
        if name in self._told:
            return again
        self._told.add(name)
        return tag


class _Roles:
    """Roles of parties so far: merging replaces a list of roles, and nobody loses one."""

    def __init__(self) -> None:
        self._roles: dict[str, list[str]] = {}

    def gathered(self, stated: dict[str, Any]) -> dict[str, Any]:
        """A section whose parties bear all their roles."""
        if "parties" not in stated:
            return stated
        parties: dict[str, dict[str, Any]] = {}
        for party in stated["parties"]:
            known = self._roles.setdefault(party["id"], [])
            known += [role for role in party["roles"] or () if role not in known]
            parties[party["id"]] = {**parties.get(party["id"], {}), **party, "roles": list(known)}
        return {**stated, "parties": list(parties.values())}
