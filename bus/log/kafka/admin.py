"""What a cluster's topics are, and making and altering them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress

from kafka import KafkaAdminClient, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import KafkaError, TopicAlreadyExistsError

from bus.errors import LogRefused, TransientError
from bus.log.kafka.access import KafkaAccess
from bus.log.kafka.wire import Wire
from bus.topics import Actual, Change, Kind, Layout, Topic, declared, differences, settings

__all__ = ["Admin", "opened_admin", "topic_ids"]


@contextmanager
def opened_admin(access: KafkaAccess, wait_s: float = 10.0) -> Iterator[Admin]:
    """Connect as an administrator.

    Raises:
        Unreachable: no broker answered in that time.
        LogRefused: terminal; the credentials are wrong, or don't allow it.
    """
    Wire(access, wait_s).close()  # says why it can't connect, which the admin client does not
    with _errors(access), closing(KafkaAdminClient(**access.client_settings())) as client:
        yield Admin(client)


@contextmanager
def _errors(access: KafkaAccess) -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        message = f"Kafka {access.bootstrap}: {str(error) or type(error).__name__}"
        raise TransientError(message) if error.retriable else LogRefused(f"{message}.") from error


def topic_ids(access: KafkaAccess) -> dict[str, str]:
    """The id of every topic that this user may see; a topic that is made anew gets a new one."""
    with _errors(access), closing(KafkaAdminClient(**access.client_settings())) as client:
        return {topic["name"]: str(topic["topic_id"]) for topic in client.describe_topics()}


class Admin:
    """A cluster's topics."""

    def __init__(self, client: KafkaAdminClient) -> None:
        self._client = client

    def plan(self, layout: Layout, topics: Sequence[Topic] | None = None) -> list[Change]:
        """How the cluster differs from what is declared; changes nothing."""
        wanted = declared() if topics is None else topics
        return list(differences(wanted, self._actual(wanted), layout, self._brokers()))

    def _brokers(self) -> int:
        return len(self._client.describe_cluster()["brokers"])

    def _actual(self, wanted: Sequence[Topic]) -> Mapping[str, Actual]:
        names = {topic.name for topic in wanted}
        there = [topic for topic in self._client.describe_topics() if topic["name"] in names]
        if not there:
            return {}
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic["name"]) for topic in there]
        told = self._client.describe_configs(resources, config_filter="all")["topic"]
        return {
            topic["name"]: Actual(
                len(topic["partitions"]),
                len(topic["partitions"][0]["replica_nodes"]),
                {name: str(config["value"]) for name, config in told[topic["name"]].items()},
            )
            for topic in there
        }

    def apply(self, changes: Sequence[Change], layout: Layout, topics: Sequence[Topic] | None = None) -> None:
        """Make and alter what the changes name; refused ones are the caller's to refuse.

        Returns when every new topic has its leaders.
        """
        wanted = {topic.name: topic for topic in (declared() if topics is None else topics)}
        new = [wanted[change.topic] for change in changes if change.kind is Kind.CREATE]
        if new:
            self._create(new, layout)
        altered: dict[str, dict[str, str]] = {}
        for change in changes:
            if change.kind is Kind.ALTER:
                altered.setdefault(change.topic, {})[change.setting] = change.wanted
        if altered:
            self._client.alter_configs(
                [ConfigResource(ConfigResourceType.TOPIC, name, configs) for name, configs in altered.items()]
            )

    def _create(self, topics: Sequence[Topic], layout: Layout) -> None:
        copies = layout.copies(self._brokers())
        wanted = {
            topic.name: {
                "num_partitions": layout.partitions,
                "replication_factor": copies,
                "configs": settings(topic, copies),
            }
            for topic in topics
        }
        # In one request, which the controller does as a whole: nobody sees a cluster with some of them.
        with suppress(TopicAlreadyExistsError):  # another first command was faster
            self._client.create_topics(wanted)
        self._client.wait_for_topics([topic.name for topic in topics])
        # A leader that is named may not know it yet; this is asked until each one does.
        places = [TopicPartition(topic.name, number) for topic in topics for number in range(layout.partitions)]
        self._client.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
