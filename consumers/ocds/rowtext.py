"""Values of a row as they leave: blanks are nothing, times are instants, long numbers in texts are struck out. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from consumers.ocds.history import Statement
from schemas.personal import struck
from schemas.times import instant, iso
from schemas.values import Wrong, is_blank

__all__ = ["RowText", "given"]

_WEB = re.compile(r"https?://[a-z0-9.\-]+(?::\d{1,5})?(?:/[\w.~/\-]*)?", re.ASCII | re.IGNORECASE)


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
