"""The rules over every database: the province's hits and figures, whatever the store lies in."""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from bus import Parts
from bus.engine import live_generation, run, view_hash
from bus.log import EmbeddedLog
from bus.store import Store, open_codec
from consumers import CHAIN
from ops.ingest import Request, ingest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "ops" / "demo" / "province"
EXPECTED = json.loads((ROOT / "tests" / "oracle" / "province-expected.json").read_text(encoding="utf-8"))


def test_the_province_has_its_hits_in_every_database(database, tmp_path):
    with closing(Store(database)) as store, closing(EmbeddedLog(tmp_path / "log.sqlite", partitions=2)) as log:
        parts = Parts(store, log, open_codec(store), lambda: 1_760_000_000_000)
        for paths in (sorted(SAMPLE.glob("s*")), [SAMPLE]):
            ingest(parts, Request("auto", paths))
            run(parts, [CHAIN], until_caught_up=True)
        hits = defaultdict(list)
        with store.read() as tx:
            generation = live_generation(parts, CHAIN)
            sql = "select body from view_row where generation = ? and view = 'integrity'"
            for (body,) in tx.all(sql, generation):
                hit = json.loads(body)
                hits[hit["rule"]].append(hit["key"])
            hashes = view_hash(tx, CHAIN, generation)
    assert {rule: sorted(keys) for rule, keys in hits.items()} == EXPECTED["violations"]
    assert set(hashes) == set(CHAIN.views)
