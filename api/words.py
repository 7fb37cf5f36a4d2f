"""What people read on pages, by language: ``words/<page>.<language>.json``, the same keys in each."""

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("id", "en")  # the first is spoken where nothing else is asked for


@cache
def words(page: str, language: str) -> dict[str, str]:
    """Return every string of a page in a language, by its key."""
    strings: dict[str, str] = json.loads((FOLDER / f"{page}.{language}.json").read_text(encoding="utf-8"))
    return strings
