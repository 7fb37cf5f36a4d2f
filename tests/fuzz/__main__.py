"""script/fuzz installs what is missing and comes here: settings first, for the parsers want them."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
os.environ.setdefault("CI", "true")  # a secret key that is none
django.setup()

from tests.fuzz.run import main  # noqa: E402

sys.exit(main())
