"""The pages of accountability: what they show to whom, and that each figure opens its reports."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.urls import reverse

from access.models import Entry
from casework.brief import contents, forms
from casework.models import Holiday, Turn
from casework.steps.workflow import Step, change_one
from tests.api.casework.conftest import HERE, THERE
from tests.conftest import NOON

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
PERIOD = "?period=2026-05"
PAGES = ("board", "board_map", "board_chart", "board_calendar", "board_brief")


@pytest.fixture
def silent(case, office) -> str:
    """Let an office answer none of six reports; returns its code."""
    for _ in range(6):
        case()
    return office(HERE)


def answer_first() -> None:
    """Let the office answer the first of its cases, in time."""
    first = Turn.objects.order_by("id").first()
    change_one(Step(first.case_id, "answered", "Sudah"), "user:1", {"answer"}, NOON + timedelta(hours=1))


def section(text: str, kind: str) -> str:
    """Return the part of the board's page that has the rows of a kind."""
    found = re.search(rf'<section class="kind" id="section-{kind}">(.*?)</section>', text, re.DOTALL)
    return found[1] if found else ""


def test_who_answered_nothing_comes_first_and_everybody_is_there(silent, login):
    text = login("governor").get(f"/staff/board{PERIOD}").text
    kinds = re.findall(r'<section class="kind" id="section-(\w+)">', text)
    assert kinds[0] == "silent" and kinds[-2:] == ["none", "unit"]
    assert f"/staff/officials/{silent}" in section(text, "silent")
    assert len(set(re.findall(r"/staff/officials/((?:kelurahan|kecamatan|kota)-[\d.]+)", text))) == 317


def test_each_figure_of_the_board_opens_as_many_reports_as_it_says(silent, login):
    client = login("auditor")
    row = section(client.get(f"/staff/board{PERIOD}").text, "silent")
    links = re.findall(r'<a href="(/staff/board/cells/[^"]+)"[^>]*>(\d+)</a>', row)
    assert {column.rsplit(":", 1)[1].split("?")[0] for column, _ in links} == {"turns", "due", "unanswered"}
    for address, count in links:
        answer = client.get(address)
        assert len(re.findall(r'href="/staff/cases/\d+"', answer.text)) == int(count) == 6
        assert "0812-3456-7890" not in answer.text


def test_a_figure_opens_its_reports_page_by_page(silent, login, monkeypatch):
    from console.desk.board import behind

    monkeypatch.setattr(behind, "PAGE", 4)
    client = login("governor")
    first = client.get(f"/staff/board/cells/{silent}:all:due{PERIOD}").text
    (following,) = re.findall(r'href="(\?period[^"]*after=\d+)"', first)
    second = client.get(f"/staff/board/cells/{silent}:all:due{unescape(following)}").text
    assert 'class="button" href="?period' in second and ">Berikutnya<" not in second
    seen = [re.findall(r'href="/staff/cases/(\d+)"', text) for text in (first, second)]
    assert [len(ids) for ids in seen] == [4, 2]
    assert len({*seen[0], *seen[1]}) == 6


@pytest.mark.parametrize(
    ("choice", "is_there"),
    [
        ("area=31.71", True),
        ("area=31.71.01", True),
        ("area=31.74", False),
        ("tier=kelurahan", True),
        ("tier=kota", False),
        ("tier=kelurahan&area=31.74", False),
    ],
)
def test_the_board_is_narrowed_to_a_tier_and_an_area(silent, login, choice, is_there):
    text = login("governor").get(f"/staff/board{PERIOD}&{choice}").text
    assert (silent in section(text, "silent")) is is_there
    assert f"/api/staff/board{PERIOD}" in text


def test_a_kota_is_not_the_one_whose_code_begins_alike(silent, login):
    assert login("governor").get(f"/staff/board{PERIOD}&area=31.7").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        "/staff/board?period=May",
        "/staff/board?tier=planet",
        "/staff/board?area=Gambir",
        "/staff/board/cells/all:all:cats",
        "/staff/board/cells/a%00b:all:due",
        "/staff/board/due/soon",
        "/staff/board/calendar?month=2026-13",
        "/staff/board/brief?on=2199-01-01",
    ],
)
def test_what_cannot_be_asked_is_said_in_the_frame(city, login, address):
    answer = login("governor").get(address)
    assert answer.status_code == 400
    assert 'class="rail"' in answer.text and '<a class="button" href="/staff/">' in answer.text


