"""A case on its way through the API: listed, weighed, proposed, decided, passed on, answered, told."""

from datetime import timedelta

import pytest

from access.models import Entry
from boundaries.models import Office
from casework.desk import worklists
from casework.duplicates import merging
from casework.models import Alternative, Case, Change, DuplicateCandidate, Pause, Turn
from casework.routing import turns
from casework.steps.workflow import Step, change_one
from reports import intake
from reports.models import Outgoing, Report
from tests.api.casework.conftest import HERE, THERE, inside, state, turn
from tests.conftest import NOON

DAY = timedelta(days=1)
RETURNED = "/assign gives a returned case to an office, and /accept takes the offer"
WORDS = "Jalan ini kini tugas Lurah Pulogadung."


def detail(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_the_work_lists_are_counted_with_their_names(case, login):
    case()
    case(code=None)
    said = login("triage").get("/api/staff/work-lists").json()["work_lists"]
    assert [one["code"] for one in said] == list(worklists.LISTS)
    assert {one["code"]: one["count"] for one in said} == {
        "new": 2, "no_place": 1, "near_border": 0, "duplicates": 0, "stale_feed": 0, "returned": 0, "hops": 0,
        "disputed": 0, "flagged": 0, "overdue": 2, "soon": 0,
    }  # fmt: skip
    assert said[0]["name"] == {"id": "Laporan baru", "en": "New"}


def test_a_work_list_is_read_by_priority_page_by_page_at_one_instant(case, login):
    ids = [case(category=kind) for kind in ("noise", "flood", "road", "flood", "tree")]
    client, read, after = login("triage"), [], ""
    while True:
        page = client.get(f"/api/staff/cases?worklist=new&limit=2{after}").json()
        read += page["cases"]
        if page["next_after"] is None:
            break
        after = f"&after={page['next_after']}"
    assert [one["id"] for one in read] == [ids[1], ids[3], ids[4], ids[2], ids[0]]
    first = read[0]["priority"]
    assert first["points"] == sum(part["points"] for part in first["parts"])
    assert first["words"]["id"].startswith("umur ") and "Banjir atau genangan: 30" in first["words"]["id"]


def test_lists_tell_no_more_of_where_a_sensitive_report_lies_than_its_case(case, login):
    hidden, known = case(category="noise"), case()
    Report.objects.filter(pk__in=[hidden, known]).update(border_m=3.0)
    for role, told in (("governor", {known}), ("triage", {hidden, known})):
        client = login(role)
        lists = [client.get(f"/api/staff/cases{query}").json() for query in ("", "?worklist=near_border")]
        near = [{one["id"] for one in said["cases"] if one["near_border"]} for said in lists]
        assert near == [told, told], role
        assert {one["id"] for one in lists[1]["cases"]} == told
        counted = client.get("/api/staff/work-lists").json()["work_lists"]
        assert {one["code"]: one["count"] for one in counted}["near_border"] == len(told)
        place = client.get(f"/api/staff/cases/{hidden}").json()["place"]
        assert place["near_border"] is (hidden in told)


def test_cases_are_listed_newest_first_and_page_by_page(case, login):
    ids = [case() for _ in range(5)]
    client = login("auditor")
    one = client.get("/api/staff/cases?limit=3").json()
    two = client.get(f"/api/staff/cases?limit=3&after={one['next_after']}").json()
    assert [item["id"] for item in one["cases"] + two["cases"]] == ids[::-1]
    assert two["next_after"] is None


def test_a_list_of_cases_takes_a_fixed_number_of_statements(case, login, django_assert_max_num_queries):
    for _ in range(6):
        case()
    client = login("triage")
    with django_assert_max_num_queries(19):
        assert len(client.get("/api/staff/cases?worklist=new").json()["cases"]) == 6


def test_lists_are_filtered(case, login, office):
    road, tree, there = case(), case(category="tree", description="Pohon tumbang 100%_"), case(THERE)
    client = login("triage")

    def ids(query: str) -> set[int]:
        return {one["id"] for one in client.get(f"/api/staff/cases?{query}").json()["cases"]}

    assert ids(f"office={office(THERE)}") == {there}
    assert ids("category=tree") == {tree}
    assert ids("kelurahan=31.74") == ids("kelurahan=31.74.01") == ids(f"kelurahan={THERE}") == {there}
    assert ids("q=TUMBANG") == ids("q=100%25_") == {tree}
    assert ids("state=selected") == set()
    point = Report.objects.get(pk=there).point
    assert ids(f"bbox={point.x - 0.001},{point.y - 0.001},{point.x + 0.001},{point.y + 0.001}") == {there}
    assert ids("worklist=new&category=road") == {road, there}


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("worklist=late", "work list 'late': known are new"),
        ("office=lurah:atlantis", "office 'lurah:atlantis' is none that there is"),
        ("state=asleep", "state 'asleep' is none that there is"),
        ("category=cats", "category 'cats' is none that there is"),
        ("kelurahan=31.7", "kelurahan '31.7' is no Kemendagri code"),
        ("q=x", "q 'x': 2 to 100 characters are looked for"),
        ("worklist=new&after=7", "after '7' is none that a page gave"),
        ("limit=201", "limit 201: it must lie between 1 and 200"),
        ("colour=red", "unknown parameter 'colour'"),
    ],
)
def test_what_cannot_be_asked_is_named(login, query, words):
    status, said = detail(login("triage").get(f"/api/staff/cases?{query}"))
    assert status == (404 if query.startswith("worklist=late") else 400)
    assert said.startswith(words)


