"""Payloads among the right ones that no adapter was written for, and some that no database holds."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from drills import feeds
from drills.outcome import Outcome
from drills.platform import until
from drills.scene import at_work, judged
from fixtures.faults import Fault, Router
from fixtures.messages import Answer, Request

LONGEST_S = 60.0
LIST = "/qlue/qluein_marker_v3.php"
ENDLESS = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(100))
DEEP: Any = json.loads("[" * 200 + "]" * 200)


def _with(*path: str) -> Callable[[Any, Any], Any]:
    """Return what puts a value at a path of a marker, under another id."""

    def put(marker: Any, value: Any) -> Any:
        copy = json.loads(json.dumps(marker)) | {"id": f"poison {path[-1]} {str(value)[:20]}"}
        inner = copy
        for name in path[:-1]:
            inner = inner[name]
        inner[path[-1]] = value
        return copy

    return put


ID, TIME = _with("id"), _with("profile", "timestamp")
LAT, TEXT = _with("profile", "location", "lat"), _with("profile", "detail", "desc")
POISONS: tuple[Callable[[Any], Any], ...] = (
    lambda marker: None,
    lambda marker: 7,
    lambda marker: DEEP,
    lambda marker: {},
    lambda marker: ID(marker, ENDLESS),
    lambda marker: ID(marker, [1]),
    lambda marker: TIME(marker, "9999-12-31 23:59:59"),
    lambda marker: TIME(marker, "0000-00-00 00:00:00"),
    lambda marker: TIME(marker, 10**30),
    lambda marker: LAT(marker, 1e308),
    lambda marker: LAT(marker, "NaN"),
    lambda marker: TEXT(marker, DEEP),
    lambda marker: TEXT(marker, {"a": 1}),
)
# Odd, and reports all the same.
HARMLESS: tuple[Callable[[Any], Any], ...] = (
    lambda marker: TEXT(marker, "\x00\ud800 [SIMULASI]"),
    lambda marker: TEXT(marker, "[SIMULASI] " + "x" * 1_000_000),
)


def drill_poison() -> Outcome:
    """Have a feed send them with each list, and look what is left of the others."""
    with at_work("poison") as scene:
        sources = scene.play.city.sources
        sources.fail(LIST, _poisoned(), times=None)
        before = feeds.runs()["qlue"]
        scene.play.city.goes_on()
        until(lambda: feeds.runs()["qlue"] > before + 2, "the poisoned feed is read", LONGEST_S)
        sources.clear()
        scene.play.city.goes_on()
        # Some of what the simulated city itself says is odd as well.
        aside, stored = feeds.set_aside(), feeds.stored("poison")
        claims = {
            f"{aside} were set aside, at least {len(POISONS)}": aside >= len(POISONS),
            f"{stored} poisons are reports, of {len(HARMLESS)} that are harmless": stored == len(HARMLESS),
        }
        return judged(scene, {"set_aside": aside, "harmless": stored}, claims)


def _poisoned() -> Fault:
    """Answer with the same poisons in the middle of each list."""
    more: list[Any] = []

    def poison(request: Request, route: Router) -> Answer:
        answer = route(request)
        markers = json.loads(answer.body)
        if markers and not more:
            more.extend(make(markers[0]) for make in (*POISONS, *HARMLESS))
        half = len(markers) // 2
        return replace(answer, body=json.dumps(markers[:half] + more + markers[half:]).encode())

    return poison
