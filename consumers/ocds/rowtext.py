"""Values of a row as they leave: blanks are nothing, times are instants, long numbers in texts are struck out. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from consumers.ocds.history import Statement
from schemas.times import instant, iso
from schemas.values import Wrong, is_blank

__all__ = ["RowText", "given", "struck"]

_PERSONAL = re.compile(r"(?<!\d)(?:\d{15,20}|\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3})(?!\d)", re.ASCII)
"""A NIP has 18 digits, a NIK 16, an NPWP 15 or 16, dotted or not."""

_WEB = re.compile(r"https?://[a-z0-9.\-]+(?::\d{1,5})?(?:/[\w.~/\-]*)?", re.ASCII | re.IGNORECASE)


def struck(text: str) -> str:
    """A text without the numbers that name a person.

    >>> struck("821/198609262015051001/SPK"), struck("npwp 01.234.567.8-901.000")
    ('821/******************/SPK', 'npwp ********************')
    """
    return _PERSONAL.sub(lambda found: "*" * len(found[0]), text)


def given(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON values
    """An object of those parts that say something.

    >>> given(title="A", value=None, items=[])
    {'title': 'A'}
    """
    return {name.rstrip("_"): value for name, value in parts.items() if value not in (None, [], {})}


@dataclass(frozen=True, slots=True)
class RowText:
    """A row of a source.

    Attributes:
        zone: what the source's clock shows.
    """

    said: Statement
    zone: ZoneInfo

    def text(self, column: str) -> str | None:
        """A text that may be published; None = blank."""
        text = self.said.columns[column]
        return None if is_blank(text) else struck(text.strip())

    def web(self, column: str) -> str | None:
        """A web address; None = blank, or none."""
        text = (self.said.columns[column] or "").strip()
        return text if _WEB.fullmatch(text) else None

    def moment(self, column: str) -> str | None:
        """A time or the begin of a day; None = blank, or no time."""
        text = self.said.columns[column]
        found = instant(text, self.zone) if text and not is_blank(text) else None
        return None if found is None or isinstance(found, Wrong) else iso(found)

    def value(self, column: str) -> dict[str, Any] | None:
        """An amount of rupiah; None = not stated."""
        amount: Decimal | None = self.said.columns[column]
        return None if amount is None else {"amount": amount, "currency": "IDR"}

    def period(self, start: str, end: str) -> dict[str, Any]:
        """From one day to another."""
        return given(startDate=self.moment(start), endDate=self.moment(end))

    def texts(self, column: str) -> list[str]:
        """The parts of a list, each once, sorted; blanks left out."""
        return sorted({text.strip() for text in self.said.columns[column] if not is_blank(text)})
