"""File layouts of this system.

Source: oss-rba/oss-rba.github.io, src/endpoint.js.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "izin",
    "Permits: OSS",
    layout(
        "izin-penerbitan",
        "PermitRequested",
        "services",
        "nomor_registrasi nib:digits id_izin kd_izin:digits kbli:digits kab_kota:words kd_status:digits "
        "tgl_permohonan:t tgl_status:t nomor_izin? retribusi:m update_at:t",
        unit="",
    ),
)
