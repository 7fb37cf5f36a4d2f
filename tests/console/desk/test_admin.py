"""Administration by pages: what is done is undone, what cannot be used is said with what was typed."""

import html
import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from boundaries import lookup, terms, uploads
from boundaries.models import Errand, Term
from casework.clock import norms
from casework.desk import priority
from casework.models import AnswerTemplate, Deadline, Holiday, Rung, Weight
from casework.routing import rules
from casework.steps import answer_templates
from console.words import LANGUAGES, words
from reports.models import Category
from reports.tasks import activate_edition
from staff.models import User
from tests.api.casework.conftest import HERE
from tests.api.casework.test_editions_sent import drawn

LURAH = f"kelurahan-{HERE}"
PAGES = (
    "editions",
    "officials",
    "rules",
    "deadlines",
    "ladders",
    "categories",
    "templates",
    "users",
    "keys",
    "audit",
)


@pytest.fixture
def boss(login) -> Client:
    """An administrator."""
    return login("administrator")


def at(page: str, query: str = "") -> str:
    return reverse(f"admin-{page}") + query


def do(client: Client, page: str, act: str, about: object = "", **typed: object) -> str:
    """Send a form of a page; returns what the page says then."""
    address = at(page) if "/" not in page else page
    answer = client.post(address, {"act": act, "about": str(about), **typed}, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def undo(client: Client, page: str, text: str) -> str:
    """Press the button that takes back what was done."""
    form = text[text.index('<div class="notice done"') :]
    pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[: form.index("</form>")])
    typed: dict[str, list[str]] = {}
    for name, value in pairs:
        typed.setdefault(name, []).append(html.unescape(value))
    typed.pop("csrfmiddlewaretoken", None)
    address = at(page) if "/" not in page else page
    answer = client.post(address, typed, follow=True)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_in_both_languages(boss, page, language):
    answer = boss.get(at(page, f"?lang={language}"))
    assert (answer.status_code, answer["Content-Language"]) == (200, language)


def test_a_rule_is_tried_added_seen_deciding_and_taken_back(boss, case):
    id = case(category="road")
    typed = {"number": "10", "name": "Jalan", "category": "road", "tier": "kecamatan", "source": "Surat 1"}
    tried = do(boss, "rules", "rule.put", **typed, is_active="on", is_trial="on")
    assert f"#{id}" in tried and "Lurah Gambir → Camat Gambir" in tried
    assert 'value="Surat 1"' in tried and rules.lasting().count() == 1  # what was typed stays
    said = do(boss, "rules", "rule.put", **typed, is_active="on")
    assert (
        "Aturan berlaku mulai sekarang." in said and rules.decide("road", HERE).office == "kecamatan-31.71.01"
    )
    asked = boss.get(at("rules", f"?report={id}&lang=en")).content.decode()
    assert "<b>Camat Gambir</b>" in asked and "10: Jalan" in asked
    undo(boss, "rules", said)
    assert rules.decide("road", HERE).office == LURAH
    moved = do(boss, "rules", "rule.move", 100000, to="99999")
    undo(boss, "rules", moved)
    ended = do(boss, "rules", "rule.end", 100000)
    assert not rules.lasting().exists()
    undo(boss, "rules", ended)
    assert list(rules.lasting().values_list("number", "is_active")) == [(100000, True)]


def test_what_cannot_be_used_is_said_and_what_was_typed_stays(boss):
    answer = boss.post(
        at("rules", "?lang=en"), {"act": "rule.put", "number": "x", "name": "Jalan", "source": "S"}
    )
    text = answer.content.decode()
    assert answer.status_code == 400 and "number &#x27;x&#x27;: a whole number from 0 on is wanted" in text
    assert 'value="Jalan"' in text
    assert boss.post(at("rules"), {"act": "rule.burn"}).status_code == 400
    assert boss.get(at("officials") + "nowhere").status_code == 404


