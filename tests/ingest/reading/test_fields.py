from datetime import UTC, datetime

import pytest

from geoplatform.errors import FeedChanged, Rejected
from ingest.reading.fields import JAKARTA, Fields, identity, instant, lonlat, number
from layers.record import LonLat


def test_a_missing_field_stops_the_run_and_is_named_with_its_path():
    outer = Fields({"profile": {"location": {}}})
    with pytest.raises(FeedChanged, match=r"no field profile\.location\.'lat'"):
        outer.inner("profile").inner("location").take("lat")


@pytest.mark.parametrize("value", [7, True, ["x"], {"a": 1}])
def test_a_text_that_is_no_text_stops_the_run(value):
    with pytest.raises(FeedChanged, match="'name' is"):
        Fields({"name": value}).text("name", "")


def test_a_default_stands_in_for_a_missing_or_null_field_alone():
    assert Fields({}).text("a", "") == ""
    assert Fields({"a": None}).take("a", list, []) == []


def test_fields_neither_taken_nor_ignored_are_left_with_their_paths():
    fields = Fields({"a": 1, "b": {"c": 1, "d": 2}, "e": 3, "f": 4})
    fields.take("a")
    fields.inner("b").take("c")
    assert fields.left({"f"}) == ("b.d", "e")


def test_an_error_names_no_personal_text():
    with pytest.raises(FeedChanged) as error:
        instant("Arif Contoh 0812", JAKARTA)
    assert "Arif" not in str(error.value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2016-04-14 07:00:00", datetime(2016, 4, 14, 0, tzinfo=UTC)),
        ("2017-02-20 07:58:22.262000", datetime(2017, 2, 20, 0, 58, 22, 262000, tzinfo=UTC)),
        ("2016-04-14T00:00:00.000Z", datetime(2016, 4, 14, tzinfo=UTC)),
        ("2016-04-14T07:00:00+07:00", datetime(2016, 4, 14, tzinfo=UTC)),
        (1460592000000, datetime(2016, 4, 14, tzinfo=UTC)),
    ],
)
def test_times_become_utc_instants(value, expected):
    assert instant(value, JAKARTA) == expected


@pytest.mark.parametrize("value", [None, "", "yesterday", True, 10**20, 1.5, []])
def test_a_time_of_another_form_stops_the_run(value):
    with pytest.raises(FeedChanged):
        instant(value, JAKARTA)


def test_a_time_without_a_zone_is_refused_where_none_was_agreed():
    with pytest.raises(FeedChanged, match="no time zone"):
        instant("2016-04-14 07:00:00")


def test_zeros_are_a_phone_without_a_fix():
    assert lonlat(0, 0.0) is None


@pytest.mark.parametrize(("lon", "lat"), [(106.8, -6.2), ("106.8", " -6.2 ")])
def test_numbers_may_be_written_as_text(lon, lat):
    assert lonlat(lon, lat) == LonLat(106.8, -6.2)


def test_swapped_axes_are_a_rejection():
    with pytest.raises(Rejected, match=r"lat 106\.8 is not on Earth"):
        lonlat(-6.2, 106.8)


@pytest.mark.parametrize("value", [None, "", "x", True, float("nan"), float("inf"), [1], "1e999"])
def test_what_is_no_number_stops_the_run(value):
    with pytest.raises(FeedChanged):
        number(value)


@pytest.mark.parametrize(
    ("value", "expected"), [(7, "7"), (" 7 ", "7"), (9007199254740993, "9007199254740993")]
)
def test_ids_become_text(value, expected):
    assert identity(value) == expected


@pytest.mark.parametrize("value", [None, "", "  ", True, 1.5, []])
def test_an_id_that_is_none_stops_the_run(value):
    with pytest.raises(FeedChanged):
        identity(value)
