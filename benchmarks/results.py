"""What a benchmark has found: a table on the screen, the same in benchmarks/results/, and a line of JSON."""

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")


class Report:
    """A page that grows while it is printed."""

    def __init__(self, title: str) -> None:
        self._lines = [f"# {title}", "", machine(), ""]
        print(title, machine(), "", sep="\n", flush=True)

    def say(self, text: str) -> None:
        """Add a sentence."""
        print(text, "", sep="\n", flush=True)
        self._lines += [text, ""]

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Add a table; numbers are rounded to what can be told apart, None is a dash."""
        cells = [list(heads), *([_text(cell) for cell in row] for row in rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(heads))]
        lines = [_line(line, widths) for line in cells]
        rule = (
            "|"
            + "|".join("-" * (width + 1) + (":" if column else "-") for column, width in enumerate(widths))
            + "|"
        )
        lines.insert(1, rule)
        print("\n".join(lines), "", sep="\n", flush=True)
        self._lines += [*lines, ""]

    def close(self, name: str, figures: Mapping[str, Any]) -> None:
        """Write the page to a file of this name, and print the figures as one line of JSON."""
        RESULTS.mkdir(exist_ok=True)
        said = json.dumps(figures)
        page = "\n".join([*self._lines, "```json", said, "```", ""])
        (RESULTS / f"{name}.md").write_text(page, encoding="utf-8")
        print(said, flush=True)


def machine() -> str:
    """Describe this machine: what figures depend on, and nothing that tells whose it is."""
    model = next(_lines("/proc/cpuinfo", "model name"), platform.machine())
    memory = next(_lines("/proc/meminfo", "MemTotal"), "0 kB")
    system = (
        platform.freedesktop_os_release()["PRETTY_NAME"]
        if platform.system() == "Linux"
        else platform.system()
    )
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = os.getloadavg()[0]
    return (
        f"{cores} cores ({model}), {int(memory.split()[0]) / 1e6:.0f} GB, {system}, Python"
        f" {platform.python_version()}{_postgres()}; load when it began: {load:.1f}"
    )


def _lines(path: str, name: str) -> Any:
    file = Path(path)
    if not file.exists():
        return
    for line in file.read_text().splitlines():
        if line.startswith(name):
            yield line.split(":", 1)[1].strip()


def _postgres() -> str:
    if not os.environ.get("DATABASE_URL"):
        return ""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        said = connection.execute("SHOW server_version").fetchall()[0][0]
        found = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'postgis'").fetchone()
    return f", PostgreSQL {said.split()[0]}" + (f", PostGIS {found[0]}" if found else "")


def _text(cell: Any) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.3g}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if column else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "| " + " | ".join(padded) + " |"


def memory_kb(which: str) -> int:
    """Return the memory of this process that is resident, now (VmRSS) or at the most (VmHWM), in kB.

    Not the kernel's ru_maxrss: that of a child has its parent's in it.
    """
    found = re.search(rf"{which}:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) if found else 0
