"""Where the web processes of a machine count together: a file each, in a folder that /metrics adds up."""

import os
import re
from pathlib import Path

NAME = "PROMETHEUS_MULTIPROC_DIR"
FILE = re.compile(r".*_(\d+)\.db")


def folder() -> Path | None:
    """Return the folder; None where a process counts for itself."""
    named = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    return Path(named) if named else None


def begin(default: Path) -> None:
    """Have this process count with the others; called before anything is counted.

    The counts of processes that are no more go: Prometheus takes a count that falls for one that began anew.
    """
    os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(default))
    where = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    where.mkdir(parents=True, exist_ok=True)
    for path in where.glob("*.db"):
        found = FILE.fullmatch(path.name)
        if found and not _lives(int(found[1])):
            path.unlink(missing_ok=True)


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is there, and another user's
        return True
    return True
