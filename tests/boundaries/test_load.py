"""Loading an edition: its steps as they are told, and what the command prints of them."""

import json
import re
from io import StringIO

from django.core.management import call_command

from boundaries import load, source
from boundaries.models import Edition

STEPS = ["reading", "cleaning", "checking", "dissolving", "storing"]


def printed(*arguments):
    """Return what load_boundaries prints, in one text."""
    said = StringIO()
    call_command("load_boundaries", *arguments, stdout=said)
    return said.getvalue()


def begun(text):
    return re.findall(r"^  ([a-z ]+) \.\.\.$", text, re.MULTILINE)


def test_each_step_is_told_as_it_begins(db):
    steps = []
    load.load(source.find("schematic"), [], steps.append)
    assert steps == STEPS


def test_the_command_prints_each_step_as_it_begins(city):
    assert begun(printed("schematic", "--dry-run")) == STEPS
    assert begun(printed("schematic", "--activate", "--dry-run")) == [*STEPS, "placing reports"]


def test_a_file_of_one_kelurahan_is_loaded_and_its_counts_are_marked_as_odd(db, tmp_path):
    ring = [[106.82, -6.18], [106.83, -6.18], [106.83, -6.17], [106.82, -6.18]]
    gambir = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "properties": {"kode": "31.71.01.1001", "nama": "Gambir"},
    }
    path = tmp_path / "one.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [gambir]}))
    before = Edition.objects.count()
    lines = printed(path).splitlines()
    assert "  odd kelurahan: 1 (expected 267)" in lines
    assert "  odd kecamatan: 1 (expected 44)" in lines
    assert "  odd kota: 1 (expected 6)" in lines
    assert not any("BAD" in line for line in lines)
    assert Edition.objects.count() == before + 1
