"""What people read, by language: ``words/[<part>/]<language>.json``, the same keys in each."""

import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("id", "en")  # the first is spoken where nothing else is asked for


@cache
def words(language: str, part: str = "") -> dict[str, str]:
    """Return every string of a language by its key: those of the map, or of another part."""
    strings: dict[str, str] = json.loads((FOLDER / part / f"{language}.json").read_text(encoding="utf-8"))
    return strings
