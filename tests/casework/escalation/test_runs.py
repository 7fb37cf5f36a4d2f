"""Unanswered cases climb their ladder: each rung once, to whoever holds the office that day."""

import io
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from boundaries.models import Office, Official, Term
from casework import tasks
from casework.clock import norms
from casework.clock.reckoning import Allowed, due
from casework.escalation import coming, runs
from casework.models import (
    Case,
    Contact,
    DecidedYear,
    Escalation,
    Evidence,
    Norm,
    Notice,
    Pause,
    Rung,
    Succession,
    Turn,
)
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step, change_one
from geoplatform import sql
from layers.models import FeedState, Silence
from reports import intake
from reports.models import Report
from tests.casework.escalation import timelines
from tests.conftest import NOON, ROOT, database_url, triggers_at_rest

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DUE = NOON + DAY  # the governor's 24 hours
LURAH, CAMAT, KOTA = "kelurahan-31.71.01.1001", "kecamatan-31.71.01", "kota-31.71"
LATER = NOON + 90 * DAY


@pytest.fixture(autouse=True)
def late(monkeypatch) -> None:
    """Let it be later than all that is told here."""
    monkeypatch.setattr(timezone, "now", lambda: LATER)


@pytest.fixture
def overdue(receive_one) -> Callable[..., int]:
    """Receive a report, open its case at noon, and begin its turn: due a day later; returns the id."""

    def opened(**parts: object) -> int:
        report = receive_one(**parts)
        workflow.collect(NOON)
        turns.begin()
        return report.id

    return opened


@pytest.fixture
def addressed() -> None:
    """Give the offices on the way up from Gambir addresses, and the governor's office."""
    for office in (LURAH, CAMAT, KOTA, None):
        Contact.objects.create(
            office_id=office, channel="email", address=f"{office or 'gubernur'}@city.example"
        )


def vacate(office: str, official: str = "", acting: bool = False) -> None:
    """Let nobody hold an office, or somebody else."""
    Term.objects.filter(office=office).delete()
    if official:
        person, _ = Official.objects.get_or_create(name=official)
        Term.objects.create(office_id=office, official=person, during=DateRange(None, None), acting=acting)


def reached(id: int) -> list[tuple[int, datetime]]:
    found = Escalation.objects.filter(turn__case=id).order_by("number")
    return [(one.number, one.due_at) for one in found]


