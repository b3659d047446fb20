"""Numbers that name a person, within texts."""

from __future__ import annotations

import re

__all__ = ["struck"]

_NUMBERS = re.compile(r"(?<!\d)(?:\d{15,20}|\d{2}\.\d{3}\.\d{3}\.\d-\d{3}\.\d{3})(?!\d)", re.ASCII)
"""A NIP has 18 digits, a NIK 16, an NPWP 15 or 16, dotted or not."""


def struck(text: str) -> str:
    """A text without the numbers that name a person, to be given away.

    >>> struck("821/198609262015051001/SPK"), struck("npwp 01.234.567.8-901.000")
    ('821/******************/SPK', 'npwp ********************')
    """
    return _NUMBERS.sub(lambda found: "*" * len(found[0]), text)
