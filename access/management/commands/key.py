"""``manage.py key``: who may send, subscribe, or ask more often."""

import sys
from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from access import audit, keys
from access.models import ApiKey, Scope
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Make, list and revoke keys of the API, or adopt name=key from stdin; a text is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["create", "list", "revoke", "adopt"])
        parser.add_argument(
            "of", nargs="?", metavar="TITLE|ID", help="create: whose it is; revoke: its number"
        )
        parser.add_argument(
            "--scope", action="append", choices=Scope.values, help="what it allows; may be given twice"
        )
        parser.add_argument("--expires", metavar="DATE", help="its last day in the city (YYYY-MM-DD)")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["verb"] in ("list", "adopt")) == bool(options["of"]):
            raise CommandError("create wants a title, revoke a number, list and adopt neither")
        try:
            with transaction.atomic():
                getattr(self, f"_{options['verb']}")(options)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error

    def _create(self, options: dict[str, Any]) -> None:
        key, text = keys.create(options["of"], options["scope"] or [], _end(options["expires"]))
        audit.record("key.create", audit.operator(), timezone.now(), f"key:{key.id}", scopes=list(key.scopes))
        self.stdout.write(f"key {key.id} of {key.title}: {', '.join(key.scopes)}")
        self.stdout.write(f"{text}\n(this is shown once; only its digest is kept)")

    def _list(self, options: dict[str, Any]) -> None:
        for key in keys.listed():
            used = f"used {key.last_used_at:%Y-%m-%d %H:%MZ}" if key.last_used_at else "never used"
            self.stdout.write(
                f"{key.id:>6}  {key.start}...  {_state(key):<8}  {','.join(key.scopes):<12}  "
                f"{used:<22}  {key.title}"
            )

    def _adopt(self, options: dict[str, Any]) -> None:
        for line in sys.stdin.read().replace(",", "\n").split():
            title, equals, text = line.partition("=")
            if not (title and equals):
                raise CommandError("expected name=key, with commas or lines between")
            key = keys.adopt(title, text, options["scope"] or [Scope.WRITE])
            said = f"key {key.id} of {title}: {', '.join(key.scopes)}" if key else f"{title}: known already"
            self.stdout.write(said)

    def _revoke(self, options: dict[str, Any]) -> None:
        if not options["of"].isdecimal():
            raise CommandError(f"{options['of']!r} is no number of a key")
        key = keys.revoke(int(options["of"]))
        audit.record("key.revoke", audit.operator(), timezone.now(), f"key:{key.id}")
        self.stdout.write(f"key {key.id} of {key.title} is revoked")


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "expired" if key.expires_at and key.expires_at <= timezone.now() else "valid"


def _end(text: str | None) -> datetime | None:
    """Return when a day is over in the city."""
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date, of the city
        return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(settings.CITY_TIME_ZONE))
    except (ValueError, OverflowError):
        raise CommandError(f"--expires {text!r} is no date (YYYY-MM-DD)") from None