def typed(*words: object) -> list[str]:
    out = io.StringIO()
    call_command("escalate", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


def test_a_case_climbs_from_lurah_to_the_governors_office_each_rung_once(overdue):
    id = overdue()
    instants = [DUE - timedelta(seconds=1), DUE, DUE + DAY, LATER, LATER]
    assert [len(runs.escalate(at).rungs) for at in instants] == [0, 1, 1, 2, 0]
    told = Escalation.objects.filter(turn__case=id).order_by("number")
    assert [(one.tier, one.office_id) for one in told] == [
        ("kelurahan", LURAH),
        ("kecamatan", CAMAT),
        ("kota", KOTA),
        (None, None),
    ]
    assert [one.official and one.official.name for one in told] == [
        "Contoh Lurah Gambir",
        "Contoh Camat Gambir",
        "Contoh Wali Kota Jakarta Pusat",
        None,
    ]
    calendar = norms.calendar()
    third = due(DUE + DAY, Allowed(2, "working_days"), calendar).at
    fourth = due(third - timedelta(seconds=1), Allowed(5, "working_days"), calendar).at
    assert [one.due_at for one in told] == [DUE, DUE + DAY, third, fourth]


def test_an_escalation_says_whose_turn_it_is_of_whatever_is_written(overdue):
    id = overdue()
    turn = Turn.objects.get(case=id)
    other = Office.objects.get(code=CAMAT)
    Escalation.objects.create(
        turn=turn, number=1, tier="kelurahan", office_id=LURAH, official_id=turn.official_id, due_at=DUE,
        at=DUE, turn_office=other, turn_began_at=LATER,
    )  # fmt: skip
    found = Escalation.objects.get()
    said = (found.turn_office_id, found.turn_official_id, found.turn_began_at)
    assert said == (turn.office_id, turn.official_id, turn.began_at)


def test_a_case_of_a_camat_begins_one_rung_higher(overdue):
    id = overdue(category="traffic")
    runs.escalate(DUE)
    assert reached(id) == [(2, DUE)]


def test_an_office_of_the_province_is_told_beside_the_wali_kota_and_then_the_governors_office(overdue):
    id = overdue()
    Office.objects.create(code="provinsi-31.sda", level="provinsi", boundary_code="31.sda", title="Dinas SDA")
    vacate("provinsi-31.sda", "Contoh Kepala Dinas")
    turns.give([turns.by_unit(id, "provinsi-31.sda", "user:1")], NOON + HOUR)
    runs.escalate(LATER)
    told = Escalation.objects.filter(turn__case=id).order_by("number")
    assert [(one.number, one.office_id) for one in told] == [(3, "provinsi-31.sda"), (4, None)]
    assert told[0].due_at == Turn.objects.get(case=id, ended_at=None).due_at


def test_the_governors_office_is_told_by_its_name_where_it_is_an_office_with_a_holder(overdue):
    id = overdue()
    Office.objects.create(code="provinsi-31", level="provinsi", boundary_code="31", title="Gubernur")
    vacate("provinsi-31", "Contoh Gubernur")
    Contact.objects.create(channel="email", address="gubernur@city.example")
    runs.escalate(LATER)
    last = Escalation.objects.get(turn__case=id, number=4)
    assert (last.tier, last.office_id, last.official.name) == (None, "provinsi-31", "Contoh Gubernur")
    assert last.notice_set.get().address == "gubernur@city.example"


def test_the_units_own_late_turn_goes_straight_to_the_governors_office(overdue, addressed):
    id = overdue()
    turns.give([turns.Given(id, None, None, {})], NOON + HOUR)
    assert runs.escalate(DUE).rungs == []
    runs.escalate(DUE + HOUR)
    (told,) = Escalation.objects.filter(turn__case=id)
    assert (told.number, told.tier, told.due_at, told.turn_office_id) == (4, None, DUE + HOUR, None)
    assert "Unit Pengelola Jakarta Smart City. Batas jawaban" in told.notice_set.get().text
    assert Turn.objects.get(case=id, office=None).is_climbed
    assert runs.escalate(LATER).rungs == []


def test_the_units_own_turn_waits_where_the_ladder_does_not_lead_to_the_governor(overdue):
    Rung.objects.filter(tier=None).delete()
    turns.give([turns.Given(overdue(), None, None, {})], NOON + HOUR)
    assert runs.escalate(LATER).rungs == []


def test_what_the_units_turn_would_climb_is_foretold(overdue):
    id = overdue()
    turns.give([turns.Given(id, None, None, {})], NOON + HOUR)
    (rung,) = coming.coming(Turn.objects.get(case=id, office=None), "road", NOON + HOUR).rungs
    assert (rung.number, rung.due_at, rung.whom.title) == (4, DUE + HOUR, "Kantor Gubernur")


def test_a_category_may_have_a_ladder_of_its_own(overdue):
    Rung.objects.create(category_id="flood", number=1, tier=None, norm_id="governor", source="a test")
    id = overdue(category="flood")
    runs.escalate(LATER)
    assert reached(id) == [(1, DUE + DAY)]


def test_who_is_told_holds_the_office_on_the_day_of_the_run_in_the_city(overdue):
    """At 17:00 UTC the next day has begun in Jakarta."""
    id = overdue()
    Term.objects.filter(office=LURAH).delete()
    for name, since, until in (("Contoh Lama", None, "2026-05-16"), ("Contoh Baru", "2026-05-16", None)):
        person = Official.objects.create(name=name)
        Term.objects.create(
            office_id=LURAH, official=person, during=DateRange(since, until), acting=name == "Contoh Baru"
        )
    evening = datetime.fromisoformat("2026-05-15T16:59:59Z")
    assert [rung.whom.name for rung in runs.plan(evening).rungs] == ["Contoh Lama"]
    runs.escalate(evening + timedelta(seconds=1))
    told = Escalation.objects.get(turn__case=id)
    assert (told.official.name, told.acting) == ("Contoh Baru", True)


def test_a_vacant_post_is_skipped_to_the_next_rung_at_once_and_shown(overdue, addressed):
    id = overdue()
    vacate(LURAH)
    assert reached(id) == []
    runs.escalate(DUE)
    assert reached(id) == [(1, DUE), (2, DUE)]
    first, second = Escalation.objects.filter(turn__case=id).order_by("number")
    assert (first.is_vacant, first.official, first.office_id) == (True, None, LURAH)
    assert (second.is_vacant, second.official.name) == (False, "Contoh Camat Gambir")
    change_one(Step(id, "answered", "Sudah kami tangani"), "feed:qlue", {"follow"}, DUE + HOUR)
    runs.escalate(DUE + 2 * HOUR)
    assert not Evidence.objects.filter(escalation=first).exists()
    assert Evidence.objects.filter(escalation=second, kind="answered").exists()
    assert list(Notice.objects.values_list("address", flat=True)) == [f"{CAMAT}@city.example"]


def test_a_post_that_no_table_of_offices_has_is_shown_as_vacant(overdue):
    id = overdue()
    Term.objects.filter(office=CAMAT).delete()
    Report.objects.filter(office=CAMAT).update(office=None)
    Office.objects.filter(code=CAMAT).delete()
    runs.escalate(DUE + DAY)
    second = Escalation.objects.get(turn__case=id, number=2)
    assert (second.is_vacant, second.office, second.tier) == (True, None, "kecamatan")


def test_an_office_without_an_address_is_shown_as_such_and_climbs_on(overdue):
    id = overdue()
    assert "Lurah Gambir  Contoh Lurah Gambir  no address" in typed("--at", DUE.isoformat())[0]
    failed = Evidence.objects.get(escalation__turn__case=id)
    assert (failed.kind, failed.note) == ("failed", "no address is known")
    assert [len(runs.escalate(DUE + DAY).rungs), Notice.objects.count()] == [1, 0]


def told(at: datetime) -> list[tuple[int, str]]:
    """Run, and return the rungs that were told for the first time, with where."""
    run = runs.escalate(at)
    ids = Escalation.objects.filter(notice__created_at=at).order_by("number").values_list("number", "id")
    assert len(run.rungs) + len(run.anew) >= len(ids)
    return [(number, Notice.objects.get(escalations=id).address) for number, id in ids]


def test_a_rung_is_told_once_when_its_address_becomes_known_while_the_answer_is_waited_for(overdue):
    id = overdue()
    assert [told(DUE), told(DUE + HOUR)] == [[], []]
    Contact.objects.create(office_id=LURAH, channel="email", address="lurah@city.example")
    assert "told anew" in typed("--dry-run", "--at", (DUE + 2 * HOUR).isoformat())[0]
    assert [told(DUE + hours * HOUR) for hours in (2, 3)] == [[(1, "lurah@city.example")], []]
    # The rung above has its own time, and its own address.
    assert told(DUE + DAY) == []
    Contact.objects.create(office_id=CAMAT, channel="email", address="camat@city.example")
    assert [told(DUE + DAY + hours * HOUR) for hours in (1, 2)] == [[(2, "camat@city.example")], []]
    kinds = Evidence.objects.filter(escalation__turn__case=id).order_by("id").values_list("kind", "note")
    assert list(kinds) == [("failed", "no address is known")] * 2


def test_who_holds_the_office_when_its_address_becomes_known_is_told(overdue):
    id = overdue()
    runs.escalate(DUE)
    vacate(LURAH)
    Contact.objects.create(office_id=LURAH, channel="email", address="lurah@city.example")
    assert told(DUE + HOUR) == []
    vacate(LURAH, "Contoh Penerus")
    assert told(DUE + 2 * HOUR) == [(1, "lurah@city.example")]
    followed = Succession.objects.get(escalation__turn__case=id)
    assert (followed.official.name, followed.at) == ("Contoh Penerus", DUE + 2 * HOUR)


def test_an_address_that_becomes_known_behind_the_answer_tells_nobody(overdue):
    id = overdue()
    runs.escalate(DUE)
    change_one(Step(id, "answered", "Sudah"), "user:1", {"answer"}, DUE + HOUR)
    Contact.objects.create(office_id=LURAH, channel="email", address="lurah@city.example")
    assert told(DUE + 2 * HOUR) == []


def test_the_governors_office_is_told_when_its_address_becomes_known(overdue):
    id = overdue()
    runs.escalate(LATER)
    Contact.objects.create(channel="email", address="gubernur@city.example")
    top = Escalation.objects.filter(turn__case=id).latest("number").number
    assert told(LATER + HOUR) == [(top, "gubernur@city.example")]


def test_an_answer_stops_the_climb_and_is_evidence_for_each_rung_before_it(overdue):
    id = overdue()
    runs.escalate(DUE)
    runs.escalate(DUE + DAY)
    change_one(Step(id, "answered", "Sudah kami tangani"), "feed:qlue", {"follow"}, DUE + 25 * HOUR)
    # At once, and not when a run looks for it among all that was ever told.
    assert Evidence.objects.filter(kind="answered").count() == 2
    for _ in range(2):
        assert runs.escalate(LATER).rungs == []
    answered = Evidence.objects.filter(kind="answered")
    assert {one.at for one in answered} == {DUE + 25 * HOUR}
    assert answered.count() == 2


def test_who_passes_a_case_on_climbs_until_another_office_accepts(overdue):
    id = overdue()
    Turn.objects.filter(case=id).update(passed_at=NOON + HOUR)
    runs.escalate(DUE)
    Turn.objects.filter(case=id).update(ended_at=DUE + HOUR, ended_by="passed_on")
    runs.escalate(LATER)
    assert reached(id) == [(1, DUE)]


def test_a_dispute_begins_anew(overdue):
    id = overdue()
    runs.escalate(DUE)
    change_one(Step(id, "resolved", "Sudah kami tangani"), "feed:qlue", {"follow"}, DUE + HOUR)
    change_one(Step(id, "disputed", "Masih rusak"), "citizen", {"dispute"}, DUE + 2 * HOUR)
    turns.again()
    runs.escalate(LATER)
    assert [number for number, _ in reached(id)].count(1) == 2
    assert Escalation.objects.filter(turn__case=id, turn__number=1).count() == 4


def test_while_a_pause_lasts_the_climb_stands_still_and_goes_on_when_it_ends_sooner(overdue):
    id = overdue()
    pause = Pause.objects.create(
        case_id=id, since=DUE + HOUR, until=DUE + 3 * DAY, reason="weather", by="user:1"
    )
    assert len(runs.escalate(DUE + 2 * DAY).rungs) == 1
    Pause.objects.filter(id=pause.id).update(ended_at=DUE + 11 * HOUR)
    assert len(runs.escalate(DUE + 2 * DAY).rungs) == 1
    assert reached(id) == [(1, DUE), (2, DUE + 34 * HOUR)]


def test_runs_that_were_missed_are_caught_up_with_the_dates_that_held(overdue):
    id, other = overdue(external_id="1"), overdue(external_id="2")
    for at in (DUE, DUE + DAY, DUE + 3 * DAY, LATER):
        runs.write([rung for rung in runs.plan(at).rungs if rung.report_id == other], at)
    runs.escalate(LATER)
    assert reached(id) == reached(other) != []


def test_a_report_that_its_author_deleted_climbs_no_ladder(overdue):
    Report.objects.filter(id=overdue()).update(status="withdrawn")
    assert runs.escalate(LATER).rungs == []


def test_a_date_that_depends_on_holidays_that_nobody_loaded_is_held_back_and_said(overdue, caplog):
    id = overdue()
    DecidedYear.objects.all().delete()
    run = runs.escalate(LATER)
    assert ([rung.number for rung in run.rungs], run.held) == ([1, 2], 1)
    assert "turns held until holidays are loaded=1" in caplog.text
    norms.load()
    assert [rung.number for rung in runs.escalate(LATER).rungs] == [3, 4]
    assert len(reached(id)) == 4


def silence(since: datetime, stale_at: datetime) -> None:
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="x", enabled=True, simulated=False, cadence_s=300,
        silent_since=since, stale_at=stale_at,
    )  # fmt: skip


