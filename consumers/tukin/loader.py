"""Policy files: YAML text becomes policies, or is refused with file, path and remedy.

The keys are those of ``policies/_schema.yaml``: every one is present, unknown ones are an error, percents are quoted
decimals from "0" to "100", dates and clock times are quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any, TypeVar

import yaml

from consumers.tukin.policy import (
    Amounts,
    Bpjs,
    ExcuseRule,
    Flex,
    Hours,
    Overlay,
    Policy,
    SanctionRule,
    Scale,
    SpecialDay,
    Table,
    Window,
    WorkHours,
)
from consumers.tukin.values import BadInput, read_clock, read_day, read_percent

__all__ = ["read_policies"]

T = TypeVar("T")

_STATUSES = ("text", "secondary", "assumed", "draft")
_HEAD = ("id", "dasar_hukum", "sumber", "status", "jenis", "diundangkan", "berlaku", "sampai", "assumed", "hari_khusus")
_BODY = (
    "amount", "bobot_disiplin", "skp", "status_factor", "bebas_absen", "prorata", "jam_kerja", "window", "flex",
    "akumulasi", "late", "early", "missing_in", "missing_out", "absent", "absent_whole_month_zero", "apel", "findings",
    "cap_day", "cap_month", "excuses", "sanksi", "sanksi_overlap", "plt", "pph21", "bpjs",
)  # fmt: skip
_MINUTE = timedelta(minutes=1)


def read_policies(text: str, file: str) -> list[Overlay]:
    """Read the policies of a file, in its order.

    Raises:
        BadInput: the file or a value is wrong; the message names file, path and remedy.
    """
    try:
        found = yaml.load(text, Loader=_Strict)  # noqa: S506 - a SafeLoader that refuses keys given twice
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}" if mark else file
        problem = getattr(error, "problem", None) or "it can't be parsed"
        raise BadInput(f"{where}: no readable YAML: {problem}. Correct the file.") from error
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{file}: no readable YAML. Quote dates, times and percents.") from error
    if found is None:
        return []
    entries = found if isinstance(found, list) else [found]
    policies = [_policy(_Place(file, f"[{number}]", entry)) for number, entry in enumerate(entries)]
    seen: set[str] = set()
    for policy in policies:
        if policy.id in seen:
            raise BadInput(f"{file}: policy id {policy.id} stands twice in the file. Give each policy its own id.")
        seen.add(policy.id)
    return policies


class _Strict(yaml.SafeLoader):
    """Refuses a key given twice in one mapping."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's
        seen = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if isinstance(name, (list, dict)) or name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {name} stands twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class _Place:
    """A value of the file and the path to it."""

    file: str
    path: str
    value: Any

    def wrong(self, why: str, remedy: str) -> BadInput:
        return BadInput(f"{self.file}: {self.path}: {why}. {remedy}.")

    def at(self, key: str | int) -> _Place:
        path = f"{self.path}[{key}]" if isinstance(key, int) else f"{self.path}.{key}"
        return _Place(self.file, path, self.value[key])

    def named(self, name: str) -> _Place:
        return _Place(self.file, name, self.value)

    def mapping(self, keys: Sequence[str] | None = None, optional: Sequence[str] = ()) -> Mapping[str, Any]:
        """The value as a mapping with exactly these keys (None: any text keys)."""
        if not isinstance(self.value, dict) or not all(isinstance(key, str) for key in self.value):
            raise self.wrong("is no mapping of names", "Write it as in policies/_schema.yaml")
        if keys is not None:
            for key in self.value:
                if key not in keys and key not in optional:
                    raise self.wrong(f"unknown key {key}", "Remove it or correct its name; see policies/_schema.yaml")
            for key in keys:
                if key not in self.value:
                    raise self.wrong(f"key {key} is missing", "Add it; policies/_schema.yaml says what it means")
        return self.value

    def items(self) -> list[_Place]:
        if not isinstance(self.value, list):
            raise self.wrong("is no list", "Write it as in policies/_schema.yaml")
        return [self.at(number) for number in range(len(self.value))]

    def text(self, *, cited: bool = False) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            why = "the citation is missing" if cited else "is no text"
            raise self.wrong(why, "Name the law or report it was taken from" if cited else "Write a quoted text")
        return self.value

    def one_of(self, *allowed: str) -> str:
        if self.value not in allowed:
            raise self.wrong(f"is none of {', '.join(allowed)}", "Choose one of them")
        return str(self.value)

    def percent(self) -> Fraction:
        share = read_percent(self.value) if isinstance(self.value, str) else "is no quoted decimal"
        if isinstance(share, str) or share > 1:
            raise self.wrong('is no percent from "0" to "100"', 'Write it as a quoted decimal, such as "2.5"')
        return share

    def whole(self, least: int = 0) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < least:
            raise self.wrong(f"is no whole number of {least} or more", "Write a plain integer")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.wrong("is neither true nor false", "Write true or false")
        return self.value

    def day(self) -> date:
        found = read_day(self.value) if isinstance(self.value, str) else "is no quoted date"
        if isinstance(found, str):
            raise self.wrong(found, 'Write it as "YYYY-MM-DD", quoted')
        return found

    def clock(self) -> timedelta:
        found = read_clock(self.value) if isinstance(self.value, str) else "is no quoted time"
        if isinstance(found, str):
            raise self.wrong(found, 'Write it as "HH:MM", quoted')
        return found

    def maybe(self, read: Callable[[_Place], T]) -> T | None:
        return None if self.value is None else read(self)

    def pairs(self, read: Callable[[_Place], int]) -> tuple[tuple[int, Fraction], ...]:
        """Rows [start, percent] whose starts rise."""
        rows = []
        for row in self.items():
            if len(row.items()) != 2:  # noqa: PLR2004 - a pair
                raise row.wrong("is no pair [start, percent]", "Write two values")
            rows.append((read(row.at(0)), row.at(1).percent()))
        if any(after <= before for (before, _), (after, _) in pairwise(rows)):
            raise self.wrong("the starts do not rise", "Sort the rows; each start once")
        return tuple(rows)


