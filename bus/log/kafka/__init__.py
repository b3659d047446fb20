"""The log on Kafka. Contract: ``tests/contract/log_contract.py``, the same suite as the embedded log's.

Kafka's clients are imported at the first use of what needs them: half a second that an embedded bus does not pay.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from bus.log.kafka.access import KafkaAccess, Protocol

if TYPE_CHECKING:
    from bus.log.kafka.log import KafkaLog

__all__ = ["KafkaAccess", "KafkaLog", "Protocol"]


def __getattr__(name: str) -> object:
    if name == "KafkaLog":
        return import_module("bus.log.kafka.log").KafkaLog
    raise AttributeError(name)