def heard(until: datetime) -> None:
    state = FeedState.objects.get()
    Silence.objects.create(feed="qlue", since=state.silent_since, known_at=state.stale_at, until=until)
    FeedState.objects.update(silent_since=until, stale_at=until + 365 * DAY)


def test_while_the_feed_of_a_report_is_silent_its_case_is_held_back_and_that_is_said(overdue, caplog):
    overdue(external_id="1")
    overdue(external_id="2", category="traffic")
    other = overdue(external_id="3", channel="jaki")
    silence(NOON, DUE - HOUR)
    run = runs.escalate(DUE)
    assert ([rung.report_id for rung in run.rungs], run.unheard) == ([other], {"qlue": 2})
    assert "turns held while a feed is silent channel=qlue turns=2" in caplog.text
    assert typed("--dry-run", "--at", DUE.isoformat())[-1].endswith(", 2 while qlue is silent")


def test_a_look_ahead_takes_a_feed_that_is_heard_now_to_be_heard_until_then(overdue):
    overdue()
    silence(DUE, LATER + HOUR)  # where it says nothing any more, from now on
    ahead = LATER + 2 * DAY
    assert [rung.number for rung in runs.plan(ahead, now=LATER).rungs] == [1, 2, 3, 4]
    assert typed("--dry-run", "--at", ahead.isoformat())[-1].startswith("4 rungs at ")
    assert runs.plan(ahead).unheard == {"qlue": 1}


