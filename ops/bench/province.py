"""A synthetic province-year: the bundled province's own layouts, 49 units, as many packages as wanted.

Every row is a bundled file's first row under other keys, so a file has all columns that its system writes.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import ops.demo

__all__ = ["PER_SUB_KEGIATAN", "bridging", "package", "write_province"]

PER_SUB_KEGIATAN = 10
"""Packages a sub kegiatan."""
_UNITS = 49
_PROVINCE = Path(ops.demo.__file__).parent / "province"
_PRICE = 79_000_000
_CAPITAL = "5.2.02.05.01.0005"
_ACCOUNTS = (
    (_CAPITAL, _PRICE * PER_SUB_KEGIATAN),
    ("5.1.02.01.01.0024", 12_000_000),
    ("5.1.02.01.01.0052", 24_000_000),
)
_PAID_IN = 9
"""Month of all SP2Ds."""
_SUPPLIER = {"npwpPenerimaSpp": "00.000.000.6-000.016", "nomorRekeningPenerimaSpp": "0000000000016"}
"""The one that the bundled contract names."""
_OVERPAID = 50
"""One package in so many is paid beyond its contract."""

Row = Mapping[str, Any]


def package(number: int) -> str:
    """Code of a package."""
    return str(10_000_000_000 + number)


def _rup(number: int) -> str:
    return str(50_000_000 + number)


def _unit(sub: int) -> str:
    return f"1.01.0.00.0.00.{sub % _UNITS + 1:02}.0000"


def _sub_code(sub: int) -> str:
    return f"1.01.02.1.{sub // _UNITS // 9_000 + 1:02}.{sub // _UNITS % 9_000 + 1:04}"


def _sbl(sub: int) -> str:
    return f"{3000 + sub % _UNITS}.{3000 + sub % _UNITS}.210.4010.{20_000 + sub}"


def write_province(folder: Path, subs: Sequence[int]) -> int:
    """Write the files of some sub kegiatan, a row at a time; return the number of rows."""
    folder.mkdir(parents=True)
    told = {"tahun_anggaran": 2025, "as_of": "2025-12-31", "zona": "Asia/Makassar", "pulled": "2026-01-05"}
    (folder / "manifest.json").write_text(json.dumps({**told, "files": []}), encoding="utf-8")
    units = [{"kd_satker": 900_000 + number, "kd_satker_str": _unit(number)} for number in range(_UNITS)]
    rows = _write(folder, "rup-master-satker", units)
    for kind, of in _OF_SUB.items():
        rows += _write(folder, kind, (row for sub in subs for row in of(sub)))
    for kind, one in _OF_PACKAGE.items():
        numbers = (sub * PER_SUB_KEGIATAN + place for sub in subs for place in range(PER_SUB_KEGIATAN))
        rows += _write(folder, kind, (row for number in numbers for row in one(number)))
    return rows


def bridging(folder: Path, left: int, right: int) -> None:
    """Write one announcement that names the RUP codes of two packages: it makes one component of theirs."""
    folder.mkdir(parents=True)
    row = {
        **_of(left),
        "kd_nontender": package(99_000_000),
        "kd_rup": f"{_rup(left)};{_rup(right)}",
        "versi_nontender": 1,
    }
    _write(folder, "spse-nontender-pengumuman", [row])


def _write(folder: Path, kind: str, rows: Iterable[Row]) -> int:
    source = next(_PROVINCE.glob(f"{kind}.*.gz"))
    text = gzip.decompress(source.read_bytes()).decode()
    count = 0
    with (folder / source.name.removesuffix(".gz")).open("w", encoding="utf-8", newline="") as out:
        if ".json" in source.name:
            first = json.loads(text)[0]
            for row in rows:
                out.write("[\n" if count == 0 else ",\n")
                out.write(json.dumps({**first, **row}))
                count += 1
            out.write("\n]\n" if count else "[]\n")
        else:
            first = next(csv.DictReader(io.StringIO(text)))
            writer = csv.DictWriter(out, first, lineterminator="\n")
            writer.writeheader()
            for row in rows:
                writer.writerow({**first, **row})
                count += 1
    return count


def _plan(sub: int) -> Iterator[Row]:
    total = sum(amount for _, amount in _ACCOUNTS)
    unit, code = _unit(sub), _sub_code(sub)
    yield {
        "kode_skpd": unit, "kode_sub_skpd": unit, "kode_sub_giat": code, "kode_sbl": _sbl(sub), "pagu": f"{total}.00",
    }  # fmt: skip


def _lines(sub: int) -> Iterator[Row]:
    for place, (account, amount) in enumerate(_ACCOUNTS):
        money = {"harga_satuan": f"{amount}.00", "rincian": f"{amount}.00", "rincian_murni": f"{amount}.00"}
        yield {"kode_sbl": _sbl(sub), "id_rinci_sub_bl": str(10 * sub + place), "kode_akun": account, **money}


def _funds(sub: int) -> Iterator[Row]:
    yield {"kode_sbl": _sbl(sub), "pagudana": f"{sum(amount for _, amount in _ACCOUNTS)}.00"}


def _cash(sub: int) -> Iterator[Row]:
    for account, amount in _ACCOUNTS:
        months = {f"bulan_{month}": "0.00" for month in range(2, 13)}
        yield {"kode_sbl": _sbl(sub), "kode_akun": account, "bulan_1": f"{amount}.00", **months}


def _progress(sub: int) -> Iterator[Row]:
    for month in (3, 6, 9, 12):
        spent = _PRICE * PER_SUB_KEGIATAN if month >= _PAID_IN else 0
        told = {"bulan": str(month), "realisasi_fisik": f"{month * 8}.00", "realisasi_anggaran": f"{spent}.00"}
        yield {"kode_sub_skpd": _unit(sub), "kode_sbl": _sbl(sub), **told}


def _agreed(sub: int) -> Iterator[Row]:
    unit = _unit(sub)
    yield {"id_indikator": f"IK-{sub}", "nomor_pk": f"PK/{unit}", "kode_sub_skpd": unit, "kode_sbl": _sbl(sub)}


def _measured(sub: int) -> Iterator[Row]:
    for month in (3, 6, 9, 12):
        yield {"id_indikator": f"IK-{sub}", "bulan": str(month)}


def _rated(sub: int) -> Iterator[Row]:
    yield {"id_skp": f"SKP-{sub}", "pnsDinilaiId": f"{199_001_012_010_001_000 + sub}", "nomor_pk": f"PK/{_unit(sub)}"}


_OF_SUB = {
    "sipd-renja-subkegiatan": _plan,
    "sipd-rka": _lines,
    "sipd-dana": _funds,
    "sipd-anggaran-kas": _cash,
    "rfk-bulanan": _progress,
    "sakip-perjanjian": _agreed,
    "sakip-realisasi": _measured,
    "skp-kinerja": _rated,
}


def _of(number: int) -> dict[str, Any]:
    """What all rows of a package's procurement say."""
    sub = number // PER_SUB_KEGIATAN
    return {
        "kd_satker_str": _unit(sub),
        "kd_nontender": package(number),
        "kd_rup": _rup(number),
        "mak": f"{_sub_code(sub)}.{_CAPITAL}",
        "pagu": _PRICE,
        "hps": _PRICE,
        "status_nontender": "Selesai",
        "nip_nama_pp": "PEGAWAI REKAAN",
    }


