"""The chain as asked: the report under both clocks, and the card around a key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bus import Parts, ViewRow
from bus.engine import watermark
from bus.projection import derived
from bus.store import Tx, deadletters, generations
from bus.store.facts import facts_of
from bus.subjects import Lookup, stated_subjects
from consumers import CHAIN
from consumers.chain import PREFIXES
from consumers.chain import report as count
from consumers.chain.asking import evaluated
from consumers.chain.report import conservation, masters_of, summed
from consumers.chain.rules import Asof, Figures, Hit
from ops.around import around
from ops.paylines import pay_lines, rated_employees
from schemas import join_key
from schemas.times import iso
from schemas.values import Mak, squeeze

__all__ = ["Asked", "Scope", "chain_report", "chain_show", "scope_of", "today"]


@dataclass(frozen=True, slots=True)
class Asked:
    """The two clocks, milliseconds UTC: only facts true by then, only facts recorded by then."""

    true_at: int | None = None
    known_at: int | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What an answer covers: the generation, and how to come by its view rows."""

    tx: Tx
    parts: Parts
    generation: int
    mark: int
    live: bool
    true_at: int | None
    refs: dict[str, set[tuple[str, str]]] = field(default_factory=dict)

    def rows(self, view: str) -> Iterator[Mapping[str, Any]]:
        """Bodies of a view: as stored where that is exact, else derived anew from the facts."""
        if view == "figures" and not self.live:
            return (figures.body() for _, figures in self.answers(None) if figures)
        if self.live:
            sql = "select body from view_row where generation = ? and view = ?"
            return (json.loads(body) for (body,) in self.tx.stream(sql, self.generation, view))
        return (row.body for _, row in self.derived() if row.view == view)

    def derived(self, nodes: Iterable[str] | None = None) -> Iterator[tuple[str, ViewRow]]:
        """View rows of nodes (None = all), derived anew from the facts within both clocks."""
        facts = facts_of(self.tx, self.generation, recorded_until=self.mark, true_until=self.true_at, nodes=nodes)
        return derived(CHAIN, self.parts.codec, facts)

    def lookup(self) -> Lookup:
        """Facts within both clocks, by term."""
        until = None if self.mark < 0 else self.mark
        return Lookup(self.tx, self.parts.codec, self.generation or 0, until, self.true_at)

    def answers(self, told: Asof | None) -> Iterator[tuple[list[Hit], Figures]]:
        """Hits and figures of every subject, evaluated anew.

        Args:
            told: what rules compare dates with; None = what manifests say.
        """
        return evaluated(self.lookup(), stated_subjects(self.tx, self.generation), told)

    def existing(self, nodes: Iterable[str]) -> list[str]:
        """Those nodes that some fact within both clocks speaks of, sorted."""
        wanted = sorted(set(nodes))
        facts = facts_of(self.tx, self.generation, recorded_until=self.mark, true_until=self.true_at, nodes=wanted)
        return sorted({fact.node for fact in facts})

    def referring(self, refs: Iterable[str], views: tuple[str, ...]) -> list[str]:
        """Nodes whose rows in some views go by some references, within both clocks; sorted."""
        if self.live:
            marks = ", ".join("?" * len(views))
            sql = f"select node from view_row where generation = ? and view in ({marks}) and ref in (?*)"  # noqa: S608 - marks
            return sorted({row[0] for row in self.tx.where_in(sql, list(refs), self.generation, *views)})
        if not self.refs:
            for node, row in self.derived():
                self.refs.setdefault(row.ref or "", set()).add((row.view, node))
        return sorted({node for ref in refs for view, node in self.refs.get(ref, ()) if view in views})


def today(parts: Parts) -> date:
    """The date now, WITA."""
    return date.fromisoformat(iso(parts.now_ms())[:10])


def scope_of(parts: Parts, tx: Tx, asked: Asked) -> Scope:
    """What an answer under both clocks covers."""
    generation = generations.live(tx, CHAIN.name)
    covered, exact = watermark(parts, tx, CHAIN, generation)
    mark = covered
    if asked.known_at is not None and covered is not None:
        mark = min(asked.known_at, covered)
        exact = exact and mark == covered
    live = exact and asked.true_at is None
    return Scope(tx, parts, generation or 0, -1 if mark is None else mark, live, asked.true_at)


def chain_report(parts: Parts, asked: Asked, unit: str | None = None) -> dict[str, Any]:
    """The document of ``grms chain report --json``.

    ``as_known_at`` is what the report really covers: asking for it again gives the same report for ever.
    """
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        masters, ceilings = masters_of(scope.rows("plan"))
        counted = count(scope.rows("packages"), masters, ceilings, unit)
        figures = summed(scope.rows("figures"), unit)
    known = None if scope.mark < 0 else iso(scope.mark)
    return {
        "as_known_at": known,
        "as_true_at": _date_or_instant(asked.true_at),
        "measures": counted["measures"],
        **figures,
        "conservation": list(conservation(figures["totals"])),
        "by_unit": counted["by_unit"],
        "feed": {name: counted[name] for name in ("totals", "funnel", "mak")},
    }


