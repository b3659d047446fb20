"""Statements: what a source says about one key and version at one observed time. Pure.

A statement is the set of distinct contents given then. One equal to the one before it in observed order is a
repetition and is not published; one that differs is published whole, an event per content.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import groupby
from typing import TypeVar

__all__ = ["State", "decide", "last_run"]

D = TypeVar("D", bytes, str)


class State(IntEnum):
    """What was decided about one content of a statement."""

    NEW = 0
    PUBLISHED = 1
    REPETITION = 2


def decide(history: Sequence[tuple[str, Mapping[D, State]]], *, first_is_context: bool) -> list[tuple[str, D, State]]:
    """Decide which contents become events.

    Args:
        history: neighbouring statements of one key and version in observed order, each with the state of
            every content.
        first_is_context: the first one is there to compare with and is not decided (what precedes it is
            unknown and unchanged).

    Returns:
        The contents whose state changes, with their new state.

    Invariant: a statement is published whole or not at all; published is never taken back. So the last run
    of equal statements is the same whether one looks at all statements or only at the published ones.
    """
    changes: list[tuple[str, D, State]] = []
    before: set[D] = set()
    for index, (observed, states) in enumerate(history):
        contents = set(states)
        if index or not first_is_context:
            publish = contents != before or State.PUBLISHED in states.values()
            for digest, state in states.items():
                if publish and state is not State.PUBLISHED:
                    changes.append((observed, digest, State.PUBLISHED))
                elif not publish and state is State.NEW:
                    changes.append((observed, digest, State.REPETITION))
        before = contents
    return changes


def last_run(statements: Iterable[tuple[str, D]]) -> tuple[str, set[D]]:
    """Find the last run of equal statements: its contents, and the earliest time that stated them.

    Args:
        statements: (observed, content) pairs in observed order, at least one.
    """
    began, current = "", set[D]()
    for observed, pairs in groupby(statements, key=lambda pair: pair[0]):
        contents = {content for _, content in pairs}
        if contents != current:
            began, current = observed, contents
    return began, current
