"""Look at the first rows of a file before any is passed on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TypeVar

from adapters.files import READ_ERRORS

__all__ = ["begin"]

T = TypeVar("T")


def begin(rows: Iterator[T], number: int) -> tuple[list[T], Iterator[T]]:
    """The first rows, and all of them from the first.

    Invariant: where reading stops early, that still comes behind the rows before it.
    """
    head: list[T] = []
    try:
        for row in rows:
            head.append(row)
            if len(head) == number:
                break
    except READ_ERRORS as error:
        return head, chain(head, _stopped(error))
    return head, chain(head, rows)


def _stopped(error: Exception) -> Iterator[T]:
    yield from ()
    raise error
