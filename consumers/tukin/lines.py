"""The policy book: which line of policies governs which unit. Pure.

Within a line no two complete policies may hold on one day, and no day may lie between two of them: a line is one
regulation after another. Overlays may leave gaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import yaml

from consumers.tukin.policy import Book, Overlay, Policy
from consumers.tukin.values import BadInput

__all__ = ["with_lines"]

_REMEDY = "See consumers/tukin/policies/README.md"


def with_lines(book: Book, text: str, file: str) -> Book:
    """A book divided into lines by a policy book's text: ``lines``, ``units`` and ``default``.

    Raises:
        BadInput: the text is none, a line names an unknown policy, or has an overlap or a gap.
    """
    lines, units, default = _read(text, file)
    known = {policy.id: policy for policy in book.policies}
    for name, members in lines.items():
        missing = [one for one in members if one not in known]
        if missing:
            raise BadInput(
                f"{file}: lines.{name}: policy {missing[0]} is not known. Publish it first or correct the name."
            )
        for kind in (True, False):
            _check([known[one] for one in members if isinstance(known[one], Policy) == kind], f"{file}: lines.{name}")
    for unit, line in (*units.items(), ("default", default)):
        if line is not None and line not in lines:
            raise BadInput(f"{file}: {unit} is given line {line}, which is none of the lines. Correct one of them.")
    of_unit = {unit: frozenset(lines[line]) for unit, line in units.items()}
    return replace(book, of_unit=of_unit, of_others=frozenset(lines[default]) if default else frozenset())


def _read(text: str, file: str) -> tuple[Mapping[str, Sequence[str]], Mapping[str, str], str | None]:
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BadInput(f"{file}: no readable YAML. Correct the file.") from error
    if not isinstance(found, dict) or not found.keys() <= {"lines", "units", "default"} or "lines" not in found:
        raise BadInput(f"{file}: a policy book has the keys lines, units and default only. {_REMEDY}.")
    lines, units, default = found["lines"], found.get("units") or {}, found.get("default")
    names = isinstance(lines, dict) and all(_texts(one) for one in lines.values())
    if not names or not isinstance(units, dict) or not _texts([*units.values()]) or not isinstance(default, str | None):
        raise BadInput(f"{file}: lines are lists of policy ids, units and default name a line. {_REMEDY}.")
    return lines, units, default


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(one, str) for one in values)


def _check(policies: Iterable[Overlay], where: str) -> None:
    ordered = sorted((one for one in policies if one.status != "draft"), key=lambda one: one.berlaku)
    for before, after in pairwise(ordered):
        if before.sampai is None or before.sampai >= after.berlaku:
            raise BadInput(
                f"{where}: {before.id} and {after.id} both hold on {after.berlaku.isoformat()}. "
                f"End {before.id} with sampai, or put one of them into another line."
            )
        gap: date = before.sampai + timedelta(days=1)
        if gap != after.berlaku and isinstance(after, Policy):
            raise BadInput(
                f"{where}: no policy from {gap.isoformat()} until {after.id}. Move sampai or berlaku, or add a policy."
            )
