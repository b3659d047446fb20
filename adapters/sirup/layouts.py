"""File layouts of this system.

Source: msaworks/DataprepsITKP, sets 1018 and 1028.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "sirup",
    "SiRUP: announced packages and the budget lines that pay them",
    layout(
        "rup-paket-penyedia-terumumkan",
        "PackageAnnounced",
        "packaging",
        "tahun_anggaran:n kd_klpd nama_klpd jenis_klpd kd_satker:digits kd_satker_str:unit nama_satker "
        "kd_rup:digits nama_paket pagu:m kd_metode_pengadaan:digits metode_pengadaan kd_jenis_pengadaan "
        "jenis_pengadaan status_pradipa? status_pdn? status_ukm? alasan_non_ukm? status_konsolidasi? "
        "tipe_paket? kd_rup_swakelola? kd_rup_lokal? volume_pekerjaan? urarian_pekerjaan? "
        "spesifikasi_pekerjaan? tgl_awal_pemilihan:d? tgl_akhir_pemilihan:d? tgl_awal_kontrak:d? "
        "tgl_akhir_kontrak:d? tgl_awal_pemanfaatan:d? tgl_akhir_pemanfaatan:d? tgl_buat_paket:d? "
        "tgl_pengumuman_paket:t nip_ppk:digits? nama_ppk? username_ppk? status_aktif_rup:{true|false} "
        "status_delete_rup:{true|false} status_umumkan_rup status_dikecualikan:{true|false}? "
        "alasan_dikecualikan? tahun_pertama? kode_rup_tahun_pertama? nomor_kontrak? "
        "spp_aspek_ekonomi:{true|false}? spp_aspek_sosial:{true|false}? spp_aspek_lingkungan:{true|false}?",
        unit="kd_satker_str",
        form="json",
    ),
    layout(
        "rup-paket-anggaran-penyedia",
        "PackageFunded",
        "packaging",
        "tahun_anggaran:n kd_klpd nama_klpd jenis_klpd kd_satker:digits kd_satker_str:unit nama_satker "
        "kd_rup:digits kd_rup_lokal? kd_kegiatan:digits kd_komponen? kd_subkegiatan:digits pagu:m mak? "
        "sumber_dana? asal_dana? tahun_anggaran_dana:n? asal_dana_klpd? asal_dana_satker? "
        "status_aktif_rup:{true|false} status_delete_rup:{true|false} status_umumkan_rup",
        unit="kd_satker_str",
        form="json",
    ),
)
