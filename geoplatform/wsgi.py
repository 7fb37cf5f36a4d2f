"""The WSGI application that granian, or any other server, runs."""

import os
from pathlib import Path

from django.core.wsgi import get_wsgi_application

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

standbys.watch()
live.watch()
application = Front(behind)
