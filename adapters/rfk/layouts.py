"""File layouts of this system.

Source: agusnurwanto/wp-sipd, data_rfk.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "rfk",
    "e-Controlling: RFK, monthly financial and physical progress",
    layout(
        "rfk-bulanan",
        "ProgressReported",
        "controlling",
        "tahun_anggaran:n kode_sub_skpd:unit kode_sbl:code bulan:n rak:m realisasi_anggaran:m "
        "realisasi_fisik:p? permasalahan:words? catatan_verifikator:words? created_at:t update_fisik_at:t",
        observed="update_fisik_at",
    ),
    applications=(
        "TEPRA",
        "E-Monev",
        "MONEV",
        "Simonev Online",
        "e-Monitoring",
        "e- Mon",
    ),
)
