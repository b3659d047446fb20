"""The oracle itself: the published numbers, and the invariants it must obey to be believed."""

from __future__ import annotations

import random

import pytest

from tests.oracle import feeds, isb
from tests.oracle.published import MEASURES


@pytest.fixture(scope="module")
def bundled():
    return isb.world([isb.Export(isb.read_folder(feeds.BUNDLE), "2025-10-03")])


def test_the_published_numbers_come_out_of_the_bundled_feed(bundled):
    assert bundled.measures() == MEASURES


def test_units_add_up_where_a_package_belongs_to_one_unit(bundled):
    shared = {"rup_codes"}
    by_unit = [bundled.measures(unit) for unit in bundled.units()]
    for name in isb.MEASURES:
        total = sum(measures[name] for measures in by_unit)
        assert total >= MEASURES[name] if name in shared else total == MEASURES[name], name


@pytest.mark.parametrize("seed", range(3))
def test_order_and_repetition_change_nothing(seed, tmp_path):
    rng = random.Random(seed)
    feed = feeds.dirty(feeds.subset(feeds.bundle(), rng), rng)
    other = feeds.repeated(feeds.shuffled(feed, rng))
    answers = [
        isb.world(feeds.exported([(feeds.write(f, tmp_path / name), "2025-10-03")])).measures()
        for name, f in (("one", feed), ("other", other))
    ]
    assert answers[0] == answers[1]


@pytest.mark.parametrize("seed", range(3))
def test_days_may_be_read_in_any_order_and_the_last_one_counts(seed, tmp_path):
    rng = random.Random(seed)
    days = feeds.days(feeds.subset(feeds.bundle(), rng), rng)
    exports = feeds.exported(
        (feeds.write(day.feed, tmp_path / day.pulled, pulled=day.pulled), day.pulled) for day in days
    )
    expected = isb.world(exports).measures()
    assert expected != isb.world(exports[:-1]).measures()
    for _ in range(3):
        rng.shuffle(exports)
        assert isb.world(exports).measures() == expected


def test_versions_compare_as_numbers():
    assert max(["9", "10", "2", ""], key=isb.version_order) == "10"


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-03T00:00:00.000000Z",
        "2025-07-03 16:00:00",
        "Jul 3, 2025, 12:00:00AM",
        "03-07-2025",
        "03/07/2025",
    ],
)
def test_a_date_is_the_one_written(text):
    assert isb.written_date(text) == "2025-07-03"


def test_null_empty_and_absent_say_the_same_and_numbers_are_their_text():
    rows = isb.parse_rows(
        b'[{"a": null, "b": 1.50}, {"a": "", "b": "1.50"}, {"b": 1.50, "_event_date": "x"}, {"b": 1.5}]'
    )
    assert isb.copies(rows) == 2
