"""Texts as every database stores them."""

from __future__ import annotations

from typing import overload

__all__ = ["plain"]


@overload
def plain(text: str) -> str: ...
@overload
def plain(text: None) -> None: ...


def plain(text: str | None) -> str | None:
    r"""A text with NUL (PostgreSQL stores none) and half surrogate pairs (no UTF-8 has them) spelled out.

    Keys and versions are never changed so: an event whose key holds one is a dead letter, since two keys could
    become one. Bytes are kept as they are.

    >>> plain("a\0b\udc80")
    'a\\x00b\\udc80'
    """
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")
