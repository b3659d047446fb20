"""What must be there, from the generator's journal alone. Shares no code with the bus: design section 3, read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from tests.integration.chaos.events import Event

__all__ = ["World", "key_rows", "world"]


@dataclass
class World:
    """Views as they must be, by what is compared: package, contract, day of punches."""

    rupiah: Decimal = Decimal(0)
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    contracts: dict[str, dict[str, Any]] = field(default_factory=dict)
    punches: dict[str, list[str]] = field(default_factory=dict)


def key_rows(events: Iterable[Event]) -> list[Event]:
    """Rows of one key, lowest version first; the last is its current row.

    Per version: the contents of the last statement, each by the earliest statement of its last run.
    """
    versions: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        versions[event.version].append(event)
    rows = []
    for version in sorted(versions, key=lambda text: int(text or "-1")):
        said = sorted(versions[version], key=lambda event: event.observed)
        statements = [list(group) for _, group in groupby(said, key=lambda event: event.observed)]
        last = statements.pop()
        while statements and _contents(statements[-1]) == _contents(last):
            last = statements.pop()
        rows += sorted(last, key=lambda event: sorted(event.content.items()))
    return rows


def _contents(statement: list[Event]) -> set[tuple[tuple[str, str], ...]]:
    return {tuple(sorted(event.content.items())) for event in statement}


def world(events: Iterable[Event]) -> World:
    """Everything that follows from a set of events, each once."""
    found = World()
    keys: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in events:
        keys[event.type, event.key].append(event)
        found.rupiah += Decimal(event.amount or "0")
    for (kind, key), said in keys.items():
        if kind == "AttendancePunched":
            node, moment = key[: key.rindex("|") + 11], key.rsplit("|", 1)[1]
            found.punches.setdefault(node, []).append(moment)
            continue
        rows = key_rows(said)
        current = rows[-1]
        package = found.packages.setdefault(key.split("|")[0].removeprefix("NT:"), {"by": set()})
        if kind == "PurchaseAnnounced":
            package["announced"] = (current.content["status_nontender"], current.version)
            package["by"].add(current.id)
        elif kind == "PurchaseCompleted":
            package["value"] = current.amount
            package["by"].add(current.id)
        else:
            found.contracts[key] = {
                "versions": [row.version for row in rows],
                "value": current.amount,
                "rows": sorted({row.id for row in rows}),
            }
    for moments in found.punches.values():
        moments.sort()
    return found
