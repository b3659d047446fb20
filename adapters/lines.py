"""Lines of a file, streamed."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.jsonrows import MAX_ROW, Reads

__all__ = ["lines"]

_BLOCK = 1 << 18
"""Bytes read at a time."""


def lines(stream: Reads) -> Iterator[bytes]:
    """Lines with their ends; of one longer than a row may be, only so much that this shows."""
    rest = b""
    while block := stream.read(_BLOCK):
        first, *others = block.split(b"\n")
        if len(rest) <= MAX_ROW:
            rest += first
        if others:
            yield rest + b"\n"
            for line in others[:-1]:
                yield line + b"\n"
            rest = others[-1]
    if rest:
        yield rest
