"""TUKIN at the edge: a case folder computed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from adapters.tukin_case import CaseFiles, FolderFiles, NotACase, read_case
from consumers.tukin import (
    BadInput,
    Case,
    Close,
    Layer,
    Punch,
    Row,
    case_statement,
    local_time,
    punch_of,
    read_day,
    read_month,
)
from ops.settings import Misuse

__all__ = ["case_document"]


def case_document(folder: Path) -> dict[str, Any]:
    """The statement document of a case folder; nothing in the folder is touched.

    Raises:
        Misuse: the folder is no case, or a value that is needed can't be read; names file and line.
    """
    try:
        return case_statement(_case(read_case(folder)))
    except (NotACase, BadInput) as error:
        raise Misuse(str(error)) from error


def _case(files: CaseFiles) -> Case:
    as_of = local_time(files.as_of)
    if as_of is None:
        raise NotACase("case.json: as_of is no time YYYY-MM-DDTHH:MM:SS. Correct it.")
    try:
        closes = [Close(read_month(month), _close(close)) for month, close in files.months]
    except ValueError as error:
        raise NotACase(f"case.json: {error}. Correct it.") from error
    if len({close.month for close in closes}) < len(closes):
        raise NotACase("case.json: a month stands twice. Keep one of them.")
    late = {month: _layer(one) for month, one in files.late.items()}
    return Case(files.name, as_of, closes, _layer(files.base), late)


def _close(text: str) -> date:
    found = read_day(text)
    if isinstance(found, str):
        raise ValueError(f"close {found}")  # noqa: TRY004 - the text's fault, told by the caller
    return found


def _layer(files: FolderFiles) -> Layer:
    tables = {table: [Row(*row) for row in rows] for table, rows in files.tables.items()}
    found = [punch_of(*line) for line in files.punches]
    punches = frozenset(one for one in found if isinstance(one, Punch))
    bad_rows = frozenset(one for one in found if not isinstance(one, Punch))
    return Layer(tables, punches, bad_rows, (files.policies, files.policies_file))
