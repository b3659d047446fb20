"""Rows of views, and their canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["ViewRow", "dump"]


@dataclass(frozen=True, slots=True)
class ViewRow:
    """One row of a view.

    Attributes:
        view: name of the view.
        ref: another node by which the row is found too.
        body: what is hashed and shown; JSON types only, numbers as text.
        evidence: what explains it and is not hashed: event ids by part.
    """

    view: str
    ref: str | None
    body: Mapping[str, Any]
    evidence: Mapping[str, Any]


def dump(value: object) -> str:
    """Canonical JSON: sorted keys, no white space."""
    return _CANONICAL.encode(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