def test_one_case_tells_where_it_lies_and_why_it_is_whose(case, login, office):
    id = case()
    said = login("triage").get(f"/api/staff/cases/{id}").json()
    assert said["place"]["kelurahan"]["code"] == HERE
    (first,) = said["turns"]
    assert first["office"] == {"code": office(HERE), "title": "Lurah Gambir"}
    assert (first["explanation"]["decided_by"], first["explanation"]["polygon"]) == ("rules", HERE)
    assert first["is_overdue"] is True
    assert {one["to"]["code"] for one in said["steps"]} == {"selected", "duplicate", "not_ours", "no_problem"}
    assert said["priority"]["points"] > 0


def test_a_pair_shows_what_speaks_for_it_and_the_public_words_of_the_other(case, login):
    one, two = case(), case()
    DuplicateCandidate.objects.create(
        first_id=one, second_id=two, score=0.91, parts={"distance_m": 3.0}, rule="r", found_at=NOON
    )
    (pair,) = login("official", HERE).get(f"/api/staff/cases/{two}").json()["duplicates"]
    assert (pair["id"], pair["score"], pair["parts"]) == (one, 0.91, {"distance_m": 3.0})
    assert "0812" not in pair["text"]


def test_of_many_duplicates_the_surest_are_told_and_of_a_cluster_the_first_and_itself(
    case, login, monkeypatch
):
    monkeypatch.setattr("api.casework.history.MOST", 2)
    one, *others = (case() for _ in range(4))
    for place, other in enumerate(others):
        DuplicateCandidate.objects.create(
            first_id=one, second_id=other, score=0.9 + place / 100, parts={}, rule="r", found_at=NOON
        )
    triage = login("triage")
    told = triage.get(f"/api/staff/cases/{one}").json()["duplicates"]
    assert [pair["id"] for pair in told] == [others[2], others[1]]
    merging.merge(others, one, "user:1", {"triage"}, "Satu masalah", NOON)
    cluster = triage.get(f"/api/staff/cases/{others[2]}").json()["cluster"]
    assert [member["case"] for member in cluster["members"]] == [one, others[0], others[2]]
    assert cluster["reports"] == 4


def test_a_turn_says_by_which_deadline_it_is_due_and_who_says_so(case, login):
    (turn,) = login("triage").get(f"/api/staff/cases/{case()}").json()["turns"]
    said = turn["deadline"]
    assert (said["norm"], said["amount"], said["unit"], said["began_at"]) == ("governor", 24, "hours", None)
    assert said["source"].startswith("Berita Jakarta") and said["name"]["en"] == "The governor's 24 hours"


