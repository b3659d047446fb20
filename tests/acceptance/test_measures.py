"""The figures: exact on the bundled feed, and equal to a second reading of the texts on others."""

from __future__ import annotations

import pytest

from tests.acceptance.cli import OBSERVED_AT, only
from tests.oracle import feeds, isb
from tests.oracle.published import MEASURES


@pytest.fixture(scope="module")
def bundled_world():
    return isb.world([isb.Export(isb.read_folder(feeds.BUNDLE), "2025-10-03")])


def by_unit(report) -> dict[str, dict[str, int]]:
    return {entry["unit"]: entry["measures"] for entry in report["by_unit"]}


def assert_by_unit(report, world):
    """Every unit that buys anything is there, and no other claims a package."""
    told = by_unit(report)
    nothing = dict.fromkeys(isb.MEASURES, 0)
    for unit in world.units() | told.keys():
        assert only(told.get(unit, nothing), isb.MEASURES) == world.measures(unit), unit


def test_bundled_feed_gives_the_published_measures(bundled):
    grms, _ = bundled
    assert only(grms.measures(), MEASURES) == MEASURES


def test_bundled_feed_is_read_whole(bundled, bundle):
    _, report = bundled
    assert report["read"] == sum(len(rows) for rows in bundle.values())
    assert report["rejected"] == 0
    assert report["ignored"] == []
    files = {entry["file"].split(".")[0]: entry for entry in report["files"]}
    assert files.keys() == bundle.keys()
    for name, rows in isb.read_folder(feeds.BUNDLE).items():
        entry = files[name]
        assert (entry["rows"], entry["copies"], entry["gone"]) == (len(rows), isb.copies(rows), 0), name
        assert not entry["problem"], name
        assert entry["source"] == "isb", name


def test_bundled_measures_by_unit(bundled, bundled_world):
    grms, _ = bundled
    assert_by_unit(grms.report(), bundled_world)


def test_one_unit_alone_reports_its_own_measures(bundled, bundled_world):
    grms, _ = bundled
    unit = "1.03.2.15.1.04.03.0000"
    assert only(grms.measures("--unit", unit), isb.MEASURES) == bundled_world.measures(unit)


def test_bundled_feed_rebuilds_to_the_same_views(bundled):
    grms, _ = bundled
    assert grms.json("view", "rebuild")["equal"] is True


def test_bundled_feed_read_again_publishes_nothing(bundled):
    grms, _ = bundled
    before = grms.hash()
    again = grms.ingest(feeds.BUNDLE)
    assert (again["events"], again["published"], again["unchanged"]) == (0, 0, again["read"])
    grms.run()
    assert grms.hash() == before


@pytest.mark.parametrize("oddity", feeds.ODDITIES, ids=lambda oddity: oddity.__name__)
def test_one_oddity_at_a_time(oddity, grms, seeded, tmp_path):
    feed, rng = seeded(1)
    folder = feeds.write(feeds.dirty(feed, rng, [oddity]), tmp_path / "feed")
    grms.ingest(folder, "--observed-at", OBSERVED_AT)
    grms.run()
    expected = isb.world(feeds.exported([(folder, OBSERVED_AT)])).measures()
    assert only(grms.measures(), isb.MEASURES) == expected


@pytest.mark.parametrize("seed", range(4))
def test_every_oddity_at_once(seed, grms, seeded, tmp_path):
    feed, rng = seeded(100 + seed)
    folder = feeds.write(feeds.dirty(feed, rng), tmp_path / "feed", pulled="2025-10-03")
    report = grms.ingest(folder)
    grms.run()
    expected = isb.world(feeds.exported([(folder, "2025-10-03")]))
    told = grms.report()
    assert only(told["measures"], isb.MEASURES) == expected.measures()
    assert_by_unit(told, expected)
    rows = isb.read_folder(folder)
    copies = {entry["file"].split(".")[0]: entry["copies"] for entry in report["files"]}
    assert copies == {name: isb.copies(held) for name, held in rows.items()}


def test_three_times_the_packages(grms, seeded, tmp_path):
    feed, _ = seeded(7)
    folder = feeds.write(feeds.multiplied(feed, 3), tmp_path / "feed", pulled="2025-10-03")
    grms.ingest(folder)
    grms.run()
    expected = isb.world(feeds.exported([(folder, "2025-10-03")])).measures()
    assert only(grms.measures(), isb.MEASURES) == expected
    assert expected["contract_numbers"] == 3 * len(
        {(r["kd_nontender"], isb.norm(r["no_kontrak"])) for r in feed[feeds.KONTRAK]}
    )


def test_a_master_that_comes_last_links_what_came_before(new_home, seeded, tmp_path):
    feed, _ = seeded(8)
    masters = {name: rows for name, rows in feed.items() if name.startswith("rup-")}
    rest = {name: rows for name, rows in feed.items() if name not in masters}
    late, early = new_home("late"), new_home("early")
    folders = [
        feeds.write(part, tmp_path / name, pulled="2025-10-03") for name, part in (("rest", rest), ("masters", masters))
    ]
    for folder in folders:
        late.ingest(folder)
        late.run()
    early.ingest(*reversed(folders))
    early.run()
    assert late.hash() == early.hash()
    whole = isb.world(feeds.exported([(feeds.write(feed, tmp_path / "whole"), "2025-10-03")]))
    assert only(late.measures(), isb.MEASURES) == whole.measures()


def test_null_empty_and_absent_are_one_content(grms, seeded, tmp_path):
    feed, _ = seeded(9)
    row = next(row for row in feed[feeds.KONTRAK] if row["alasan_addendum"] is None)
    rows = [row, dict(row, alasan_addendum=""), dict(row, nilai_kontrak=str(row["nilai_kontrak"]))]
    folder = feeds.write({feeds.KONTRAK: rows}, tmp_path / "feed", pulled="2025-10-03")
    report = grms.ingest(folder)
    assert (report["read"], report["events"], report["files"][0]["copies"]) == (3, 1, 2)


def test_one_sen_beyond_the_contract_counts_and_a_float_does_not(grms, seeded, tmp_path):
    feed, rng = seeded(10)
    contract = feed[feeds.KONTRAK][0]
    handover = next(row for row in feed[feeds.BAPBAST] if row["no_kontrak"])
    first, second = feeds.deceptive(rng)
    rows: feeds.Feed = {feeds.KONTRAK: [], feeds.BAPBAST: []}
    for number, beyond in ((1, 0), (2, 1)):
        same = {"kd_nontender": 10000000000 + number, "no_kontrak": f"{number}/SPK/2025"}
        value = (first + second) / 100
        rows[feeds.KONTRAK].append(dict(contract, **same, nilai_kontrak=value))
        rows[feeds.BAPBAST] += [
            dict(handover, **same, no_bap=f"BAP/{part}", nilai_kontrak=value, besar_pembayaran=sen / 100)
            for part, sen in enumerate((first, second + beyond))
        ]
    grms.ingest(feeds.write(rows, tmp_path / "feed", pulled="2025-10-03"))
    grms.run()
    assert grms.measures()["contract_numbers_paid_beyond_value"] == 1
