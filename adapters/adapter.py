"""What an adapter is: a system, the file kinds it exports, and how its rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from adapters.files import FileKind
from adapters.jsonrows import Reads
from adapters.layout import Layout
from bus.intake import Rejected, Stated

__all__ = ["Adapter", "Setting", "Tell"]

Tell = Callable[[str], None]
"""Takes a notice about a file: something that costs no row and that somebody should look at."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a row is read by besides its own bytes."""

    file: str
    zone: ZoneInfo
    observed: str
    device: str | None = None


class _ReadsFile(Protocol):
    def __call__(self, stream: Reads, kind: str, setting: Setting, tell: Tell, /) -> Iterator[Stated | Rejected]: ...


class _ReadsOriginal(Protocol):
    def __call__(self, original: bytes, kind: str, setting: Setting, /) -> Stated | Rejected: ...


@dataclass(frozen=True, slots=True)
class Adapter:
    """One system's exports.

    Attributes:
        source: name on the command line.
        system: what stands behind it, in words.
        kinds: its file kinds.
        read_file: rows of one file, in its order, one at a time.
        read_original: one rejected row again, from its bytes.
        layouts: layouts of the kinds that are tables.
        applications: names under which units list the system (`adapters.katalog`).
    """

    source: str
    system: str
    kinds: tuple[FileKind, ...]
    read_file: _ReadsFile
    read_original: _ReadsOriginal
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    applications: tuple[str, ...] = ()
