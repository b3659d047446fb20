"""Steps that rows of every table share: refusing a row, its observed time, text that can't be kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from adapters.shown import masked
from schemas import observed_text, text_of
from schemas.times import instant
from schemas.values import Wrong, is_blank

__all__ = ["EXPORT_AGAIN", "Reject", "check_text", "moment", "observed"]

EXPORT_AGAIN = "Correct it in the source and export again."


class Reject(Exception):
    """A row can't be used: the reason, and a text that says what is wrong and what to do."""

    def __init__(self, reason: str, problem: str, remedy: str = EXPORT_AGAIN) -> None:
        self.reason = reason
        self.text = f"{problem}. {remedy}"


def moment(zone: ZoneInfo, column: str, text: str) -> int:
    """Read a time of a row, milliseconds UTC.

    Raises:
        Reject: it is none.
    """
    found = instant(text, zone)
    if isinstance(found, Wrong):
        raise Reject("bad_date", f'{column} "{masked(text)}" {found.why}')
    return found


def observed(zone: ZoneInfo, columns: Mapping[str, Any], given: str) -> str:
    """When a row was stated, by its export columns; without any, the ``given`` time.

    Raises:
        Reject: an export column holds no time.
    """
    day = text_of(columns.get("_event_date"))
    inserted = text_of(columns.get("_inserted_date"))
    if not is_blank(day):
        first = moment(zone, "_event_date", day)
        return observed_text(first, None if is_blank(inserted) else moment(zone, "_inserted_date", inserted))
    for name in ("_inserted_date", "tgl_penarikan"):
        text = text_of(columns.get(name))
        if not is_blank(text):
            return observed_text(moment(zone, name, text))
    return given


def check_text(original: str, columns: Mapping[str, Any]) -> None:
    """Check that a JSON row holds text that can be kept.

    Raises:
        Reject: it holds NUL, or what is no Unicode.
    """
    if not original.isascii():
        try:
            original.encode()
        except UnicodeEncodeError:
            raise Reject("wrong_encoding", "the row holds bytes that are no UTF-8", "Export again as UTF-8.") from None
    if "\\u" in original:
        for name, value in columns.items():
            text = text_of(value)
            if "\0" in text or "\0" in name:
                remedy = "Redrive with the fix strip-nul, or export again."
                raise Reject("nul_byte", f"{name} holds a NUL character", remedy)
            if any("\ud800" <= character <= "\udfff" for character in text + name):
                raise Reject("wrong_encoding", f"{name} holds half a surrogate pair")
