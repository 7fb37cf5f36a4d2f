"""The project for QGIS names views that are there, as they are, and no password."""

from pathlib import Path

import pytest
from defusedxml import ElementTree
from django.conf import settings
from django.db import connection

from api.collections import catalogue

PROJECT = Path(settings.ROOT) / "docs" / "how-to" / "jakarta.qgs"
KINDS = {"point": "Point", "line": "LineString", "polygon": "MultiPolygon"}


@pytest.fixture(scope="module")
def project():
    return ElementTree.parse(PROJECT).getroot()


def sources(project):
    """Return the source of each layer by its id."""
    return {layer.findtext("id"): layer.findtext("datasource") for layer in project.iter("maplayer")}


def test_every_collection_is_a_layer_of_the_project(db, project):
    expected = {
        f"analyst_view_{name}": (
            f"service='jakarta' key='id' estimatedmetadata=true srid=4326 type={KINDS[one.geometry]}"
            f' checkPrimaryKeyUnicity=\'0\' table="analyst"."{name}" (geom)'
        )
        for name, one in catalogue().items()
    }
    assert sources(project) == expected


def test_the_tree_shows_each_layer_once_by_the_same_source(project):
    tree = {one.get("id"): one.get("source") for one in project.iter("layer-tree-layer")}
    assert tree == sources(project)


def test_the_geometries_are_of_the_kind_that_the_project_says(city, project):
    for name, one in catalogue().items():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT DISTINCT GeometryType(geom), ST_SRID(geom) FROM analyst.{name}")
            found = set(cursor.fetchall()) - {(None, None)}
        assert found <= {(KINDS[one.geometry].upper(), 4326)}


def test_what_a_renderer_asks_for_is_a_column(db, project):
    for layer in project.iter("maplayer"):
        asked = layer.find("renderer-v2").get("attr")
        name = layer.findtext("id").removeprefix("analyst_view_")
        assert asked is None or asked in catalogue()[name].columns


def test_no_password_and_no_host_is_in_it():
    text = PROJECT.read_text(encoding="utf-8").lower()
    assert "password" not in text
    assert "host=" not in text
