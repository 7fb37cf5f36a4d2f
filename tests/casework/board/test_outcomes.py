"""The board finds what is known of a simulated year, exactly."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from boundaries import officials
from boundaries.models import Edition, Term
from casework.board import figures, league, outcomes, spreadsheet
from casework.board.cells import COLUMNS, OUTCOMES, Cell, cell
from casework.board.outcomes import Board, Turned
from casework.board.periods import days
from casework.models import Escalation, Rung, Turn
from casework.steps import proof
from fixtures import year_load, year_posts
from fixtures.year import SMALL, Spec, Truth
from geoplatform.errors import Conflict, NotFound
from reports.models import Report
from tests.casework.board import plain_judge
from tests.conftest import fill

DAY = timedelta(days=1)
YEAR = days(SMALL.first, SMALL.first + (SMALL.days - 1) * DAY)
NOW = year_load.as_of(SMALL)
FEW = 4  # of six weeks: an office in ten has fewer


@pytest.fixture(scope="module")
def truth(django_db_setup, django_db_blocker, schematic_coverage) -> Iterator[Truth]:
    """Load the small year once for all that only read it."""
    with django_db_blocker.unblock(), transaction.atomic():
        if not Edition.objects.exists():
            fill(schematic_coverage)
        yield year_load.load(SMALL)
        transaction.set_rollback(True)


@pytest.fixture
def whole(truth, db) -> Board:
    return outcomes.board(YEAR, NOW, minimum=FEW)


def test_all_317_posts_are_on_the_board_and_those_with_zero_answers_first(whole, truth):
    assert len({row.office for row in whole.rows}) == 317
    assert {row.office for row in whole.rows if row.kind == "silent"} == truth.never_answer
    assert all(row.kind == "silent" for row in whole.rows[: len(truth.never_answer)])


def test_who_passes_everything_on_is_found_and_is_not_said_to_be_silent(whole, truth):
    assert {row.office for row in whole.rows if row.kind == "passes_on"} == truth.pass_everything_on


def test_a_vacant_post_is_a_row_of_its_own_and_nobodys_fault(whole, truth):
    (vacant,) = [row for row in whole.rows if row.counts["vacant"]]
    assert (vacant.office, vacant.official, vacant.counts["unanswered"]) == (truth.vacant, None, 0)
    turned, _ = outcomes.cell(vacant.cell("turns"), YEAR, NOW)
    ends = (min(filter(None, (one.due_at, one.answered_at, ended(one)))) for one in turned)
    on = {end.astimezone(figures.CITY).date() for end in ends}
    assert truth.vacant_from <= min(on) <= max(on) <= truth.vacant_until


def ended(one: Turned) -> datetime | None:
    return Turn.objects.get(id=one.turn_id).ended_at


def test_what_a_dead_feed_may_have_answered_is_no_data_and_never_no_answer(whole, truth):
    turned, _ = outcomes.cell(cell("all:all:no_data"), YEAR, NOW, limit=1000)
    assert len(turned) == whole.totals["no_data"] > 0
    assert all(one.due_at > truth.dead_since for one in turned)
    channels = Report.objects.filter(id__in=[one.report_id for one in turned]).values_list("channel")
    assert {channel for (channel,) in channels} == {truth.dead_feed}
    later, _ = outcomes.cell(cell("all:all:unanswered"), YEAR, NOW, limit=1000)
    later = [one.report_id for one in later if one.due_at > truth.dead_since]
    assert not Report.objects.filter(id__in=later, channel=truth.dead_feed).exists()


def test_of_a_post_that_changed_hands_each_holder_has_a_row(whole, truth):
    rows = [row for row in whole.rows if row.office == truth.replaced]
    assert len({row.name for row in rows}) == len(rows) == 2
    former, new = sorted(rows, key=lambda row: row.terms[0].since or date.min)
    assert (former.terms[0].until, new.terms[0].since) == (truth.replaced_on - DAY, truth.replaced_on)
    assert former.counts["turns"] and new.counts["turns"]


def test_only_who_is_acting_is_marked_so(whole, truth):
    assert {row.office for row in whole.rows if row.acting} == {truth.acting}


def test_the_photos_of_one_office_alone_are_doubted(truth, db):
    proof.load()
    judged = proof.judge(NOW)
    assert judged.photos > judged.doubted > 0
    doubted = Report.objects.filter(id__in=[one.report_id for one in proof.flagged()])
    assert {report.office_id for report in doubted} == {truth.same_photo}
    assert {one.kind for one in proof.flagged()} == {"seen_before"}


def test_every_figure_of_every_row_opens_as_many_turns_as_it_says(whole):
    busiest = sorted(whole.rows, key=lambda row: -row.counts["turns"])[:12]
    for row in [*busiest, *whole.rows[:3]]:
        for column, count in row.counts.items():
            turned, after = outcomes.cell(row.cell(column), YEAR, NOW, limit=1000)
            assert (len(turned), after) == (count, None)
    for column, count in whole.totals.items():
        assert len(everything(Cell("all", None, column))) == count


def everything(chosen: Cell) -> list[int]:
    found, after = [], 0
    while True:
        turned, further = outcomes.cell(chosen, YEAR, NOW, after, limit=1000)
        found += [one.turn_id for one in turned]
        if further is None:
            return found
        assert further > after
        after = further


def test_each_turn_of_an_office_is_in_exactly_one_outcome(whole):
    exclusive = set(COLUMNS) - {"turns", "problems", "due", "kept", "disputed"}
    assert sum(whole.totals[column] for column in exclusive) == whole.totals["turns"]
    assert whole.totals["turns"] == Turn.objects.filter(began_at__lt=NOW, office__isnull=False).count()
    begun = Turn.objects.filter(began_at__lt=NOW, office__isnull=False).exclude(case__state="duplicate")
    assert whole.totals["problems"] == begun.values("case").distinct().count() < whole.totals["turns"]
    assert {name for names in COLUMNS.values() for name in names} == set(OUTCOMES)


@pytest.mark.parametrize("days", [0, 14])
def test_a_plain_judge_finds_the_same_of_each_office_and_person(truth, db, days):
    at = NOW - days * DAY
    plain = plain_judge.outcomes(at)
    made = figures.turns(YEAR, at)
    assert set(plain) == set(made)
    for whose, own in made.items():
        counted = np.bincount(own.turns & figures.OUTCOME, minlength=1 + len(OUTCOMES))
        assert plain[whose] == Counter(
            {name: int(counted[at]) for at, name in enumerate(OUTCOMES, start=1) if counted[at]}
        )


def test_what_the_next_office_took_too_late_was_missed(truth, db):
    late = Turn.objects.filter(ended_by="passed_on", ended_at__gt=F("due_at"), ended_at__lt=NOW)
    behind = everything(cell("all:all:unanswered")) + everything(cell("all:all:no_data"))
    assert late.exists()
    assert set(late.filter(official__isnull=False).values_list("id", flat=True)) <= set(behind)


def test_a_tier_and_an_office_can_be_asked_for_alone(whole, truth):
    by_tier = [len(everything(Cell(tier, None, "turns"))) for tier in ("kelurahan", "kecamatan", "kota")]
    assert sum(by_tier) == whole.totals["turns"]
    one = outcomes.board(YEAR, NOW, truth.acting, FEW)
    assert [row for row in whole.rows if row.office == truth.acting] == list(one.rows)
    with pytest.raises(NotFound, match="no office 'kelurahan-0'"):
        outcomes.board(YEAR, NOW, office="kelurahan-0")


def test_whoever_is_in_a_lower_group_of_a_tier_is_surely_lower(whole):
    judged = [row for row in whole.rows if row.kind == "judged"]
    assert judged
    for row in judged:
        for other in judged:
            if row.tier == other.tier and row.group < other.group:
                assert row.share.high < other.share.low


def test_a_rung_counts_the_turns_that_reached_it_by_then(whole, truth):
    assert whole.columns == (*COLUMNS, "rung_1", "rung_2", "rung_3", "rung_4")
    for at in (NOW - 20 * DAY, NOW):
        made = outcomes.board(YEAR, at)
        for number in range(1, 5):
            reached = Escalation.objects.filter(number=number, at__lte=at)
            assert made.totals[f"rung_{number}"] == reached.values("turn").distinct().count() > 0
            for row in made.rows:
                if row.office in truth.never_answer:
                    of_row = reached.filter(turn__office=row.office, turn__official=row.official)
                    assert row.counts[f"rung_{number}"] == of_row.count()


def test_a_rung_of_an_operators_own_ladder_is_a_column_too(truth, db):
    assert "rung_7" not in outcomes.board(YEAR, NOW).columns
    Rung.objects.create(category=None, number=7, tier=None, norm_id="governor", source="a test")
    made = outcomes.board(YEAR, NOW)
    assert (made.columns[-1], made.totals["rung_7"]) == ("rung_7", 0)
    assert outcomes.cell(cell("all:all:rung_7"), YEAR, NOW) == ([], None)


def test_the_table_says_who_held_the_post_from_when_to_when(whole, truth):
    lines = list(csv.DictReader(io.StringIO(spreadsheet.table(whole))))
    terms = {line["name"]: line["terms"] for line in lines if line["office"] == truth.replaced}
    day = truth.replaced_on
    begun = officials_since(truth.replaced)
    assert sorted(terms.values()) == [f"{begun}/{day - DAY}", f"{day}/.."]
    begun = officials_since(truth.acting)
    assert {line["terms"] for line in lines if line["office"] == truth.acting} == {f"{begun}/.. acting"}
    rows = [*whole.rows, whole.unit]
    assert [line["rung_2"] for line in lines] == [str(row.counts["rung_2"]) for row in rows]


def officials_since(office: str) -> date:
    return min(term.during.lower for term in Term.objects.filter(office=office))


def test_load_is_problems_by_the_area_of_the_boundary(whole):
    row = max(whole.rows, key=lambda one: one.counts["turns"])
    (area,) = Edition.objects.get().boundary_set.filter(code=row.office.split("-")[1]).values_list("area_km2")
    assert row.load == pytest.approx(row.counts["problems"] / area[0])


def test_what_was_known_earlier_is_what_was_known_then(whole):
    earlier = NOW - 14 * DAY
    then = outcomes.board(YEAR, earlier)
    assert then.totals["turns"] == Turn.objects.filter(began_at__lt=earlier, office__isnull=False).count()
    answered = Turn.objects.filter(answered_at__lte=earlier, office__isnull=False).count()
    assert then.totals["answered_in_time"] + then.totals["answered_late"] == answered


def test_the_statement_of_the_board_reads_no_row_of_the_reports_that_were_answered(truth, db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM casework_turn WHERE answered_at IS NOT NULL")
        ((answered,),) = cursor.fetchall()
        since, until = YEAR.instants(figures.CITY)
        cursor.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) SELECT sum(outcome) FROM casework_judged(%s, %s, %s)",
            [since, until, NOW],
        )
        ((plan,),) = cursor.fetchall()
    assert answered > 1000
    looked_at = [one["Actual Loops"] for one in plans(plan) if one.get("Index Name") == "reports_report_pkey"]
    assert sum(looked_at) < answered / 5


@pytest.mark.parametrize("days", [0, 3, 14])
def test_what_is_not_due_yet_is_known_without_what_became_of_it(truth, db, days):
    since, until = YEAR.instants(figures.CITY)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT is_ahead, outcome IN (10, 11), count(*) FROM casework_judged(%s, %s, %s) GROUP BY 1, 2",
            [since, until, NOW - days * DAY],
        )
        found = {(ahead, outcome) for ahead, outcome, _ in cursor.fetchall()}
    assert found == {(True, True), (False, False)}


def test_the_board_judges_each_turn_once(truth, db):
    with CaptureQueriesContext(connection) as asked:
        outcomes.board(YEAR, NOW)
    (query,) = [one["sql"] for one in asked if one["sql"].startswith("-- board:")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}")
        ((plan,),) = cursor.fetchall()
    # Who is paused is the last thing that a judgement asks.
    assert len([one for one in plans(plan) if one.get("Relation Name") == "casework_pause"]) == 1


def test_no_list_is_gone_through_anew_for_each_turn(whole, truth, db):
    row = max(whole.rows, key=lambda one: one.counts["turns"])
    with CaptureQueriesContext(connection) as asked:
        outcomes.board(YEAR, NOW)
        outcomes.cell(row.cell("problems"), YEAR, NOW)
        outcomes.cell(Cell("all", None, "problems", row.office.partition("-")[2]), YEAR, NOW)
    with connection.cursor() as cursor:
        # As if there were many more merges than here: what might not fit is not hashed.
        cursor.execute("SET LOCAL work_mem = '64kB'")
        for query in [query["sql"] for query in asked if "casework_problems" in query["sql"]]:
            cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")
            ((plan,),) = cursor.fetchall()
            scans = [one["Actual Loops"] for one in plans(plan) if one.get("Node Type") == "CTE Scan"]
            assert scans and max(scans) < 10


def test_the_turns_of_a_time_come_in_the_order_in_which_the_board_groups_them(truth, db):
    with CaptureQueriesContext(connection) as asked:
        outcomes.board(YEAR, NOW)
    (query,) = [one["sql"] for one in asked if one["sql"].startswith("-- board:")]
    with connection.cursor() as cursor:
        # A year of this size may well be sorted: what counts is that it need not be.
        for other in ("seqscan", "bitmapscan", "hashagg"):
            cursor.execute(f"SET LOCAL enable_{other} = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query}")
        ((plan,),) = cursor.fetchall()
    (merged,) = [one for one in plans(plan) if one.get("Node Type") == "Merge Append"]
    assert merged["Plans"][0]["Node Type"] == "Index Only Scan"
    assert merged["Plans"][0]["Index Name"] == "turn_by_office"


def plans(document: object) -> Iterator[dict]:
    todo = [json.loads(document) if isinstance(document, str) else document]
    while todo:
        one = todo.pop()
        if isinstance(one, dict):
            yield one
            todo += one.values()
        elif isinstance(one, list):
            todo += one


def test_a_second_year_in_one_database_is_refused(truth, db):
    with pytest.raises(Conflict, match="a simulated year is in this database already"):
        year_load.load(SMALL)


def test_the_table_of_the_years_officials_is_one_that_the_platform_reads(truth, db, tmp_path):
    path = tmp_path / "officials.csv"
    path.write_text(year_posts.table(truth), encoding="utf-8")
    assert officials.load(path).offices == 317


def test_the_whole_year_has_as_many_reports_as_that_of_2024():
    assert (Spec().count, Spec().days) == (185_852, 365)


def typed(*words: str) -> str:
    out = io.StringIO()
    call_command("board", *words, stdout=out)
    return out.getvalue()


def test_the_command_prints_the_board_and_what_is_behind_a_figure(truth, db):
    asked = ("--period", YEAR.text, "--at", NOW.isoformat())
    lines = typed(*asked, "--csv").splitlines()
    assert lines[0].startswith("office,title,tier,official,name,acting,terms,kind,group,")
    assert len(lines) > 317
    office, *_ = lines[1].split(",")
    assert office in truth.never_answer
    assert office in typed(*asked)
    opened = typed(*asked, "--cell", f"{office}:all:unanswered").splitlines()
    assert all(office in line for line in opened[1:-1])
    assert opened[-1] == f"{len(opened) - 2} in all" and len(opened) > 6
    paged = typed(*asked, "--cell", f"{office}:all:unanswered", "--limit", "2").splitlines()
    assert paged[3].startswith("more: --after ") and paged[4:] == [opened[-1]]
    with pytest.raises(CommandError, match="no office 'kelurahan-0'"):
        typed(*asked, "--office", "kelurahan-0")


def test_the_league_has_a_row_for_each_office_whoever_held_it_and_no_name(whole, truth):
    made = league.league(YEAR, NOW, minimum=FEW)
    assert len(made.rows) == len({row.office for row in made.rows}) == 317
    assert {(row.official, row.name, row.acting, row.terms) for row in made.rows} == {(None, "", False, ())}
    assert made.totals == whole.totals
    assert {row.office for row in made.rows if row.kind == "silent"} == truth.never_answer
    (replaced,) = [row for row in made.rows if row.office == truth.replaced]
    held = [row for row in whole.rows if row.office == truth.replaced]
    assert replaced.counts["due"] == sum(row.counts["due"] for row in held) > 0
    assert replaced.counts["kept"] == sum(row.counts["kept"] for row in held)


def test_the_league_is_of_days_that_are_over_as_known_at_the_last_midnight():
    noon = datetime(2026, 6, 1, 5, tzinfo=UTC)
    late = datetime(2026, 6, 1, 16, 59, tzinfo=UTC)
    for at in (noon, late):
        period, known = league.ended(30, at)
        assert (period.first, period.last) == (date(2026, 5, 2), date(2026, 5, 31))
        assert known == datetime(2026, 5, 31, 17, tzinfo=UTC)