def _policy(place: _Place) -> Overlay:
    if not isinstance(place.value, dict) or not isinstance(place.value.get("id"), str):
        raise place.wrong("a policy needs an id", "Write a mapping as in policies/_schema.yaml")
    place = place.named(place.value["id"])
    complete = place.value.get("jenis") != "tambahan"
    place.mapping((*_HEAD, *_BODY) if complete else _HEAD)
    head = _head(place)
    return _body(place, head) if complete else Overlay(**head)


def _head(place: _Place) -> dict[str, Any]:
    place.at("jenis").one_of("utama", "tambahan")
    berlaku, sampai = place.at("berlaku").day(), place.at("sampai").maybe(_Place.day)
    if sampai is not None and sampai < berlaku:
        raise place.at("sampai").wrong("lies before berlaku", "Correct one of the dates")
    return {
        "id": place.at("id").text(),
        "dasar_hukum": place.at("dasar_hukum").text(cited=True),
        "sumber": place.at("sumber").text(cited=True),
        "status": place.at("status").one_of(*_STATUSES),
        "diundangkan": place.at("diundangkan").day(),
        "berlaku": berlaku,
        "sampai": sampai,
        "assumed": tuple(one.text() for one in place.at("assumed").items()),
        "hari_khusus": place.at("hari_khusus").maybe(_special),
    }


def _special(place: _Place) -> SpecialDay:
    value = place.mapping(("base",), ("late", "absent"))

    def share(key: str) -> Fraction | None:
        return place.at(key).maybe(_Place.percent) if key in value else None

    return SpecialDay(place.at("base").one_of("total", "disiplin") == "total", share("late"), share("absent"))


def _body(place: _Place, head: dict[str, Any]) -> Policy:
    amount = place.at("amount")
    amount.mapping(("table", "indices"))
    hours = place.at("jam_kerja")
    hours.mapping(("normal", "ramadan"))
    normal = _hours(hours.at("normal"))
    late, early = _scale(place.at("late"), normal), _scale(place.at("early"), None)
    bulanan = place.at("akumulasi").one_of("harian", "bulanan") == "bulanan"
    if bulanan and (late.clock or late.table is None or early.table is None):
        raise place.at("akumulasi").wrong("bulanan needs tiers on both sides", "Write late and early as tiers")
    return Policy(
        **head,
        amount=Amounts(amount.at("table").text(), tuple(_index(one) for one in amount.at("indices").items())),
        bobot_disiplin=place.at("bobot_disiplin").percent(),
        skp=_percents(place.at("skp")),
        status_factor=_percents(place.at("status_factor")),
        bebas_absen=frozenset(one.text() for one in place.at("bebas_absen").items()),
        hari_kalender=place.at("prorata").one_of("hari_kerja", "hari_kalender") == "hari_kalender",
        normal=normal,
        ramadan=_hours(hours.at("ramadan")),
        window=_window(place.at("window")),
        flex=place.at("flex").maybe(_flex),
        bulanan=bulanan,
        late=late,
        early=early,
        missing_in=place.at("missing_in").percent(),
        missing_out=place.at("missing_out").percent(),
        absent=place.at("absent").percent(),
        absent_whole_month_zero=place.at("absent_whole_month_zero").flag(),
        apel=place.at("apel").maybe(_Place.percent),
        findings=_percents(place.at("findings")),
        cap_day=place.at("cap_day").maybe(_Place.percent),
        cap_month=place.at("cap_month").percent(),
        excuses={kind: _excuse(place.at("excuses").at(kind)) for kind in place.at("excuses").mapping()},
        sanksi={kode: _sanction(place.at("sanksi").at(kode)) for kode in place.at("sanksi").mapping()},
        sanksi_sum=place.at("sanksi_overlap").one_of("max", "sum") == "sum",
        plt_setingkat=place.at("plt").maybe(_plt),
        pph21=_pph21(place.at("pph21")),
        bpjs=place.at("bpjs").maybe(_bpjs),
    )


