"""Which office the rules name: the first that fits, and why; and that one which cannot work is told."""

import io
import logging
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from boundaries.models import Boundary, Edition, Office, Term
from casework import tasks
from casework.escalation import notices
from casework.models import Deadline, Fault, Notice, Rule, Turn
from casework.routing import checks, faults, rules, trials, turns
from casework.steps import workflow
from geoplatform.errors import Conflict, InvalidRequest
from reports import intake
from reports.models import Category, Report
from tests.casework.mail_server import serving
from tests.casework.ruled import answer_within, rest, wake
from tests.conftest import MONAS, NOON

LURAH, CAMAT, WALI = "kelurahan-31.71.01.1001", "kecamatan-31.71.01", "kota-31.71"
GAMBIR = "31.71.01.1001"
HEADER = "number,name,category,area_code,tier,office,is_active,source"


@pytest.fixture
def dinas(city) -> Office:
    return Office.objects.create(
        code="provinsi-31.bina_marga",
        level="provinsi",
        boundary_code="31.bina_marga",
        title="Dinas Bina Marga",
    )


def rule(number: int, **parts: object) -> Rule:
    return Rule.objects.create(number=number, **({"name": f"Rule {number}", "source": "a test"} | parts))


def found() -> dict[tuple[str, str], str]:
    checks.run(NOON)
    return {(fault.kind, fault.about): fault.words for fault in faults.lasting()}


def test_as_shipped_every_category_goes_where_the_table_of_categories_says(city):
    """For every kind of problem in every kelurahan: what reports/route.sql says."""
    codes = list(Boundary.objects.filter(level="kelurahan").order_by("code").values_list("code", flat=True))
    tier = {"kelurahan": 13, "kecamatan": 8, "kota": 5}
    for category in Category.objects.all():
        for code in codes[::40]:
            wanted = f"{category.answered_by}-{code[: tier[category.answered_by]]}"
            assert rules.decide(category.code, code).office == wanted


def test_a_turn_and_its_report_name_the_same_office_as_shipped(city, submission):
    categories = list(Category.objects.values_list("code", flat=True))
    intake.receive([submission(external_id=code, category=code) for code in categories], simulated=False)
    workflow.collect(NOON)
    turns.begin()
    offices = dict(Report.objects.values_list("id", "office_id"))
    assert {turn.case_id: turn.office_id for turn in Turn.objects.all()} == offices
    assert None not in offices.values()


def test_nothing_is_wrong_with_the_rules_as_shipped(city):
    assert found() == {}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"tier": "kota"}, WALI),
        ({"office_id": CAMAT}, CAMAT),
        ({"category_id": "road", "tier": "kota"}, WALI),
        ({"category_id": "tree", "tier": "kota"}, LURAH),
        ({"area_code": "31.71", "tier": "kota"}, WALI),
        ({"area_code": "31.71.01", "tier": "kota"}, WALI),
        ({"area_code": "31.71.01.1001", "tier": "kota"}, WALI),
        ({"area_code": "31.71.01.1002", "tier": "kota"}, LURAH),
        ({"area_code": "31.71.0", "tier": "kota"}, LURAH),  # a code, and not the beginning of one
        ({"tier": "kota", "is_active": False}, LURAH),
    ],
)
def test_a_rule_decides_what_it_fits(city, parts, expected):
    rule(10, **parts)
    assert rules.decide("road", GAMBIR).office == expected


def test_of_those_that_fit_the_first_in_order_decides(dinas):
    rule(20, tier="kota")
    rule(10, office=dinas, category_id="road", area_code="31.71.01")
    assert rules.decide("road", GAMBIR).office == dinas.code
    assert rules.decide("tree", GAMBIR).office == WALI


def test_an_office_of_the_province_answers_for_what_lies_nowhere_and_a_tier_cannot(dinas):
    assert rules.decide("road", None).said["unit_because"] == "no_place"
    rule(10, office=dinas, category_id="road")
    assert rules.decide("road", None).office == dinas.code


