"""File layouts of this system.

Source: black-coffee04/ws-siasn-php, README.
"""

from __future__ import annotations

from adapters.layout import layout
from adapters.tables import table_adapter

__all__ = ["ADAPTER"]

ADAPTER = table_adapter(
    "siasn",
    "SIMPEG, SIASN: employees, posts, sanctions, retirement",
    layout(
        "siasn-pegawai",
        "StaffAppointed",
        "staffing",
        "nipBaru:digits nama:words unorId kode_sub_skpd:unit jenisJabatan:{1|2|4} jabatanNama:words "
        "golRuangAkhir:words kedudukanHukum:words tmtPns:D",
    ),
    layout(
        "siasn-riwayat-jabatan",
        "StaffMoved",
        "staffing",
        "id nipBaru:digits jenisJabatan:{1|2|4} namaJabatan:words unorId kode_sub_skpd:unit jenisMutasi? "
        "tmtJabatan:D nomorSk tanggalSk:D tmtPelantikan:D",
    ),
    layout(
        "siasn-hukdis",
        "StaffDisciplined",
        "staffing",
        "id nipBaru:digits jenisTingkatHukumanId:{R|S|B} jenisHukumanId skNomor skTanggal:D hukumanTanggal:D "
        "akhirHukumanTanggal:D masaTahun:n masaBulan:n nomorPp alasanHukumanDisiplinId? skPembatalanNomor? "
        "skPembatalanTanggal:D?",
        unit="",
    ),
    layout(
        "siasn-pemberhentian",
        "StaffRetired",
        "staffing",
        "id nipBaru:digits jenisPemberhentian:words nomorSk tanggalSk:D tmtPensiun:D",
        unit="",
    ),
    applications=(
        "SIMPEG",
        "Sistem Aplikasi Pelayanan Kepegawaian (SAPK)",
    ),
)
