"""File layouts of this system.

Source: agusnurwanto/wp-sipd, data_realisasi_renja; ws-siasn-php, kinerjaPeriodik.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "skp",
    "e-Performance: e-SAKIP agreements, SKP ratings, TPP payments",
    layout(
        "sakip-perjanjian",
        "AgreementSigned",
        "performance",
        "id_indikator tahun:n nomor_pk kode_sub_skpd:unit nip:digits kode_sbl:code? indikator:words satuan "
        "polaritas:{max|min} target tanggal_penetapan:d versi:n update_at:t",
        observed="update_at",
    ),
    layout(
        "sakip-realisasi",
        "TargetMeasured",
        "performance",
        "id_indikator tahun:n bulan:n realisasi:p keterangan? tanggal_ukur:d update_at:t",
        unit="",
    ),
    layout(
        "skp-kinerja",
        "SkpRated",
        "performance",
        "id_skp pnsDinilaiId:digits tahun:n periodikId bulanMulaiPenilaian:n bulanSelesaiPenilaian:n "
        "hasilKinerjaNilai:n perilakuKerjaNilai:n kuadranKinerjaNilai:n penilaiNipNrp:digits nomor_pk "
        "tanggal_penilaian:D",
        unit="",
    ),
    layout(
        "tpp-bayar",
        "AllowancePaid",
        "performance",
        "nip:digits tahun:n bulan:n kode_sub_skpd:unit nilai_tpp:m potongan_kehadiran:m dibayar:m id_skp "
        "tanggal_bayar:d",
    ),
    applications=(
        "E-SAKIP",
        "SAKIP",
        "SKP ONLINE",
    ),
)
