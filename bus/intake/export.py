"""What an export says, row by row, and what was counted while it was taken in. Values only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from schemas import Content

__all__ = ["Export", "Rejected", "Stated", "Taken"]


@dataclass(frozen=True, slots=True)
class Stated:
    """A row that says something about a key.

    Attributes:
        event: event type of the catalogue.
        observed: when the source said so (`schemas.observed_text`).
        event_ms: when it happened, milliseconds UTC; None = not stated, or true on every date.
        place: row number, for messages.
        original: the row's bytes.
    """

    event: str
    key: str
    version: str
    observed: str
    event_ms: int | None
    unit: str | None
    content: Content
    place: str
    original: bytes


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that can't be used; ``damaged`` = the file can't be read from here on."""

    reason: str
    message: str
    place: str
    original: bytes
    key: str | None = None
    damaged: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """One file being read.

    Attributes:
        source: system, as on the command line.
        kind: kind of file, ``spse-nontender-kontrak``.
        event: event type that its rows become.
        file: base name.
        observed: observed time of rows that carry none.
        dated: that time was told, thus it is the whole export's; else it is the clock's.
        items: the rows, read once, in the file's order.
        sha256: digest of the file's bytes, right once ``items`` is exhausted.
        stated: what the manifest says: ``pulled``, ``as_of``, ``tahun_anggaran``.
        context: what a redrive of one of its rows needs.
    """

    source: str
    kind: str
    event: str
    file: str
    observed: str
    items: Iterator[Stated | Rejected]
    sha256: Callable[[], str]
    stated: Mapping[str, str | None] = field(default_factory=dict)
    context: Mapping[str, str | None] = field(default_factory=dict)
    traceparent: str | None = None
    dated: bool = False


@dataclass(slots=True)
class Taken:
    """What was counted while an export was taken in; all counts are rows."""

    export: int
    rows: int = 0
    rejected: int = 0
    copies: int = 0
    gone: int = 0
    problem: str | None = None
