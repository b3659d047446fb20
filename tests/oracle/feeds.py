"""Other feeds of the bundled layout, made by rule from a seed.

A feed is a mapping from file name to JSON rows. Each function takes a feed and
returns a new one; `dirty` applies every oddity that a real feed has shown.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.oracle import isb

JsonRow = dict[str, Any]
Feed = dict[str, list[JsonRow]]
Random = random.Random

BUNDLE = Path(__file__).resolve().parents[2] / "ops" / "demo" / "isb"
SELESAI = "spse-nontender-selesai"
PENGUMUMAN = "spse-nontender-pengumuman"
SPPBJ = "spse-nontender-sppbj"
KONTRAK = "spse-nontender-kontrak"
SPMK = "spse-nontender-spmk"
BAPBAST = "spse-nontender-bapbast"
SUB_KEGIATAN = "rup-subkegiatan-master"
UNITS = "rup-master-satker"
CATALOGUE = "ecat-paket-v6"


# --- reading and writing -------------------------------------------------------


def bundle() -> Feed:
    """The feed that ships with the product."""
    return {
        path.name.removesuffix(".json.gz"): json.loads(gzip.decompress(path.read_bytes()))
        for path in sorted(BUNDLE.glob("*.json.gz"))
    }


def copied(feed: Feed) -> Feed:
    return {name: [dict(row) for row in rows] for name, rows in feed.items()}


def encoded(rows: Iterable[object]) -> bytes:
    """Rows as the exports write them: one array, one field a line."""
    return json.dumps(list(rows), indent=0, ensure_ascii=False).encode()


def write(feed: Feed, folder: Path, *, pulled: str | None = None, compress: bool = False) -> Path:
    """Lay a feed out as a folder of exports, with a manifest if a date is given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in feed.items():
        raw = encoded(rows)
        if compress:
            (folder / f"{name}.json.gz").write_bytes(gzip.compress(raw, mtime=0))
        else:
            (folder / f"{name}.json").write_bytes(raw)
    if pulled is not None:
        manifest = {"pulled": pulled, "as_of": pulled, "zona": "Asia/Jakarta"}
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


# --- smaller, larger, in another order -----------------------------------------


def subset(feed: Feed, rng: Random, *, packages: int = 60, tenders: int = 6, orders: int = 12) -> Feed:
    """Some packages with all their rows, and the masters they point to."""
    delivered = sorted({row["kd_nontender"] for row in feed[BAPBAST]})
    listed = sorted({row["kd_nontender"] for row in feed[SELESAI]} - set(delivered))
    announced = sorted({row["kd_nontender"] for row in feed[PENGUMUMAN]} - {*delivered, *listed})
    half, quarter = packages // 2, packages // 4
    chosen = {
        *rng.sample(delivered, half),
        *rng.sample(listed, quarter),
        *rng.sample(announced, packages - half - quarter),
    }
    several = [row["kd_nontender"] for row in feed[PENGUMUMAN] if ";" in str(row["kd_rup"])]
    chosen.update(rng.sample(sorted(several), 3))
    tender_ids = set(rng.sample(sorted({r["kd_tender"] for r in feed["spse-tender-pengumuman"]}), tenders))
    part: Feed = {}
    for name, rows in feed.items():
        if name.startswith("spse-nontender"):
            part[name] = [dict(row) for row in rows if row["kd_nontender"] in chosen]
        elif name.startswith("spse-tender"):
            part[name] = [dict(row) for row in rows if row["kd_tender"] in tender_ids]
        elif name == CATALOGUE:
            part[name] = [dict(row) for row in rng.sample(rows, orders)]
    needed = {
        match.group(1) for row in part[SELESAI] for mak in isb.maks(str(row["mak"])) if (match := isb.MAK.match(mak))
    }
    for name, rows in feed.items():
        if name == SUB_KEGIATAN:
            part[name] = [dict(row) for row in rows if row["kd_subkegiatan_str"] in needed]
        elif name.startswith("rup-"):
            part[name] = [dict(row) for row in rng.sample(rows, min(len(rows), 60))]
    return part


def shuffled(feed: Feed, rng: Random) -> Feed:
    """The same rows in another order; the fields of each row too."""
    other = {}
    for name, rows in feed.items():
        mixed = [dict(rng.sample(list(row.items()), len(row))) for row in rows]
        rng.shuffle(mixed)
        other[name] = mixed
    return other