def test_a_decision_says_which_rule_and_who_else_it_could_be(dinas):
    rule(10, name="Jalan arteri", office=dinas, category_id="road", source="a decree")
    said = rules.decide("road", GAMBIR).said
    assert said["rule"] == {"number": 10, "name": "Jalan arteri", "source": "a decree"}
    assert said["second"] == {"code": LURAH, "office": "Lurah Gambir", "rule": 100000, "why": "next_rule"}


@pytest.mark.parametrize(("border_m", "why"), [(24.9, "across_the_border"), (25.1, "next_rule")])
def test_near_a_border_the_second_candidate_is_the_office_across_it(city, border_m, why):
    rule(10, category_id="road", tier="kelurahan")
    rule(20, tier="kecamatan")
    second = rules.decide("road", GAMBIR, "31.71.01.1002", border_m).said["second"]
    assert (second["why"], second["code"]) == (
        why,
        {"across_the_border": "kelurahan-31.71.01.1002", "next_rule": CAMAT}[why],
    )


def test_where_no_other_rule_fits_the_second_candidate_is_across_the_border_however_far(city):
    second = rules.decide("road", GAMBIR, "31.71.01.1002", 400.0).said["second"]
    assert (second["why"], second["code"]) == ("across_the_border", "kelurahan-31.71.01.1002")
    assert rules.decide("building", GAMBIR, "31.71.01.1002", 4.0).said["second"] is None  # the same camat's


def test_a_turn_keeps_how_it_was_decided(receive_one):
    report = receive_one()
    workflow.collect(NOON)
    turns.begin()
    said = Turn.objects.get().explanation
    assert said["edition"] == Edition.objects.get().id
    assert (said["polygon"], said["placed_by"]) == (report.kelurahan_code, "inside")
    assert (said["border_m"], said["neighbour"]) == (round(report.border_m, 1), report.neighbour_code)
    assert said["rule"]["name"] == "Sesuai tabel kategori"
    assert said["second"]["why"] == "across_the_border"
    assert (said["office"], said["report_office"]) == ("Lurah Gambir", LURAH)


def test_a_later_rule_takes_no_case_from_anybody(receive_one, dinas):
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    rule(10, office=dinas)
    assert turns.reroute(NOON) == 0
    assert Turn.objects.get().office_id == LURAH


BROKEN = [
    ({"category_id": "ufo", "tier": "kota"}, "unknown_category", "no category 'ufo'"),
    ({"area_code": "31.99", "tier": "kota"}, "unknown_area", "no area '31.99' in edition"),
    ({"area_code": "31.71.0", "tier": "kota"}, "unknown_area", "no area '31.71.0' in edition"),
    (
        {"office_id": "provinsi-31.ufo", "category_id": "road"},
        "unknown_office",
        "no office 'provinsi-31.ufo'",
    ),
]


@pytest.mark.parametrize(("parts", "kind", "words"), BROKEN, ids=[kind for _, kind, _ in BROKEN])
def test_a_rule_that_names_what_is_not_there_is_a_fault(city, caplog, parts, kind, words):
    rule(10, **parts)
    with caplog.at_level(logging.WARNING):
        told = found()
    assert list(told) == [(kind, "rule 10")]
    assert words in told[kind, "rule 10"]
    assert words in caplog.text


@pytest.mark.parametrize(
    ("earlier", "later", "by"),
    [
        ([{"tier": "kota"}], {"category_id": "road", "tier": "kecamatan"}, "rule 1"),
        ([{"area_code": "31.71", "tier": "kota"}], {"area_code": "31.71.01", "tier": "kecamatan"}, "rule 1"),
        (
            [
                {"area_code": code, "tier": "kota"}
                for code in ("31.01", "31.71", "31.72", "31.73", "31.74", "31.75")
            ],
            {"category_id": "road", "tier": "kecamatan"},
            "the earlier ones",
        ),
    ],
    ids=["by one for all", "by one for a larger area", "by several together"],
)
def test_a_rule_that_earlier_ones_shadow_is_a_fault(city, earlier, later, by):
    rest()
    for number, parts in enumerate(earlier, start=1):
        rule(number, **parts)
    rule(10, **later)
    told = found()
    assert told["rule_shadowed", "rule 10"] == f"rule 10 (Rule 10) never decides: {by} always fits before it"
    assert [about for kind, about in told if kind == "rule_shadowed"] == ["rule 10"]


