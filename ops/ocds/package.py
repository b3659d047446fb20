"""A package of releases or records as one file, written item by item."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO
from uuid import NAMESPACE_URL, uuid5

from ops.ocds.exact import exact_json

__all__ = ["Package", "package_uri"]


def package_uri(prefix: str, items: str, published: str) -> str:
    """A URI that names what was published and when; it leads nowhere.

    >>> package_uri("ocds-000000", "releases", "2025-10-03T21:31:02.612+08:00")
    'urn:uuid:5298d979-0fc8-5af7-82e0-bc43fcbf0859'
    """
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{prefix}/{items}/{published}')}"


class Package:
    """A package while it is written; what is known only at its end, stands at its end.

    Args:
        items: ``releases`` or ``records``.
    """

    def __init__(self, file: TextIO, items: str, head: Mapping[str, Any]) -> None:
        self._file = file
        self.count = 0
        file.write(f'{exact_json(head)[:-1]},"{items}":[')

    def add(self, item: Mapping[str, Any]) -> None:
        """Write one more item."""
        self._file.write(f"{',' if self.count else ''}\n{exact_json(item)}")
        self.count += 1

    def finish(self, tail: Mapping[str, Any]) -> None:
        """Write what stands behind the items."""
        self._file.write(f"\n],{exact_json(tail)[1:]}\n")