def repeated(feed: Feed, times: int = 3) -> Feed:
    """Each row several times, the copies far from one another."""
    return {name: [dict(row) for _ in range(times) for row in rows] for name, rows in feed.items()}


def multiplied(feed: Feed, times: int) -> Feed:
    """As many times the packages, each under keys of its own."""
    other: Feed = {}
    for name, rows in feed.items():
        if name.startswith("rup-"):
            other[name] = [dict(row) for row in rows]
            continue
        other[name] = [_renamed(row, copy) for copy in range(times) for row in rows]
    return other


def _renamed(row: JsonRow, copy: int) -> JsonRow:
    new = dict(row)
    for field in ("kd_nontender", "kd_tender"):
        if field in new:
            new[field] = int(new[field]) + copy
    if "total_harga" in new:
        new["kd_paket"] = f"{new['kd_paket']}{copy or ''}"
    for field in ("kd_rup", "kd_rup_paket"):
        if field in new:
            new[field] = re.sub(r"\d+", lambda m: str(int(m[0]) + copy * 10**8), str(new[field]))
    return new


def split(feed: Feed, rng: Random, parts: int) -> list[Feed]:
    """The rows dealt over several deliveries, each row in one of them."""
    dealt: list[Feed] = [{name: [] for name in feed} for _ in range(parts)]
    for name, rows in feed.items():
        for row in rows:
            dealt[rng.randrange(parts)][name].append(dict(row))
    return dealt


# --- oddities ------------------------------------------------------------------


def spaced(number: str, rng: Random) -> str:
    """The same number in another hand: white space around and within, other case."""
    inner = rng.choice(["/", " / ", " /", "/  ", "/\t"])
    outer = rng.choice(["", " ", "\t", "  ", "\n"])
    return outer + rng.choice([str.lower, str.upper, str])(number.replace("/", inner)) + rng.choice(["", outer])


def _some(rows: list[JsonRow], rng: Random, share: float) -> list[JsonRow]:
    return [row for row in rows if rng.random() < share]


def untidy_numbers(feed: Feed, rng: Random) -> None:
    for name in (SPPBJ, KONTRAK, SPMK, BAPBAST):
        for field in ("no_sppbj", "no_kontrak", "no_spmk_spp", "no_bap", "no_bast"):
            for row in _some([row for row in feed[name] if row.get(field)], rng, 0.3):
                row[field] = spaced(str(row[field]), rng)


def addenda(feed: Feed, rng: Random) -> None:
    """Versions 1, 2 and 10: as text, 10 stands between 1 and 2."""
    for name in (KONTRAK, SPPBJ, SPMK):
        for row in _some(list(feed[name]), rng, 0.3):
            for version in rng.choice([(1,), (1, 2), (2, 10), (1, 2, 10), (9, 10)]):
                later = dict(row, apakah_addendum="Ya", alasan_addendum=f"addendum {version}")
                later["versi_addendum"] = rng.choice([version, str(version)])
                if later.get("nilai_kontrak"):
                    later["nilai_kontrak"] = round(row["nilai_kontrak"] + rng.choice([0, 7, 250_000.25]), 2)
                if "nip_ppk" in later:
                    later["nip_ppk"] = rng.choice(NIPS)
                feed[name].append(later)
    for row in _some(list(feed[PENGUMUMAN]), rng, 0.2):
        for version in rng.choice([(2,), (9, 10), (2, 10)]):
            codes = rng.choice([row["kd_rup"], "61000001;61000002", "61000003"])
            feed[PENGUMUMAN].append(dict(row, versi_nontender=version, kd_rup=codes))


NIPS: tuple[object, ...] = (
    "198609262015051001",
    198609262015051001,
    "200002242025211936",
    "19860926201505100",
    "1986092620150510011",
    "19860926201505100X",
    "5453815419975773",
    "-",
    "",
    None,
)


def odd_nips(feed: Feed, rng: Random) -> None:
    for row in _some(feed[KONTRAK], rng, 0.5):
        row["nip_ppk"] = rng.choice(NIPS)


def multi_rup(feed: Feed, rng: Random) -> None:
    for name in (PENGUMUMAN, SELESAI):
        for row in _some(feed[name], rng, 0.25):
            code = str(row["kd_rup"])
            style = rng.choice(["{0};61{1}", "{0}; 61{1}", "{0},61{1};", "{0} 61{1}", " {0} ", "{0};"])
            row["kd_rup"] = style.format(code, code[2:])
        for row in _some([row for row in feed[name] if str(row["kd_rup"]).isdecimal()], rng, 0.3):
            row["kd_rup"] = int(row["kd_rup"])


