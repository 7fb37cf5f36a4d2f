import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.utils import IntegrityError

from boundaries.models import Boundary, Term
from layers.record import LonLat
from layers.revisions import current
from reports import intake
from reports.models import Assignment, Report, SourceUpdate
from reports.record import Update, Updates
from tests.conftest import MONAS, NOON

HOUR = timedelta(hours=1)


def rows() -> list[dict]:
    """All that is known of all reports, but for the keys that the database gives and our own clock."""
    own = {"id", "received_at", "asked_at", "revision"}
    reports = [
        {name: value for name, value in row.items() if name not in own}
        for row in Report.objects.order_by("channel", "external_id").values()
    ]
    steps = SourceUpdate.objects.order_by("external_id", "digest").values_list(
        "external_id", "at", "status", "by", "note"
    )
    return [*reports, *steps]


def test_a_report_is_placed_and_routed_to_the_lurah_of_its_day(receive_one):
    report = receive_one(point=MONAS)
    assert (report.kelurahan_code, report.placed_by) == ("31.71.01.1001", "inside")
    assert report.office.title == "Lurah Gambir"
    assert report.official.name == "Contoh Lurah Gambir"
    assert report.border_m > 25
    assert report.neighbour_code.startswith("31.7")


def test_a_report_of_another_category_goes_to_the_camat(receive_one):
    assert receive_one(category="river").office.title == "Camat Gambir"


def test_a_point_on_a_shared_edge_goes_to_the_lower_code(receive_one, shared_edge):
    edge = shared_edge("31.71.01.1001", "31.71.02.1001")
    report = receive_one(point=edge)
    assert (report.kelurahan_code, report.placed_by) == ("31.71.01.1001", "inside")
    assert report.border_m == pytest.approx(0, abs=1e-6)


def test_a_point_on_a_corner_goes_to_the_lowest_code(receive_one, corner):
    point, codes = corner
    assert receive_one(point=point).kelurahan_code == codes[0]


@pytest.mark.parametrize(
    "point",
    [None, LonLat(106.5, -6.9), LonLat(-6.1754 + 100, 10.0), LonLat(0.5, 0.5), LonLat(179.9, 89.9)],
    ids=["no point at all", "in the next province", "swapped", "in the Atlantic", "near the pole"],
)
def test_a_report_that_lies_nowhere_has_an_empty_place_and_no_official(receive_one, point):
    report = receive_one(point=point)
    assert (report.kelurahan_code, report.placed_by, report.border_m, report.neighbour_code) == (None,) * 4
    assert (report.office, report.official) == (None, None)


def at_sea(metres: float) -> LonLat:
    """A point so far off a place on the province's outer border, away from all land."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH land AS (SELECT ST_Union(geom) AS geom FROM boundaries_boundary WHERE level = 'kota'),
            spot AS (
                SELECT ST_Project(vertex.geom::geography, %(metres)s, radians(bearing))::geometry AS geom,
                    land.geom AS land
                FROM land, ST_DumpPoints(land.geom) AS vertex, generate_series(0, 350, 10) AS bearing
            )
            SELECT ST_X(geom), ST_Y(geom) FROM spot
            JOIN boundaries_edition AS edition ON ST_Covers(edition.sea, spot.geom)
            WHERE abs(ST_Distance(spot.land::geography, geom::geography) - %(metres)s) < 0.05
            ORDER BY 1, 2 LIMIT 1
            """,
            {"metres": metres},
        )
        return LonLat(*cursor.fetchone())


def test_a_point_thirty_metres_out_at_sea_takes_the_nearest_kelurahan(receive_one):
    report = receive_one(point=at_sea(30))
    assert report.placed_by == "nearest"
    assert report.border_m == pytest.approx(30, abs=0.1)
    assert report.neighbour_code is None
    assert report.official is not None


