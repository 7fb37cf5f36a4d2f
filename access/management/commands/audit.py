"""``manage.py audit``: read the audit, or see whether anybody tampered with it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from access import audit
from access.models import Entry
from geoplatform.errors import GeoplatformError


class Command(BaseCommand):
    help = "Show the last lines of the audit, or verify its chain; exit code 1 where it does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--by", metavar="WHO", help="only of this one: user:12, command:root")
        parser.add_argument("--subject", metavar="WHAT", help="only what was done to this: report:4711")
        parser.add_argument("--action", metavar="ACTION", help="only this, and what begins so: login")
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="how many at most; 50")
        parser.add_argument("--verify", action="store_true", help="compute the chain anew")
        parser.add_argument(
            "--expect", metavar="HEAD", default="", help="with --verify: a head that was kept elsewhere"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verify"]:
            self._verify(options["expect"])
            return
        if options["expect"]:
            raise CommandError("--expect belongs to --verify")
        lines = _chosen(options)[: max(options["limit"], 0)]
        for entry in reversed(lines):
            self.stdout.write(_line(entry))
        self.stdout.write(f"head {audit.head()}")

    def _verify(self, expected: str) -> None:
        try:
            faults = audit.faults(expected)
        except GeoplatformError as error:
            raise CommandError(str(error)) from error
        if faults:
            raise CommandError("\n".join(["the audit does not hold:", *faults]))
        head = audit.head()
        self.stdout.write(f"{head.id} entries, unbroken\nhead {head}")


def _chosen(options: dict[str, Any]) -> Any:
    entries = Entry.objects.order_by("-id")
    if options["by"]:
        entries = entries.filter(by=options["by"])
    if options["subject"]:
        entries = entries.filter(subject=options["subject"])
    if options["action"]:
        entries = entries.filter(action__startswith=options["action"])
    return entries


def _line(entry: Entry) -> str:
    details = " ".join(f"{name}={value}" for name, value in sorted(entry.details.items()))
    line = (
        f"{entry.id:>8}  {entry.at:%Y-%m-%d %H:%M:%SZ}  {entry.by or '-':<14}  {entry.action:<16}  "
        f"{entry.subject or '-':<14}  {entry.address or '-':<15}  {details}"
    )
    return line.rstrip()
