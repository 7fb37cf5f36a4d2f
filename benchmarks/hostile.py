"""Whether someone who asks for random tiles and filters never seen slows a normal session down."""

from datetime import date, timedelta
from random import Random

from benchmarks import load, programs, session
from benchmarks.results import Report
from benchmarks.rows import EAST, NORTH, SEED, SOUTH, WEST
from layers.grid import MAX_ZOOM

ASKED = 20_000
CONNECTIONS, NORMAL = 16, 4


def measure(page: Report, seconds: float) -> None:
    """Add to a page how long a normal session's tiles take before and during it."""
    paths = [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt" for at in session.requests()]
    with programs.ours() as url:
        load.wrk(url, paths, NORMAL, 1)
        lines = [("alone", load.wrk(url, paths, NORMAL, seconds))]
        for name, asked in (("random tiles of z22", random_tiles()), ("filters never seen", never_seen())):
            with load.started(url, asked, CONNECTIONS, seconds + 2):
                lines.append((name, load.wrk(url, paths, NORMAL, seconds)))
    page.say(
        f"A normal session on {NORMAL} connections, its tiles kept, while another client asks on"
        f" {CONNECTIONS} connections, as fast as it is answered, for what nobody asked before:"
    )
    heads = ("beside it", "requests/s", "p50 ms", "p99 ms")
    page.table(heads, [(name, one.rps, one.p50_ms, one.p99_ms) for name, one in lines if one])


def random_tiles(seed: int = SEED) -> list[str]:
    """Return the paths of tiles of a few metres anywhere in the city."""
    dice = Random(seed)
    spots = [(dice.uniform(WEST, EAST), dice.uniform(SOUTH, NORTH)) for _ in range(ASKED)]
    tiles = [session.tile_at(lon, lat, MAX_ZOOM) for lon, lat in spots]
    return [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt" for at in tiles]


def never_seen(seed: int = SEED) -> list[str]:
    """Return the paths of tiles with filters, each another one."""
    dice = Random(seed)
    tiles = session.tiles()
    filters = []
    for number in range(ASKED):
        since = date(2015, 1, 1) + timedelta(days=number % 2000)
        until = since + timedelta(days=1 + number // 2000 + dice.randrange(100) * 10)
        filters.append(f"from={since}&to={until}&status=waiting")
    asked = [(dice.choice(tiles), filter) for filter in filters]
    return [f"/tiles/reports/{at.z}/{at.x}/{at.y}.mvt?{filter}" for at, filter in asked]
