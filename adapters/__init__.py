"""Adapters: exports of existing systems become statements. One package a system; shared reading beside them."""

from adapters.files import FileKind, HashedFile, Manifest, find, kind_of, read_manifest
from adapters.sources import SOURCES, SYSTEMS, Setting, kinds_of, read_again, rows_of

__all__ = [
    "SOURCES",
    "SYSTEMS",
    "FileKind",
    "HashedFile",
    "Manifest",
    "Setting",
    "find",
    "kind_of",
    "kinds_of",
    "read_again",
    "read_manifest",
    "rows_of",
]
