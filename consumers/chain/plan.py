"""Nodes of the plan: units, programs, kegiatan, sub kegiatan, budget ceilings, exports read. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bus.projection import ViewRow
from bus.rows import KeyRows
from consumers.chain.money import money
from schemas.values import tidy_code

__all__ = ["plan_rows"]


def _link(start: str, end: str, event: str) -> ViewRow:
    body = {"from": start, "to": end, "method": "exact_id", "confidence": "1.00"}
    return ViewRow("links", end, body, {"events": [event]})


def _unit(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": "unit",
        "code": tidy_code(row["kd_satker_str"]),
        "satker": row["kd_satker"],
        "name": row["nama_satker"],
    }


def _program(row: Mapping[str, Any]) -> dict[str, Any]:
    return _planned("program", row, "kd_program_str", "nama_program", "pagu_program")


def _kegiatan(row: Mapping[str, Any]) -> dict[str, Any]:
    return _planned("kegiatan", row, "kd_kegiatan_str", "nama_kegiatan", "pagu_kegiatan")


def _sub_kegiatan(row: Mapping[str, Any]) -> dict[str, Any]:
    return _planned("sub_kegiatan", row, "kd_subkegiatan_str", "nama_subkegiatan", "pagu_subkegiatan")


def _planned(kind: str, row: Mapping[str, Any], code: str, name: str, pagu: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "code": tidy_code(row[code]),
        "satker": row["kd_satker"],
        "name": row[name],
        "amount": money(row[pagu]),
        "deleted": row["is_deleted"] == "true",
    }


def _budget(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": "budget_ceiling",
        "code": tidy_code(row["kd_satker_str"]),
        "amount": money(row["total_belanja"]),
        "procurement": money(row["belanja_pengadaan"]),
    }


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "UnitListed": _unit,
    "ProgramListed": _program,
    "KegiatanListed": _kegiatan,
    "SubKegiatanListed": _sub_kegiatan,
    "UnitBudgetListed": _budget,
}

_PARENT = {"KegiatanListed": ("PROGRAM:", "kd_program"), "SubKegiatanListed": ("KEGIATAN:", "kd_kegiatan")}


def plan_rows(node: str, keys: Sequence[KeyRows]) -> Iterator[ViewRow]:
    """The node itself, found by its code too, and its link to what it is part of."""
    rows = keys[0]
    current = rows.current
    if rows.event == "ExportRead":
        body = {"source": current.columns["source"], "kind": current.columns["kind"]}
        yield ViewRow("exports", None, body, {"events": [row.event_id for row in rows.rows]})
        return
    body = {"id": node, **_KINDS[rows.event](current.columns)}
    prefix = "SK:" if body["kind"] == "sub_kegiatan" else f"{body['kind'].upper()}:"
    yield ViewRow("plan", f"{prefix}{body['code']}", body, {"events": [row.event_id for row in rows.rows]})
    if rows.event == "UnitBudgetListed":
        yield _link(node, f"UNIT:{body['code']}", current.event_id)
    if rows.event in _PARENT:
        parent, column = _PARENT[rows.event]
        if current.columns[column]:
            yield _link(node, f"{parent}{current.columns[column]}", current.event_id)
