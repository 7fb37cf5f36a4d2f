"""A report that its author deleted is in no public answer."""

import json
from datetime import timedelta

import pytest

from reports import intake
from reports.models import Report
from reports.record import Update, Updates
from tests.conftest import MONAS, NOON


@pytest.fixture
def withdrawn(city, submission):
    deleted = Update(at=NOON + timedelta(hours=1), status="withdrawn", by="", note="")
    intake.receive([submission(point=MONAS), Updates("qlue", "1", (deleted,))], simulated=False)
    return Report.objects.get(status="withdrawn")


def test_a_deleted_report_is_not_found_by_its_number(client, withdrawn):
    assert client.get(f"/api/reports/{withdrawn.id}").status_code == 404


def test_a_deleted_report_is_in_no_list_and_no_tile(client, withdrawn):
    listed = client.get("/api/reports?bbox=106.8,-6.2,106.85,-6.15").json()
    assert listed["features"] == []
    drawn = client.get("/tiles/reports/0/0/0.geojson")
    assert json.loads(drawn.content)["features"] == []