def test_the_trace_of_the_channel_is_shown(case, login):
    from reports import intake
    from reports.record import Update, Updates

    id = case()
    external_id = Report.objects.get(pk=id).external_id
    steps = (Update(NOON + DAY, "in_progress", "Sudin Bina Marga", "Kami cek"),)
    intake.receive([Updates("qlue", external_id, steps)], simulated=False)
    (step,) = login("triage").get(f"/api/staff/cases/{id}").json()["trace"]
    assert (step["status"], step["by"], step["note"]) == ("in_progress", "Sudin Bina Marga", "Kami cek")


def test_a_case_is_selected_proposed_chosen_and_assigned_to_the_office_that_was_chosen(
    case, login, post, office
):
    id, triage, supervisor = case(), login("triage"), login("supervisor")
    for step in ("selected", "proposed"):
        assert post(triage, f"/api/staff/cases/{id}/steps", to=step).status_code == 200
    early = post(supervisor, f"/api/staff/cases/{id}/steps", to="decided")
    assert detail(early) == (409, f"case {id}: no alternative was chosen since they were proposed")
    for what, who in (("Tambal", office(THERE)), ("Tunggu", None)):
        made = post(
            triage, f"/api/staff/cases/{id}/alternatives", what=what, office=who, cost_idr=500_000, days=2
        )
        assert made.status_code == 201, made.content
    first, _ = triage.get(f"/api/staff/cases/{id}/alternatives").json()["alternatives"]
    assert (first["what"], first["office"]["code"], first["cost_idr"]) == ("Tambal", office(THERE), 500_000)
    assert post(triage, f"/api/staff/cases/{id}/choice", alternative=first["id"], why="x").status_code == 403
    chosen = post(supervisor, f"/api/staff/cases/{id}/choice", alternative=first["id"], why="paling cepat")
    assert (chosen.status_code, chosen.json()["why"]) == (201, "paling cepat")
    for step in ("decided", "assigned"):
        answer = post(supervisor, f"/api/staff/cases/{id}/steps", to=step)
    assert answer.json()["turns"][-1]["office"]["code"] == office(THERE)
    listed = triage.get(f"/api/staff/cases/{id}/alternatives").json()["alternatives"]
    assert [len(one["choices"]) for one in listed] == [1, 0]
    entries = Entry.objects.filter(subject=f"report:{id}").exclude(action="case.look").order_by("id")
    assert list(entries.values_list("action", flat=True)) == [
        "case.step", "case.step", "case.alternative", "case.alternative", "case.choice", "case.step",
        "case.step",
    ]  # fmt: skip


def test_what_worked_before_is_offered_taken_over_and_left_to_be_chosen(case, login, post):
    done, id, triage, supervisor = case(), case(), login("triage"), login("supervisor")
    official = login("official", HERE)
    for step in ("selected", "proposed"):
        post(triage, f"/api/staff/cases/{done}/steps", to=step)
    made = post(triage, f"/api/staff/cases/{done}/alternatives", what="Tambal").json()["id"]
    post(supervisor, f"/api/staff/cases/{done}/choice", alternative=made, why="murah")
    for step in ("decided", "assigned"):
        post(supervisor, f"/api/staff/cases/{done}/steps", to=step)
    for step in ("answered", "resolved"):
        assert post(official, f"/api/staff/cases/{done}/steps", to=step, text="Sudah").status_code == 200
    (found,) = triage.get(f"/api/staff/cases/{id}/precedents").json()["precedents"]
    assert (found["what"], found["times"], found["near"], found["cases"]) == (
        "Tambal",
        1,
        "kelurahan",
        [done],
    )
    taken = post(triage, f"/api/staff/cases/{id}/alternatives", precedent=found["alternative"])
    assert (taken.status_code, taken.json()["is_suggested"]) == (201, True)
    assert Alternative.objects.get(pk=taken.json()["id"]).choice_set.count() == 0
    assert detail(post(triage, f"/api/staff/cases/{id}/alternatives", precedent=4711))[0] == 404
    assert detail(post(triage, f"/api/staff/cases/{id}/alternatives", precedent=1, what="x"))[0] == 400


