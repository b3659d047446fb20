"""Adapters: exports of existing systems become statements. One package a system; shared reading beside them."""

from adapters.files import READ_ERRORS, FileKind, HashedFile, Manifest, find, kind_of, read_manifest
from adapters.sources import SOURCES, SYSTEMS, Setting, kinds_of, read_again, rows_of

__all__ = [
    "READ_ERRORS",
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
