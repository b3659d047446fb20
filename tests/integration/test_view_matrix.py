"""The same facts give the same views on every engine, number of workers and database, live and rebuilt."""

from __future__ import annotations

import pytest

from tests.acceptance.cli import OBSERVED_AT, Grms
from tests.integration.chaos.bus_under_test import WHOLE, emptied
from tests.oracle import feeds

AT = ("--observed-at", OBSERVED_AT, "--wait", 60)
FAUST, BULK, EMBEDDED = ("--engine", "faust", "--workers"), ("--engine", "bulk"), ("--engine", "embedded")
PROMISED = [("postgresql", (*FAUST, 1)), ("postgresql", (*FAUST, 3)), ("postgresql", BULK), ("sqlite", BULK)]
ALL = [(database, how) for database in ("sqlite", "postgresql") for how in ((*FAUST, 1), (*FAUST, 3), BULK, EMBEDDED)]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Views of the bundled feed on the embedded bus."""
    grms = Grms(tmp_path_factory.mktemp("embedded") / "home")
    grms.ingest(feeds.BUNDLE, *AT)
    grms.run()
    assert grms.json("view", "rebuild")["equal"] is True
    return grms.hash()


@pytest.fixture(scope="module")
def on_kafka(servers, tmp_path_factory):
    """The bundled feed on Kafka; settings of the home that wrote it, with its store in PostgreSQL."""
    servers.restart()
    emptied(servers.bootstrap)
    settings = {"GRMS_KAFKA_BOOTSTRAP": servers.bootstrap, "GRMS_DATABASE_URL": servers.fresh_database()}
    writer = Grms(tmp_path_factory.mktemp("writer") / "home", settings)
    writer.ingest(feeds.BUNDLE, *AT)
    return writer


def test_embedded_on_postgresql(expected, servers, tmp_path):
    grms = Grms(tmp_path / "home", {"GRMS_DATABASE_URL": servers.fresh_database()})
    grms.ingest(feeds.BUNDLE, *AT)
    _same(grms, expected)


@pytest.mark.chaos
@pytest.mark.parametrize(("database", "how"), ALL if WHOLE else PROMISED, ids=str)
def test_on_kafka(database, how, expected, on_kafka, servers, tmp_path):
    settings = {"GRMS_KAFKA_BOOTSTRAP": servers.bootstrap}
    if database == "postgresql":
        settings["GRMS_DATABASE_URL"] = servers.fresh_database()
    _same(Grms(tmp_path / "home", settings), expected, *how)


@pytest.mark.skipif(not WHOLE, reason="a cell of the whole matrix; make chaos")
@pytest.mark.chaos
def test_the_home_that_wrote_it(expected, on_kafka):
    _same(on_kafka, expected, *FAUST, 1)


def _same(grms, expected, *how):
    report = grms.run(*how, "--wait", 60)
    assert (report["events"] > 0, report["dead_letters"]) == (True, 0)
    assert grms.hash() == expected
    if WHOLE or how == (*FAUST, 3):
        assert grms.json("view", "rebuild")["equal"] is True