def test_a_point_five_metres_across_the_land_border_belongs_to_the_neighbouring_province(receive_one, city):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT ST_X(spot.geom), ST_Y(spot.geom)
            FROM boundaries_border AS border
            CROSS JOIN LATERAL ST_DumpPoints(border.geom) AS vertex
            CROSS JOIN LATERAL (SELECT ST_Project(vertex.geom::geography, 5, pi())::geometry AS geom) AS spot
            WHERE border.right_code IS NULL AND border.left_code LIKE '31.75.09.%'
              AND NOT EXISTS (SELECT FROM boundaries_boundary AS b WHERE ST_Covers(b.geom, spot.geom))
            ORDER BY 2, 1 LIMIT 1
            """
        )
        south_of_cibubur = LonLat(*cursor.fetchone())
    report = receive_one(point=south_of_cibubur)
    assert (report.kelurahan_code, report.placed_by) == (None, None)


def test_a_point_sixty_metres_out_has_no_place(receive_one):
    assert receive_one(point=at_sea(60)).placed_by is None


def test_a_report_that_comes_twice_changes_nothing(receive_one, submission):
    receive_one()
    before, revision = rows(), current("reports")
    received = intake.receive([submission()], simulated=False)
    assert (received.new, received.changed) == (0, 0)
    assert rows() == before
    assert current("reports") == revision


def test_a_newer_version_wins_in_any_order(city, submission):
    old = submission(description="lama")
    new = submission(description="baru", updated_at=NOON + HOUR, point=None)
    for order in itertools.permutations([old, new]):
        with transaction.atomic():
            for version in order:
                intake.receive([version], simulated=False)
            report = Report.objects.get()
            assert (report.description, report.point, report.kelurahan_code) == ("baru", None, None)
            transaction.set_rollback(True)


def test_two_versions_of_the_same_time_end_alike_in_any_order_and_any_batch(city, submission):
    versions = [submission(description=text) for text in ("a", "b", "c")]
    ends = []
    for order in itertools.permutations(versions):
        for batches in ([order], [[version] for version in order]):
            with transaction.atomic():
                for batch in batches:
                    intake.receive(batch, simulated=False)
                ends.append(rows())
                transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)


def trace(*steps: tuple[int, str]) -> Updates:
    """A follow-up trace: hours after NOON, status."""
    return Updates(
        "qlue",
        "1",
        tuple(Update(NOON + hours * HOUR, status, "Kelurahan Gambir", status) for hours, status in steps),
    )


def test_the_newest_step_of_a_trace_is_the_status_in_any_order(city, submission):
    parts = [submission(), trace((1, "in_progress")), trace((2, "done")), trace((0, "waiting"))]
    for order in itertools.permutations(parts):
        with transaction.atomic():
            for part in order:
                intake.receive([part], simulated=False)
            assert Report.objects.get().status == "done"
            assert SourceUpdate.objects.count() == 3
            transaction.set_rollback(True)


def test_a_report_that_was_done_and_begun_again_is_in_progress(city, submission):
    intake.receive([submission(), trace((1, "done"), (2, "in_progress"))], simulated=False)
    assert Report.objects.get().status == "in_progress"


def test_a_trace_is_kept_once_however_often_it_comes(city, submission):
    for _ in range(3):
        intake.receive([submission(), trace((1, "in_progress"), (2, "done"))], simulated=False)
    assert SourceUpdate.objects.count() == 2


def test_a_trace_that_comes_before_its_report_waits_for_it(city, submission):
    intake.receive([trace((1, "done"))], simulated=False)
    assert Report.objects.count() == 0
    intake.receive([submission()], simulated=False)
    assert Report.objects.get().status == "done"


def test_history_cannot_be_edited_or_deleted(receive_one, city):
    receive_one()
    intake.receive([trace((1, "done"))], simulated=False)
    for table in ("reports_assignment", "reports_sourceupdate"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
            with (
                pytest.raises(IntegrityError, match="history"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(statement)


def test_a_vacant_office_is_written_as_nobody_and_the_former_official_does_not_stay(receive_one):
    report = receive_one()
    Term.objects.filter(office=report.office).delete()
    assert intake.route([report.id]) == [report.id]
    report.refresh_from_db()
    assert report.office.title == "Lurah Gambir"
    assert report.official is None
    history = Assignment.objects.filter(report=report).order_by("id").values_list("official__name", flat=True)
    assert list(history) == ["Contoh Lurah Gambir", None]


def test_a_report_that_loses_its_point_loses_its_official(receive_one):
    receive_one()
    report = receive_one(point=None, updated_at=NOON + HOUR)
    assert (report.office, report.official, report.kelurahan_code) == (None, None, None)


def test_a_place_that_people_declared_is_left_alone(receive_one):
    report = receive_one(point=None)
    Report.objects.filter(pk=report.pk).update(kelurahan_code="31.72.01.1001", placed_by="declared")
    assert intake.locate([report.id]) == []
    report.refresh_from_db()
    assert (report.kelurahan_code, report.placed_by) == ("31.72.01.1001", "declared")


def test_the_authors_name_is_stored_as_a_keyed_hash_alone(receive_one):
    report = receive_one(author="Arif Contoh", description="Saya Arif Contoh, 081234567890")
    again = receive_one(external_id="2", author="Arif Contoh")
    assert report.public_text == "Saya [nama], [nomor]"
    assert report.author_hash == again.author_hash != ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM reports_report AS r WHERE r.author_hash LIKE '%%Arif%%'")
        assert cursor.fetchone() == (0,)


def test_a_batch_with_one_bad_row_stores_nothing(city, submission):
    with pytest.raises(IntegrityError), transaction.atomic():
        intake.receive([submission("1"), submission("2", category="no such category")], simulated=False)
        connection.check_constraints()
    assert Report.objects.count() == 0


def test_a_batch_takes_the_same_number_of_statements_however_long_it_is(
    city, submission, django_assert_max_num_queries
):
    batch = [submission(str(n)) for n in range(200)]
    with django_assert_max_num_queries(12):
        intake.receive(batch, simulated=False)
    assert Report.objects.filter(official__name="Contoh Lurah Gambir").count() == 200


def test_every_kelurahan_finds_its_own_lurah(city, submission):
    kelurahan = list(Boundary.objects.filter(edition=city, level="kelurahan").order_by("code"))
    intake.receive(
        [submission(area.code, point=LonLat(area.label.x, area.label.y)) for area in kelurahan],
        simulated=False,
    )
    wrong = Report.objects.exclude(kelurahan_code=F("external_id"))
    assert not wrong.exists()
    assert Report.objects.exclude(office=None).count() == 267


def words(note: str, status: str | None = "in_progress", minutes: int = 60) -> Updates:
    at = NOON + timedelta(minutes=minutes)
    return Updates("qlue", "1", (Update(at=at, status=status, by="Kelurahan Gambir", note=note),))


@pytest.mark.parametrize("report_first", [True, False])
def test_the_author_is_struck_out_of_the_trace_whichever_came_first(city, submission, report_first):
    batches = [[submission(author="Wira Rekaan")], [words("Sudah bertemu wira rekaan di lokasi")]]
    for batch in batches if report_first else batches[::-1]:
        intake.receive(batch, simulated=True)
    step = SourceUpdate.objects.get()
    assert step.public_note == "Sudah bertemu [nama] di lokasi"
    assert step.note == "Sudah bertemu wira rekaan di lokasi"


def test_another_secret_key_unmasks_nobody(city, submission, settings):
    batch = [submission(author="Wira Rekaan"), words("Bertemu wira rekaan")]
    intake.receive(batch, simulated=True)
    settings.SECRET_KEY = "another"
    intake.receive(batch, simulated=True)
    assert SourceUpdate.objects.get().public_note == "Bertemu [nama]"


def test_words_without_a_status_leave_the_status_as_it_is(city, submission):
    batch = [submission(), words("Dikerjakan"), words("Masih rusak", status=None, minutes=90)]
    intake.receive(batch, simulated=True)
    assert Report.objects.get().status == "in_progress"
    assert SourceUpdate.objects.count() == 2


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_what_stands_in_for_a_report_gives_way_to_it_in_any_order(city, submission, order):
    late, later = (
        submission(
            description=f"after {minutes}", updated_at=NOON + timedelta(minutes=minutes), stands_in=True
        )
        for minutes in (10, 20)
    )
    batches = [late, later, submission(description="the report itself")]
    for index in order:
        intake.receive([batches[index]], simulated=True)
    report = Report.objects.get()
    assert (report.description, report.stands_in) == ("the report itself", False)


@pytest.mark.parametrize("order", list(itertools.permutations((10, 20, 30))))
def test_of_several_that_stand_in_the_earliest_is_shown(city, submission, order):
    for minutes in order:
        at = NOON + timedelta(minutes=minutes)
        one = submission(description=f"after {minutes}", updated_at=at, stands_in=True)
        intake.receive([one], simulated=True)
    assert Report.objects.get().description == "after 10"


def test_what_its_author_deleted_stays_so_whatever_an_office_says_later(city, submission):
    intake.receive([submission(), trace((1, "withdrawn")), trace((2, "done"))], simulated=False)
    assert Report.objects.get().status == "withdrawn"


def test_what_is_new_has_the_place_and_the_office_that_locate_and_route_would_set(
    city, submission, shared_edge, corner
):
    points = [MONAS, None, LonLat(106.5, -6.9), corner[0], shared_edge("31.71.01.1001", "31.71.02.1001")]
    points += [LonLat(106.7 + i / 50, -6.3 + j / 50) for i in range(10) for j in range(10)]
    sent = [
        submission(str(number), point=point, category=("road", "river", "flood")[number % 3])
        for number, point in enumerate(points)
    ]
    intake.receive(sent, simulated=False)
    before = rows()
    ids = list(Report.objects.values_list("id", flat=True))
    assert (intake.locate(ids), intake.route(ids)) == ([], [])
    assert rows() == before
    assert Report.objects.filter(kelurahan_code__isnull=False).count() > 50
    assigned = Assignment.objects.values_list("report_id", "office_id", "official_id", "edition_id")
    placed = Report.objects.exclude(office=None, official=None)
    assert sorted(assigned) == sorted(placed.values_list("id", "office_id", "official_id", "edition_id"))


def test_a_report_that_is_stored_just_so_is_known(city, submission):
    intake.receive([submission("1"), submission("2")], simulated=False)
    asked = [submission("1"), submission("2", description="Jalan sudah baik"), submission("3")]
    assert [one.external_id for one in intake.unknown(asked)] == ["2", "3"]


def test_a_report_that_was_read_by_other_rules_is_not_known(city, submission, monkeypatch):
    intake.receive([submission()], simulated=False)
    monkeypatch.setattr(intake, "RULES", "others")
    assert len(intake.unknown([submission()])) == 1
