"""Topics as declared data, and how a cluster differs from it. Values only; `bus.log.kafka.admin` does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from bus.ports import MAX_RECORD_BYTES
from schemas.catalogue import topics

__all__ = [
    "NOTIFICATIONS",
    "Actual",
    "Change",
    "Kind",
    "Layout",
    "Topic",
    "declared",
    "differences",
    "fact_topics",
    "ingress",
    "settings",
]

_DAY_MS = 86_400_000
_FOR_EVER = -1
_THREE = 3

NOTIFICATIONS = ("grms.chain.v1", "grms.tukin.v1")
"""What consumers tell others: no facts, never hashed, made anew by whoever derives the views."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic and how long it keeps a record, milliseconds; -1 = for ever."""

    name: str
    retention_ms: int


@dataclass(frozen=True, slots=True)
class Layout:
    """What the deployment fixes for all topics.

    Attributes:
        partitions: never changed afterwards, since a key's partition follows from it.
        replication: copies of each partition; None = three, or one on each broker where there are fewer.
    """

    partitions: int
    replication: int | None = None

    def copies(self, brokers: int) -> int:
        """Copies of each partition on a cluster of so many brokers.

        >>> Layout(4).copies(1), Layout(4).copies(5), Layout(4, 2).copies(5)
        (1, 3, 2)
        """
        return self.replication or min(_THREE, brokers)


def fact_topics() -> list[str]:
    """Topics of facts, sorted: all that consumers read, and so what a store's positions are bound to."""
    return [name for name in topics() if name not in NOTIFICATIONS]


def declared() -> list[Topic]:
    """Every topic of the bus: facts for ever, notifications 90 days."""
    facts = [Topic(name, _FOR_EVER) for name in fact_topics()]
    return facts + [Topic(name, 90 * _DAY_MS) for name in NOTIFICATIONS]


def ingress(unit: str) -> Topic:
    """The topic that a unit may write: kept 30 days, since what is accepted lives on in the facts."""
    return Topic(f"in.{unit}", 30 * _DAY_MS)


def settings(topic: Topic, copies: int) -> dict[str, str]:
    """What a topic's configuration must say, by Kafka's names."""
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(topic.retention_ms),
        "retention.bytes": "-1",
        "message.timestamp.type": "LogAppendTime",
        "max.message.bytes": str(4 * MAX_RECORD_BYTES),
        "compression.type": "producer",
        "min.insync.replicas": "2" if copies >= _THREE else "1",
        "unclean.leader.election.enable": "false",
    }


class Kind(StrEnum):
    """What a difference calls for."""

    CREATE = "create"
    ALTER = "alter"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between what is declared and what is there."""

    kind: Kind
    topic: str
    setting: str
    found: str | None
    wanted: str
    message: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return (
            "It is not changed by the bus; the message says why." if self.kind is Kind.REFUSED else "grms topics apply"
        )

    def told(self) -> dict[str, str | None]:
        """As the document of ``grms topics plan`` has it."""
        return {**asdict(self), "kind": self.kind.value}


@dataclass(frozen=True, slots=True)
class Actual:
    """A topic as the cluster has it."""

    partitions: int
    replication: int
    settings: Mapping[str, str]


def differences(wanted: Sequence[Topic], found: Mapping[str, Actual], layout: Layout, brokers: int) -> Iterator[Change]:
    """What must change so that the cluster is as declared, topic by topic.

    Nothing is ever deleted, and what can't be changed without harm is refused, with the reason.
    """
    for topic in wanted:
        actual = found.get(topic.name)
        if actual is None:
            size = f"{layout.partitions} partitions x {layout.copies(brokers)}"
            yield Change(Kind.CREATE, topic.name, "topic", None, size, f"{topic.name}: to be made, {size}")
        else:
            yield from _fixed(topic, actual, layout)
            for name, value in settings(topic, actual.replication).items():
                at = actual.settings.get(name)
                if at != value:
                    yield Change(
                        Kind.ALTER, topic.name, name, at, value, f"{topic.name}: {name} is {at}, to be {value}"
                    )


_FIXED = {
    "partitions": "{topic} has {found} partitions, {wanted} are declared. Changing them would move keys to other "
    "partitions and break their order. Set GRMS_PARTITIONS to {found}, or copy the log to a new cluster.",
    "replication": "{topic} has {found} copies of each partition, {wanted} are declared. Moving data between brokers "
    "is for Kafka's own kafka-reassign-partitions, under an operator's eye.",
}
"""Why these are never altered, and what to do."""


def _fixed(topic: Topic, actual: Actual, layout: Layout) -> Iterator[Change]:
    replication = layout.replication or actual.replication
    for setting, found, wanted in (
        ("partitions", actual.partitions, layout.partitions),
        ("replication", actual.replication, replication),
    ):
        if found != wanted:
            why = _FIXED[setting].format(topic=topic.name, found=found, wanted=wanted)
            yield Change(Kind.REFUSED, topic.name, setting, str(found), str(wanted), why)
