"""``manage.py board``: who answers and who does not, and the reports behind each figure."""

from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from casework.board import outcomes, periods, spreadsheet
from casework.board.cells import UNIT, Cell, cell
from casework.board.figures import CITY
from casework.board.outcomes import Board, Row
from casework.board.periods import Period
from casework.board.unanswering import unanswering
from geoplatform.errors import GeoplatformError

MINUTE = "%Y-%m-%d %H:%M"
PRINTED = (
    "due",
    "kept",
    "answered_late",
    "disputed",
    "unanswered",
    "passed_on",
    "vacant",
    "no_data",
    "paused",
    "running",
    "came_answered",
)


class Command(BaseCommand):
    help = "Print what became of the turns of each office and person; with --cell the turns behind a figure."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--period", help="2026, 2026-05, 2026-W20 or 2026-05-01/2026-05-14; this year")
        parser.add_argument("--at", help="as it was known then (ISO 8601; by default the city's time); now")
        parser.add_argument(
            "--office", help="only this one: its code, such as kelurahan-31.71.01.1001, or unit"
        )
        parser.add_argument("--minimum", type=int, help="of fewer due turns a share says nothing")
        parser.add_argument("--csv", action="store_true", help="a table with all columns")
        parser.add_argument(
            "--cell", help="OFFICE:OFFICIAL:COLUMN[@KELURAHAN]: list the turns behind a figure"
        )
        parser.add_argument("--after", type=int, default=0, help="with --cell: behind this turn; 0")
        parser.add_argument("--limit", type=int, default=100, help="with --cell: at most so many; 100")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            at = periods.instant(options["at"], CITY) if options["at"] else timezone.now()
            period = periods.period(options["period"] or f"{at.astimezone(CITY).year}")
            if options["cell"]:
                self._open(cell(options["cell"]), period, at, options["after"], options["limit"])
                return
            made = outcomes.board(period, at, options["office"], options["minimum"])
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        if options["csv"]:
            self.stdout.write(spreadsheet.table(made), ending="")
        else:
            self._print(made)

    def _open(self, chosen: Cell, period: Period, at: datetime, after: int, limit: int) -> None:
        turned, further = outcomes.cell(chosen, period, at, after, limit)
        heads = ("report", "turn", "office", "began", "due", "answered", "rungs")
        self._line(heads)
        for one in turned:
            moments = (one.began_at, one.due_at, one.answered_at)
            said = (f"{moment.astimezone(CITY):{MINUTE}}" if moment else "-" for moment in moments)
            self._line((one.report_id, one.number, one.office_id or UNIT, *said, one.rungs))
        if further is not None:
            self.stdout.write(f"more: --after {further}")
        if not after:
            whole = len(turned) if further is None else outcomes.count(chosen, period, at)
            self.stdout.write(f"{whole} in all")
            self._tell(chosen, period, at)

    def _tell(self, chosen: Cell, period: Period, at: datetime) -> None:
        """Say of the unanswered turns of an official what the brief says of them."""
        if not (chosen.office and chosen.official and chosen.column == "unanswered") or chosen.place:
            return
        whose = (chosen.office, chosen.official)
        known = unanswering([whose], period, at)[whose]
        since = known.since.astimezone(CITY).isoformat(" ", "seconds") if known.since else "-"
        rungs = [f"{number} {tier}: {turns}" for (number, tier), turns in known.rungs.items()]
        self.stdout.write(f"since    {since}")
        self.stdout.write("about    " + ", ".join(f"{name}: {turns}" for name, turns in known.about))
        self.stdout.write("rungs    " + (", ".join(rungs) or "none"))
        told = [f"{kind}: {notices}" for kind, notices in known.told.items()]
        self.stdout.write("notices  " + (", ".join(told) or "none"))

    def _line(self, cells: Sequence[object]) -> None:
        widths = (9, 4, 24, 16, 16, 16, 5)
        said = (f"{cell!s:<{width}}" for cell, width in zip(cells, widths, strict=True))
        self.stdout.write("  ".join(said).rstrip())

    def _print(self, made: Board) -> None:
        self.stdout.write(f"{made.period.text}, as of {made.at.astimezone(CITY):{MINUTE}}: {_share(made)}")
        heads = f"{'office':<24} {'who':<34} {'kind':<10} {'by the deadline':<15} {'median':<7}"
        self.stdout.write(heads + "".join(f" {name:>16}" for name in PRINTED) + "  paused days")
        for row in [*made.rows, *filter(None, [made.unit])]:
            self._print_row(row)

    def _print_row(self, row: Row) -> None:
        share = f"{row.share.low:.1%} to {row.share.high:.1%}" if row.share else "-"
        median = "-" if row.time.seconds is None else f"{row.time.seconds / 3600:.0f} h"
        kind = row.kind if row.group is None else f"group {row.group + 1}"
        self.stdout.write(
            f"{row.office:<24} {_who(row):<34} {kind:<10} {share:<15} {median:<7}"
            + "".join(f" {row.counts[name]:>16}" for name in PRINTED)
            + "".join(f"  {reason} {days:.1f}" for reason, days in row.paused_days.items())
        )


def _who(row: Row) -> str:
    return row.title if row.office == UNIT else row.name or "(vacant)"


def _share(made: Board) -> str:
    kept, due = made.totals["kept"], made.totals["due"]
    if made.share is None:
        return "nothing was due"
    return f"{kept} of {due} answered by the deadline ({made.share.low:.1%} to {made.share.high:.1%})"