def test_a_rule_that_only_decides_what_lies_nowhere_is_not_shadowed(dinas):
    rule(10, tier="kota")
    rule(20, office=dinas)
    assert ("rule_shadowed", "rule 20") not in found()


def test_a_tier_without_an_office_somewhere_is_a_fault_and_the_unit_answers(city, receive_one):
    rule(10, area_code="31.71.01", tier="kota")
    Term.objects.filter(office=WALI).delete()
    Report.objects.update(office=None)
    Office.objects.filter(code=WALI).delete()
    told = found()
    assert told["no_office", "rule 10"].endswith(
        "no office of that tier in 6 kelurahan, such as 31.71.01.1001"
    )
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    turn = Turn.objects.get()
    assert (turn.office_id, turn.explanation["unit_because"]) == (None, "no_office")
    assert turn.explanation["rule"]["number"] == 10


def test_a_kind_of_problem_that_no_rule_fits_is_a_fault_and_the_units(city, receive_one):
    rest()
    rule(10, category_id="tree", tier="kota")
    told = found()
    assert ("no_rule", "category tree") not in told
    assert (
        told["no_rule", "category road"]
        == "category road: no rule fits in 267 kelurahan, such as 31.01.01.1001"
    )
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    assert Turn.objects.get().explanation["unit_because"] == "no_rule"


def test_a_kind_of_problem_without_a_deadline_is_a_fault_and_has_no_due_date(city, receive_one):
    answer_within("light", "tree")
    Deadline.objects.filter(purpose="answer", category=None).update(ended_at=NOON)
    assert "no deadline of an answer holds for kelurahan" in found()["no_deadline", "category road"]
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    assert Turn.objects.get().due_at is None


def test_a_fault_lasts_until_it_is_mended_and_is_told_once(city, caplog):
    broken = rule(10, category_id="ufo", tier="kota")
    with caplog.at_level(logging.WARNING):
        assert [len(checks.run(NOON + timedelta(minutes=minute))) for minute in range(3)] == [1, 0, 0]
    assert len(caplog.records) == 1
    rest(10)
    checks.run(NOON + timedelta(hours=1))
    fault = Fault.objects.get()
    assert (fault.found_at, fault.mended_at) == (NOON, NOON + timedelta(hours=1))
    wake(broken)
    assert len(checks.run(NOON + timedelta(hours=2))) == 1
    assert Fault.objects.count() == 2


def test_the_unit_is_told_of_a_fault_by_e_mail_once_and_when_it_is_mended(city, settings):
    settings.UNIT_EMAIL = "unit@city.example"
    with serving(settings) as server:
        rule(10, category_id="ufo", tier="kota")
        for minute in (0, 10, 20):
            checks.run(NOON + timedelta(minutes=minute))
            notices.send_due(NOON + timedelta(minutes=minute))
        rest(10)
        checks.run(NOON + timedelta(hours=1))
        notices.send_due(NOON + timedelta(hours=1))
    assert [(mail["To"], mail["Subject"]) for mail in server.taken] == [
        ("unit@city.example", "Aturan: 1 gangguan baru"),
        ("unit@city.example", "Aturan: 1 sudah diperbaiki"),
    ]
    line = "- Kategori tidak dikenal: rule 10 (Rule 10): no category 'ufo'"
    assert all(line in mail.get_content() for mail in server.taken)


