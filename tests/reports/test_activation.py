import dataclasses
import threading
from datetime import date
from random import Random

from django.db import connection, transaction

from boundaries import editions, source
from boundaries.models import Edition
from layers.record import LonLat
from layers.revisions import current
from reports import activation, intake
from reports.models import Assignment, Report
from tests.conftest import MONAS
from tests.ingest.test_kill import stands_still, wait_until


def load_shifted(coverage, lon: float) -> Edition:
    """Store an edition that lies so many degrees further east."""
    shift = {
        level: getattr(coverage, level).assign(
            geometry=getattr(coverage, level).geometry.translate(lon),
        )
        for level in ("kelurahan", "kecamatan", "kota", "borders")
    }
    return editions.store(source.find("schematic"), dataclasses.replace(coverage, **shift), sha256="")


def test_activation_places_and_routes_every_report_anew_and_there_is_a_way_back(
    receive_one, city, schematic_coverage
):
    report = receive_one(point=MONAS)
    other = load_shifted(schematic_coverage, 0.05)
    moved = activation.activate(other.id, None)
    assert (moved.reports, moved.placed, moved.open_rerouted) == (1, 1, 1)
    report.refresh_from_db()
    assert report.edition_id == other.id
    assert report.kelurahan_code != "31.71.01.1001"
    assert report.official.name != "Contoh Lurah Gambir"

    activation.activate(city.id, None)
    report.refresh_from_db()
    assert (report.edition_id, report.kelurahan_code) == (city.id, "31.71.01.1001")
    assert report.official.name == "Contoh Lurah Gambir"
    assert Assignment.objects.filter(report=report).count() == 3


def test_a_dry_run_counts_and_changes_nothing(receive_one, city, schematic_coverage):
    report = receive_one(point=MONAS)
    other = load_shifted(schematic_coverage, 0.05)
    before = current("reports"), current("kelurahan")
    moved = activation.activate(other.id, None, dry_run=True)
    assert (moved.placed, moved.open_rerouted) == (1, 1)
    report.refresh_from_db()
    city.refresh_from_db()
    assert (report.edition_id, report.kelurahan_code) == (city.id, "31.71.01.1001")
    assert city.validity is not None
    assert (current("reports"), current("kelurahan")) == before


def test_a_preview_says_what_the_activation_will_find(
    receive_one, city, schematic_coverage, caplog, monkeypatch
):
    monkeypatch.setattr(activation, "PAGE", 7)
    dice = Random(8)
    for number in range(30):
        point = LonLat(dice.uniform(106.7, 106.95), dice.uniform(-6.35, -6.12))
        receive_one(external_id=str(number), point=point)
    receive_one(external_id="none", point=None)
    Report.objects.filter(external_id__in=["3", "4", "5"]).update(status="done")
    other = load_shifted(schematic_coverage, 0.01)
    told = activation.preview(other.id, None)
    assert told.reports == 30
    with caplog.at_level("INFO", "reports.activation"):
        moved = activation.activate(other.id, None)
    assert told.moved == moved.placed > told.open_moved > 0
    assert told.open_moved == moved.open_rerouted
    assert f"reports=30 other_kelurahan={told.moved} open={told.open_moved}" in caplog.text
    assert activation.preview(other.id, None) == activation.Preview(30, 0, 0)
    assert activation.preview(other.id, date(2026, 5, 15)) == activation.Preview(0, 0, 0)


def test_a_preview_leaves_out_what_people_placed_and_what_is_nearest_off_the_coast(
    receive_one, city, schematic_coverage
):
    receive_one(point=MONAS)
    receive_one(external_id="2", point=MONAS)
    Report.objects.filter(external_id="1").update(placed_by="declared")
    Report.objects.filter(external_id="2").update(placed_by="nearest")
    other = load_shifted(schematic_coverage, 0.05)
    assert activation.preview(other.id, None) == activation.Preview(0, 0, 0)


def test_an_edition_from_a_day_on_leaves_earlier_reports_where_they_were(
    receive_one, city, schematic_coverage
):
    report = receive_one(point=MONAS)
    other = load_shifted(schematic_coverage, 0.05)
    moved = activation.activate(other.id, date(2026, 5, 15))
    assert moved.reports == 0
    report.refresh_from_db()
    city.refresh_from_db()
    assert report.edition_id == city.id
    assert city.validity.upper == date(2026, 5, 15)


def test_reports_that_find_the_same_kelurahan_in_a_new_edition_do_not_change_hands(
    receive_one, city, schematic_coverage
):
    receive_one(point=MONAS)
    receive_one(external_id="2", point=LonLat(106.5, -6.9))
    same = editions.store(source.find("schematic"), schematic_coverage, sha256="")
    moved = activation.activate(same.id, None)
    assert (moved.reports, moved.open_rerouted) == (2, 0)


def test_a_report_that_arrives_during_an_activation_waits_and_is_placed_by_the_new_edition(
    transactional_city, schematic_coverage, submission
):
    other = load_shifted(schematic_coverage, 0.05)

    def receive() -> None:
        try:
            intake.receive([submission(point=MONAS)], simulated=False)
        finally:
            connection.close()

    with transaction.atomic():
        activation.activate(other.id, None)
        arriving = threading.Thread(target=receive)
        arriving.start()
        wait_until(lambda: stands_still(""))
    arriving.join(120)
    assert Report.objects.get().edition_id == other.id
