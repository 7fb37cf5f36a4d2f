"""The views of the schema analyst, and what is known of them."""

import re

import pytest
from django.db import connection

from api import collections
from geoplatform.errors import NotFound
from layers.layer import catalogue

# What the public may see: another column is a decision, made here and in docs/explanation/personal-data.md.
ALLOWED = {
    "reports": "id geom category status channel text submitted_at updated_at kelurahan kecamatan kota"
    " placed_by office simulated",
    "alerts": "id geom type subtype street reported_at reliability simulated",
    "jams": "id geom level speed_kmh delay_s length_m street reported_at simulated",
    "irregularities": "id geom type speed_kmh regular_speed_kmh delay_s length_m street reported_at"
    " simulated",
    "petrol_stations": "id geom name brand kind opening_hours simulated",
    "hospitals": "id geom name brand kind opening_hours simulated",
    "restaurants": "id geom name brand kind opening_hours simulated",
    "kelurahan": "id geom code name parent area_km2 label_lon label_lat edition schematic",
    "kecamatan": "id geom code name parent area_km2 label_lon label_lat edition schematic",
    "kota": "id geom code name parent area_km2 label_lon label_lat edition schematic",
}


def rows(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_every_layer_is_a_collection(db):
    assert list(collections.catalogue()) == list(catalogue())


@pytest.mark.parametrize("name", ALLOWED)
def test_a_view_has_the_columns_that_are_allowed_and_no_other(db, name):
    found = collections.find(name)
    assert ["id", "geom", *found.columns] == ALLOWED[name].split()


@pytest.mark.parametrize("name", ALLOWED)
def test_every_column_of_a_view_says_what_it_means(db, name):
    assert [column.name for column in collections.find(name).columns.values() if not column.description] == []


def test_withdrawn_reports_are_not_in_the_view(receive_one):
    shown, hidden = receive_one(), receive_one(external_id="2")
    hidden.status = "withdrawn"
    hidden.save(update_fields=["status"])
    assert rows("SELECT id FROM analyst.reports") == [(shown.id,)]


def test_a_report_without_a_point_is_in_the_view_with_a_null_geometry(receive_one):
    receive_one(point=None)
    assert rows("SELECT geom FROM analyst.reports") == [(None,)]


@pytest.mark.parametrize(("level", "count"), [("kelurahan", 267), ("kecamatan", 44), ("kota", 6)])
def test_boundaries_are_those_of_the_edition_in_force(city, level, count):
    assert rows(f"SELECT count(*) FROM analyst.{level}") == [(count,)]


def test_an_unknown_collection_is_named(db):
    with pytest.raises(NotFound, match="no collection 'x'"):
        collections.find("x")


def test_reports_without_a_point_have_an_index_in_the_words_of_the_view(db):
    # Else PostgreSQL does not know that the index has what is asked for, and reads the whole table.
    ((view,),) = rows("SELECT pg_get_viewdef('analyst.reports'::regclass)")
    ((index,),) = rows(
        "SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = 'report_unplaced'::regclass"
    )
    (geom,) = re.findall(r"(COALESCE\(.*?\)) AS geom", view)
    assert f"{geom.replace('report.', '')} IS NULL" in index
    assert "status <> 'withdrawn'" in index and "status <> 'withdrawn'" in view