@pytest.mark.parametrize("address", ["/staff/officials/nowhere", "/staff/board/calendar?office=nowhere"])
def test_an_office_that_there_is_not_is_not_found(city, login, address):
    assert login("governor").get(address).status_code == 404


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_page_of_an_empty_city_says_so_in_both_languages(city, login, name, language):
    answer = login("supervisor").get(f"{reverse(name)}?lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert not re.search(
        r"\{\w+\}|\b(?:tier|kind|column|about|class)_\w+", re.sub(r"<[^>]*>|\{\".*\}", "", answer.text)
    )


@pytest.mark.parametrize("name", PAGES)
def test_officials_and_administrators_do_not_see_the_board(city, login, name):
    for client in (login("official", HERE), login("administrator")):
        answer = client.get(reverse(name))
        assert answer.status_code == 403
        assert "casework.view_board" in answer.text


def test_the_map_tells_by_words_and_list_what_it_tells_by_colour(silent, login, settings):
    settings.BOARD_MINIMUM = 5
    text = login("governor").get(f"/staff/board/map{PERIOD}").text
    drawn = dict(re.findall(r'<path class="(\w+)" data-code="([\d.]+)"', text))
    assert len(re.findall(r"<path class=\"\w+\" data-code", text)) == 261
    assert drawn["share_0"] == HERE
    listed = re.search(rf'<a href="([^"]+)" data-code="{HERE}"><span>Gambir</span>(.*?)</a>', text)
    assert "0 dari 6" in listed[2]
    assert f"all:all:turns@{HERE}".replace("@", "%40").replace(":", "%3A") in listed[1] or HERE in listed[1]


def test_a_kelurahan_of_which_little_was_due_is_of_no_class(silent, login, settings):
    settings.BOARD_MINIMUM = 7
    text = login("governor").get(f"/staff/board/map{PERIOD}").text
    assert 'class="share_' not in re.search(r"<svg class=\"choropleth\".*?</svg>", text, re.DOTALL)[0]


def test_the_chart_draws_each_share_with_its_interval(silent, login, settings):
    settings.BOARD_MINIMUM = 5
    answer_first()
    text = login("governor").get(f"/staff/board/chart{PERIOD}").text
    # Wilson's interval of one of six: 3.0 to 56.35 percent.
    assert '<rect class="reach" x="3.0%" width="53.3%"' in text
    assert 'class="stair line-0"' in text


def test_the_calendar_says_what_falls_due_and_when_offices_are_closed(silent, login, office):
    due = (Turn.objects.first().due_at - timedelta(microseconds=1)).astimezone(contents.CITY).date()
    Holiday.objects.update_or_create(
        on=date(2026, 5, 27), defaults={"name": "Iduladha", "kind": "holiday", "source": "SKB"}
    )
    client = login("governor")
    text = client.get(f"/staff/board/calendar?month={due:%Y-%m}").text
    assert f'href="/staff/board/due/{due}"><strong>6</strong>' in text
    assert "Iduladha" in client.get("/staff/board/calendar?month=2026-05").text
    opened = client.get(f"/staff/board/due/{due}").text
    assert len(re.findall(r'href="/staff/cases/\d+"', opened)) == 6
    other = f"?month={due:%Y-%m}&office={office(THERE)}"
    assert "/staff/board/due/" not in client.get(f"/staff/board/calendar{other}").text
    assert 'href="/staff/cases/' not in client.get(f"/staff/board/due/{due}?office={office(THERE)}").text


def test_the_brief_is_previewed_recorded_and_taken_along_as_of_the_same_instant(silent, login):
    client = login("governor")
    text = client.get("/staff/board/brief?on=2026-05-20").text
    at = "2026-05-20T23%3A59%3A59%2B07%3A00"
    assert f"/api/staff/brief.pdf?at={at}" in text and f"/api/staff/brief.csv?at={at}" in text
    assert list(Entry.objects.values_list("action", "details")) == [("brief.read", {"form": "html"})]
    page = client.get(f"/api/staff/brief.html?at={at}").text
    body = re.search(r"<body>\n(.*?)</body>", page, re.DOTALL)[1]
    sheet = re.search(r'<div class="sheet" lang="id">(.*?)</div>\n<aside', text, re.DOTALL)[1]
    assert re.sub(r"</?a\b[^>]*>", "", sheet).strip() == body.strip()
    (unanswered,) = re.findall(r'<a href="(/staff/board/cells/all:all:unanswered[^"]*)"', sheet)
    assert len(re.findall(r'href="/staff/cases/\d+"', client.get(unescape(unanswered)).text)) == 6


