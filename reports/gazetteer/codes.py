"""Kemendagri's codes in a text: some channels say a place by its code, which no name is needed for."""

import re
from collections.abc import Container, Iterator

from reports.gazetteer.names import level_of
from reports.gazetteer.scores import CODED, Evidence

#: Of a kelurahan or a kecamatan; not the beginning of a longer number, nor the end of one.
CODE = re.compile(r"(?<![\d.])\d{2}\.\d{2}\.\d{2}(?:\.\d{4})?(?![\d]|\.\d)")


def written(text: str, known: Container[str]) -> Iterator[Evidence]:
    """Yield each code of a boundary that we know, as the surest word for it."""
    for match in CODE.finditer(text):
        if match[0] in known:
            level = level_of(match[0])
            yield Evidence(level, match[0], CODED, match.start(), match.end(), "", level, titled=True)
