"""The archive of old reports: what the public may see, without words, written once."""

import io
from datetime import UTC, datetime, timedelta

import geopandas
import pytest
from django.core.management import CommandError, call_command

from api.bulk import reports
from geoplatform.errors import Conflict
from reports import intake
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)
JUNE = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def received(transactional_city, submission):
    april = NOON - timedelta(days=30)
    sent = [submission("may"), submission("pointless", point=None)]
    sent.append(submission("april", submitted_at=april, updated_at=april))
    sent.append(submission("june", submitted_at=JUNE, updated_at=JUNE))
    intake.receive(sent, simulated=False)


def test_months_that_are_over_are_archived_once_and_hold_no_words(received, tmp_path):
    assert reports.archive(tmp_path, JUNE, JUNE) == {"reports-2026-04": 1, "reports-2026-05": 2}
    read = geopandas.read_parquet(tmp_path / "reports")
    assert len(read) == 3
    assert "text" not in read.columns
    assert read["submitted_at"].max() < JUNE
    assert (read["category"].unique().tolist(), read["geometry"].isna().sum()) == (["road"], 1)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    assert reports.archive(tmp_path, JUNE, JUNE + timedelta(days=1)) == {
        "reports-2026-04": 1, "reports-2026-05": 2
    }  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")} == before
    (april,) = (tmp_path / "reports" / "year=2026" / "month=04").iterdir()
    april.write_bytes(april.read_bytes() + b" ")
    with pytest.raises(Conflict, match="its manifest says"):
        reports.archive(tmp_path, JUNE, JUNE)


def test_the_command_archives_what_is_old_and_says_how_much(received, tmp_path, settings):
    out = io.StringIO()
    call_command("bulk", "archive", "--folder", str(tmp_path), "--report-months", "0", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[:3] == [
        "reports-2026-04: 1 rows", "reports-2026-05: 2 rows", "reports-2026-06: 1 rows"
    ]  # fmt: skip
    assert lines[-1].startswith("4 rows, ")
    settings.ARCHIVE = None
    with pytest.raises(CommandError, match="Neither --folder nor GEOPLATFORM_ARCHIVE names a folder"):
        call_command("bulk", "archive")
