"""How a message shows a text that should be a date or a time and may be anything: a name, an identity number."""

from __future__ import annotations

import re

__all__ = ["masked"]

_WORD = re.compile(r"[^\W\d_]{2,}")
_LONG_NUMBER = re.compile(r"\d{8,}")

_SEARCHED = 200
_SHOWN = 40
"""Characters of a text that a message shows."""


def masked(text: str) -> str:
    """Show the form of a text, not its words: letters as ``a`` or ``A``, eight digits or more as ``#…``.

    One word is masked as two are: many people have a single name. Single letters stay (``T``, ``Z``), and so do
    shorter numbers: the form of a wrong date is what its reader needs. The row itself is in the dead letter.

    >>> masked("2025-02-30T07:00:00Z"), masked("32 Juli 2025"), masked("BUDI SANTOSO"), masked("198501012010011001")
    ('2025-02-30T07:00:00Z', '32 Aaaa 2025', 'AAAA AAAAAAA', '#…')
    """
    words = _WORD.sub(lambda word: "".join("A" if letter.isupper() else "a" for letter in word[0]), text[:_SEARCHED])
    return _LONG_NUMBER.sub("#…", words)[:_SHOWN]
