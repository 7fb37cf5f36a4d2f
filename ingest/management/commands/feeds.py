"""``manage.py feeds``: how each feed fares."""

import json
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.forms.models import model_to_dict
from django.utils import timezone

from casework.board import periods
from casework.board.figures import CITY
from casework.brief import contents
from geoplatform.errors import InvalidRequest
from ingest.runs import health, patience
from layers import feeds
from layers.models import FeedState

HEADS = ("feed", "state", "last run", "last good", "newest item", "a day", "expected", "rejected", "what")
PAUSES = (("day", 86_400), ("hour", 3600), ("minute", 60))


class Command(BaseCommand):
    help = "Show how each feed fares: state, ages, volume, error."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="all that is known, as JSON")
        parser.add_argument(
            "--silent", metavar="AT", help="which feeds were silent then, as it was known then (ISO 8601)"
        )
        parser.add_argument("--check", action="store_true", help="exit code 1 if a feed is stale or failing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["silent"]:
            self._tell_silent(options["silent"])
            return
        now = timezone.now()
        found = health.seen(now)
        states = [feeds.state(feed, now) for feed in found]
        if options["json"]:
            rows = [model_to_dict(feed) | {"state": state} for feed, state in zip(found, states, strict=True)]
            self.stdout.write(json.dumps(rows, default=datetime.isoformat, indent=2))
        else:
            width = shutil.get_terminal_size((160, 24)).columns
            table = [HEADS, *(row(feed, state, now) for feed, state in zip(found, states, strict=True))]
            for line in aligned(table, width):
                self.stdout.write(line)
        if options["check"] and set(states) & set(feeds.BAD):
            sys.exit(1)

    def _tell_silent(self, text: str) -> None:
        try:
            at = periods.instant(text, CITY)
        except InvalidRequest as error:
            raise CommandError(f"--silent: {error}") from error
        for title, since in contents.silent_feeds(at):
            self.stdout.write(f"{contents.written(since)}  {title}")


def row(feed: FeedState, state: feeds.State, now: datetime) -> tuple[str, ...]:
    """Return what the table shows of a feed."""
    ages = (feed.last_run_at, feed.last_success_at, feed.last_item_at)
    expected = "" if feed.expected_a_day is None else f"{feed.expected_a_day:g}"
    letters = f"{feed.dead_letters} dead letters" if feed.dead_letters else ""
    until = patience.stay_away_until(feed.feed)
    pause = f"not before {until:%Y-%m-%d %H:%M}Z, which it asked for" if until and until > now else ""
    what = "; ".join(filter(None, [feed.error, pause, letters])) or feed.title
    counts = (str(feed.items_last_day), expected, str(feed.rejected_waiting))
    return (feed.feed, state, *(age(at, now) for at in ages), *counts, what)


def age(at: datetime | None, now: datetime) -> str:
    """Say in words how long ago an instant was."""
    if at is None:
        return "never"
    seconds = int((now - at) / timedelta(seconds=1))
    for name, length in PAUSES:
        if seconds >= length:
            count = seconds // length
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


def aligned(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the rows as lines, each column as wide as it must be; what is too long ends in dots."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)) for cells in table)
    return [line.rstrip() if len(line.rstrip()) <= width else line[: width - 1] + "…" for line in lines]
