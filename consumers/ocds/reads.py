"""What leaves: the columns that releases are made of. All are classified public, so no other is even decoded."""

from __future__ import annotations

__all__ = ["READS"]

_UNIT = ("kd_satker_str", "nama_satker", "nama_klpd")
_PACKAGE = ("nama_paket", "pagu", "hps", "kd_rup", "sumber_dana", "jenis_pengadaan", "mtd_pemilihan")
_LIMITED = ("kualifikasi_paket", "url_lpse")

READS: dict[str, tuple[str, ...]] = {
    "PackageAnnounced": (
        *_UNIT,
        *("kd_rup", "nama_paket", "pagu", "metode_pengadaan", "jenis_pengadaan", "urarian_pekerjaan"),
        *("tgl_awal_pemilihan", "tgl_akhir_pemilihan", "tgl_awal_kontrak", "tgl_akhir_kontrak"),
        *("status_aktif_rup", "status_delete_rup"),
    ),
    "PurchaseAnnounced": (*_UNIT, *_PACKAGE, *_LIMITED, "mak", "status_nontender", "tgl_pengumuman_nontender"),
    "TenderAnnounced": (*_UNIT, *_PACKAGE, *_LIMITED, "status_tender", "tgl_pengumuman_tender", "mtd_evaluasi"),
    "CatalogueOrderPlaced": (
        *("kd_satker_str", "nama_satker", "nama_instansi"),
        *("rup_nama_pkt", "kd_rup", "mak", "sumber_dana", "total_harga", "tgl_order"),
    ),
    "PurchaseCompleted": (
        *(*_UNIT, *_PACKAGE, *_LIMITED, "mak", "status_nontender", "tgl_pengumuman_nontender"),
        *("tgl_selesai_nontender", "nama_penyedia", "nilai_kontrak"),
    ),
    "TenderCompleted": (*_UNIT, *_PACKAGE, *_LIMITED, "mak", "status_tender", "tgl_pengumuman_tender", "mtd_evaluasi"),
    "TenderAwarded": ("nama_klpd", "kd_rup_paket", "tgl_penetapan_pemenang", "nama_penyedia", "nilai_kontrak"),
    "AwardLetterIssued": ("no_sppbj", "tgl_sppbj", "nama_penyedia", "harga_final"),
    "ContractSigned": (
        *("nama_paket", "no_kontrak", "tgl_kontrak", "tgl_kontrak_awal", "tgl_kontrak_akhir"),
        *("nilai_kontrak", "status_kontrak", "nama_penyedia", "alasan_addendum"),
    ),
    "WorkOrderIssued": ("no_spmk_spp", "tgl_spmk_spp", "tgl_mulai_pekerjaan", "tgl_selesai_pekerjaan"),
    "HandoverRecorded": (
        *("kd_satker_str", "nama_satker", "nama_penyedia", "no_bast", "tgl_bast", "no_bap", "tgl_bap"),
        *("besar_pembayaran", "progres_pekerjaan"),
    ),
}
"""Columns by event type, in the order in which their word on a package counts, least first."""
