"""Drills see who stands still, and let go of who does."""

import threading
from contextlib import suppress
from types import SimpleNamespace

import psycopg
import pytest

from drills.platform import Late, until
from drills.stops import at_brief, at_key, at_table
from tests.conftest import database_url


@pytest.fixture
def play(transactional_db) -> SimpleNamespace:
    return SimpleNamespace(url=database_url())


@pytest.mark.parametrize(
    ("stop", "statement"),
    [
        (at_table("layers_revision", "-- raise"), "-- raise\nUPDATE layers_revision SET revision = revision"),
        (at_key("a key"), "SELECT pg_advisory_xact_lock_shared(hashtextextended('a key', 0))"),
    ],
    ids=["table", "key"],
)
def test_who_needs_what_a_drill_holds_is_seen_and_goes_on_when_it_is_let_go(play, stop, statement):
    done = threading.Event()

    def work() -> None:
        with psycopg.connect(play.url, application_name="victim") as own:
            own.execute(statement)
        done.set()

    with stop(play, "victim") as is_there:
        assert not is_there()
        threading.Thread(target=work, daemon=True).start()
        until(is_there, "the victim stands still")
        assert not done.is_set()
    assert done.wait(120)


def test_who_waits_with_another_statement_is_not_meant(play):
    def work() -> None:
        with psycopg.connect(play.url, application_name="victim") as own:
            own.execute("UPDATE layers_revision SET revision = revision")

    with (
        at_table("layers_revision")(play, "victim") as any_of,
        at_table("boundaries_edition", "-- raise")(play, "victim") as meant,
    ):
        threading.Thread(target=work, daemon=True).start()
        until(any_of, "somebody stands still")
        assert not meant()


def test_who_writes_a_brief_waits_no_longer_than_the_drill_holds_it(tmp_path):
    play = SimpleNamespace(city=SimpleNamespace(folder=tmp_path))
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        with suppress(BrokenPipeError), draft.open("wb", buffering=0) as part:
            part.write(b"%PDF")
        done.set()

    with at_brief(play, "worker"):
        (draft,) = (tmp_path / "briefs").iterdir()
        threading.Thread(target=write, daemon=True).start()
        assert begun.wait(120)
        assert not done.wait(0.2)
    assert done.wait(120)


def test_what_does_not_become_so_is_named():
    with pytest.raises(Late, match="not so within 0 s: it rains"):
        until(lambda: False, "it rains", 0.0)