def test_five_hundred_steps_are_taken_or_named_with_their_reasons(case, login, post):
    ids = [case() for _ in range(3)]
    triage = login("triage")
    steps = [{"id": id, "to": "selected"} for id in ids[:2]] + [{"id": ids[2], "to": "resolved", "text": "x"}]
    said = post(triage, "/api/staff/cases/steps", steps=[*steps, {"id": 4711, "to": "selected"}]).json()
    assert said["taken"] == 2
    assert [(one["id"], one["code"]) for one in said["refused"]] == sorted(
        [(ids[2], "not_permitted"), (4711, "absent")]
    )
    assert Change.objects.filter(by=triage.user.mark).count() == 2
    assert Entry.objects.filter(action="case.step").count() == 2


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([], "steps: a list of objects is wanted"),
        ("x", "steps: a list of objects is wanted"),
        ([1], "a step has id, seen, text, to and nothing else"),
        ([{"id": "1", "to": "selected"}], "id '1': the number of a case is wanted"),
        ([{"id": 1}], "step of case 1: to, text and seen are texts"),
        ([{"id": 1, "to": "returned", "text": "x"}], "step of case 1 to 'returned': use /pass-on for it"),
        ([{"id": 1, "to": "selected", "text": "x" * 4001}], "step of case 1: text has at most 4000"),
        ([{"id": 1, "to": "selected"}] * 2, "steps: one case is named twice"),
    ],
)
def test_steps_that_are_none_are_refused_whole(login, post, steps, words):
    status, said = detail(post(login("triage"), "/api/staff/cases/steps", steps=steps))
    assert (status, said[: len(words)]) == (400, words)


def test_who_saw_another_state_is_told_so(case, login, post):
    id, triage = case(), login("triage")
    post(triage, f"/api/staff/cases/{id}/steps", to="selected")
    answer = post(triage, f"/api/staff/cases/{id}/steps", to="proposed", seen="collected")
    assert detail(answer) == (409, f"case {id}: it is no longer collected but selected")


def test_what_a_citizen_is_owed_goes_to_the_channel_of_the_report(case, login, post, answering):
    id = case()
    post(login("triage"), f"/api/staff/cases/{id}/steps", to="no_problem", text="Sudah diperbaiki")
    (message,) = Outgoing.objects.all()
    assert (message.channel, message.kind, message.body["status"]) == ("qlue", "status", "done")
    assert message.body["text"] == "Sudah diperbaiki"
    assert message.body["by"] == "Unit Pengelola Jakarta Smart City"


def test_what_a_channel_does_not_take_is_not_put_down(case, login, post):
    post(login("triage"), f"/api/staff/cases/{case()}/steps", to="no_problem", text="Sudah diperbaiki")
    assert not Outgoing.objects.exists()


@pytest.mark.parametrize("before", [(), ("selected",), ("selected", "proposed")])
def test_an_official_answers_while_the_clock_runs_however_far_the_unit_is(case, login, post, before):
    id, official, unit = case(), login("official", HERE), login("triage")
    for reached in before:
        post(unit, f"/api/staff/cases/{id}/steps", to=reached)
    answer = post(official, f"/api/staff/cases/{id}/steps", to="answered", text="Petugas datang besok")
    assert answer.status_code == 200, detail(answer)
    assert Turn.objects.get(case=id).answered_at is not None


def test_an_answer_that_would_reach_nobody_is_refused(case, login, post):
    id = case()
    answer = post(login("official", HERE), f"/api/staff/cases/{id}/answers", text="Petugas datang besok")
    assert detail(answer)[0] == 409 and "takes answers" in detail(answer)[1]
    assert not Outgoing.objects.exists()


