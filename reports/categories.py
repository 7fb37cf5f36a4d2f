"""The kinds of problem, from a table: who answers for each is data with a source, not code."""

import csv
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from django.conf import settings

from geoplatform.errors import InvalidRequest, NotFound
from reports.models import Category

TABLE = Path(__file__).with_name("categories.csv")
SENSITIVE = {"yes": True, "no": False}


def load(path: Path = TABLE) -> int:
    """Insert or update every category of a table; returns how many there are. None is ever deleted.

    Names that staff changed stay as they are, for the shipped table is loaded at each start. Where a category
    is sensitive, and was not, or no longer, the public sees its reports elsewhere at once.

    Raises
    ------
    InvalidRequest
        The column ``sensitive``, which may be missing, has another word than yes and no.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = [_category(row) for row in csv.DictReader(file)]
    named = {one.code: one for one in Category.objects.filter(named_at__isnull=False)}
    for row in rows:
        if path == TABLE and (ours := named.get(row.code)):
            row.name_id, row.name_en, row.source = ours.name_id, ours.name_en, ours.source
    Category.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_id", "name_en", "answered_by", "source", "public_digits"],
    )
    return len(rows)


@cache
def in_order(path: Path = TABLE) -> tuple[str, ...]:
    """Return the codes of a table as it has them: of the shipped one, what is reported most comes first."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file))


def rename(code: str, name_id: str, name_en: str, source: str, at: datetime) -> Category:
    """Call a kind of problem by other names; who answers for it is said by rules.

    Raises
    ------
    NotFound
        There is no such category.
    InvalidRequest
        A name or the source is empty.
    """
    found = Category.objects.filter(code=code).first()
    if found is None:
        raise NotFound(f"no category {code!r}")
    for name, text in (("name_id", name_id), ("name_en", name_en), ("source", source)):
        if not (text.strip() and text.isprintable()):
            raise InvalidRequest(f"{name} {text!r}: it is empty, or has characters that cannot be seen")
    found.name_id, found.name_en, found.source = name_id.strip(), name_en.strip(), source.strip()
    found.named_at = at
    found.save(update_fields=["name_id", "name_en", "source", "named_at"])
    return found


def _category(row: Mapping[str, str]) -> Category:
    said = dict(row)
    word = said.pop("sensitive", "no")
    if word not in SENSITIVE:
        raise InvalidRequest(f"category {said.get('code')}: sensitive {word!r} is neither yes nor no")
    return Category(**said, public_digits=settings.SENSITIVE_DIGITS if SENSITIVE[word] else None)
