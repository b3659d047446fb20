"""File kinds of attendance: attlog files have a reader of their own, the table of PINs is a layout."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.absensi import attlog
from adapters.adapter import Adapter, Setting, Tell
from adapters.jsonrows import Reads
from adapters.layout import layout
from adapters.tables import Tables
from bus.intake import Rejected, Stated

__all__ = ["ADAPTER"]

_PINS = layout(
    "absensi-pin",
    "PinAssigned",
    "attendance",
    "sn pin:digits nip:digits berlaku_mulai:d berlaku_sampai:d?",
    unit="",
)
_TABLES = Tables({_PINS.kind: _PINS})


def _read_file(stream: Reads, kind: str, setting: Setting, tell: Tell) -> Iterator[Stated | Rejected]:
    if kind == _PINS.kind:
        return _TABLES.read_file(stream, kind, setting, tell)
    return attlog.read_file(
        stream, file=setting.file, zone=setting.zone, observed=setting.observed, device=setting.device
    )


def _read_original(original: bytes, kind: str, setting: Setting) -> Stated | Rejected:
    if kind == _PINS.kind:
        return _TABLES.read_original(original, kind, setting)
    return attlog.read_original(
        original, file=setting.file, zone=setting.zone, observed=setting.observed, device=setting.device
    )


ADAPTER = Adapter(
    "absensi",
    "e-Absensi: attendance devices (attlog) and their PINs",
    (*attlog.KINDS, _PINS.file_kind("absensi")),
    _read_file,
    _read_original,
    _TABLES.layouts,
)
