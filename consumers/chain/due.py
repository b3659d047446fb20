"""When statements are due, as dated data with its citation (``due.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from consumers.chain.rules.reading import decimal

__all__ = ["Due", "due_rules", "read_due"]

_FILE = Path(__file__).parent / "due.yaml"
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Due:
    """A term for a monthly report.

    Attributes:
        event: type of the report; it states ``tahun_anggaran`` and ``bulan``.
        months_after: months from the reported one to the one with the due day.
        due_day: last day that is in time, inclusive.
        berlaku: first due day that it holds for; None = not known, thus held against all.
    """

    event: str
    months_after: int
    due_day: int
    satuan: str
    dasar_hukum: str
    sumber: str
    status: str
    diundangkan: date | None
    berlaku: date | None

    def on(self, columns: Mapping[str, Any]) -> date | None:
        """Last day in time of a report; None = it states no month, or the term did not hold yet."""
        year, month = decimal(columns.get("tahun_anggaran")), decimal(columns.get("bulan"))
        if year is None or month is None or not 1 <= month <= _DECEMBER or not 1 <= year < date.max.year:
            return None
        months = int(month) - 1 + self.months_after
        due = date(int(year) + months // _DECEMBER, months % _DECEMBER + 1, self.due_day)
        return None if self.berlaku is not None and due < self.berlaku else due


def read_due(text: str) -> dict[str, Due]:
    """Terms by event type.

    Raises:
        ValueError: terminal; a key is unknown or missing, a citation is blank, or a type has two terms.
    """
    found: dict[str, Due] = {}
    names = {field.name for field in fields(Due)}
    for entry in yaml.safe_load(text):
        if entry.keys() != names:
            message = f"due.yaml: an entry has {sorted(entry)}; give exactly {sorted(names)}."
            raise ValueError(message)
        due = Due(**entry)
        if not due.dasar_hukum or not due.sumber or due.event in found:
            message = f"due.yaml: {due.event}: one term a type, each with dasar_hukum and sumber."
            raise ValueError(message)
        found[due.event] = due
    return found


@cache
def due_rules() -> dict[str, Due]:
    """The bundled terms."""
    return read_due(_FILE.read_text(encoding="utf-8"))
