"""Releases from statements alone: any history gives valid releases that merge into the current state."""

from __future__ import annotations

import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocdsmerge import Merger

from bus.rows import Fact, rows_of
from consumers.ocds import READS, Statement, Terms, compiled, history, releases
from consumers.ocds.compiled import closing
from ops.ocds.exact import exact_json
from tests.ocds import official

TERMS = Terms("ocds-000000", ZoneInfo("Asia/Makassar"))
NODE = "NT:10"
MERGER = Merger(official.schema("release-schema"))
VALIDATOR = official.validator("record-package")
AMOUNTS = {"pagu", "hps", "nilai_kontrak", "total_harga", "harga_final", "besar_pembayaran"}
LISTS = {"kd_rup", "kd_rup_paket", "mak"}


def statement(event, key, version="", observed="2025-01-01T00:00:00.000Z", **columns):
    empty = {name: [] if name in LISTS else None for name in READS[event]}
    name = "|".join([event, key, version, observed, str(sorted(columns.items()))])
    return Statement(event, key, version, observed, name, {**empty, **columns})


def contract(number, version, value, observed="2025-01-01T00:00:00.000Z", **more):
    key = f"{NODE}|{number}"
    return statement("ContractSigned", key, version, observed, no_kontrak=number, nilai_kontrak=Decimal(value), **more)


def merged(*said):
    return compiled(releases(NODE, said, TERMS))


def value_of(event, column):
    if column in AMOUNTS:
        return st.none() | st.decimals(0, 10**17, places=2)
    if column in LISTS and event != "PackageAnnounced":
        return st.lists(st.sampled_from(["1", "2", " 3 ", "-"]), max_size=3)
    if column.startswith("tgl_"):
        return st.sampled_from([None, "2025-03-11T00:00:00.000000Z", "Mar 11, 2025, 01:00:00AM", "soon", "2025-02-30"])
    if column == "url_lpse":
        return st.sampled_from([None, "https://spse.example.go.id/eproc4", "spse", "http://[x", "https://a.id/ b"])
    return st.sampled_from([None, "", " - ", "Selesai", "Berlangsung", "A", "b  ", "Kontrak Selesai"])


@st.composite
def histories(draw):
    said = []
    events = [event for event in READS if event != "PackageAnnounced"]
    for event in draw(st.lists(st.sampled_from(events), min_size=1, max_size=5)):
        late = event in {"AwardLetterIssued", "ContractSigned", "WorkOrderIssued", "HandoverRecorded"}
        number = draw(st.sampled_from(["A/1", "A/2"]))
        key = f"{NODE}|{number}" + ("|x" if event in {"WorkOrderIssued", "HandoverRecorded"} else "") if late else "10"
        if any((event, key) == (one.event, one.key) for one in said):
            continue
        for version in draw(st.lists(st.sampled_from(["", "0", "1", "2"]), min_size=1, max_size=3, unique=True)):
            day = draw(st.integers(1, 9))
            columns = {column: draw(value_of(event, column)) for column in READS[event]}
            said.append(statement(event, key, version, f"2025-01-0{day}T00:00:00.000Z", **columns))
    return sorted(said, key=lambda one: (one.event, one.key, one.version))


@given(histories())
def test_any_history_is_valid_and_merges_as_ocdsmerge_does(said):
    found = releases(NODE, said, TERMS)
    record = {"ocid": found[0]["ocid"], "releases": found, "compiledRelease": compiled(found)}
    assert MERGER.create_compiled_release(found) == record["compiledRelease"]
    package = {
        "uri": "urn:x:y", "version": "1.1", "publishedDate": "2025-01-01T00:00:00Z", "publisher": {"name": "P"},
        "records": [record],
    }  # fmt: skip
    errors = [error.message[:300] for error in VALIDATOR.iter_errors(json.loads(exact_json(package)))]
    assert errors == []
    assert len(found) == len(said)


@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_matter(said, rng):
    keys = sorted({(one.event, one.key) for one in said})
    rng.shuffle(keys)
    mixed = [one for key in keys for one in said if (one.event, one.key) == key]
    assert releases(NODE, mixed, TERMS) == releases(NODE, said, TERMS)


