import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.utils import IntegrityError
from django.utils import timezone

from geoplatform.errors import Conflict, InvalidRequest, NotFound
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
