"""script/drill installs what is missing and comes here."""

import argparse
import importlib
import json
import logging
import os
import signal
import subprocess
import sys
import time

from drills.outcome import Outcome
from drills.platform import Late
from geoplatform.postgres import ClusterError

LONGEST_S = 900
DRILLS = {
    "web": "caught:drill_web",
    "worker": "caught:drill_worker",
    "postgres": "caught:drill_postgres",
    "full": "full:drill_full",
    "trickle": "trickle:drill_trickle",
    "poison": "poison:drill_poison",
    "connections": "connections:drill_connections",
    "clock": "clock:drill_clock",
    "migration": "migration:drill_migration",
    "replace": "replaced:drill_replace",
    "hosts": "hosts:drill_hosts",
}


def main() -> int:
    """Run one drill, or each in a process of its own; last line JSON."""
    parser = argparse.ArgumentParser(prog="script/drill", description="Break something, and count.")
    parser.add_argument("name", choices=[*DRILLS, "all"])
    name = parser.parse_args().name
    outcomes = [run(name)] if name != "all" else [run_apart(one) for one in DRILLS]
    lost, doubled = sum(one.lost for one in outcomes), sum(one.doubled for one in outcomes)
    unclear = [sentence for one in outcomes for sentence in one.unclear]
    print(json.dumps({"drills": len(outcomes), "lost": lost, "doubled": doubled, "unclear": unclear}))
    return int(bool(lost or doubled or unclear))


def run(name: str) -> Outcome:
    """Run a drill in this process, and print its figures."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "geoplatform.settings")
    logging.disable(logging.WARNING)
    module, _, function = DRILLS[name].partition(":")
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    began = time.monotonic()
    try:
        outcome: Outcome = getattr(importlib.import_module(f"drills.{module}"), function)()
    except (Late, ClusterError) as error:
        outcome = Outcome(unclear=[str(error)])
    print(f"{name}: {time.monotonic() - began:.0f} s, {outcome.lost} lost, {outcome.doubled} doubled")
    for what, figure in outcome.figures.items():
        print(f"  {what:40} {figure}")
    for sentence in outcome.unclear:
        print(f"  unclear: {sentence}")
    return outcome


def run_apart(name: str) -> Outcome:
    """Run a drill in a process of its own: none sees what another one left behind."""
    command = [sys.executable, "-m", "drills", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as apart:
        try:
            text, _ = apart.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            apart.terminate()  # it ends what it has started
            apart.communicate()
            return Outcome(unclear=[f"{name} took longer than {LONGEST_S} s"])
    return told(name, text.splitlines(), apart.returncode)


def told(name: str, lines: list[str], code: int) -> Outcome:
    """Pass on what a drill has printed; its last line is what came of it, unless it broke off."""
    said = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None
    print("\n".join(lines if said is None else lines[:-1]), flush=True)
    if said is None:
        return Outcome(unclear=[f"{name} broke off with exit code {code}"])
    return Outcome(said["lost"], said["doubled"], said["unclear"])


if __name__ == "__main__":
    sys.exit(main())
