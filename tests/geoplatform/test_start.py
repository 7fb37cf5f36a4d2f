"""What every process of the platform pays for before it does anything."""

import subprocess
import sys

from django.conf import settings

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


def test_apps_models_and_tasks_are_known_without_what_only_some_work_needs():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=settings.ROOT, env={"DJANGO_SETTINGS_MODULE": "geoplatform.settings", "CI": "1"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert {"casework", "ingest", "procrastinate"} <= loaded
    assert not HEAVY & loaded
