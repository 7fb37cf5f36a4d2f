"""What administrators change by HTTP: it holds at once, is recorded, and what cannot be used is named."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access import keys
from access.models import ApiKey, Entry
from boundaries import lookup
from boundaries.models import Office, Term
from casework.clock import deadlines, norms
from casework.models import Contact, Holiday, Norm, PauseReason, Rung, Weight
from casework.routing import rules
from reports import categories
from reports.models import Assignment, Category, Report
from staff import accounts
from staff.models import User
from tests.api.casework.conftest import HERE, turn
from tests.api.casework.test_desk import detail

ADMIN = "/api/staff/admin"
LURAH, CAMAT = f"kelurahan-{HERE}", "kecamatan-31.71.01"
RULE = {"number": 10, "name": "Roads", "category": "road", "tier": "kecamatan", "source": "a letter"}


@pytest.fixture
def boss(login) -> Client:
    """An administrator."""
    return login("administrator")


def last(action: str) -> Entry:
    return Entry.objects.filter(action=action).latest("id")


def test_a_rule_is_tried_then_begun_then_decides_then_ended(boss, post, case):
    id = case(category="road")
    tried = post(boss, f"{ADMIN}/rules", **RULE, is_trial=True).json()["trial"]
    assert tried["moves"] == [{"former": LURAH, "office": CAMAT, "cases": 1, "example": id}]
    assert (tried["cases"], tried["faults"], rules.lasting().count()) == (1, [], 1)
    assert not Entry.objects.filter(action="rule.put").exists()
    begun = post(boss, f"{ADMIN}/rules", **RULE).json()
    assert (begun["words"], begun["ended_at"]) == ("road everywhere: the kecamatan", None)
    assert last("rule.put").details["tier"] == "kecamatan"
    assert turn(case(category="road")).office_id == CAMAT
    moved = post(boss, f"{ADMIN}/rules/10/move", to=20).json()
    assert moved["number"] == 20
    assert post(boss, f"{ADMIN}/rules/20/end").status_code == 200
    assert turn(case(category="road")).office_id == LURAH
    past = boss.get(f"{ADMIN}/rules/past").json()["rules"]
    assert sorted(one["number"] for one in past) == [10, 20]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"number": None}, "number None: a whole number"),
        ({"number": 0}, "number 0: it must lie between 1 and 999999"),
        ({"category": "ufo"}, "category 'ufo' is unknown"),
        ({"area_code": "31.99"}, "area_code '31.99' is unknown"),
        ({"tier": "desa"}, "tier 'desa': a rule names one of"),
        ({"office": LURAH}, "tier 'kecamatan': a rule names one of"),
        ({"tier": None, "office": "dinas"}, "office 'dinas' is unknown"),
        ({"source": " "}, "source '': a rule has a name and a source"),
        ({"is_active": "yes"}, "is_active 'yes' is neither true nor false"),
        ({"why": "x"}, "unknown member 'why'"),
    ],
)
def test_a_rule_that_cannot_be_used_is_named_and_nothing_is_begun(boss, post, parts, words):
    status, said = detail(post(boss, f"{ADMIN}/rules", **(RULE | parts)))
    assert status == 400 and words in said
    assert rules.lasting().count() == 1


def test_a_deadline_of_an_office_holds_for_turns_that_begin_and_ends_again(boss, post, case):
    id = case()
    due = turn(id).due_at
    said = {"purpose": "answer", "office": LURAH, "norm": "normative", "source": "a letter"}
    made = post(boss, f"{ADMIN}/deadlines", **said).json()
    assert (list(made), made["deadline"]["office_title"]) == (["deadline"], "Lurah Gambir")
    assert turn(id).due_at == due
    ended = post(boss, f"{ADMIN}/deadlines/{made['deadline']['id']}/end").json()
    assert ended["deadline"]["ended_at"] and turn(id).due_at == due
    assert [one["office"] for one in boss.get(f"{ADMIN}/deadlines").json()["past"]] == [LURAH]
    status, words = detail(post(boss, f"{ADMIN}/deadlines", **(said | {"norm": "soon"})))
    assert (status, words) == (400, "norm 'soon' is unknown")
    assert deadlines.lasting().count() == 2


def test_a_norm_is_added_once_and_stays(boss, post):
    said = {
        "code": "swift",
        "name_id": "Cepat",
        "name_en": "Swift",
        "amount": 6,
        "unit": "hours",
        "source": "x",
    }
    assert post(boss, f"{ADMIN}/norms", **said).json()["amount"] == 6
    assert detail(post(boss, f"{ADMIN}/norms", **said))[0] == 409
    for parts, words in (
        ({"code": "Swift!"}, "code 'Swift!'"),
        ({"code": "other", "unit": "days"}, "unit 'days' is none of hours, working_days"),
        ({"code": "other", "amount": 0}, "amount 0: it must lie between 1 and"),
        ({"code": "other", "source": ""}, "source ''"),
    ):
        status, told = detail(post(boss, f"{ADMIN}/norms", **(said | parts)))
        assert status == 400 and words in told
    assert Norm.objects.filter(code__in=["swift", "other"]).count() == 1


def test_a_holiday_is_added_and_dropped_and_the_audit_has_what_it_was(boss, post):
    day = {"on": "2027-01-01", "name": "Tahun Baru", "kind": "holiday", "source": "SKB"}
    post(boss, f"{ADMIN}/holidays", **day)
    shown = boss.get(f"{ADMIN}/holidays?year=2027").json()
    assert shown["holidays"] == [day] and 2027 in shown["years"]
    assert shown["undecided"] == [2027]  # one day makes no list
    post(boss, f"{ADMIN}/holidays/2027-01-01/drop")
    assert not Holiday.objects.filter(on=date(2027, 1, 1)).exists()
    assert last("holiday.drop").details == {"name": "Tahun Baru", "kind": "holiday", "source": "SKB"}
    assert detail(post(boss, f"{ADMIN}/holidays/2027-01-01/drop"))[0] == 404
    for parts, words in (
        ({"on": "1 Jan"}, "on '1 Jan' is no date"),
        ({"kind": "party"}, "kind 'party' is none of"),
    ):
        status, told = detail(post(boss, f"{ADMIN}/holidays", **(day | parts)))
        assert status == 400 and words in told


def test_a_year_is_decided_by_a_decree_and_that_is_taken_back(boss, post):
    assert detail(post(boss, f"{ADMIN}/years/2027", source="SKB")) == (
        400,
        "year 2027: no holiday of it is loaded",
    )
    post(boss, f"{ADMIN}/holidays", on="2027-01-01", name="Tahun Baru", kind="holiday", source="SKB")
    assert detail(post(boss, f"{ADMIN}/years/2027", source=" "))[0] == 400
    post(boss, f"{ADMIN}/years/2027", source="SKB 3 Menteri")
    shown = boss.get(f"{ADMIN}/holidays?year=2027").json()
    assert shown["undecided"] == [] and {"year": 2027, "source": "SKB 3 Menteri"} in shown["decided"]
    assert 2027 in norms.calendar().years
    post(boss, f"{ADMIN}/years/2027/drop")
    assert last("year.drop").details == {"source": "SKB 3 Menteri"}
    assert 2027 not in norms.calendar().years
    assert detail(post(boss, f"{ADMIN}/years/2027/drop"))[0] == 404


def test_a_reason_for_a_pause_is_added_and_changed(boss, post):
    said = {"code": "strike", "name_id": "Mogok", "name_en": "Strike", "most_days": 3, "source": "x"}
    post(boss, f"{ADMIN}/pause-reasons", **said)
    post(boss, f"{ADMIN}/pause-reasons", **(said | {"most_days": 5}))
    assert PauseReason.objects.get(code="strike").most_days == 5
    assert "most_days 0" in detail(post(boss, f"{ADMIN}/pause-reasons", **(said | {"most_days": 0})))[1]


def test_a_category_gets_a_ladder_of_its_own_and_loses_it(boss, post):
    rungs = [{"number": 1, "tier": "kecamatan", "norm": None, "source": "x"}, {"number": 2, "source": "x"}]
    assert post(boss, f"{ADMIN}/ladders", category="flood", rungs=rungs).json() == {
        "category": "flood",
        "rungs": 2,
    }
    shown = {one["category"]: len(one["rungs"]) for one in boss.get(f"{ADMIN}/ladders").json()["ladders"]}
    assert shown == {None: 4, "flood": 2}
    down = [{"number": 1, "source": "x"}, {"number": 2, "tier": "kota", "source": "x"}]
    assert "does not lead up" in detail(post(boss, f"{ADMIN}/ladders", category="flood", rungs=down))[1]
    assert "has one rung at least" in detail(post(boss, f"{ADMIN}/ladders", rungs=[]))[1]
    post(boss, f"{ADMIN}/ladders", category="flood", rungs=[])
    assert set(Rung.objects.values_list("category", flat=True)) == {None}


def test_other_names_and_weights_of_a_category_stay_when_the_platform_starts(boss, post):
    said = {"name_id": "Jalan berlubang", "name_en": "Pothole", "source": "a letter"}
    post(boss, f"{ADMIN}/categories/road", **said)
    categories.load()
    assert Category.objects.get(code="road").name_en == "Pothole"
    assert "name_en ''" in detail(post(boss, f"{ADMIN}/categories/road", **(said | {"name_en": ""})))[1]
    assert detail(post(boss, f"{ADMIN}/categories/ufo", **said))[0] == 404
    weight = {"part": "category", "key": "road", "points": 25, "why": "riders fall", "source": "a letter"}
    post(boss, f"{ADMIN}/weights", **weight)
    assert Weight.objects.get(part="category", key="road").points == 25
    shown = {one["code"]: one["weight"] for one in boss.get(f"{ADMIN}/categories").json()["categories"]}
    assert shown["road"]["why"] == "riders fall"
    assert detail(post(boss, f"{ADMIN}/weights", **(weight | {"key": "ufo"})))[0] == 404


def test_an_account_is_made_with_a_password_that_lets_in_once_and_no_longer_than_three_days(
    boss, post, settings
):
    settings.SECURE_SSL_REDIRECT = False
    said = {
        "username": "Siti",
        "roles": ["official"],
        "office": LURAH,
        "name": "Siti",
        "email": "siti@example.org",
    }
    made = post(boss, f"{ADMIN}/accounts", **said).json()
    assert made["account"]["once_until"] and len(made["password"]) == 20
    assert last("account.create").details == {"roles": ["official"], "office": LURAH}
    entering, password = Client(), made["password"]
    entered = entering.post("/staff/login", {"username": "siti", "password": password})
    assert entered.status_code == 302
    assert detail(entering.get("/api/staff/me"))[1].startswith("This needs a password of one's own")
    assert entering.get("/staff/account").headers["Location"] == ("/staff/password?next=%2Fstaff%2Faccount")
    own = "ondel-ondel menari 7"
    form = {"old_password": password, "new_password1": own, "new_password2": own}
    assert entering.post("/staff/password", form).status_code == 200
    assert entering.get("/api/staff/me").json()["office"] == LURAH
    post(boss, f"{ADMIN}/accounts/siti/password")
    User.objects.update(once_until=timezone.now() - timedelta(seconds=1))
    _, late = accounts.give_password("siti", timezone.now() - accounts.ONCE_LASTS)
    assert Client().post("/staff/login", {"username": "siti", "password": late}).status_code == 403


def test_an_account_is_changed_ended_and_reopened_but_never_ones_own(boss, post):
    accounts.create("budi", ["triage"], None, timezone.now())
    changed = post(boss, f"{ADMIN}/accounts/budi", roles=["supervisor"], name="Budi").json()
    assert (changed["roles"], changed["name"]) == (["supervisor"], "Budi")
    assert "role official" in detail(post(boss, f"{ADMIN}/accounts/budi", roles=["official"]))[1]
    assert "role ghost" in detail(post(boss, f"{ADMIN}/accounts/budi", roles=["ghost"]))[1]
    assert post(boss, f"{ADMIN}/accounts/budi/disable").json()["is_active"] is False
    assert detail(post(boss, f"{ADMIN}/accounts/budi/disable"))[0] == 409
    assert post(boss, f"{ADMIN}/accounts/budi/enable").json()["is_active"] is True
    assert post(boss, f"{ADMIN}/accounts/budi/forget-device").json()["has_second_factor"] is False
    mine = boss.user.username
    for verb in ("", "/disable", "/password", "/forget-device"):
        members = {"roles": ["governor"]} if not verb else {}
        status, words = detail(post(boss, f"{ADMIN}/accounts/{mine}{verb}", **members))
        assert (status, words) == (409, f"username {mine!r}: nobody changes their own account")
    assert {one["username"] for one in boss.get(f"{ADMIN}/accounts").json()["accounts"]} == {"budi", mine}


def test_a_key_is_shown_once_and_revoked_for_good(boss, post):
    made = post(boss, f"{ADMIN}/keys", title="Klub", scopes=["write"], last_day="2199-12-31").json()
    assert keys.find(made["text"]).title == "Klub"
    listed = boss.get(f"{ADMIN}/keys")
    assert made["text"] not in listed.content.decode() and listed.json()["scopes"] == ["write", "limits"]
    assert post(boss, f"{ADMIN}/keys/{made['key']['id']}/revoke").json()["state"] == "revoked"
    assert ApiKey.objects.get().revoked_at
    assert "scopes all" in detail(post(boss, f"{ADMIN}/keys", title="Klub", scopes=["all"]))[1]
    assert last("key.create").details == {"title": "Klub", "scopes": ["write"]}


def test_whether_the_audit_holds_is_told(boss, post):
    post(boss, f"{ADMIN}/keys", title="Klub", scopes=["write"])
    said = boss.get(f"{ADMIN}/audit/verify").json()
    assert (said["holds"], said["faults"]) == (True, [])
    wrong = boss.get(f"{ADMIN}/audit/verify?expect=1:{'0' * 64}").json()
    assert wrong["holds"] is False and "entry 1 has another hash" in wrong["faults"][0]
    assert detail(boss.get(f"{ADMIN}/audit/verify?expect=1"))[0] == 400


def test_a_term_ends_its_gap_is_shown_and_closed_and_reports_have_who_held_it_then(boss, post, case):
    office = Office.objects.get(code=LURAH)
    term = Term.objects.get(office=office, during__contains=lookup.today())
    id = case()
    submitted = Report.objects.get(pk=id).submitted_at.date()
    ended = post(boss, f"{ADMIN}/terms/{term.id}/end", last=str(submitted - timedelta(days=1))).json()
    assert (ended["was"], ended["reports_in_other_hands"]) == (None, 1)
    assert Report.objects.get(pk=id).official is None
    (gap,) = (one for one in boss.get(f"{ADMIN}/gaps").json()["gaps"] if one["office"] == LURAH)
    assert (gap["office"], gap["since"], gap["until"]) == (LURAH, str(submitted), None)
    said = {"official": "Contoh Pengganti", "since": str(submitted), "acting": True}
    begun = post(boss, f"{ADMIN}/offices/{LURAH}/terms", **said).json()
    assert begun["term"]["acting"] and begun["reports_in_other_hands"] == 1
    assert Report.objects.get(pk=id).official.name == "Contoh Pengganti"
    assert Assignment.objects.filter(report=id).count() == 3
    assert LURAH not in {one["office"] for one in boss.get(f"{ADMIN}/gaps").json()["gaps"]}
    status, words = detail(post(boss, f"{ADMIN}/terms/{term.id}/end", last=None))
    assert status == 409 and "Contoh Pengganti holds it from" in words
    shown = boss.get(f"{ADMIN}/offices/{LURAH}").json()
    assert [one["official"] for one in shown["terms"]] == ["Contoh Pengganti", term.official.name]
    assert last("term.begin").details["acting"] is True
    post(boss, f"{ADMIN}/terms/{begun['term']['id']}/drop")
    assert Report.objects.get(pk=id).official is None
    assert detail(post(boss, f"{ADMIN}/terms/{begun['term']['id']}/drop"))[0] == 404


@pytest.mark.parametrize(
    ("parts", "status", "words"),
    [
        ({"since": ""}, 400, "since '': a date"),
        ({"since": "soon"}, 400, "since 'soon' is no date"),
        ({"official": " "}, 400, "official '': a name of 1 to 200"),
        ({"since": "2026-05-02", "until": "2026-05-01"}, 400, "until 2026-05-01: it comes before 2026-05-02"),
        ({}, 409, "holds it from"),
    ],
)
def test_a_term_that_cannot_be_is_named(boss, post, parts, status, words):
    said = {"official": "Contoh", "since": "2026-05-01"} | parts
    answer = detail(post(boss, f"{ADMIN}/offices/{LURAH}/terms", **said))
    assert answer[0] == status and words in answer[1]


def test_offices_are_found_by_title_code_and_holder(boss):
    everything = boss.get(f"{ADMIN}/offices").json()["offices"]
    assert len([one for one in everything if one["level"] != "provinsi"]) == 317
    for words in ("lurah gambir", LURAH, "Contoh Lurah Gambir"):
        found = boss.get(f"{ADMIN}/offices", {"q": words}).json()["offices"]
        assert LURAH in {one["code"] for one in found} and len(found) < 5


def test_where_an_office_is_told_is_kept_and_shown_to_nobody(boss):
    address = "lurah.gambir@jakarta.example"

    def put(said: str):
        parts = {"channel": "email", "address": said}
        return boss.post(f"{ADMIN}/offices/{LURAH}/contacts", parts, content_type="application/json")

    put(address)
    shown = boss.get(f"{ADMIN}/offices/{LURAH}")
    assert shown.json()["contacts"] == [{"channel": "email", "address": "lu...@jakarta.example"}]
    assert address not in str(last("contact.put").details)
    assert "is none of e-mail" in detail(put("x"))[1]
    put("")
    assert not Contact.objects.exists()
