"""``manage.py app_role``: the role of PostgreSQL that web server and workers run as."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access import audit, grants
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = (
        "Make the role as which the platform runs: it reads and writes rows, and only appends to the audit."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default="geoplatform_app", metavar="NAME", help="geoplatform_app")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read its password from a line of standard input"
        )
        parser.add_argument("--drop", action="store_true", help="take the role away instead")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["role"]
        password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
        try:
            if options["drop"]:
                grants.drop(name)
            else:
                grants.make(name, password)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        verb = "drop" if options["drop"] else "make"
        audit.record(f"role.{verb}", audit.operator(), timezone.now(), f"role:{name}")
        self.stdout.write(f"role {name} is gone" if options["drop"] else f"role {name} may run the platform")