def _date_or_instant(moment: int | None) -> str | None:
    """A date where the end of that day is meant, else the instant."""
    if moment is None:
        return None
    text = iso(moment)
    return text[:10] if text[10:] == "T23:59:59.999+08:00" else text


def chain_show(parts: Parts, key: str, asked: Asked) -> dict[str, Any] | None:
    """The document of ``grms chain show --json``; None = nothing was known of the key, or true of it, by then.

    Args:
        key: a package's code (with or without prefix), a contract number, a RUP code, a budget line, the code
            of a sub kegiatan or unit, an indicator, an employee's NIP, or any node id that another answer gave.
        asked: both clocks.
    """
    key = key.strip()
    with parts.store.read() as tx:
        scope = scope_of(parts, tx, asked)
        found = _find(scope, key)
        until = parts.now_ms() if asked.known_at is None else asked.known_at
        letters = _letters(tx, {*found, *_names(key)}, until)
        answer = _Answer()
        wanted, seen = found[:_SHOWN], set[str]()
        while wanted:
            for node, row in scope.derived(wanted):
                answer.add(node, row)
            seen.update(wanted)
            wanted = [node for node in _plan_nodes(scope, answer.link_ends()) if node not in seen]
        answer.extend(*around(scope.lookup(), key, [node for node in found[:_SHOWN] if node.startswith(_PACKAGES)]))
        answer.extend(*pay_lines(tx, rated_employees(answer.links), asked.known_at, asked.true_at))
        if not answer.nodes and not letters:
            return None
        if len(found) > _SHOWN:
            answer.gaps.append(
                f"{len(found)} objects bear {key}; the first {_SHOWN} are shown: ask for one of the rest"
            )
        return answer.document(key, letters)


_PACKAGES = ("NT:", "T:", "EC:")
_SHOWN = 50
"""Objects shown for one key: a sub kegiatan can have hundreds of packages."""


def _names(key: str) -> list[str]:
    """Nodes that a key may be the id of, or the source's own code of."""
    return [key, *(f"{prefix}{key}" for prefix in PREFIXES)]


def _letters(tx: Tx, nodes: set[str], until_ms: int) -> list[str]:
    """Open dead letters made by some time that speak of some nodes."""
    codes = {code for node in nodes for code in (node, node.split(":", 1)[-1])}
    return [
        letter
        for letter, event, key in deadletters.open_about(tx, sorted(codes), until_ms)
        if event is None or CHAIN.node(event, key) in nodes
    ]


def _find(scope: Scope, key: str) -> list[str]:
    """Nodes of the store that a key names, sorted: the first way of naming that finds one."""
    found = scope.existing(_names(key)) or scope.existing([_package(key)])
    found = found or scope.referring(_refs(key), ("packages", "links", "plan"))
    if found:
        return found
    truth = "" if scope.true_at is None else "and event_ms <= ? "
    rows = scope.tx.all(
        "select distinct node from fact where generation = ? and event in ('ContractSigned', 'HandoverRecorded', "  # noqa: S608 - constants
        "'AwardLetterIssued', 'WorkOrderIssued') and replace(key || '|', ?, '') <> key || '|' "
        f"and recorded_ms <= ? {truth}order by node",
        *(scope.generation, f"|{join_key([squeeze(key)])}|", scope.mark),
        *(() if scope.true_at is None else (scope.true_at,)),
    )
    return [row[0] for row in rows]


def _package(key: str) -> str:
    """The package at the head of a document's id, ``KONTRAK:NT:1|602/1``."""
    kind, _, rest = key.partition(":")
    return (rest if kind in ("SPPBJ", "KONTRAK", "SPMK", "BAST") else key).split("|", 1)[0]


def _refs(key: str) -> list[str]:
    """Ids that links may name: of RUP packages, budget lines as the feed writes them, and the plan's codes."""
    mak = Mak.parse(key.removeprefix("MAK:"))
    lines = [f"MAK:{mak.code}"] if isinstance(mak, Mak) else []
    return [key, *lines, *(f"{prefix}:{key}" for prefix in ("RUP", "MAK", "SK", "UNIT", "PROGRAM", "KEGIATAN"))]


def _plan_nodes(scope: Scope, ends: list[str]) -> list[str]:
    """Nodes of the plan that links name, by id or by code; sorted."""
    plan = tuple(prefix for prefix in PREFIXES if prefix not in ("NT:", "T:", "EC:"))
    return sorted({*scope.existing([end for end in ends if end.startswith(plan)]), *scope.referring(ends, ("plan",))})


