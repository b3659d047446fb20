"""Policies on their way in: one that breaks the policy schema is rejected, since nobody could be paid by it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bus.intake import Rejected, Stated
from consumers.tukin import BadInput, read_policies

__all__ = ["checked", "checked_one"]


def checked(items: Iterable[Stated | Rejected]) -> Iterator[Stated | Rejected]:
    """The items, with policies that can't be used rejected."""
    return map(checked_one, items)


def checked_one(item: Stated | Rejected) -> Stated | Rejected:
    """An item, rejected if it is a policy that can't be used."""
    if isinstance(item, Stated) and item.event == "PolicyPublished":
        try:
            read_policies(item.content["isi"], item.place)
        except BadInput as error:
            return Rejected("bad_policy", f"{error} Then ingest again.", item.place, item.original, item.key)
    return item