def test_deadlines_holidays_reasons_and_ladders_are_set_and_taken_back(boss):
    typed = {"purpose": "answer", "office": LURAH, "norm": "light", "source": "Surat 2"}
    said = do(boss, "deadlines", "deadline.put", **typed)
    again = do(boss, "deadlines", "deadline.put", **(typed | {"norm": "normative"}))
    undo(boss, "deadlines", again)
    assert Deadline.objects.get(office=LURAH, ended_at=None).norm_id == "light"
    ended = do(boss, "deadlines", "deadline.end", Deadline.objects.get(office=LURAH, ended_at=None).pk)
    undo(boss, "deadlines", ended)
    assert Deadline.objects.filter(office=LURAH, ended_at=None).exists() and "Surat 2" in said
    day = {"on": "2027-01-01", "name": "Tahun Baru", "kind": "holiday", "source": "SKB"}
    added = do(boss, "deadlines", "holiday.put", **day)
    undo(boss, "deadlines", added)
    assert not Holiday.objects.filter(on=date(2027, 1, 1)).exists()
    do(boss, "deadlines", "holiday.put", **day)
    undo(boss, "deadlines", do(boss, "deadlines", "holiday.drop", "2027-01-01"))
    assert Holiday.objects.get(on=date(2027, 1, 1)).name == "Tahun Baru"
    shown = [boss.get(at("deadlines") + f"?year={year}").content.decode() for year in (2026, 2027)]
    assert ['id="undecided"' in text for text in shown] == [False, True]
    decided = do(boss, "deadlines", "year.decide", "2027", source="SKB 3 Menteri")
    assert "SKB 3 Menteri" in boss.get(at("deadlines") + "?year=2027").content.decode()
    undo(boss, "deadlines", decided)
    do(boss, "deadlines", "year.decide", "2027", source="SKB 3 Menteri")
    undo(boss, "deadlines", do(boss, "deadlines", "year.drop", "2027"))
    assert 2027 in norms.calendar().years
    rungs = {"tier1": "kecamatan", "source1": "S", "tier2": "governor", "norm2": "light", "source2": "S"}
    made = do(boss, "ladders", "ladder.put", category="flood", **rungs)
    assert list(Rung.objects.filter(category="flood").order_by("number").values_list("tier", "norm")) == [
        ("kecamatan", None), (None, "light"),
    ]  # fmt: skip
    undo(boss, "ladders", made)
    assert not Rung.objects.filter(category="flood").exists()


def test_names_and_weights_of_a_category_are_changed_and_taken_back(boss):
    before = Category.objects.get(code="road")
    said = do(boss, "categories", "category.rename", "road", name_id="Lubang", name_en="Hole", source="S")
    assert Category.objects.get(code="road").name_en == "Hole"
    undo(boss, "categories", said)
    assert Category.objects.get(code="road").name_en == before.name_en
    typed = {"part": "category", "key": "road", "points": "90", "most": "", "why": "W", "source": "S"}
    weighed = do(boss, "categories", "weight.put", **typed)
    assert Weight.objects.get(part="category", key="road").points == 90
    undo(boss, "categories", weighed)
    assert Weight.objects.get(part="category", key="road").points == 15


def test_a_form_leads_to_where_it_is_said_what_came_of_it(boss):
    """Far down a page nobody sees what stands at its head: the browser goes there."""
    priority.load()
    form = boss.get(at("categories", "?of=road")).content.decode()
    assert re.findall(r'<form method="post"([^>]*)class="form"', form) == [' action="#told" '] * 2
    typed = {"act": "category.rename", "about": "road", "name_id": "", "name_en": "Road", "source": "S"}
    refused = boss.post(at("categories", "?of=road"), typed)
    assert refused.status_code == 400 and 'id="told" role="alert"' in refused.content.decode()
    done = boss.post(at("categories", "?of=road"), typed | {"name_id": "Jalan"}, follow=True)
    assert 'id="told" role="status"' in done.content.decode()


def test_each_weight_that_is_shipped_has_a_name_in_both_languages(boss):
    priority.load()
    for one in Weight.objects.exclude(part="category"):
        for language in LANGUAGES:
            assert f"weight_{one.part}_{one.key}" in words(language, "admin")


