"""File layouts of this system.

Source: haidarvm/serj, e4/assets/db/db.sql.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "siptl",
    "SIPTL, SIM LHP: findings, recommendations, deposits",
    layout(
        "siptl-temuan",
        "FindingIssued",
        "oversight",
        "id_temuan nomor_lhp tanggal_lhp:d sumber:{BPK|ITDA} kode_temuan:code kode_sub_skpd:unit no_kontrak? "
        "uraian_temuan:words nilai_temuan:m update_at:t",
    ),
    layout(
        "siptl-rekomendasi",
        "RecommendationSet",
        "oversight",
        "id_rekomendasi id_temuan kode_rekomendasi uraian_rekomendasi:words nilai_rekomendasi:m "
        "status:{Sesuai|Belum_Sesuai|Belum_Ditindaklanjuti|Tidak_Dapat_Ditindaklanjuti} tanggal_status:d "
        "update_at:t",
        unit="",
    ),
    layout(
        "siptl-setoran",
        "MoneyRecovered",
        "oversight",
        "id_setoran id_rekomendasi no_sts tanggal_setor:d nilai:m",
        unit="",
    ),
    applications=(
        "SIPTL",
        "SIM LHP",
    ),
)
