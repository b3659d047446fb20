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
        "tahun_anggaran:n kd_klpd nama_klpd:words jenis_klpd:words kd_satker:digits kd_satker_str:unit "
        "nama_satker:words kd_rup:digits nama_paket:words pagu:m kd_metode_pengadaan:digits "
        "metode_pengadaan:words kd_jenis_pengadaan jenis_pengadaan:words status_pradipa? status_pdn? "
        "status_ukm? alasan_non_ukm? status_konsolidasi? tipe_paket? kd_rup_swakelola? kd_rup_lokal? "
        "volume_pekerjaan? urarian_pekerjaan:words? spesifikasi_pekerjaan? tgl_awal_pemilihan:d? "
        "tgl_akhir_pemilihan:d? tgl_awal_kontrak:d? tgl_akhir_kontrak:d? tgl_awal_pemanfaatan:d? "
        "tgl_akhir_pemanfaatan:d? tgl_buat_paket:d? tgl_pengumuman_paket:t nip_ppk:digits? nama_ppk:words? "
        "username_ppk:words? status_aktif_rup:{true|false} status_delete_rup:{true|false} "
        "status_umumkan_rup:words status_dikecualikan:{true|false}? alasan_dikecualikan? tahun_pertama? "
        "kode_rup_tahun_pertama? nomor_kontrak? spp_aspek_ekonomi:{true|false}? "
        "spp_aspek_sosial:{true|false}? spp_aspek_lingkungan:{true|false}?",
        unit="kd_satker_str",
        form="json",
    ),
    layout(
        "rup-paket-anggaran-penyedia",
        "PackageFunded",
        "packaging",
        "tahun_anggaran:n kd_klpd nama_klpd:words jenis_klpd:words kd_satker:digits kd_satker_str:unit "
        "nama_satker:words kd_rup:digits kd_rup_lokal? kd_kegiatan:digits kd_komponen? kd_subkegiatan:digits "
        "pagu:m mak? sumber_dana:words? asal_dana? tahun_anggaran_dana:n? asal_dana_klpd:words? "
        "asal_dana_satker:words? status_aktif_rup:{true|false} status_delete_rup:{true|false} "
        "status_umumkan_rup:words",
        unit="kd_satker_str",
        form="json",
    ),
    applications=(
        "SiRUP",
        "siRUP-LKPP",
    ),
)
