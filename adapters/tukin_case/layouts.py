"""File kinds of a case folder: tables of its own form, with a reader of their own."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.adapter import Adapter, Setting, Tell
from adapters.jsonrows import Reads
from adapters.tukin_case import rows
from bus.intake import Rejected, Stated

__all__ = ["ADAPTER"]


def _read_file(stream: Reads, kind: str, setting: Setting, _tell: Tell) -> Iterator[Stated | Rejected]:
    return rows.read_file(stream, file=setting.file, kind=kind, zone=setting.zone, observed=setting.observed)


def _read_original(original: bytes, kind: str, setting: Setting) -> Stated | Rejected:
    return rows.read_original(original, file=setting.file, kind=kind, zone=setting.zone, observed=setting.observed)


ADAPTER = Adapter(
    "tukin-case",
    "pay office: employees, PINs, calendar, rosters, excuses, sanctions, amounts, policies",
    rows.KINDS,
    _read_file,
    _read_original,
)
