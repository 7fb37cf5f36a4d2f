"""Every statement that lives in a file: its form, its header, and that PostgreSQL can plan it."""

import ast
import importlib
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from layers import tiles
from layers.layer import catalogue

ROOT = Path(settings.ROOT)
APPS = (
    "geoplatform", "access", "layers", "boundaries", "staff", "reports", "subscriptions", "casework",
    "ingest", "api", "fixtures",
)  # fmt: skip
FILES = sorted(path for app in APPS for path in ROOT.glob(f"{app}/sql/*.sql"))
INCOMING = [path for path in FILES if path.stem == "incoming"]
FUNCTIONS = sorted(ROOT.glob("*/migrations/_functions.py"))
PARAM = re.compile(r"%\((\w+)\)s")
SHARED = "see layers/tiles.py"  # what the header of a tile says of the parameters that all of them have
KNOWN_HEADINGS = {"params", "returns", "index", "caller"}

# A value of the right type for each parameter of any statement.
SAMPLES = {
    "handed_on": ["kelurahan-31.71.01.1001"],
    "action": "login",
    "address": "192.0.2.7",
    "agent": "Firefox",
    "area": None,
    "categories": ["road"],
    "id": 1,
    "place": "31.71.01.1001",
    "problems": True,
    "places": ["31.71%"],
    "reach": 1000,
    "revision": 0,
    "anew": True,
    "escalations": [1],
    "nowhere": "no address is known",
    "notes": ["ended"],
    "settled": True,
    "unit": False,
    "until": 9,
    "untouched": datetime(2024, 5, 14, tzinfo=UTC),
    "used": [1],
    "after": 0,
    "after_change": 0,
    "after_photo": 0,
    "after_points": 10,
    "alike": 6,
    "archived": 0,
    "author_s": 86400,
    "at": datetime(2026, 5, 14, tzinfo=UTC),
    "batch": "[]",
    "before": datetime(2026, 5, 14, tzinfo=UTC),
    "buffer": 0.0625,
    "by": "user:1",
    "bytes": 1000,
    "cases": [1],
    "category": "road",
    "cell_shift": 26,
    "channels": ["qlue"],
    "client": "fixmystreet",
    "code": "31.71.01",
    "codes": ["31.71.01.1001"],
    "digests": [b"1"],
    "digits": 5,
    "disputed": True,
    "distinct": True,
    "east": 106.9,
    "edition_id": 1,
    "editions": [1],
    "days": "[]",
    "epoch_day": date(1900, 1, 1),
    "event_s": 21600,
    "external_id": "1",
    "external_ids": ["1"],
    "feed": "waze",
    "feeds": ["waze"],
    "below": 1 << 62,
    "most": 1000,
    "lock": "x",
    "first_key": 0,
    "form": "geojson",
    "former": 1,
    "from": date(2026, 5, 1),
    "how": "touches",
    "ids": [1],
    "items": 1,
    "kind": "fuel",
    "kinds": ["fuel"],
    "known": [1],
    "last": 0,
    "last_key": 1 << 60,
    "lat": -6.2,
    "layer": "reports",
    "layers": ["reports"],
    "level": "kelurahan",
    "levels": ["kelurahan"],
    "limit": 10,
    "merge": 1,
    "lon": 106.8,
    "near_m": 300,
    "notice": 1,
    "north": -6.1,
    "is_near": False,
    "neighbour": None,
    "norms": "[]",
    "now": datetime(2026, 5, 14, tzinfo=UTC),
    "office": "kelurahan-31.71.01.1001",
    "offices": ["kelurahan-31.71.01.1001"],
    "official": 1,
    "officials": [1],
    "on": date(2026, 5, 14),
    "outcomes": [8],
    "pairs": "[]",
    "permissions": ["triage"],
    "parent": "31.71",
    "paused": "[]",
    "past": True,
    "known_at": datetime(2026, 5, 14, tzinfo=UTC),
    "photo_s": 604800,
    "prefix": "Gam",
    "ranges": "[]",
    "reach_m": 50.0,
    "related": '[["flood", "drainage", 0.5]]',
    "reports": [1],
    "round_s": 604800,
    "rule": "2026-11",
    "rung": 2,
    "screenful": 2000,
    "simulated": False,
    "since": date(2026, 5, 14),
    "soon_s": 1800,
    "south": -6.2,
    "steps": [1],
    "name": "layers_jam_2026_05",
    "table": "layers_jam",
    "tables": ["layers_jam"],
    "taken_at": datetime(2026, 5, 14, tzinfo=UTC),
    "threshold": 0.5,
    "tier": "kelurahan",
    "to": date(2026, 5, 31),
    "today": "2026-05-14",
    "tolerance": 0.001,
    "weights": '{"bias": -4}',
    "west": 106.8,
    "x": 0,
    "y": 0,
    "z": 0,
    "zoom": 12,
    "fetched_at": datetime(2026, 5, 14, tzinfo=UTC),
    "sure": "[]",
    "zone": "Asia/Jakarta",
}


