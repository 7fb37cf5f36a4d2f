"""``manage.py staff``: the accounts of those who work with the platform."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone, translation

from access import audit
from geoplatform.errors import GeoplatformError
from staff import accounts, roles, second
from staff.models import User

VERBS = ("create", "list", "disable", "enable", "password", "forget-device")


class Command(BaseCommand):
    help = "Make, list, end and reopen the accounts of staff. A password is asked for, never an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=VERBS)
        parser.add_argument("username", nargs="?")
        parser.add_argument("--role", action="append", metavar="ROLE", help="may be given twice")
        parser.add_argument("--name", default="", help="of the person")
        parser.add_argument("--email", default="", metavar="ADDRESS")
        parser.add_argument("--office", metavar="CODE", help="the office whose cases an official sees")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from a line of standard input"
        )
        parser.add_argument(
            "--no-password", action="store_true", help="let the city's own login (OIDC) be the only way in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["verb"] == "list") == bool(options["username"]):
            raise CommandError(f"{options['verb']}: list wants no username, every other verb wants one")
        try:
            # What is wrong with a password Django says in the language of the pages; commands speak English.
            with transaction.atomic(), translation.override("en"):
                getattr(self, f"_{options['verb'].replace('-', '_')}")(options)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error

    def _create(self, options: dict[str, Any]) -> None:
        if not options["role"]:
            raise CommandError(f"create wants a --role: {', '.join(roles.names())}")
        user = accounts.create(
            options["username"],
            options["role"],
            None if options["no_password"] else _password(options),
            timezone.now(),
            name=options["name"],
            email=options["email"],
            office=options["office"],
        )
        _record("create", user, roles=sorted(options["role"]), office=options["office"])
        self.stdout.write(f"account {user.username}: {', '.join(options['role'])}")

    def _list(self, options: dict[str, Any]) -> None:
        for user in accounts.listed():
            self.stdout.write(
                f"{user.id:>6}  {user.username:<20}  {'active' if user.is_active else 'disabled':<8}  "
                f"{','.join(group.name for group in user.groups.all()):<14}  {_seen(user):<22}  "
                f"{user.office.code if user.office else '-'}"
            )

    def _disable(self, options: dict[str, Any]) -> None:
        user = accounts.disable(options["username"])
        _record("disable", user)
        self.stdout.write(f"account {user.username} is disabled")

    def _enable(self, options: dict[str, Any]) -> None:
        user = accounts.enable(options["username"])
        _record("enable", user)
        self.stdout.write(f"account {user.username} is active")

    def _password(self, options: dict[str, Any]) -> None:
        accounts.find(options["username"])
        user = accounts.set_password(options["username"], _password(options))
        _record("password", user)
        self.stdout.write(f"account {user.username} has another password")

    def _forget_device(self, options: dict[str, Any]) -> None:
        user = accounts.find(options["username"])
        second.forget(user)
        _record("forget-device", user)
        self.stdout.write(f"account {user.username} sets up its second factor anew at its next login")


def _record(verb: str, user: User, **details: Any) -> None:
    audit.record(f"account.{verb}", audit.operator(), timezone.now(), user.mark, **details)


def _seen(user: User) -> str:
    return f"seen {user.last_login:%Y-%m-%d %H:%MZ}" if user.last_login else "never seen"


def _password(options: dict[str, Any]) -> str:
    """Read a password where no list of processes and no history of a shell shows it."""
    if options["password_stdin"]:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandError("no terminal to ask for the password: give it with --password-stdin")
    first = getpass.getpass("Password: ")
    if first != getpass.getpass("Again: "):
        raise CommandError("the two passwords differ")
    return first