class _Answer:
    """Nodes, links and gaps of an answer while they are gathered."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.links: list[dict[str, Any]] = []
        self.cards: list[Mapping[str, Any]] = []
        self.gaps: list[str] = []
        self.sub_kegiatan = set[str]()

    def add(self, node: str, row: ViewRow) -> None:
        if row.view == "packages":
            self.cards.append(row.body)
            for part in row.body["nodes"]:
                events = row.evidence.get(part["id"], [])
                self.nodes[part["id"]] = {**part, "unit": row.body["unit"], "events": events}
        elif row.view == "links":
            body = {**row.body, "confidence": float(row.body["confidence"])}
            self.links.append({**body, "evidence": row.evidence["events"]})
        elif row.view == "plan":
            self._plan_node(node, row.body, row.evidence["events"])

    def _plan_node(self, node: str, body: Mapping[str, Any], events: list[str]) -> None:
        stage = "budgeting" if body["kind"] == "budget_ceiling" else "planning"
        unit = body["code"] if body["kind"] in ("unit", "budget_ceiling") else None
        told = {"kind": body["kind"], "stage": stage, "amount": body.get("amount"), "unit": unit}
        self.nodes[node] = {"id": node, **told, "events": events}
        if body["kind"] == "sub_kegiatan":
            self.sub_kegiatan.add(body["code"])
        code = f"SK:{body['code']}"
        if body["kind"] == "sub_kegiatan" and code in self.nodes:
            exact = {"method": "exact_id", "confidence": 1.0, "evidence": events}
            self.links.append({"from": code, "to": node, **exact})

    def extend(self, nodes: Mapping[str, Any], links: Mapping[tuple[str, str], Any], hits: list[str]) -> None:
        """Add what other systems say; of what both know, the events of both."""
        for name, node in nodes.items():
            known = self.nodes.get(name)
            if known is None:
                self.nodes[name] = dict(node)
                continue
            known["events"] = sorted({*known["events"], *node["events"]})
            known["amount"] = known["amount"] or node["amount"]
            if "told" in node:
                known["told"] = node["told"]
        there = {(link["from"], link["to"]) for link in self.links}
        self.links += [link for ends, link in links.items() if ends not in there]
        self.gaps += hits

    def link_ends(self) -> list[str]:
        """What links lead to."""
        return sorted({link["to"] for link in self.links})

    def _strangers(self) -> None:
        """Give a node to what links name and no master lists."""
        for link in self.links:
            end = link["to"]
            if end not in self.nodes:
                kind = end.split(":", 1)[0].lower()
                told = {"kind": kind, "stage": "planning", "amount": None, "unit": None}
                self.nodes[end] = {"id": end, **told, "events": link["evidence"]}
                self.gaps.append(f"{end} is named, but no master lists it")

    def document(self, key: str, letters: list[str]) -> dict[str, Any]:
        self._strangers()
        for card in self.cards:
            self.gaps += _gaps(card, self.sub_kegiatan)
        if letters:
            self.gaps.append(f"{len(letters)} open dead letters belong here: figures may lack what they say")
        return {
            "key": key,
            "nodes": [self.nodes[name] for name in sorted(self.nodes)],
            "links": sorted(self.links, key=lambda link: (link["from"], link["to"], link["method"])),
            "gaps": self.gaps,
            "open_dead_letters": letters,
        }


def _gaps(card: Mapping[str, Any], sub_kegiatan: set[str]) -> Iterator[str]:
    """What a card lacks, in words."""
    if card["kind"] != "catalogue_order":
        yield from _stage_gaps(card)
    if card["completed"] is not None:
        yield from _plan_gaps(card["id"], card["completed"], sub_kegiatan)
    for number in card["contract_numbers"]:
        if not number["signed"]:
            yield f"{number['id']}: handed over, but no contract of this number is known"
        if number["ppk_nip_problem"]:
            yield f"{number['id']}: the NIP of the PPK {number['ppk_nip_problem']}"


def _stage_gaps(card: Mapping[str, Any]) -> Iterator[str]:
    name = card["id"]
    if card["announced"] is None:
        yield f"{name}: no announcement is known"
    if card["completed"] is None:
        yield f"{name}: no row of its completion is known"
    if not card["contracts"]:
        yield f"{name}: no contract in e-Kontrak"
    elif not card["handovers"]:
        yield f"{name}: no hand-over and no payment is recorded"


def _plan_gaps(name: str, completed: Mapping[str, Any], sub_kegiatan: set[str]) -> Iterator[str]:
    if not completed["rup"]:
        yield f"{name}: names no RUP package"
    for mak in completed["mak"]:
        if "problem" in mak:
            yield f'{name}: budget line "{mak["raw"]}" {mak["problem"]}'
        elif mak["sub_kegiatan"] not in sub_kegiatan:
            yield f"{name}: sub kegiatan {mak['sub_kegiatan']} is not in the master"
