"""From agreement to pay: what funds an indicator, who is rated on it, and what is not known."""

from __future__ import annotations

from consumers.chain.graph import around_employee, around_indicator, around_sub_kegiatan
from consumers.chain.nodes import Graph
from consumers.chain.performance import performance_gaps
from tests.unit.test_stuck import UNIT, books

A, B = "198609262015051001", "198609262015051002"
PLAN = {"kode_sbl": "s", "kode_sub_skpd": UNIT, "kode_sub_giat": "1.01.01.1.01.0001", "pagu": "1000", "versi": "1"}
LINE = {"id_rinci_sub_bl": "1", "kode_sbl": "s", "kode_akun": "5.2.02.05.01.0005", "rincian": "900", "versi": "1"}
AGREED = {
    "id_indikator": "I", "nomor_pk": "PK/1", "kode_sub_skpd": UNIT, "kode_sbl": "s", "polaritas": "max",
    "target": "40,0", "satuan": "Dokumen", "indikator": "Keluaran", "versi": "1",
}  # fmt: skip
MEASURED = [
    {"id_indikator": "I", "tahun": "2025", "bulan": "12", "realisasi": "30.00"},
    {"id_indikator": "I", "tahun": "2025", "bulan": "3", "realisasi": "10.00"},
]
RATED = [
    {"id_skp": "S1", "pnsDinilaiId": A, "nomor_pk": "PK/1", "hasilKinerjaNilai": "2"},
    {"id_skp": "S2", "pnsDinilaiId": B, "nomor_pk": "PK/1", "hasilKinerjaNilai": "3"},
]
PAID = {"nip": A, "tahun": "2025", "bulan": "1", "kode_sub_skpd": UNIT, "dibayar": "100", "id_skp": "S1"}
ALL = {
    "sipd_renja_subkegiatan": [PLAN], "sipd_rka": [LINE], "sakip_perjanjian": [AGREED], "sakip_realisasi": MEASURED,
    "skp_kinerja": RATED, "tpp_bayar": [PAID],
}  # fmt: skip


def card(around, key, **kinds) -> Graph:
    graph = Graph()
    around(books(**kinds), key, graph)
    assert all(link.rows for link in graph.links.values())
    return graph


def test_an_indicator_leads_from_budget_to_pay():
    graph = card(around_indicator, "I", **ALL)
    assert set(graph.links) == {
        ("MAK:1.01.01.1.01.0001.5.2.02.05.01.0005", "SBL:s"),
        ("SBL:s", "INDIKATOR:I"),
        ("INDIKATOR:I", "PK:PK/1"),
        ("PK:PK/1", "SKP:S1"),
        ("PK:PK/1", "SKP:S2"),
        ("SKP:S1", f"NIP:{A}"),
        ("SKP:S2", f"NIP:{B}"),
        ("SKP:S1", f"TPP:{A}|2025|1"),
    }
    told = graph.nodes["INDIKATOR:I"].told
    assert (told["target"], told["reached_pct"]) == ("40,0", "75.00")
    assert list(told["measured"].items()) == [("2025-03", "10.00"), ("2025-12", "30.00")]
    assert graph.nodes["SBL:s"].told["dpa"] == "900.00"
    assert list(performance_gaps(graph)) == ["1 of 2 ratings: no allowance that cites them is known"]


def test_an_employee_sees_nobody_else():
    graph = card(around_employee, A, **ALL)
    assert "SBL:s" in graph.nodes
    assert not [name for name in graph.nodes if B in name or name == "SKP:S2"]


def test_links_grow_with_indicators_and_ratings_not_with_their_product():
    many = [{**AGREED, "id_indikator": f"I{n}"} for n in range(20)]
    rated = [{**RATED[0], "id_skp": f"S{n}"} for n in range(20)]
    graph = card(around_sub_kegiatan, "s", **{**ALL, "sakip_perjanjian": many, "skp_kinerja": rated, "tpp_bayar": []})
    assert len(graph.links) == 1 + 20 + 20 + 20 + 20


def test_what_is_not_known_is_said():
    lone = {**AGREED, "kode_sbl": "unknown", "target": "-"}
    gaps = list(performance_gaps(card(around_indicator, "I", sakip_perjanjian=[lone])))
    assert gaps == [
        "INDIKATOR:I: its target is not known",
        "INDIKATOR:I: nothing measured is known",
        "INDIKATOR:I: which DPA activity funds it is not known",
        "PK:PK/1: no rating that cites it is known",
    ]
    unbudgeted = card(around_indicator, "I", **{**ALL, "sipd_rka": []})
    assert "SBL:s: no DPA line is known, so what funds its indicators is not known" in performance_gaps(unbudgeted)
    least = card(around_indicator, "I", **{**ALL, "sakip_perjanjian": [{**AGREED, "polaritas": "min"}]})
    assert least.nodes["INDIKATOR:I"].told["reached_pct"] is None
