"""The card of one package, from budget line to payment, and the links of its graph. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bus.projection import ViewRow
from bus.rows import KeyRows, Row
from consumers.chain.contracts import contract_numbers, contracts_proper
from consumers.chain.money import money
from consumers.chain.reads import PACKAGE_KINDS
from schemas.values import KodeUnit, Mak, Wrong, squeeze, tidy_code

__all__ = ["package_rows"]

_HEADS = (
    "PurchaseCompleted",
    "PurchaseAnnounced",
    "TenderCompleted",
    "TenderAnnounced",
    "TenderAwarded",
    "CatalogueOrderPlaced",
    "ContractSigned",
    "HandoverRecorded",
    "AwardLetterIssued",
    "WorkOrderIssued",
)
"""Whose word on a package counts first: the row that closed it, then the one that opened it, then the rest."""


@dataclass(slots=True)
class _Graph:
    """Nodes and links of one package while they are found, with the events behind each."""

    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[str, dict[str, Any]] = field(default_factory=dict)
    evidence: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def node(self, name: str, kind: str, stage: str, value: str | None, events: Iterable[str]) -> None:
        self.nodes.setdefault(name, {"id": name, "kind": kind, "stage": stage, "amount": value})
        self.evidence[name].update(events)

    def link(self, start: str, end: str, how: tuple[str, str], event: str, **more: str) -> None:
        method, confidence = how
        link = {"from": start, "to": end, "method": method, "confidence": confidence, **more}
        name = f"{start} {end} {method}"
        self.links.setdefault(name, link)
        self.evidence[name].add(event)


EXACT = ("exact_id", "1.00")
LISTED = ("listed_id", "1.00")
NORMALISED = ("normalised_id", "0.95")
PARSED_MAK = ("parsed_mak", "0.95")
UNPARSED = ("unparsed", "0.00")
"""Method and confidence of links: an id as stated; one of a list of ids; equal but for white space and case;
read out of a budget line; not readable, thus no link at all but a reason."""


def package_rows(node: str, all_keys: Sequence[KeyRows]) -> Iterator[ViewRow]:
    """Card and links of a package."""
    keys: dict[str, list[KeyRows]] = defaultdict(list)
    for rows in all_keys:
        keys[rows.event].append(rows)
    heads = [keys[event][0].current for event in _HEADS if event in keys]
    kind = PACKAGE_KINDS[node.split(":", 1)[0]]
    numbers = contract_numbers(node, keys)
    graph = _Graph()
    card = {
        "id": node,
        "kind": kind,
        "unit": tidy_code(_first(heads, "kd_satker_str")) or _awarded_unit(keys),
        "name": _first(heads, "nama_paket") or _first(heads, "rup_nama_pkt"),
        "announced": _announced(keys),
        "completed": _completed(keys),
        "award_letters": len(keys.get("AwardLetterIssued", ())),
        "work_orders": len(keys.get("WorkOrderIssued", ())),
        "handovers": len(keys.get("HandoverRecorded", ())),
        "contract_numbers": numbers,
        "contracts": contracts_proper(keys),
        "pagu": money(_first_value(heads, "pagu")),
        "hps": money(_first_value(heads, "hps")),
        "value": money(_value(keys)),
    }
    _head_node(graph, node, kind, card, heads)
    _plan_links(graph, node, keys)
    _delivery_links(graph, node, keys, numbers)
    evidence = {name: sorted(events) for name, events in graph.evidence.items()}
    yield ViewRow("packages", None, {**card, "nodes": list(graph.nodes.values())}, evidence)
    for name, link in graph.links.items():
        yield ViewRow("links", link["to"], link, {"events": evidence[name]})


def _first(heads: Sequence[Row], column: str) -> str | None:
    return next((row.columns[column] for row in heads if row.columns.get(column)), None)


def _first_value(heads: Sequence[Row], column: str) -> Any:  # noqa: ANN401 - a decimal or None
    return next((row.columns[column] for row in heads if row.columns.get(column) is not None), None)


def _awarded_unit(keys: Mapping[str, Sequence[KeyRows]]) -> str | None:
    """TenderAwarded writes the unit's code into ``kd_satker``."""
    for rows in keys.get("TenderAwarded", ()):
        unit = KodeUnit.parse(rows.current.columns["kd_satker"] or "")
        if isinstance(unit, KodeUnit):
            return unit.code
    return None


def _announced(keys: Mapping[str, Sequence[KeyRows]]) -> dict[str, Any] | None:
    for event, status in (("PurchaseAnnounced", "status_nontender"), ("TenderAnnounced", "status_tender")):
        for rows in keys.get(event, ()):
            row = rows.current.columns
            return {"status": row[status], "rup": sorted(set(row["kd_rup"])), "version": rows.current.version}
    return None


def _completed(keys: Mapping[str, Sequence[KeyRows]]) -> dict[str, Any] | None:
    """What the row that closed the procurement says; for the e-catalogue, its order."""
    for event, status, value in (
        ("PurchaseCompleted", "status_nontender", "nilai_kontrak"),
        ("TenderCompleted", "status_tender", None),
        ("CatalogueOrderPlaced", "status_pkt", "total_harga"),
    ):
        for rows in keys.get(event, ()):
            row = rows.current.columns
            return {
                "status": row[status],
                "unit": tidy_code(row["kd_satker_str"]),
                "pagu": money(row.get("pagu")),
                "hps": money(row.get("hps")),
                "value": money(row[value]) if value else None,
                "rup": sorted(set(row["kd_rup"])),
                "mak": [_mak(raw) for raw in row["mak"]],
            }
    return None


