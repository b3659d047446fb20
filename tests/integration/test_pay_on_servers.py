"""The worked pay cases driven through the commands, on Kafka and PostgreSQL: the same rupiah as from their folders."""

from __future__ import annotations

import json

import pytest

from ops.tukin import case_document
from tests.acceptance.cli import Grms
from tests.integration.chaos.bus_under_test import WHOLE, emptied
from tests.tukin.judge import without_bad_rows
from tests.tukin.test_bus import CASES

RUN = ("run", "--until-caught-up", "--wait", 60)


@pytest.mark.chaos
@pytest.mark.parametrize("folder", CASES if WHOLE else CASES[2:], ids=lambda folder: folder.name)
def test_a_worked_case_on_real_servers(folder, servers, tmp_path):
    servers.restart()
    emptied(servers.bootstrap)
    grms = Grms(
        tmp_path / "home",
        {"GRMS_KAFKA_BOOTSTRAP": servers.bootstrap, "GRMS_DATABASE_URL": servers.fresh_database()},
    )
    told = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    rejected = grms.json("ingest", "tukin-case", folder, "--wait", 60, exits=(0, 1))["rejected"]
    grms.json(*RUN, "--engine", "faust", "--workers", 2)
    months = []
    for entry in sorted(told["months"], key=lambda one: one["month"]):
        grms.json(
            "tukin", "close", entry["month"], "--on", entry["close"], "--as-of", told["as_of"], "--yes", exits=(0, 1)
        )
        months += grms.json("tukin", "statement", "--month", entry["month"], exits=(0, 1))["months"]
        late = folder / "late" / entry["month"]
        if late.exists():
            rejected += grms.json("ingest", "tukin-case", late, exits=(0, 1))["rejected"]
            grms.json(*RUN, "--engine", "bulk")
    expected = case_document(folder)["months"]
    assert without_bad_rows(months) == without_bad_rows(expected)
    assert rejected == sum(one["reason"] == "bad_row" for one in expected[-1]["quarantine"])
