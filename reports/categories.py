"""The kinds of problem, from a table: who answers for each is data with a source, not code."""

import csv
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from geoplatform.errors import InvalidRequest
from reports.models import Category

TABLE = Path(__file__).with_name("categories.csv")
SENSITIVE = {"yes": True, "no": False}


def load(path: Path = TABLE) -> int:
    """Insert or update every category of a table; returns how many there are. None is ever deleted.

    Where a category is sensitive, and was not, or no longer, the public sees its reports elsewhere at once.

    Raises
    ------
    InvalidRequest
        The column ``sensitive``, which may be missing, has another word than yes and no.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_category(row) for row in csv.DictReader(file)]
    Category.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_id", "name_en", "answered_by", "source", "public_digits"],
    )
    return len(rows)


def _category(row: Mapping[str, str]) -> Category:
    said = dict(row)
    word = said.pop("sensitive", "no")
    if word not in SENSITIVE:
        raise InvalidRequest(f"category {said.get('code')}: sensitive {word!r} is neither yes nor no")
    return Category(**said, public_digits=settings.SENSITIVE_DIGITS if SENSITIVE[word] else None)