def test_when_its_feed_is_heard_again_a_case_climbs_on_and_the_silence_is_left_out(overdue):
    id = overdue()
    runs.escalate(DUE)
    silence(DUE, DUE + 4 * HOUR)
    assert runs.escalate(DUE + 9 * DAY).unheard == {"qlue": 1}
    heard(DUE + 10 * DAY)
    runs.escalate(DUE + 10 * DAY)
    assert reached(id) == [(1, DUE)]
    runs.escalate(DUE + 12 * DAY)
    # 4 of the 24 hours were over when the silence was known.
    assert reached(id) == [(1, DUE), (2, DUE + 10 * DAY + 20 * HOUR)]


def test_a_look_back_holds_what_was_held_then(overdue):
    overdue()
    silence(NOON, DUE - HOUR)
    heard(DUE + 2 * HOUR)
    held = [runs.plan(DUE + hours * HOUR, past=True) for hours in (0, 1.9, 2)]
    assert [(len(run.rungs), run.unheard) for run in held] == [(0, {"qlue": 1}), (0, {"qlue": 1}), (1, {})]


def test_what_is_answered_while_the_feed_is_silent_climbs_no_further(overdue):
    id = overdue()
    silence(NOON, DUE - HOUR)
    change_one(Step(id, "answered", "Sudah"), "user:1", {"answer"}, DUE + HOUR)
    heard(DUE + 2 * HOUR)
    run = runs.escalate(LATER)
    assert (run.rungs, run.unheard) == ([], {})


def read() -> set[int]:
    """The turns that a run reads."""
    return {
        row["turn_id"]
        for row in sql.dicts("casework/overdue", {"at": LATER, "past": False, "known_at": LATER})
    }


def test_a_turn_that_reached_the_last_rung_is_read_by_no_later_run(overdue):
    first, second = (Turn.objects.get(case=overdue(external_id=name)).id for name in "12")
    runs.escalate(DUE + DAY)
    assert read() == {first, second}
    runs.escalate(LATER)
    assert (read(), runs.escalate(LATER).rungs) == (set(), [])


def test_a_turn_for_which_the_ladder_has_no_rung_is_read_once(overdue):
    Rung.objects.create(category_id="traffic", number=1, tier="kelurahan", source="a test")
    overdue(category="traffic")  # of the camat
    assert len(read()) == 1
    assert runs.escalate(LATER).rungs == []
    assert read() == set()


