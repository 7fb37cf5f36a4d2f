"""``manage.py prepare``: make a database ready to be served; what is there already is left as it is."""

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit
from boundaries import editions, lookup
from boundaries.models import Office
from casework.clock import norms
from casework.desk import priority
from casework.escalation import ladder
from casework.routing import rules
from casework.steps import answer_templates, pauses, proof, workflow
from geoplatform import tables
from geoplatform.errors import BadBoundaries, FeedError, FeedUnavailable
from geoplatform.ticker import ticking
from ingest import feeds, pipeline
from ingest.management.progress import every_now_and_then
from ingest.models import Run
from layers import warm
from reports import categories
from reports.models import Report
from staff import roles
from staff.models import User

REAL, SCHEMATIC = "wilayah", "schematic"
NETWORK_TIMEOUT_S = 5
DEMO_OFFICIALS = [Path(settings.ROOT) / "fixtures" / name for name in ("officials.csv", "dinas.csv")]


class Command(BaseCommand):
    help = "Migrate, load categories, boundaries and, for the demo, officials and the simulated city's feeds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="without the simulated city")
        parser.add_argument("--boundaries", type=Path, metavar="FILE", help="activate these polygons")

    def handle(self, *args: Any, **options: Any) -> None:
        self._migrate()  # first: where there is no database, nobody waits for anything else
        # Not the files of the browsable API, which nobody is served.
        unserved = ["rest_framework", "gis"]
        call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=unserved)
        if not warm.is_compiled():
            with self._step("compiling the loops that draw tiles"):
                warm.compile_loops()
        categories.load()
        workflow.load()
        norms.load()
        rules.load()
        pauses.load()
        ladder.load()
        priority.load()
        answer_templates.load()
        self._load_roles()
        proof.load()
        self._load_boundaries(options["boundaries"])
        if not options["no_demo"]:
            self._load_demo()
        elif Run.objects.filter(simulated=True, fetched__gt=0).exists():
            self.stdout.write(
                "this database holds the simulated city: no real feed is read into it; "
                "docs/how-to/start-for-real.md says how to begin with an empty one"
            )

    def _migrate(self) -> None:
        if tables.are_missing():
            with self._step("making the tables"):
                call_command("migrate", verbosity=0)

    def _load_roles(self) -> None:
        with transaction.atomic():
            if changed := roles.load():
                audit.record("roles.load", audit.operator(), timezone.now(), roles=changed)

    def _load_boundaries(self, file: Path | None) -> None:
        edition = editions.in_force(lookup.today())
        if file:
            # Half a second of geopandas, which a start that has nothing to load need not pay.
            from boundaries.load import sha256

            if edition and edition.sha256 == sha256([file]):
                return
            with self._step(f"loading boundaries from {file}"):
                self._activate(str(file))
        elif edition is None:
            try:
                with self._step(
                    f"fetching boundaries from their publisher (for {NETWORK_TIMEOUT_S} s at most)"
                ):
                    self._activate(REAL)
            except CommandError as error:
                if not isinstance(error.__cause__, FeedUnavailable | BadBoundaries):
                    raise
                self.stdout.write(f"  not to be had: {error}")
                with self._step("computing schematic boundaries instead"):
                    self._activate(SCHEMATIC)

    def _activate(self, source: str) -> None:
        call_command("load_boundaries", source, activate=True, timeout=NETWORK_TIMEOUT_S, stdout=self.stdout)

    def _load_demo(self) -> None:
        if Run.objects.filter(simulated=False, fetched__gt=0).exists():
            raise CommandError("this database holds real feeds: start with --no-demo, or on another database")
        if not Office.objects.exists():
            with self._step("loading invented officials"):
                for table in DEMO_OFFICIALS:
                    call_command("load_officials", table, stdout=self.stdout)
        if settings.SIMULATED_CITY_URL:
            self._let_the_city_speak()

    def _let_the_city_speak(self) -> None:
        # What its feeds tell is of two weeks, and no office was asked before: these weeks have a past.
        if not Report.objects.exists():
            self._load_history()
        for name in feeds.names():
            if not Run.objects.filter(feed=name, simulated=True, outcome="complete").exists():
                with self._step(f"reading the simulated feed {name}"):
                    self._ingest(name)
        if not User.objects.exists():
            with self._step("making an account for each role"):
                call_command("demo", "accounts", stdout=self.stdout)

    def _load_history(self) -> None:
        if not tables.may_rest_triggers():
            self._say("no weeks of simulated casework: only a superuser of the database can store them")
            return
        with self._step("storing weeks of simulated casework"):
            call_command("demo", "history", stdout=self.stdout)

    def _ingest(self, name: str) -> None:
        try:
            run = pipeline.run(name, progress=every_now_and_then(self._say))
        except FeedError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"  {run.fetched} items, {run.new} new, {run.rejected} rejected")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _dot(self, dot: str) -> None:
        self.stdout.write(dot, ending="")
        self.stdout.flush()

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        self._say(f"{what} ...")
        began = time.monotonic()
        # What a step says itself ends the line of dots, which goes on behind it.
        with ticking(self._dot):
            yield
        self._say(f"  done in {time.monotonic() - began:.1f} s")
