"""Two processes of a machine, whatever happens to them: a tile is that of the rows, and so is its tag."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import psycopg
import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from layers import follow, live, revisions, tiles
from layers.cache import Cache
from layers.follow import Followed
from layers.grid import Tile
from layers.traits import wanted
from reports import intake
from reports.layers import REPORTS
from reports.models import Report
from reports.record import Submission
from tests.conftest import MONAS
from tests.grid import tile_of

NOW = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
PLACES = [(MONAS[0] + dx, MONAS[1] + dy) for dx, dy in ((0, 0), (0.0001, 0), (0.05, 0), (0, -0.09))]
TILES = [Tile(0, 0, 0), *(tile_of(*place, zoom) for place in PLACES for zoom in (11, 14, 18))]
FILTERS: list[dict[str, list[str]]] = [{}, {"status": ["waiting"]}, {"category": ["road", "tree"]}]


class Process:
    """A web process as far as tiles go: what it follows, and the tiles that it keeps."""

    def __init__(self, folder: Path, cursor: Any) -> None:
        self.folder, self.cursor = folder, cursor
        self.cache: Cache = Cache(1 << 20, tiles.weight)
        self.followed = Followed(REPORTS, folder)
        self.followed.refresh(cursor)

    def restart(self) -> None:
        self.__init__(self.folder, self.cursor)

    def look(self) -> None:
        try:
            self.followed.refresh(self.cursor)
        except psycopg.OperationalError:
            self.followed.refresh(self.cursor)  # as the watch does, a second later

    def merge(self) -> None:
        try:
            self.followed.merge(self.cursor)
        except psycopg.OperationalError:
            return

    def tile(self, at: Tile, words: dict[str, list[str]]) -> tiles.Made:
        with pytest.MonkeyPatch.context() as here:
            here.setattr(live, "state", lambda layer: self.followed.known())
            here.setattr(live, "followed", lambda name: self.followed)
            here.setattr(tiles, "_cache", self.cache)
            return tiles.served(REPORTS, at, "mvt", NOW, wanted(REPORTS.traits, words))


class Step(NamedTuple):
    """One thing that happens: to a report, or in a process."""

    verb: str
    report: int
    place: int
    process: int
    filter: int


def receive(step: Step) -> None:
    said = NOW.replace(hour=step.place)
    one = Submission("qlue", f"p{step.report}", "road", "Jalan rusak", said, said, point=PLACES[step.place])
    intake.receive([one], simulated=False)


def move(step: Step) -> None:
    for report in Report.objects.filter(external_id=f"p{step.report}").exclude(point=None):
        revisions.touch("reports")
        report.point.x, report.point.y = PLACES[step.place]
        report.save(update_fields=["point"])


def finish(step: Step) -> None:
    revisions.touch("reports")
    Report.objects.filter(external_id=f"p{step.report}").update(status="done")


def remove(step: Step) -> None:
    revisions.touch("reports")
    Report.objects.filter(external_id=f"p{step.report}").update(point=None)


ROWS: dict[str, Callable[[Step], None]] = {
    "receive": receive,
    "move": move,
    "finish": finish,
    "remove": remove,
}
PROCESSES: dict[str, Callable[[Process], None]] = {
    "look": Process.look, "merge": Process.merge, "restart": Process.restart,
}  # fmt: skip
steps = some.builds(
    Step, some.sampled_from([*ROWS, *PROCESSES, "lose", "ask", "burst", "late"]),
    some.integers(0, 7), some.integers(0, 3), some.integers(0, 1), some.integers(0, 2),
)  # fmt: skip


@settings(max_examples=40)
@given(some.lists(steps, min_size=5, max_size=25))
def test_whatever_happens_a_tile_is_that_of_the_rows_and_an_equal_one_has_the_same_tag(
    many, cursor, monkeypatch, losing, history
):
    monkeypatch.setattr(follow, "LEAST_DELTA", 3)
    with TemporaryDirectory() as name, transaction.atomic():
        here = [Process(Path(name), cursor), Process(Path(name), cursor)]
        for step in history:
            happen(step, here, losing)
        for process in here:
            process.look()
        anew = Process(Path(name) / "none", cursor)
        for at in TILES:
            for words in FILTERS:
                expected = anew.tile(at, words)
                for process in here:
                    found = process.tile(at, words)
                    assert (found.tag, tiles.plain(found)) == (expected.tag, tiles.plain(expected))
        transaction.set_rollback(True)


def happen(step: Step, here: list[Process], losing: Callable[[], Callable[[], None]]) -> None:
    if step.verb in ROWS:
        ROWS[step.verb](step)
    elif step.verb in PROCESSES:
        PROCESSES[step.verb](here[step.process])
    elif step.verb == "lose":
        mend = losing()
        here[step.process].look()
        mend()
    else:
        if step.verb != "ask":  # so many changes that a merge is due
            for report in range(3):
                receive(step._replace(report=report))
            here[step.process].look()
        for at in TILES:
            here[step.process].tile(at, FILTERS[step.filter])
        if step.verb == "late":  # and one that nobody looked at before it
            receive(step)
            here[step.process].merge()
