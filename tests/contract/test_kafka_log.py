"""The log on a real broker keeps the contract of every log."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from bus.log.kafka import KafkaLog
from tests.contract.log_contract import TOPIC, LogContract

TOPICS = (TOPIC, "grms.bus.v1")


class TestKafkaLog(LogContract):
    @pytest.fixture
    def log(self, fresh_topics):
        with closing(KafkaLog(fresh_topics(*TOPICS, partitions=2))) as log:
            yield log

    @pytest.fixture
    def tick(self):
        return lambda: time.sleep(0.003)
