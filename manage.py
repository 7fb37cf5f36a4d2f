#!/usr/bin/env python
"""Django's command line; what is wrong with settings, the database's address or its tables is one line."""

import os
import sys

import psycopg
from django.core.management import BaseCommand, ManagementUtility
from django.db import OperationalError, ProgrammingError

from geoplatform import address, tables
from geoplatform.errors import BadSettings


class CommandLine(ManagementUtility):
    """Django's, but that only ``check`` looks at every address: a third of the time of any other command."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """Return a command; where it would check all before, it checks nothing."""
        command = super().fetch_command(subcommand)
        if command.requires_system_checks == "__all__":
            command.requires_system_checks = []
        return command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
    try:
        CommandLine(sys.argv).execute()
    except BrokenPipeError:
        # Who reads has read enough: `manage.py board | head`. What is still flushed goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except BadSettings as error:
        sys.exit(f"manage.py: {error}")
    except (OperationalError, psycopg.OperationalError):
        if found := address.wrong():
            sys.exit(f"manage.py: {found}")
        raise
    except ProgrammingError:
        if tables.are_missing():
            sys.exit("manage.py: this database has no tables yet, or old ones: manage.py prepare makes them")
        raise


if __name__ == "__main__":
    main()
