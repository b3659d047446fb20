"""The invariants I1 to I5 and I7, counted from the journal against the database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from tests.integration.chaos.journal import Told
from tests.integration.chaos.oracle import World, world
from tests.integration.chaos.state import State

__all__ = ["RECOVERY_S", "counted", "green"]

RECOVERY_S = 120.0
OK = "ok"


def counted(told: Told, state: State, *, rebuilt_equal: bool | None, recovery_s: float | None) -> dict[str, str]:
    """A verdict per invariant: ``ok``, or what is wrong in numbers, and more behind a colon.

    Args:
        rebuilt_equal: what ``grms view rebuild`` said; None = not asked.
        recovery_s: seconds from heal to lag 0; None = it never came to that.
    """
    inbox = set(state.inbox)
    present = told.ok | (told.unknown & inbox)
    due = world(told.events[name] for name in present - state.dead)
    return {
        "I1": _few("lost", told.ok - inbox - state.dead),
        "I2": _one_effect(state, due),
        "I3": _few("invented", inbox - told.ok - told.unknown),
        "I4": _few("wrong", set(_wrong(state, due))),
        "I5": {True: OK, False: "rebuild differs", None: "-"}[rebuilt_equal],
        "I7": _in_time(recovery_s),
    }


def green(verdicts: Mapping[str, str]) -> bool:
    return all(verdict in {OK, "-"} or verdict.endswith(" s") for verdict in verdicts.values())


def _in_time(seconds: float | None) -> str:
    if seconds is None:
        return "never caught up"
    return f"{seconds:.0f} s" if seconds <= RECOVERY_S else f"late: {seconds:.0f} seconds"


def _few(what: str, names: set[str]) -> str:
    return f"{len(names)} {what}: {', '.join(sorted(names)[:3])}" if names else OK


def _one_effect(state: State, due: World) -> str:
    doubled = {name for name, times in (state.facts + state.inbox).items() if times > 2}
    unmatched = set(state.facts) ^ set(state.inbox)
    off = state.rupiah - due.rupiah
    shown = sum((Decimal(body["value"] or 0) for _, body, _ in state.views.get("packages", [])), Decimal(0))
    off_shown = shown - sum((Decimal(str(one.get("value") or 0)) for one in due.packages.values()), Decimal(0))
    if not (doubled or unmatched or off or off_shown):
        return OK
    return f"{len(doubled)} doubled: {len(unmatched)} not in both, Rp {off} in facts, Rp {off_shown} in views"


def _wrong(state: State, due: World) -> Iterator[str]:
    """Names of packages, contracts and days whose row is missing, too many or not as it must be."""
    packages, contracts = _packages(state)
    punches = {node: body["times"] for node, body, _ in state.views.get("punches", [])}
    for shown, expected in ((packages, due.packages), (contracts, due.contracts), (punches, due.punches)):
        for name in shown.keys() | expected.keys():
            if shown.get(name) != expected.get(name):
                yield name
    for view, count in (("packages", len(due.packages)), ("punches", len(due.punches))):
        if len(state.views.get(view, [])) != count:
            yield f"rows of {view}"


def _packages(state: State) -> tuple[dict[str, Any], dict[str, Any]]:
    """Packages and contracts as the views show them, in the oracle's words."""
    packages, contracts = {}, {}
    for node, body, evidence in state.views.get("packages", []):
        packages[node.removeprefix("NT:")] = _package(node, body, evidence)
        for number in body["contract_numbers"]:
            contracts[number["id"]] = {
                "versions": number["versions"],
                "value": number["value"],
                "rows": evidence[f"KONTRAK:{number['id']}"],
            }
    return packages, contracts


def _package(node: str, body: dict[str, Any], evidence: dict[str, Any]) -> dict[str, object]:
    found: dict[str, object] = {"by": set(evidence.get(node, []))}
    if body["announced"]:
        found["announced"] = (body["announced"]["status"], body["announced"]["version"])
    if body["completed"]:
        found["value"] = body["completed"]["value"]
    return found
