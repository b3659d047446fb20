"""Real servers for whichever test asks for them, never skipped; and every database that a store may lie in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests import databases
from tests.integration.cluster import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Fresh Kafka and PostgreSQL for a module. They end with pytest, even a killed one."""
    folder = tmp_path_factory.mktemp("cluster")
    cluster = Cluster.fresh(folder)
    yield cluster
    cluster.end()
    shutil.rmtree(folder)


def pytest_collection_modifyitems(items):
    """Keep a module that has servers in one worker (--dist loadgroup), or each worker would start them."""
    for item in items:
        if "cluster" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory) -> Iterator[databases.Server]:
    """One PostgreSQL server for all tests of this process; Kafka is not started for it."""
    folder = tmp_path_factory.mktemp("postgres")
    with databases.server(folder) as server:
        yield server
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> str:
    """URL of a new empty database, one of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    server: databases.Server = request.getfixturevalue("postgres")
    return server.fresh()
