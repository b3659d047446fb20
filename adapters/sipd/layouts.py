"""File layouts of this system.

Source: agusnurwanto/wp-sipd, tabel.sql. The three of reference data are our own: editions of the codes, what became of
a code in the next edition, what became of a unit. They are facts like any other, dated by the day they take effect.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "sipd",
    "SIPD planning and budgeting: RPJMD, Renja, price standards, DPA, RKA, funds, cash plan",
    layout(
        "sipd-rpjmd-program",
        "PlanAdopted",
        "planning",
        "kode_skpd:unit kode_program:code nama_program:words indikator:words satuan target_awal target_1 "
        "target_2 target_3 target_4 target_5 pagu_1:m pagu_2:m pagu_3:m pagu_4:m pagu_5:m target_akhir "
        "tahun_awal:n tahun_akhir:n versi:n update_at:t",
        unit="kode_skpd",
    ),
    layout(
        "sipd-renja-subkegiatan",
        "AnnualPlanSet",
        "planning",
        "tahun_anggaran:n kode_skpd:unit kode_sub_skpd:unit nama_sub_skpd:words kode_program:code "
        "nama_program:words kode_giat:code nama_giat:words kode_sub_giat:code? nama_sub_giat:words "
        "kode_sbl:code pagu:m pagu_n_depan:m indikator:words satuan target_1 kode_tahap:{RKPD|RKPD-P} versi:n "
        "active:{1|0} update_at:t",
        observed="update_at",
    ),
    layout(
        "sipd-ssh",
        "PriceStandardSet",
        "budgeting",
        "kode_standar_harga:code nama_standar_harga:words spek? satuan kelompok:{1|2|3|4} harga:m no_sk "
        "berlaku_mulai:d berlaku_sampai:d tahun_anggaran:n",
        unit="",
    ),
    layout(
        "sipd-dpa",
        "BudgetAdopted",
        "budgeting",
        "tahun_anggaran:n kode_sub_skpd:unit nomor_dpa tanggal_dpa:d kode_tahap:{MURNI|PERGESERAN|PERUBAHAN} "
        "versi:n total:m update_at:t",
        observed="update_at",
    ),
    layout(
        "sipd-rka",
        "LineProposed",
        "budgeting",
        "tahun_anggaran:n kode_sbl:code id_rinci_sub_bl kode_akun:code nama_akun:words "
        "kode_standar_harga:code? nama_komponen:words spek_komponen? koefisien:words volume:p satuan "
        "harga_satuan:m totalpajak:m rincian:m rincian_murni:m kode_dana:code nama_dana:words "
        "kode_tahap:{MURNI|PERGESERAN|PERUBAHAN} versi:n active:{1|0} update_at:t",
        unit="",
    ),
    layout(
        "sipd-dana",
        "FundAssigned",
        "budgeting",
        "tahun_anggaran:n kode_sbl:code kodedana:code namadana:words pagudana:m versi:n active:{1|0} update_at:t",
        unit="",
    ),
    layout(
        "sipd-anggaran-kas",
        "CashPlanSet",
        "budgeting",
        "tahun_anggaran:n kode_sbl:code kode_akun:code nama_akun:words bulan_1:m bulan_2:m bulan_3:m "
        "bulan_4:m bulan_5:m bulan_6:m bulan_7:m bulan_8:m bulan_9:m bulan_10:m bulan_11:m bulan_12:m "
        "total_akb:m total_rincian:m selisih:m type:{belanja} versi:n active:{1|0} updated_at:t",
        unit="",
    ),
    layout(
        "sipd-ref-kode",
        "CodeListed",
        "planning",
        "jenis:{rekening|sub_kegiatan|unit} kode:code nama:words kodefikasi dasar_hukum berlaku_mulai:d "
        "berlaku_sampai:d?",
        unit="",
    ),
    layout(
        "sipd-ref-terjemahan",
        "CodeTranslated",
        "planning",
        "jenis:{rekening|sub_kegiatan} kode_lama:code kode_baru:code kodefikasi_lama kodefikasi_baru "
        "dasar_hukum berlaku_mulai:d",
        unit="",
    ),
    layout(
        "sipd-ref-unit",
        "UnitSucceeded",
        "planning",
        "kode_lama:unit kode_baru:unit perubahan:{ganti_nama|gabung|pecah} nama_baru:words dasar_hukum berlaku_mulai:d",
        unit="kode_baru",
    ),
    applications=(
        "SIPD",
        "E-Planning",
        "E-Musrembang",
        "RKA-SIPKD",
    ),
)