_NUMBERS = ("no_sppbj", "no_kontrak", "no_spmk_spp", "no_bast", "no_bap")


def _procured(*columns: str) -> Any:  # noqa: ANN401 - a maker of rows
    """Rows of procurement or delivery: what all say, and numbers of documents that the file has."""

    def rows(number: int) -> Iterator[Row]:
        told = _of(number)
        told |= {column: f"027/{column[3:].upper()}/{number}" for column in _NUMBERS if column in columns}
        paid = _PRICE + (5 if number % _OVERPAID == 0 else 0)
        amounts = {"nilai_kontrak": _PRICE, "nilai_negosiasi": _PRICE, "harga_final": _PRICE, "besar_pembayaran": paid}
        told |= {column: amounts[column] for column in columns if column in amounts}
        yield {column: value for column, value in told.items() if column in columns}

    return rows


def _funded(number: int) -> Iterator[Row]:
    told = _of(number)
    yield {column: told[column] for column in ("kd_satker_str", "kd_rup", "mak", "pagu")}


def _filed(number: int) -> Iterator[Row]:
    unit = _unit(number // PER_SUB_KEGIATAN)
    yield {
        "idSpp": str(number), "nomorSpp": f"{number}/SPP", "jenisSpp": "LS", "jenisLs": "Barang dan Jasa",
        "kode_skpd": unit, "kode_sub_skpd": unit, "nilaiSpp": f"{_PRICE}.00", "nomorKontrak": f"027/KONTRAK/{number}",
        "nomorBA": f"027/BAP/{number}", "tanggalSpp": "2025-09-10", "updated_at": "2025-09-10 10:00:00", **_SUPPLIER,
    }  # fmt: skip


def _ordered(number: int) -> Iterator[Row]:
    unit = _unit(number // PER_SUB_KEGIATAN)
    yield {"idSpm": str(number), "idSpp": str(number), "nilaiSpm": f"{_PRICE}.00", "kode_sub_skpd": unit}


def _issued(number: int) -> Iterator[Row]:
    unit = _unit(number // PER_SUB_KEGIATAN)
    yield {
        "id_sp_2_d": str(number), "id_spm": str(number), "nomor_sp_2_d": f"{number}/SP2D", "kode_skpd": unit,
        "kode_sub_skpd": unit, "nilai_sp_2_d": f"{_PRICE}.00", "tanggal_sp_2_d": "2025-09-20",
    }  # fmt: skip


def _spent(number: int) -> Iterator[Row]:
    sbl = _sbl(number // PER_SUB_KEGIATAN)
    yield {"id_sp_2_d": str(number), "kode_sbl": sbl, "kode_rekening": _CAPITAL, "jumlah": f"{_PRICE}.00"}


def _booked(number: int) -> Iterator[Row]:
    yield {
        "id_aset": f"AST-{number}", "kode_sub_skpd": _unit(number // PER_SUB_KEGIATAN),
        "no_kontrak_spk": f"027/KONTRAK/{number}", "harga_perolehan": f"{_PRICE}.00",
    }  # fmt: skip


def _archived(number: int) -> Iterator[Row]:
    unit = _unit(number // PER_SUB_KEGIATAN)
    for letter in (f"027/KONTRAK/{number}", f"{number}/SP2D", f"027/BAST/{number}"):
        yield {"id_naskah": f"NS-{letter}", "nomor_naskah": letter, "kode_sub_skpd": unit}


_OF_PACKAGE = {
    "rup-paket-penyedia-terumumkan": _procured("kd_satker_str", "kd_rup", "pagu"),
    "rup-paket-anggaran-penyedia": _funded,
    "spse-nontender-pengumuman": _procured(*_of(0)),
    "spse-nontender-selesai": _procured(*_of(0), "nilai_negosiasi"),
    "spse-nontender-sppbj": _procured("kd_satker_str", "kd_nontender", "no_sppbj", "harga_final"),
    "spse-nontender-kontrak": _procured("kd_satker_str", "kd_nontender", "no_sppbj", "no_kontrak", "nilai_kontrak"),
    "spse-nontender-spmk": _procured("kd_satker_str", "kd_nontender", "no_sppbj", "no_kontrak", "no_spmk_spp"),
    "spse-nontender-bapbast": _procured(
        "kd_satker_str",
        "kd_nontender",
        "no_sppbj",
        "no_kontrak",
        "no_bast",
        "no_bap",
        "nilai_kontrak",
        "besar_pembayaran",
    ),
    "sipd-spp": _filed,
    "sipd-spm": _ordered,
    "sipd-sp2d": _issued,
    "sipd-sp2d-detail": _spent,
    "bmd-kib": _booked,
    "srikandi-naskah": _archived,
}
