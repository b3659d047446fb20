"""The log on Kafka. Contract: ``tests/contract/log_contract.py``, the same suite as the embedded log's.

Importing it loads both clients, 0.3 s: whoever may do without imports it where it is used.
"""

from bus.log.access import KafkaAccess
from bus.log.kafka.log import KafkaLog

__all__ = ["KafkaAccess", "KafkaLog"]
