"""The catalogue, the schema files and the design's table of events say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import fastavro
import pytest

import schemas
from schemas import CATALOGUE, avsc, topics
from schemas.catalogue import classification

AVRO = Path(schemas.__file__).parent / "avro"
TEXT = ["null", "string"]
MONEY = ["null", {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 2}]
LINKS = {"type": "array", "items": "string"}
EXTRA = {"type": "map", "values": "string"}
ROW_EVENTS = sorted(set(CATALOGUE) - {"ExportRead"})

# Version and event times of each type, as the design fixes them.
DESIGN = {
    "UnitListed": ("perencanaan", "", ()),
    "ProgramListed": ("perencanaan", "", ()),
    "KegiatanListed": ("perencanaan", "", ()),
    "SubKegiatanListed": ("perencanaan", "", ()),
    "UnitBudgetListed": ("penganggaran", "", ()),
    "PurchaseAnnounced": ("pengadaan", "versi_nontender", ("tgl_pengumuman_nontender",)),
    "PurchaseCompleted": ("pengadaan", "", ("tgl_selesai_nontender", "tgl_pengumuman_nontender")),
    "TenderAnnounced": ("pengadaan", "versi_tender", ("tgl_pengumuman_tender",)),
    "TenderCompleted": ("pengadaan", "", ("tgl_penetapan_pemenang",)),
    "TenderAwarded": ("pengadaan", "", ("tgl_penetapan_pemenang",)),
    "CatalogueOrderPlaced": ("pengadaan", "", ("tgl_order",)),
    "AwardLetterIssued": ("pelaksanaan", "versi_addendum", ("tgl_sppbj",)),
    "ContractSigned": ("pelaksanaan", "versi_addendum", ("tgl_kontrak",)),
    "WorkOrderIssued": ("pelaksanaan", "versi_addendum", ("tgl_spmk_spp",)),
    "HandoverRecorded": ("pelaksanaan", "", ("tgl_bap", "tgl_bast")),
    "AttendancePunched": ("kehadiran", "", ("time",)),
    "CalendarDayDeclared": ("kehadiran", "", ("date",)),
    "DutyRostered": ("kehadiran", "", ("date",)),
    "ExcuseFiled": ("kehadiran", "", ("date_from",)),
    "EmployeeListed": ("kepegawaian", "", ("tmt_start",)),
    "SanctionImposed": ("kepegawaian", "", ("start_month",)),
    "ClassAmountSet": ("kepegawaian", "", ("berlaku",)),
    "PolicyPublished": ("kepegawaian", "", ("berlaku",)),
    "PolicyBookPublished": ("kepegawaian", "", ()),
    "MonthClosed": ("kepegawaian", "", ("closed_on",)),
    "ExportRead": ("bus", "", ()),
    # Dated reference data.
    "CodeListed": ("perencanaan", "", ("berlaku_mulai",)),
    "CodeTranslated": ("perencanaan", "", ("berlaku_mulai",)),
    "UnitSucceeded": ("perencanaan", "", ("berlaku_mulai",)),
    # Systems without a real sample, by source-formats.md.
    "PlanAdopted": ("perencanaan", "versi", ("update_at",)),
    "AnnualPlanSet": ("perencanaan", "versi", ("update_at",)),
    "PriceStandardSet": ("penganggaran", "", ("berlaku_mulai",)),
    "BudgetAdopted": ("penganggaran", "versi", ("tanggal_dpa",)),
    "LineProposed": ("penganggaran", "versi", ("update_at",)),
    "FundAssigned": ("penganggaran", "versi", ("update_at",)),
    "CashPlanSet": ("penganggaran", "versi", ("updated_at",)),
    "PackageAnnounced": ("pemaketan", "tgl_pengumuman_paket", ("tgl_pengumuman_paket",)),
    "PackageFunded": ("pemaketan", "", ()),
    "BidSubmitted": ("pengadaan", "", ()),
    "ProgressReported": ("pengendalian", "update_fisik_at", ("created_at",)),
    "SpdIssued": ("keuangan", "", ("tanggalSpd",)),
    "SpdLineIssued": ("keuangan", "", ()),
    "SppFiled": ("keuangan", "updated_at", ("tanggalSpp",)),
    "SppLineFiled": ("keuangan", "", ()),
    "SpmIssued": ("keuangan", "created_at", ("tanggalSpm",)),
    "PenaltyWithheld": ("keuangan", "", ()),
    "Sp2dIssued": ("keuangan", "updated_at", ("tanggal_sp_2_d",)),
    "Sp2dLineIssued": ("keuangan", "", ()),
    "AssetRegistered": ("aset", "", ("tgl_buku",)),
    "StaffAppointed": ("kepegawaian", "", ()),
    "StaffMoved": ("kepegawaian", "", ("tmtJabatan",)),
    "StaffDisciplined": ("kepegawaian", "", ("hukumanTanggal",)),
    "StaffRetired": ("kepegawaian", "", ("tmtPensiun",)),
    "PinAssigned": ("kehadiran", "", ("berlaku_mulai",)),
    "AgreementSigned": ("kinerja", "versi", ("tanggal_penetapan",)),
    "TargetMeasured": ("kinerja", "", ("tanggal_ukur",)),
    "SkpRated": ("kinerja", "", ("tanggal_penilaian",)),
    "AllowancePaid": ("kinerja", "", ("tanggal_bayar",)),
    "RetentionSet": ("kearsipan", "", ("berlaku_mulai",)),
    "LetterRegistered": ("kearsipan", "", ("tanggal_naskah",)),
    "LetterDisposed": ("kearsipan", "", ("tanggal",)),
    "FindingIssued": ("pengawasan", "", ("tanggal_lhp",)),
    "RecommendationSet": ("pengawasan", "", ("tanggal_status",)),
    "MoneyRecovered": ("pengawasan", "", ("tanggal_setor",)),
    "PermitRequested": ("layanan", "", ("tgl_status",)),
    "VisitsCounted": ("layanan", "", ("update_at",)),
    # Notifications.
    "RuleViolated": ("chain", "", ()),
    "RuleCleared": ("chain", "", ()),
}


def fields(name: str) -> dict[str, dict]:
    return {field["name"]: field for field in json.loads(avsc(name))["fields"]}


def test_the_types_are_those_of_the_design():
    assert {name: (kind.context, kind.version, kind.event_time) for name, kind in CATALOGUE.items()} == DESIGN


def test_every_schema_file_belongs_to_a_type_of_the_catalogue():
    assert {path.stem for path in AVRO.rglob("*.avsc")} == set(CATALOGUE)


def test_topics_are_one_a_context():
    contexts = (
        "aset bus chain kearsipan kehadiran kepegawaian keuangan kinerja layanan "
        "pelaksanaan pemaketan pengadaan penganggaran pengawasan pengendalian perencanaan"
    )
    assert topics() == [f"grms.{context}.v1" for context in contexts.split()]


def test_a_type_has_its_names_on_the_wire():
    kind = CATALOGUE["ContractSigned"]
    assert kind.full_name == "grms.pelaksanaan.ContractSigned"
    assert kind.topic == "grms.pelaksanaan.v1"
    assert kind.subject == "grms.pelaksanaan.v1-grms.pelaksanaan.ContractSigned"


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_schema_is_valid_avro_under_the_full_name_of_its_type(name):
    parsed = fastavro.parse_schema(json.loads(avsc(name)))
    assert parsed["name"] == CATALOGUE[name].full_name
    assert parsed["doc"].strip()


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_field_is_explained_and_classified(name):
    for field in fields(name).values():
        assert field["doc"].strip(), field["name"]
        assert field["classification"] in {"public", "internal", "personal", "specific"}, field["name"]
    assert classification(name) == {field["name"]: field["classification"] for field in fields(name).values()}


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_columns_that_the_catalogue_names_are_fields(name):
    kind = CATALOGUE[name]
    assert {*kind.event_time, *filter(None, [kind.version])} <= fields(name).keys()


@pytest.mark.parametrize("name", ROW_EVENTS)
def test_a_row_may_lack_any_column_and_may_have_unknown_ones(name):
    declared = fields(name)
    assert declared["extra"]["type"] == EXTRA
    for field in declared.values():
        assert field["type"] in (TEXT, MONEY, LINKS, EXTRA), field["name"]
        default = {str(LINKS): [], str(EXTRA): {}}.get(str(field["type"]))
        assert field["default"] == default, field["name"]


@pytest.mark.parametrize("name", ROW_EVENTS)
def test_what_is_parsed_has_its_raw_text_beside_it(name):
    declared = fields(name)
    parsed = {field["name"] for field in declared.values() if field["type"] in (MONEY, LINKS)}
    raw = {field["raw_of"]: field["name"] for field in declared.values() if "raw_of" in field}
    assert raw == {column: f"{column}_raw" for column in parsed}
    assert all(declared[column]["type"] == TEXT for column in raw.values())


@pytest.mark.parametrize("name", ROW_EVENTS)
def test_names_tax_numbers_and_accounts_of_persons_are_not_public(name):
    sensitive = re.compile(r"nip|npwp|rek_bank|wakil|_ppk|pokja|^pin$|^name$")
    exposed = [column for column, said in classification(name).items() if said == "public" and sensitive.search(column)]
    assert exposed == []
