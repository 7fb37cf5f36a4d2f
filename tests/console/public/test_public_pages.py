"""The pages for citizens: the list without JavaScript, one report, who answers, what to embed."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest

from api import league
from boundaries.models import Official
from casework.routing import turns
from casework.steps import workflow
from casework.steps.workflow import Step
from reports import intake
from reports.models import Report
from reports.record import Update, Updates
from tests.api.casework.conftest import HERE, THERE, case, inside
from tests.conftest import MONAS, NOON

__all__ = ["case"]
pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
PAGES = ("/reports", "/answers", "/embed")


@pytest.fixture(autouse=True)
def nothing_kept():
    league.forget()
    yield
    league.forget()


@pytest.fixture
def text_of(client, city):
    """Return the text of a page that there is."""

    def read(address, status=200):
        answer = client.get(address)
        assert answer.status_code == status, address
        return answer.text

    return read


@pytest.fixture
def listed(text_of):
    """Return the ids that a list links to, in its order."""

    def read(address):
        return [int(id) for id in re.findall(r'<li><a href="/reports/(\d+)', text_of(address))]

    return read


@pytest.mark.parametrize("address", PAGES)
def test_a_page_sets_no_cookie_loads_its_own_alone_and_is_304_to_who_has_it(client, city, address):
    answer = client.get(address)
    assert not answer.cookies
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    assert not re.search(r"<style|<[^>]* style=|<[^>]* on\w+=", answer.text)


@pytest.mark.parametrize("address", [*PAGES, "/"])
def test_a_page_is_in_the_language_of_the_address_and_its_links_keep_it(text_of, address):
    assert '<html lang="id">' in text_of(address)
    english = text_of(f"{address}?lang=en")
    assert '<html lang="en">' in english
    parts = re.findall(r'<a href="([^"]+)" data-part', english)
    assert len(parts) == 6
    assert [part for part in parts if "lang=en" not in part] == []
    assert f'<a href="{address}" hreflang="id"' in english


def test_the_list_leads_through_all_reports_newest_first_by_links_alone(city, submission, text_of, listed):
    intake.receive([submission(str(n)) for n in range(35)], simulated=False)
    first = listed("/reports?category=road")
    following = re.search(r'rel="next" href="([^"]+)"', text_of("/reports?category=road"))[1].replace(
        "&amp;", "&"
    )
    assert "category=road" in following
    second = listed(following)
    assert [*first, *second] == list(Report.objects.order_by("-id").values_list("id", flat=True))
    assert (len(first), len(second)) == (30, 5)
    assert 'rel="next"' not in text_of(following)


def test_the_filters_choose_and_stay_in_form_and_links(city, submission, text_of, listed):
    sent = [
        submission("here", point=inside(HERE)),
        submission("tree", point=inside(HERE), category="tree"),
        submission("there", point=inside(THERE)),
    ]
    intake.receive(sent, simulated=False)
    ids = dict(Report.objects.values_list("external_id", "id"))
    address = "/reports?place=kelurahan+gambir&category=road&status=waiting&from=2026-05-14&to=&lang=en"
    assert listed(address) == [ids["here"]]
    text = text_of(address)
    assert 'value="Kelurahan Gambir"' in text
    assert '<option value="road" selected>' in text
    to_map = re.search(r'<a href="([^"]+)" data-part="map"', text)[1].replace("&amp;", "&")
    assert to_map == f"/?place={HERE}&category=road&status=waiting&from=2026-05-14&lang=en"
    assert "kelurahan=31.71.01.1001&category=road&status=waiting&from=2026-05-14" in text_of(to_map).replace(
        "\\u0026", "&"
    )


def test_a_name_of_several_places_is_asked_back_and_of_none_said(text_of, listed):
    text = text_of("/reports?place=gambir&status=done")
    assert re.findall(r'<a class="button" href="([^"]+)">(K[^<]+)</a>', text) == [
        ("?status=done&amp;place=31.71.01", "Kecamatan Gambir"),
        ("?status=done&amp;place=31.71.01.1001", "Kelurahan Gambir"),
    ]
    assert "bernama “Atlantis”" in text_of("/reports?place=Atlantis")
    assert listed("/reports?place=Atlantis") == []


def test_what_cannot_be_used_is_said_on_the_page_itself(text_of):
    text = text_of("/reports?from=2026-05-02&to=2026-05-01", status=400)
    assert "from 2026-05-02 lies behind to 2026-05-01" in text
    assert 'value="2026-05-02"' in text


def test_a_report_tells_its_story(case, text_of):
    id = case(description="Lampu mati. Telepon 0812-3456-7890")
    steps = [Step(id, "answered", text="Petugas datang besok")]
    assert workflow.change(steps, "user:7", {"answer"}, NOON + timedelta(hours=5)) == []
    text = text_of(f"/reports/{id}")
    for said in (
        "Lampu mati.", "Dijawab dalam 5 jam, 19 jam sebelum batas waktu.", "Petugas datang besok",
        "Lurah Gambir", "Kelurahan Gambir, Kecamatan Gambir", "<dt>Dijawab oleh", "Penanganan: Dijawab",
    ):  # fmt: skip
        assert said in text
    for secret in ("0812", "user:7"):
        assert secret not in text
    english = text_of(f"/reports/{id}?lang=en")
    assert "Answered in 5 hours, 19 hours before the deadline." in english
    assert "14 May 2026" in english


def test_a_deadline_and_whose_turn_it_is_stand_only_while_an_answer_is_waited_for(case, text_of):
    waiting, answered, closed = case(), case(), case()
    later = NOON + timedelta(hours=5)
    assert workflow.change([Step(answered, "answered", text="Sudah")], "user:7", {"answer"}, later) == []
    checked = [Step(closed, "no_problem", text="Sudah dicek")]
    assert workflow.change(checked, "user:8", {"triage"}, later) == []
    told = {id: text_of(f"/reports/{id}") for id in (waiting, answered, closed)}
    deadline, turn = "15 Mei 2026, 12.00 WIB", "<dt>Giliran menjawab"
    assert deadline in told[waiting] and turn in told[waiting]
    for id, whose in ((answered, "<dt>Dijawab oleh"), (closed, "<dt>Giliran terakhir")):
        assert whose in told[id]
        assert deadline not in told[id] and turn not in told[id]


def test_what_a_channel_calls_done_and_its_citizen_disputes_is_said_to_be_its_word(case, text_of):
    id = case()
    report = Report.objects.get(pk=id)
    said = Update(at=NOON + timedelta(hours=1), status="done", by="Lurah Gambir", note="")
    intake.receive([Updates(report.channel, report.external_id, (said,))], simulated=False)
    workflow.follow(NOON + timedelta(hours=2))
    assert "Menurut qlue" not in text_of(f"/reports/{id}")
    disputed = [Step(id, "disputed", text="Masih rusak")]
    assert workflow.change(disputed, "citizen", {"dispute"}, NOON + timedelta(hours=3)) == []
    assert "Menurut qlue: Selesai" in text_of(f"/reports/{id}")


def test_a_late_answer_and_one_that_is_overdue_are_called_so(case, text_of):
    late, overdue = case(), case()
    assert (
        workflow.change(
            [Step(late, "answered", text="Maaf")], "user:7", {"answer"}, NOON + timedelta(hours=30)
        )
        == []
    )
    assert "Dijawab dalam 1 hari 6 jam, terlambat 6 jam." in text_of(f"/reports/{late}")
    assert "Belum dijawab, dan batas waktunya sudah lewat." in text_of(f"/reports/{overdue}")


def test_a_link_to_a_report_tells_its_kind_place_and_state_and_nothing_that_its_author_wrote(
    receive_one, text_of
):
    report = receive_one(description="Tetangga saya bernama Contoh", point=inside(HERE))
    head = text_of(f"/reports/{report.pk}").partition("</head>")[0]
    assert '<meta property="og:title" content="Jalan rusak, Gambir">' in head
    assert f'content="Menunggu. Laporan warga no. {report.pk},' in head
    assert "/embed/preview.png?layers=kota,kecamatan,kelurahan,reports&amp;bbox=" in head
    assert "Tetangga" not in head


def test_a_sensitive_report_shows_its_rounded_point_alone(receive_one, text_of):
    report = receive_one(category="public_order", point=MONAS)
    text = text_of(f"/reports/{report.pk}")
    assert "106.827" in text
    assert "106.8272" not in text


def test_of_a_withdrawn_report_there_is_no_text_of(city, submission, text_of):
    deleted = Update(at=NOON + timedelta(hours=1), status="withdrawn", by="", note="")
    intake.receive([submission(point=MONAS), Updates("qlue", "1", (deleted,))], simulated=False)
    id = Report.objects.get().pk
    text = text_of(f"/reports/{id}", status=404)
    assert "sudah dicabut" in text
    assert "pasar" not in text
    assert text_of(f"/reports/{10**30}", status=404)


def test_who_answers_is_told_by_offices_and_no_person_is_named(case, text_of):
    case(HERE)
    text = text_of("/answers?days=365")
    assert "Lurah Gambir" in text
    assert [name for name in Official.objects.values_list("name", flat=True) if name in text] == []
    assert "No reports have been assigned" in text_of("/answers?level=kota&within=31.71&lang=en")


def test_who_answers_tells_of_the_unit_where_it_owed_answers_itself(case, text_of):
    id = case(HERE)
    assert "<h2>The unit itself</h2>" not in text_of("/answers?days=365&lang=en")
    turns.give([turns.Given(id, None, None, {})], NOON + timedelta(hours=1))
    league.forget()
    text = text_of("/answers?days=365&lang=en")
    assert "<h2>The unit itself</h2>" in text and "Unit Pengelola Jakarta Smart City" in text
    assert "<h2>The unit itself</h2>" not in text_of("/answers?days=365&within=31.71&lang=en")


def test_the_builder_makes_the_code_of_what_is_chosen(client, text_of):
    text = text_of(
        "/embed?layer=reports&layer=kota&place=Kelurahan+Gambir&status=waiting&width=600&height=400&lang=en"
    )
    source = f"http://testserver/embed/map?layers=kota,reports&place={HERE}&status=waiting&lang=en"
    code = re.search(r"<textarea[^>]*>(.*?)</textarea>", text, re.DOTALL)[1]
    assert "width=&quot;600&quot; height=&quot;400&quot;" in code
    assert source.replace("&", "&amp;amp;") in code
    assert f'<iframe id="frame" src="{source.replace("&", "&amp;")}" width="600"' in text
    address = unquote(re.search(r'<a href="([^"]+)">oEmbed', text)[1].replace("&amp;", "&"))
    assert address.endswith(source)
    said = client.get("/api/oembed", {"url": source}).json()
    assert f"place={HERE}&amp;status=waiting" in said["html"]


def test_a_frame_of_a_place_shows_its_box_and_its_reports_alone(text_of):
    text = text_of(f"/embed/map?layers=reports&place={HERE}&status=done").replace("\\u0026", "&")
    assert f'"tiles": "kelurahan={HERE}&status=done"' in text
    assert re.search(r'"bbox": \[106\.8\d+, -6\.1\d+, 106\.8\d+, -6\.1\d+\]', text)
    assert f'id="larger" href="/?place={HERE}&amp;status=done"' in text


@pytest.mark.parametrize("query", ["layer=nothing", "colour=red", "width=1", "place=a&place=b"])
def test_the_builder_refuses_what_it_does_not_have(client, city, query):
    assert client.get(f"/embed?{query}").status_code == 400
