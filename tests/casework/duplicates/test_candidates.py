"""Reports on the same event: which pairs become candidates, and that it is the same however they arrive."""

import io
from datetime import timedelta
from itertools import permutations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from boundaries.models import Edition
from casework import tasks
from casework.duplicates import candidates, clues
from casework.models import Clue, DuplicateCandidate
from layers.record import LonLat
from reports import intake
from reports.models import Report
from reports.record import Photo, Submission, Update, Updates
from tests.conftest import MONAS, NOON

LONG_AGO = NOON - timedelta(days=4000)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUNDARAN_HI = LonLat(106.8230, -6.1950)
METRE = 1 / 110_574  # of latitude at the equator
PICTURE = 0x5A3C_96E1_0F78_2DB4


def flood(external_id: str = "1", channel: str = "qlue", **parts: object) -> Submission:
    said = {
        "category": "flood",
        "description": "Banjir setinggi lutut di Jl. MH Thamrin dekat Bundaran HI",
        "submitted_at": NOON,
        "point": BUNDARAN_HI,
    }
    said |= parts
    return Submission(channel, external_id, updated_at=said["submitted_at"], **said)


def picture(looks: int, name: str = "a") -> Photo:
    signed = looks - (1 << 64) if looks >> 63 else looks
    return Photo(b"", "image/jpeg", name.encode().hex().zfill(64), signed)


def paired(*said) -> list[DuplicateCandidate]:
    intake.receive(said, simulated=False)
    candidates.find(LONG_AGO)
    return list(DuplicateCandidate.objects.order_by("first", "second"))


def south(metres: float) -> LonLat:
    return LonLat(BUNDARAN_HI.lon, BUNDARAN_HI.lat - metres * METRE)


SAME_TEXT = "Jl. MH Thamrin banjir, mobil mogok di Bundaran HI"
FAR_AWAY = {"point": LonLat(106.9000, -6.1600), "description": "Banjir di Kelapa Gading"}


@pytest.mark.parametrize(
    ("other", "is_candidate"),
    [
        ({"point": south(0)}, True),
        ({"point": south(60)}, True),
        ({"point": south(299), "submitted_at": NOON + 5 * HOUR, "description": "Air naik"}, False),
        ({"point": south(310), "description": SAME_TEXT}, False),
        ({"point": south(60), "submitted_at": NOON + 6 * HOUR + MINUTE}, False),
        ({"point": south(60), "submitted_at": NOON - 30 * MINUTE}, True),
        ({"point": south(60), "category": "drainage", "description": "Got di Thamrin meluap"}, True),
        ({"point": south(60), "category": "noise", "description": "Karaoke berisik"}, False),
        ({"point": None, "description": SAME_TEXT}, True),
        ({"point": None, "description": "Banjir", "hint": "Jl. MH Thamrin"}, True),
        ({"point": None, "description": "Banjir di Kelapa Gading"}, False),
        ({"point": None, "description": SAME_TEXT, "category": "streetlight"}, False),
        ({"point": None, "description": SAME_TEXT, "submitted_at": NOON + 2 * DAY}, False),
        (FAR_AWAY, False),
        ({"point": LonLat(0, 0)}, False),
    ],
)
def test_a_pair_on_places_that_are_on_a_map(city, other, is_candidate):
    found = paired(flood(), flood("2", "x", **other))
    assert bool(found) is is_candidate


def test_the_parts_of_the_score_are_stored(city):
    (one,) = paired(
        flood(author="warga1"), flood("2", "x", point=south(100), submitted_at=NOON + 30 * MINUTE)
    )
    assert set(one.parts) == {
        "distance_m", "minutes", "category", "text", "said", "kelurahan", "photo", "author",
    }  # fmt: skip
    assert one.parts["distance_m"] == pytest.approx(100, abs=1)
    assert (one.parts["minutes"], one.parts["category"], one.parts["text"]) == (30, 1, 1)
    assert (one.parts["photo"], one.parts["author"], one.parts["said"]) == (None, False, 1)
    assert (one.rule, one.score > candidates.THRESHOLD) == (candidates.RULE, True)


def test_nearer_and_sooner_scores_higher(city):
    found = paired(
        flood(),
        flood("2", "x", point=south(20)),
        flood("3", "email", point=south(-200), submitted_at=NOON + HOUR),
    )
    scores = {frozenset((one.first.channel, one.second.channel)): one.score for one in found}
    assert scores[frozenset(("qlue", "x"))] > scores[frozenset(("qlue", "email"))]


