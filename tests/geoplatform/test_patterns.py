"""No regular expression of ours explodes: each is given what it repeats, thousands of times, and a fault."""

import ast
import pkgutil
import re
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from re import _constants as op
from re import _parser as grammar

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RegexPattern

from tests.test_docs import OURS

MOST_S = 0.7  # of processor time, not of the clock: the slowest takes a tenth
PUMPS = (40, 2000)  # the first finds what doubles with each, the second what grows by a third power
FAULTS = ("\0", "!x")


def modules() -> Iterator[object]:
    for app in OURS:
        for found in pkgutil.walk_packages(import_module(app).__path__, f"{app}."):
            if ".migrations" not in found.name and found.name not in ("geoplatform.wsgi",):
                yield import_module(found.name)


def patterns() -> dict[str, re.Pattern]:
    """Return every pattern of a module, by its text, of bytes as one of texts.

    Those that it holds, those that a function of it writes, those of addresses. Not those of libraries.
    """
    found: dict[str, re.Pattern] = {}
    for module in modules():
        for one in (*_within([*vars(module).values()]), *_written_in(module)):
            text = one.pattern if isinstance(one.pattern, str) else one.pattern.decode("latin-1")
            flags = one.flags if isinstance(one.pattern, str) else one.flags & ~re.UNICODE
            found.setdefault(text, re.compile(text, flags))
    return found | {text: re.compile(text) for text in _of_addresses(get_resolver().url_patterns)}


def _written_in(module: object) -> Iterator[re.Pattern]:
    """Yield what is written where it is used: ``re.sub(r"...", ...)``."""
    for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
        match node:
            case ast.Call(ast.Attribute(ast.Name("re")), [ast.Constant(str(text) | bytes(text)), *_]):
                yield re.compile(text)


def _of_addresses(addresses: Iterable[URLPattern | URLResolver]) -> Iterator[str]:
    for one in addresses:
        if isinstance(one.pattern, RegexPattern):
            yield str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _of_addresses(one.url_patterns)


def _within(value: object) -> Iterable[re.Pattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        for one in (*value.keys(), *value.values()):
            yield from _within(one)
    elif isinstance(value, tuple | list) and len(value) < 1000:
        for one in value:
            yield from _within(one)


def sample(tree, choice: int = 0) -> str:
    """Return a text that a part of a pattern takes; ``choice`` says which of several it takes by turns."""
    return "".join(_one(kind, value, choice) for kind, value in tree)


def _one(kind, value, choice: int) -> str:  # noqa: PLR0911 - a line for each kind of part
    match kind:
        case op.LITERAL:
            return chr(value)
        case op.NOT_LITERAL | op.ANY:
            return "a" if value != ord("a") else "b"
        case op.IN:
            return _of_class(value, choice)
        case op.BRANCH:
            return sample(value[1][choice % len(value[1])], choice)
        case op.SUBPATTERN:
            return sample(value[3], choice)
        case op.ATOMIC_GROUP:
            return sample(value, choice)
        case op.MAX_REPEAT | op.MIN_REPEAT | op.POSSESSIVE_REPEAT:
            return sample(value[2], choice) * max(value[0], 1)
    return ""  # places, looks ahead and behind, references


def _of_class(parts, choice: int) -> str:
    wanted = re.compile("[" + "".join(map(_written, parts)) + "]")
    fitting = [sign for sign in "a0 -.b'_/:,\n1A" if wanted.match(sign)] or [_any(wanted)]
    return fitting[choice % len(fitting)]


def _any(wanted: re.Pattern) -> str:
    return next(chr(code) for code in range(0x10000) if wanted.match(chr(code)))


def _written(part) -> str:
    names = {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s",
             op.CATEGORY_NOT_SPACE: r"\S", op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W"}  # fmt: skip
    match part:
        case (op.NEGATE, _):
            return "^"
        case (op.LITERAL, code):
            return re.escape(chr(code))
        case (op.RANGE, (low, high)):
            return f"{re.escape(chr(low))}-{re.escape(chr(high))}"
        case (op.CATEGORY, name):
            return names[name]
    raise AssertionError(part)


def attacks(pattern: re.Pattern) -> Iterator[str]:
    """Yield texts that repeat what the pattern repeats without a bound, behind what stands before it.

    Where a pattern is searched for, each place is tried; tests of what searches hold that to a time.
    """
    for before, body in _repeats(grammar.parse(pattern.pattern, pattern.flags & ~re.DEBUG), ""):
        for choice in range(3):
            for times in PUMPS:
                yield from (before + sample(body, choice) * times + fault for fault in FAULTS)


def _repeats(tree, before: str) -> Iterator[tuple[str, object]]:
    for kind, value in tree:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            if value[1] == op.MAXREPEAT:
                yield before, value[2]
            yield from _repeats(value[2], before)
        elif kind is op.SUBPATTERN:
            yield from _repeats(value[3], before)
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from _repeats(branch, before)
        before += _one(kind, value, 0)


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """End what takes more processor time: the engine of ``re`` looks for signals while it tries."""

    def end(number, frame):
        raise TimeoutError(f"more than {seconds} s of processor time")

    former = signal.signal(signal.SIGVTALRM, end)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, former)


def exploding(pattern: re.Pattern) -> bool:
    for text in attacks(pattern):
        try:
            with bounded(MOST_S):
                pattern.fullmatch(text)
                pattern.match(text)
        except TimeoutError:
            return True
    return False


@pytest.mark.parametrize("text", [r"(a+)+$", r"(?:a|aa)*b", r"^(\d+|\w+)*@"])
def test_what_explodes_is_found(text):
    assert exploding(re.compile(text))


def test_no_pattern_of_ours_explodes():
    found = patterns()
    assert len(found) > 200
    # Written where it is used, of bytes, of an address.
    assert {r"EPSG:\d{4,6}", r"\r?\n\r?\n", r"^tables/?$"} < set(found)
    assert [text for text, pattern in found.items() if exploding(pattern)] == []
