"""How soon events arrive: by unit and type, whatever the order and the copies."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from bus.rows import Fact
from consumers.chain.due import due_rules, read_due
from consumers.chain.pace import Paced, paces
from schemas.times import calendar_date, end_of_day

UNIT = "1.01.0.00.0.00.01.0000"
END = date(2025, 12, 31)


def fact(event, key, happened, observed, version="", digest="", **columns) -> tuple[Fact, dict]:
    moment = None if happened is None else end_of_day(calendar_date(happened))
    number = f"{event}{key}{version}{observed}{digest}"
    node = f"{event}:{key}"
    return (
        Fact(node, event, key, version, f"{observed}T01:00:00.000Z", moment, 1, number, digest or key, b""),
        columns,
    )


SPP = [
    fact("SppFiled", "1", "2025-03-01", "2025-03-01", kode_sub_skpd=UNIT),
    fact("SppFiled", "1", "2025-03-01", "2025-05-01", kode_sub_skpd=UNIT),  # stated again later: no new arrival
    fact("SppFiled", "2", "2025-03-01", "2025-03-11", kode_sub_skpd=UNIT),
    fact("SppFiled", "3", None, "2025-03-11", kode_sub_skpd=UNIT),
]
LINES = [
    fact("LineProposed", "9", "2025-01-01", "2025-01-03", kode_sbl="s"),
    fact("LineProposed", "8", "2025-01-01", "2026-01-03", kode_sbl="nowhere"),
    fact("AnnualPlanSet", "s", "2025-01-01", "2025-01-01", kode_sbl="s", kode_sub_skpd=UNIT),
]
RFK = [
    fact("ProgressReported", f"s|{month}", day, day, kode_sub_skpd=UNIT, tahun_anggaran="2025", bulan=month)
    for month, day in (("1", "2025-02-20"), ("2", "2025-03-21"), ("12", "2026-01-20"))
]


def told(stated):
    columns = {one.event_id: row for one, row in stated}
    facts = sorted((one for one, _ in stated), key=lambda one: one.node)
    return paces(facts, lambda one: columns[one.event_id], due_rules(), END)


def test_a_delay_is_from_the_day_it_happened_to_the_day_it_was_first_stated():
    pace = told(SPP)[Paced(UNIT, "SppFiled")]
    assert (pace.events, pace.days) == (3, Counter({0: 1, 10: 1}))
    assert (pace.last_event, pace.last_heard) == (date(2025, 3, 1), date(2025, 3, 11))


def test_a_row_without_unit_belongs_to_that_of_its_sub_kegiatan():
    found = told(LINES)
    assert found[Paced(UNIT, "LineProposed")].days == {2: 1}
    assert found[Paced(None, "LineProposed")].days == {367: 1}


def test_what_is_dated_ahead_says_nothing_of_the_past():
    retired = fact("StaffRetired", "1", "2040-01-01", "2025-06-01", kode_sub_skpd=UNIT)
    pace = told([retired])[Paced(UNIT, "StaffRetired")]
    assert (pace.last_event, pace.last_heard) == (None, date(2025, 6, 1))


def test_the_due_day_is_in_time_and_the_day_after_is_not():
    pace = told(RFK)[Paced(UNIT, "ProgressReported")]
    assert (pace.judged, pace.in_time) == (3, 2)


def test_order_and_copies_change_nothing():
    everything = [*SPP, *LINES, *RFK]
    for seed in range(5):
        shuffled = random.Random(seed).sample(everything, len(everything))
        assert told([*shuffled]) == told(everything)


@pytest.mark.parametrize(
    "text",
    ["- {event: X, due_day: 3}", "- {event: X, due_day: 3, nama: y}"],
)
def test_a_term_without_citation_or_with_an_unknown_key_is_refused(text):
    with pytest.raises(ValueError, match="give exactly"):
        read_due(text)