def three() -> list[Submission]:
    return [
        flood(),
        flood("2", "x", point=None, description=SAME_TEXT),
        flood("3", "email", point=south(80), description="Air di Thamrin tinggi"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
@pytest.mark.parametrize("at_once", [True, False])
def test_the_order_of_arrival_does_not_matter(city, order, at_once):
    said = [three()[index] for index in order]
    for batch in [said] if at_once else [[one] for one in said]:
        found = paired(*batch)
    pairs = {
        frozenset((one.first.channel, one.second.channel)): (one.score, str(sorted(one.parts.items())))
        for one in found
    }
    assert set(pairs) == {
        frozenset(("qlue", "x")), frozenset(("qlue", "email")), frozenset(("x", "email")),
    }  # fmt: skip
    assert pairs[frozenset(("qlue", "email"))][0] == pytest.approx(0.9, abs=0.1)


def test_a_pair_is_found_once_and_stored_from_the_lower_id(city):
    for one in paired(*three()):
        assert one.first_id < one.second_id
    pairs = DuplicateCandidate.objects.values_list("first", "second")
    assert len(set(pairs)) == len(pairs) == 3


def test_the_surest_candidates_stand_first(city):
    near, far = south(10), south(200)
    paired(flood(), flood("2", "x", point=near), flood("3", "facebook", point=far))
    scores = [one.score for one in DuplicateCandidate.objects.all()]
    assert len(scores) > 1
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("word", ["landai", "belatung", "susah", "foto", "kedua"])
def test_a_word_of_the_problem_behind_a_place_is_no_place(city, word):
    said = flood(description=f"Trotoar di kantor pos {word}", point=None)
    intake.receive([said], simulated=False)
    (telling,), _ = candidates.untold(0, LONG_AGO, 10)
    assert word not in candidates._places().said(telling)


def test_looking_twice_changes_no_row(city):
    before = [(one.id, one.score, one.parts, one.found_at) for one in paired(*three())]
    assert candidates.find(LONG_AGO) == candidates.Found(0, 0, 0)
    Clue.objects.update(version=b"")
    assert candidates.find(LONG_AGO).stored == 0
    after = [
        (one.id, one.score, one.parts, one.found_at)
        for one in DuplicateCandidate.objects.order_by("first", "second")
    ]
    assert after == before


def test_the_database_refuses_a_pair_the_other_way_round_and_twice(city):
    (one,) = paired(flood(), flood("2", "x"))
    for first, second in ((one.second, one.first), (one.first, one.second), (one.first, one.first)):
        with pytest.raises(IntegrityError), transaction.atomic():
            DuplicateCandidate.objects.create(
                first=first, second=second, score=1, parts={}, rule="", found_at=NOON
            )


def test_a_report_that_is_edited_is_compared_anew_and_one_that_differs_now_is_a_candidate_no_more(city):
    assert len(paired(flood(), flood("2", "x"))) == 1
    moved = Submission("x", "2", "noise", "Karaoke", NOON, NOON + HOUR, LonLat(106.9, -6.3))
    assert paired(moved) == []


def is_compared_again() -> bool:
    """Say whether just one report is looked at again, and none after that."""
    return [candidates.find(LONG_AGO).reports for _ in range(2)] == [1, 0]


@pytest.mark.parametrize(
    "change",
    [
        lambda report: report.update(kelurahan_code="31.71.06.1001", edition_id=Edition.objects.get().id),
        lambda report: report.update(public_text="Air naik di Kali Krukut", author_hash="b" * 64),
        lambda report: report.update(category_id="drainage"),
        lambda report: report.update(point="SRID=4326;POINT(106.823 -6.195)"),
        lambda report: report.update(status="withdrawn"),
    ],
)
def test_a_report_that_is_placed_or_read_otherwise_later_is_compared_again(city, change):
    paired(flood("1", point=None), flood("2", "x"))
    change(Report.objects.filter(external_id="1"))
    assert is_compared_again()


def test_a_report_that_is_given_a_photo_later_is_compared_again(city):
    assert paired(flood(photos=(picture(PICTURE),)), flood("2", "x", **FAR_AWAY)) == []
    assert len(paired(flood("2", "x", **FAR_AWAY, photos=(picture(PICTURE, "b"),)))) == 1


def test_a_pair_of_which_one_is_withdrawn_later_is_a_candidate_no_more(city):
    assert len(paired(flood(), flood("2", "x"))) == 1
    Report.objects.filter(external_id="2").update(status="withdrawn")
    assert paired() == []


def test_what_its_author_deleted_is_no_candidate(city):
    gone = Updates("x", "2", (Update(NOON + HOUR, "withdrawn", "", ""),))
    assert paired(flood(), flood("2", "x"), gone) == []


def test_reports_of_one_channel_are_paired_by_their_points_and_not_by_words_alone(city):
    assert len(paired(flood(), flood("2", point=south(40)))) == 1
    assert len(paired(flood("3", point=None, description=SAME_TEXT))) == 1


@pytest.mark.parametrize(
    ("flipped", "days", "is_candidate"),
    [(0, 0, True), (6, 0, True), (7, 0, False), (6, 6, True), (6, 8, False)],
)
def test_the_same_picture_pairs_reports_that_name_no_place(city, flipped, days, is_candidate):
    other = PICTURE ^ sum(1 << 9 * bit % 64 for bit in range(flipped))
    bare = {"point": None, "description": "Lihat foto"}
    found = paired(
        flood(photos=(picture(PICTURE),), **bare),
        flood("2", "email", photos=(picture(other, "b"),), submitted_at=NOON + days * DAY, **bare),
    )
    assert bool(found) is is_candidate


def test_pictures_of_nothing_are_not_alike(city):
    bare = {"point": None, "description": "Lihat foto"}
    black = [flood(str(n), channel, photos=(picture(0, channel),), **bare) for n, channel in enumerate("xyz")]
    assert paired(*black) == []


def test_any_six_of_sixty_four_bits_leave_a_piece_alone():
    for start in range(64):
        other = PICTURE ^ sum(1 << (start + 10 * bit) % 64 for bit in range(6))
        assert set(clues._pieces(PICTURE)) & set(clues._pieces(other))


@pytest.mark.parametrize(
    ("hours", "author", "is_candidate"), [(10, "a", True), (10, "b", False), (25, "a", False)]
)
def test_the_same_author_pairs_within_a_day_where_the_rest_agrees(city, hours, author, is_candidate):
    words = {"description": "Sampah di Jl. Kapuk Raya belum diangkut", "point": None, "category": "garbage"}
    later = {"submitted_at": NOON + hours * HOUR, "author": f"Warga {author}"}
    found = paired(flood(author="Warga a", **words), flood("2", "email", **later, **words))
    assert bool(found) is is_candidate


def test_that_one_names_the_kelurahan_in_which_the_other_lies_is_a_part_of_the_score(city):
    (one,) = paired(
        flood(point=MONAS, description="Banjir di Stasiun Gambir"),
        flood("2", "x", point=None, description="Banjir di Stasiun Gambir, Kelurahan Gambir"),
    )
    assert (Report.objects.get(channel="qlue").kelurahan_code, one.parts["kelurahan"]) == (
        "31.71.01.1001",
        True,
    )


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Banjir di Jl. MH Thamrin", {"mh thamrin"}),
        ("thamrin macet", {"mh thamrin"}),
        ("Sampah RT 003/RW 05", {"rt3rw5"}),
        ("bnjir jln mampang prapatan", {"mampang prapatan"}),
        ("Jalan rusak di depan rumah warga", set()),
        ("Jl. Contohria tergenang", {"contohria"}),
        ("[SIMULASI] 😭 שלום", set()),
        ("", set()),
    ],
)
def test_the_places_that_a_text_names(text, places):
    telling = clues.Telling(1, b"", text, "", "", "", NOON, None, None, [])
    assert places <= set(candidates._places().said(telling))
    assert places or not candidates._places().said(telling)


