"""Words that are read: what is suggested, what is placed by rule, and whose word counts."""

import pytest

from layers.record import LonLat
from layers.revisions import current
from reports import intake, suggestions
from reports.models import Report, Suggestion
from tests.conftest import MONAS

NAMED = "Jalan rusak di Kelurahan Cempaka Putih Barat, Kec. Cempaka Putih"
CODE = "31.71.05.1002"


@pytest.fixture
def said(city, submission):
    """Receive a report without a point and read its words."""

    def say(text: str, **more: object) -> Report:
        intake.receive([submission(**({"description": text, "point": None} | more))], simulated=False)
        suggestions.read_words()
        return Report.objects.get()

    return say


def test_words_are_suggested_and_place_nothing_by_themselves(said):
    report = said(NAMED)
    first = Suggestion.objects.get(rank=1)
    assert (first.report, first.level, first.code) == (report, "kelurahan", CODE)
    assert first.score > 0.9
    assert any("Cempaka Putih Barat" in word for word in first.words)
    assert (report.placed_by, report.kelurahan_code, report.office) == (None, None, None)


def test_the_rule_places_what_is_sure_and_routes_it(said, settings):
    settings.PLACE_FROM_SCORE = 0.75
    before = current("reports")
    report = said(NAMED)
    assert (report.placed_by, report.by_rule, report.kelurahan_code) == ("declared", True, CODE)
    assert report.office.title == "Lurah Cempaka Putih Barat"
    assert current("reports") > before


@pytest.mark.parametrize("text", ["Banjir di Jatinegara", "Lampu mati", "Macet di Kec. Cakung"])
def test_the_rule_leaves_alone_what_is_not(said, settings, text):
    settings.PLACE_FROM_SCORE = 0.75
    assert said(text).placed_by is None


def test_what_the_channel_says_of_the_place_counts_too(said):
    said("Lampu mati sudah seminggu", hint="Kelurahan Cempaka Putih Barat")
    assert Suggestion.objects.get(rank=1).code == CODE


def test_a_report_with_a_point_needs_no_words(said):
    report = said(NAMED, point=MONAS)
    assert not Suggestion.objects.exists()
    assert report.placed_by == "inside"


def test_words_are_read_again_when_they_change(said, submission, settings):
    settings.PLACE_FROM_SCORE = 0.75
    report = said(NAMED)
    later = report.updated_at.replace(year=2027)
    said("Sudah selesai, terima kasih", updated_at=later)
    report.refresh_from_db()
    assert (report.placed_by, report.kelurahan_code, report.office) == (None, None, None)
    assert not Suggestion.objects.exists()


def test_a_point_that_comes_later_is_better_than_words(said, settings):
    settings.PLACE_FROM_SCORE = 0.75
    report = said(NAMED)
    later = report.updated_at.replace(year=2027)
    said(NAMED, updated_at=later, point=LonLat(*MONAS))
    report.refresh_from_db()
    assert (report.placed_by, report.by_rule, report.kelurahan_code) == ("inside", False, "31.71.01.1001")


def test_what_a_person_declared_stays(said, settings):
    settings.PLACE_FROM_SCORE = 0.75
    report = said("Lampu mati")
    Report.objects.update(placed_by="declared", kelurahan_code="31.71.01.1001")
    said(NAMED, updated_at=report.updated_at.replace(year=2027))
    report.refresh_from_db()
    assert (report.kelurahan_code, report.by_rule) == ("31.71.01.1001", False)


def test_words_are_read_once(said):
    said(NAMED)
    assert suggestions.read_words() == 0
