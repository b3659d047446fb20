"""Requests to the brokers, sent from a loop in a thread of its own; errors as the bus knows them.

One request, one answer: nothing is fetched, resent or refreshed behind the caller's back, so a failed append is over
when it has failed, and the end of a partition is what the broker says it is.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from aiokafka.client import AIOKafkaClient
from aiokafka.conn import create_conn
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed
from aiokafka.structs import TopicPartition
from kafka.errors import for_code

from bus.errors import BusError, LogRefused, TransientError, Unreachable
from bus.log.kafka.access import KafkaAccess

__all__ = ["Place", "Wire"]

T = TypeVar("T")
Place = tuple[str, int]

_REQUEST_S = 20.0
"""How long one request may take; an append that waits for replicas on a busy disk needs seconds."""
_REFRESH_S = 5.0
"""How long a refresh of the metadata is waited for; it goes on behind."""
_ANSWER_S = 1.0
"""What a cluster gets to answer, however short the wait that was asked for."""
_RETRY_S = 0.2
"""Between two looks at a cluster that does not answer yet."""
_NO_LEADER = -1
_UNKNOWN_SERVER_ERROR = -1
_UNKNOWN_TOPIC = 3
_REASONS = {
    10: "a record is larger than the topic takes (max.message.bytes): grms topics plan",
    18: "a batch is larger than the topic takes (max.message.bytes): grms topics plan",
    29: "this user may not use the topic: give it the right, or name another user with GRMS_KAFKA_USERNAME",
    31: "this user may not do that on the cluster: give it the right, or name another user with GRMS_KAFKA_USERNAME",
}
"""What a refusal means for an operator, by Kafka's error code."""

# Every failure reaches the caller as an error; what the client logs about it besides would only repeat it.
logging.getLogger("aiokafka").addHandler(logging.NullHandler())


