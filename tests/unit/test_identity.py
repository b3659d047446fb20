"""A fact has one name for ever: the same wherever and whenever it is computed, another for another fact."""

from __future__ import annotations

from functools import cmp_to_key
from itertools import product
from uuid import UUID

import pytest

from schemas import EXPORT_COLUMNS, compare_contents, content_digest, event_id, text_of

OBSERVED = "2025-10-03T00:00:00.000Z"
FACT = ("ContractSigned", "NT:10002513000|027/07/SPK", "1", {"nilai_kontrak": "79691100.00", "no_kontrak": "027/07"})
CONTENTS = [
    {name: text for name, text in zip("abc", texts, strict=True) if text}
    for texts in product(("2", "", "10", "1"), repeat=3)
]


@pytest.mark.parametrize(
    ("event", "key", "version", "content", "observed", "digest", "name"),
    [
        (
            "UnitListed",
            "1.02.0.00.0.00.02.0000",
            "",
            {"nama_satker": "Dinas Kesehatan"},
            OBSERVED,
            "2cf4894fcf691575a941d3a9fddcef60abf202fc0b11ec4599333b2b93f6782d",
            "edff3f50-0b14-5cbe-b592-ea3a948e0348",
        ),
        (
            "ContractSigned",
            "NT:10002513000|027/07/SPK",
            "1",
            {"nilai_kontrak": "79691100.00", "no_kontrak": " 027 / 07/ spk\u00a0"},
            f"{OBSERVED}/2025-10-03T01:00:00.000Z",
            "740adedf314eaf565b776c69637b147d4cfa385ed89409b3ca08f93fb7b037a2",
            "b9c4eb05-e5e5-52be-8a1f-1f32fceb991a",
        ),
        (
            "AttendancePunched",
            "SN1|7|2025-07-03T00:00:00Z",
            "",
            {},
            OBSERVED,
            "6f797bc92d3b885783a792ddd371264383e3a9178d34d0d6aa0ffe05cb980929",
            "3f91cdf5-0fac-5960-b6e8-b63e6494f5b6",
        ),
    ],
)
def test_names_of_facts_never_change(event, key, version, content, observed, digest, name):
    assert content_digest(event, key, version, content).hex() == digest
    assert event_id(bytes.fromhex(digest), observed) == name


@pytest.mark.parametrize(
    "other",
    [
        ("WorkOrderIssued", *FACT[1:]),
        (FACT[0], "T:10002513000|027/07/SPK", *FACT[2:]),
        (*FACT[:2], "", FACT[3]),
        (*FACT[:2], "2", FACT[3]),
        (*FACT[:3], {}),
        (*FACT[:3], {"nilai_kontrak": "79691100", "no_kontrak": "027/07"}),
        (*FACT[:3], {"nilai_kontrak": "79691100.00"}),
        (*FACT[:3], {"nilai_kontrak": "79691100.00", "no_sppbj": "027/07"}),
        (*FACT[:3], {"nilai_kontrak": "79691100.00no_kontrak", "027": "/07"}),
        (FACT[0], FACT[1] + "1", "", FACT[3]),
    ],
)
def test_another_type_key_version_or_content_is_another_fact(other):
    assert content_digest(*other) != content_digest(*FACT)
    assert event_id(content_digest(*other), OBSERVED) != event_id(content_digest(*FACT), OBSERVED)


def test_a_fact_stated_at_another_time_has_another_name():
    digest = content_digest(*FACT)
    times = (OBSERVED, "2025-10-04T00:00:00.000Z", f"{OBSERVED}/{OBSERVED}")
    assert len({event_id(digest, observed) for observed in times}) == len(times)


def test_a_name_is_a_uuid_of_version_5():
    name = event_id(content_digest(*FACT), OBSERVED)
    assert str(UUID(name)) == name
    assert UUID(name).version == 5


def test_the_export_columns_are_three():
    assert frozenset({"_event_date", "_inserted_date", "tgl_penarikan"}) == EXPORT_COLUMNS


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        ("", ""),
        (" as written ", " as written "),
        ("99.50", "99.50"),
        (True, "true"),
        (False, "false"),
        ([], "[]"),
        ({"b": "é", "a": [None, True]}, '{"a":[null,true],"b":"é"}'),
    ],
)
def test_a_json_value_is_text_as_written(value, text):
    assert text_of(value) == text


def test_any_two_contents_are_ordered_one_way():
    for left, right in product(CONTENTS, repeat=2):
        order = compare_contents(left, right)
        assert order == -compare_contents(right, left)
        assert (order == 0) == (left == right)


def test_the_order_of_contents_is_that_of_their_texts_field_by_field():
    by_text = sorted(CONTENTS, key=lambda content: [content.get(name, "") for name in "abc"])
    assert sorted(CONTENTS, key=cmp_to_key(compare_contents)) == by_text
