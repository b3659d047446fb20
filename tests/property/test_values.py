"""Parsing is total: any text is a value or wrong, and a value's normal form is the same value."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import observed_text
from schemas.times import calendar_date, instant, parse_asked
from schemas.values import (
    KdRup,
    KodeRekening,
    KodeSubKegiatan,
    KodeUnit,
    Mak,
    Nip,
    NomorKontrak,
    Period,
    Rupiah,
    Wrong,
    parse_sen,
    squeeze,
    tidy_version,
    version_order,
)

thorough = settings(max_examples=150, deadline=None)

WITA = ZoneInfo("Asia/Makassar")
KINDS = [KdRup, KodeRekening, KodeSubKegiatan, KodeUnit, Mak, Nip, NomorKontrak, Period, Rupiah]
LAYOUTS = [
    "d.dd.d.dd.d.dd.dd.dddd",
    "d.dd.dd.d.dd.dddd",
    "X.XX.dd.d.dd.dd",
    "d.d.dd.dd.dd.dddd",
    "d.dd.dd.d.dd.dddd.5.d.dd.dd.dd.dddd",
    "d.dd.dd.d.dd.dddd.5.d.dd.dd.dd.dddd.d.d.",
    "dddddddddddddddddd",
    "dddddddd",
    "dddd-dd",
    "dddd",
    "-ddddd.dd",
    "ddd.d/dd /SPK-d",
    "dddd-dd-dd dd:dd:dd",
    "dd-dd-dddd",
    "Jul d, dddd, dd:dd:ddPM",
]

lookalikes = st.text("0123456789.,;-+eEX \u00a0\uff10\uff11\u0661", max_size=60)
anything = st.text() | st.text(st.characters(categories=["Cs", "Nd", "Zs", "Cc"]), max_size=20) | lookalikes
digit = st.sampled_from("0123456789")
layouts = st.sampled_from(LAYOUTS).flatmap(
    lambda layout: st.tuples(*(digit if one == "d" else st.just(one) for one in layout)).map("".join)
)
spaces = st.sampled_from(["", " ", "\t", "\u00a0"])
texts = anything | st.builds("{}{}{}".format, spaces, layouts, spaces)
amounts = st.integers(3 - 10**20, 10**20 - 1)
versions = st.from_regex(r"0*[0-9]{1,4}(\.0*)?", fullmatch=True) | lookalikes | st.text(max_size=4)
spellings = st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%d-%m-%Y %H:%M:%S", "%b %d, %Y, %I:%M:%S%p"])
clocks = st.datetimes(min_value=datetime(1900, 1, 1)).map(lambda stamp: stamp.replace(microsecond=0))  # noqa: DTZ001
moments = st.integers(-62_000_000_000_000, 253_000_000_000_000)
pairs = st.tuples(moments, st.none() | moments)


def normal_form(value: object) -> str:
    """The text of a value without its spelling."""
    match value:
        case Rupiah():
            return str(value.amount)
        case Period():
            return f"{value.year:04}" if value.month is None else f"{value.year:04}-{value.month:02}"
        case Nip():
            return value.digits
        case NomorKontrak():
            return value.number
    return value.code


@pytest.mark.parametrize("kind", KINDS)
@thorough
@given(raw=texts)
def test_any_text_is_a_value_or_wrong_and_is_kept(kind, raw):
    value = kind.parse(raw)
    assert isinstance(value, kind | Wrong)
    assert value.raw == raw
    if isinstance(value, Wrong):
        assert value.why
    else:
        assert normal_form(kind.parse(normal_form(value))) == normal_form(value)


@thorough
@given(amounts, st.integers(0, 6))
def test_every_spelling_of_an_amount_is_that_amount(sen, zeros):
    amount = Decimal(sen).scaleb(-2)
    spellings = (f"{amount:f}", f"{amount:f}" + "0" * zeros, f"{sen}e-2", f"{sen}E-02", f" {amount:f}\u00a0")
    assert [parse_sen(text) for text in spellings] == [sen] * len(spellings)


@thorough
@given(amounts, st.integers(0, 2))
def test_amounts_are_told_apart_to_the_sen(sen, more):
    first, second = (Rupiah.parse(f"{one}e-2").amount for one in (sen - more, sen))
    assert second - first == Decimal(more).scaleb(-2)


@thorough
@given(texts, st.lists(spaces))
def test_white_space_and_case_never_tell_document_numbers_apart(text, gaps):
    spread = "".join(f"{gap}{letter}" for gap, letter in zip([*gaps, *[""] * len(text)], text, strict=False))
    assert squeeze(spread) == squeeze(text) == squeeze(squeeze(text))


@thorough
@given(
    st.lists(st.from_regex(r"[^;,\s]{1,12}", fullmatch=True)), st.sampled_from([";", ",", "; ", " ,", "\u00a0", "\n"])
)
def test_a_list_of_codes_is_split_into_what_was_joined(codes, separator):
    assert KdRup.split(separator.join(codes)) == codes


@thorough
@given(st.lists(versions), st.randoms(use_true_random=False))
def test_any_versions_are_tidied_once_and_ordered(raw, rng):
    tidy = sorted((tidy_version(text) for text in raw), key=version_order)
    assert [tidy_version(text) for text in tidy] == tidy
    ranks = [version_order(text)[0] for text in tidy]
    assert ranks == sorted(ranks)
    assert all((rank == 0) == (text == "") for rank, text in zip(ranks, tidy, strict=True))
    shuffled = rng.sample(tidy, len(tidy))
    assert list(map(version_order, sorted(shuffled, key=version_order))) == list(map(version_order, tidy))


@thorough
@given(st.integers(0, 10**29), st.integers(0, 10**29), st.sampled_from(["", "0", "00"]), st.sampled_from(["", ".0"]))
def test_whole_versions_are_ordered_as_numbers(left, right, before, behind):
    first, second = tidy_version(f"{before}{left}{behind}"), tidy_version(f" {right} ")
    assert (version_order(first) < version_order(second)) == (left < right)
    assert (first == second) == (left == right)


@pytest.mark.parametrize("read", [lambda text: instant(text, WITA, trust_offset=True), calendar_date, parse_asked])
@thorough
@given(text=texts)
def test_any_text_is_a_time_or_wrong(read, text):
    value = read(text)
    if isinstance(value, Wrong):
        assert value.why


@thorough
@given(clocks, spellings)
def test_a_time_is_read_as_it_is_written_in_every_style(clock, style):
    text = clock.strftime(style)
    assert instant(text, WITA) == int(clock.replace(tzinfo=WITA).timestamp()) * 1000
    assert calendar_date(text) == clock.date()


@thorough
@given(pairs, pairs)
def test_the_order_of_observed_texts_is_the_order_of_times(left, right):
    by_time = [(day, -(10**15) if moment is None else moment) for day, moment in (left, right)]
    assert (observed_text(*left) < observed_text(*right)) == (by_time[0] < by_time[1])
