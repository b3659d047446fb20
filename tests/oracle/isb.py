"""The procurement feed read naively: rows, statements, current rows, measures.

Everything is held in memory as plain dictionaries of text. Nothing here is
imported from the product, and the product never imports this: it exists only
to disagree with it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

Row = dict[str, str]
Files = dict[str, list[Row]]
Key = tuple[str, ...]
Observed = tuple[str, str]

EXPORT_COLUMNS = ("_event_date", "_inserted_date", "tgl_penarikan")
WIB = timezone(timedelta(hours=7))
WITA = timezone(timedelta(hours=8))
MAK = re.compile(r"^(\d\.\d\d\.\d\d\.\d\.\d\d\.\d{4})\.(5\.\d\.\d\d\.\d\d\.\d\d\.\d{4})(\.|$)", re.ASCII)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


# --- reading -----------------------------------------------------------------


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True)


def parse_rows(raw: bytes) -> list[Row]:
    """Rows of one export, numbers kept as the text they were written in."""
    document = json.loads(raw, parse_int=str, parse_float=str)
    return [{name: _text(value) for name, value in row.items()} for row in document]


def read_folder(folder: Path) -> Files:
    """Every export of a folder, by file name without its suffix."""
    files: Files = {}
    for path in sorted(folder.iterdir()):
        name = path.name.split(".")[0]
        if name not in KINDS:
            continue
        raw = path.read_bytes()
        files[name] = parse_rows(gzip.decompress(raw) if path.suffix == ".gz" else raw)
    return files


# --- values ------------------------------------------------------------------


def blank(text: str) -> bool:
    return text.strip() in ("", "-")


def norm(text: str) -> str:
    """A number as it is compared: upper case, all white space removed."""
    return "" if blank(text) else "".join(text.split()).upper()


def money(text: str) -> Decimal:
    return Decimal(0) if blank(text) else Decimal(text)


def codes(text: str) -> list[str]:
    return [part for part in re.split(r"[;,\s]+", text) if part]


def maks(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;,]", text) if part.strip()]


def written_date(text: str) -> str:
    """The calendar date as written, in ISO form; empty where blank."""
    text = text.strip()
    if blank(text):
        return ""
    if match := re.match(r"(\d{4})-(\d\d)-(\d\d)", text):
        return "-".join(match.groups())
    if match := re.match(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4})", text):
        month, day, year = match.groups()
        return f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}"
    if match := re.match(r"(\d\d)[-/](\d\d)[-/](\d{4})", text):
        day, month, year = match.groups()
        return f"{year}-{month}-{day}"
    raise ValueError(f"no date: {text!r}")


# --- the 18 files ------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """What one file's rows are keyed by, versioned by and dated by."""

    key: Callable[[Row], Key]
    version: str | None = None
    dated: tuple[str, ...] = ()


def _field(name: str) -> Callable[[Row], Key]:
    return lambda row: (row.get(name, ""),)


def _delivery(package: str, *numbers: str) -> Callable[[Row], Key]:
    return lambda row: (row.get(package, ""), *(norm(row.get(n, "")) for n in numbers))


def _handover(row: Row) -> Key:
    number = norm(row.get("no_bap", "")) or norm(row.get("no_bast", ""))
    return (
        row.get("kd_nontender", ""),
        norm(row.get("no_kontrak", "")),
        number,
        written_date(row.get("tgl_bap", "")),
    )