def test_earlier_briefs_are_offered_in_each_form(silent, login, settings, tmp_path):
    settings.BRIEFS = tmp_path
    forms.keep(contents.make(NOON + timedelta(days=2)), "daily")
    text = login("governor").get("/staff/board/brief").text
    for form in ("html", "pdf", "csv"):
        assert f"/api/staff/briefs/2026-05-16-daily.{form}" in text


def test_an_official_sees_the_page_of_the_own_office_without_the_board(silent, login, office):
    client = login("official", HERE)
    answer = client.get(f"/staff/officials/{silent}")
    assert answer.status_code == 200
    assert "/staff/board" not in answer.text
    assert client.get(f"/staff/officials/{office(THERE)}").status_code == 404
    assert f"/staff/officials/{silent}" in client.get("/staff/account").text


def test_the_page_of_an_office_has_its_figures_terms_ladder_and_open_cases(silent, login):
    text = login("governor").get(f"/staff/officials/{silent}{PERIOD}").text
    assert len(re.findall(r'href="/staff/cases/\d+"', text)) == 6
    assert f"/staff/board/cells/{silent}" in text
    for part in ("h-terms", "h-ladder", "h-contacts", "h-open", "h-months"):
        assert f'id="{part}"' in text
    assert 'class="climb"' in text and 'class="terms"' in text


def test_the_board_is_that_of_an_earlier_instant_and_so_are_the_reports_behind_it(silent, login):
    client, then = login("governor"), "2026-05-14T12:30+07:00"
    text = client.get("/staff/board", {"period": "2026-05", "at": then}).text
    assert section(text, "silent") == ""
    (address,) = re.findall(rf'<a href="(/staff/board/cells/{silent}[^"]*:turns[^"]*)"', text)
    behind = client.get(unescape(address)).text
    assert len(re.findall(r'href="/staff/cases/\d+"', behind)) == 6
    assert 'class="badge red"' not in behind
    assert client.get("/staff/board?at=2199-01-01T00:00Z").status_code == 400


def test_officials_reach_their_own_office_by_the_menu_and_no_figure_of_another(silent, case, office, login):
    case(THERE)
    client = login("official", HERE)
    assert '<a href="/staff/office"' in client.get("/staff/account").text
    text = client.get(f"/staff/office{PERIOD}").text
    assert f"<code>{silent}</code>" in text
    links = set(re.findall(r'href="(/staff/board/cells/[^"]+)"', text))
    assert links and all(unescape(link).startswith(f"/staff/board/cells/{silent}") for link in links)
    opened = client.get(unescape(sorted(links)[0]))
    assert opened.status_code == 200 and 'href="/staff/board"' not in opened.text
    assert f'href="/staff/officials/{silent}?period=2026-05' in opened.text
    for other in (f"{office(THERE)}:all:due", "all:all:due"):
        assert client.get(f"/staff/board/cells/{other}").status_code == 403
    assert login("governor").get("/staff/office").status_code == 403


def test_a_category_is_chosen_and_every_figure_opens_it_alone(silent, case, login):
    flooded = case(category="flood")
    client = login("governor")
    text = client.get(f"/staff/board{PERIOD}&category=flood").text
    assert '<option value="flood" selected>' in text
    (link,) = set(re.findall(r'href="(/staff/board/cells/all%3Aall%3Aunanswered[^"]*)"', text)) or set(
        re.findall(r'href="(/staff/board/cells/all:all:unanswered[^"]*)"', text)
    )
    opened = client.get(unescape(link)).text
    assert re.findall(r'href="/staff/cases/(\d+)"', opened) == [str(flooded)]
    assert "Banjir atau genangan" in opened
    for name in ("board_map", "board_chart"):
        assert client.get(f"{reverse(name)}{PERIOD}&category=flood").status_code == 200
        assert client.get(f"{reverse(name)}{PERIOD}&category=cats").status_code == 404
