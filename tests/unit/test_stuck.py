"""What waits: each stage's last step, since when, and whose turn it is."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from consumers.chain.rules import Asof, Books, Row
from consumers.chain.rules.books import memory
from consumers.chain.stuck import deviation_of, waiting

TODAY = date(2025, 12, 31)
UNIT = "1.01.0.00.0.00.01.0000"


def books(**kinds) -> Books:
    rows = {
        kind.replace("_", "-"): [
            Row(str(n), {k: str(v) for k, v in row.items()}, "", f"{kind}{n}", None) for n, row in enumerate(found)
        ]
        for kind, found in kinds.items()
    }
    return Books(memory(rows), Asof(TODAY, 2025))


RUP = {
    "kd_rup": "90000001", "kd_satker_str": UNIT, "pagu": "100", "tgl_awal_pemilihan": "2025-03-01",
    "tgl_pengumuman_paket": "2025-01-02", "status_aktif_rup": "true", "status_delete_rup": "false",
    "status_umumkan_rup": "Terumumkan",
}  # fmt: skip
KONTRAK = {
    "kd_nontender": "1", "no_kontrak": "A/1", "versi_addendum": "0", "nilai_kontrak": "100", "kd_satker_str": UNIT,
    "tgl_kontrak": "2025-02-01",
}  # fmt: skip
SPMK = {"kd_nontender": "1", "no_kontrak": "A/1", "tgl_selesai_pekerjaan": "2025-06-30"}
BAP = {"kd_nontender": "1", "no_kontrak": "A/1", "no_bap": "B/1", "tgl_bap": "2025-07-10", "besar_pembayaran": "100"}
SPP = {"idSpp": "4", "kode_sub_skpd": UNIT, "nomorKontrak": "a/ 1", "nilaiSpp": "100", "tanggalSpp": "2025-07-20"}
SPM = {"idSpm": "5", "idSpp": "4", "tanggalSpm": "2025-07-25", "nilaiSpm": "100"}


def turns(subject, **kinds) -> list[tuple[str, str, int]]:
    return [(item.stage, item.turn, item.age_days(TODAY)) for item in waiting(books(**kinds), subject, TODAY)]


def test_a_package_that_nobody_uses_waits_for_its_selection():
    assert turns("RUP:90000001", rup_paket_penyedia_terumumkan=[RUP]) == [("announced", "pokja", 305)]
    used = [{"kd_nontender": "1", "kd_rup": "90000001"}]
    assert turns("RUP:90000001", rup_paket_penyedia_terumumkan=[RUP], spse_nontender_pengumuman=used) == []


def test_work_past_its_day_waits_for_the_provider():
    assert turns("PKG:NT:1", spse_nontender_kontrak=[KONTRAK], spse_nontender_spmk=[SPMK]) == [
        ("signed", "provider", 184)
    ]


def test_what_was_handed_over_waits_for_its_payment_to_be_filed():
    kinds = {"spse_nontender_kontrak": [KONTRAK], "spse_nontender_bapbast": [BAP]}
    assert turns("PKG:NT:1", **kinds) == [("handed_over", "pptk", 174)]
    assert turns("PKG:NT:1", **kinds, sipd_spp=[SPP]) == []


def test_a_payment_waits_where_it_stopped():
    assert turns("SPP:4", sipd_spp=[SPP]) == [("spp_filed", "ppk_skpd", 164)]
    assert turns("SPP:4", sipd_spp=[SPP], sipd_spm=[SPM]) == [("spm_issued", "bud", 159)]
    paid = {"id_sp_2_d": "6", "id_spm": "5", "tanggal_sp_2_d": "2025-08-01"}
    assert turns("SPP:4", sipd_spp=[SPP], sipd_spm=[SPM], sipd_sp2d=[paid]) == []
    cancelled = [{**paid, "deleted_at": "2025-08-02 10:00:00"}]
    assert turns("SPP:4", sipd_spp=[SPP], sipd_spm=[SPM], sipd_sp2d=cancelled) == [("spm_issued", "bud", 159)]


def test_nothing_waits_before_it_happened():
    assert list(waiting(books(sipd_spp=[SPP]), "SPP:4", date(2025, 7, 19))) == []


def test_the_last_reported_month_tells_how_far_work_and_money_are_apart():
    plan = {"kode_sbl": "s", "kode_sub_skpd": UNIT, "pagu": "1000", "versi": "1"}
    told = {"kode_sbl": "s", "kode_sub_skpd": UNIT, "rak": "500", "update_fisik_at": "2025-04-01 09:00:00"}
    months = [
        {**told, "bulan": "2", "realisasi_anggaran": "100", "realisasi_fisik": "10.00"},
        {**told, "bulan": "10", "realisasi_anggaran": "400", "realisasi_fisik": "25.50"},
        {**told, "bulan": "11", "realisasi_anggaran": "450", "realisasi_fisik": ""},
    ]
    found = deviation_of(books(sipd_renja_subkegiatan=[plan], rfk_bulanan=months), "s")
    assert found is not None
    assert (found.month, found.physical, found.financial) == ("10", Decimal("25.50"), Decimal("40.00"))
    assert found.planned == Decimal("50.00")
    assert deviation_of(books(sipd_renja_subkegiatan=[plan]), "s") is None
