"""``manage.py place``: say in which kelurahan a report without a point is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from geoplatform.errors import Conflict, InvalidRequest, NotFound
from reports import placing


class Command(BaseCommand):
    help = "Confirm where a report without a point is; manage.py suggestions lists what its words may mean."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("report", type=int, help="its id")
        parser.add_argument("code", help="Kemendagri code of the kelurahan, such as 31.71.01.1001")
        parser.add_argument("--by", required=True, metavar="WHO", help="who says so; it is kept")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = placing.declare(options["report"], options["code"], options["by"], timezone.now())
        except (Conflict, InvalidRequest, NotFound) as error:
            raise CommandError(str(error)) from error
        office = report.office.title if report.office else "no office"
        official = report.official.name if report.official else "nobody"
        self.stdout.write(f"report {report.id}: {report.kelurahan_code}, answered by {office} ({official})")
