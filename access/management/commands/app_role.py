"""``manage.py app_role``: the roles of PostgreSQL that web server and workers run as."""

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
        parser.add_argument("--worker-role", metavar="NAME", help="one of their own for workers, as well")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read its password from a line of standard input, that of the workers' role from the next",
        )
        parser.add_argument("--drop", action="store_true", help="take the role away instead")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, is_worker in ((options["role"], False), (options["worker_role"], True)):
            if name:
                self._one(name, is_worker, options)

    def _one(self, name: str, is_worker: bool, options: dict[str, Any]) -> None:
        try:
            if options["drop"]:
                grants.drop(name)
            else:
                password = sys.stdin.readline().rstrip("\r\n") if options["password_stdin"] else None
                grants.make(name, password, is_worker)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        verb = "drop" if options["drop"] else "make"
        audit.record(f"role.{verb}", audit.operator(), timezone.now(), f"role:{name}")
        if not options["drop"] and (left := grants.logged(name)):
            self.stderr.write(
                f"PostgreSQL's log may hold what citizens wrote; a superuser has to set {', '.join(left)}"
            )
        may = "may run its workers" if is_worker else "may run the platform"
        self.stdout.write(f"role {name} is gone" if options["drop"] else f"role {name} {may}")
