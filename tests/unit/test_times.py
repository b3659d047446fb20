"""A source's clock is read in the source's own zone; what people ask for is read in the province's."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from schemas import observed_text
from schemas.times import calendar_date, end_of_day, instant, iso, parse_asked, utc_text, zone_named
from schemas.values import Wrong

WIB, WITA = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Makassar")
HOUR, DAY = 3_600_000, 86_400_000


def utc(*parts: int) -> int:
    """Milliseconds of a moment, UTC."""
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1000


MIDNIGHT = utc(2025, 7, 2, 16)  # 3 July 2025, 00:00 WITA
WRONG = [
    "",
    "-",
    "now",
    "2025",
    "2025-07",
    "2025-7-3",
    "20250703",
    "2025/07/03",
    "2025-02-29",
    "2025-13-01",
    "2025-00-10",
    "31-04-2025",
    "03-07-25",
    "2025-07-03 24:00",
    "2025-07-03 07:60",
    "2025-07-03 7:30",
    "2025-07-03 07:30:00 WITA",
    "0000-00-00",
    "0000-01-01",
    "Jul 32, 2025",
    "Agu 17, 2025",
    "3 Jul 2025",
    "Jul 3, 2025, 13:00:00PM",
    "Jul 3, 2025, 01:00:00",
    "\uff12\uff10\uff12\uff15-07-03",
    "2025-07-03T00:00:00" + "0" * 5000,
]


@pytest.mark.parametrize(
    "text",
    [
        "2025-07-03",
        "2025-07-03 00:00",
        "2025-07-03T00:00:00",
        "2025-07-03 00:00:00.000",
        "2025-07-03T00:00:00.000000Z",
        "2025-07-03T00:00:00+00:00",
        "2025-07-03T00:00:00 -0500",
        "03-07-2025",
        "3/7/2025",
        "03-07-2025 00:00:00",
        "Jul 3, 2025",
        "July 3, 2025",
        "Jul 3, 2025, 12:00:00AM",
        "Jul 3, 2025 12:00:00 AM",
        "  2025-07-03\u00a0",
    ],
)
def test_every_style_is_one_moment_of_the_source_s_clock(text):
    assert instant(text, WITA) == MIDNIGHT
    assert instant(text, WIB) == MIDNIGHT + HOUR


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-07-03T00:00:00Z", utc(2025, 7, 3)),
        ("2025-07-03T00:00:00.000 +00:00", utc(2025, 7, 3)),
        ("2025-07-03 08:00:00+0800", utc(2025, 7, 3)),
        ("2025-07-02T19:00:00-05:00", utc(2025, 7, 3)),
        ("2025-07-03T00:00:00", MIDNIGHT),
        ("2025-07-03", MIDNIGHT),
    ],
)
def test_an_offset_is_read_where_it_is_trusted(text, moment):
    assert instant(text, WITA, trust_offset=True) == moment


@pytest.mark.parametrize(
    ("text", "after_midnight"),
    [
        ("Jul 3, 2025, 12:00:01AM", 1000),
        ("Jul 3, 2025, 1:00:00AM", HOUR),
        ("Jul 3, 2025, 11:59:59AM", 12 * HOUR - 1000),
        ("Jul 3, 2025, 12:00:00PM", 12 * HOUR),
        ("Jul 3, 2025, 12:30:00PM", 12 * HOUR + HOUR // 2),
        ("Jul 3, 2025, 11:59:59PM", DAY - 1000),
        ("3/7/2025 13:05", 13 * HOUR + 5 * 60_000),
        ("2025-07-03 23:59:59.1", DAY - 900),
        ("2025-07-03 23:59:59.123456789Z", DAY - 877),
        ("2025-07-03 23:59:59.9999", DAY - 1),
    ],
)
def test_the_time_of_day_is_read_to_the_millisecond(text, after_midnight):
    assert instant(text, WITA) == MIDNIGHT + after_midnight


@pytest.mark.parametrize("number", range(1, 13))
def test_english_month_names_are_months(number):
    name = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[number - 1]
    assert calendar_date(f"{name} 9, 2025, 11:00:00PM") == date(2025, number, 9)
    assert calendar_date(f"{name.upper()} 9, 2025") == date(2025, number, 9)


@pytest.mark.parametrize("read", [lambda text: instant(text, WITA), calendar_date, parse_asked])
@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_date_is_wrong_and_says_why(read, text):
    wrong = read(text)
    assert isinstance(wrong, Wrong)
    assert wrong.raw == text
    assert wrong.why.startswith("is ")


def test_an_offset_outside_a_day_is_wrong_where_it_is_trusted():
    assert isinstance(instant("2025-07-03T00:00:00+25:00", WITA, trust_offset=True), Wrong)


def test_day_and_month_are_never_swapped():
    assert calendar_date("03-07-2025") == date(2025, 7, 3)
    assert isinstance(calendar_date("07-13-2025"), Wrong)


@pytest.mark.parametrize("text", ["2025-07-03T23:59:59.000Z", "2025-07-03 00:00+08:00", "Jul 3, 2025, 11:59:59PM"])
def test_a_calendar_date_is_that_written(text):
    assert calendar_date(text) == date(2025, 7, 3)


@pytest.mark.parametrize("text", ["2025-07-03", "03-07-2025", "3/7/2025", "Jul 3, 2025"])
def test_a_date_asked_for_is_inclusive_to_the_end_of_the_day_in_the_province(text):
    assert parse_asked(text) == MIDNIGHT + DAY - 1 == end_of_day(date(2025, 7, 3))
    assert iso(parse_asked(text)) == "2025-07-03T23:59:59.999+08:00"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-07-03T00:00", MIDNIGHT),
        ("2025-07-03 00:00:00", MIDNIGHT),
        ("Jul 3, 2025, 12:00:00AM", MIDNIGHT),
        ("2025-07-03T00:00:00Z", MIDNIGHT + 8 * HOUR),
        ("2025-07-03T00:00:00.001+08:00", MIDNIGHT + 1),
    ],
)
def test_a_time_asked_for_is_that_moment(text, moment):
    assert parse_asked(text) == moment


@pytest.mark.parametrize("moment", [0, 1, -1, MIDNIGHT, MIDNIGHT + 509, utc(1999, 12, 31), utc(9999, 12, 31)])
def test_a_printed_moment_can_be_asked_again(moment):
    assert parse_asked(iso(moment)) == moment
    assert parse_asked(utc_text(moment)) == moment


def test_moments_are_printed_with_the_province_s_offset_and_stored_in_utc():
    assert iso(MIDNIGHT) == "2025-07-03T00:00:00.000+08:00"
    assert utc_text(MIDNIGHT) == "2025-07-02T16:00:00.000Z"


def test_the_order_of_observed_texts_is_the_order_of_times():
    days = [utc(3, 2, 1), utc(987, 6, 5), utc(1969, 12, 31), -1, 0, 1, 999, 1000, MIDNIGHT, utc(9999, 12, 31)]
    inserted = [None, *days]
    pairs = [(day, moment) for day in days for moment in inserted]
    texts = [observed_text(*pair) for pair in pairs]
    assert texts == sorted(texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("WIB", "Asia/Jakarta"),
        ("wita", "Asia/Makassar"),
        ("Wit", "Asia/Jayapura"),
        ("Asia/Makassar", "Asia/Makassar"),
        ("UTC", "UTC"),
    ],
)
def test_a_zone_is_found_by_its_name(name, key):
    assert zone_named(name).key == key


@pytest.mark.parametrize("name", ["", "Asia", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "\0", "x" * 5000])
def test_what_names_no_zone_is_wrong(name):
    assert isinstance(zone_named(name), Wrong)