def test_words_of_answers_are_changed_and_taken_back(boss):
    answer_templates.load()
    before = AnswerTemplate.objects.get(code="answered_road")
    typed = {"code": "answered_road", "title": "T", "to_state": "answered", "category": "road", "source": "S"}
    said = do(boss, "templates", "template.put", **typed, text="Jalan {laporan} diperbaiki")
    assert AnswerTemplate.objects.get(code="answered_road").text == "Jalan {laporan} diperbaiki"
    undo(boss, "templates", said)
    assert AnswerTemplate.objects.get(code="answered_road").text == before.text
    refused = boss.post(at("templates"), {"act": "template.put", **typed, "to_state": "gone", "text": "x"})
    assert (
        refused.status_code == 400
        and "status tujuan &#x27;gone&#x27; tidak dikenal" in refused.content.decode()
    )


def test_a_term_with_a_gap_is_shown_and_closed(boss):
    term = Term.objects.get(office=LURAH, during__contains=lookup.today())
    office = at("officials") + LURAH
    said = do(boss, office, "term.end", term.pk, last="2026-01-31")
    shown = boss.get(at("officials", "?lang=en")).content.decode()
    assert "Gaps between terms" in shown and "1 Feb 2026" in shown
    typed = {"official": "Contoh Pengganti", "since": "2026-02-15", "acting": "on"}
    begun = do(boss, office, "term.begin", **typed)
    assert "Contoh Pengganti" in begun and "Plt." in begun and "14 Feb 2026" in begun
    dropped = undo(boss, office, begun)
    assert "Contoh Pengganti" not in dropped[dropped.index("<table>") : dropped.index("</table>")]
    undo(boss, office, dropped)
    refused = boss.post(office, {"act": "term.end", "about": str(term.pk), "last": ""})
    assert refused.status_code == 400 and "Contoh Pengganti holds it" in refused.content.decode()
    assert "Hari terakhir masa jabatan diubah." in said


def test_an_account_is_ended_reopened_and_its_password_shown_once(boss):
    made = do(
        boss, "users", "account.create", username="siti", roles=["triage", "governor"], has_password="on"
    )
    (password,) = re.findall(r'<code class="secret">([^<]+)</code>', made)
    assert User.objects.get(username="siti").check_password(password)
    assert password not in boss.get(at("users")).content.decode()
    changed = do(boss, "users", "account.change", "siti", roles=["auditor"], name="Siti")
    undo(boss, "users", changed)
    assert set(User.objects.get(username="siti").groups.values_list("name", flat=True)) == {
        "triage",
        "governor",
    }
    ended = do(boss, "users", "account.disable", "siti")
    undo(boss, "users", ended)
    assert User.objects.get(username="siti").is_active
    key = do(boss, "keys", "key.create", title="Klub", scopes=["write"])
    assert key.count("gp_") == 2  # the text, and how it begins


@pytest.mark.parametrize("role", ["triage", "governor", "official"])
def test_administration_is_for_administrators(login, role):
    client = login(role, HERE if role == "official" else None)
    for page in PAGES:
        assert client.get(at(page)).status_code == 403, page


def test_an_auditor_reads_the_audit_and_nothing_else(login):
    client = login("auditor")
    assert 'href="/staff/admin/audit" aria-current="page"' in client.get(reverse("admin")).content.decode()
    assert [page for page in PAGES if client.get(at(page)).status_code == 200] == ["audit"]
    assert "utuh" in client.get(at("audit", "?verify=on")).content.decode()


@pytest.mark.browser
def test_an_edition_is_sent_previewed_put_in_force_and_the_former_one_again(
    transactional_city, desk, tmp_path
):
    boundaries = tmp_path / "batas.geojson"
    boundaries.write_bytes(drawn())
    city = desk("administrator")
    page = city("/staff/admin/editions?lang=en")
    assert city.faults() == []
    page.locator("input[type=file]").set_input_files(boundaries)
    for label, text in (("Title", "Batas 2026"), ("Publisher", "Dinas"), ("Licence", "CC-BY-4.0")):
        page.get_by_label(label, exact=False).first.fill(text)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The file was received")).to_be_visible()
    expect(page.get_by_text("waits for a worker")).to_be_visible()
    uploads.run(Errand.objects.get().pk)
    page.get_by_role("link", name="What would change? Batas 2026").click()  # the page asks by itself
    expect(page.locator("figure svg")).to_be_visible()
    expect(page.get_by_role("region", name="Areas").get_by_text("gone").first).to_be_visible()
    assert city.faults() == []
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("A worker puts the edition in force")).to_be_visible()
    activate_edition(errand=Errand.objects.latest("id").pk)
    former = page.get_by_role("article").filter(has_text="Batas skematis")
    expect(former.get_by_text("not in force")).to_be_visible()
    former.get_by_role("link", name="What would change?").click()
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("A worker puts the edition in force")).to_be_visible()
    activate_edition(errand=Errand.objects.latest("id").pk)
    expect(former.locator(".page-head .badge.green")).to_be_visible()


