"""Merging releases into the current state, as the standard's merge routine does. Pure.

Source: https://standard.open-contracting.org/1.1/en/schema/merging/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["closing", "compiled"]

_OMITTED = ("id", "date", "tag")


def compiled(releases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The compiled release of a process.

    Args:
        releases: all of it, sorted by date, at least one.
    """
    merged: dict[str, Any] = {}
    for release in releases:
        _merge(merged, {name: value for name, value in release.items() if name not in _OMITTED})
    last = releases[-1]
    return {"id": f"{last['ocid']}-{last['date']}", "date": last["date"], "tag": ["compiled"], **merged}


def _merge(into: dict[str, Any], new: Mapping[str, Any]) -> None:
    for name, value in new.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, Mapping):
            _merge(into.setdefault(name, {}), value)
        elif _identified(value):
            _merge_list(into.setdefault(name, []), value)
        else:
            into[name] = value


def _merge_list(into: list[dict[str, Any]], new: Sequence[Mapping[str, Any]]) -> None:
    """Merge objects by their id."""
    known = {item["id"]: item for item in into}
    for item in new:
        if item["id"] not in known:
            known[item["id"]] = {}
            into.append(known[item["id"]])
        _merge(known[item["id"]], item)


def _identified(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(item, Mapping) for item in value)


def closing(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """What is stated now, with null for what was stated before and no longer is.

    >>> closing({"title": "A", "value": {"amount": 1, "currency": "IDR"}}, {"title": "B"})
    {'title': 'B', 'value': {'amount': None, 'currency': None}}
    """
    found = dict(now)
    for name, value in before.items():
        if name not in now:
            found[name] = _nothing(value)
        elif isinstance(value, Mapping):
            found[name] = closing(value, now[name])
        elif _identified(value):
            found[name] = _closing_list(value, now[name])
    return found


def _closing_list(before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    was = {item["id"]: item for item in before}
    found = [closing(was.pop(item["id"], {}), item) for item in now]
    return found + [_nothing(item) for item in was.values()]


def _nothing(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """Null in the place of all that is stated but ids, which merging goes by."""
    if isinstance(value, Mapping):
        return {name: part if name in ("id", "awardID") else _nothing(part) for name, part in value.items()}
    if _identified(value):
        return [_nothing(item) for item in value]
    return None
