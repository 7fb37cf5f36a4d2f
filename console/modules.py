"""Which modules a page needs: a browser that is told at once asks for all of them at a time."""

import re
from functools import cache
from pathlib import Path
from posixpath import dirname, join, normpath

STATIC = Path(__file__).resolve().parent / "static"
SAID = re.compile(r'\bsay\("(\w+)"')
IMPORT = re.compile(r'^(?:import|\} from)\b[^;"]*"(\.{1,2}/[^"]+)"', re.MULTILINE)


@cache
def loaded_by(name: str) -> tuple[str, ...]:
    """Return a module of ours and all that it imports, also by way of others: names of static files."""
    found: dict[str, None] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found[module] = None
        text = (STATIC / module).read_text(encoding="utf-8")
        waiting += [normpath(join(dirname(module), other)) for other in IMPORT.findall(text)]
    return tuple(found)


@cache
def said_by(name: str) -> frozenset[str]:
    """Return the keys of the strings that a module and all that it imports say."""
    texts = [(STATIC / module).read_text(encoding="utf-8") for module in loaded_by(name)]
    return frozenset(key for text in texts for key in SAID.findall(text))