def test_a_turn_whose_last_rung_is_left_for_the_next_run_is_read_by_that(overdue):
    id = overdue()
    planned = runs.plan(LATER)
    runs.write(planned.rungs[:-1], LATER, planned.tops)
    assert len(read()) == 1
    assert [rung.number for rung in runs.escalate(LATER).rungs] == [4]
    assert (len(reached(id)), read()) == (4, set())


def test_a_rung_that_an_operator_adds_above_the_last_one_is_climbed_by_all_that_wait(overdue):
    id = overdue()
    Rung.objects.filter(number=4).delete()
    runs.escalate(LATER)
    Rung.objects.create(category=None, number=5, tier=None, norm_id="governor", source="a test")
    runs.escalate(LATER)
    assert [number for number, _ in reached(id)] == [1, 2, 3, 5]


def tiers(id: int) -> list[tuple[int, str | None]]:
    found = Escalation.objects.filter(turn__case=id).order_by("number")
    return list(found.values_list("number", "tier"))


def rungs(category: str | None, *above: tuple[str | None, str | None]) -> None:
    """Replace a ladder by one of some tiers, each with its norm."""
    Rung.objects.filter(category=category).delete()
    Rung.objects.bulk_create(
        Rung(category_id=category, number=number, tier=tier, norm_id=norm, source="a test")
        for number, (tier, norm) in enumerate(above, start=1)
    )


def test_a_ladder_that_loses_its_first_rung_skips_nobody_who_stands_above(overdue):
    id = overdue()
    runs.escalate(DUE + HOUR)
    rungs(None, ("kecamatan", "governor"), ("kota", "light"), (None, "lapor_answer"))
    due_at = [one.due_at for one in coming.coming(Turn.objects.get(), "road", DUE + HOUR).rungs]
    assert [len(runs.escalate(at).rungs) for at in (DUE + 23 * HOUR, DUE + DAY, LATER)] == [0, 1, 2]
    assert tiers(id) == [(1, "kelurahan"), (2, "kecamatan"), (3, "kota"), (4, None)]
    assert [at for _, at in reached(id)[1:]] == due_at
    assert runs.plan(LATER).anew == {}


def test_a_rung_that_is_put_in_below_tells_no_tier_twice(overdue):
    rungs(None, ("kecamatan", "governor"), (None, "governor"))
    id = overdue()
    runs.escalate(DUE + DAY)
    rungs(None, ("kelurahan", None), ("kecamatan", "governor"), ("kota", "governor"), (None, "governor"))
    runs.escalate(LATER)
    assert tiers(id) == [(1, "kecamatan"), (3, "kota"), (4, None)]


def test_of_another_category_the_ladder_goes_on_above_who_was_told_last_also_at_its_top(overdue):
    rungs("flood", ("kota", None), (None, "governor"))
    rungs("road", ("kelurahan", None), ("kecamatan", "governor"))
    cases = overdue(external_id="1"), overdue(external_id="2")
    runs.escalate(DUE)
    Report.objects.filter(id=cases[0]).update(category="flood")
    runs.escalate(DUE + 2 * DAY)
    Report.objects.filter(id=cases[1]).update(category="flood")
    turns.reroute(DUE + 2 * DAY)
    runs.escalate(LATER)
    assert tiers(cases[0]) == [(1, "kelurahan"), (2, "kota"), (3, None)]
    assert tiers(cases[1]) == [(1, "kelurahan"), (2, "kecamatan"), (3, "kota"), (4, None)]


def test_a_dry_run_prints_exactly_the_set_that_the_run_then_writes(overdue, addressed):
    for number in range(6):
        overdue(external_id=str(number), category=("road", "traffic", "flood")[number % 3])
    vacate(CAMAT)
    for at in (DUE, DUE + DAY, LATER):
        before = Escalation.objects.count()
        printed = typed("--dry-run", "--at", at.isoformat())
        assert Escalation.objects.count() == before
        assert len(printed) > 1
        assert typed("--at", at.isoformat()) == printed
        told = [line.split() for line in printed[:-1]]
        assert [(int(words[1]), int(words[3]), int(words[5]), words[-1] == "vacant") for words in told] == [
            (one.turn.case_id, one.turn_id, one.number, one.is_vacant)
            for one in Escalation.objects.filter(at=at).order_by("turn", "number")
        ]


def test_only_a_dry_run_looks_ahead(city):
    assert typed("--dry-run", "--at", "2999-01-01T00:00")[-1].startswith("0 rungs at 2998-12-31 17:00Z: ")
    with pytest.raises(CommandError, match="only --dry-run looks ahead"):
        typed("--at", "2999-01-01T00:00")
    with pytest.raises(CommandError, match="--at soon: no instant"):
        typed("--at", "soon")


