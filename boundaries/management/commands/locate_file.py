"""``manage.py locate_file``: give every row of a file its kelurahan, kecamatan and kota."""

import os
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boundaries import annotate, bulk, table_writers, tables
from boundaries.annotate import Meter, Tally
from boundaries.tables import Table
from geoplatform.errors import GeoplatformError, InvalidRequest

EVERY_S = 0.5


class Command(BaseCommand):
    help = "Add the columns kelurahan, kecamatan and kota to a file of points: Parquet, CSV or FlatGeobuf."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="the file: .parquet, .csv or .fgb")
        parser.add_argument(
            "out", type=Path, help="where it is written, in any of these forms; replaced if there"
        )
        parser.add_argument(
            "--lon", metavar="COLUMN", help="longitude in degrees; lon, if there is no geometry"
        )
        parser.add_argument(
            "--lat", metavar="COLUMN", help="latitude in degrees; lat, if there is no geometry"
        )
        parser.add_argument(
            "--edition", type=int, metavar="ID", help="by this edition; by default that in force"
        )
        parser.add_argument(
            "--on", type=_day, metavar="DATE", help="by the edition in force that day (YYYY-MM-DD)"
        )
        parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="processors; all")
        parser.add_argument(
            "--scheduler",
            metavar="ADDRESS",
            help="let the workers of this dask scheduler do it: tcp://host:port",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            total = self._locate(**options)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{_said(total)}, {time.monotonic() - began:.1f} s")

    def _locate(
        self, *, source: Path, out: Path, scheduler: str | None, threads: int, **options: Any
    ) -> Tally:
        if threads < 1:
            raise InvalidRequest(f"--threads {threads}: at least one is wanted")
        table_writers.check(out)
        if out.exists() and source.exists() and out.samefile(source):
            raise InvalidRequest(f"{out} is what is read: give another name")
        out = out.resolve()
        table = tables.find(source.resolve(), options["lon"], options["lat"])
        plan = annotate.plan(table, out)
        cover = bulk.cover(options["edition"], options["on"])
        meter = Meter(_bar(self.stderr.write, table, self.stderr.isatty()))
        if scheduler:
            from boundaries import spread  # half a second, and for files of many gigabytes alone

            spread.write(plan, out, cover, meter, scheduler)
        else:
            annotate.write(plan, out, annotate.annotated(plan, table.whole(), cover, meter, threads), meter)
        return meter.total


def _day(text: str) -> date:
    """Read a date (YYYY-MM-DD)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date (YYYY-MM-DD)") from None


def _bar(write: Callable[..., object], table: Table, rewrites: bool) -> Callable[[Tally], None]:
    """Return what shows how far it is, in one line that is rewritten twice a second, or in a few.

    How far is told from rows, or from bytes where it is not known how many rows there are.
    """
    shown = time.monotonic()
    whole = table.size_bytes if table.rows is None else table.rows
    every_s = EVERY_S if rewrites else 10 * EVERY_S

    def show(total: Tally) -> None:
        nonlocal shown
        done = total.read_bytes if table.rows is None else total.rows
        is_done = done == whole
        if time.monotonic() - shown < every_s and not (is_done and rewrites):
            return
        shown = time.monotonic()
        line = f"{total.rows:,} rows"
        if whole:
            of = "" if table.rows is None else f" of {table.rows:,}"
            line = f"[{'#' * round(30 * done / whole):30}] {done / whole:4.0%}  {line}{of}"
        write(f"\r{line}" if rewrites else f"  {line}", ending="\n" if is_done or not rewrites else "")

    return show


def _said(total: Tally) -> str:
    """Return the totals in words; what is odd is said with its first example."""
    said = f"{total.rows:,} rows: {total.inside:,} in a kelurahan, {total.outside:,} outside"
    if total.pointless:
        said += f", {total.pointless:,} without a point"
    if total.impossible and total.odd:
        lon, lat = total.odd
        said += f", {total.impossible:,} with no position in degrees (the first: lon {lon}, lat {lat})"
    return said
