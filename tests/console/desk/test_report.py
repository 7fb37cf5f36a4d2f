"""The page of a report: what each section says, and who sees which of it."""

import io
import re
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection
from PIL import Image

from access.models import Entry
from boundaries import terms
from boundaries.models import Term
from casework.duplicates import candidates, clusters, merging
from casework.escalation import notices, runs
from casework.escalation.contacts import Address
from casework.escalation.holders import Whom
from casework.models import DuplicateCandidate, Escalation, Turn
from casework.steps import alternatives, passing, pauses, workflow
from casework.steps.alternatives import Proposal
from casework.steps.workflow import Step, change_one, choose
from layers.models import FeedState
from reports import intake, pictures, suggestions
from reports.models import Report
from reports.record import Update, Updates
from tests.api.casework.conftest import HERE, THERE
from tests.conftest import NOON

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SAID = ((1, "in_progress"), (7, "done"))
TO = (Address("email", "gambir@city.example"),)
PARTS = {
    "distance_m": 3.1,
    "minutes": 61,
    "category": 1.0,
    "text": 0.41,
    "said": 0.5,
    "photo": 3,
    "author": True,
}


def page(client, id: int, query: str = "") -> str:
    """Return the report on its page, or in its panel."""
    answer = client.get(f"/staff/cases/{id}{query}")
    assert answer.status_code == 200, answer.content
    return re.search(r"<article.*</article>", answer.text, re.DOTALL)[0]


