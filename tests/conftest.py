"""Real servers for whichever test asks for them, never skipped; databases; the table of failure tests at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests import databases
from tests.integration.cluster import Cluster

# libcoveocds brings lxml, by which openpyxl would read and write otherwise than it does where the program runs.
os.environ["OPENPYXL_LXML"] = "False"


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
        if {"cluster", "servers"} & {*item.fixturenames}:
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


_COLUMNS = (
    "fault",
    "database",
    "workers",
    "events",
    "kills",
    "I1",
    "I2",
    "I3",
    "I4",
    "I5",
    "I7",
    "seconds",
    "expected",
)


def pytest_terminal_summary(terminalreporter):
    """A line for each failure test, whatever process it ran in."""
    lines = [
        line
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for name, line in report.user_properties
        if name == "chaos"
    ]
    if lines:
        terminalreporter.section("faults and invariants")
        for row in _aligned([_COLUMNS, *([_cell(line, name) for name in _COLUMNS] for line in lines)]):
            terminalreporter.write_line(row)


def _cell(line: Mapping[str, object], name: str) -> str:
    """A value; of a verdict without its details."""
    text = str(line.get(name, "-"))
    return text if name == "fault" else text.partition(":")[0]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[place]) for row in rows) for place in range(len(_COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
