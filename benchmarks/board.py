"""The board of a year, the reports behind its figures, and the brief, beside a plain way through the ORM."""

import argparse
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import scratch
from benchmarks.results import Report

NEEDS_DATABASE = True
ROUNDS = 7
CELLS = (
    *("turns", "unanswered", "answered_late", "no_data", "paused", "duplicate", "came_answered"),
    *("problems", "disputed", "rung_1", "rung_4"),
)


def main() -> None:
    """Fill a scratch database with the year, measure, print; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/bench board", description=__doc__)
    parser.add_argument("--reports", type=int, help="of the year; 185852")
    options = parser.parse_args()
    with scratch.database():
        measure(options.reports)


def measure(count: int | None) -> None:
    """Load the year, and time board, cells and brief in this process."""
    from django.db import connection

    from casework import board, brief, brief_page, norms, periods, workflow
    from fixtures import year_load
    from fixtures.year import Spec

    workflow.load()
    norms.load()
    spec = Spec(count=count) if count else Spec()
    report = Report("The board of a year")
    began = time.perf_counter()
    truth = year_load.load(spec)
    loaded_s = time.perf_counter() - began
    with connection.cursor() as cursor:
        for table in ("turn", "change", "escalation", "pause"):  # as autovacuum does in the course of a year
            cursor.execute(f"VACUUM ANALYZE casework_{table}")
    period, at = periods.period(str(spec.first.year)), year_load.as_of(spec)
    made = board.board(period, at)
    report.say(
        f"{spec.count:,} reports, {made.totals['turns']:,} turns, {len(made.rows)} rows; "
        f"stored in {loaded_s:.0f} s. "
        f"The times are medians of {ROUNDS}, in this process, the database included."
    )
    silent = {row.office for row in made.rows if row.kind == "silent"}
    report.say(f"Silent as it must be: {silent == truth.never_answer}.")
    board_ms = _ms(lambda: board.board(period, at))
    plain_ms = _ms(lambda: _plain(period, at), rounds=3)
    board_cpu_ms = _processor_ms(lambda: board.board(period, at))
    report.table(
        ("board", "ms", "ms of processor", "by ours"),
        [
            ("ours: one statement, packed", board_ms, board_cpu_ms, 1.0),
            ("plain: rows by the ORM, judged in Python", plain_ms, None, plain_ms / board_ms),
        ],
    )
    cell_ms, ratio = _cells(report, made, period, at)
    brief_s = (
        _ms(lambda: [brief_page.made(brief.make(at), form) for form in brief_page.FORMS], rounds=3) / 1000
    )
    report.say(f"The brief in its three forms: {brief_s:.2f} s.")
    report.close(
        "board",
        {
            "board_ms": round(board_ms, 1),
            "cell_ms": round(cell_ms, 1),
            "brief_s": round(brief_s, 2),
            "board_processor_ms": round(board_cpu_ms, 1),
            "board_ratio_plain": round(plain_ms / board_ms, 2),
            "cell_ratio_plain": round(ratio, 2),
        },
    )


def _cells(report: Report, made: Any, period: Any, at: datetime) -> tuple[float, float]:
    """Time the first pages behind some figures; returns the slowest, and a ratio to a plain way."""
    from casework import board, figures
    from casework.cells import Cell
    from casework.models import Turn

    busiest = max(made.rows, key=lambda row: row.counts["turns"])
    chosen = [
        *(busiest.cell(column) for column in ("unanswered", "problems", "rung_2")),
        *(Cell("all", None, column) for column in CELLS),
        Cell("all", None, "unanswered", busiest.office.partition("-")[2]),
        Cell("unit", None, "unanswered"),
    ]
    rows, times = [], []
    for one in chosen:
        times.append(_ms(lambda one=one: board.cell(one, period, at)))  # type: ignore[misc]
        rows.append((str(one), times[-1]))
    since, until = period.instants(figures.CITY)
    plain = Turn.objects.filter(
        began_at__gte=since,
        began_at__lt=until,
        office__isnull=False,
        ended_by="closed",
        case__state="duplicate",
    ).order_by("id")
    plain_ms = _ms(lambda: list(plain.values_list("id", "case_id")[:101]))
    rows.append(("plain: duplicates by the ORM, and only as of now", plain_ms))
    report.table(("cell", "ms"), rows)
    return max(times), plain_ms / times[-1]


def _plain(period: Any, at: datetime) -> dict[Any, int]:
    """Judge turns as one would at first: fetched by the ORM, report and case beside, looked at one by one."""
    from casework import figures
    from casework.models import Turn

    since, until = period.instants(figures.CITY)
    wanted = (
        "office_id",
        "official_id",
        "due_at",
        "answered_at",
        "ended_at",
        "ended_by",
        "case__state",
        "case__report__channel",
    )
    counts: dict[Any, int] = {}
    for office, official, due, answered, ended, by, state, _ in Turn.objects.filter(
        began_at__gte=since, began_at__lt=until, office__isnull=False
    ).values_list(*wanted):
        if answered and answered <= at:
            word = "in_time" if answered <= due else "late"
        elif due < min(ended or at, at):
            word = "unanswered"
        else:
            word = by if by == "passed_on" or (by == "closed" and state == "duplicate") else "open"
        counts[office, official, word] = counts.get((office, official, word), 0) + 1
    return counts


def _processor_ms(work: Callable[[], object]) -> float:
    """Return the time on the processor, of this process and of its session: what else runs counts little."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        ((pid,),) = cursor.fetchall()
    times = []
    for _ in range(ROUNDS):
        began = time.process_time() + _session_s(pid)
        work()
        times.append(time.process_time() + _session_s(pid) - began)
    return 1000 * median(times)


def _session_s(pid: int) -> float:
    """Return the seconds that a process of this machine had, user's and system's, to a hundredth."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ms(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of some rounds behind a first one, in milliseconds."""
    work()
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1000 * median(times)


if __name__ == "__main__":
    main()
