"""Identity of facts: content of a row, its digest, event ids, observed times.

Fixed by the design: ``event_id = UUIDv5(type, key, version, observed time, content)``; content = the raw
fields in alphabetical order of name, as text as written, null = empty, without the three export columns.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import chain
from uuid import UUID

from schemas.times import utc_text

__all__ = [
    "EXPORT_COLUMNS",
    "Content",
    "compare_contents",
    "content_digest",
    "event_id",
    "join_key",
    "key_problem",
    "observed_text",
    "text_of",
]

Content = Mapping[str, str]
"""Columns of a row by name, as text as written; empty ones are left out; names in alphabetical order."""

EXPORT_COLUMNS = frozenset({"_event_date", "_inserted_date", "tgl_penarikan"})
"""They change from export to export without any change of content; they travel as observed time."""

_NAMESPACE = UUID("6f1c1a52-5d0e-5c1b-9a57-6a3f0c2e9d41").bytes
"""Name space of the bus's event ids; changing it would give every fact of the past a new name."""


def text_of(value: object) -> str:
    """Text of a JSON value as written; null is empty. Numbers arrive as their literal text.

    >>> text_of(True), text_of(None), text_of("99.50")
    ('true', '', '99.50')
    """
    if type(value) is str:
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_digest(event_type: str, key: str, version: str, content: Content) -> bytes:
    """Digest (SHA-256, 32 bytes) of what is said about one key and version.

    Invariant: no text of a row holds NUL (such rows are rejected), so the joined form is unambiguous.

    Raises:
        UnicodeEncodeError: terminal; a text holds a lone surrogate, thus no valid Unicode.
    """
    columns = chain.from_iterable(content.items())
    return hashlib.sha256("\0".join([event_type, key, version, *columns]).encode()).digest()


def event_id(digest: bytes, observed: str) -> str:
    """UUIDv5 of a content (digest over type, key, version and fields) stated at an observed time."""
    name = hashlib.sha1(_NAMESPACE + digest + observed.encode(), usedforsecurity=False).digest()
    return str(UUID(bytes=name[:16], version=5))


def join_key(parts: Iterable[str]) -> str:
    """Make a business key of its parts; a bar inside a part can't be taken for the one between two.

    >>> join_key(["NT:1", "A|B", "C"])
    'NT:1|A%7CB|C'
    """
    return "|".join(part.replace("|", "%7C") for part in parts)


MAX_KEY_BYTES, MAX_VERSION_BYTES = 2000, 400
"""An index of PostgreSQL takes 2,704 bytes: key and version stand in one beside type, observed time and digest."""


def key_problem(key: str, version: str) -> tuple[str, str] | None:
    """Reason and words if a key or version is none that a store can hold.

    >>> key_problem("NT:1|602/1", "")
    >>> key_problem("NT:1", "v" * 401)
    ('oversize', 'its version has 401 bytes, the limit is 400')
    """
    if "\0" in key or "\0" in version:
        return "nul_byte", "its key or version holds a NUL character"
    for name, text, limit in (("key", key, MAX_KEY_BYTES), ("version", version, MAX_VERSION_BYTES)):
        if len(text) * 4 > limit and (size := len(text.encode())) > limit:
            return "oversize", f"its {name} has {size:,} bytes, the limit is {limit:,}"
    return None


def observed_text(event_date: int, inserted: int | None = None) -> str:
    """Write an observed time so that text order is time order.

    ISB states a day of export and sometimes the moment of insertion; the pair orders rows, day first.
    """
    first = utc_text(event_date)
    return first if inserted is None else f"{first}/{utc_text(inserted)}"


def compare_contents(left: Content, right: Content) -> int:
    """Order two contents: fields by name, one by one, as text; a missing field is lowest.

    >>> compare_contents({"a": "1"}, {"a": "1", "b": "x"})
    -1
    """
    for name in sorted(left.keys() | right.keys()):
        a, b = left.get(name, ""), right.get(name, "")
        if a != b:
            return -1 if a < b else 1
    return 0