def test_cells_are_never_narrower_than_what_counts_as_near():
    assert clues.CELL * 110_574 >= clues.NEAR_M
    assert clues.CELL * 111_320 * 0.9 >= clues.NEAR_M


def test_related_categories_and_parts_are_known(city):
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM reports_category")
        known = {code for (code,) in cursor.fetchall()}
    assert {category for one, other, _ in candidates.related() for category in (one, other)} <= known
    assert all(0 < share < 1 and one != other for one, other, share in candidates.related())
    pairs = [frozenset((one, other)) for one, other, _ in candidates.related()]
    assert len(pairs) == len(set(pairs))


def test_old_reports_are_left_alone_and_a_search_may_be_bounded(city):
    intake.receive([flood(submitted_at=NOON - 60 * DAY), *three()], simulated=False)
    assert candidates.find(NOON - 30 * DAY, most=2).reports == 2
    assert candidates.find(NOON - 30 * DAY).reports == 1
    assert candidates.find(LONG_AGO).reports == 0


def test_each_minute_the_worker_looks_at_what_is_recent_and_each_night_at_all(city, monkeypatch):
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOON + DAY)
    monkeypatch.setattr(candidates, "RECENT", 2)
    for one in three():
        intake.receive([one], simulated=False)
    tasks.find_duplicates(0)
    assert Clue.objects.count() == 2
    tasks.find_all_duplicates(0)
    assert (Clue.objects.count(), DuplicateCandidate.objects.count()) == (3, 3)


def test_the_worker_looks_each_minute_and_the_command_looks_anew(city, monkeypatch):
    monkeypatch.setattr(tasks.timezone, "now", lambda: NOON + DAY)
    intake.receive(three(), simulated=False)
    tasks.find_duplicates(0)
    assert DuplicateCandidate.objects.count() == 3
    out = io.StringIO()
    call_command("duplicates", "--days", "2", stdout=out)
    assert out.getvalue().startswith("3 reports, ")
    first, *_ = out.getvalue().splitlines()
    assert first.endswith(" 0 candidates new or changed, 3 in all")