def test_an_early_version_that_is_stated_late_does_not_win():
    early = contract("A", "0", "10", "2025-06-01T00:00:00.000Z")
    later = contract("A", "1", "11", "2025-02-01T00:00:00.000Z")
    assert merged(early, later)["contracts"][0]["value"]["amount"] == Decimal(11)


def test_what_is_no_longer_stated_goes_from_the_record():
    first = statement("TenderCompleted", "10", nama_paket="A", hps=Decimal(5))
    second = statement("TenderCompleted", "10", observed="2025-02-01T00:00:00.000Z", nama_paket="A")
    assert "amount" not in merged(first, second)["tender"].get("value", {})


def test_an_addendum_with_a_number_of_its_own_amends_the_one_contract():
    found = merged(contract("A", "0", "10"), contract("B", "1", "12"))["contracts"]
    assert [(one["id"], one["value"]["amount"], len(one["amendments"])) for one in found] == [("A", Decimal(12), 1)]


def test_two_originals_are_two_contracts():
    found = merged(contract("A", "0", "10"), contract("B", "0", "12"))["contracts"]
    assert [one["id"] for one in found] == ["A", "B"]


def test_a_hand_over_without_contract_is_shown_as_such():
    found = merged(statement("HandoverRecorded", f"{NODE}|A|1|2025-01-01", besar_pembayaran=Decimal("9.05")))
    assert found["contracts"][0].keys() == {"id", "awardID", "implementation"}


def test_who_supplies_and_is_paid_has_both_roles():
    who = {"nama_penyedia": "CV Contoh"}
    found = merged(
        contract("A", "0", "10", **who),
        statement("HandoverRecorded", f"{NODE}|A|1|2025-01-01", besar_pembayaran=Decimal(10), **who),
    )
    assert [party["roles"] for party in found["parties"]] == [["supplier", "payee"]]


def test_numbers_of_persons_are_struck_out_of_texts_and_ids():
    found = merged(contract("1/198609262015051001/SPK", "0", "10", nama_paket="Jasa 5301012345678901"))
    assert found["contracts"][0]["id"] == "1/******************/SPK"
    assert found["contracts"][0]["title"] == "Jasa ****************"


def test_a_cancelled_plan_is_cancelled():
    said = statement("PackageAnnounced", "7", kd_rup="7", status_aktif_rup="false", status_delete_rup="false")
    found = releases("PackageAnnounced:7", [said], TERMS)[0]
    assert (found["ocid"], found["tag"], found["tender"]["status"]) == ("ocds-000000-RUP-7", ["planning"], "cancelled")


def fact(version, observed, digest):
    return Fact(NODE, "TenderCompleted", "10", version, observed, None, 0, f"{version}{observed}{digest}", digest, b"")


@given(
    st.lists(
        st.builds(fact, st.sampled_from(["", "1", "10"]), st.sampled_from("abc"), st.sampled_from("xyz")),
        min_size=1,
        unique=True,
    ),
    st.randoms(use_true_random=False),
)
def test_the_last_statement_is_the_current_row(facts, rng):
    def columns(one):
        return {"a": one.digest}

    mixed = list(facts)
    rng.shuffle(mixed)
    said = history(mixed, columns, columns)
    assert said == history(facts, columns, columns)
    assert said[-1].columns == rows_of(facts, columns, columns)[0].current.columns


def test_repetitions_are_no_releases():
    def columns(one):
        return {"a": one.digest}

    facts = [fact("", when, digest) for when, digest in (("a", "x"), ("b", "x"), ("c", "y"), ("d", "x"))]
    assert [one.observed for one in history(facts, columns, columns)] == ["a", "c", "d"]


def test_ids_stay_where_a_part_is_closed():
    before = {"awards": [{"id": "1", "suppliers": [{"id": "a", "name": "A"}]}]}
    assert closing(before, {"awards": [{"id": "1", "suppliers": [{"id": "b", "name": "B"}]}]}) == {
        "awards": [{"id": "1", "suppliers": [{"id": "b", "name": "B"}, {"id": "a", "name": None}]}]
    }


def test_amounts_never_pass_through_a_float():
    assert exact_json({"amount": Decimal("123456789012345678.05")}) == '{"amount":123456789012345678.05}'
    with pytest.raises(TypeError, match="float"):
        exact_json([1.5])