def test_without_an_address_of_the_unit_nothing_is_put_down_and_what_lasts_is_told_when_it_has_one(
    city, settings
):
    rule(10, category_id="ufo", tier="kota")
    rule(11, category_id="yeti", tier="kota")
    checks.run(NOON)
    assert not Notice.objects.exists()
    rest(11)
    settings.UNIT_EMAIL = "unit@city.example"
    for minute in (10, 20):
        checks.run(NOON + timedelta(minutes=minute))
    told = Notice.objects.get()
    assert (told.subject, "no category 'ufo'" in told.text) == ("Aturan: 1 gangguan baru", True)
    assert "yeti" not in told.text


def test_without_boundaries_in_force_that_is_the_fault(city):
    Edition.objects.update(validity=None)
    assert set(found()) == {("no_edition", "boundaries")}


def test_the_worker_finds_faults(city):
    rule(10, category_id="ufo", tier="kota")
    tasks.check_rules(timestamp=0)
    assert Fault.objects.get().kind == "unknown_category"


def typed(*words: object) -> list[str]:
    out = io.StringIO()
    call_command("rules", *map(str, words), stdout=out)
    return out.getvalue().splitlines()


def table(tmp_path, *lines: str):
    path = tmp_path / "rules.csv"
    path.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return path


def test_the_command_loads_rules_lists_them_and_says_what_cannot_work(dinas, tmp_path):
    path = table(
        tmp_path,
        "10,Jalan arteri,road,31.71,,provinsi-31.bina_marga,yes,a decree",
        "20,Pohon,tree,,,provinsi-31.pertamanan,yes,a decree",
        "100000,Lainnya,,,kelurahan,,yes,a decree",
    )
    lines = typed("--load", path)
    assert lines[0] == "3 rules loaded"
    assert lines[1] == "     10  road in 31.71: provinsi-31.bina_marga  [Jalan arteri]"
    assert lines[3] == " 100000  every category everywhere: the kelurahan  [Lainnya]"
    assert lines[4].startswith("fault since 20")
    assert lines[4].endswith(": rule 20 (Pohon): no office 'provinsi-31.pertamanan'")


def test_a_rule_that_a_table_no_longer_names_rests(city, tmp_path):
    rule(10, tier="kota")
    typed("--load", table(tmp_path, "100000,Lainnya,,,kelurahan,,yes,a decree"))
    assert dict(rules.lasting().values_list("number", "is_active")) == {10: False, 100000: True}
    assert typed()[0].endswith("(rests)")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("x,Lain,,,kelurahan,,yes,s", "line 2: number 'x' is no number"),
        ("1,Lain,,,desa,,yes,s", "line 2: tier 'desa'"),
        ("1,Lain,,,kota,kota-31.71,yes,s", "line 2: tier 'kota': a rule names one of"),
        ("1,Lain,,,kota,,ya,s", "line 2: is_active 'ya' is neither yes nor no"),
        ("1,Lain,,,kota,,yes,", "line 2: a rule has a name and a source"),
        ("1,Lain,,,kota,,yes", "line 2: the columns are number, name"),
        ("1,Lain,,,kota,,yes,s\n1,Lagi,,,kota,,yes,s", "number 1 is there twice"),
    ],
)
def test_a_table_that_cannot_be_used_changes_nothing_and_says_where(city, tmp_path, line, words):
    with pytest.raises(CommandError, match=words):
        typed("--load", table(tmp_path, line))
    assert list(rules.lasting().values_list("number", "is_active")) == [(100000, True)]


def test_a_file_that_is_not_there_is_told(city, tmp_path):
    with pytest.raises(InvalidRequest, match="FileNotFoundError"):
        rules.replace(tmp_path / "none.csv", NOON)


def test_what_an_operator_changed_stays_when_the_platform_starts(city):
    (shipped,) = rules.lasting()
    rules.put(rules.parts(shipped) | {"name": "Ours", "is_active": False}, NOON)
    rules.load()
    assert list(rules.lasting().values_list("name", "is_active")) == [("Ours", False)]
    rules.end(shipped.number, NOON)
    rules.load()
    assert not rules.lasting().exists()


