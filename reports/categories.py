"""The kinds of problem, from a table: who answers for each is data with a source, not code."""

import csv
from pathlib import Path

from reports.models import Category

TABLE = Path(__file__).with_name("categories.csv")


def load(path: Path = TABLE) -> int:
    """Insert or update every category of a table; returns how many there are. None is ever deleted."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [Category(**row) for row in csv.DictReader(file)]
    Category.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["name_id", "name_en", "answered_by", "source"],
    )
    return len(rows)
