"""A province folder read straight into rows, without adapters, events or store."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from pathlib import Path

from consumers.chain.rules.books import Asof, Books, Row, memory
from consumers.chain.rules.kinds import KINDS
from schemas.identity import text_of
from schemas.times import calendar_date, instant, utc_text, zone_named
from schemas.values import is_blank, squeeze, tidy_version

EXPORT = ("_event_date", "_inserted_date", "tgl_penarikan")

_PKG = {"nontender": "kd_nontender", "tender": "kd_tender"}
KEYS = {
    "rup-kegiatan-master": ("kd_kegiatan",),
    "rup-subkegiatan-master": ("kd_subkegiatan",),
    "rup-paket-penyedia-terumumkan": ("kd_rup",),
    "rup-paket-anggaran-penyedia": ("kd_rup", "mak", "sumber_dana"),
    "sipd-renja-subkegiatan": ("kode_sbl",),
    "sipd-ssh": ("kode_standar_harga", "berlaku_mulai"),
    "sipd-rka": ("id_rinci_sub_bl",),
    "sipd-dana": ("kode_sbl", "kodedana"),
    "sipd-anggaran-kas": ("kode_sbl", "kode_akun"),
    "sipd-spd-detail": ("idDetailSpd",),
    "sipd-spp": ("idSpp",),
    "sipd-spm": ("idSpm",),
    "sipd-spm-potongan": ("idSpm", "kode_potongan", "nama_potongan", "id_billing"),
    "sipd-sp2d": ("id_sp_2_d",),
    "sipd-sp2d-detail": ("id_sp_2_d", "kode_sbl", "kode_rekening"),
    "rfk-bulanan": ("kode_sbl", "bulan"),
    "bmd-kib": ("id_aset",),
    "siasn-pegawai": ("nipBaru",),
    "siasn-riwayat-jabatan": ("id",),
    "siasn-pemberhentian": ("id",),
    "sakip-perjanjian": ("id_indikator",),
    "sakip-realisasi": ("id_indikator", "tahun", "bulan"),
    "skp-kinerja": ("id_skp",),
    "tpp-bayar": ("nip", "tahun", "bulan"),
    "srikandi-naskah": ("id_naskah",),
    "srikandi-penyusutan": ("id_penyusutan",),
    "siptl-temuan": ("id_temuan",),
    "siptl-rekomendasi": ("id_rekomendasi",),
    "siptl-setoran": ("id_setoran",),
    "spse-tender-peserta": ("kd_tender", "kd_peserta"),
    "spse-tender-selesai-nilai": ("kd_tender",),
    "ecat-paket-v6": ("kd_paket",),
}
for _name, _code in _PKG.items():
    KEYS[f"spse-{_name}-pengumuman"] = KEYS[f"spse-{_name}-selesai"] = (_code,)
    KEYS[f"spse-{_name}-sppbj"] = (_code, "*no_sppbj")
    KEYS[f"spse-{_name}-kontrak"] = (_code, "*no_kontrak")
    KEYS[f"spse-{_name}-spmk"] = (_code, "*no_kontrak", "*no_spmk_spp")
    KEYS[f"spse-{_name}-bapbast"] = (_code, "*no_kontrak", "*no_bap", "@tgl_bap")


def rows_of_folder(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Rows of every file of a folder by its name without suffix, all as text, empty ones left out."""
    found = {}
    for path in sorted(folder.iterdir()):
        kind = path.name.split(".")[0]
        if kind in ("manifest", "expected"):
            continue
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        if ".csv" in path.suffixes:
            raw = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
        elif ".json" in path.suffixes:
            raw = json.loads(data, parse_float=str, parse_int=str)
        else:
            continue
        found[kind] = [{name: text for name, value in row.items() if (text := text_of(value))} for row in raw]
    return found


OBSERVED = {
    "sipd-renja-subkegiatan": ("update_at", "versi"),
    "sakip-perjanjian": ("update_at", "versi"),
    "bmd-kib": ("update_at", ""),
    "srikandi-naskah": ("tanggal_registrasi", ""),
}
"""Column that says when a row was exported, and its version, where a file's rows are statements of different times."""


def last_statements(folder: dict[str, list[dict[str, str]]]) -> dict[str, list[dict[str, str]]]:
    """A folder with only the rows of each version's last statement, where the rows themselves say when."""
    reduced = dict(folder)
    for kind, (column, version) in OBSERVED.items():
        latest: dict[tuple, object] = {}
        for row in folder.get(kind, []):
            same = _key(kind, row), tidy_version(row.get(version))
            latest[same] = max(latest.get(same, ""), _moment(row.get(column)))
        if kind in folder:
            reduced[kind] = [
                row
                for row in folder[kind]
                if _moment(row.get(column)) == latest[_key(kind, row), tidy_version(row.get(version))]
            ]
    return reduced


def _moment(text) -> str:
    """A time as text that sorts; none is the manifest's, which is later than all others here."""
    return utc_text(instant("2026-01-05" if is_blank(text) else text, zone_named("WITA")))


def _key(kind, row) -> str:
    parts = []
    for part in KEYS[kind]:
        text = row.get(part.lstrip("*@"), "")
        if part.startswith("*"):
            text = squeeze(text)
            if part == "*no_bap" and text in ("", "-"):
                text = squeeze(row.get("no_bast"))
        if part.startswith("@"):
            text = str(calendar_date(text)) if text.strip() not in ("", "-") else ""
        parts.append(text.strip())
    return "|".join(parts)


def books_of(folder: dict[str, list[dict[str, str]]], asof: Asof) -> Books:
    """Books over a folder's rows: copies dropped, of several statements of a version the last kept."""
    rows: dict[str, list[Row]] = {}
    for kind, raw in folder.items():
        if kind in KINDS:
            rows[kind] = _last(kind, raw)
    rows["export"] = [Row(kind, {"kind": kind}, "", f"export#{kind}", None) for kind in folder]
    return Books(memory(rows), asof)


def _last(kind, raw) -> list[Row]:
    contents: dict[tuple, Row] = {}
    for number, row in enumerate(raw):
        columns = {name: text for name, text in sorted(row.items()) if name not in EXPORT}
        observed = "/".join(row[name] for name in EXPORT if row.get(name))
        made = Row(_key(kind, row), columns, observed, f"{kind}#{number}", None)
        same = tuple(columns.items())
        if same not in contents or observed > contents[same].observed:
            contents[same] = made
    versions: dict[tuple, list[Row]] = defaultdict(list)
    for row in contents.values():
        versions[row.key, _version(kind, row)].append(row)
    return [row for same in versions.values() for row in same if row.observed == max(r.observed for r in same)]


def _version(kind, row) -> str:
    column = "versi_addendum" if kind.split("-")[-1] in ("kontrak", "sppbj", "spmk") else KINDS[kind].version
    return row.columns.get(column, "") if column else ""
