"""Mutations of a province folder: what sources do wrong, drawn at random from a seed."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.folders import EXPORT, KEYS
from tests.oracle.rules import num, when

READ = sorted(KEYS)
AMOUNTS = re.compile(r"pagu|hps|nilai|harga|rincian$|bulan_\d|^jumlah$|besar_pembayaran|realisasi|total|progres")
NUMBERS = ("no_kontrak", "nomorKontrak", "no_kontrak_spk", "nomor_naskah", "no_bap", "no_bast", "nomorBA", "no_sppbj")
UNSAFE = {"bulan", "versi", "versi_addendum", "versi_nontender", "versi_tender", "tahun", "tahun_anggaran"}
LINKS = {
    "spse-nontender-kontrak": ("no_kontrak", "kd_satker_str", "versi_addendum", "nilai_kontrak", "tgl_kontrak"),
    "spse-tender-kontrak": ("no_kontrak", "kd_satker_str", "versi_addendum", "nilai_kontrak", "tgl_kontrak"),
    "spse-nontender-bapbast": ("no_kontrak", "no_bap", "progres_pekerjaan", "tgl_bap", "tgl_bast"),
    "spse-tender-bapbast": ("no_kontrak", "no_bap", "progres_pekerjaan", "tgl_bap", "tgl_bast"),
    "sipd-spp": ("nomorKontrak", "kode_sub_skpd", "nomorBA", "updated_at", "jenisLs"),
    "sipd-spm": ("idSpp", "created_at", "nilaiSpm"),
    "sipd-sp2d": ("id_spm", "deleted_at", "updated_at", "tanggal_sp_2_d", "kode_sub_skpd"),
    "sipd-rka": ("kode_sbl", "kode_akun", "versi", "active", "kode_standar_harga"),
    "sipd-renja-subkegiatan": ("kode_sub_skpd", "kode_sub_giat", "active", "versi"),
    "rup-paket-anggaran-penyedia": ("mak", "kd_rup", "kd_satker_str", "status_aktif_rup"),
    "spse-nontender-pengumuman": ("kd_rup", "status_nontender", "versi_nontender", "nip_nama_pp"),
    "spse-tender-pengumuman": ("kd_rup", "status_tender", "versi_tender", "nip_pokja"),
    "srikandi-penyusutan": ("nomor_naskah", "tindakan", "tanggal"),
}


def keys_of(kind) -> set[str]:
    """Columns that must say something."""
    return {part.lstrip("*@") for part in KEYS[kind] if part not in ("@tgl_bap", "*no_bap")}


def mutate(folder, seed: int, times: int = 12):
    """A changed copy of a folder."""
    rng = random.Random(seed)
    changed = {kind: [dict(row) for row in rows] for kind, rows in folder.items()}
    for _ in range(rng.randint(1, times)):
        kind = rng.choice([*READ, *LINKS, *LINKS])
        if changed.get(kind):
            rng.choice(MUTATIONS)(changed, kind, rng)
    if rng.random() < 0.15:
        changed.pop(rng.choice(READ), None)
    if rng.random() < 0.1:
        changed[rng.choice(READ)] = []
    for rows in changed.values():
        rng.shuffle(rows)
    return {kind: [{k: v for k, v in row.items() if v} for row in rows] for kind, rows in changed.items()}


def _some(rows, rng):
    return rng.sample(rows, min(len(rows), rng.choice((1, 1, 2, 5, 20))))


def _column(kind, rows, rng):
    if kind in LINKS and rng.random() < 0.6:
        return rng.choice(LINKS[kind])
    return rng.choice(sorted({name for row in rows[:50] for name in row} - set(EXPORT)))


def drop(folder, kind, rng):
    for row in _some(folder[kind], rng):
        folder[kind].remove(row)


def copies(folder, kind, rng):
    for row in _some(folder[kind], rng):
        folder[kind].insert(rng.randrange(len(folder[kind]) + 1), {**row, "alasan_addendum_x": ""})


def blanked(folder, kind, rng):
    column = _column(kind, folder[kind], rng)
    if column in keys_of(kind) | UNSAFE - {"versi_addendum"}:
        return
    for row in _some(folder[kind], rng):
        row[column] = rng.choice(("", "-", "  "))


def borrowed(folder, kind, rng):
    """A value of another row, in one column: links that lead elsewhere, keys that meet."""
    column = _column(kind, folder[kind], rng)
    for row in _some(folder[kind], rng):
        value = rng.choice(folder[kind]).get(column, "")
        if value or column not in keys_of(kind) | UNSAFE:
            row[column] = value


def amount(folder, kind, rng):
    names = sorted({name for row in folder[kind][:50] for name in row if AMOUNTS.search(name)} - UNSAFE)
    if not names or kind == "skp-kinerja":
        return
    column = rng.choice(names)
    for row in _some(folder[kind], rng):
        try:
            value = Decimal(row.get(column) or "0")
        except ArithmeticError:
            continue
        step = rng.choice(("0.5", "1.00", "1.01", "-1.00", "-1.01", "2", "-2", "1000000", "-1000000"))
        row[column] = str(value + Decimal(step)) if rng.random() < 0.7 else str(value * rng.choice((0, 1, 2)))


def dated(folder, kind, rng):
    names = sorted({n for row in folder[kind][:50] for n in row if re.search(r"^tgl|tanggal|^tmt|_at$|berlaku", n)})
    if not names:
        return
    column = rng.choice(names)
    for row in _some(folder[kind], rng):
        at = when(row.get(column))
        if at is None:
            continue
        at += timedelta(rng.choice((-400, -31, -30, -1, 1, 29, 30, 31, 60, 400)))
        style = rng.choice(("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%b {}, %Y, 12:00:00AM", "%Y-%m-%dT00:00:00.000000Z"))
        row[column] = at.strftime(style).format(at.day) if column not in ("updated_at", "created_at") else str(at)


def version(folder, kind, rng):
    """A row said again: another version, or the same one with another content."""
    for row in _some(folder[kind], rng):
        again = dict(row)
        for name in ("versi", "versi_addendum", "versi_nontender", "versi_tender"):
            if name in row or name in [*folder[kind][0]]:
                old = int(num(row.get(name)) or 0)
                again[name] = str(max(0, old + rng.choice((-1, 0, 1, 1, 2))))
        folder[kind].append(again)
        part = {kind: [again]}
        for change in rng.sample((amount, dated, blanked), 2):
            change(part, kind, rng)


def spelt(folder, kind, rng):
    names = [name for name in NUMBERS if any(name in row for row in folder[kind][:50])]
    if not names:
        return
    column = rng.choice(names)
    for row in _some(folder[kind], rng):
        text = row.get(column, "")
        if text:
            at = rng.randrange(len(text))
            row[column] = rng.choice((text.lower(), f" {text[:at]} {text[at:]}  ", text + "x"))


def mak(folder, _kind, rng):
    for row in _some(folder.get("rup-paket-anggaran-penyedia", []), rng):
        text = row.get("mak", "")
        if not text:
            continue
        at = rng.randrange(len(text))
        row["mak"] = rng.choice(
            (
                text[1:],
                text[:at] + text[at + 1 :],
                text[:at] + rng.choice("0123456789.") + text[at:],
                text.replace(".", ""),
                "0" + text.replace(".", ""),
                text + "1.1.2",
                text[:17],
                " " + text,
            )
        )


def merged(folder, _kind, rng):
    """Packages that name each other's RUP codes."""
    for kind in ("spse-nontender-pengumuman", "spse-tender-pengumuman", "ecat-paket-v6", "spse-nontender-selesai"):
        rows = folder.get(kind, [])
        for row in _some(rows, rng) if rows and rng.random() < 0.6 else []:
            other = rng.choice(rows).get("kd_rup", "")
            row["kd_rup"] = rng.choice((";", ", ", " ")).join([row.get("kd_rup", ""), other])


def shared(folder, _kind, rng):
    """Two contracts of a unit under one number."""
    for kind in ("spse-nontender-kontrak", "spse-tender-kontrak"):
        rows = folder.get(kind, [])
        for row in _some(rows, rng) if rows else []:
            twins = [other for other in rows if other.get("kd_satker_str") == row.get("kd_satker_str")]
            row["no_kontrak"] = rng.choice(twins).get("no_kontrak") or "1"


MUTATIONS = (
    drop,
    copies,
    blanked,
    blanked,
    borrowed,
    borrowed,
    amount,
    amount,
    dated,
    version,
    version,
    spelt,
    mak,
    merged,
    shared,
)
ASOF = date(2025, 12, 31)
