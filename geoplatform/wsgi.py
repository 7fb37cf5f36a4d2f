"""The WSGI application that granian, or any other server, runs."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
os.environ.setdefault("GEOPLATFORM_DATABASE_POOL", "1")

behind = get_wsgi_application()

# They need the settings that were just made ready.
from api.front import Front  # noqa: E402
from geoplatform import standbys  # noqa: E402
from layers import live  # noqa: E402

standbys.watch()
live.watch()
application = Front(behind)
