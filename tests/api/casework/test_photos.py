"""The photos of a case: who may look at them, what is told of each, and what an office shows of its work."""

import io
import re
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw

from access.models import Entry
from api.casework.veil import veil
from casework.escalation import runs
from casework.models import DuplicateCandidate
from casework.steps import proof
from casework.steps.workflow import Step, change_one
from fixtures.wire.email import position
from layers.record import LonLat
from reports import pictures
from reports.models import Photo, Report
from staff.roles import table
from tests.api.casework.conftest import HERE, THERE, inside
from tests.conftest import NOON


def taken(point: LonLat | None = None, size: int = 320) -> bytes:
    """A picture as a phone sends it: with its maker, and where it was taken."""
    picture = Image.new("RGB", (size, size), "navy")
    drawn, part = ImageDraw.Draw(picture), size // 8
    for number in range(32):  # a chequered street: half of the bits of its hash are set
        left, top = number * 3 % 8 * part, number // 4 * part
        drawn.rectangle((left, top, left + part, top + part), fill=(90 + 5 * number, 60, 20))
    exif = Image.Exif()
    exif[0x010F] = "Kamera rahasia"
    if point:
        exif[0x8825] = position(point)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def show(client, id: int, body: bytes, media_type: str = "image/jpeg"):
    return client.post(f"/api/staff/cases/{id}/photos", body, content_type=media_type)


@pytest.fixture
def pictured(case) -> int:
    """Open a case whose citizen sent a photo of the problem; returns its id."""
    return case(photos=(pictures.read(taken())[0],))


def test_an_office_shows_a_picture_of_its_work_of_which_where_it_was_taken_is_read_and_not_kept(case, login):
    id, official = case(), login("official", HERE)
    there = inside(HERE)
    made = show(official, id, taken(LonLat(there.lon, there.lat + 0.01)))
    assert made.status_code == 201, made.content
    said = made.json()
    assert (said["role"], said["doubts"], round(said["distance_m"], -1)) == ("proof", [], 1110)
    picture = official.get(said["picture"])
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/jpeg")
    assert b"Exif" not in picture.content and b"Kamera" not in picture.content
    assert "sandbox" in picture["Content-Security-Policy"] and "no-store" in picture["Cache-Control"]
    again = show(official, id, taken(LonLat(there.lon, there.lat + 0.01)))
    assert (again.json()["id"], Photo.objects.count()) == (said["id"], 1)


def test_a_second_person_sees_a_doubted_photo_and_the_one_that_it_is_like(pictured, login, post):
    official, supervisor = login("official", HERE), login("supervisor")
    assert show(official, pictured, taken()).status_code == 201
    for reached in ("answered", "resolved"):
        post(official, f"/api/staff/cases/{pictured}/steps", to=reached, text="Sudah ditambal")
    proof.judge(NOON)
    before, shown = supervisor.get(f"/api/staff/cases/{pictured}/photos").json()["photos"]
    assert (before["role"], before["doubts"], shown["role"]) == ("before", [], "proof")
    (doubt,) = shown["doubts"]
    assert (doubt["kind"], doubt["amount"]) == ("seen_before", 0)
    assert (doubt["earlier"]["case"], doubt["earlier"]["photo"]) == (pictured, before["id"])
    for one in (before, shown):
        assert supervisor.get(one["picture"]).status_code == 200
    looks = Entry.objects.filter(action="case.photo").order_by("id")
    assert [(one.by, one.details) for one in looks] == [
        (supervisor.user.mark, {"photo": one["id"]}) for one in (before, shown)
    ]


def test_a_picture_that_is_shown_again_behind_a_dispute_is_another_one(case, login, post):
    id, official = case(), login("official", HERE)
    first = show(official, id, taken()).json()["id"]
    for reached in ("answered", "resolved"):
        post(official, f"/api/staff/cases/{id}/steps", to=reached, text="Sudah ditambal")
    change_one(Step(id, "disputed", "Masih"), "citizen:1", {"dispute"}, NOON)
    assert show(official, id, taken()).json()["id"] != first


def test_photos_are_seen_and_shown_by_those_whose_case_it_is(pictured, login, client):
    (photo,) = login("auditor").get(f"/api/staff/cases/{pictured}/photos").json()["photos"]
    other = login("official", THERE)
    assert other.get(f"/api/staff/cases/{pictured}/photos").status_code == 404
    assert other.get(photo["picture"]).status_code == 404
    assert show(other, pictured, taken()).status_code == 404
    assert client.get(photo["picture"]).status_code == 401
    assert show(login("governor"), pictured, taken()).status_code == 403


def test_who_was_told_of_a_case_sees_the_photos_of_the_work_and_not_the_citizens(pictured, login, client):
    assert show(login("official", HERE), pictured, taken(inside(HERE))).status_code == 201
    before, proof = login("auditor").get(f"/api/staff/cases/{pictured}/photos").json()["photos"]
    runs.escalate(NOON + timedelta(days=2))
    camat = login("official", "31.71.01")
    assert camat.get(f"/api/staff/cases/{pictured}/photos").json()["photos"] == [proof]
    assert camat.get(proof["picture"]).status_code == 200
    assert camat.get(before["picture"]).status_code == 404
    page = camat.get(f"/staff/cases/{pictured}").content.decode()
    assert proof["picture"] in page and before["picture"] not in page


