"""A card from agreement to pay meets the months that TUKIN settled, under both clocks."""

from __future__ import annotations

from bus.engine import run
from consumers import CHAIN
from ops.chain import Asked, chain_show
from ops.demo.office import paid
from ops.ingest import Request, ingest
from tests.tukin.through_bus import home

NIP = "990010000000000003"
HEAD = (
    "id_skp,pnsDinilaiId,tahun,periodikId,bulanMulaiPenilaian,bulanSelesaiPenilaian,hasilKinerjaNilai,"
    "perilakuKerjaNilai,kuadranKinerjaNilai,penilaiNipNrp,nomor_pk,tanggal_penilaian\n"
)
ROWS = f"SKP-1,{NIP},2025,3,7,9,2,2,3,{NIP},PK/1,08-10-2025\nSKP-2,990010000000009999,2025,3,7,9,2,2,3,{NIP},PK/1,\n"


def test_a_settled_month_is_where_the_card_ends(tmp_path):
    skp = tmp_path / "skp-kinerja.csv"
    skp.write_text(HEAD + ROWS, encoding="utf-8")
    with home(tmp_path / "home") as parts:
        ingest(parts, Request("auto", [skp]))
        run(parts, [CHAIN], until_caught_up=True)
        assert "1 of 1 employees: no month settled by TUKIN is known" in chain_show(parts, NIP, Asked())["gaps"]
        before = parts.now_ms()
        paid(parts)
        card = chain_show(parts, f"NIP:{NIP}", Asked())
        line = next(node for node in card["nodes"] if node["kind"] == "pay_line")
        assert (line["id"], line["amount"]) == (f"TUKIN:{NIP}|2025-09", "3864000.00")
        assert (line["told"]["performance_base_rp"], line["told"]["performance_rp"]) == (2520000, 2268000)
        assert [link["from"] for link in card["links"] if link["to"] == line["id"]] == [f"NIP:{NIP}"]
        assert all(link["evidence"] for link in card["links"])
        assert not any("TUKIN" in gap for gap in card["gaps"])
        assert not [node for node in card["nodes"] if "9999" in node["id"]]
        then = chain_show(parts, f"NIP:{NIP}", Asked(known_at=before))
        assert not [node for node in then["nodes"] if node["kind"] == "pay_line"]