def test_an_official_answers_in_the_name_of_the_office_while_it_has_the_case(case, login, post, answering):
    id, official = case(), login("official", HERE)
    answer = post(official, f"/api/staff/cases/{id}/answers", text="Petugas datang besok")
    assert (answer.status_code, answer.json()["by"]) == (202, "Lurah Gambir")
    assert detail(post(official, f"/api/staff/cases/{id}/answers", text=" "))[0] == 400
    post(login("triage"), f"/api/staff/cases/{id}/steps", to="no_problem", text="Selesai")
    assert detail(post(official, f"/api/staff/cases/{id}/answers", text="Masih"))[0] == 403


def test_not_mine_is_offered_to_another_office_which_accepts_it_itself(case, login, post, office):
    id = case()
    mine, theirs = login("official", HERE), login("official", THERE)
    passed = post(mine, f"/api/staff/cases/{id}/pass-on", office=office(THERE), text="Bukan kewenangan kami")
    assert passed.status_code == 200, passed.content
    assert (state(id), turn(id).office_id, turn(id).began_at) == ("returned", office(THERE), None)
    # Who passed it on does not accept, nor pass it on again, in the name of the other.
    assert detail(post(mine, f"/api/staff/cases/{id}/accept")) == (
        403,
        f"case {id}: it is another office's turn",
    )
    assert detail(post(mine, f"/api/staff/cases/{id}/pass-on", text="x"))[0] == 403
    refused = post(mine, "/api/staff/cases/steps", steps=[{"id": id, "to": "assigned"}]).json()["refused"]
    assert refused == [{"id": id, "code": "own_call", "reason": RETURNED}]
    assert post(theirs, f"/api/staff/cases/{id}/accept").status_code == 200
    assert (state(id), turn(id).began_at is not None) == ("assigned", True)
    # It is no longer theirs: they hear nothing more of it.
    assert mine.get(f"/api/staff/cases/{id}").status_code == 404


def test_an_office_that_passed_a_case_on_answers_it_until_another_one_accepts(case, login, post, office):
    id, mine, theirs = case(), login("official", HERE), login("official", THERE)
    address = f"/api/staff/cases/{id}"
    post(mine, f"{address}/pass-on", office=office(THERE), text="Bukan kewenangan kami")
    # Whom it is offered accepts it first: no other office's turn is answered.
    refused = post(theirs, f"{address}/steps", to="answered", text="Sudah kami tambal")
    assert (refused.status_code, refused.json()["code"]) == (409, "offered")
    assert post(mine, f"{address}/steps", to="answered", text="Sudah kami tambal").status_code == 200
    first, offer = Turn.objects.filter(case=id).order_by("number")
    assert (state(id), first.answered_at is not None, offer.ended_by) == ("answered", True, "not_taken")
    assert theirs.get(address).status_code == 404


def test_each_office_is_told_the_steps_that_it_may_take_with_a_returned_case_and_no_other(
    case, login, post, office
):
    id, mine, theirs = case(), login("official", HERE), login("official", THERE)
    triage, supervisor = login("triage"), login("supervisor")

    def calls(client) -> set[tuple[str, str]]:
        told = client.get(f"/api/staff/cases/{id}").json()["steps"]
        return {(one["to"]["code"], one["call"]) for one in told}

    address = f"/api/staff/cases/{id}/pass-on"
    post(mine, address, office=office(THERE), text="Bukan kewenangan kami")
    assert calls(mine) == {("answered", "steps")}
    assert calls(theirs) == {("assigned", "accept"), ("returned", "pass-on")}
    assert ("assigned", "assign") in calls(supervisor)
    post(theirs, address, text="Bukan kami juga")
    # It is the unit's to say whose: nothing is left to accept for an office, or to pass on.
    assert calls(mine) == {("answered", "steps")}
    assert {call for _, call in calls(triage) | calls(supervisor)} == {"steps", "assign"}


