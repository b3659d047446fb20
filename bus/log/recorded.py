"""Recorded time: a record's first one is kept in a header when it is copied; and the way from a time to an offset."""

from __future__ import annotations

from bus.ports import Log

__all__ = ["RECORDED", "first_since", "recorded_index", "recorded_of"]

RECORDED = "ce_recorded"
"""Header in which a copied or restored record keeps its first recorded time; it wins."""


def recorded_index(names: tuple[str, ...]) -> int:
    """Where the header stands among these names; -1 = it is not there."""
    return names.index(RECORDED) if RECORDED in names else -1


def recorded_of(text: bytes, appended_ms: int) -> int:
    """Recorded time that the header states; what is no number does not count.

    >>> recorded_of(b"1234", 9), recorded_of(b"yesterday", 9)
    (1234, 9)
    """
    return int(text) if text.isdigit() else appended_ms


def first_since(log: Log, topic: str, partition: int, recorded_ms: int, low: int, high: int) -> int:
    """Where reading begins with the first record of recorded time >= ``recorded_ms``, else ``high``.

    ``low`` is where appended times reach it. A copied record was recorded before it was appended, so nothing earlier
    can be meant; and since recorded times never fall, halving finds it in some 30 reads where ``low`` is not yet it.
    """
    if low >= high or _reaches(log, topic, partition, low, recorded_ms):
        return low
    while low < high:
        middle = (low + high) // 2
        if _reaches(log, topic, partition, middle, recorded_ms):
            high = middle
        else:
            low = middle + 1
    return low


def _reaches(log: Log, topic: str, partition: int, offset: int, recorded_ms: int) -> bool:
    """Whether the first record from an offset on was recorded then or later; behind the last one there is none."""
    records, following = log.read(topic, partition, offset, 1)
    while not records and following > offset:
        offset = following
        records, following = log.read(topic, partition, offset, 1)
    return not records or records[0].recorded_ms >= recorded_ms
