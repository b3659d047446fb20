"""File layouts of this system.

Source: daftar-arsip-dinamis-online, data.js; asamurat, _asamurat.sql.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "srikandi",
    "SRIKANDI: letters, classes of records, disposal",
    layout(
        "srikandi-klasifikasi",
        "RetentionSet",
        "archive",
        "kode:code retensi_aktif_tahun retensi_inaktif_tahun nasib_akhir:{Musnah|Permanen} keamanan:words "
        "berlaku_mulai:d",
        unit="",
    ),
    layout(
        "srikandi-naskah",
        "LetterRegistered",
        "archive",
        "id_naskah nomor_naskah jenis_naskah:{SPPBJ|Kontrak|BAST|SP2D|Surat_Dinas} arah:words "
        "kode_klasifikasi:code sifat:{Biasa|Terbatas|Rahasia|Sangat_Rahasia} urgensi:words hal:words "
        "tanggal_naskah:d tanggal_registrasi:t kode_sub_skpd:unit status:words nip_penandatangan:digits",
        observed="tanggal_registrasi",
    ),
    layout(
        "srikandi-penyusutan",
        "LetterDisposed",
        "archive",
        "id_penyusutan nomor_naskah kode_sub_skpd:unit tindakan:{pindah|musnah|permanen} nomor_ba tanggal:d",
    ),
    applications=(
        "SURATMU",
        "e-Filing",
        "e-Office",
    ),
)
