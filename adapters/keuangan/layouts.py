"""File layouts of this system.

Source: agusnurwanto/wp-sipd, data_spd_sipd to data_sp2d_sipd_ri.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "keuangan",
    "Treasury: SIPD penatausahaan or SIPKD, from SPD to SP2D",
    layout(
        "sipd-spd",
        "SpdIssued",
        "finance",
        "idSpd nomorSpd tanggalSpd:d kode_sub_skpd:unit triwulan:n totalSpd:m tahun_anggaran:n created_at:t",
    ),
    layout(
        "sipd-spd-detail",
        "SpdLineIssued",
        "finance",
        "idDetailSpd idSpd kode_sbl:code kode_akun:code nilai:m",
        unit="",
    ),
    layout(
        "sipd-spp",
        "SppFiled",
        "finance",
        "idSpp nomorSpp tanggalSpp:d jenisSpp:{LS|UP|GU|TU} jenisLs? kode_skpd:unit kode_sub_skpd:unit "
        "nilaiSpp:m idSpd? idKontrak? nomorKontrak? idBA? nomorBA? namaPenerimaSpp:words npwpPenerimaSpp? "
        "nomorRekeningPenerimaSpp:account nip_pegawai_pptk:digits keteranganSpp:words tahun_anggaran:n "
        "created_at:t updated_at:t",
    ),
    layout(
        "sipd-spp-detail",
        "SppLineFiled",
        "finance",
        "idSpp kode_sbl:code? kode_rekening:code? jumlah:m",
        unit="",
    ),
    layout(
        "sipd-spm",
        "SpmIssued",
        "finance",
        "idSpm idSpp nomorSpm tanggalSpm:d jenisSpm:{LS|UP|GU|TU} nilaiSpm:m kode_sub_skpd:unit created_at:t",
    ),
    layout(
        "sipd-spm-potongan",
        "PenaltyWithheld",
        "finance",
        "idSpm kode_potongan? nama_potongan:words? nilai:m id_billing?",
        unit="",
    ),
    layout(
        "sipd-sp2d",
        "Sp2dIssued",
        "finance",
        "id_sp_2_d id_spm nomor_sp_2_d tanggal_sp_2_d:d jenis_sp_2_d:{LS|UP|GU|TU} kode_skpd:unit "
        "kode_sub_skpd:unit nilai_sp_2_d:m is_transfer_sp_2_d:{1|0} transfer_sp_2_d_at:t? deleted_at:t? "
        "created_at:t updated_at:t",
        observed="updated_at",
    ),
    layout(
        "sipd-sp2d-detail",
        "Sp2dLineIssued",
        "finance",
        "id_sp_2_d kode_sbl:code? kode_rekening:code? jumlah:m",
        unit="",
    ),
    applications=(
        "SIPKD",
        "Sistem Informasi Pengelolaan Keuangan Daerah",
        "SIM-BUD",
    ),
)