def test_a_look_back_counts_cases_as_they_stood_then(overdue):
    id = overdue()
    change_one(Step(id, "resolved", "Sudah"), "feed:qlue", {"follow"}, DUE + 30 * HOUR)
    assert len(runs.plan(DUE + 29 * HOUR).rungs) == 0
    assert len(runs.plan(DUE + 29 * HOUR, past=True).rungs) == 2
    assert len(runs.plan(DUE + 30 * HOUR, past=True).rungs) == 0
    assert len(runs.escalate(DUE + 29 * HOUR, past=True).rungs) == 2


def test_all_that_one_run_tells_one_person_is_one_notice(overdue, addressed):
    ids = [overdue(external_id=str(number)) for number in range(3)]
    own = overdue(external_id="own", category="traffic")
    runs.escalate(DUE)
    runs.escalate(DUE + DAY)
    first, second, third = Notice.objects.order_by("id")
    assert [(one.address, one.escalations.count()) for one in (first, second, third)] == [
        (f"{LURAH}@city.example", 3),
        (f"{CAMAT}@city.example", 1),
        (f"{CAMAT}@city.example", 3),
    ]
    assert f"laporan {own} " in second.subject
    assert all(f"Laporan {id}:" in third.text for id in ids)


def test_the_worker_escalates_and_sends(overdue, addressed, settings):
    Turn.objects.filter(case=overdue()).update(due_at=NOON)
    settings.NOTICE_CHANNELS = {"email": "tests.casework.escalation.test_notices.keep"}
    tasks.escalate(timestamp=0)
    tasks.send_notices(timestamp=0)
    assert Notice.objects.filter(sent_at__isnull=False).exists()


REFUSED_BY_THE_DATABASE = {
    "another escalation": "UPDATE casework_escalation SET at = at + interval '1 hour'",
    "fewer escalations": "DELETE FROM casework_escalation",
    "other evidence": "UPDATE casework_evidence SET kind = 'delivered'",
    "less evidence": "DELETE FROM casework_evidence",
    "another text of a notice": "UPDATE casework_notice SET text = 'x'",
    "another address of what was sent": """UPDATE casework_notice SET sent_at = now();
        UPDATE casework_notice SET address = 'x'""",
    "fewer notices": "DELETE FROM casework_notice_escalations",
    "a rung twice": """INSERT INTO casework_escalation
        (turn_id, number, tier, office_id, official_id, due_at, at)
        SELECT turn_id, number, tier, office_id, official_id, due_at, at FROM casework_escalation""",
    "a rung before it is due": """INSERT INTO casework_escalation (turn_id, number, due_at, at)
        SELECT turn_id, 4, at + interval '1 second', at FROM casework_escalation""",
    "a rung before the answer was due": """INSERT INTO casework_escalation (turn_id, number, due_at, at)
        SELECT turn_id, 4, due_at - interval '1 second', at FROM casework_escalation""",
    "who does not hold the office": """INSERT INTO casework_escalation
        (turn_id, number, tier, office_id, official_id, due_at, at)
        SELECT turn_id, 2, 'kecamatan', 'kecamatan-31.71.01', official_id, due_at, at
        FROM casework_escalation""",
    "a vacant post with a holder": """INSERT INTO casework_escalation
        (turn_id, number, tier, office_id, official_id, is_vacant, due_at, at)
        SELECT turn_id, 2, tier, office_id, official_id, true, due_at, at FROM casework_escalation""",
    "a turn of the unit to a lurah": """INSERT INTO casework_escalation
        (turn_id, number, tier, office_id, is_vacant, due_at, at)
        SELECT turn.id, 1, 'kelurahan', 'kelurahan-31.71.01.1001', true, turn.due_at, turn.due_at
        FROM casework_turn AS turn
        WHERE turn.office_id IS NULL""",
    "a turn that was answered": """INSERT INTO casework_escalation (turn_id, number, due_at, at)
        SELECT turn.id, 4, turn.due_at, turn.answered_at FROM casework_turn AS turn
        WHERE turn.answered_at IS NOT NULL""",
    "an address of two": """INSERT INTO casework_contact (office_id, official_id, channel, address)
        SELECT office_id, official_id, 'email', 'x@x.example' FROM casework_escalation""",
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
def test_the_database_itself_refuses(overdue, addressed, statement):
    overdue(external_id="1")
    unit, answered = overdue(external_id="2"), overdue(external_id="3")
    turns.give([turns.Given(unit, None, None, {})], NOON + HOUR)
    change_one(Step(answered, "answered", "Sudah"), "feed:qlue", {"follow"}, DUE + HOUR)
    runs.escalate(DUE + HOUR / 2)
    Evidence.objects.create(escalation=Escalation.objects.get(), kind="sent", channel="email", at=DUE)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount, "it had nothing to refuse"
    assert Escalation.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_double_nothing(transactional_city, submission):
    """Both have planned before either writes, as where the lock of one is lost."""
    opened(submission, 20)
    Contact.objects.create(office_id=LURAH, channel="email", address="lurah@city.example")
    plans = [runs.plan(LATER).rungs for _ in range(2)]
    together = threading.Barrier(2)
    written: list[int] = []

    def run(rungs: list[runs.Planned]) -> None:
        try:
            together.wait(120)
            written.append(len(runs.write(rungs, LATER)))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(rungs,)) for rungs in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(written) == Escalation.objects.count() == 80
    assert sum(notice.escalations.count() for notice in Notice.objects.all()) == 20
    assert runs.plan(LATER).rungs == []