@pytest.mark.parametrize(("code", "reached"), [(THERE, "assigned"), (None, "selected")])
def test_a_returned_case_that_rules_give_to_another_is_returned_no_longer(
    case, login, post, office, code, reached
):
    id, mine = case(), login("official", HERE)
    post(mine, f"/api/staff/cases/{id}/pass-on", office=office("31.71.01.1002"), text="Bukan kami")
    intake.move(id, inside(code) if code else None, "user:1", NOON + DAY)
    assert turns.reroute(NOON + 2 * DAY) == 1
    assert (state(id), turn(id).office_id) == (reached, code and office(code))
    last = Change.objects.filter(case=id).latest("id")
    assert (last.permission, last.by, last.at) == ("rules", "", NOON + 2 * DAY)
    if code:
        given = login("official", code)
        told = {one["to"]["code"] for one in given.get(f"/api/staff/cases/{id}").json()["steps"]}
        assert told == {"answered", "returned"}
        answered = post(given, f"/api/staff/cases/{id}/steps", to="answered", text="Sudah kami tambal")
        assert answered.status_code == 200, answered.content


def test_who_declined_a_case_sees_it_no_more(case, login, post, office):
    id = case()
    mine, theirs = login("official", HERE), login("official", THERE)
    post(mine, f"/api/staff/cases/{id}/pass-on", office=office(THERE), text="Bukan kewenangan kami")
    assert theirs.get(f"/api/staff/cases/{id}").status_code == 200
    assert post(theirs, f"/api/staff/cases/{id}/pass-on", text="Bukan kami juga").status_code == 200
    assert theirs.get(f"/api/staff/cases/{id}").status_code == 404


def test_whose_answer_was_disputed_sees_the_case_no_more_once_another_office_has_it(
    case, login, post, office
):
    id, mine, supervisor = case(), login("official", HERE), login("supervisor")
    for step in ("resolved", "disputed"):
        change_one(Step(id, step), "feed:qlue", {"follow"}, NOON + DAY)
    assert mine.get(f"/api/staff/cases/{id}").status_code == 200
    post(mine, f"/api/staff/cases/{id}/pass-on", text="Bukan kewenangan kami")
    assert (
        post(supervisor, f"/api/staff/cases/{id}/assign", office=office(THERE), text=WORDS).status_code == 200
    )
    assert mine.get(f"/api/staff/cases/{id}").status_code == 404
    assert login("official", THERE).get(f"/api/staff/cases/{id}").status_code == 200
    assert supervisor.get(f"/api/staff/cases?office={office(HERE)}").json()["cases"] == []


def test_the_unit_assigns_a_case_to_an_office_and_tells_the_citizen_why(case, login, post, office, answering):
    id, supervisor = case(), login("supervisor")
    post(login("official", HERE), f"/api/staff/cases/{id}/pass-on", text="Bukan kewenangan kami")
    address = f"/api/staff/cases/{id}/assign"
    assert detail(post(supervisor, address, office=office(THERE)))[0] == 409
    said = post(supervisor, address, office=office(THERE), text=WORDS).json()
    assert said["turns"][-1]["office"]["code"] == office(THERE)
    assert Outgoing.objects.latest("id").body["text"] == WORDS
    assert detail(post(supervisor, address, office="lurah:atlantis"))[0] == 404


def test_a_returned_case_is_assigned_by_no_step_for_a_step_names_no_office(
    case, login, post, office, answering
):
    id, supervisor = case(), login("supervisor")
    post(login("official", HERE), f"/api/staff/cases/{id}/pass-on", text="Bukan kewenangan kami")
    offered, told = turn(id).id, Outgoing.objects.count()
    address = f"/api/staff/cases/{id}"
    refused = post(supervisor, f"{address}/steps", to="assigned", text=WORDS)
    assert detail(refused) == (409, f"case {id}: {RETURNED}")
    said = post(supervisor, "/api/staff/cases/steps", steps=[{"id": id, "to": "assigned", "text": WORDS}])
    assert said.json()["refused"] == [{"id": id, "code": "own_call", "reason": RETURNED}]
    # Nothing was done: the unit's offer stands, and the citizen was told nothing.
    assert (state(id), turn(id).id, turn(id).ended_at) == ("returned", offered, None)
    assert Outgoing.objects.count() == told
    steps = supervisor.get(address).json()["steps"]
    assert {one["call"] for one in steps if one["to"]["code"] == "assigned"} == {"assign"}


