"""Every kind of export file the bus can read, and how each is read.

An adapter is a folder beside this file that has a ``layouts.py`` and names its ``ADAPTER``; nothing lists them.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from adapters.adapter import Adapter, Setting, Tell
from adapters.files import READ_ERRORS, FileKind, HashedFile
from bus.intake import Rejected, Stated

__all__ = ["ADAPTERS", "SOURCES", "SYSTEMS", "kinds_of", "read_again", "rows_of"]


def _found() -> Iterator[Adapter]:
    for path in sorted(Path(__file__).parent.glob("*/layouts.py")):
        adapter: Adapter = import_module(f"adapters.{path.parent.name}").ADAPTER
        yield adapter


ADAPTERS: dict[str, Adapter] = {adapter.source: adapter for adapter in _found()}
"""Every adapter by its source."""

SYSTEMS = {source: adapter.system for source, adapter in ADAPTERS.items()}
"""What stands behind each source."""

SOURCES: dict[str, tuple[FileKind, ...]] = {source: adapter.kinds for source, adapter in ADAPTERS.items()}
"""File kinds by source."""


def kinds_of(source: str) -> tuple[FileKind, ...]:
    """File kinds of a source; ``auto`` = of all."""
    if source == "auto":
        return tuple(kind for kinds in SOURCES.values() for kind in kinds)
    return SOURCES[source]


def _untold(_notice: str) -> None:
    """Let a notice go: nobody asked for it."""


def rows_of(kind: FileKind, stream: HashedFile, setting: Setting, tell: Tell = _untold) -> Iterator[Stated | Rejected]:
    """Rows of a file, streamed; what stops the reading is the last of them."""
    try:
        yield from ADAPTERS[kind.source].read_file(stream, kind.name, setting, tell)
    except READ_ERRORS as error:
        yield Rejected(
            "unreadable_file",
            f"{setting.file}: reading stopped: {error}. The rows before are in; make it readable or export it again.",
            "end",
            stream.last,
            damaged=True,
        )


def read_again(source: str, kind: str, original: bytes, setting: Setting) -> Stated | Rejected:
    """Read one rejected row again from its bytes."""
    return ADAPTERS[source].read_original(original, kind, setting)
