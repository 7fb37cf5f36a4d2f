from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from boundaries.models import Boundary
from geoplatform.errors import Conflict, InvalidRequest, NotFound
from layers.record import LonLat
from reports import intake, placing, suggestions
from reports.models import Assignment, Placement, Report
from tests.conftest import MONAS, NOON

GAMBIR, ELSEWHERE = "31.71.01.1001", "31.71.02.1001"


@pytest.fixture
def nowhere(receive_one) -> Report:
    """Receive a report without a point, whose words name a kelurahan."""
    report = receive_one(point=None, description="Jalan rusak di kelurahan Gambir, Jakarta Pusat")
    suggestions.read_words()
    report.refresh_from_db()
    assert report.placed_by is None
    return report


def declare(report: Report, code: str = GAMBIR, by: str = "Contoh Petugas") -> Report:
    return placing.declare(report.id, code, by, NOON)


def test_a_report_that_a_person_placed_is_routed_and_the_person_is_remembered(nowhere):
    placed = declare(nowhere)
    assert (placed.kelurahan_code, placed.placed_by, placed.by_rule) == (GAMBIR, "declared", False)
    assert placed.office.title == "Lurah Gambir"
    said = Placement.objects.get()
    assert (said.report_id, said.kelurahan_code, said.by, said.placed_at) == (
        nowhere.id,
        GAMBIR,
        "Contoh Petugas",
        NOON,
    )
    assert Assignment.objects.filter(report=nowhere, office=placed.office).exists()


def test_the_last_word_counts_and_the_first_is_kept(nowhere):
    declare(nowhere)
    assert declare(nowhere, ELSEWHERE).kelurahan_code == ELSEWHERE
    assert list(Placement.objects.order_by("id").values_list("kelurahan_code", flat=True)) == [
        GAMBIR,
        ELSEWHERE,
    ]


def test_no_rule_and_no_later_version_overrules_a_person(nowhere, submission, settings):
    declare(nowhere, ELSEWHERE)
    settings.PLACE_FROM_SCORE = 0.01
    later = NOON.replace(hour=9)
    intake.receive(
        [submission(point=None, description="Ternyata di kelurahan Gambir", updated_at=later)],
        simulated=False,
    )
    suggestions.read_words()
    nowhere.refresh_from_db()
    assert (nowhere.kelurahan_code, nowhere.by_rule) == (ELSEWHERE, False)


def test_history_cannot_be_edited(nowhere):
    declare(nowhere)
    for change in (lambda: Placement.objects.update(by="another"), lambda: Placement.objects.all().delete()):
        with pytest.raises(IntegrityError, match="is history"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("code", "by", "error", "message"),
    [
        (GAMBIR, " ", InvalidRequest, "by is empty"),
        ("31.99.01.1001", "Contoh", NotFound, "no kelurahan '31.99.01.1001' on 2026-05-14"),
        ("31.71.01", "Contoh", NotFound, "no kelurahan '31.71.01'"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(nowhere, code, by, error, message):
    with pytest.raises(error, match=message):
        declare(nowhere, code, by)
    assert not Placement.objects.exists()


def test_a_report_with_a_point_lies_where_the_point_is(receive_one):
    with pytest.raises(Conflict, match=f"has a point: it lies in {GAMBIR}"):
        declare(receive_one(point=MONAS), ELSEWHERE)


def test_a_report_that_is_not_there_is_named(city):
    with pytest.raises(NotFound, match="no report 4711"):
        placing.declare(4711, GAMBIR, "Contoh", timezone.now())


def test_the_commands_list_what_waits_and_confirm_it(nowhere, capsys):
    call_command("suggestions")
    said = capsys.readouterr().out
    assert f"{nowhere.id}  qlue  Jalan rusak di kelurahan Gambir" in said
    assert GAMBIR in said
    assert "1 of 1 reports that wait for a place" in said
    call_command("place", str(nowhere.id), GAMBIR, "--by", "Contoh Petugas")
    assert "answered by Lurah Gambir (Contoh Lurah Gambir)" in capsys.readouterr().out
    call_command("suggestions", "--channel", "qlue")
    assert "0 of 0 reports" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no report 4711"):
        call_command("place", "4711", GAMBIR, "--by", "Contoh Petugas")


@pytest.fixture
def elsewhere(city) -> LonLat:
    """Return a point in the midst of another kelurahan."""
    label = Boundary.objects.get(edition=city, code=ELSEWHERE).label
    return LonLat(label.x, label.y)


def test_a_pin_that_a_person_moves_takes_its_kelurahan_and_its_office_along(receive_one, elsewhere):
    report = receive_one()
    moved = intake.move(report.id, elsewhere, "Contoh Petugas", NOON)
    assert (moved.point.coords, moved.kelurahan_code, moved.placed_by) == (elsewhere, ELSEWHERE, "inside")
    assert moved.office.boundary_code == ELSEWHERE
    said = Placement.objects.get()
    assert (said.from_point.coords, said.point.coords) == (MONAS, elsewhere)
    assert (said.by, said.placed_at, said.kelurahan_code) == ("Contoh Petugas", NOON, ELSEWHERE)


def test_no_later_version_of_a_report_moves_its_pin_back(receive_one, elsewhere):
    report = receive_one()
    intake.move(report.id, elsewhere, "Contoh Petugas", NOON)
    edited = receive_one(description="Jalan rusak, sudah seminggu", updated_at=NOON + timedelta(hours=1))
    assert (edited.description, edited.point.coords) == ("Jalan rusak, sudah seminggu", elsewhere)
    assert edited.kelurahan_code == ELSEWHERE
    assert intake.locate([report.id]) == []


def test_a_move_is_undone_by_moving_back_and_both_are_kept(receive_one, elsewhere):
    report = receive_one()
    intake.move(report.id, elsewhere, "Contoh Petugas", NOON)
    back = intake.move(report.id, MONAS, "Contoh Petugas", NOON)
    assert (back.point.coords, back.kelurahan_code) == (MONAS, report.kelurahan_code)
    assert back.office_id == report.office_id
    assert Placement.objects.count() == 2


def test_a_report_that_was_declared_lies_where_its_pin_is_put_and_nowhere_when_that_is_undone(
    nowhere, elsewhere
):
    declare(nowhere)
    moved = intake.move(nowhere.id, elsewhere, "Contoh Petugas", NOON)
    assert (moved.kelurahan_code, moved.placed_by) == (ELSEWHERE, "inside")
    back = intake.move(nowhere.id, None, "Contoh Petugas", NOON)
    assert (back.point, back.kelurahan_code, back.placed_by, back.office_id) == (None, None, None, None)


def test_who_moves_a_pin_must_be_known_and_so_must_be_the_report_and_the_point(receive_one):
    report = receive_one()
    with pytest.raises(InvalidRequest, match="by is empty"):
        intake.move(report.id, MONAS, " ", NOON)
    with pytest.raises(InvalidRequest, match="no longitude and latitude"):
        intake.move(report.id, LonLat(-6.2, 106.8), "Contoh Petugas", NOON)
    with pytest.raises(NotFound, match="no report 4711"):
        intake.move(4711, MONAS, "Contoh Petugas", NOON)
    assert not Placement.objects.exists()
