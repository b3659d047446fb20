"""Real servers for the tests that need them; never skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.integration.cluster import Cluster


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    """Fresh Kafka and PostgreSQL, whole again before each module; they end with pytest, even a killed one."""
    folder = tmp_path_factory.mktemp("cluster")
    cluster = Cluster.fresh(folder)
    yield cluster
    cluster.end()
    shutil.rmtree(folder)
