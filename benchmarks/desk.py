"""The work of the unit: lists counted and read, one case weighed, 500 steps at a time."""

import argparse
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from benchmarks import rows, scratch
from benchmarks.results import Report

NEEDS_DATABASE = True
# A year of the city (185,852 reports) has a case each; of 2024 it says 96.8 % done.
CASES, OPEN = 186_000, 6_000
AT = rows.LAST_DAY + timedelta(hours=12)
# What is needed of the database, in one transaction without its guards: a history of years in a minute.
FURNISH = (
    # The newest are the year's; those of late are open.
    """CREATE TEMPORARY TABLE year AS
       SELECT id, row_number() OVER (ORDER BY submitted_at DESC, id) AS newest FROM reports_report
       ORDER BY submitted_at DESC, id LIMIT {cases}""",
    """UPDATE reports_report SET author_hash = (id % 41528)::text, border_m = (id * 7919 % 1000) * 0.325,
           placed_by = 'inside', edition_id = (SELECT min(id) FROM boundaries_edition)
       WHERE id IN (SELECT id FROM year)""",
    """UPDATE reports_report SET kelurahan_code = NULL, point = NULL, border_m = NULL
       WHERE id IN (SELECT id FROM year WHERE id % 20 = 0)""",
    """INSERT INTO casework_case (report_id, state_id, since)
       SELECT year.id, CASE WHEN year.newest > {open} THEN 'resolved'
               ELSE (ARRAY['collected', 'collected', 'selected', 'assigned', 'assigned', 'assigned',
                   'returned', 'disputed', 'answered', 'proposed'])[1 + year.newest % 10] END,
           report.submitted_at
       FROM year JOIN reports_report AS report ON report.id = year.id""",
    """INSERT INTO casework_turn (case_id, number, hop, office_id, acting, explanation, offered_at, began_at,
           due_at, due_is_sure, answered_at, ended_at, ended_by)
       SELECT held.report_id, 0, CASE WHEN held.report_id % 97 = 0 THEN 3 ELSE 0 END,
           CASE WHEN held.report_id % 97 > 0 THEN office.code END, false,
           '{{}}', held.since, held.since, held.since + (held.report_id % 48) * interval '1 hour', true,
           CASE WHEN held.state_id IN ('answered', 'resolved') THEN held.since + interval '5 hours' END,
           CASE WHEN held.state_id = 'resolved' THEN held.since + interval '3 days' END,
           CASE WHEN held.state_id = 'resolved' THEN 'resolved' END
       FROM casework_case AS held
       JOIN (
           SELECT code, row_number() OVER (ORDER BY code) - 1 AS place
           FROM boundaries_office WHERE level = 'kelurahan'
       ) AS office ON office.place = held.report_id % 267""",
    """INSERT INTO casework_duplicatecandidate (first_id, second_id, score, parts, rule, found_at)
       SELECT id, other, 0.9, '{{}}', 'bench', now()
       FROM (SELECT id, lead(id) OVER (ORDER BY id) AS other FROM year) AS pair
       WHERE other IS NOT NULL AND id % 5 = 0""",
    """INSERT INTO casework_alternative (case_id, what, who_id, cost_idr, evidence, consequences,
           is_suggested, by, at)
       SELECT report_id, 'Cara ' || report_id % 4, NULL, 1000000, '', '', false, 'bench', since
       FROM casework_case WHERE state_id = 'resolved'""",
    """INSERT INTO layers_feedstate (feed, title, owner, enabled, simulated, cadence_s, items_last_day, error,
           rejected_waiting, dead_letters, takes_answers, stale_at)
       SELECT feed, feed, 'bench', true, false, 300, 0, '', 0, 0, true,
           CASE feed WHEN 'x' THEN date '2026-05-13' END
       FROM unnest(ARRAY['qlue', 'jaki', 'lapor', 'email', 'x']) AS feed""",
    """INSERT INTO casework_choice (alternative_id, by, at, why)
       SELECT id, 'bench', at, 'bench' FROM casework_alternative""",
    """INSERT INTO casework_change (case_id, from_state_id, to_state_id, permission, by, at, text)
       SELECT report_id, 'answered', 'resolved', 'answer', 'bench', since + interval '3 days', 'bench'
       FROM casework_case WHERE state_id = 'resolved'""",
)  # fmt: skip