@pytest.mark.browser
def test_a_rule_is_tried_and_added_by_the_keyboard_and_taken_back(transactional_city, desk, case):
    id = case(category="road")
    city = desk("administrator", width=390, height=844)
    page = city("/staff/admin/rules?lang=en")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    form = page.locator("section", has=page.get_by_role("heading", name="Add or replace a rule"))
    form.get_by_label("Number").focus()
    page.keyboard.type("10")
    page.keyboard.press("Tab")
    page.keyboard.type("Roads")
    form.get_by_label("Category").select_option("road")
    form.get_by_label("Tier").select_option("kecamatan")
    form.get_by_label("Source").fill("Surat 1")
    form.get_by_role("button", name="Try").press("Enter")
    expect(page.get_by_text("Open cases decided otherwise: 1")).to_be_visible()
    assert city.faults() == []
    form.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("The rule holds from now on.")).to_be_visible()
    page.get_by_label("Report number").fill(str(id))
    page.get_by_label("Report number").press("Enter")
    expect(page.get_by_role("status").get_by_text("Camat Gambir")).to_be_visible()
    page.go_back()
    rules.put(rules.parts(rules.find(10)) | {"name": "Ours"}, timezone.now())  # somebody else did meanwhile
    page.get_by_role("button", name="End 10", exact=True).press("Enter")
    page.get_by_role("button", name="Undo").press("Enter")
    expect(page.get_by_role("row", name="Ours")).to_be_visible()
    assert city.faults() == []


@pytest.mark.browser
def test_an_account_is_made_and_whoever_it_is_enters_and_chooses_a_password(
    transactional_city, desk, settings
):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    city = desk("administrator")
    page = city("/staff/admin/users?lang=en")
    form = page.locator("section", has=page.get_by_role("heading", name="Make an account"))
    form.get_by_label("Username").fill("siti")
    form.get_by_label("triage").check()
    form.get_by_role("button", name="Save").click()
    password = page.locator(".secret").inner_text()
    assert city.faults() == []
    page.context.clear_cookies()
    page = city("/staff/login?lang=en")
    page.locator("[name=username]").fill("siti")
    page.locator("[name=password]").fill(password)
    page.locator("main form button").first.click()
    expect(page.locator("[name=new_password1]")).to_be_visible()
    own = "ondel-ondel menari 7"
    for name, text in (("old_password", password), ("new_password1", own), ("new_password2", own)):
        page.locator(f"[name={name}]").fill(text)
    page.locator("main form button").first.click()
    expect(page.get_by_text("The password is changed.")).to_be_visible()
    page = city("/staff/account?lang=en")
    expect(page.get_by_text("siti")).to_be_visible()


@pytest.mark.browser
def test_no_page_has_faults_nor_more_than_a_phone_is_wide(transactional_city, desk, case):
    case()
    term = Term.objects.get(office=LURAH, during__contains=lookup.today())
    terms.end(term.pk, date(2026, 1, 31))
    city = desk("administrator")
    addresses = [
        *map(at, PAGES),
        at("officials") + LURAH,
        at("categories", "?of=road"),
        at("audit", "?verify=on"),
    ]
    for number, address in enumerate(addresses):
        narrow = number % 2
        city.page.set_viewport_size({"width": 390 if narrow else 1440, "height": 844})
        city.page.emulate_media(color_scheme="dark" if narrow else "light")
        page = city(address)
        assert city.faults() == [], address
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