def test_a_step_that_two_permissions_allow_is_told_once(case, login, post, answering):
    id = case()
    official = login("official", HERE)
    for to in ("answered", "resolved"):
        post(official, f"/api/staff/cases/{id}/steps", to=to, text=WORDS)
    steps = login("supervisor").get(f"/api/staff/cases/{id}").json()["steps"]
    assert [(one["to"]["code"], one["call"], one["needs_text"]) for one in steps] == [
        ("disputed", "steps", True)
    ]


def test_a_returned_case_that_somebody_may_not_see_is_absent_to_them(case, login, post):
    id = case()
    post(login("official", HERE), f"/api/staff/cases/{id}/pass-on", text="Bukan kewenangan kami")
    steps = [{"id": id, "to": "assigned"}]
    said = post(login("official", THERE), "/api/staff/cases/steps", steps=steps).json()
    assert [one["code"] for one in said["refused"]] == ["absent"]


def test_a_clock_is_stopped_for_a_reason_and_let_run_on(case, login, post):
    id, supervisor = case(), login("supervisor")
    (reason, *_) = supervisor.get("/api/staff/cases/pause-reasons").json()["reasons"]
    until = "2200-01-01T00:00:00Z"
    refused = post(supervisor, f"/api/staff/cases/{id}/pause", reason=reason["code"], until=until)
    assert refused.status_code == 400 and "at most" in refused.json()["detail"]
    from django.utils import timezone

    until = (timezone.now() + timedelta(hours=5)).isoformat().replace("+00:00", "Z")
    made = post(supervisor, f"/api/staff/cases/{id}/pause", reason=reason["code"], until=until)
    assert (made.status_code, len(made.json()["pauses"])) == (200, 1), made.content
    assert post(supervisor, f"/api/staff/cases/{id}/resume").json()["pauses"][0]["ended_at"] is not None
    assert Pause.objects.get().by == supervisor.user.mark
    assert detail(post(supervisor, f"/api/staff/cases/{id}/pause", reason="x", until="soon"))[0] == 400


def test_a_report_without_a_point_is_placed_by_somebody_who_is_named(case, login, post):
    id, triage = case(code=None), login("triage")
    said = post(triage, f"/api/staff/cases/{id}/place", kelurahan=THERE).json()
    assert (said["place"]["kelurahan"]["code"], said["place"]["placed_by"]) == (THERE, "declared")
    assert detail(post(triage, f"/api/staff/cases/{id}/place", kelurahan="31.99.99.9999"))[0] == 404
    assert Entry.objects.get(action="case.place").details == {"kelurahan": THERE}


def test_a_pin_is_moved_and_moved_back_and_who_did_is_told(case, login, post):
    id, triage, there = case(), login("triage"), inside(THERE)
    before = Report.objects.get(pk=id).point
    to = {"lon": there.lon, "lat": there.lat}
    said = post(triage, f"/api/staff/cases/{id}/place", point=to).json()["place"]
    assert said["kelurahan"]["code"] == THERE
    (move,) = said["said"]
    assert (move["by"], move["to"], move["is_move"]) == (triage.user.mark, to, True)
    back = post(triage, f"/api/staff/cases/{id}/place", point=move["from"]).json()["place"]
    assert (back["kelurahan"]["code"], len(back["said"])) == (HERE, 2)
    assert Report.objects.get(pk=id).point.coords == before.coords
    recorded = Entry.objects.filter(action="case.move").order_by("id")
    assert [one.details for one in recorded] == [{"kelurahan": THERE}, {"kelurahan": HERE}]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"point": 1},
        {"point": {"lon": 106.8}},
        {"point": {"lon": "106.8", "lat": -6.2}},
        {"point": {"lon": -6.2, "lat": 106.8}},
        {"point": {"lon": 106.8, "lat": -6.2}, "kelurahan": HERE},
    ],
)
def test_a_place_that_is_none_is_refused(case, login, post, said):
    assert post(login("triage"), f"/api/staff/cases/{case()}/place", **said).status_code == 400