@pytest.mark.django_db(transaction=True)
def test_a_case_that_is_answered_at_this_moment_is_left_for_the_next_run(transactional_city, submission):
    first, second = opened(submission, 2)
    rungs = runs.plan(DUE).rungs
    answering, free = threading.Event(), threading.Event()

    def answer() -> None:
        try:
            with transaction.atomic():
                change_one(Step(first, "answered", "Sudah"), "feed:qlue", {"follow"}, DUE)
                answering.set()
                free.wait(120)
        finally:
            answering.set()
            connection.close()

    office = threading.Thread(target=answer)
    office.start()
    answering.wait(120)
    written = runs.write(rungs, DUE)
    free.set()
    office.join()
    assert [rung.report_id for rung in written] == [second]


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_before_its_end_has_done_nothing_and_the_next_one_all(
    transactional_city, submission
):
    opened(submission, 3)
    Contact.objects.create(office_id=LURAH, channel="email", address="lurah@city.example")
    program = f"""
import os, signal, django
django.setup()
from datetime import datetime
from casework.escalation import notices, runs
from casework.models import Escalation
put = notices.put
def die(*args):
    put(*args)
    assert Escalation.objects.count() == 3
    os.kill(os.getpid(), signal.SIGKILL)
notices.put = die
runs.escalate(datetime.fromisoformat({DUE.isoformat()!r}))
"""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "geoplatform.settings",
        "GEOPLATFORM_DEBUG": "1",
    }
    victim = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=False)
    assert victim.returncode == -signal.SIGKILL
    assert (Escalation.objects.count(), Notice.objects.count()) == (0, 0)
    # Its lock falls when the database sees that it is gone, which is for the five minutes between two runs.
    assert len(runs.write(runs.plan(DUE).rungs, DUE)) == 3
    assert (Escalation.objects.count(), Notice.objects.count()) == (3, 1)