def _index(place: _Place) -> Fraction:
    share = read_percent(place.value) if isinstance(place.value, str) else "is no quoted decimal"
    if isinstance(share, str):
        raise place.wrong("is no quoted decimal", 'Write it such as "0.5911"')
    return share * 100


def _percents(place: _Place) -> dict[str, Fraction]:
    return {name: place.at(name).percent() for name in place.mapping()}


def _hours(place: _Place) -> WorkHours:
    place.mapping(("senin_kamis", "jumat"))

    def hours(one: _Place) -> Hours:
        pair = one.items()
        if len(pair) != 2:  # noqa: PLR2004 - start and end
            raise one.wrong("is no pair of start and end", 'Write ["07:30", "16:00"]')
        found = Hours(pair[0].clock(), pair[1].clock())
        if found.end <= found.start:
            raise one.wrong("the end is not after the start", "Correct the hours; night work is a roster row")
        return found

    return WorkHours(hours(place.at("senin_kamis")), hours(place.at("jumat")))


def _window(place: _Place) -> Window:
    place.mapping(("open", "close", "shift_before_min", "shift_after_min"))
    before, after = place.at("shift_before_min").whole(), place.at("shift_after_min").whole()
    return Window(place.at("open").clock(), place.at("close").clock(), before * _MINUTE, after * _MINUTE)


def _flex(place: _Place) -> Flex:
    place.mapping(("max_min", "repay"))
    exact = place.at("repay").one_of("exact", "block") == "exact"
    return Flex(place.at("max_min").whole(1), "exact" if exact else "block")


def _scale(place: _Place, normal: WorkHours | None) -> Scale:
    """A scale of one side; clock times (late only) count from the normal start of Monday to Thursday (R12)."""
    kinds = ("tiers", "clock", "linear") if normal else ("tiers", "linear")
    value = place.mapping((), kinds)
    if len(value) != 1:
        raise place.wrong(f"has not exactly one of {', '.join(kinds)}", "Keep one of them")
    if "tiers" in value:
        return Scale(Table(place.at("tiers").pairs(_Place.whole)))
    if "clock" in value and normal is not None:
        start = normal.senin_kamis.start
        rows = place.at("clock").pairs(lambda one: (one.clock() - start) // _MINUTE)
        return Scale(Table(rows), clock=True)
    linear = place.at("linear")
    linear.mapping(("pct", "per_min"))
    return Scale(None, linear.at("pct").percent(), linear.at("per_min").whole(1))


def _excuse(place: _Place) -> ExcuseRule:
    value = place.mapping(("mode",), ("count", "table"))
    mode = place.at("mode").one_of("free", "per_day", "paid_table")
    place.mapping(
        ("mode", "count", "table") if mode == "per_day" else ("mode",) if mode == "free" else ("mode", "table")
    )
    if mode == "free":
        return ExcuseRule("free")
    rows = place.at("table").pairs(lambda one: one.whole(1))
    if not rows or rows[0][0] != 1:
        raise place.at("table").wrong("does not start at 1", "Add the row of day 1, even if it is 0")
    if "count" not in value:
        return ExcuseRule("paid_table", table=Table(rows))
    count = place.at("count").one_of("month", "year", "spell")
    return ExcuseRule("per_day", _COUNTS[count], Table(rows))


_COUNTS: Mapping[str, Any] = {"month": "month", "year": "year", "spell": "spell"}


def _sanction(place: _Place) -> SanctionRule:
    place.mapping(("pct", "months"))
    return SanctionRule(place.at("pct").percent(), place.at("months").whole(1))


def _plt(place: _Place) -> Fraction:
    place.mapping(("setingkat_pct",))
    return place.at("setingkat_pct").percent()


def _pph21(place: _Place) -> dict[str, Fraction] | None:
    place.mapping(("mode", "rates"))
    mode = place.at("mode").one_of("final", "none")
    rates = _percents(place.at("rates"))
    if mode == "none" and rates:
        raise place.at("rates").wrong("there are rates though the mode is none", "Write {} or mode final")
    return rates if mode == "final" else None


def _bpjs(place: _Place) -> Bpjs:
    place.mapping(("pct", "cap_rp"))
    return Bpjs(place.at("pct").percent(), place.at("cap_rp").whole())