def _mak(raw: str) -> dict[str, str]:
    mak = Mak.parse(raw)
    if isinstance(mak, Wrong):
        return {"raw": raw, "problem": mak.why}
    return {"raw": raw, "sub_kegiatan": mak.sub_kegiatan, "rekening": mak.rekening}


def _value(keys: Mapping[str, Sequence[KeyRows]]) -> Any:  # noqa: ANN401 - a decimal or None
    for event, column in (
        ("PurchaseCompleted", "nilai_kontrak"),
        ("TenderAwarded", "nilai_kontrak"),
        ("CatalogueOrderPlaced", "total_harga"),
    ):
        for rows in keys.get(event, ()):
            return rows.current.columns[column]
    return None


def _head_node(graph: _Graph, node: str, kind: str, card: Mapping[str, Any], heads: Sequence[Row]) -> None:
    graph.node(node, kind, "procurement", card["value"] or card["hps"], [])
    for row in heads:
        if row.columns.get("nama_paket") or "kd_rup_paket" in row.columns or "rup_nama_pkt" in row.columns:
            graph.evidence[node].add(row.event_id)
    if card["unit"] and heads:
        graph.link(node, f"UNIT:{card['unit']}", EXACT, heads[0].event_id)


def _plan_links(graph: _Graph, node: str, keys: Mapping[str, Sequence[KeyRows]]) -> None:
    """Links to the plan: RUP packages, budget lines, sub kegiatan."""
    for event in _HEADS[:6]:
        for rows in keys.get(event, ()):
            row = rows.current
            codes = row.columns["kd_rup_paket"] if event == "TenderAwarded" else row.columns["kd_rup"]
            for code in codes:
                graph.node(f"RUP:{code}", "rup_package", "packaging", None, [row.event_id])
                graph.link(node, f"RUP:{code}", EXACT if len(codes) == 1 else LISTED, row.event_id)
            for raw in row.columns.get("mak", ()):
                _mak_link(graph, node, raw, row.event_id)


def _mak_link(graph: _Graph, node: str, raw: str, event: str) -> None:
    mak = Mak.parse(raw)
    if isinstance(mak, Wrong):
        graph.node(f"MAK:{raw}", "budget_line", "budgeting", None, [event])
        graph.link(node, f"MAK:{raw}", UNPARSED, event, raw=raw, problem=mak.why)
        return
    graph.node(f"MAK:{mak.code}", "budget_line", "budgeting", None, [event])
    graph.link(node, f"MAK:{mak.code}", PARSED_MAK, event, raw=raw)
    graph.node(f"SK:{mak.sub_kegiatan}", "sub_kegiatan", "planning", None, [event])
    graph.link(f"MAK:{mak.code}", f"SK:{mak.sub_kegiatan}", PARSED_MAK, event, raw=raw)


def _delivery_links(
    graph: _Graph,
    node: str,
    keys: Mapping[str, Sequence[KeyRows]],
    numbers: Sequence[Mapping[str, Any]],
) -> None:
    """Award letter, contract, work order, hand-over, each tied to the one before it."""
    for rows in keys.get("AwardLetterIssued", ()):
        letter = f"SPPBJ:{rows.key}"
        value = money(rows.current.columns["harga_final"])
        graph.node(letter, "award_letter", "delivery", value, [row.event_id for row in rows.rows])
        graph.link(node, letter, EXACT, rows.current.event_id)
    for number in numbers:
        if number["signed"]:
            graph.node(f"KONTRAK:{number['id']}", "contract", "delivery", number["value"], [])
    written: dict[str, set[str]] = defaultdict(set)
    for rows in keys.get("ContractSigned", ()):
        contract = f"KONTRAK:{rows.key}"
        graph.evidence[contract].update(row.event_id for row in rows.rows)
        written[contract].update(row.columns["no_kontrak"] or "" for row in rows.rows)
        graph.link(node, contract, EXACT, rows.current.event_id)
        letter_number = squeeze(rows.current.columns["no_sppbj"])
        letter = f"SPPBJ:{node}|{letter_number}"
        if letter in graph.nodes:
            graph.link(letter, contract, NORMALISED, rows.current.event_id)
    for event, kind, stage in (
        ("WorkOrderIssued", "work_order", "delivery"),
        ("HandoverRecorded", "handover", "payment"),
    ):
        for rows in keys.get(event, ()):
            name = f"{'SPMK' if event == 'WorkOrderIssued' else 'BAST'}:{rows.key}"
            value = money(rows.current.columns.get("besar_pembayaran"))
            graph.node(name, kind, stage, value, [row.event_id for row in rows.rows])
            contract = f"KONTRAK:{'|'.join(rows.key.split('|')[:2])}"
            if contract in graph.nodes:
                same = rows.current.columns["no_kontrak"] in written[contract]
                graph.link(contract, name, EXACT if same else NORMALISED, rows.current.event_id)
            else:
                graph.link(node, name, EXACT, rows.current.event_id)
