"""One employee's month from a few lines of YAML: what an auditor reads becomes facts, and the line comes out."""

from __future__ import annotations

import copy
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import yaml

import consumers.tukin
from consumers.tukin.facts import Row, gather, punch_of
from consumers.tukin.loader import read_policies
from consumers.tukin.month import Known
from consumers.tukin.policy import Book
from consumers.tukin.settle import Account, settle
from consumers.tukin.statement import line_document, month_document
from consumers.tukin.values import month_days

POLICIES = Path(consumers.tukin.__file__).parent / "policies"
NIP = "990009000000000001"
EMPLOYEE = {
    "nip": NIP, "nama": "Pegawai", "unit": "Unit A", "pola": "5hari", "kelas_jabatan": "7", "golongan": "III/b",
    "status": "PNS", "tmt_start": "2010-01-01", "gaji_pokok": "3000000", "skp_predikat": "baik",
}  # fmt: skip
AMOUNTS = {"5": "3000000", "6": "3650250", "7": "4200000", "8": "5000000"}


@cache
def policy_text(name: str) -> str:
    return (POLICIES / f"{name}.yaml").read_text(encoding="utf-8")


def book(told: dict) -> Book:
    """The policies a case names, open from 2010 unless it says otherwise, with its changes."""
    found = []
    for entry in told.get("policies", [{"of": told.get("policy", "pusat2013"), **told.get("change", {})}]):
        changes = copy.deepcopy(entry)
        (policy,) = yaml.safe_load(policy_text(changes.pop("of")))
        policy.update(berlaku="2010-01-01", diundangkan="2010-01-01", sampai=None, status="assumed")
        excuses = changes.pop("excuses", {})
        policy.update(changes)
        if excuses:
            policy["excuses"] = {**policy["excuses"], **excuses}
        found.append(policy)
    return Book(tuple(read_policies(yaml.safe_dump(found), "case")))


def rows(told: list[dict], **defaults: str) -> list[Row]:
    return [
        Row({name: str(value) for name, value in {**defaults, **one}.items()}, f"row {number}")
        for number, one in enumerate(told, 1)
    ]


def facts(told: dict):
    employees = [{**EMPLOYEE, **one} for one in told.get("employees", [told.get("employee", {})])]
    amounts = told.get("amounts") or [
        {"table": "tpp", "kelas": kelas, "amount_rp": amount, "berlaku": "2010-01-01"}
        for kelas, amount in AMOUNTS.items()
    ]
    excuses = [{"id": f"X{number:02}", **one} for number, one in enumerate(told.get("excuses", []), 1)]
    sanctions = [{"id": f"S{number:02}", **one} for number, one in enumerate(told.get("sanctions", []), 1)]
    calendar = [dict(zip(("date", "kind", "time"), line.split(), strict=False)) for line in told.get("calendar", [])]
    roster = [
        dict(zip(("date", "kind", "start", "end"), line.split(), strict=False)) for line in told.get("roster", [])
    ]
    tables = {
        "employees": rows(employees),
        "pins": rows(told.get("pins", [{"device": "*", "pin": "1", "nip": NIP, "valid_from": "2010-01-01"}])),
        "calendar": rows(calendar),
        "roster": rows(roster, nip=NIP),
        "excuses": rows(excuses, nip=NIP, status="approved"),
        "sanctions": rows(sanctions, nip=NIP, status="approved"),
        "class_amounts": rows(amounts),
    }
    found = [punch_of(*_punch(one)) for one in told.get("punches", [])]
    known = gather(tables)
    if told.get("present", True):
        found += _presence(told, known)
    return gather(tables, [one for one in found if len(one) > 1], [one for one in found if len(one) == 1])


def _punch(text: str) -> tuple[str, str, str, str]:
    """``date time`` or ``date time@device/pin``."""
    time, _, place = text.partition("@")
    device, _, pin = (place or "GD1/1").partition("/")
    return device, pin, time, text


def _presence(told: dict, known):
    """Whole attendance on every office day that the case says nothing of."""
    told_of = {line[:10] for line in told.get("punches", [])} | set(map(str, told.get("away", [])))
    for day in month_days(told["month"]):
        if day.isoformat() in told_of or day.weekday() > 4:
            continue
        if known.calendar.get(day) and known.calendar[day].kinds & {"libur", "cuti_bersama"}:
            continue
        for time in ("07:00:00", "17:30:00"):
            yield punch_of("GD1", "1", f"{day} {time}", "")


def computed(told: dict) -> dict:
    """The line of the case's month, with the quarantine beside it."""
    told = {"month": "2025-09", **told}
    close = date.fromisoformat(told.get("close") or (month_days(told["month"])[-1] + timedelta(days=5)).isoformat())
    as_of = datetime.fromisoformat(told["as_of"]) if "as_of" in told else datetime(2026, 1, 1)  # noqa: DTZ001
    known = Known.at(facts(told), book(told), close, as_of)
    line, _ = settle(known, NIP, told["month"], Account(carry_rp=told.get("carry_rp", 0)))
    month = month_document(told["month"], close, [line], known.identified.quarantine)
    return {**line_document(line), "quarantine": month["quarantine"]}
