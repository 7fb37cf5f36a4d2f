"""Bahasa for sentences that are English elsewhere: sources that come with the project, refusals of the API.

Both are data, ``bahasa.csv``: an English sentence, ``{}`` where it names something, and the same in Bahasa.
"""

import csv
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("bahasa.csv")
NAMED = "{}"


def said(text: str, names: Mapping[str, str] | None = None) -> str | None:
    """Return a sentence in Bahasa; None where the table has none.

    Parameters
    ----------
    names
        What the fields of a form are called, by the name that the API gives them.
    """
    for pattern, indonesian in _table():
        found = pattern.fullmatch(text)
        if found:
            # What is named may be a sentence itself, such as what is wrong with a line.
            return indonesian.format(
                *(said(one, names) or (names or {}).get(one, one) for one in found.groups())
            )
    return None


@cache
def _table() -> list[tuple[re.Pattern[str], str]]:
    """Return the sentences, those that say most in their own words first."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        pairs = [(row["english"], row["indonesian"]) for row in csv.DictReader(file)]
    pairs.sort(key=lambda pair: -len(pair[0].replace(NAMED, "")))
    return [(re.compile(_pattern(english), re.DOTALL), indonesian) for english, indonesian in pairs]


def _pattern(english: str) -> str:
    return "(.+?)".join(re.escape(part) for part in english.split(NAMED))
