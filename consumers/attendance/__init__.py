"""Punches as they are known: one row per device, PIN and day. What they are worth is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bus.projection import Projection, ViewRow
from bus.rows import KeyRows
from schemas import Malformed

__all__ = ["ATTENDANCE"]

_BARS = 2
"""In a punch's key; one inside a part is written otherwise."""


def _node(_event: str, key: str) -> str:
    """Day of a punch, UTC: device|PIN|date of a key device|PIN|instant.

    Raises:
        Malformed: terminal; the key is of another shape.
    """
    if key.count("|") != _BARS:
        raise Malformed("the key of a punch is device|PIN|instant, and this one is not")
    return key[: key.rindex("|") + 11]


def _derive(node: str, keys: Sequence[KeyRows]) -> Iterator[ViewRow]:
    device, pin, day = node.rsplit("|", 2)
    times = sorted({rows.key.rsplit("|", 1)[1] for rows in keys})
    body = {"device": device, "pin": pin, "day_utc": day, "times": times}
    yield ViewRow("punches", None, body, {"events": sorted(rows.current.event_id for rows in keys)})


ATTENDANCE = Projection(
    name="attendance",
    reads={"AttendancePunched": ("device", "pin", "time")},
    node=_node,
    derive=_derive,
    views=("punches",),
)
