"""The outbox loses nothing to a relay that was slow."""

from __future__ import annotations

from contextlib import closing

import pytest

from bus.errors import Oversize
from bus.log import EmbeddedLog
from bus.ports import MAX_RECORD_BYTES, Record
from bus.store import Store, outbox
from bus.store.outbox import put, relay, waiting


class Slow(EmbeddedLog):
    """A log on whose first append somebody else relays everything and puts new events."""

    def __init__(self, path, meanwhile):
        super().__init__(path, partitions=1)
        self._meanwhile = meanwhile

    def append(self, topic, partition, records):
        meanwhile, self._meanwhile = self._meanwhile, lambda: None
        base = super().append(topic, partition, records)
        meanwhile()
        return base


def test_a_slow_relay_deletes_only_what_it_relayed(tmp_path):
    with (
        closing(Store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store,
        closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=1)) as log,
    ):

        def say(value):
            with store.write() as tx:
                put(tx, log, [("t", "k", Record.of(b"k", value))])

        def meanwhile():
            # As another relay does that took the lock while this one's session was cut off.
            outbox._relay_some(store, log)
            say(b"later")

        say(b"first")
        with closing(Slow(tmp_path / "log.sqlite", meanwhile)) as slow:
            relay(store, slow)
        relay(store, log)
        values = [record.value for record in log.read("t", 0, 0, 100).records]
        assert set(values) == {b"first", b"later"}
        with store.read() as tx:
            assert waiting(tx) == 0


def test_an_event_beyond_the_limit_is_refused_whole(tmp_path):
    with (
        closing(Store(f"sqlite:///{tmp_path / 'store.sqlite'}")) as store,
        closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=1)) as log,
    ):

        def say(size):
            headers = (("ce_id", b"some-id"),)
            with store.write() as tx:
                put(tx, log, [("t", "k", Record.of(b"k", b"small")), ("t", "k", Record.of(b"k", bytes(size), headers))])

        limit = MAX_RECORD_BYTES - len(b"k") - len("ce_id") - len(b"some-id")
        with pytest.raises(Oversize, match=r"t: event some-id has 1,048,577 bytes, and a log takes 1,048,576"):
            say(limit + 1)
        with store.read() as tx:
            assert waiting(tx) == 0
        say(limit)
        assert relay(store, log) == 2
