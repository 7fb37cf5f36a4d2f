"""Show, check and build the indexes of points."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction

from geoplatform.errors import GeoplatformError
from layers.checking import compare
from layers.follow import Followed
from layers.layer import Layer, catalogue


class Command(BaseCommand):
    help = (
        "Say how many points each index holds. --check reads every row and says whether index and rows "
        "agree; --rebuild makes the base anew from the rows."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        indexed = [layer.name for layer in catalogue().values() if layer.traits]
        parser.add_argument(
            "layer", nargs="*", choices=[*indexed, []], help="by default all that have an index"
        )
        parser.add_argument(
            "--check", action="store_true", help="compare with every row; fails where they differ"
        )
        parser.add_argument("--rebuild", action="store_true", help="make the base anew from the rows")

    def handle(self, *, layer: list[str], check: bool, rebuild: bool, **options: Any) -> None:
        chosen = [one for one in catalogue().values() if one.traits and (one.name in layer or not layer)]
        wrong = [one.name for one in chosen if not self._handle_one(one, check, rebuild)]
        if wrong:
            raise CommandError(f"index and rows differ: {', '.join(wrong)}; --rebuild makes it anew")

    def _handle_one(self, layer: Layer, check: bool, rebuild: bool) -> bool:
        known = Followed(layer, settings.INDEX_FOLDER)
        outermost = not connection.in_atomic_block
        with transaction.atomic(), connection.cursor() as cursor:
            if outermost:  # else whoever began the transaction says what it sees
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if rebuild:
                self._rebuild(known, cursor)
            snapshot = known.state(cursor).snapshot
            self.stdout.write(
                f"{layer.name}: {snapshot.size} points, revision {known.revision}, "
                f"{snapshot.delta} rows beside the base"
            )
            if not check:
                return True
            found = compare(known, layer, cursor)
        self.stdout.write(
            f"{layer.name}: {found.points} rows on the map; in the index {found.too_many} too many, "
            f"{found.missing} missing, {found.otherwise} otherwise"
        )
        return found.is_none

    def _rebuild(self, known: Followed, cursor: Any) -> None:
        try:
            known.rebuild(cursor)
        except (OSError, GeoplatformError) as error:
            raise CommandError(f"{known.layer.name}: the base was not made anew: {error}") from error
