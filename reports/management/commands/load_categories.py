"""``manage.py load_categories``: load the kinds of problem and who answers for each."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from reports import categories


class Command(BaseCommand):
    help = "Load the table of categories; by default the one that comes with the project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", default=categories.TABLE)

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{categories.load(options['file'])} categories")
