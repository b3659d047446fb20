"""The benchmark's province: every row of it is read, and a late announcement joins two packages."""

from __future__ import annotations

from bus.engine import run
from consumers import CHAIN
from ops.bench.province import PER_SUB_KEGIATAN, bridging, package, write_province
from ops.chain import Asked, chain_show
from ops.home import opened
from ops.ingest import Request, ingest
from ops.settings import Settings


def test_every_row_is_read_and_a_late_link_joins_two(tmp_path):
    rows = write_province(tmp_path / "feed", [0, 3])
    bridging(tmp_path / "late", 0, 3 * PER_SUB_KEGIATAN)
    with opened(Settings(home=tmp_path / "home"), 10) as parts:
        read = ingest(parts, Request("auto", [tmp_path / "feed", tmp_path / "late"]))
        assert (read["read"], read["published"], read["rejected"]) == (rows + 1, rows + 1, 0)
        run(parts, [CHAIN], until_caught_up=True)
        card = chain_show(parts, package(99_000_000), Asked())
    kinds = [node["kind"] for node in card["nodes"]]
    assert (kinds.count("rup_package"), kinds.count("budget_line") >= 2) == (2, True)
