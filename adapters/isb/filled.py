"""Columns that the feed's files always have and nearly always fill, by file kind.

Source: the real feed and the synthetic province: filled in at least three of five rows of both. Rows may leave out
what is null, so only these tell that a column is gone from a file.
"""

from __future__ import annotations

__all__ = ["FILLED"]

_COLUMNS = {
    "rup-master-satker": "kd_satker kd_satker_str nama_satker status_satker jenis_satker kd_klpd nama_klpd jenis_klpd",
    "rup-program-master": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_program kd_program_str nama_program pagu_program "
        "is_deleted"
    ),
    "rup-kegiatan-master": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_program kd_kegiatan kd_kegiatan_str "
        "nama_kegiatan pagu_kegiatan is_deleted"
    ),
    "rup-subkegiatan-master": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_program kd_kegiatan kd_subkegiatan "
        "kd_subkegiatan_str nama_subkegiatan pagu_subkegiatan is_deleted"
    ),
    "rup-struktur-anggaran-pd": "kd_klpd nama_klpd kd_satker kd_satker_str nama_satker",
    "spse-nontender-pengumuman": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker lls_id kd_lpse nama_lpse "
        "kd_nontender kd_pkt_dce kd_rup nama_paket pagu hps sumber_dana mak kualifikasi_paket jenis_pengadaan "
        "mtd_pemilihan kontrak_pembayaran status_nontender versi_nontender tgl_buat_paket tgl_kolektif_kolegial "
        "tgl_pengumuman_nontender nip_nama_ppk nip_nama_pp url_lpse repeat_order"
    ),
    "spse-nontender-selesai": (
        "tahun_anggaran lpse_id kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse nama_lpse "
        "kd_nontender kd_pkt_dce kd_rup nama_paket pagu hps nilai_penawaran nilai_terkoreksi nilai_negosiasi "
        "sumber_dana mak kualifikasi_paket jenis_pengadaan mtd_pemilihan kontrak_pembayaran status_nontender "
        "tgl_pengumuman_nontender tgl_selesai_nontender kd_penyedia nama_penyedia npwp_penyedia npwp16_penyedia "
        "url_lpse"
    ),
    "spse-tender-pengumuman": (
        "tahun_anggaran list_tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker "
        "kd_lpse nama_lpse kd_tender kd_pkt_dce kd_rup nama_paket pagu hps sumber_dana kualifikasi_paket "
        "jenis_pengadaan mtd_pemilihan mtd_evaluasi mtd_kualifikasi kontrak_pembayaran status_tender "
        "tanggal_status versi_tender tgl_buat_paket tgl_kolektif_kolegial tgl_pengumuman_tender nip_ppk nama_ppk "
        "nip_pokja nama_pokja lokasi_pekerjaan url_lpse"
    ),
    "spse-tender-selesai-nilai": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker nama_satker kd_lpse kd_tender kd_paket kd_rup_paket "
        "pagu hps nilai_penawaran nilai_terkoreksi nilai_negosiasi nilai_kontrak tgl_pengumuman_tender "
        "tgl_penetapan_pemenang kd_penyedia nama_penyedia npwp_penyedia npwp_16_penyedia"
    ),
    "spse-tender-selesai": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse nama_lpse "
        "kd_tender kd_pkt_dce kd_rup nama_paket pagu hps sumber_dana mak kualifikasi_paket jenis_pengadaan "
        "mtd_pemilihan mtd_evaluasi mtd_kualifikasi kontrak_pembayaran status_tender tgl_pengumuman_tender "
        "tgl_penetapan_pemenang url_lpse"
    ),
    "ecat-paket-v6": (
        "tahun_anggaran jenis_instansi nama_instansi nama_satker kd_klpd kd_satker_str kd_paket kd_rup "
        "rup_nama_pkt sumber_dana mak kd_penyedia_v6 kd_penyedia_sikap jml_jenis_produk jml_produk ongkir "
        "total_harga tgl_order status_pkt status_pengiriman"
    ),
    "spse-nontender-sppbj": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_nontender "
        "nama_paket mtd_pengadaan no_sppbj tgl_sppbj kota_sppbj nip_ppk nama_ppk jabatan_ppk nama_penyedia "
        "npwp_penyedia npwp_penyedia_16 harga_final nilai_jaminan_pelaksanaan masa_berlaku_jaminan status_kontrak "
        "apakah_addendum versi_addendum"
    ),
    "spse-nontender-kontrak": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_nontender "
        "nama_paket mtd_pengadaan no_sppbj no_kontrak tgl_kontrak kota_kontrak nip_ppk nama_ppk jabatan_ppk "
        "no_sk_ppk nama_penyedia npwp_penyedia npwp16_penyedia bentuk_usaha_penyedia wakil_sah_penyedia "
        "jabatan_wakil_penyedia nama_rek_bank no_rek_bank nilai_kontrak nilai_pdn_kontrak nilai_umk_kontrak "
        "jenis_kontrak status_kontrak apakah_addendum versi_addendum"
    ),
    "spse-nontender-spmk": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_nontender "
        "nama_paket mtd_pengadaan no_sppbj no_kontrak tgl_kontrak no_spmk_spp tgl_spmk_spp tgl_mulai_pekerjaan "
        "tgl_selesai_pekerjaan waktu_penyelesaian kota_spmk_spp nip_ppk nama_ppk jabatan_ppk nama_penyedia "
        "npwp_penyedia npwp_16_penyedia wakil_sah_penyedia jabatan_wakil_penyedia status_kontrak apakah_addendum "
        "versi_addendum"
    ),
    "spse-nontender-bapbast": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_nontender "
        "nama_paket mtd_pengadaan no_sppbj no_kontrak tgl_kontrak nilai_kontrak nip_ppk nama_ppk jabatan_ppk "
        "no_sk_ppk jabatan_penandatangan_sk nama_penyedia npwp_penyedia npwp_16_penyedia jabatan_wakil_penyedia "
        "no_bast tgl_bast no_bap tgl_bap besar_pembayaran cara_pembayaran_kontrak status_kontrak apakah_addendum "
        "versi_addendum"
    ),
    "spse-tender-sppbj": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_tender "
        "nama_paket no_sppbj tgl_sppbj kota_sppbj nip_ppk nama_ppk jabatan_ppk nama_penyedia npwp_penyedia "
        "npwp_penyedia_16 harga_final nilai_jaminan_pelaksanaan masa_berlaku_jaminan status_kontrak "
        "apakah_addendum versi_addendum"
    ),
    "spse-tender-kontrak": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_tender "
        "nama_paket no_sppbj no_kontrak tgl_kontrak tgl_kontrak_awal tgl_kontrak_akhir kota_kontrak nip_ppk "
        "nama_ppk jabatan_ppk no_sk_ppk kd_penyedia nama_penyedia npwp_penyedia npwp_16_penyedia "
        "bentuk_usaha_penyedia wakil_sah_penyedia jabatan_wakil_penyedia nama_rek_bank no_rek_bank "
        "nama_pemilik_rek_bank nilai_kontrak nilai_pdn_kontrak nilai_umk_kontrak jenis_kontrak status_kontrak "
        "apakah_addendum versi_addendum"
    ),
    "spse-tender-spmk": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_tender "
        "nama_paket no_sppbj no_kontrak no_spmk_spp tgl_spmk_spp tgl_mulai_pekerjaan tgl_selesai_pekerjaan "
        "waktu_penyelesaian kota_spmk_spp nama_ppk nip_ppk jabatan_ppk nama_penyedia npwp_penyedia "
        "npwp_penyedia_16 wakil_sah_penyedia jabatan_wakil_penyedia"
    ),
    "spse-tender-bapbast": (
        "tahun_anggaran kd_klpd nama_klpd jenis_klpd kd_satker kd_satker_str nama_satker kd_lpse kd_tender "
        "nama_paket no_sppbj no_kontrak tgl_kontrak nilai_kontrak nip_ppk nama_ppk jabatan_ppk no_sk_ppk "
        "jabatan_penandatangan_sk nama_penyedia npwp_penyedia npwp_16_penyedia wakil_sah_penyedia "
        "jabatan_wakil_penyedia no_bast tgl_bast no_bap tgl_bap besar_pembayaran progres_pekerjaan "
        "cara_pembayaran_kontrak status_kontrak apakah_addendum versi_addendum"
    ),
}

FILLED = {kind: frozenset(columns.split()) for kind, columns in _COLUMNS.items()}