class Wire:
    """Connections to one cluster.

    Safe in any thread of the process that made it, not across a fork.

    Args:
        wait_s: how long to wait for the cluster at first contact.

    Raises:
        Unreachable: no broker answered in that time.
        LogRefused: terminal; the credentials are wrong.
    """

    def __init__(self, access: KafkaAccess, wait_s: float) -> None:
        self.access = access
        self._owner = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="grms-kafka", daemon=True)
        self._thread.start()
        try:
            self._client = self.run(self._connected(wait_s))
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Close the connections and end the thread."""
        if self._loop.is_closed():
            return
        self.run(self._client.close())
        self._end()

    def _end(self) -> None:
        self.run(_rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work in the loop and wait for it."""
        if os.getpid() != self._owner:
            work.close()
            message = "a Kafka log was opened before the process forked; open one in each process"
            raise RuntimeError(message)
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _connected(self, wait_s: float) -> AIOKafkaClient:
        client = AIOKafkaClient(**self.access.client_settings(), request_timeout_ms=int(_REQUEST_S * 1000))
        deadline = time.monotonic() + wait_s
        try:
            while (why := await self._reached(client, deadline - time.monotonic())) is not None:
                if time.monotonic() >= deadline:
                    break
                await asyncio.sleep(_RETRY_S)
            else:
                return client
        except BaseException:
            await client.close()
            raise
        await client.close()
        raise Unreachable(
            f"Kafka {self.access.bootstrap}: {why}. "
            "Is it running (grms stack status), and does GRMS_KAFKA_BOOTSTRAP name it?"
        )

    async def _reached(self, client: AIOKafkaClient, wait_s: float) -> str | None:
        """Try once; return why not, None when it is connected."""
        try:
            async with asyncio.timeout(max(wait_s, _ANSWER_S)):
                await self._probe(client)
                await client.bootstrap()
        except TimeoutError:
            return "no answer"
        except (AuthenticationFailedError, SaslAuthenticationFailed) as error:
            raise LogRefused(
                f"Kafka {self.access.bootstrap} does not know user {self.access.username} with this password. "
                "See GRMS_KAFKA_USERNAME and GRMS_KAFKA_PASSWORD_FILE."
            ) from error
        except (KafkaError, OSError) as error:
            return str(error) or type(error).__name__
        return None

    async def _probe(self, client: AIOKafkaClient) -> None:
        """Connect to one broker; unlike the client's own bootstrap it says why that failed."""
        settings = self.access.client_settings()
        del settings["bootstrap_servers"]
        failures: list[Exception] = []
        for host, port, _ in client.hosts:
            try:
                connection = await create_conn(host, port, request_timeout_ms=int(_REQUEST_S * 1000), **settings)
            except (KafkaError, OSError, TimeoutError) as error:
                failures.append(error)
                continue
            await connection.close()
            return
        raise failures[-1]

    async def topics(self) -> set[str]:
        """Names of all topics that this user may see."""
        await self.refresh()
        return set(self._client.cluster.topics())

    async def partitions(self, topic: str) -> int:
        """Number of partitions of a topic; asks for the metadata of all topics, so it never makes one.

        Raises:
            LogRefused: terminal; there is no such topic, or this user may not see it.
        """
        found = self._client.cluster.partitions_for_topic(topic)
        if found is None:
            await self.refresh()
            found = self._client.cluster.partitions_for_topic(topic)
        if not found:
            raise self._missing(topic)
        return len(found)

    def _missing(self, topic: str) -> LogRefused:
        who = f" for user {self.access.username}" if self.access.username else ""
        return LogRefused(
            f"Kafka {self.access.bootstrap}: topic {topic} is not there{who}. Make it with grms topics apply, "
            "or give this user the right to see it."
        )

    async def refresh(self) -> None:
        """Ask anew who leads what.

        Raises:
            TransientError: no broker answers now.
        """
        try:
            async with asyncio.timeout(_REFRESH_S):
                done = await self._client.force_metadata_update()
        except TimeoutError:
            done = False
        if not done:
            raise TransientError(f"Kafka {self.access.bootstrap}: no broker answers")

    async def ask(self, topic: str, partition: int, request: object) -> Any:  # noqa: ANN401 - the client's structs
        """Send a request to a partition's leader and return its response.

        Raises:
            TransientError: the leader is unknown or does not answer; the metadata are asked for anew.
            LogRefused: terminal; there is no such topic.
        """
        await self.partitions(topic)
        place = TopicPartition(topic, partition)
        node = self._client.cluster.leader_for_partition(place)
        if node is None or node == _NO_LEADER:
            await self.refresh()
            node = self._client.cluster.leader_for_partition(place)
        if node is None or node == _NO_LEADER:
            raise TransientError(f"Kafka {self.access.bootstrap}: {topic}/{partition} has no leader")
        return await self._send(node, request)

    async def ask_any(self, request: object) -> Any:  # noqa: ANN401 - the client's structs
        """Send a request to some broker."""
        node = self._client.get_random_node()
        if node is None:
            await self.refresh()
            raise TransientError(f"Kafka {self.access.bootstrap}: no broker is known")
        return await self._send(node, request)

    async def _send(self, node: int, request: object) -> Any:  # noqa: ANN401 - the client's structs
        try:
            return await self._client.send(node, request)
        except (KafkaError, OSError, TimeoutError) as error:
            self._client.force_metadata_update()
            why = str(error) or type(error).__name__
            raise TransientError(f"Kafka {self.access.bootstrap}: {why}") from error

    def error(self, code: int, topic: str, partition: int) -> BusError:
        """What an error code in a response means; the metadata are asked for anew where they may be the cause."""
        kind = for_code(code)
        where = f"Kafka {self.access.bootstrap}: {topic}/{partition}"
        if code == _UNKNOWN_TOPIC or getattr(kind, "invalid_metadata", False):
            self._client.force_metadata_update()
        if kind.retriable or code == _UNKNOWN_SERVER_ERROR:
            return TransientError(f"{where}: {kind.__name__}")
        return LogRefused(f"{where}: {_REASONS.get(code, kind.__name__)}.")


async def _rest() -> None:
    """Cancel what still runs in the loop."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
