"""Who used which application: table 2.1 of the province's master plan (Pergub NTT 119/2019), 49 units."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path

__all__ = ["units_using"]

_FILE = Path(__file__).parent / "katalog-aplikasi-2019.csv"


@cache
def _units() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["aplikasi"].casefold()].add(row["unit"])
    return {application: frozenset(units) for application, units in found.items()}


def units_using(applications: Iterable[str]) -> list[str]:
    """Units that named one of some applications in 2019, sorted; names in any case.

    >>> units_using(["SIPTL", "sim lhp"])
    ['Inspektorat']
    """
    return sorted({unit for name in applications for unit in _units().get(name.casefold(), ())})
