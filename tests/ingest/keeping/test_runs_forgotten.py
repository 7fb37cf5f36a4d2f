"""Runs are many: what is forgotten of them, and what must not be."""

from datetime import timedelta

from django.utils import timezone

from ingest import feeds
from ingest.keeping import retention
from ingest.models import Run, Volume
from ingest.pipeline import _refuse_a_mixture
from ingest.runs import windows

OLD = timedelta(days=retention.RUN_DAYS + 1)


def ran(age: timedelta, **columns: object) -> Run:
    facts = {"feed": "waze", "started_at": timezone.now() - age, "outcome": "complete"}
    return Run.objects.create(**(facts | columns))


def test_old_runs_go_but_for_those_that_tell_where_the_next_one_begins(db):
    furthest = ran(4 * OLD, reached_at=timezone.now())
    full = ran(3 * OLD, fetched=7)
    cursor = ran(2 * OLD, cursor={"uid": 7})
    plain = [
        ran(OLD),
        ran(5 * OLD, reached_at=timezone.now() - OLD),
        ran(6 * OLD, cursor={"uid": 1}, fetched=1),
    ]
    newest, other = ran(timedelta(hours=1)), ran(OLD, feed="qlue")
    feed = feeds.feed("waze")
    before = (windows.window(feed, None, timezone.now()).cursor, windows.reached(feed, timezone.now()))
    assert retention.forget_runs(timezone.now()) == len(plain)
    kept = {furthest.id, full.id, cursor.id, newest.id, other.id}
    assert set(Run.objects.values_list("id", flat=True)) == kept
    assert (
        windows.window(feed, None, timezone.now()).cursor,
        windows.reached(feed, timezone.now()),
    ) == before
    _refuse_a_mixture(feed)
    assert retention.forget_runs(timezone.now()) == 0


def test_cursors_that_newer_ones_have_overtaken_are_emptied(db):
    for hours in (3, 2, 1):
        ran(timedelta(hours=hours), cursor={"files": ["a.csv"], "hours": hours})
    last = ran(timedelta(minutes=5))
    retention.forget_runs(timezone.now())
    assert list(Run.objects.exclude(cursor=None).values_list("cursor__hours", flat=True)) == [1]
    assert Run.objects.count() == 4
    assert windows.window(feeds.feed("waze"), None, last.started_at).cursor["hours"] == 1


def test_how_much_an_hour_of_long_ago_brought_is_forgotten(db):
    for age in (OLD, timedelta(days=1)):
        Volume.objects.create(feed="waze", hour=timezone.now() - age, items=3)
    retention.forget_runs(timezone.now())
    assert Volume.objects.get().hour > timezone.now() - OLD
