"""File layouts of this system.

Source: own: no public layout was found.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "wisata",
    "Tourism: visits counted a month",
    layout(
        "wisata-kunjungan",
        "VisitsCounted",
        "services",
        "id_destinasi nama_destinasi:words kab_kota:words tahun:n bulan:n jumlah_wisnus:n jumlah_wisman:n "
        "pendapatan_retribusi:m update_at:t",
        unit="",
    ),
)
