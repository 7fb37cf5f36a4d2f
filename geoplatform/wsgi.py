"""The WSGI application that granian, or any other server, runs: when it is there, no import is left to do."""

import os
from importlib import import_module
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from api.metrics import folder

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
os.environ.setdefault("GEOPLATFORM_DATABASE_POOL", "1")

# Before anything is counted that the web processes count together.
folder.begin(Path(__file__).resolve().parent.parent / "var" / "metrics")
behind = get_wsgi_application()

# They need the settings that were just made ready.
from api.front import Front  # noqa: E402
from geoplatform import standbys  # noqa: E402
from layers import live  # noqa: E402

READY_S = 5.0  # without a database the pages that need none are served all the same

standbys.watch()
following = live.watch()
# Seconds of a first request: every address with its views, and the loops that draw (numba, pyarrow). No
# command nor worker pays for them, see tests/geoplatform/test_start.py.
import_module("layers.warm")
reverse("staff")
following.is_ready.wait(READY_S)
application = Front(behind)