def words(html: str, section: str = "") -> str:
    """Return what a section says, by the id of its heading."""
    if section:
        html = re.search(rf'<section[^>]*aria-labelledby="{section}".*?</section>', html, re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def pair(one: int, other: int) -> None:
    DuplicateCandidate.objects.create(
        first_id=one, second_id=other, score=0.91, parts=PARTS, rule="x", found_at=NOON
    )


def test_the_head_tells_state_turn_due_time_and_priority_with_its_reasons(case, login):
    html = page(login("triage"), case(category="flood"))
    head = words(re.search(r"<header class=\"report-head\".*?</header>", html, re.DOTALL)[0])
    for said in (
        "Banjir atau genangan",
        "Laporan baru",
        "Lurah Gambir",
        "Terlambat",
        "jangka waktu 24 jam Instruksi Gubernur: 24 jam Sumber: Berita Jakarta 14 November 2018",
        "poin",
        "jawaban terlambat",
        "Gambir , Gambir",
    ):
        assert said in head


def test_a_case_that_changed_hands_says_under_whom_it_began_and_fell_due_and_who_is_told_now(case, login):
    id = case()
    term = Term.objects.get(office=Turn.objects.get().office)
    runs.escalate(NOON + DAY)
    notices.put(
        {Escalation.objects.get().id: Whom("kelurahan", term.office_id, "Lurah Gambir", addresses=TO)}, NOON
    )
    terms.end(term.id, NOON.date())
    terms.begin(term.office_id, "Contoh Lurah Baru", NOON.date() + DAY, None, acting=True)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert notices.claim("email", NOON + 2 * DAY) is None
    html = page(login("supervisor"), id)
    assert (
        "Pergantian pejabat dimulai pada masa Contoh Lurah Gambir, jatuh tempo pada masa Contoh Lurah Baru"
        in words(html, "h-why")
    )
    ladder = words(html, "h-ladder")
    assert "Contoh Lurah Gambir → Contoh Lurah Baru (Plt.)" in ladder
    assert "Ditarik: pejabatnya berganti" in ladder


def test_a_citizens_words_are_masked_to_who_may_not_see_them_and_each_look_is_recorded(case, login):
    id = case()
    masked, whole = (words(page(login(role), id), "h-words") for role in ("governor", "triage"))
    assert "[nomor]" in masked and "Data pribadi disamarkan" in masked
    assert "0812-3456-7890" in whole
    assert list(Entry.objects.filter(action="case.look").values_list("subject", flat=True)) == [
        f"report:{id}"
    ]


def test_an_auditor_sees_who_looked_and_has_no_button(case, login):
    id = case()
    page(login("triage"), id)
    html = page(login("auditor"), id)
    assert "Melihat kata-kata asli warga" in words(html, "h-timeline")
    assert "<form" not in html and "data-open" not in html and "data-key" not in html


def test_an_official_sees_their_own_cases_alone(case, login):
    mine, other = case(), case(THERE)
    client = login("official", HERE)
    assert client.get(f"/staff/cases/{mine}").status_code == 200
    missing = client.get(f"/staff/cases/{other}")
    assert missing.status_code == 404
    assert f"Tidak ada laporan #{other}" in missing.text
    assert client.get("/staff/cases/99999999999999999999").status_code == 404


@pytest.mark.parametrize(
    ("role", "has", "lacks"),
    [
        ("triage", ("d-merge", "d-state"), ("d-assign", "d-pause", "d-pass")),
        ("supervisor", ("d-merge", "d-pause"), ("d-pass", "d-assign")),
        ("governor", (), ("d-merge", "d-pause", "d-pass", "answer-text")),
        ("official", ("d-pass", "d-state", "f-answer"), ("d-merge", "d-assign", "d-pause")),
        ("administrator", (), ("d-merge", "d-state", "answer-text")),
    ],
)
def test_somebody_sees_the_actions_that_are_theirs(case, login, answering, role, has, lacks):
    html = page(login(role, HERE if role == "official" else None), case())
    assert [one for one in has if f'id="{one}"' not in html] == []
    assert [one for one in lacks if f'id="{one}"' in html] == []


def test_the_way_on_is_the_first_button_and_what_closes_a_case_stands_in_the_dialog(case, login):
    html = page(login("triage"), case())
    acts = re.search(r'<div class="buttons report-acts".*?</div>', html, re.DOTALL)[0]
    assert "button main" in acts and "Pilih untuk ditangani" in words(acts)
    assert "Tutup" not in words(acts) and "Tutup: tidak ada masalah" in words(html)


def test_why_this_official_names_edition_polygon_border_rule_and_second_candidate(case, login):
    said = words(page(login("triage"), case()), "h-why")
    for part in ("Lurah Gambir", "Batas skematis", HERE, "m, di seberangnya", "100000.", "di seberang batas"):
        assert part in said


def test_a_report_near_a_border_is_flagged(case, login, shared_edge):
    id = case(HERE, point=shared_edge("31.71.01.1001", "31.71.01.1003"))
    assert "periksa apakah pejabatnya tepat" in words(page(login("triage"), id), "h-why")


def test_words_without_a_point_suggest_places_and_what_led_there(case, login):
    id = case(None, description="Jalan berlubang di Jatinegara dekat pasar")
    suggestions.read_words()
    html = page(login("triage"), id)
    said = words(html, "h-place")
    assert "Jatinegara kecamatan" in said
    assert "Jatinegara kelurahan, Cakung" in said
    assert html.count('name="kelurahan" value="') == 1  # the kecamatan is no place that can be chosen
    assert "tidak diketahui" in words(html, "h-near")


def test_possible_duplicates_stand_beside_the_report_until_somebody_says_that_they_are_none(
    case, login, post
):
    one, other = case(), case(description="Aspal terkelupas")
    pair(one, other)
    client = login("triage")
    said = words(page(client, one), "h-pairs")
    assert "91" in said and "Aspal terkelupas" in said and "pelapor sama" in said and "3/64" in said
    noted = post(client, f"/api/staff/cases/{one}/apart", case=other, is_apart=True)
    assert (noted.status_code, noted.json()["is_apart"]) == (200, True)
    said = words(page(client, other), "h-pairs")
    assert "Bukan laporan ganda menurut triage-all" in said and "serupa" not in said
    counts = client.get("/api/staff/work-lists").json()["work_lists"]
    assert {one["code"]: one["count"] for one in counts}["duplicates"] == 0
    post(client, f"/api/staff/cases/{one}/apart", case=other, is_apart=False)
    assert "serupa" in words(page(client, one), "h-pairs")


def test_no_search_brings_back_a_pair_that_was_parted(case):
    one, other = case(), case()
    pair(one, other)
    candidates.part(one, other, "user:1", NOON)
    candidates.find(NOON - DAY)
    assert DuplicateCandidate.objects.get().apart_by == "user:1"
    assert [member.report_id for member in clusters.proposed(one)] == [one]


def test_what_was_merged_can_be_parted_again_from_either_page(case, login):
    lead, member = case(), case()
    made = merging.merge([member], lead, "user:1", {"triage"}, "Digabung.", NOON + HOUR)
    client = login("triage")
    for id in (lead, member):
        assert f'data-call="merges/{made.id}/unmerge"' in page(client, id)
    assert f"Laporan #{member} digabung" in words(page(client, lead), "h-timeline")


def test_alternatives_stand_side_by_side_and_the_rejected_one_stays_readable(case, login, office):
    id, client = case(), login("supervisor")
    for at, to in enumerate(("selected", "proposed"), 1):
        change_one(Step(id, to), client.user.mark, {"triage"}, NOON + at * HOUR)
    pump = Proposal(
        "Kerahkan pompa", office(HERE), 12_500_000, 1, "Tinggi air 40 cm", "Lalu lintas dialihkan"
    )
    chosen = alternatives.propose(id, pump, client.user.mark, NOON + 3 * HOUR)
    alternatives.propose(id, Proposal("Bangun sodetan"), client.user.mark, NOON + 3 * HOUR, is_suggested=True)
    before = words(page(client, id), "h-alternatives")
    for part in ("Kerahkan pompa", "12.500.000", "1 hari", "Tinggi air 40 cm", "Disarankan", "belum disebut"):
        assert part in before
    assert "Putuskan" not in words(page(client, id))
    choose(chosen.id, client.user.mark, "Paling cepat", NOON + 4 * HOUR)
    after = page(client, id)
    assert "Tidak dipilih" in words(after, "h-alternatives") and "Paling cepat" in words(
        after, "h-alternatives"
    )
    assert "Putuskan" in words(after)


def test_the_ladder_tells_the_rungs_done_with_evidence_and_those_to_come_with_their_time(case, login):
    id = case(category="flood")
    runs.escalate(NOON + 25 * HOUR)
    said = words(page(login("auditor"), id), "h-ladder")
    assert "Lurah Gambir" in said and "Gagal" in said
    assert "Camat Gambir" in said and "bila belum dijawab" in said


def test_the_head_says_to_whom_a_case_is_offered_while_the_clock_of_another_runs(case, login, office):
    id, client = case(), login("supervisor")
    held = "Lurah Gambir · "
    assert held in words(page(client, id)) and "Ditawarkan" not in words(page(client, id))
    passing.pass_on(id, office(THERE), "user:1", "Bukan wilayah kami.", NOON + HOUR)
    head = words(re.search(r"<header.*?</header>", page(client, id), re.DOTALL)[0])
    assert held in head and "Ditawarkan kepada Lurah Tebet Timur" in head
    passing.pass_on(id, None, "user:1", "Bukan wilayah kami.", NOON + 2 * HOUR)
    head = words(re.search(r"<header.*?</header>", page(client, id), re.DOTALL)[0])
    assert held in head and "Ditawarkan kepada Unit Pengelola Jakarta Smart City" in head


def test_the_timeline_is_one_list_of_all_that_happened(case, login, office, answering):
    id, client = case(), login("supervisor")
    pauses.pause(id, "weather", NOON + 2 * DAY, client.user.mark, NOON + HOUR)
    passing.pass_on(id, office(THERE), "user:1", "Bukan wilayah kami.", NOON + 2 * HOUR)
    said = words(page(client, id), "h-timeline")
    for part in (
        "Cuaca atau banjir",
        "Dikembalikan",
        "Bukan wilayah kami.",
        "Ditawarkan kepada",
        "Laporan masuk",
    ):
        assert part in said, part


def test_the_timeline_says_when_a_channel_says_that_it_was_where_that_differs(case, login):
    id = case()
    change_one(Step(id, "selected"), "user:1", {"triage"}, NOON + 3 * HOUR)
    report = Report.objects.get(id=id)
    steps = [Update(NOON + hours * HOUR, status, "Lurah Gambir", "") for hours, status in SAID]
    intake.receive([Updates(report.channel, report.external_id, tuple(steps))], simulated=False)
    workflow.follow(NOON + 9 * HOUR)
    client = login("auditor")
    told = client.get(f"/api/staff/cases/{id}").json()["changes"]
    assert [(one["to"], one["at"], one["said_at"]) for one in told] == [
        ("selected", "2026-05-14T08:00:00Z", None),
        ("answered", "2026-05-14T08:00:00Z", "2026-05-14T06:00:00Z"),
        ("resolved", "2026-05-14T12:00:00Z", "2026-05-14T12:00:00Z"),
    ]
    timeline = words(page(client, id), "h-timeline")
    assert timeline.count("Menurut kanalnya") == 1
    order = re.search(r"Dijawab feed:qlue Menurut kanalnya: 14 Mei 2026, 13.00 .* Dipilih", timeline)
    assert order, timeline


def test_a_feed_that_is_silent_is_no_data_and_never_none(case, login):
    near = words(page(login("auditor"), case()), "h-near")
    assert "Kemacetan Tidak ada data belum pernah ada data" in near
    assert "Laporan lain tidak ada" in near


def test_whoever_reads_english_finds_the_kinds_of_reports_nearby_in_english(case, login):
    case(category="road")
    html = login("auditor").get(f"/staff/cases/{case()}?lang=en").content.decode()
    assert "Damaged road" in words(html, "h-near")


def test_photos_of_the_problem_and_of_the_work_are_shown_with_time_and_distance(case, login):
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(buffer, "JPEG")
    id = case(photos=(pictures.read(buffer.getvalue())[0],))
    client = login("official", HERE)
    sent = client.post(f"/api/staff/cases/{id}/photos", buffer.getvalue(), content_type="image/jpeg")
    html = page(client, id)
    assert sent.json()["picture"] in html
    assert "belum disebut" in words(html, "h-doubts")
    assert 'class="thumb"' in re.search(r'aria-labelledby="h-words".*?</section>', html, re.DOTALL)[0]


def test_an_answer_says_by_which_channel_it_is_heard_or_that_it_is_not(case, login):
    id, client = case(), login("triage")
    assert "tidak menerima jawaban" in words(page(client, id), "h-answer")
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="x", enabled=True, simulated=False, cadence_s=300, takes_answers=True
    )
    said = words(page(client, id), "h-answer")
    assert "Dikirim lewat: Qlue" in said and "Unit Pengelola Jakarta Smart City" in said
    assert "Petugas dijadwalkan" in said and "Jalan rusak dijadwalkan" in said and "Genangan" not in said


def test_staff_see_that_an_answer_goes_by_e_mail_to_who_gave_an_address(case, login, settings):
    settings.CONTACT_KEYS, settings.PUBLIC_URL = Fernet.generate_key().decode(), "https://peta.example"
    settings.NOTICE_CHANNELS = {"reply": "casework.citizens.replies.send"}
    id = case(channel="email", author="Budi <budi@contoh.example>")
    said = words(page(login("triage"), id), "h-answer")
    assert "Dikirim lewat: E-mail" in said and "budi@contoh.example" not in said


def test_a_panel_is_the_same_without_the_frame(case, login):
    id, client = case(), login("triage")
    assert "<html" not in client.get(f"/staff/cases/{id}?panel=1").text
    panel = page(client, id, "?panel=1")
    assert 'class="report panel"' in panel
    assert f'hx-get="/staff/cases/{id}?panel=1"' in panel
    assert words(panel, "h-why") == words(page(client, id), "h-why")


def test_a_page_takes_a_bounded_number_of_statements(case, login, django_assert_max_num_queries):
    ids = [case() for _ in range(4)]
    for other in ids[1:]:
        pair(ids[0], other)
    client = login("supervisor")
    with django_assert_max_num_queries(110):
        page(client, ids[0])
