"""``grms export ocds`` of the synthetic province, held against the schemas and tools of the standard and the report."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig
from ocdsmerge import Merger

from consumers.ocds import READS
from schemas import classification
from schemas.values import is_blank
from tests.acceptance.cli import Grms
from tests.ocds import official

SAMPLE = Path(__file__).parents[2] / "ops" / "demo" / "province"
PACKAGES = {"releases.json": "release-package", "records.json": "record-package"}


@pytest.fixture(scope="module")
def grms(tmp_path_factory):
    grms = Grms(tmp_path_factory.mktemp("ocds") / "home", {"GRMS_OCDS_PREFIX": "ocds-abc123"})
    grms.ingest(SAMPLE, source="auto")
    grms.run()
    return grms


@pytest.fixture(scope="module")
def folder(grms, tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    grms.json("export", "ocds", "--out", folder)
    return folder


def read(folder, name):
    return json.loads((folder / name).read_text(encoding="utf-8"), parse_float=Decimal)


@pytest.fixture(scope="module")
def records(folder):
    return read(folder, "records.json")["records"]


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_are_valid_by_the_schema_of_the_standard(folder, name):
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    errors = [
        f"{list(error.absolute_path)}: {error.message[:300]}"
        for error in official.validator(PACKAGES[name]).iter_errors(document)
    ]
    assert errors == []


def test_the_schema_check_sees_a_fault(folder):
    document = json.loads((folder / "releases.json").read_text(encoding="utf-8"))
    document["releases"][0]["date"] = "yesterday"
    document["releases"][1]["tag"] = ["bought"]
    errors = list(official.validator("release-package").iter_errors(document))
    assert {error.absolute_path[1] for error in errors} == {0, 1}


@pytest.mark.parametrize("name", PACKAGES)
def test_libcoveocds_finds_nothing(folder, name, monkeypatch):
    """Structure, additional checks, closed code lists, deprecated and unknown fields; schemas come from the folder."""
    monkeypatch.setattr("requests.get", official.Served)
    document = json.loads((folder / name).read_text(encoding="utf-8"))
    settings = LibCoveOCDSConfig({"standard_zip": official.archive(), "context": "api"})
    found = ocds_json_output(json_data=document, lib_cove_ocds_config=settings)
    problems = ("validation_errors", "deprecated_fields", "additional_closed_codelist_values", "additional_fields")
    assert {name: found[name] for name in problems if found[name]} == {}
    assert not found["additional_checks"]
    # The kind of procurement stays in the source's words, in a list that is open.
    open_lists = {value["field"] for value in found["additional_open_codelist_values"].values()}
    assert open_lists == {"additionalProcurementCategories"}


def test_merged_by_ocdsmerge_releases_are_the_compiled_release(records):
    merger = Merger(official.schema("release-schema"))
    for record in records:
        assert merger.create_compiled_release(record["releases"]) == record["compiledRelease"], record["ocid"]


def test_both_packages_hold_the_same_releases_sorted_by_date(folder, records):
    held = [release for record in records for release in record["releases"]]
    assert held == read(folder, "releases.json")["releases"]
    for record in records:
        dates = [release["date"] for release in record["releases"]]
        assert dates == sorted(dates)
        assert len({release["id"] for release in record["releases"]}) == len(dates)


def test_a_stage_begins_once_and_is_updated_later(records):
    for record in records:
        tags = [tag for release in record["releases"] for tag in release["tag"]]
        for begun, later in (("planning", "planningUpdate"), ("tender", "tenderUpdate"), ("award", "awardUpdate")):
            assert tags.count(begun) <= 1
            assert later not in tags or tags.index(begun) < tags.index(later), record["ocid"]
    stages = Counter(tag for record in records for release in record["releases"] for tag in release["tag"])
    assert {"planning", "tender", "award", "contract", "contractAmendment", "implementation"} <= stages.keys()


def test_sums_are_those_of_the_report_to_the_sen(grms, records):
    merged = [record["compiledRelease"] for record in records]
    contracts = [contract for release in merged for contract in release.get("contracts", ())]
    paid = [part for contract in contracts for part in contract.get("implementation", {}).get("transactions", ())]
    orders = [award for release in merged if "-EC-" in release["ocid"] for award in release["awards"]]
    plans = [
        release["planning"]["budget"]["amount"]
        for release in merged
        if "-RUP-" in release["ocid"] and release["tender"]["status"] == "planned"
    ]
    exported = {
        "packages": sum(Decimal(amount["amount"]) for amount in plans),
        "orders": sum(Decimal(award["value"]["amount"]) for award in orders),
        "contracts": sum(Decimal(contract["value"]["amount"]) for contract in contracts),
        "paid": sum(Decimal(payment["value"]["amount"]) for payment in paid),
    }
    units = grms.json("chain", "report")["totals"].values()
    assert exported == {name: sum(Decimal(unit[name]) for unit in units) for name in exported}


def test_the_same_facts_give_the_same_bytes(grms, folder, tmp_path):
    grms.json("export", "ocds", "--out", tmp_path)
    for name in PACKAGES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_another_order_of_arrival_gives_the_same_processes(folder, tmp_path):
    other = Grms(tmp_path / "home", {"GRMS_OCDS_PREFIX": "ocds-abc123"})
    files = sorted((file for file in SAMPLE.iterdir() if file.name != "manifest.json"), reverse=True)
    for start in range(0, len(files), 10):
        other.ingest(*files[start : start + 10], "--observed-at", "2026-01-06T00:00:00+08:00", source="auto")
        other.run()
    other.json("export", "ocds", "--out", tmp_path)
    together = Grms(tmp_path / "home2", {"GRMS_OCDS_PREFIX": "ocds-abc123"})
    together.ingest(SAMPLE, "--observed-at", "2026-01-06T00:00:00+08:00", source="auto")
    together.run()
    together.json("export", "ocds", "--out", tmp_path / "together")
    assert read(tmp_path, "records.json")["records"] == read(tmp_path / "together", "records.json")["records"]


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file) if ".json" in path.name else list(csv.DictReader(file))


EVENTS = {
    "pengumuman": ("PurchaseAnnounced", "TenderAnnounced"),
    "selesai": ("PurchaseCompleted", "TenderCompleted"),
    "nilai": ("TenderAwarded", "TenderAwarded"),
    "sppbj": ("AwardLetterIssued", "AwardLetterIssued"),
    "kontrak": ("ContractSigned", "ContractSigned"),
    "spmk": ("WorkOrderIssued", "WorkOrderIssued"),
    "bapbast": ("HandoverRecorded", "HandoverRecorded"),
    "peserta": ("BidSubmitted", "BidSubmitted"),
}
"""Event of each file of a direct purchase or a tender, by the last part of its name."""


def test_no_personal_or_internal_value_leaves(folder):
    """A value of the sources that stands in no public column, long enough to be known again, is nowhere."""
    text = (folder / "records.json").read_text(encoding="utf-8")
    closed, public = set(), set()
    for path in SAMPLE.glob("spse-*.gz"):
        title = path.name.split(".")[0]
        said = classification(EVENTS[title.rsplit("-", 1)[1]]["-tender-" in title])
        for row in rows(path):
            for column, value in row.items():
                (public if said.get(column) == "public" else closed).add(str(value).strip())
    values = {value for value in closed - public if not is_blank(value) and len(value) > 9}
    assert len(values) > 100
    assert {value for value in values if value in text} == set()


@pytest.mark.parametrize("event", READS)
def test_only_public_columns_are_read(event):
    assert {classification(event)[column] for column in READS[event]} == {"public"}


def test_an_unregistered_prefix_is_stated_and_a_bad_one_refused(grms, tmp_path):
    settings = {"GRMS_OCDS_PREFIX": "ocds-"}
    answer = Grms(grms.home, settings).call("export", "ocds", "--out", tmp_path)
    assert answer.exit == 2
    assert "GRMS_OCDS_PREFIX" in answer.stderr
    plain = Grms(grms.home).json("export", "ocds", "--out", tmp_path)
    assert plain["ocid_prefix"] == "ocds-000000"


def test_nothing_known_publishes_nothing(tmp_path):
    told = Grms(tmp_path / "home").json("export", "ocds", "--out", tmp_path / "out")
    assert told["files"] == []
    assert list((tmp_path / "out").iterdir()) == []
