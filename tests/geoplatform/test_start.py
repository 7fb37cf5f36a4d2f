"""What every process of the platform pays for before it does anything."""

import os
import subprocess
import sys

from django.conf import settings

from tests.conftest import database_url

# Some 0.1 to 0.5 s of processor each: whoever draws tiles, writes files or joins polygons loads them then.
HEAVY = {
    "distributed",
    "geopandas",
    "h3",
    "llvmlite",
    "matplotlib",
    "numba",
    "opentelemetry",
    "pandas",
    "pyarrow",
    "pyogrio",
    "reportlab",
    "sentry_sdk",
    "tornado",
}
PROGRAM = "import sys, django; django.setup(); print(*{name.partition('.')[0] for name in sys.modules})"
# What draws tiles and lists, and the views of every address.
AHEAD = {"api.features.indexed", "console.urls", "layers.follow", "layers.warm", "numba", "pyarrow"}
COMMAND = "import sys, manage; sys.argv[1:] = ['editions']; manage.main(); print(*sys.modules)"
WEB = "import sys; from geoplatform.wsgi import application; print(*sys.modules)"


def test_apps_models_and_tasks_are_known_without_what_only_some_work_needs():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.ROOT, env={"DJANGO_SETTINGS_MODULE": "geoplatform.settings", "CI": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert {"casework", "ingest", "procrastinate"} <= loaded
    assert not HEAVY & loaded


def test_a_web_process_has_loaded_what_its_first_request_needs(city):
    done = subprocess.run(
        [sys.executable, "-c", WEB], cwd=settings.ROOT,
        env=os.environ | {"DATABASE_URL": database_url(), "GEOPLATFORM_SECRET_KEY": settings.SECRET_KEY},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert set(done.stdout.split()) >= AHEAD


def test_a_command_begins_without_what_only_views_need(city):
    done = subprocess.run(
        [sys.executable, "-c", COMMAND], cwd=settings.ROOT,
        env=os.environ | {"DATABASE_URL": database_url(), "GEOPLATFORM_SECRET_KEY": settings.SECRET_KEY},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    *_, last = done.stdout.splitlines()
    loaded = set(last.split())
    assert "boundaries.editions" in loaded
    assert not HEAVY & loaded
