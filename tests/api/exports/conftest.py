"""Collections with rows of every sort, committed: an export reads on a connection of its own."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from layers import intake as layers_intake
from layers.record import Jam, LonLat, Poi, Snapshot
from reports import intake
from reports.record import DONE, WITHDRAWN, Update, Updates

NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)
TEXTS = ('=HYPERLINK("http://x.example")', "+62", "-5 cm", "@kota", "\ttab", 'a "b", c\nd é 漢', "plain", "")


@pytest.fixture
def exports_folder(settings, tmp_path) -> Path:
    settings.EXPORTS = tmp_path / "exports"
    return settings.EXPORTS


@pytest.fixture
def rows(transactional_city, submission, exports_folder) -> None:
    """Store reports with odd texts, one without a point, one withdrawn; stations, and jams."""
    sent = [
        submission(
            str(n),
            description=text,
            category=("road", "flood")[n % 2],
            submitted_at=NOON + timedelta(days=n, microseconds=7 * n),
            updated_at=NOON + timedelta(days=n),
            point=None if n == 6 else LonLat(106.8 + n / 100, -6.2 - n / 1000),
        )
        for n, text in enumerate(TEXTS)
    ]
    gone = submission("gone")
    intake.receive(
        [
            *sent,
            gone,
            Updates("qlue", "gone", (Update(NOON + timedelta(hours=1), WITHDRAWN, "", ""),)),
            Updates("qlue", "1", (Update(NOON + timedelta(days=2), DONE, "", ""),)),
        ],
        simulated=False,
    )
    layers_intake.receive(
        [
            Snapshot(
                "overpass",
                NOON,
                pois=tuple(
                    Poi(f"node/{n}", "fuel", f"SPBU {n}", "", LonLat(106.8, -6.2 + n / 100), {})
                    for n in range(3)
                ),
            ),
            Snapshot(
                "waze",
                NOON,
                jams=(
                    Jam(
                        "1",
                        3,
                        8.5,
                        None,
                        900,
                        "Jalan Sudirman",
                        NOON,
                        (LonLat(106.8, -6.2), LonLat(106.81, -6.21)),
                        {},
                    ),
                ),
            ),
        ],
        simulated=False,
    )
    with connection.cursor() as cursor:
        # What the mask of personal data leaves of a text has a test of its own; here each counts as it is.
        for n, text in enumerate(TEXTS):
            cursor.execute(
                "UPDATE reports_report SET public_text = %s WHERE external_id = %s", [text, str(n)]
            )


@pytest.fixture
def exported(client, tmp_path) -> Callable[[str], Path]:
    """Return the file that an address answers with."""

    def fetch(address: str) -> Path:
        response = client.get(address)
        assert response.status_code == 200, response.content
        body = io.BytesIO(b"".join(response.streaming_content))
        response.close()
        path = tmp_path / address.partition("?")[0].rpartition("/")[2]
        path.write_bytes(body.getvalue())
        return path

    return fetch
