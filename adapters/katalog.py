"""Who used which application: table 2.1 of the province's master plan (Pergub NTT 119/2019), 49 units."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["Listed", "catalogue", "units_using"]

_FILE = Path(__file__).parent / "katalog-aplikasi-2019.csv"


class Listed(NamedTuple):
    """An application that a unit named (blank = it named none); ``stage``: the catalogue's word for its part."""

    unit: str
    application: str
    stage: str


@cache
def catalogue() -> tuple[Listed, ...]:
    """Every row of the catalogue, in its order.

    >>> len(catalogue()), len({listed.unit for listed in catalogue()})
    (165, 49)
    """
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(Listed(row["unit"], row["aplikasi"], row["tahap"]) for row in rows)


@cache
def _units() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for listed in catalogue():
        found[listed.application.casefold()].add(listed.unit)
    return {application: frozenset(units) for application, units in found.items()}


def units_using(applications: Iterable[str]) -> list[str]:
    """Units that named one of some applications in 2019, sorted; names in any case.

    >>> units_using(["SIPTL", "sim lhp"])
    ['Inspektorat']
    """
    return sorted({unit for name in applications for unit in _units().get(name.casefold(), ())})
