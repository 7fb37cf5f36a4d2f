#!/usr/bin/env python
"""Django's command line; what is wrong with the settings or with the database's address is one line."""

import os
import sys

import psycopg
from django.core.management import execute_from_command_line
from django.db import OperationalError

from geoplatform import address
from geoplatform.errors import BadSettings


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
    try:
        execute_from_command_line(sys.argv)
    except BadSettings as error:
        sys.exit(f"manage.py: {error}")
    except (OperationalError, psycopg.OperationalError):
        if found := address.wrong():
            sys.exit(f"manage.py: {found}")
        raise


if __name__ == "__main__":
    main()
