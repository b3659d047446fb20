"""Dirt that each system's exports really have: it is kept as written, under the right key and version."""

from __future__ import annotations

import pytest

from bus.intake import Stated
from schemas import Codec, avsc, content_of, encode_row
from tests.province import as_csv, as_json, read, table

DIRT = {
    # file kind, what is dirty: key and version that the row must have (None = as its neighbours')
    "a last part of two digits in old data": ("sipd-renja-subkegiatan", {"kode_sub_giat": "1.01.02.1.01.03"}, {}),
    "a ceiling without a sub kegiatan": ("sipd-renja-subkegiatan", {"kode_sub_giat": "", "nama_sub_giat": ""}, {}),
    "a deleted sub kegiatan": ("sipd-renja-subkegiatan", {"active": "0", "versi": "02"}, {"version": "2"}),
    "targets with a per cent sign and a comma": ("sipd-rpjmd-program", {"target_1": "12,5 %", "target_2": "97%"}, {}),
    "a struck line": ("sipd-rka", {"active": "0", "versi": "3", "rincian": "0.00"}, {"version": "3"}),
    "a line without a price standard": ("sipd-rka", {"kode_standar_harga": "-"}, {}),
    "totals that are wrong": ("sipd-anggaran-kas", {"total_akb": "1.00", "selisih": "-99.00"}, {}),
    "a negative month": ("sipd-anggaran-kas", {"bulan_3": "-500.00", "bulan_4": ""}, {}),
    "a MAK with a trailing dot": ("rup-paket-anggaran-penyedia", {"mak": "1.01.02.1.01.0003."}, {}),
    "a MAK re-cut by a mask": (
        "rup-paket-anggaran-penyedia",
        {"mak": "1.03.01.1.01.0003.0.5.10.20.30.2040.9.3."},
        {"key": "90000007|1.03.01.1.01.0003.0.5.10.20.30.2040.9.3.|APBD"},
    ),
    "no MAK at all": ("rup-paket-anggaran-penyedia", {"mak": ""}, {"key": "90000007||APBD"}),
    "a package announced again": (
        "rup-paket-penyedia-terumumkan",
        {"tgl_pengumuman_paket": "2025-06-01 10:00:00", "status_aktif_rup": "false"},
        {"version": "2025-06-01 10:00:00"},
    ),
    "a loser without values": (
        "spse-tender-peserta",
        {"nilai_penawaran": "", "nilai_terkoreksi": "", "pemenang": ""},
        {},
    ),
    "progress re-entered": (
        "rfk-bulanan",
        {"update_fisik_at": "2025-08-01 09:00:00", "realisasi_fisik": "3.00"},
        {"version": "2025-08-01 09:00:00", "observed": "2025-08-01T01:00:00.000Z"},
    ),
    "progress not reported": (
        "rfk-bulanan",
        {"realisasi_fisik": "", "bulan": "01"},
        {"key": "3000.3000.210.4010.20110|1"},
    ),
    "an advance without SPD": ("sipd-spp", {"jenisSpp": "UP", "jenisLs": "", "idSpd": ""}, {}),
    "a contract number with stray spaces": ("sipd-spp", {"nomorKontrak": " 027 /1/ spk "}, {}),
    "a line of an advance": ("sipd-spp-detail", {"kode_sbl": ""}, {"key": "40001||5.1.02.04.01.0001"}),
    "a fine without code and billing id": (
        "sipd-spm-potongan",
        {"kode_potongan": "", "nama_potongan": "Denda keterlambatan", "id_billing": ""},
        {"key": "50030||Denda keterlambatan|"},
    ),
    "a cancelled SP2D": ("sipd-sp2d", {"deleted_at": "2025-02-01 10:00:00", "transfer_sp_2_d_at": ""}, {}),
    "an asset booked late or not yet": ("bmd-kib", {"tgl_buku": "", "kode_akun": ""}, {}),
    "leading zeros": ("bmd-kib", {"no_register": "000007"}, {}),
    "a NIP of 17 digits": ("siasn-pegawai", {"nipBaru": "19000202192001200"}, {"key": "19000202192001200"}),
    "a NIP of 19 digits": ("tpp-bayar", {"nip": "1900020219200120011"}, {"key": "1900020219200120011|2025|1"}),
    "a decree dated after its effect": ("siasn-riwayat-jabatan", {"tanggalSk": "30-12-2023"}, {}),
    "a revoked sanction": ("siasn-hukdis", {"skPembatalanNomor": "1/SK", "skPembatalanTanggal": "01-07-2025"}, {}),
    "a PIN with leading zeros": ("absensi-pin", {"pin": "0007"}, {"key": "FAKE0001|0007|2025-01-01"}),
    "a measure without a day": ("sakip-realisasi", {"tanggal_ukur": "-"}, {}),
    "a rating without agreement": ("skp-kinerja", {"nomor_pk": ""}, {}),
    "pay without a rating": ("tpp-bayar", {"id_skp": "", "dibayar": "-1.00"}, {}),
    "retention in prose": ("srikandi-klasifikasi", {"retensi_aktif_tahun": "2 Tahun setelah serah terima"}, {}),
    "a letter with an unknown class": ("srikandi-naskah", {"kode_klasifikasi": "999.9", "jenis_naskah": "Lainnya"}, {}),
    "a deposit after the status": ("siptl-setoran", {"tanggal_setor": "2027-01-01"}, {}),
    "a finding without value": ("siptl-temuan", {"nilai_temuan": "-", "no_kontrak": ""}, {}),
    "an unknown state of a permit": ("izin-penerbitan", {"kd_status": "77"}, {}),
    "dates in other styles": ("siptl-temuan", {"tanggal_lhp": "Oct 19, 2025, 12:00:00AM"}, {}),
}


@pytest.mark.parametrize("dirt", DIRT)
def test_dirt_is_a_fact_as_written(dirt):
    kind, changed, expected = DIRT[dirt]
    header, rows = table(kind)
    clean = read(kind, as_csv(header, rows[:1]))[0]
    row = [changed.get(name, cell) for name, cell in zip(header, rows[0], strict=True)]
    [stated] = read(kind, as_csv(header, [row]))
    assert isinstance(stated, Stated), stated
    assert stated.key == expected.get("key", clean.key)
    assert stated.version == expected.get("version", clean.version)
    assert stated.observed == expected.get("observed", clean.observed)
    assert {name: stated.content.get(name, "") for name in changed} == changed
    body = encode_row(stated.event, stated.content)
    assert isinstance(body, bytes)
    codec = Codec({stated.event: 1}, {1: (stated.event, avsc(stated.event))})
    assert content_of(stated.event, codec.decode(codec.frame(stated.event, body), stated.event)) == stated.content


@pytest.mark.parametrize("code", [90000007, "90000007", " 90000007 "])
def test_a_rup_code_is_one_key_as_number_or_text(code):
    header, rows = table("rup-paket-penyedia-terumumkan")
    row = dict(zip(header, rows[0], strict=True)) | {"kd_rup": code}
    [stated] = read("rup-paket-penyedia-terumumkan", as_json(row, [list(row.values())]))
    assert stated.key == "90000007"


def test_rows_late_and_versions_in_the_wrong_order_keep_their_own_times():
    header, rows = table("sipd-dana")
    versions = {(row.key, row.version): row.event_ms for row in read("sipd-dana", as_csv(header, rows))}
    turned = {(row.key, row.version): row.event_ms for row in read("sipd-dana", as_csv(header, rows[::-1]))}
    assert versions == turned
