"""Export files: finding them, knowing each by its name, reading their bytes and their manifest."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["FileKind", "HashedFile", "Listed", "Manifest", "find", "kind_of", "read_manifest"]


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of export file.

    Attributes:
        source: system, as on the command line.
        name: kind, which is also the beginning of its file name.
        pattern: regular expression that the whole base name matches (any case).
        stage: part of the chain it tells of.
        event: event type that its rows become.
    """

    source: str
    name: str
    pattern: str
    stage: str
    event: str
    shown: str = ""

    def matches(self, file: str) -> bool:
        """Tell whether a base name is of this kind."""
        return re.fullmatch(self.pattern, file, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest says of one file; None = nothing."""

    rows: int | None = None
    sha256: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder's ``manifest.json`` says of its files."""

    pulled: str | None = None
    as_of: str | None = None
    zone: str | None = None
    year: str | None = None
    files: Mapping[str, Listed] = field(default_factory=dict)

    def listed(self, file: str) -> Listed:
        """What is said of a file; one that was gzipped since is still listed under its own name."""
        return self.files.get(file) or self.files.get(file.removesuffix(".gz")) or Listed()

    def against(self, path: Path, rows: int, sha256: str) -> str | None:
        """What speaks against a file being the one that the manifest lists; None = nothing.

        Args:
            rows: rows that were read.
            sha256: digest of its bytes, unpacked.
        """
        listed = self.listed(path.name)
        wrong = []
        if listed.rows not in (None, rows):
            wrong.append(f"lists {listed.rows} rows, the file has {rows}")
        if listed.sha256 is not None and listed.sha256.lower() not in (sha256, _sha256(path)):
            wrong.append(f"lists SHA-256 {listed.sha256[:12]}…, the file has {sha256[:12]}…")
        return (
            f"{path.name}: manifest.json {' and '.join(wrong)}. Pull the export and its manifest again."
            if wrong
            else None
        )


def _sha256(path: Path) -> str:
    """Digest of a file as it lies on disk, packed or not; empty if it can't be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


_GZIP = b"\x1f\x8b"
"""First bytes of a gzipped file, whatever its name."""

_KEPT = 1000
"""Bytes last read that are kept, to show where reading stopped."""


class HashedFile:
    """A file's bytes, unpacked if gzipped, with their SHA-256 once all are read.

    Attributes:
        last: the last bytes read (up to 1,000); before any was, the first bytes on disk.

    Raises, from `read` and when made:
        OSError, EOFError, zlib.error: the file can't be read (on).
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.last = self._file.peek(_KEPT)[:_KEPT]
        self._stream: Any = gzip.GzipFile(fileobj=self._file) if self.last.startswith(_GZIP) else self._file
        self._hash = hashlib.sha256()
        self._told = 0
        self._stopped: Exception | None = None

    def read(self, size: int, /) -> bytes:
        """``size`` bytes, or those before the end, or those before damage; at damage the next call raises."""
        if self._stopped is not None:
            raise self._stopped
        pieces: list[bytes] = []
        left = size
        try:
            while left and (piece := self._stream.read1(left)):
                pieces.append(piece)
                left -= len(piece)
        except READ_ERRORS as error:
            self._stopped = error
            if not pieces:
                raise
        data = b"".join(pieces)
        self._hash.update(data)
        self.last = data[-_KEPT:] or self.last
        return data

    def sha256(self) -> str:
        """SHA-256 of what was read, hex."""
        return self._hash.hexdigest()

    def advance(self) -> int:
        """Bytes of the file on disk that were read since the last question."""
        before, self._told = self._told, self._file.tell()
        return self._told - before

    def close(self) -> None:
        """Close the file."""
        self._file.close()


READ_ERRORS = (OSError, EOFError, zlib.error)
"""What reading a damaged or vanished file raises."""


def kind_of(file: str, kinds: Iterable[FileKind]) -> FileKind | None:
    """The kind that a base name belongs to."""
    return next((kind for kind in kinds if kind.matches(file)), None)


def find(paths: Iterable[Path]) -> list[Path]:
    """All files below some paths, each once, sorted within a folder; hidden ones are left out."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = (entry for entry in sorted(path.rglob("*")) if entry.is_file())
            found.update({entry: None for entry in inside if not _hidden(entry.relative_to(path))})
        else:
            found[path] = None
    return list(found)


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def read_manifest(folder: Path) -> Manifest:
    """Read a folder's manifest; without one, an empty manifest.

    Raises:
        ValueError: it is there and no manifest; the message names the file.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        return Manifest()
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files = told.get("files") or []
        listed = {str(entry["name"]): _listed(entry) for entry in files}
        texts = {name: _text(told, name) for name in ("pulled", "as_of", "zona", "tahun_anggaran")}
        json.dumps([texts, told], ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError) as error:
        message = f"{path} is no manifest ({error}). Mend or remove it."
        raise ValueError(message) from error
    return Manifest(texts["pulled"], texts["as_of"], texts["zona"], texts["tahun_anggaran"], listed)


def _listed(entry: Mapping[str, object]) -> Listed:
    rows = _text(entry, "rows")
    return Listed(None if rows is None else int(rows), _text(entry, "sha256"), _text(entry, "device"))


def _text(told: Mapping[str, object], name: str) -> str | None:
    value = told.get(name)
    return None if value is None or value == "" else str(value)
