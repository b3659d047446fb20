"""Real servers for whichever test asks for them; never skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

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
