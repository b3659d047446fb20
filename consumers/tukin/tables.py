"""The tables of section F: their columns and their keys. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from consumers.tukin.facts import Row, plain_pin
from consumers.tukin.values import BadInput

__all__ = ["KEYS", "key_of", "keyed"]

KEYS: dict[str, tuple[str, ...]] = {
    "employees": ("nip", "tmt_start"),
    "pins": ("device", "pin", "valid_from"),
    "calendar": ("date", "kind"),
    "roster": ("nip", "date"),
    "excuses": ("id",),
    "sanctions": ("id",),
    "class_amounts": ("table", "kelas", "berlaku"),
}
"""Columns of a row's key, by table."""


def key_of(table: str, row: Row) -> tuple[str, ...]:
    """Key of a row; a PIN without its leading zeros."""
    return tuple(plain_pin(row.get(column)) if column == "pin" else row.get(column) for column in KEYS[table])


def keyed(table: str, rows: Iterable[Row]) -> dict[tuple[str, ...], Row]:
    """Rows of one file by key.

    Raises:
        BadInput: a key stands twice.
    """
    found: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = key_of(table, row)
        if key in found:
            columns = ", ".join(KEYS[table])
            raise BadInput(f"{row.place}: the key ({columns}) stands in {found[key].place} too. Keep one of the rows.")
        found[key] = row
    return found