@pytest.mark.parametrize("role", sorted(table().keys() - {"official"}))
def test_a_citizens_photo_is_shown_to_roles_that_see_personal_data_and_the_works_to_all(
    pictured, login, role
):
    official = login("official", HERE)
    assert show(official, pictured, taken(inside(HERE))).status_code == 201
    before, proof = official.get(f"/api/staff/cases/{pictured}/photos").json()["photos"]
    client, is_seen = login(role), "casework.view_personal" in table()[role]
    photos = client.get(f"/api/staff/cases/{pictured}/photos").json()["photos"]
    assert [photo["role"] for photo in photos] == (["before", "proof"] if is_seen else ["proof"])
    assert client.get(before["picture"]).status_code == (200 if is_seen else 404)
    assert client.get(proof["picture"]).status_code == 200
    page = client.get(f"/staff/cases/{pictured}").content.decode()
    assert proof["picture"] in page and (before["picture"] in page) is is_seen


def test_who_was_told_of_a_sensitive_case_learns_no_distance_from_its_true_point(case, login, post):
    id, other = case(category="noise"), case(category="road")
    DuplicateCandidate.objects.create(
        first_id=id, second_id=other, score=0.91, parts={"distance_m": 3.0}, rule="r", found_at=NOON
    )
    runs.escalate(NOON + timedelta(days=2))
    official, there = login("official", HERE), inside(HERE)
    assert show(official, id, taken(LonLat(there.lon, there.lat + 0.01))).status_code == 201
    for reached in ("answered", "resolved"):
        post(official, f"/api/staff/cases/{id}/steps", to=reached, text="Sudah kami tegur")
    proof.judge(NOON)
    for client, is_whole in ((official, True), (login("official", "31.71.01"), False)):
        told = client.get(f"/api/staff/cases/{id}").json()
        (photo,) = client.get(f"/api/staff/cases/{id}/photos").json()["photos"]
        (doubt,) = photo["doubts"]
        near = client.get(f"/api/staff/cases/{id}/context").json()["reports"]["found"]
        (turn,) = told["turns"]
        said = [told["place"]["border_m"], turn["why"]["border_m"], turn["explanation"]["border_m"]]
        said += [photo["distance_m"], doubt["amount"], told["doubts"][0]["amount"]]
        said += [told["duplicates"][0]["score"], told["duplicates"][0]["parts"]["distance_m"]]
        assert [one is not None for one in said] == [is_whole] * 8
        assert (near[0]["distance_m"] == 0.0) is is_whole
        page = client.get(f"/staff/cases/{id}").content.decode()
        assert bool(re.search(r"1[.,]1\xa0km", page)) is is_whole


def test_a_plain_case_does_not_tell_how_far_a_sensitive_one_lies(case, login):
    id, other = case(category="road"), case(category="noise")
    DuplicateCandidate.objects.create(
        first_id=id, second_id=other, score=0.91, parts={"distance_m": 3.0}, rule="r", found_at=NOON
    )
    runs.escalate(NOON + timedelta(days=2))
    for client, is_whole in ((login("official", HERE), True), (login("official", "31.71.01"), False)):
        (pair,) = client.get(f"/api/staff/cases/{id}").json()["duplicates"]
        assert [pair["score"] is not None, pair["parts"]["distance_m"] is not None] == [is_whole] * 2


def test_what_tells_where_a_sensitive_report_is_is_veiled_however_deep_it_stands():
    pair = {"id": 7, "score": 0.9, "parts": {"distance_m": 3.5, "text": 0.5}}
    assert veil({"duplicates": [pair]}) == {
        "duplicates": [{"id": 7, "score": None, "parts": {"distance_m": None, "text": 0.5}}]
    }
    assert veil([{"unit": "m", "amount": 120.5}, {"unit": "s", "amount": 9}]) == [
        {"unit": "m", "amount": None},
        {"unit": "s", "amount": 9},
    ]


def test_a_photo_that_was_thrown_away_is_told_and_not_shown(pictured, login):
    auditor = login("auditor")
    photo = Photo.objects.get()
    Photo.objects.update(expired_at=NOON)
    (said,) = auditor.get(f"/api/staff/cases/{pictured}/photos").json()["photos"]
    assert (said["id"], said["picture"]) == (photo.pk, None)
    assert auditor.get(f"/api/staff/cases/{pictured}/photos/{photo.pk}").status_code == 404
    assert auditor.get(f"/api/staff/cases/{pictured}/photos/4711").status_code == 404
    assert not Entry.objects.filter(action="case.photo").exists()


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{}", "application/json", 415),
        (b"GIF89a", "image/gif", 400),
        (b"\xff\xd8\xff broken", "image/jpeg", 400),
        (taken(size=40), "image/jpeg", 400),
        (b"\xff\xd8\xff" + bytes(10_000_000), "image/jpeg", 413),
    ],
    ids=["no picture", "another kind", "broken", "too small", "too many bytes"],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(case, login, body, media_type, status):
    id = case()
    assert show(login("official", HERE), id, body, media_type).status_code == status
    assert not Photo.objects.exists() and not Entry.objects.filter(action="case.show").exists()
    assert Report.objects.get(pk=id).status == "waiting"
