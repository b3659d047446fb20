"""A cell of a CSV file that people open in a spreadsheet."""

from __future__ import annotations

__all__ = ["harmless"]


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("027/07")
    ("'=1+1", '027/07')
    """
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