def main() -> None:
    """Print a table and, as the last line, the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="reports (default 1,000,000)")
    parser.add_argument("--cases", type=int, default=CASES, help=f"of them with a case (default {CASES})")
    parser.add_argument("--open", type=int, default=OPEN, help=f"of these open (default {OPEN})")
    parser.add_argument("--explain", action="store_true", help="print the plans too")
    asked = parser.parse_args()
    os.environ.setdefault("GEOPLATFORM_LOG_LEVEL", "WARNING")
    page = Report("The desk: work lists, priorities, precedents, bulk steps")
    with scratch.database():
        furnish(asked)
        figures = _measure(page, asked.explain)
        page.say(f"{asked.rows} reports, {asked.cases} cases, {asked.open} of them open; best of 15.")
        page.table(["what", "ms"], list(figures.items()))
        page.close("desk", {f"{name}_ms": value for name, value in figures.items()})


def furnish(asked: argparse.Namespace) -> None:
    """Fill the database with as many reports, cases and open ones as are asked for."""
    from casework.clock import norms
    from casework.desk import priority
    from casework.routing import rules
    from casework.steps import workflow
    from geoplatform import sql
    from reports.models import Category

    for module in (workflow, norms, rules, priority):
        module.load()
    codes = list(Category.objects.order_by("code").values_list("code", flat=True))
    rows.load(rows.reports(asked.rows, len(codes)), codes)
    with sql.connect() as connection, connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for statement in FURNISH:
            connection.execute(statement.format(cases=asked.cases, open=asked.open))
    with sql.connect() as connection:
        connection.execute("VACUUM ANALYZE")


def _measure(page: Report, is_explained: bool) -> dict[str, float]:
    from django.db.models import Q

    from boundaries.models import Office
    from casework.desk import priority, worklists
    from casework.models import Case
    from casework.steps import permitted, precedents
    from staff import accounts, roles

    roles.load()
    official = accounts.create(
        "lurah",
        ["official"],
        None,
        AT,
        office=Office.objects.filter(level="kelurahan").order_by("code")[0].code,
    )
    own = permitted.condition(official)
    if is_explained:
        _explain()
    page.table(["work list", "cases"], list(worklists.counts(Q(), AT).items()))

    def read(code: str, within: Q) -> list[Any]:
        ids = list(worklists.cases(code, AT).filter(within).values_list("pk", flat=True))
        return priority.rank(ids, AT, 50)

    one = Case.objects.filter(state="collected").order_by("pk")[0].pk
    return {
        "counts": _best(lambda: worklists.counts(Q(), AT)),
        "counts_of_an_official": _best(lambda: worklists.counts(own, AT)),
        **{f"page_{code}": _best(partial(read, code, Q())) for code in worklists.LISTS},
        "page_of_an_official": _best(lambda: read("new", own)),
        "priority_of_one": _best(lambda: priority.of(one, AT)),
        "precedents": _best(lambda: precedents.suggest(one, AT + timedelta(days=9))),
        "bulk_500": _bulk(AT),
    }


def _bulk(at: datetime) -> float:
    """Take a step with 500 cases as the API does: turns, words to the citizens and audit included."""
    from django.db import transaction

    from access.audit import Origin
    from casework.models import Case
    from casework.steps import permitted, telling
    from casework.steps.workflow import Step
    from staff import accounts

    user = accounts.create("triage", ["triage"], None, at)
    ids = list(Case.objects.filter(state="collected").order_by("pk").values_list("pk", flat=True)[:500])
    steps = [Step(id, "no_problem", "Tidak ada masalah") for id in ids]

    def take() -> None:
        with transaction.atomic():
            if permitted.take(user, steps, Origin(user.mark), at):
                raise RuntimeError("a step was refused")
            telling.steps({step.report_id: (step.to_state, step.text) for step in steps}, "UPT", at)
            transaction.set_rollback(True)

    return _best(take)


def _explain() -> None:
    from django.db import connection

    from casework.desk import worklists

    for code in worklists.LISTS:
        text, params = worklists.cases(code, AT).order_by().values("pk").query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM ({text}) AS listed", params)
            print(f"-- {code}", *(line for (line,) in cursor.fetchall()), sep="\n")


def _best(work: Callable[[], Any], times: int = 15) -> float:
    """Return the shortest of some times, in milliseconds: the machine has other work, too."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return round(min(taken) * 1000, 1)


if __name__ == "__main__":
    main()
