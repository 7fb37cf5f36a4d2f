"""``manage.py analyst``: a role of PostgreSQL that reads the views of the schema ``analyst`` alone."""

import secrets
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from access import audit
from api import roles
from geoplatform.errors import GeoplatformError, InvalidRequest

PASSWORD_BYTES = 24


class Command(BaseCommand):
    help = "Make or renew the read-only role for analysts, and say how QGIS and psql connect."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default="analyst", metavar="NAME", help="its name; analyst")
        parser.add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="take the password from the first line of a file, not a new random one",
        )
        parser.add_argument(
            "--timeout", type=int, default=60, metavar="SECONDS", help="after which a statement is ended; 60"
        )
        parser.add_argument(
            "--connections", type=int, default=5, metavar="N", help="how many it may have open at a time; 5"
        )
        parser.add_argument("--drop", action="store_true", help="take the role away instead")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["role"]
        try:
            if options["drop"]:
                roles.drop(name)
                audit.record("role.drop", audit.operator(), timezone.now(), f"role:{name}")
                self.stdout.write(f"role {name} is gone")
                return
            password = _given(options["password_file"]) or secrets.token_urlsafe(PASSWORD_BYTES)
            roles.make(name, password, options["timeout"], options["connections"])
            audit.record("role.make", audit.operator(), timezone.now(), f"role:{name}")
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        parts = connection.settings_dict
        self.stdout.write(f"role {name} reads the views of the schema analyst of database {parts['NAME']}\n")
        self.stdout.write(
            "put into ~/.pg_service.conf of who asks (chmod 600), for QGIS, psql and GDAL alike:\n\n"
        )
        self.stdout.write(_service(parts, name, None if options["password_file"] else password))
        self.stdout.write("\nthen: psql service=jakarta -c 'TABLE analyst.kota'")


def _given(file: Path | None) -> str | None:
    """Return the password of a file."""
    if file is None:
        return None
    try:
        (password, *_) = file.read_text(encoding="utf-8").splitlines() or [""]
    except OSError as error:
        raise InvalidRequest(f"--password-file {file}: {error.strerror}") from None
    return password


def _service(parts: dict[str, Any], name: str, password: str | None) -> str:
    """Return the lines of a service as libpq reads them."""
    known = {
        "host": parts["HOST"],
        "port": parts["PORT"],
        "dbname": parts["NAME"],
        "user": name,
        "password": password or "(that of the file)",
    }
    lines = [f"{key}={value}" for key, value in known.items() if value]
    return "\n".join(["[jakarta]", *lines, ""])