def odd_maks(feed: Feed, rng: Random) -> None:
    unknown = "9.99.99.2.01.9999.5.1.02.01.01.0001."
    for row in _some(feed[SELESAI], rng, 0.5):
        clean = isb.maks(row["mak"])[0]
        row["mak"] = rng.choice(
            [
                clean[2:],
                unknown,
                f"{clean};{unknown}",
                f" {clean} , {unknown} ;",
                f"{clean};{clean[2:]}",
                clean.replace(".5.", ".6.", 1),
                clean[:36],
                clean[:36] + "7",
                clean[:35],
                clean[:35] + "7",
                f"{clean[:35]};{clean}",
                "belum ada",
            ]
        )


DATE_STYLES: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day}T00:00:00.000000Z",
    lambda day: f"{day} 00:00:00",
    lambda day: f"{day}",
    lambda day: f"{isb.MONTHS[day.month - 1]} {day.day}, {day.year}, 12:00:00AM",
    lambda day: f"{day:%d-%m-%Y}",
    lambda day: f"{day:%d/%m/%Y}",
)


def date_styles(feed: Feed, rng: Random) -> None:
    """The same days in other styles: a hand-over keeps its key."""
    for name, fields in {
        BAPBAST: ("tgl_bap", "tgl_bast"),
        KONTRAK: ("tgl_kontrak",),
        SPPBJ: ("tgl_sppbj",),
        SPMK: ("tgl_spmk_spp", "tgl_mulai_pekerjaan"),
    }.items():
        for field in fields:
            for row in _some([row for row in feed[name] if row.get(field)], rng, 0.4):
                day = date.fromisoformat(isb.written_date(row[field]))
                row[field] = rng.choice(DATE_STYLES)(day)


def blanks(feed: Feed, rng: Random) -> None:
    """Null, empty and absent say the same."""
    for name, rows in feed.items():
        keep = {"kd_nontender", "kd_tender", "kd_paket", *isb.EXPORT_COLUMNS}
        for row in _some(rows, rng, 0.5):
            for field in [f for f, value in row.items() if value is None and f not in keep]:
                match rng.randrange(3):
                    case 0:
                        row[field] = ""
                    case 1 if name != UNITS:
                        del row[field]
                    case _:
                        pass


def text_keys(feed: Feed, rng: Random) -> None:
    """Package numbers as text here and as numbers there."""
    for name, rows in feed.items():
        if name.startswith("spse-"):
            field = "kd_tender" if name.startswith("spse-tender") else "kd_nontender"
            for row in _some(rows, rng, 0.3):
                row[field] = str(row[field])


