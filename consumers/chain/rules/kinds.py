"""File kinds that the rules read, as data: what a row is found by, its version, and the subjects it touches. Pure.

A *term* is a kind, an index and a value; it is all that ties rows to each other. A *subject* is what a rule is asked
about (a line, a package, an SPP …); its name is a prefix and the id.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from consumers.chain.rules.reading import norm
from schemas.values import KdRup, is_blank

__all__ = ["BASE_TITLE", "KINDS", "Columns", "Kind", "clean_mak"]

Columns = Mapping[str, str]
"""Columns of a row as text as written; empty ones are left out."""

_MAK = re.compile(r"(\d\.\d\d\.\d\d\.\d\.\d\d\.\d{4})\.(5\.\d\.\d\d\.\d\d\.\d\d\.\d{4})(?:\.|$)", re.ASCII)

BASE_TITLE = {"NT": "spse-nontender", "T": "spse-tender"}
"""Files of a package's kind begin so."""


def clean_mak(text: str | None) -> tuple[str, str] | None:
    """Sub kegiatan and account of a budget line that is written as it should be."""
    match = _MAK.match((text or "").strip())
    return None if match is None else (match[1], match[2])


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file.

    Attributes:
        version: column that numbers the versions of a key; ``versi…`` counts as number, others as text.
        index: what its rows are found by.
        subjects: subjects that a row of it touches whatever others say.
    """

    version: str = ""
    index: Mapping[str, Callable[[Columns], Iterable[str]]] = field(default_factory=dict)
    subjects: Callable[[Columns], Iterable[str]] = lambda _columns: ()


def _stated(*columns: str) -> Callable[[Columns], Iterable[str]]:
    """The values of some columns, joined; nothing where one is blank."""

    def values(row: Columns) -> Iterable[str]:
        texts = [row.get(column, "") for column in columns]
        return () if any(is_blank(text) for text in texts) else ("|".join(texts),)

    return values


def _number(unit: str, number: str) -> Callable[[Columns], Iterable[str]]:
    """Unit and normalised number of a document; nothing where one is blank."""

    def values(row: Columns) -> Iterable[str]:
        code, text = row.get(unit, ""), norm(row.get(number))
        return () if is_blank(code) or not text else (f"{code}|{text}",)

    return values


def _normed(column: str) -> Callable[[Columns], Iterable[str]]:
    return lambda row: [text] if (text := norm(row.get(column))) else []


def _trimmed(column: str) -> Callable[[Columns], Iterable[str]]:
    return lambda row: [text.strip()] if not is_blank(text := row.get(column)) and text else []


def _codes(column: str) -> Callable[[Columns], Iterable[str]]:
    return lambda row: [code for code in KdRup.split(row.get(column)) if not is_blank(code)]


def _named(prefix: str, values: Callable[[Columns], Iterable[str]]) -> Callable[[Columns], Iterable[str]]:
    return lambda row: [f"{prefix}:{value}" for value in values(row)]


def _several(*parts: Callable[[Columns], Iterable[str]]) -> Callable[[Columns], Iterable[str]]:
    return lambda row: [subject for part in parts for subject in part(row)]


def _package(prefix: str, column: str) -> Callable[[Columns], Iterable[str]]:
    return _named(prefix, _stated(column))


def _clean_line(row: Columns) -> Iterable[str]:
    mak, unit = clean_mak(row.get("mak")), row.get("kd_satker_str", "")
    return [f"{unit}|{mak[0]}"] if mak and not is_blank(unit) else []


def _dirty_line(row: Columns) -> Iterable[str]:
    return [] if clean_mak(row.get("mak")) else _stated("kd_satker_str")(row)


def _of_package(pkg: Callable[[Columns], Iterable[str]], codes: str = "") -> Kind:
    index = {"package": pkg, **({"code": _codes(codes)} if codes else {})}
    touched = _named("PKG", pkg)
    return Kind("", index, _several(touched, _named("RUP", _codes(codes))) if codes else touched)


def _announcement(pkg: Callable[[Columns], Iterable[str]], version: str) -> Kind:
    told = _of_package(pkg, "kd_rup")
    return Kind(version, told.index, told.subjects)


def _procurement(prefix: str, package: str) -> dict[str, Kind]:
    """The files of direct purchases or of tenders."""
    title, pkg = BASE_TITLE[prefix], _package(prefix, package)
    return {
        f"{title}-pengumuman": _announcement(pkg, f"versi_{title.removeprefix('spse-')}"),
        f"{title}-selesai": _of_package(pkg, "kd_rup"),
        f"{title}-sppbj": _of_package(pkg),
        f"{title}-kontrak": Kind("", {"package": pkg, "number": _normed("no_kontrak")}, _named("PKG", pkg)),
        f"{title}-spmk": _of_package(pkg),
        f"{title}-bapbast": _of_package(pkg),
    }


def _letter(row: Columns) -> Iterable[str]:
    """Unit and number of a letter, the number blank or not."""
    return [f"{row.get('kode_sub_skpd', '')}|{norm(row.get('nomor_naskah'))}"]


_SBL = _stated("kode_sbl")
_UNIT_NUMBER = _number("kode_sub_skpd", "nomor_naskah")

KINDS: Mapping[str, Kind] = {
    "export": Kind("", {"kind": _stated("kind"), "every": lambda _row: ("yes",)}),
    "rup-kegiatan-master": Kind("", {"kegiatan": _stated("kd_kegiatan")}, _named("KEG", _stated("kd_kegiatan"))),
    "rup-subkegiatan-master": Kind("", {"kegiatan": _stated("kd_kegiatan")}),
    "sipd-renja-subkegiatan": Kind(
        "versi",
        {
            "sbl": _SBL,
            "unit": _stated("kode_sub_skpd"),
            "sub": _stated("kode_sub_skpd", "kode_sub_giat"),
            "code": _stated("kode_sub_giat"),
        },
        _several(_named("SBL", _SBL), _named("SUB", _stated("kode_sub_skpd", "kode_sub_giat"))),
    ),
    "sipd-rka": Kind(
        "versi",
        {"id": _stated("id_rinci_sub_bl"), "sbl": _SBL},
        _several(_named("SBL", _SBL), _named("LINE", _stated("id_rinci_sub_bl"))),
    ),
    "sipd-ssh": Kind("", {"code": _stated("kode_standar_harga")}),
    "sipd-dana": Kind(
        "versi",
        {"sbl": _SBL, "id": _stated("kode_sbl", "kodedana")},
        _several(_named("SBL", _SBL), _named("DANA", _stated("kode_sbl", "kodedana"))),
    ),
    "sipd-anggaran-kas": Kind(
        "versi",
        {"sbl": _SBL, "id": _stated("kode_sbl", "kode_akun")},
        _several(_named("SBL", _SBL), _named("KAS", _stated("kode_sbl", "kode_akun"))),
    ),
    "sipd-spd-detail": Kind("", {"sbl": _SBL}, _named("SBL", _SBL)),
    "sipd-sp2d-detail": Kind("", {"sbl": _SBL}, _named("SBL", _SBL)),
    "sipd-sp2d": Kind(
        "updated_at",
        {"id": _stated("id_sp_2_d"), "spm": _stated("id_spm")},
        _named("SP2D", _stated("id_sp_2_d")),
    ),
    "sipd-spm": Kind("created_at", {"id": _stated("idSpm"), "spp": _stated("idSpp")}, _named("SPM", _stated("idSpm"))),
    "sipd-spm-potongan": Kind("", {"spm": _stated("idSpm")}),
    "sipd-spp": Kind(
        "updated_at",
        {"id": _stated("idSpp"), "number": _number("kode_sub_skpd", "nomorKontrak")},
        _named("SPP", _stated("idSpp")),
    ),
    "rfk-bulanan": Kind("update_fisik_at", {"sbl": _SBL}, _named("SBL", _SBL)),
    "rup-paket-penyedia-terumumkan": Kind(
        "tgl_pengumuman_paket", {"code": _stated("kd_rup")}, _named("RUP", _stated("kd_rup"))
    ),
    "rup-paket-anggaran-penyedia": Kind(
        "",
        {"code": _stated("kd_rup"), "sub": _clean_line, "dirty": _dirty_line},
        _several(_named("RUP", _stated("kd_rup")), _named("SUB", _clean_line)),
    ),
    **_procurement("NT", "kd_nontender"),
    **_procurement("T", "kd_tender"),
    "spse-tender-selesai-nilai": _of_package(_package("T", "kd_tender"), "kd_rup_paket"),
    "spse-tender-peserta": _of_package(_package("T", "kd_tender")),
    "ecat-paket-v6": Kind(
        "",
        {"package": _package("EC", "kd_paket"), "code": _codes("kd_rup"), "unit": _stated("kd_satker_str")},
        _several(_named("PKG", _package("EC", "kd_paket")), _named("RUP", _codes("kd_rup"))),
    ),
    "bmd-kib": Kind("", {"number": _number("kode_sub_skpd", "no_kontrak_spk")}),
    "siasn-pegawai": Kind("", {"nip": _trimmed("nipBaru")}),
    "siasn-riwayat-jabatan": Kind("", {"nip": _trimmed("nipBaru")}),
    "siasn-pemberhentian": Kind("", {"nip": _trimmed("nipBaru")}),
    "srikandi-naskah": Kind("", {"number": _UNIT_NUMBER, "letter": _letter}, _named("LETTER", _letter)),
    "srikandi-penyusutan": Kind("", {"id": _stated("id_penyusutan")}, _named("DISPOSAL", _stated("id_penyusutan"))),
    "siptl-temuan": Kind("", {"number": _number("kode_sub_skpd", "no_kontrak")}),
    "siptl-rekomendasi": Kind(
        "",
        {"id": _stated("id_rekomendasi"), "finding": _stated("id_temuan")},
        _named("REKOMENDASI", _stated("id_rekomendasi")),
    ),
    "siptl-setoran": Kind("", {"recommendation": _stated("id_rekomendasi")}),
    "sakip-perjanjian": Kind(
        "versi",
        {"indicator": _stated("id_indikator"), "agreement": _stated("nomor_pk"), "sbl": _SBL},
        _named("INDIKATOR", _stated("id_indikator")),
    ),
    "sakip-realisasi": Kind("", {"indicator": _stated("id_indikator")}, _named("INDIKATOR", _stated("id_indikator"))),
    "skp-kinerja": Kind(
        "",
        {"id": _stated("id_skp"), "agreement": _stated("nomor_pk"), "nip": _trimmed("pnsDinilaiId")},
        _named("SKP", _stated("id_skp")),
    ),
    "tpp-bayar": Kind(
        "",
        {"payment": _stated("nip", "bulan"), "rating": _stated("id_skp")},
        _named("TPP", _stated("nip", "bulan")),
    ),
}
"""Every kind that a rule reads, by the file's name without suffix; ``export`` tells which files were read."""
