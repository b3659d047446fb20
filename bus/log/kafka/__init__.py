"""The log on Kafka. Contract: ``tests/contract/log_contract.py``, the same suite as the embedded log's."""

from bus.log.kafka.access import KafkaAccess, Protocol
from bus.log.kafka.log import KafkaLog

__all__ = ["KafkaAccess", "KafkaLog", "Protocol"]
