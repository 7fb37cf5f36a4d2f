"""A staircase of who still waits, as the points of an SVG picture; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.board.survival import Left

DAY_S = 86_400
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 440.0, 250.0, 46.0, 10.0, 10.0, 28.0
STEPS = (1, 2, 5, 7, 14, 30, 60, 90, 180, 365)
MOST_TICKS = 8
SHARES = (0, 25, 50, 75, 100)


@dataclass(frozen=True)
class Curve:
    """One line: whose, how it is drawn (a class of the style sheet), and its band where it has one."""

    name: str
    style: str
    line: str
    band: str


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where, and what stands there."""

    at: str
    value: int


@dataclass(frozen=True)
class Picture:
    """All of it: curves, and ticks of both axes; ``days`` is where the picture ends."""

    curves: Sequence[Curve]
    days: Sequence[Tick]
    shares: Sequence[Tick]


def picture(curves: Mapping[str, Sequence[Left]], banded: str = "") -> Picture:
    """Return the curves that have any answer, over the days that the longest of them takes.

    Parameters
    ----------
    banded
        Whose curve is drawn with its interval.
    """
    known = {name: steps for name, steps in curves.items() if steps}
    longest = max([1.0, *(steps[-1].seconds / DAY_S for steps in known.values())])
    step = next((one for one in STEPS if longest / one <= MOST_TICKS), STEPS[-1])
    scale = (WIDTH - LEFT - RIGHT) / longest
    return Picture(
        [
            Curve(name, f"line-{number}", _line(steps, scale), _band(steps, scale) if name == banded else "")
            for number, (name, steps) in enumerate(known.items())
        ],
        [Tick(f"{LEFT + day * scale:.1f}", day) for day in range(0, int(longest) + 1, step)],
        [Tick(f"{_y(share / 100):.1f}", share) for share in SHARES],
    )


def at_days(steps: Sequence[Left], days: Sequence[int]) -> list[float]:
    """Return what share still waits after each number of days."""
    return [
        next((step.share for step in reversed(steps) if step.seconds <= day * DAY_S), 1.0) for day in days
    ]


def _line(steps: Sequence[Left], scale: float) -> str:
    stairs = [f"H{LEFT + step.seconds / DAY_S * scale:.1f}V{_y(step.share):.1f}" for step in steps]
    return f"M{LEFT:g} {_y(1):.1f}" + "".join(stairs)


def _band(steps: Sequence[Left], scale: float) -> str:
    """Return the outline of an interval: along its upper end, and back along the lower one."""
    places = [LEFT + step.seconds / DAY_S * scale for step in steps]
    over = [f"H{x:.1f}V{_y(step.high):.1f}" for x, step in zip(places, steps, strict=True)]
    back = [f"V{_y(step.low):.1f}H{x:.1f}" for x, step in zip(places, steps, strict=True)]
    return f"M{LEFT:g} {_y(1):.1f}" + "".join(over) + "".join(reversed(back)) + f"V{_y(1):.1f}Z"


def _y(share: float) -> float:
    return TOP + (1 - share) * (HEIGHT - TOP - BOTTOM)
