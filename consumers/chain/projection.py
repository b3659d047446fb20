"""The chain as a consumer: a node is a package or a node of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bus.projection import Projection, ViewRow
from bus.rows import KeyRows
from consumers.chain.asking import ASKING
from consumers.chain.card import package_rows
from consumers.chain.plan import plan_rows
from consumers.chain.reads import PACKAGE_KINDS, PROVINCE, READS, TIMED, node_of

__all__ = ["CHAIN"]


def _derive(node: str, keys: Sequence[KeyRows]) -> Iterable[ViewRow]:
    if node.split(":", 1)[0] in PACKAGE_KINDS:
        return package_rows(node, keys)
    return plan_rows(node, keys)


CHAIN = Projection(
    name="chain",
    reads={**READS, **dict.fromkeys([*PROVINCE, *sorted(TIMED)], ())},
    node=node_of,
    derive=_derive,
    views=("packages", "links", "plan", "exports", "integrity", "figures"),
    asking=ASKING,
)
