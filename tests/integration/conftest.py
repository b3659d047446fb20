"""A bus on real servers, to be hurt, and the count of what came of it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.integration.chaos.bus_under_test import Bus
from tests.integration.chaos.verdicts import green
from tests.integration.cluster import Cluster


@pytest.fixture(scope="session")
def servers(tmp_path_factory) -> Iterator[Cluster]:
    """Servers that chaos tests share, each on topics and tables of its own; started again where a test ended them."""
    folder = tmp_path_factory.mktemp("servers")
    cluster = Cluster.fresh(folder)
    yield cluster
    cluster.end()
    shutil.rmtree(folder)


@pytest.fixture
def bus_on(servers, tmp_path) -> Iterator[Callable[[str], Bus]]:
    """Makes a fresh bus with its store in ``sqlite`` or ``postgresql``."""
    with ExitStack() as stack:
        yield lambda database: stack.enter_context(Bus.fresh(servers, tmp_path, database))


@pytest.fixture
def table(record_property) -> Callable[..., dict[str, str]]:
    """Counts the invariants of a bus and puts a line into the table that is printed at the end; any red fails."""

    def count(fault: str, bus: Bus, workers: int, *, red: bool = False, **how) -> dict[str, str]:
        verdicts = bus.verdicts(**how)
        told = bus.told()
        database = "postgresql" if bus.database_url else "sqlite"
        seconds = round(time.monotonic() - bus.began)
        line = {"fault": fault, "database": database, "workers": workers, "events": len(told.ok), "kills": bus.kills}
        line |= {**verdicts, "seconds": seconds, "expected": "red" if red else "green"}
        record_property("chaos", line)
        assert green(verdicts) != red, (line, [worker.log() for worker in bus.workers[-2:]])
        return verdicts

    return count
