"""Contracts of one package: by number, and as contracts proper, with their hand-overs and payments. Pure.

A contract proper follows ``integrity-rules`` section 0: where a package has at most one number at addendum 0,
all its rows are one contract, whatever numbers its addenda bear.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from bus.rows import KeyRows, Row
from consumers.chain.money import amount, money, total
from schemas.values import Nip, NomorKontrak, Wrong, version_order

__all__ = ["contract_numbers", "contracts_proper"]

Keys = Mapping[str, Sequence[KeyRows]]


def _number(rows: KeyRows) -> str:
    return rows.key.split("|")[1]


def contract_numbers(package: str, keys: Keys) -> list[dict[str, Any]]:
    """What is known of each number that a contract or hand-over bears, sorted by number."""
    signed = {_number(rows): rows for rows in keys.get("ContractSigned", ())}
    handed: dict[str, list[KeyRows]] = defaultdict(list)
    for rows in keys.get("HandoverRecorded", ()):
        handed[_number(rows)].append(rows)
    return [
        _contract_number(package, number, signed.get(number), handed.get(number, []))
        for number in sorted(signed.keys() | handed.keys())
    ]


def _contract_number(package: str, number: str, signed: KeyRows | None, handed: Sequence[KeyRows]) -> dict[str, Any]:
    rows: tuple[Row, ...] = signed.rows if signed else ()
    stated = [row.columns["nilai_kontrak"] for row in rows]
    stated += [row.columns["nilai_kontrak"] for handover in handed for row in handover.rows]
    nip = signed.current.columns["nip_ppk"] if signed else None
    raws = sorted({row.columns["no_kontrak"] for row in rows if row.columns["no_kontrak"]})
    payments = [money(handover.current.columns["besar_pembayaran"]) for handover in handed]
    return {
        "id": f"{package}|{number}",
        "number": number,
        "signed": signed is not None,
        "written": raws,
        "untidy": any(NomorKontrak(number, raw).untidy for raw in raws),
        "versions": [row.version for row in rows],
        "value": money(signed.current.columns["nilai_kontrak"]) if signed else None,
        "largest_value": money(max((value for value in stated if value is not None), default=None)),
        "ppk_nip_problem": _nip_problem(nip) if signed else None,
        "handovers": len(handed),
        "paid": money(total(payments)) if handed else None,
    }


def _nip_problem(raw: str | None) -> str | None:
    nip = Nip.parse(raw or "")
    return nip.why if isinstance(nip, Wrong) else None


def contracts_proper(keys: Keys) -> list[dict[str, Any]]:
    """Contracts of the package: base number, value of the highest addendum, what was paid; sorted."""
    signed = keys.get("ContractSigned", ())
    if not signed:
        return []
    base = sorted({_number(rows) for rows in signed if any(row.version in ("", "0") for row in rows.rows)})
    lowest = min((version_order(row.version), _number(rows)) for rows in signed for row in rows.rows)[1]
    if len(base) <= 1:
        groups = {base[0] if base else lowest: list(signed)}
    else:
        groups = {number: [rows for rows in signed if _number(rows) == number] for number in base}
    handed = keys.get("HandoverRecorded", ())
    found = []
    for number, members in sorted(groups.items()):
        own = [rows for rows in handed if len(groups) == 1 or _number(rows) == number]
        # Rows of one version stand in the order of their contents: of several the greatest counts.
        current = max(
            (
                (version_order(row.version), place, rank, row)
                for place, rows in enumerate(members)
                for rank, row in enumerate(rows.rows)
            ),
            key=lambda item: item[:3],
        )[-1]
        paid = total(money(rows.current.columns["besar_pembayaran"]) for rows in own)
        value = current.columns["nilai_kontrak"]
        found.append({"number": number, "value": money(value), "paid": money(paid), "handovers": len(own)})
    return found


def paid_beyond(number: Mapping[str, Any]) -> bool:
    """More was paid on a number than the largest value anybody stated for it."""
    paid, largest = amount(number["paid"]), amount(number["largest_value"])
    return paid is not None and largest is not None and paid > largest