def payments(feed: Feed, rng: Random) -> None:
    """Instalments in sen: some beyond the contract by one, some that only look it in floats."""
    numbers: dict[isb.Key, list[JsonRow]] = {}
    for row in feed[BAPBAST]:
        key = (str(row["kd_nontender"]), isb.norm(row["no_kontrak"]))
        numbers.setdefault(key, []).append(row)
    for key in sorted(numbers)[:: max(1, len(numbers) // 8)]:
        first, second = deceptive(rng)
        beyond = rng.choice([0, 1])
        rows = numbers[key]
        total = (first + second) / 100
        for row in rows:
            row["besar_pembayaran"] = 0
            row["nilai_kontrak"] = total
        for row in feed[KONTRAK]:
            if (str(row["kd_nontender"]), isb.norm(row["no_kontrak"])) == key:
                row["nilai_kontrak"] = total
        for number, sen in enumerate((first, second + beyond), start=1):
            row = dict(rows[0], no_bap=f"BAP/TERMIN/{number}", besar_pembayaran=sen / 100)
            feed[BAPBAST] += [row, dict(row)]
    for row in _some(feed[BAPBAST], rng, 0.05):
        row["besar_pembayaran"] = round((row["besar_pembayaran"] or 0) + 5_000_000, 2)


def deceptive(rng: Random) -> tuple[int, int]:
    """Two amounts in sen whose sum in floats is above the float of their sum."""
    while True:
        first, second = rng.randrange(10**8, 10**10), rng.randrange(10**8, 10**10)
        if first / 100 + second / 100 > (first + second) / 100:
            return first, second


def twins(feed: Feed, rng: Random) -> None:
    """A key stated twice in one file with different content."""
    for name, field, values in (
        (SELESAI, "nilai_kontrak", (None, 0, 1, 9_000_000, 10_000_000)),
        (KONTRAK, "nip_ppk", NIPS),
        (BAPBAST, "besar_pembayaran", (9, 10, 1_000_000_000)),
        (PENGUMUMAN, "kd_rup", ("61000001", "61000001;61000002")),
        (SUB_KEGIATAN, "kd_subkegiatan_str", ("9.99.99.2.01.9999", "0.00.00.2.01.0001")),
    ):
        for row in _some(list(feed[name]), rng, 0.15):
            feed[name].append(dict(row, **{field: rng.choice(values)}))


ODDITIES: tuple[Callable[[Feed, Random], None], ...] = (
    multi_rup,
    odd_maks,
    odd_nips,
    payments,
    addenda,
    twins,
    untidy_numbers,
    date_styles,
    blanks,
    text_keys,
)


def dirty(feed: Feed, rng: Random, oddities: Iterable[Callable[[Feed, Random], None]] = ODDITIES) -> Feed:
    """A feed with every oddity at once, its rows in no order."""
    other = copied(feed)
    for oddity in oddities:
        oddity(other, rng)
    return shuffled(other, rng)


# --- daily exports --------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """One day's export of everything."""

    pulled: str
    feed: Feed


def dated(feed: Feed, day: str) -> Feed:
    """The feed as exported on a day: the export columns say so where a file has them."""
    other = copied(feed)
    for rows in other.values():
        for row in rows:
            for column in ("_event_date", "tgl_penarikan"):
                if column in row:
                    row[column] = day
            if "_inserted_date" in row:
                row["_inserted_date"] = None
    return other


CHANGES: tuple[tuple[str, str, tuple[object, ...]], ...] = (
    (SELESAI, "nilai_kontrak", (None, 0, 12_345_678, 99_999_999.99)),
    (SELESAI, "status_nontender", ("Selesai", "Gagal", "Aktif")),
    (SELESAI, "mak", ("belum ada", "9.99.99.2.01.9999.5.1.02.01.01.0001.")),
    (SELESAI, "kd_satker_str", ("9.99.9.99.9.99.99.9999",)),
    (PENGUMUMAN, "kd_rup", ("61000001;61000002", "61000003")),
    (KONTRAK, "nip_ppk", NIPS),
    (KONTRAK, "nilai_kontrak", (1, 2_000_000, 30_000_000_000)),
    (BAPBAST, "besar_pembayaran", (0, 5, 40_000_000_000)),
    (SUB_KEGIATAN, "kd_subkegiatan_str", ("9.99.99.2.01.9999", "0.00.00.2.01.0001")),
    (CATALOGUE, "total_harga", (1, 2, 3)),
)


def changed(feed: Feed, rng: Random, share: float = 0.15) -> Feed:
    """The same keys and versions, some of them now saying something else."""
    other = copied(feed)
    for name, field, values in CHANGES:
        for row in _some(other[name], rng, share):
            row[field] = rng.choice(values)
    return other


def days(feed: Feed, rng: Random, first: str = "2025-10-01") -> list[Day]:
    """Five daily exports: A, B, A again, with twins, unchanged, and less than before.

    Hand-overs are exported with yesterday's rows beside today's, as the real
    feed does; part of a day's rows come back in later exports without change.
    """
    start = date.fromisoformat(first)
    names = [(start + timedelta(days=n)).isoformat() for n in range(5)]
    second = changed(feed, rng)
    third = copied(feed)
    twins(third, rng)
    fourth = copied(third)
    fifth = changed(shuffled(feed, rng), rng, 0.05)
    for name in (SELESAI, KONTRAK, CATALOGUE, UNITS):
        del fifth[name][: len(fifth[name]) // 10]
    exports = [
        dated(shuffled(state, rng), day) for day, state in zip(names, (feed, second, third, fourth, fifth), strict=True)
    ]
    said_today = [[dict(row) for row in export[BAPBAST]] for export in exports]
    for today, yesterdays_rows in zip(exports[1:], said_today[:-1], strict=True):
        today[BAPBAST] += yesterdays_rows
    return [Day(day, export) for day, export in zip(names, exports, strict=True)]


def exported(folders: Iterable[tuple[Path, str]]) -> list[isb.Export]:
    """Folders of exports as the oracle reads them, each with its observed time."""
    return [isb.Export(isb.read_folder(folder), pulled) for folder, pulled in folders]
