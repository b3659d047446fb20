"""Every kind of export file the bus can read, and how each is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from adapters import absensi, isb
from adapters.files import READ_ERRORS, FileKind, HashedFile
from adapters.tukin_case import rows as tukin_case
from bus.intake import Rejected, Stated

__all__ = ["SOURCES", "SYSTEMS", "Setting", "kinds_of", "read_again", "rows_of"]

SYSTEMS = {
    "isb": "LKPP ISB: SiRUP, SPSE, e-Kontrak, e-catalogue 6",
    "absensi": "attendance devices (attlog)",
    "tukin-case": "pay office: employees, PINs, calendar, rosters, excuses, sanctions, amounts, policies",
}
"""What stands behind each source."""

SOURCES: dict[str, tuple[FileKind, ...]] = {
    "isb": isb.KINDS,
    "absensi": absensi.KINDS,
    "tukin-case": tukin_case.KINDS,
}
"""File kinds by source."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a row is read by besides its own bytes."""

    file: str
    zone: ZoneInfo
    observed: str
    device: str | None


def kinds_of(source: str) -> tuple[FileKind, ...]:
    """File kinds of a source; ``auto`` = of all."""
    if source == "auto":
        return tuple(kind for kinds in SOURCES.values() for kind in kinds)
    return SOURCES[source]


def rows_of(kind: FileKind, stream: HashedFile, setting: Setting) -> Iterator[Stated | Rejected]:
    """Rows of a file, streamed; what stops the reading is the last of them."""
    try:
        yield from _rows_of(kind, stream, setting)
    except READ_ERRORS as error:
        yield Rejected(
            "unreadable_file",
            f"{setting.file}: reading stopped: {error}. The rows before are in; make it readable or export it again.",
            "end",
            stream.last,
            damaged=True,
        )


def _rows_of(kind: FileKind, stream: HashedFile, setting: Setting) -> Iterator[Stated | Rejected]:
    if kind.source == "absensi":
        return absensi.read_file(
            stream, file=setting.file, zone=setting.zone, observed=setting.observed, device=setting.device
        )
    if kind.source == "tukin-case":
        return tukin_case.read_file(
            stream, file=setting.file, kind=kind.name, zone=setting.zone, observed=setting.observed
        )
    return isb.read_file(stream, file=setting.file, kind=kind.name, zone=setting.zone, observed=setting.observed)


def read_again(source: str, kind: str, original: bytes, setting: Setting) -> Stated | Rejected:
    """Read one rejected row again from its bytes."""
    if source == "absensi":
        return absensi.read_original(
            original, file=setting.file, zone=setting.zone, observed=setting.observed, device=setting.device
        )
    if source == "tukin-case":
        return tukin_case.read_original(
            original, file=setting.file, kind=kind, zone=setting.zone, observed=setting.observed
        )
    return isb.read_original(original, file=setting.file, kind=kind, zone=setting.zone, observed=setting.observed)