def test_what_the_words_of_a_report_suggest_is_told_with_the_words_that_led_there(case, login):
    id = case(code=None, description="Jalan rusak di kelurahan Gambir, hubungi 0812-3456-7890")
    said = login("governor").get(f"/api/staff/cases/{id}/places").json()
    first = said["suggestions"][0]
    assert (first["level"], first["code"], first["name"]) == ("kelurahan", HERE, "Gambir")
    assert first["words"] and 0 < first["score"] <= 1
    assert "gambir" in {said["text"][start:end].casefold() for start, end in first["spans"]}
    assert "0812" not in said["text"] and Report.objects.get(pk=id).placed_by is None


def test_rules_are_shown_and_tried_without_a_trace(case, login, office):
    id, client = case(), login("administrator")
    said = client.get("/api/staff/rules").json()
    assert said["rules"] and all(rule["source"] for rule in said["rules"])
    point = Report.objects.get(pk=id).point
    by_point = client.get(f"/api/staff/rules/try?lon={point.x}&lat={point.y}&category=road").json()
    by_report = client.get(f"/api/staff/rules/try?report={id}").json()
    assert by_point["office"] == by_report["office"] == office(HERE)
    assert by_point["explanation"]["rule"] == by_report["explanation"]["rule"]
    assert detail(client.get("/api/staff/rules/try?lon=106.8&lat=-6.2&category=cats"))[0] == 400
    assert detail(login("official", THERE).get(f"/api/staff/rules/try?report={id}"))[0] == 404


def test_the_audit_is_read_newest_first_and_by_what_is_asked(case, login, post):
    id, triage = case(), login("triage")
    for step in ("selected", "proposed"):
        post(triage, f"/api/staff/cases/{id}/steps", to=step)
    client = login("auditor")
    said = client.get(f"/api/staff/audit?action=case.step&subject=report:{id}&limit=1").json()
    assert [one["details"] for one in said["entries"]] == [{"to": "proposed"}]
    assert said["entries"][0]["by"] == triage.user.mark
    more = client.get(f"/api/staff/audit?action=case.step&limit=5&after={said['next_after']}").json()
    assert [one["details"] for one in more["entries"]] == [{"to": "selected"}]
    assert more["next_after"] is None and ":" in more["head"]


def test_what_is_refused_leaves_nothing_behind(case, login, post):
    id, triage = case(), login("triage")
    post(triage, f"/api/staff/cases/{id}/steps", to="resolved", text="x")
    assert not Entry.objects.exists() and not Change.objects.exists() and not Outgoing.objects.exists()
    assert Case.objects.get(pk=id).state_id == "collected"


def test_an_answer_may_begin_with_a_template_that_is_filled_in(case, login):
    id, client = case(), login("official", HERE)
    said = client.get(f"/api/staff/answer-templates?case={id}&to=answered").json()["templates"]
    assert (said[0]["category"], said[0]["to_state"]) == ("road", "answered")
    assert f"laporan {id} di Kelurahan Gambir" in said[0]["text"] and "Lurah Gambir" in said[0]["text"]
    assert detail(client.get("/api/staff/answer-templates?category=cats"))[0] == 400
    assert detail(client.get("/api/staff/answer-templates?to=asleep"))[0] == 400
    assert detail(client.get(f"/api/staff/answer-templates?case={case(THERE)}"))[0] == 404


def test_every_office_can_be_named(login):
    said = login("triage").get("/api/staff/offices").json()["offices"]
    assert len(said) == Office.objects.count() and {"code", "title", "level"} == set(said[0])