KINDS: dict[str, Kind] = {
    "rup-master-satker": Kind(_field("kd_satker_str")),
    "rup-program-master": Kind(_field("kd_program")),
    "rup-kegiatan-master": Kind(_field("kd_kegiatan")),
    "rup-subkegiatan-master": Kind(_field("kd_subkegiatan")),
    "rup-struktur-anggaran-pd": Kind(_field("kd_satker_str")),
    "spse-nontender-pengumuman": Kind(_field("kd_nontender"), "versi_nontender", ("tgl_pengumuman_nontender",)),
    "spse-nontender-selesai": Kind(_field("kd_nontender"), None, ("tgl_selesai_nontender", "tgl_pengumuman_nontender")),
    "spse-tender-pengumuman": Kind(_field("kd_tender"), "versi_tender", ("tgl_pengumuman_tender",)),
    "spse-tender-selesai": Kind(_field("kd_tender"), None, ("tgl_penetapan_pemenang",)),
    "spse-tender-selesai-nilai": Kind(_field("kd_tender"), None, ("tgl_penetapan_pemenang",)),
    "ecat-paket-v6": Kind(_field("kd_paket"), None, ("tgl_order",)),
    "spse-nontender-sppbj": Kind(_delivery("kd_nontender", "no_sppbj"), "versi_addendum", ("tgl_sppbj",)),
    "spse-nontender-kontrak": Kind(_delivery("kd_nontender", "no_kontrak"), "versi_addendum", ("tgl_kontrak",)),
    "spse-nontender-spmk": Kind(
        _delivery("kd_nontender", "no_kontrak", "no_spmk_spp"),
        "versi_addendum",
        ("tgl_spmk_spp",),
    ),
    "spse-nontender-bapbast": Kind(_handover, None, ("tgl_bap", "tgl_bast")),
    "spse-tender-sppbj": Kind(_delivery("kd_tender", "no_sppbj"), "versi_addendum", ("tgl_sppbj",)),
    "spse-tender-kontrak": Kind(_delivery("kd_tender", "no_kontrak"), "versi_addendum", ("tgl_kontrak",)),
    "spse-tender-spmk": Kind(_delivery("kd_tender", "no_kontrak", "no_spmk_spp"), "versi_addendum", ("tgl_spmk_spp",)),
}

# The 18 files and attendance, as they are called on the log.
EVENTS: dict[str, str] = {
    "UnitListed": "perencanaan",
    "ProgramListed": "perencanaan",
    "KegiatanListed": "perencanaan",
    "SubKegiatanListed": "perencanaan",
    "UnitBudgetListed": "penganggaran",
    "PurchaseAnnounced": "pengadaan",
    "PurchaseCompleted": "pengadaan",
    "TenderAnnounced": "pengadaan",
    "TenderCompleted": "pengadaan",
    "TenderAwarded": "pengadaan",
    "CatalogueOrderPlaced": "pengadaan",
    "AwardLetterIssued": "pelaksanaan",
    "ContractSigned": "pelaksanaan",
    "WorkOrderIssued": "pelaksanaan",
    "HandoverRecorded": "pelaksanaan",
    "AttendancePunched": "kehadiran",
    "ExportRead": "bus",
}


# --- identity and time -------------------------------------------------------


def content(row: Row) -> tuple[tuple[str, str], ...]:
    """What a row says: its fields by name, empty ones and export columns left out."""
    return tuple(sorted((name, text) for name, text in row.items() if text and name not in EXPORT_COLUMNS))


def copies(rows: Iterable[Row]) -> int:
    held = [content(row) for row in rows]
    return len(held) - len(set(held))


def greatest(rows: Iterable[Row]) -> Row:
    """The row of the greatest content: fields by name, as text, empty lowest."""
    held = list(rows)
    names = sorted({name for row in held for name in row if name not in EXPORT_COLUMNS})
    return max(held, key=lambda row: [row.get(name, "") for name in names])


def version_order(version: str) -> tuple[int, Decimal, str]:
    if re.fullmatch(r"\d+", version, re.ASCII):
        return (1, Decimal(version), "")
    return (0, Decimal(0), version)


