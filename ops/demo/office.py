"""The demonstration's pay office: a synthetic month of one office, from punches to the pay sheet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from bus import Parts
from consumers.tukin.explain import explained
from consumers.tukin.sheet import sheets
from ops.ingest import Request, ingest
from ops.tukin import close_month, closes, masked, month_lines

__all__ = ["OFFICE", "paid"]

OFFICE = Path(__file__).parent / "office"
"""Six invented employees of September 2025, in the form of a case folder."""

_MONTH, _CLOSE = "2025-09", date(2025, 10, 5)
_EXPLAINED = "990010000000000003"


def paid(parts: Parts) -> dict[str, Any]:
    """Take the office's tables in, close its month once, and tell the sheet and one explanation."""
    if not closes(parts):
        ingest(parts, Request("tukin-case", [OFFICE]))
        close_month(parts, _MONTH, _CLOSE, datetime.combine(_CLOSE, time(8)))
    answer = month_lines(parts, _MONTH)
    (sheet,) = sheets(answer.lines)
    chosen = next(line for line in answer.lines if line.month.nip == _EXPLAINED)
    return {
        "month": _MONTH,
        "unit": sheet.unit,
        "rows": [_row(row.nip, row.amounts or {}) for row in sheet.rows],
        "total": dict(sheet.totals),
        "quarantine": [one.reason for one in answer.quarantine],
        "explained": {"nip": _EXPLAINED, "text": list(explained(chosen))},
    }


def _row(nip: str, amounts: Mapping[str, int]) -> dict[str, Any]:
    return {"nip": nip, "shown": masked(nip), **amounts}