def test_rules_are_tried_on_a_report_without_storing_anything(receive_one, dinas):
    id = receive_one().id
    rule(10, office=dinas, category_id="road")
    lines = typed("--try", id)
    assert lines == [
        "rule 10: Rule 10 (a test)",
        "Dinas Bina Marga (provinsi-31.bina_marga): vacant today",
        f"else Lurah Gambir ({LURAH}), by the next rule that fits",
        f"the report itself names {LURAH}, by its category alone",
    ]
    assert not Turn.objects.exists()
    with pytest.raises(CommandError, match="no report 4711"):
        typed("--try", 4711)


def test_rules_are_tried_at_a_point(city):
    lines = typed("--at", MONAS.lon, MONAS.lat, "--category", "road")
    assert lines[0] == "31.71.01.1001 Gambir"
    assert lines[2].startswith(f"Lurah Gambir ({LURAH}): Contoh ")
    assert typed("--at", 0, 0, "--category", "road") == [
        "outside the province",
        "the unit: nobody knows where it is",
    ]
    with pytest.raises(CommandError, match="--category 'ufo' is none of building, "):
        typed("--at", MONAS.lon, MONAS.lat, "--category", "ufo")


def test_what_a_rule_or_a_deadline_says_is_never_edited_nor_deleted(city):
    (shipped,), deadline = rules.lasting(), Deadline.objects.get(purpose="answer")
    for change in (
        lambda: Rule.objects.filter(id=shipped.id).update(name="Ours"),
        lambda: Rule.objects.filter(id=shipped.id).delete(),
        lambda: Deadline.objects.filter(id=deadline.id).update(norm_id="light"),
        lambda: Deadline.objects.filter(id=deadline.id).delete(),
    ):
        with (
            pytest.raises(DatabaseError, match=r"it ends, and is not deleted|what it says stays"),
            transaction.atomic(),
        ):
            change()
    rules.end(shipped.number, NOON)
    with pytest.raises(DatabaseError, match="once and for all"), transaction.atomic():
        Rule.objects.filter(id=shipped.id).update(ended_at=None)


def test_a_changed_rule_is_another_row_and_turns_keep_the_one_that_decided(receive_one, dinas):
    rule(10, category_id="road", tier="kota")
    receive_one()
    workflow.collect(NOON)
    turns.begin()
    former = Turn.objects.get().rule
    rules.put(rules.parts(former) | {"tier": None, "office_id": dinas.code}, NOON)
    assert rules.decide("road", GAMBIR).office == dinas.code
    kept = Turn.objects.get().rule
    assert (kept.id, kept.tier, kept.ended_at) == (former.id, "kota", NOON)
    assert rules.find(10).began_at == NOON


def test_a_trial_says_which_open_cases_would_be_anothers_and_leaves_everything(receive_one, dinas):
    ids = [
        receive_one(external_id=str(number), category=kind).id for number, kind in enumerate(("road", "tree"))
    ]
    workflow.collect(NOON)
    turns.begin()
    row = {"name": "Roads", "category_id": "road", "area_code": None, "tier": None, "office_id": dinas.code}
    shadowed = row | {"number": 20, "name": "Late", "office_id": LURAH}

    def change() -> None:
        for one in (row | {"number": 10}, shadowed):
            rules.put(one | {"is_active": True, "source": "a letter"}, NOON)

    trial = trials.run(change, NOON)
    assert trial.moves == (trials.Move(LURAH, dinas.code, 1, ids[0]),)
    assert [one.about for one in trial.faults] == ["rule 20"]
    assert rules.lasting().count() == 1 and {turn.office_id for turn in Turn.objects.all()} == {LURAH}


def test_a_rule_takes_another_place_in_the_order_unless_one_stands_there(city):
    rule(10, tier="kota")
    rule(20, tier="kecamatan")
    assert rules.decide("road", GAMBIR).office == WALI
    with pytest.raises(Conflict, match="another rule has that number"):
        rules.move(10, 20, NOON)
    rules.move(10, 30, NOON)
    assert rules.decide("road", GAMBIR).office == CAMAT