def name(path: Path) -> str:
    return f"{path.parts[-3]}/{path.stem}"


every_file = pytest.mark.parametrize("path", FILES, ids=name)
every_tile = pytest.mark.parametrize("path", [path for path in FILES if path.stem.endswith("tile")], ids=name)


def header(path: Path) -> tuple[str, dict[str, str]]:
    """Return the first line without its dashes, and the text under each heading."""
    first, *lines = path.read_text(encoding="utf-8").splitlines()
    found: dict[str, str] = {}
    heading = ""
    for line in lines:
        if line in ("--", "") or not line.startswith("-- "):
            if found:
                break
            continue
        word, _, rest = line.removeprefix("-- ").partition(" ")
        if word:
            heading = word
        found[heading] = f"{found.get(heading, '')} {rest}".strip()
    return first.removeprefix("-- "), found


def code(path: Path) -> str:
    """Return a statement without comments and without the content of its strings."""
    bare = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    return re.sub(r"'[^']*'", "''", bare).strip()


def strings(module: Path) -> list[re.Pattern[str]]:
    """Return every string of a module as a pattern; what an f-string fills in may be any word."""
    found = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.append(re.escape(node.value))
        if isinstance(node, ast.JoinedStr):
            parts = (re.escape(p.value) if isinstance(p, ast.Constant) else r"\w+" for p in node.values)
            found.append("".join(parts))
    return [re.compile(pattern) for pattern in found]


def test_there_are_statements():
    assert len(FILES) >= 20


@every_file
def test_a_file_holds_one_statement(path):
    assert ";" not in code(path).removesuffix(";")


@every_file
def test_the_header_gives_the_name_of_the_file_and_a_sentence(path):
    first, _ = header(path)
    assert re.fullmatch(rf"{path.stem}: .+", first), first


@every_file
def test_the_header_says_what_goes_in_what_comes_out_and_who_calls(path):
    _, found = header(path)
    wanted = {"returns", "caller"} | ({"params"} if PARAM.search(path.read_text()) else set())
    assert wanted <= set(found) <= KNOWN_HEADINGS
    assert all(found.values())


@every_file
def test_every_parameter_is_named_in_the_header(path):
    _, found = header(path)
    described = found.get("params", "")
    named = set(PARAM.findall(described))
    if SHARED in described:
        named |= set(re.findall(r"``(\w+)``", str(tiles.statement_tile.__doc__)))
    body = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("--"))
    assert set(PARAM.findall(body)) <= named
    if SHARED not in described:
        assert named == set(PARAM.findall(body))


@every_file
def test_the_caller_that_the_header_names_exists_and_runs_the_statement(path):
    _, found = header(path)
    module, _, function = found["caller"].rpartition(".")
    caller = importlib.import_module(module)
    assert callable(getattr(caller, function))
    if found["caller"] in ("layers.tiles.statement_tile", "layers.follow.Followed"):
        assert name(path) in {layer.statement for layer in catalogue().values()}
    else:
        assert any(string.fullmatch(name(path)) for string in strings(Path(str(caller.__file__))))


@every_file
def test_postgresql_can_plan_it(db, path):
    with connection.cursor() as cursor:
        for incoming in INCOMING:
            cursor.execute(incoming.read_text())
        # A table to be made has no plan: that it can be made is all there is to see.
        if path not in INCOMING:
            cursor.execute(f"EXPLAIN {path.read_text()}", SAMPLES)
            assert cursor.fetchall()


@every_tile
@pytest.mark.parametrize("form", ["mvt", "geojson"])
def test_a_tile_can_be_planned_in_both_forms(db, path, form):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {path.read_text()}", SAMPLES | {"form": form})
        assert cursor.fetchall()


# House, decision 7: on 50 border vertices "contains" matched nothing, "covers" 107 times.
@pytest.mark.parametrize("path", [*FILES, *FUNCTIONS], ids=lambda path: str(path.relative_to(ROOT)))
def test_no_statement_asks_for_st_contains(path):
    bare = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    assert "st_contains" not in bare.lower()


def test_every_layer_has_the_statement_that_it_names():
    files = {name(path) for path in FILES}
    assert {layer.statement for layer in catalogue().values()} <= files
