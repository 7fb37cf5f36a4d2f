"""Every new call that the how-to on Google Maps Engine shows is run, and answers what the page shows."""

import json
import re
import shlex
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings

from layers import intake as snapshots
from layers.record import LonLat, Poi, Snapshot
from reports import intake
from tests.api.discovery import SCHEMAS, read
from tests.conftest import MONAS, NOON

PAGE = (settings.ROOT / "docs" / "how-to" / "move-off-google-maps-engine.md").read_text(encoding="utf-8")
CALLS = re.findall(r"```sh\n(curl .+?)```\n\n```json\n(.+?)```", PAGE, re.DOTALL)


def answer(client, call: str):
    """Run a call of curl's with Django's client."""
    words = iter(shlex.split(call.replace("\\\n", " "))[1:])
    address, query = "", []
    for word in words:
        if word in ("-d", "--data-urlencode"):
            name, _, value = next(words).partition("=")
            query.append((name, value))
        elif word != "-G":
            address = word
    parts = urlsplit(address)
    return client.get(parts.path, [*parse_qsl(parts.query), *query] and dict(query))


def test_there_are_calls():
    assert len(CALLS) == 5


@pytest.mark.parametrize(("call", "shown"), CALLS, ids=[call[-60:-1] for call, _ in CALLS])
def test_a_new_call_is_answered_in_the_form_that_the_page_shows(city, client, submission, call, shown):
    pois = tuple(
        Poi(external_id=str(i), kind="fuel", name=f"SPBU {i}", brand="Pertamina", point=point, attributes={})
        for i, point in enumerate((LonLat(106.827, -6.1747), LonLat(106.823, -6.177), LonLat(106.83, -6.18)))
    )
    snapshots.receive([Snapshot("overpass", NOON, pois=pois)], simulated=True)
    intake.receive(
        [
            submission(str(i), category="flood", point=LonLat(MONAS.lon, MONAS.lat + i / 1000))
            for i in range(4)
        ],
        simulated=True,
    )
    told, expected = answer(client, call).json(), json.loads(shown)
    schema = "FeaturesListResponse" if "features" in expected else "PublishedLayer"
    for document in (told, expected):
        read(schema, document)
    assert set(told) == set(expected)
    assert set(told) <= set(SCHEMAS[schema])
    if "features" in expected:
        assert len(told["features"]) == len(expected["features"])
        names = {name for feature in expected["features"] for name in feature["properties"]}
        optional = {"opening_hours", "kelurahan"}
        assert {name for feature in told["features"] for name in feature["properties"]} ^ names <= optional
