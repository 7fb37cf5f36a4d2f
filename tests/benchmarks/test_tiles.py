"""What the benchmarks of tiles ask for, and what they say; none of their load."""

import json
import socket

import numpy as np
import pytest
from django.db import connection

from api import params
from benchmarks import hostile, invalidate, load, peers, programs, results, rows, session, tiles
from benchmarks.load import Load
from layers.follow import Followed
from layers.grid import Tile, bbox, key_range
from layers.index import points, snapshot_of
from layers.traits import Wordlist
from reports.layers import REPORTS
from tests.layers.points import key_of


def test_the_session_is_the_same_each_time_and_reaches_from_the_island_to_the_street():
    asked, distinct = session.requests(), session.tiles()
    assert asked == session.requests()
    assert set(asked) == set(distinct) and len(distinct) >= session.LENGTH
    assert {at.z for at in distinct} == set(range(session.LEAST, session.MOST + 1))
    assert asked[:3] == [Tile(13, 6528, 4236), Tile(11, 1630, 1058), Tile(12, 3262, 2118)]


def test_the_screen_lies_round_its_middle():
    assert Tile(14, 13053, 8474) in session.screen(*rows.MIDDLE, 14)
    west, south, east, north = bbox(session.tile_at(*rows.MIDDLE, 14))
    assert west <= rows.MIDDLE[0] < east and south < rows.MIDDLE[1] <= north


def test_the_reports_are_the_same_each_time_and_lie_in_the_city():
    one, same = (rows.reports(5_000, 3) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert one.lon.min() >= rows.WEST and one.lon.max() < rows.EAST
    assert one.lat.min() >= rows.SOUTH and one.lat.max() < rows.NORTH
    assert len(np.unique(one.lon)) < 4_900, "some share their spot"


def test_most_reports_lie_in_few_places():
    made = rows.reports(20_000, 3)
    cells = rows.keys(made.lon, made.lat) >> 2 * (30 - 15)
    counts = np.sort(np.unique(cells, return_counts=True)[1])[::-1]
    assert counts[: len(counts) // 10].sum() > len(made.lon) / 3


def test_keys_are_those_of_the_index():
    made = rows.reports(200, 3)
    assert rows.keys(made.lon, made.lat).tolist() == [
        key_of(lon, lat) for lon, lat in zip(made.lon, made.lat, strict=True)
    ]


def test_rows_in_the_database_are_those_in_memory(transactional_city):
    made, names = rows.reports(300, 3), rows.category_codes()[:3]
    rows.load(made, names)
    with connection.cursor() as cursor:
        snapshot = Followed(REPORTS, None).state(cursor).snapshot
    stored, wordlist = snapshot.rows(), Wordlist(REPORTS.traits)
    packed = rows.packed(made, wordlist, names).ordered()
    assert (stored.keys.tolist(), stored.ids.tolist()) == (packed.keys.tolist(), packed.ids.tolist())
    query = params.filter(f"category={names[0]}&kelurahan=31.71.01.1001,31.73.05.1001&to=2020-01-01", REPORTS)
    whole = key_range(Tile(0, 0, 0))
    counts = [
        points(each, query).number(whole[0], whole[1] + 1)
        for each in (snapshot, snapshot_of(packed, wordlist))
    ]
    assert counts[0] == counts[1]


def test_every_load_is_a_row_of_the_table_and_its_figures_are_named():
    own, other = Load(4, 1000.0, 1, 2, 3.004, 500, 0), Load(4, 10.0, 1, 2, 3, 500, 0)
    found = [("ours", 1_000, own), ("tipg", 1_000, other), ("martin", 1_000, None)]
    lines = tiles.compared(found)
    assert all(len(line) == len(tiles.HEADS) for line in lines)
    assert [line[-1] for line in lines] == [1.0, 100.0, None]
    assert tiles.best_ratio(found) == 100.0
    assert tiles.summary([("ours", 1_000, own)]) == {"cold_rps": 1000, "cold_p99_ms": 3.0}
    assert {"cold_rps", "cold_p99_ms", "cold_ratio_best_peer"} <= set(tiles.KEYS)


def test_what_is_not_here_is_said_so():
    assert tiles.best_ratio([("ours", 1, Load(4, 1.0, 1, 1, 1, 1, 0)), ("tipg", 1, None)]) is None
    (line,) = tiles.compared([("martin", 1_000, None)])
    assert line[:3] == ["martin", 1_000, "not here"]


def test_a_page_is_written_with_its_table_and_its_json(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(results, "RESULTS", tmp_path)
    page = results.Report("Of something")
    page.table(("server", "requests/s"), [("ours", 12_345.6), ("tipg", None)])
    page.close("some", dict.fromkeys(tiles.KEYS))
    written = (tmp_path / "some.md").read_text()
    assert "| ours   |     12,346 |" in written and "| tipg   |          - |" in written
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == dict.fromkeys(tiles.KEYS)


def test_a_machine_is_described_and_not_named():
    said = results.machine()
    assert "cores" in said and "Python" in said
    assert socket.gethostname() not in said and "/home" not in said


def test_peers_are_asked_for_the_same_tile():
    asked = {peer.name: peer.paths([Tile(12, 3263, 2118)])[0] for peer in peers.ALL}
    assert asked["tipg"].endswith("/12/3263/2118")
    assert asked["pygeoapi"].endswith("/12/2118/3263?f=mvt")
    assert "bbox=106.787109375,-6.22" in asked["pg_featureserv"]


def test_load_goes_to_this_machine_alone(monkeypatch):
    monkeypatch.setattr(programs, "find", lambda name: name)
    with pytest.raises(ValueError, match="this machine alone"):
        load.wrk("http://example.org", ["/"], 1, 1)


def test_hostile_filters_are_all_different():
    asked = hostile.never_seen()
    assert len({path.split("?")[1] for path in asked}) == len(asked) == hostile.ASKED
    assert hostile.random_tiles()[0] == hostile.random_tiles()[0]


def test_a_report_of_the_benchmark_is_the_same_each_time():
    assert invalidate.submission(3, "pace", None) == invalidate.submission(3, "pace", None)
