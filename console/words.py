"""What people read, by language: ``words/<language>.json``, the same keys in each."""

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("id", "en")  # the first is spoken where nothing else is asked for


@cache
def words(language: str) -> dict[str, str]:
    """Return every string of a language by its key."""
    strings: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return strings
