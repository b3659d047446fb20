import os
import time

import pytest
from kafka import KafkaAdminClient
from kafka.admin import NewTopic

from bus.log.kafka import KafkaAccess


@pytest.fixture
def fresh_topics():
    b = os.environ.get("KB", "127.0.0.1:19192")

    def make(*topics, partitions):
        admin = KafkaAdminClient(bootstrap_servers=b)
        there = set(admin.list_topics()) & set(topics)
        if there:
            admin.delete_topics(list(there))
            while set(admin.list_topics()) & set(topics):
                time.sleep(0.05)
        for t in range(40):
            try:
                admin.create_topics(
                    [
                        NewTopic(
                            t,
                            partitions,
                            1,
                            topic_configs={
                                "message.timestamp.type": "LogAppendTime",
                                "max.message.bytes": str(4 << 20),
                            },
                        )
                        for t in topics
                    ]
                )
                break
            except Exception as e:
                print(e)
                time.sleep(0.1)
        admin.close()
        time.sleep(0.2)
        return KafkaAccess.of(b)

    return make
