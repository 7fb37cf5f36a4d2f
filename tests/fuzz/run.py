"""Feed parsers what strangers might send, and count what they do with it."""

import argparse
import json
import time
import traceback
from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import Target, every

PHASES = (Phase.explicit, Phase.generate, Phase.shrink)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line for each parser and the same as JSON; 1 where one raised what it does not name."""
    known = every()
    given_ = options(arguments, list(known))
    chosen = known.values() if given_.name == "all" else [known[given_.name]]
    print(f"{'parser':<20}{'inputs':>9}{'taken':>9}{'refused':>9}{'failed':>8}{'seconds':>9}", flush=True)
    counts = [fed(target, given_.examples, given_.seed) for target in chosen]
    print(
        json.dumps({"seed": given_.seed, "parsers": counts, "failed": sum(one["failed"] for one in counts)})
    )
    return int(any(one["failed"] for one in counts))


def options(arguments: Sequence[str] | None, names: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="script/fuzz", epilog=f"parsers: {', '.join(names)}")
    parser.add_argument("name", choices=["all", *names], metavar="NAME|all", help="which parser")
    parser.add_argument("--examples", type=int, default=1000, metavar="N", help="inputs for each; 1000")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another draws other inputs; 0")
    return parser.parse_args(arguments)


def fed(target: Target, examples: int, start: int) -> dict[str, object]:
    """Feed one parser so many inputs; a fault is printed with the smallest input that has it."""
    count = {"parser": target.name, "inputs": 0, "taken": 0, "refused": 0, "failed": 0}
    began = time.monotonic()

    @seed(start)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    @given(target.made)
    def feed(drawn: object) -> None:
        count["inputs"] += 1
        try:
            target.read(drawn)
            count["taken"] += 1
        except target.refuses:
            count["refused"] += 1

    try:
        feed()
    except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
        count["failed"] = 1
        traceback.print_exc()
    count["seconds"] = round(time.monotonic() - began, 1)
    print("{parser:<20}{inputs:>9}{taken:>9}{refused:>9}{failed:>8}{seconds:>9}".format(**count), flush=True)
    return count
