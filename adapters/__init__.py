"""Adapters: exports of existing systems become statements. One package a system; shared reading beside them."""

from adapters.adapter import Adapter, Setting
from adapters.files import FileKind, HashedFile, Manifest, find, kind_of, read_manifest
from adapters.katalog import catalogue, units_using
from adapters.sources import ADAPTERS, SOURCES, SYSTEMS, kinds_of, read_again, rows_of

__all__ = [
    "ADAPTERS",
    "SOURCES",
    "SYSTEMS",
    "Adapter",
    "FileKind",
    "HashedFile",
    "Manifest",
    "Setting",
    "catalogue",
    "find",
    "kind_of",
    "kinds_of",
    "read_again",
    "read_manifest",
    "rows_of",
    "units_using",
]
