"""File layouts of this system.

Source: vulnwalker/RemoteCLIPilar, bi_kib_b_tmp.sql; names renamed.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "bmd",
    "BMD register: inventory cards KIB A to F",
    layout(
        "bmd-kib",
        "AssetRegistered",
        "assets",
        "id_aset kib:{A|B|C|D|E|F} kode_pemilik:digits kode_barang:code nibar no_register:digits "
        "nama_barang:words kode_sub_skpd:unit no_berita_acara? tgl_berita_acara:d? no_kontrak_spk? "
        "tgl_perolehan:d tgl_buku:d jumlah:n harga_perolehan:m asal_usul:words kondisi:{B|KB|RR|RB} "
        "jenis_mutasi:{perolehan|pindah|hapus} kode_akun:code? update_at:t",
        observed="update_at",
    ),
    applications=(
        "SIMDA BMN",
        "SIMAK BMN",
        "SIMAK/SIMAN BMN",
        "BMN",
    ),
)
