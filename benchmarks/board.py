"""The board of a year, the reports behind its figures, and the brief, beside a plain way through the ORM."""

import argparse
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

from psycopg import sql

from benchmarks import scratch
from benchmarks.results import Report

NEEDS_DATABASE = True
ROUNDS = 7
SHOWN = 20  # cells, the slowest first
FILLED = (
    "reports_report",
    "casework_case",
    "casework_turn",
    "casework_change",
    "casework_escalation",
    "casework_evidence",
    "casework_member",
    "casework_merge",
    "casework_pause",
    "layers_silence",
)
# The year closes duplicates and does not say of what: half become merges into an earlier case of the office.
MERGES = (
    "SET LOCAL session_replication_role = replica",
    """CREATE TEMPORARY TABLE pair ON COMMIT DROP AS
       SELECT change.id, change.case_id, change.at, earlier.case_id AS into_id
       FROM casework_change AS change
       JOIN casework_turn AS turn ON turn.case_id = change.case_id AND turn.ended_at = change.at
       CROSS JOIN LATERAL (
           SELECT other.case_id FROM casework_turn AS other
           WHERE other.office_id = turn.office_id AND other.case_id < turn.case_id
             AND other.began_at BETWEEN turn.began_at - interval '9 days' AND turn.began_at
           ORDER BY other.began_at DESC, other.id LIMIT 1
       ) AS earlier
       WHERE change.to_state_id = 'duplicate' AND change.id % 2 = 0""",
    "UPDATE casework_change SET permission = 'merge' WHERE id IN (SELECT id FROM pair)",
    """INSERT INTO casework_merge (id, into_id, by, at, words)
       SELECT id, into_id, 'bench', at, 'bench' FROM pair""",
    """INSERT INTO casework_member (merge_id, case_id, state_id, since)
       SELECT id, case_id, 'collected', at FROM pair""",
    # And every ten days each channel breaks off for half an hour.
    """INSERT INTO layers_silence (feed, since, known_at, until)
       SELECT known.channel, known.since, known.since + interval '5 minutes',
           known.since + interval '30 minutes'
       FROM (
           SELECT report.channel, first.at + number * interval '10 days' AS since
           FROM (SELECT DISTINCT channel FROM reports_report) AS report
           CROSS JOIN (SELECT min(submitted_at) AS at FROM reports_report) AS first
           CROSS JOIN generate_series(1, 35) AS number
       ) AS known""",
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
    from casework.board import outcomes, periods
    from casework.brief import contents, forms
    from casework.clock import norms
    from casework.steps import workflow
    from fixtures import year_load
    from fixtures.year import Spec

    workflow.load()
    norms.load()
    spec = Spec(count=count) if count else Spec()
    report = Report("The board of a year")
    began = time.perf_counter()
    truth = year_load.load(spec)
    loaded_s = time.perf_counter() - began
    _come_to_rest()
    period, at = periods.period(str(spec.first.year)), year_load.as_of(spec)
    made = outcomes.board(period, at)
    report.say(
        f"{spec.count:,} reports, {made.totals['turns']:,} turns, {len(made.rows)} rows; "
        f"stored in {loaded_s:.0f} s. "
        f"The times are medians of {ROUNDS}, in this process, the database included."
    )
    silent = {row.office for row in made.rows if row.kind == "silent"}
    report.say(f"Silent as it must be: {silent == truth.never_answer}.")
    board_ms = _ms(lambda: outcomes.board(period, at))
    plain_ms = _ms(lambda: _plain(period, at), rounds=3)
    board_cpu_ms = _processor_ms(lambda: outcomes.board(period, at))
    report.table(
        ("board", "ms", "ms of processor", "by ours"),
        [
            ("ours: one statement, packed", board_ms, board_cpu_ms, 1.0),
            ("plain: rows by the ORM, judged in Python", plain_ms, None, plain_ms / board_ms),
        ],
    )
    slowest, cell_ms, ratio = _cells(report, made, period, at)
    brief_s = _ms(lambda: [forms.made(contents.make(at), form) for form in forms.FORMS], rounds=3) / 1000
    report.say(f"The brief in its three forms, made anew for each: {brief_s:.2f} s.")
    merged_ms = _merged(report, period, at)
    report.close(
        "board",
        {
            "board_ms": round(board_ms, 1),
            "cell_ms": round(cell_ms, 1),
            "cell": slowest,
            "brief_s": round(brief_s, 2),
            "board_merged_ms": round(merged_ms, 1),
            "board_processor_ms": round(board_cpu_ms, 1),
            "board_ratio_plain": round(plain_ms / board_ms, 2),
            "cell_ratio_plain": round(ratio, 2),
        },
    )


def _come_to_rest() -> None:
    """Do what autovacuum does in the course of a year, and would else do while we measure."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in FILLED:
            cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(table)))
        cursor.execute("CHECKPOINT")


def _cells(report: Report, made: Any, period: Any, at: datetime) -> tuple[str, float, float]:
    """Time the first page of each kind of cell; returns the slowest, its time, a ratio to a plain way."""
    from casework.board import figures, outcomes
    from casework.models import Turn

    rows = []
    for one in _kinds(made):
        rows.append((str(one), _ms(lambda one=one: outcomes.cell(one, period, at), rounds=3)))  # type: ignore[misc]
    rows.sort(key=lambda row: -row[1])
    report.say(f"Each column of {len(rows) // len(made.columns)} offices, tiers, places: {len(rows)} cells.")
    since, until = period.instants(figures.CITY)
    plain = Turn.objects.filter(
        began_at__gte=since,
        began_at__lt=until,
        office__isnull=False,
        ended_by="closed",
        case__state="duplicate",
    ).order_by("id")
    plain_ms = _ms(lambda: list(plain.values_list("id", "case_id")[:101]))
    report.table(
        (f"cell, the slowest {SHOWN}", "ms"),
        [*rows[:SHOWN], ("plain: duplicates by the ORM, and only as of now", plain_ms)],
    )
    return *rows[0], plain_ms / dict(rows)["all:all:duplicate"]


def _kinds(made: Any) -> list[Any]:
    """Return the cells of every column: of the busiest of each tier, of who has few, of all, of the unit."""
    from casework.board.cells import Cell

    by_turns = sorted((row for row in made.rows if row.counts["turns"]), key=lambda row: row.counts["turns"])
    busiest = {row.tier: row for row in by_turns}
    office = by_turns[-1].office
    return [
        cell
        for column in made.columns
        for cell in (
            *(row.cell(column) for row in (*busiest.values(), by_turns[0], made.unit)),
            *(Cell(where, None, column) for where in ("all", *busiest, office)),
            Cell("all", None, column, office.partition("-")[2]),
        )
    ]


def _merged(report: Report, period: Any, at: datetime) -> float:
    """Lay merges and silences over the year, and time board and cells again: a city merges thousands."""
    from django.db import connection, transaction

    from casework.board import outcomes
    from casework.board.cells import Cell
    from casework.brief import contents
    from casework.models import Merge
    from layers.models import Silence

    with transaction.atomic(), connection.cursor() as cursor:
        for statement in MERGES:
            cursor.execute(statement)
    _come_to_rest()
    board_ms = _ms(lambda: outcomes.board(period, at))
    cells_ms = {
        column: _ms(lambda column=column: outcomes.cell(Cell("all", None, column), period, at))  # type: ignore[misc]
        for column in ("problems", "no_data")
    }
    brief_ms = _ms(lambda: contents.make(at), rounds=3)
    cells = ", ".join(f"all:all:{column} {ms:.0f} ms" for column, ms in cells_ms.items())
    report.say(
        f"With {Merge.objects.count():,} merges and {Silence.objects.count()} silences: the board"
        f" {board_ms:.0f} ms, {cells}, the brief {brief_ms / 1000:.1f} s."
    )
    return board_ms


def _plain(period: Any, at: datetime) -> dict[Any, int]:
    """Judge turns as one would at first: fetched by the ORM, report and case beside, looked at one by one."""
    from casework.board import figures
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
