"""The console's frame: who may open what, in which language, and what its pages may load."""

import json
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Route

from console import words
from console.desk import menu
from staff.roles import table

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
TEMPLATES = words.FOLDER.parent / "templates" / "console"
MODULES = words.FOLDER.parent / "static" / "console" / "desk"
WATCH = """() => {
  const bar = document.getElementById("progress");
  new MutationObserver(() => console.log(`progress: ${!bar.hidden}`)).observe(bar, { attributes: true });
}"""
PARTS = sorted(path.name for path in words.FOLDER.iterdir() if path.is_dir())


@pytest.mark.parametrize("part", PARTS)
def test_every_part_says_the_same_in_both_languages(part):
    ours, theirs = (words.words(language, part) for language in words.LANGUAGES)
    assert ours.keys() == theirs.keys()
    for key, text in ours.items():
        assert text.strip() and theirs[key].strip(), key
        assert _filled(text) == _filled(theirs[key]), key


def test_no_page_and_no_module_of_the_console_says_what_no_language_knows():
    known = set().union(*(words.words("id", part) for part in PARTS))
    for path in [*TEMPLATES.glob("desk/**/*.html"), *MODULES.glob("**/*.js")]:
        text = path.read_text()
        said = re.findall(r"\{[{%][^}%]*?\bwords\.(\w+)", text) + re.findall(r'\bsay\("(\w+)"', text)
        assert [key for key in said if key not in known] == [], path.name


def test_no_page_has_a_script_a_style_or_a_listener_of_its_own_and_no_module_writes_markup():
    for path in TEMPLATES.glob("desk/**/*.html"):
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style| style=| on\w+=|hx-on", path.read_text()), (
            path.name
        )
    for path in MODULES.glob("**/*.js"):
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), (
            path.name
        )
        assert len(text.splitlines()) < 300, path.name


@pytest.mark.parametrize("role", sorted(table()))
def test_every_part_of_the_menu_opens_for_who_sees_it(city, login, role):
    client = login(role, "31.71.01.1001" if role == "official" else None)
    for entry in menu.of(client.user):
        # Triage at its bare address leads on who only watches.
        query = menu.ALL_CASES if entry.key == "triage" else ""
        answer = client.get(reverse(entry.address) + query)
        assert answer.status_code == 200, (role, entry.key)
        assert 'aria-current="page"' in answer.text, (role, entry.key)


@pytest.mark.parametrize("role", sorted(table()))
def test_what_is_not_in_the_menu_is_refused_and_the_permission_is_named(city, login, role):
    client = login(role, "31.71.01.1001" if role == "official" else None)
    for entry in set(menu.ENTRIES) - set(menu.of(client.user)):
        answer = client.get(reverse(entry.address))
        assert answer.status_code == 403, (role, entry.key)
        assert entry.permissions[0] in answer.text


@pytest.mark.parametrize(
    ("role", "begins"),
    [("governor", "/staff/board"), ("auditor", "/staff/board"), ("administrator", "/staff/admin/")],
)
def test_who_works_on_no_case_begins_elsewhere_and_still_finds_the_cases(city, login, role, begins):
    client = login(role)
    assert client.get("/staff/")["Location"] == begins
    assert client.get("/staff/?lang=en")["Location"] == begins
    page = client.get(begins).text
    assert '<html lang="en">' in page and f'href="/staff/{menu.ALL_CASES}"' in page


def test_the_session_keeps_the_language(city, login):
    client = login("triage")
    assert '<html lang="id">' in client.get("/staff/account").text
    assert '<html lang="en">' in client.get("/staff/account?lang=en").text
    assert '<html lang="en">' in client.get("/staff/account").text
    assert '<html lang="en">' in client.get("/staff/account?lang=xx").text


def test_a_page_loads_its_own_and_carries_the_words_of_its_part(city, login):
    answer = login("triage").get("/staff/account")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?://(?!www\.w3\.org|testserver)", answer.text)
    carried = re.search(r'<script id="words" type="application/json">(.*?)</script>', answer.text, re.DOTALL)
    assert json.loads(carried[1]) == words.words("id", "desk") | words.words("id", "staff")


def test_who_is_not_logged_in_is_led_to_the_login(client, city):
    assert client.get("/staff/account")["Location"] == "/staff/login?next=%2Fstaff%2Faccount"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844)])
def test_the_frame_has_no_faults_and_its_menu_is_reached_by_the_keyboard(
    transactional_city, desk, width, height
):
    desk = desk("triage", width=width, height=height)
    page = desk("/staff/account")
    assert desk.faults() == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.emulate_media(color_scheme="dark")
    assert desk.faults() == []


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_form_that_leads_on_and_a_file_that_is_made_show_progress_until_they_are_there(
    transactional_city, desk
):
    held: list[Route] = []
    page = desk("governor")("/staff/board/brief")
    page.evaluate(WATCH)
    page.route("**/staff/brief.pdf*", lambda route: held.append(route))  # noqa: PLW0108 (a builtin takes no mark)
    with page.expect_download() as taken:
        with page.expect_console_message(lambda said: said.text == "progress: true"):
            page.get_by_role("link", name="PDF").first.click()
        with page.expect_console_message(lambda said: said.text == "progress: false"):
            held.pop().fulfill(body=b"%PDF-1.7", content_type="application/pdf")
    assert taken.value.suggested_filename.startswith("brief-")
    # Until another page has come nothing of this one is looked at but what it says itself.
    page.route("**/staff/board/brief?on=*", lambda route: held.append(route))  # noqa: PLW0108 (a builtin takes no mark)
    with page.expect_console_message(lambda said: said.text == "progress: true"):
        page.locator("main form button").click(no_wait_after=True)
    held.pop().continue_()
    page.wait_for_url("**/brief?on=*")


def _filled(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))
