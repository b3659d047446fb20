"""A full disk under the embedded bus: errors and waiting, never a false ok; with space again everything goes on."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing, contextmanager

import pytest

from bus import Parts
from bus.engine import run
from bus.errors import TransientError
from bus.log import EmbeddedLog
from bus.store import Store, open_codec
from bus.store.outbox import _relay_some, put, relay
from consumers import CONSUMERS
from tests.acceptance.cli import OBSERVED_AT, Grms, finish
from tests.integration.chaos.bus_under_test import stream, until
from tests.integration.chaos.events import record_of
from tests.integration.chaos.journal import Journal, Told
from tests.integration.chaos.state import Database
from tests.integration.chaos.verdicts import counted, green
from tests.oracle import feeds

AT = ("--observed-at", OBSERVED_AT)


class Disk:
    """A small disk of its own."""

    def __init__(self, place):
        self.place = place

    def size(self, size: str) -> None:
        """Make it so large."""
        subprocess.run(["mount", "-o", f"remount,size={size}", str(self.place)], check=True)

    def full(self) -> bool:
        stat = os.statvfs(self.place)
        return stat.f_bavail * stat.f_frsize < 200_000

    def leave(self, size: int) -> None:
        """Make it so that this many bytes are free."""
        stat = os.statvfs(self.place)
        self.size(str((stat.f_blocks - stat.f_bfree) * stat.f_frsize + size))

    def fill(self) -> None:
        """Leave next to nothing."""
        stat = os.statvfs(self.place)
        with (self.place / "filler").open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, stat.f_bavail * stat.f_frsize - 40_000)

    def free(self) -> None:
        (self.place / "filler").unlink()


@pytest.fixture
def disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], check=False, capture_output=True
    )
    if made.returncode:
        pytest.skip(f"a small disk needs the right to mount one: {made.stderr.decode().strip()}")
    yield Disk(place)
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    grms = Grms(tmp_path_factory.mktemp("ample") / "home")
    grms.ingest(feeds.BUNDLE, *AT)
    grms.run()
    return grms.hash()


def test_what_got_ok_is_there_and_what_did_not_can_be_written_again(disk, tmp_path):
    store_url = f"sqlite:///{disk.place / 'store.sqlite'}"
    with (
        closing(Store(store_url)) as store,
        closing(EmbeddedLog(disk.place / "log.sqlite")) as log,
        closing(Journal(tmp_path / "journal")) as journal,
    ):
        codec = open_codec(store)
        deliveries = stream(6_000, seed=41)
        refused: list[str] = []
        for start in range(0, len(deliveries), 100):
            some = deliveries[start : start + 100]
            journal.intent(some)
            while True:
                try:
                    with store.write() as tx:
                        put(tx, log, [record_of(codec, event) for event in some])
                except TransientError as error:
                    refused.append(str(error))
                    journal.fail(some)
                    disk.size("100m")
                else:
                    break
            journal.ok(some)
        assert len(refused) == 1
        assert "full" in refused[0]
        disk.fill()
        with pytest.raises(TransientError, match="full"):
            _relayed_impatiently(store, log)
        disk.free()
        relay(store, log)
        run(Parts(store, log, codec, lambda: 1), list(CONSUMERS.values()), until_caught_up=True)
    verdicts = counted(Told.of(tmp_path / "journal"), Database(store_url).state(), rebuilt_equal=None, recovery_s=0)
    assert green(verdicts), verdicts


def _relayed_impatiently(store, log):
    while _relay_some(store, log) is not None:
        pass


@contextmanager
def started(grms, *args):
    """A command in its own process, gone at the end."""
    process = grms.start(*args)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_an_ingest_on_a_full_disk_waits_and_goes_on(disk, expected):
    grms = Grms(disk.place / "home")
    with started(grms, "ingest", "isb", feeds.BUNDLE, *AT) as process:
        _waits(disk, process)
        disk.size("500m")
        answer = finish(process)
    assert answer.exit == 0, answer
    grms.run()
    assert grms.hash() == expected


def test_a_run_on_a_full_disk_waits_and_goes_on(disk, expected):
    disk.size("500m")
    grms = Grms(disk.place / "home")
    grms.ingest(feeds.BUNDLE, *AT)
    disk.leave(1_500_000)
    with started(grms, "run", "--until-caught-up") as process:
        _waits(disk, process)
        disk.size("500m")
        answer = finish(process)
    assert answer.exit == 0, answer
    assert grms.hash() == expected
    assert grms.json("view", "rebuild")["equal"] is True


def _waits(disk, process):
    until(lambda: disk.full() or process.poll() is not None, "the disk is full")
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(3)
