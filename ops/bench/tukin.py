"""Pay: months of growing size by the pure engine against a bare fold, an office's through the bus, one punch more."""

from __future__ import annotations

import csv
import random
import resource
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from consumers.tukin.coverage import bundled
from consumers.tukin.facts import Facts, Punch, Row, gather
from consumers.tukin.month import Known
from consumers.tukin.policy import Book
from consumers.tukin.settle import Account, settle
from ops.bench.timing import best_of, child, folder, say, timed
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings
from ops.tukin import month_lines

__all__ = ["PROVINCE", "compare_pay", "pay_job"]

PROVINCE = 15_927
"""Employees of the province (NTT)."""
_OFFICE = 300
_MONTH = "2025-09"
_CLOSE = date(2025, 10, 5)


def compare_pay(sizes: Sequence[int] = (1_000, PROVINCE)) -> None:
    """Print what pay costs; sizes are numbers of employees, each in a process of its own."""
    told = [(size, child("pay-job", size)) for size in sizes]
    for size, took in told:
        what = f"pay: {size:,} employees, {took['punches']:,.0f} punches: {took['engine']:.1f} s"
        say(f"{what}, against a bare fold", f"{took['engine'] / took['fold']:.1f}", "aim <= 4")
        say(f"pay: {size:,} employees: peak memory", f"{took['peak_mb']:.0f} MB")
    (small, before), (large, after) = told[0], told[-1]
    grown = after["engine"] / before["engine"] / (large / small)
    say(f"pay: {large:,} against {small:,}: time an employee", f"{grown:.2f}", "aim: 1")
    _compare_bus()


def pay_job(employees: int) -> dict[str, float]:
    """Seconds of the engine and of a bare fold over the same facts in memory, punches, and peak memory in MB."""
    facts = _facts(employees)
    fold, engine = best_of(2, lambda: _folded(facts)), timed(lambda: _closed(facts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"punches": len(facts.punches), "fold": fold, "engine": engine, "peak_mb": peak}


def _folded(facts: Facts) -> dict[str, int]:
    """The least that any computation must do: whose punch, of which day, first and last, minutes late by person."""
    owners = {(one.device, pin): one.nip for pin, some in facts.pins.items() for one in some}
    days: dict[tuple[str, date], tuple[datetime, datetime]] = {}
    for time, device, pin in facts.punches:
        key = owners[device, pin], time.date()
        first, last = days.get(key, (time, time))
        days[key] = min(first, time), max(last, time)
    late: dict[str, int] = {}
    for (nip, _), (first, last) in days.items():
        minutes = max(0, first.hour * 60 + first.minute - 450) + max(0, 960 - last.hour * 60 - last.minute)
        late[nip] = late.get(nip, 0) + minutes
    return late


def _compare_bus() -> None:
    with folder() as home:
        _office(home / "in")
        with opened(Settings(home=home / "home"), 10.0) as parts:
            ingest(parts, Request("tukin-case", [home / "in"]))
            took = timed(lambda: month_lines(parts, _MONTH))
            say(f"pay: {_OFFICE} employees' month from the log, end to end", f"{took:.1f} s")
            alone = best_of(3, lambda: month_lines(parts, _MONTH, nips=[_nip(7)]))
            late = home / "late"
            late.mkdir()
            (late / "punches.csv").write_text("device,pin,time\nGD1,7,2025-09-30 16:45:00\n", encoding="utf-8")
            took = timed(lambda: _punched(home, late))
            what = f"pay: a punch from file to line {took * 1000:.0f} ms, that line alone {alone * 1000:.0f} ms"
            say(what, f"{took / alone:.1f}")


def _punched(home: Path, late: Path) -> None:
    with opened(Settings(home=home / "home"), 10.0) as parts:
        ingest(parts, Request("tukin-case", [late]))
        month_lines(parts, _MONTH, nips=[_nip(7)])


def _closed(facts: Facts) -> None:
    known = Known.at(facts, Book(tuple(bundled())), _CLOSE, datetime.combine(_CLOSE, datetime.max.time()))
    for nip in known.facts.employees:
        settle(known, nip, _MONTH, Account())


def _nip(number: int) -> str:
    return f"99002{number:013}"


def _people(count: int) -> Iterator[dict[str, str]]:
    for number in range(1, count + 1):
        yield {
            "nip": _nip(number), "unit": f"Unit {number % 49}", "pola": "5hari", "kelas_jabatan": "7",
            "golongan": "III/b", "status": "PNS", "tmt_start": "2020-01-01", "gaji_pokok": "3000000",
            "skp_predikat": "baik",
        }  # fmt: skip


def _punches(count: int) -> Iterator[Punch]:
    """Four punches a person and office day, now and then late."""
    rng = random.Random(1)
    days = [datetime(2025, 9, 1) + timedelta(days=number) for number in range(30)]  # noqa: DTZ001 - local time
    for day in days:
        if day.weekday() < 5:  # noqa: PLR2004 - Monday to Friday
            for number in range(1, count + 1):
                for start, spread in ((430, 30), (720, 20), (760, 20), (960, 40)):
                    yield Punch(day + timedelta(seconds=start * 60 + rng.randrange(spread * 60)), "GD1", str(number))


_AMOUNT = {"table": "tpp", "kelas": "7", "amount_rp": "4200000", "berlaku": "2024-01-01"}


def _tables(count: int) -> dict[str, list[dict[str, str]]]:
    return {
        "employees": list(_people(count)),
        "pins": [
            {"device": "GD1", "pin": str(number), "nip": _nip(number), "valid_from": "2020-01-01"}
            for number in range(1, count + 1)
        ],
        "class_amounts": [_AMOUNT],
    }


def _facts(count: int) -> Facts:
    tables = {name: [Row(cells, name) for cells in rows] for name, rows in _tables(count).items()}
    return gather(tables, _punches(count))


def _office(place: Path) -> None:
    place.mkdir()
    for name, rows in _tables(_OFFICE).items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    lines = [f"{punch.pin:>9}\t{punch.time}\tGD1\t0\t15\t0\n" for punch in _punches(_OFFICE)]
    (place / "punches.dat").write_text("".join(lines), encoding="utf-8")
    policies = Path(__file__).parents[2] / "consumers" / "tukin" / "policies" / "daerah4060.yaml"
    (place / "policy.yaml").write_bytes(policies.read_bytes())