def instant(text: str) -> str:
    """An observed time as sortable text in the zone of the feed (WIB)."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return f"{text} 00:00:00.000000"
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=WIB) if moment.tzinfo is None else moment.astimezone(WIB)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def observed(row: Row, given: str) -> Observed:
    """When a row was seen: its export columns, else the time given for the export."""
    column = row.get("_event_date", "") or row.get("tgl_penarikan", "")
    return (instant(column or given), row.get("_inserted_date", ""))


@dataclass(frozen=True)
class Export:
    """One delivery: files by name, and the observed time of rows that carry none."""

    files: Files
    observed_at: str


@dataclass(frozen=True)
class Table:
    """All that is known of one file kind."""

    rows: dict[Key, list[Row]]
    current: dict[Key, Row]

    def having(self, field: str, value: str) -> list[Row]:
        return [row for row in self.current.values() if row.get(field, "") == value]


def table(name: str, exports: Iterable[Export], keep: Callable[[str, Row], bool]) -> Table:
    """Rows and current rows of one file kind over any number of exports."""
    kind = KINDS[name]
    said: dict[Key, dict[str, dict[Observed, dict[tuple[tuple[str, str], ...], Row]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(dict))
    )
    for export in exports:
        for row in export.files.get(name, []):
            if not keep(name, row):
                continue
            version = row.get(kind.version, "") if kind.version else ""
            statement = said[kind.key(row)][version][observed(row, export.observed_at)]
            statement[content(row)] = row
    rows: dict[Key, list[Row]] = {}
    current: dict[Key, Row] = {}
    for key, versions in said.items():
        last = {version: list(times[max(times)].values()) for version, times in versions.items()}
        rows[key] = [row for contents in last.values() for row in contents]
        current[key] = greatest(last[max(last, key=version_order)])
    return Table(rows, current)


# --- as true on D ------------------------------------------------------------

Reading = tuple[str, bool]
READINGS: tuple[Reading, ...] = tuple(
    (zone, undated) for zone in ("written", "wib", "utc") for undated in (False, True)
)


def _wita_date(text: str, zone: str) -> str:
    if zone == "written" or not re.match(r"\d{4}-\d\d-\d\d[ T]\d\d:", text.strip()):
        return written_date(text)
    moment = datetime.fromisoformat(text.strip().replace("Z", ""))
    honoured = zone == "utc" and text.strip().endswith("Z")
    moment = moment.replace(tzinfo=UTC if honoured else WIB)
    return moment.astimezone(WITA).date().isoformat()


def true_at(day: date | None, reading: Reading = READINGS[0]) -> Callable[[str, Row], bool]:
    """Keep rows whose event happened by the end of a day.

    A `Z` after a time, an hour near midnight and a row without a date can be
    read in several ways: a reading names one of them, and a test compares
    only what all of them agree on.
    """
    zone, undated = reading

    def keep(name: str, row: Row) -> bool:
        columns = KINDS[name].dated
        if day is None or not columns:
            return True
        stated = [row.get(c, "") for c in columns if not blank(row.get(c, ""))]
        if not stated:
            return undated
        return _wita_date(stated[0], zone) <= day.isoformat()

    return keep


# --- measures ----------------------------------------------------------------

MEASURES = (
    "purchases_listed",
    "purchases_finished",
    "purchases_unit_known",
    "purchases_with_contract",
    "purchases_with_handover",
    "purchases_without_contract_value",
    "announcements_multi_rup",
    "rup_codes",
    "hps_above_pagu",
    "contract_above_hps",
    "purchases_mak_parsed",
    "purchases_linked_to_sub_kegiatan",
    "purchases_mak_unknown_sub_kegiatan",
    "contract_numbers",
    "contract_numbers_untidy",
    "contract_numbers_ppk_nip_invalid",
    "handovers",
    "contract_numbers_with_handover",
    "contract_numbers_paid_beyond_value",
    "tenders_finished",
    "tenders_with_contract",
    "catalogue_orders",
)

Measures = dict[str, int]


@dataclass(frozen=True)
class World:
    """Every table over the same exports, and the sums over them."""

    tables: dict[str, Table]

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def measures(self, unit: str | None = None) -> Measures:
        return measures(self, unit)

    def units(self) -> set[str]:
        buyers = {*purchase_units(self).values(), *tender_units(self).values()}
        return buyers | {row["kd_satker_str"] for row in self["ecat-paket-v6"].current.values()}


def world(
    exports: Iterable[Export],
    day: date | None = None,
    reading: Reading = READINGS[0],
) -> World:
    held = list(exports)
    keep = true_at(day, reading)
    return World({name: table(name, held, keep) for name in KINDS})


def _owners(known: World, stages: Iterable[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for stage in stages:
        by_package: dict[str, list[Row]] = defaultdict(list)
        for key, row in known[stage].current.items():
            by_package[key[0]].append(row)
        for package, rows in by_package.items():
            owners.setdefault(package, greatest(rows).get("kd_satker_str", ""))
    return owners


def purchase_units(known: World) -> dict[str, str]:
    """Unit of each direct purchase: where completed, else announced, else contracted."""
    stages = ("selesai", "pengumuman", "kontrak", "bapbast")
    return _owners(known, (f"spse-nontender-{stage}" for stage in stages))


def tender_units(known: World) -> dict[str, str]:
    return _owners(known, (f"spse-tender-{stage}" for stage in ("selesai", "pengumuman", "kontrak")))


def _untidy(number: str) -> bool:
    return number != number.strip() or "  " in number


def measures(known: World, unit: str | None = None) -> Measures:
    """Every measure of the feed, over all units or one."""
    owner, tender_owner = purchase_units(known), tender_units(known)

    def mine(package: str, owners: dict[str, str]) -> bool:
        return unit is None or owners.get(package) == unit

    listed = {k[0]: r for k, r in known["spse-nontender-selesai"].current.items() if mine(k[0], owner)}
    announced = {k[0]: r for k, r in known["spse-nontender-pengumuman"].current.items() if mine(k[0], owner)}
    contracts = {k: rows for k, rows in known["spse-nontender-kontrak"].rows.items() if mine(k[0], owner)}
    handed = {k: rows for k, rows in known["spse-nontender-bapbast"].rows.items() if mine(k[0], owner)}
    units = {key[0] for key in known["rup-master-satker"].current}
    subs = {r["kd_subkegiatan_str"] for r in known["rup-subkegiatan-master"].current.values()}
    contracted = {key[0] for key in contracts}
    delivered = {key[0] for key in handed}

    parsed = linked = unknown = 0
    for row in listed.values():
        found = [MAK.match(mak) for mak in maks(row.get("mak", ""))]
        groups = [match.group(1) for match in found if match]
        parsed += bool(found) and len(groups) == len(found)
        linked += any(group in subs for group in groups)
        unknown += any(group not in subs for group in groups)

    paid: dict[Key, Decimal] = defaultdict(Decimal)
    stated: dict[Key, list[Decimal]] = defaultdict(list)
    for key, rows in handed.items():
        current = known["spse-nontender-bapbast"].current[key]
        paid[key[:2]] += money(current.get("besar_pembayaran", ""))
        stated[key[:2]] += [money(row.get("nilai_kontrak", "")) for row in rows]
    for key, rows in contracts.items():
        stated[key] += [money(row.get("nilai_kontrak", "")) for row in rows]

    def ppk(key: Key) -> str:
        return known["spse-nontender-kontrak"].current[key].get("nip_ppk", "")

    tenders = {k[0] for k in known["spse-tender-selesai"].current if mine(k[0], tender_owner)}
    tenders_contracted = {key[0] for key in known["spse-tender-kontrak"].current}
    orders = [
        row for row in known["ecat-paket-v6"].current.values() if unit is None or row.get("kd_satker_str", "") == unit
    ]
    return {
        "purchases_listed": len(listed),
        "purchases_finished": sum(r.get("status_nontender") == "Selesai" for r in listed.values()),
        "purchases_unit_known": sum(r.get("kd_satker_str") in units for r in listed.values()),
        "purchases_with_contract": len(contracted & listed.keys()),
        "purchases_with_handover": len(delivered & listed.keys()),
        "purchases_without_contract_value": sum(money(r.get("nilai_kontrak", "")) == 0 for r in listed.values()),
        "announcements_multi_rup": sum(len(set(codes(r.get("kd_rup", "")))) > 1 for r in announced.values()),
        "rup_codes": len({code for r in listed.values() for code in codes(r.get("kd_rup", ""))}),
        "hps_above_pagu": sum(money(r.get("hps", "")) > money(r.get("pagu", "")) for r in listed.values()),
        "contract_above_hps": sum(money(r.get("nilai_kontrak", "")) > money(r.get("hps", "")) for r in listed.values()),
        "purchases_mak_parsed": parsed,
        "purchases_linked_to_sub_kegiatan": linked,
        "purchases_mak_unknown_sub_kegiatan": unknown,
        "contract_numbers": len(contracts),
        "contract_numbers_untidy": sum(any(_untidy(row["no_kontrak"]) for row in rows) for rows in contracts.values()),
        "contract_numbers_ppk_nip_invalid": sum(not re.fullmatch(r"\d{18}", ppk(key), re.ASCII) for key in contracts),
        "handovers": len(handed),
        "contract_numbers_with_handover": len({key[:2] for key in handed}),
        "contract_numbers_paid_beyond_value": sum(total > max(stated[key]) for key, total in paid.items()),
        "tenders_finished": len(tenders),
        "tenders_with_contract": len(tenders & tenders_contracted),
        "catalogue_orders": len(orders),
    }


def agreed(exports: Iterable[Export], day: date) -> Measures:
    """Measures as true on a day, only those that every reading of a date agrees on."""
    held = list(exports)
    answers = [world(held, day, reading).measures() for reading in READINGS]
    return {name: answers[0][name] for name in MEASURES if len({a[name] for a in answers}) == 1}