def opened(submission, count: int) -> list[int]:
    intake.receive([submission(external_id=str(number)) for number in range(count)], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    return list(Case.objects.order_by("report_id").values_list("report_id", flat=True))


def test_hundreds_of_random_timelines_end_in_the_database_as_they_do_in_memory(city, submission, monkeypatch):
    dice = random.Random(317)
    stories = _stories(dice, 240)
    world = stories[0].world
    monkeypatch.setattr(norms, "calendar", lambda: timelines.CALENDAR)
    cases = _cases(submission, stories)
    made: dict[tuple[int, int], Turn] = {}
    learnt = _learnt(random.Random(318), world)
    for now in world.runs:
        _catch_up_silences(world, now)
        _catch_up(stories, cases, made, now)
        _catch_up_addresses(learnt, now)
        runs.escalate(now)
    keys = {turn.id: key for key, turn in made.items()}
    found = {
        (
            *keys[one.turn_id],
            one.number,
            one.due_at,
            one.at,
            one.official and one.official.name,
            one.is_vacant,
        )
        for one in Escalation.objects.select_related("official")
    }
    expected = {(index, *told) for index, story in enumerate(stories) for told in timelines.simulate(story)}
    assert len(expected) > 400
    assert found == expected
    seen = set().union(*(timelines.judge(story, timelines.simulate(story)) for story in stories))
    assert seen >= {"silent", "paused", "vacant", "passed"}
    notified = [
        (*keys[one.turn_id], one.number, notice.created_at)
        for one in Escalation.objects.prefetch_related("notice_set")
        for notice in one.notice_set.all()
    ]
    first = {
        (index, told.turn, told.number, at): at > told.at
        for index, story in enumerate(stories)
        for told in timelines.simulate(story)
        if (at := _notified_at(story, told, learnt))
    }
    assert sorted(notified) == sorted(first)
    assert 40 < sum(first.values()) < len(first) < len(expected)


def _learnt(dice: random.Random, world: timelines.World) -> dict[str | None, datetime]:
    """Return at which run the address of each post, and of the governor's office (None), becomes known."""
    return {post: dice.choice(world.runs) for post in (*world.posts, None)}


def _catch_up_addresses(learnt: dict[str | None, datetime], now: datetime) -> None:
    for post, at in learnt.items():
        if at == now:
            Contact.objects.create(office_id=post, channel="email", address=f"{post or 'top'}@city.example")


def _notified_at(
    story: timelines.Timeline, told: timelines.Told, learnt: dict[str | None, datetime]
) -> datetime | None:
    """Return by which run somebody is told of a rung: the first that can, once it is written down."""
    turn = story.turns[told.turn]
    rank = next(rise.rank for rise in story.ladder if rise.number == told.number)
    post = None if rank == timelines.GOVERNOR else story.post(turn, rank)
    if told.is_vacant:
        return None
    for run in story.world.runs:
        is_held = post is None or story.world.holder(post, run)
        may = run < turn.stops_at and story.may_tell(turn, run) and is_held
        if run >= max(told.at, learnt[post]) and may:
            return run
    return None


ENDS = ("passed_at", "answered_at", "ended_at")


def _stories(dice: random.Random, count: int) -> list[timelines.Timeline]:
    """Stories at real offices, a few of which have many holders, in categories with ladders of their own."""
    categories = ["road", "flood", "garbage", "traffic", "river", "tree"]
    chains = []
    for kecamatan in ("31.71.01", "31.72.03", "31.74.05"):
        codes = Office.objects.filter(level="kelurahan", boundary_code__startswith=f"{kecamatan}.").order_by(
            "code"
        )
        first, second = codes.values_list("code", flat=True)[:2]
        chains.append((first, second, f"kecamatan-{kecamatan}", f"kota-{kecamatan[:5]}"))
    posts = {post: timelines.terms(dice, post) for chain in chains for post in chain}
    ladders = {category: timelines.ladder(dice) for category in categories}
    silences = {feed: timelines.silences(dice) for feed in ("qlue", "jaki", "lapor", "x")}
    world = timelines.World(ladders, posts, timelines.runs(dice)[::2], silences)
    _store(world)
    return [
        timelines.story(dice, world, dice.choice(categories), dice.choice([*silences]), dice.choice(chains))
        for _ in range(count)
    ]


def _store(world: timelines.World) -> None:
    Norm.objects.bulk_create(
        Norm(code=f"{wait.amount} {wait.unit}", amount=wait.amount, unit=wait.unit, source="a test")
        for wait in timelines.WAITS
        if wait
    )
    tiers = ["kelurahan", "kecamatan", "kota", None]
    Rung.objects.bulk_create(
        Rung(
            category_id=category,
            number=rise.number,
            tier=tiers[rise.rank],
            norm_id=rise.wait and f"{rise.wait.amount} {rise.wait.unit}",
            source="a test",
        )
        for category, rises in world.ladders.items()
        for rise in rises
    )
    Term.objects.filter(office__in=world.posts).delete()
    for post, held in world.posts.items():
        for term in held:
            person = Official.objects.create(name=term.official)
            during = DateRange(term.since, term.until)
            Term.objects.create(office_id=post, official=person, during=during, acting=term.acting)


def _cases(submission, stories: list[timelines.Timeline]) -> list[int]:
    sent = [
        submission(external_id=str(index), category=story.category, channel=story.feed)
        for index, story in enumerate(stories)
    ]
    intake.receive(sent, simulated=False)
    workflow.collect(timelines.BEGIN)
    ids = dict(Report.objects.values_list("external_id", "id"))
    return [ids[str(index)] for index in range(len(stories))]


def _catch_up(
    stories: list[timelines.Timeline], cases: list[int], made: dict[tuple[int, int], Turn], now: datetime
) -> None:
    """Bring turns and pauses to where they stand at a time."""
    new, old = [], []
    for index, story in enumerate(stories):
        _catch_up_pauses(story, cases[index], now)
        for number, turn in enumerate(story.turns):
            if turn.began_at > now:
                break
            known = {name: timelines.known(getattr(turn, name), now) for name in ENDS}
            known["ended_at"] = turn.known_end(now)
            row = made.get((index, number))
            if row is None:
                office = None if turn.rank == timelines.GOVERNOR else turn.post
                row = Turn(case_id=cases[index], number=number, explanation={}, office_id=office)
                row.offered_at, row.began_at, row.due_at = turn.began_at, turn.began_at, turn.due_at
                made[index, number] = row
                new.append(row)
            elif known != {name: getattr(row, name) for name in ENDS}:
                old.append(row)
            for name, at in known.items():
                setattr(row, name, at)
            row.ended_by = "rerouted" if row.ended_at else None
    with triggers_at_rest():
        Turn.objects.bulk_update(old, [*ENDS, "ended_by"])
        Turn.objects.bulk_create(new)


def _catch_up_silences(world: timelines.World, now: datetime) -> None:
    for feed, silences in world.silences.items():
        stale_at = next((known_at for known_at, until in silences if known_at <= now < until), None)
        FeedState.objects.update_or_create(
            feed=feed,
            defaults={
                "title": feed, "owner": "x", "enabled": True, "simulated": False, "cadence_s": 300,
                "silent_since": stale_at and stale_at - HOUR, "stale_at": stale_at,
            },
        )  # fmt: skip
        for known_at, until in silences:
            if until <= now:
                said = {"since": known_at - HOUR, "until": until}
                Silence.objects.get_or_create(feed=feed, known_at=known_at, defaults=said)


def _catch_up_pauses(story: timelines.Timeline, case: int, now: datetime) -> None:
    for stop in story.stops:
        if stop.since > now:
            continue
        said = {"case_id": case, "since": stop.since, "until": stop.until, "reason": "a test", "by": "a test"}
        row, _ = Pause.objects.get_or_create(**said)
        if timelines.known(stop.ended_at, now) and not row.ended_at:
            Pause.objects.filter(id=row.id).update(ended_at=stop.ended_at)
