"""Measure exports: features a second in each form, and how much memory the largest takes.

Each form is written by a process of its own, whose memory is that of its mark at the end.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import scratch

NEEDS_DATABASE = True
FORMS = ("parquet", "csv", "geojsonseq", "fgb", "gpkg")
# As long as the texts of the simulated city are on average.
TEXT = "'[SIMULASI] Aspal mengelupas di depan pasar, mohon diperbaiki: berbahaya bagi pengendara motor'"


def main() -> None:
    """Print a table, and the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="reports in the database; 1,000,000")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS), help="which; all")
    parser.add_argument("--write", choices=FORMS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.write:
        print(json.dumps(write(given.write)))
        return
    with scratch.database():
        fill(given.rows)
        measured = {form: measure_export(form) for form in given.forms}
    print(f"{'form':12} {'features/s':>12} {'MB':>8} {'peak MB':>8}")
    for form, found in measured.items():
        print(f"{form:12} {found['rows_per_s']:12,.0f} {found['mb']:8,.0f} {found['peak_mb']:8,.0f}")
    print(json.dumps({"rows": given.rows, **measured}))


def fill(count: int) -> None:
    """Put so many reports into the scratch database."""
    from benchmarks import rows

    rows.DEFAULTS["public_text"] = TEXT
    categories = rows.category_codes()
    rows.load(rows.reports(count, len(categories)), categories)


def measure_export(form: str = "parquet") -> dict[str, float]:
    """Export all reports of ``DATABASE_URL`` to a form; returns rows_per_s, mb and peak_mb."""
    command = [sys.executable, "-m", "benchmarks.export", "--write", form]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def write(form: str) -> dict[str, Any]:
    """Do so in this process."""
    import django

    django.setup()
    from django.db import connection

    from api import collections, selection
    from api.exports import making

    wanted = selection.parse(collections.find("reports"), {})
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM analyst.reports")
        ((count,),) = cursor.fetchall()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"reports.{form}"
        began = time.perf_counter()
        making.write(wanted, form, datetime.now(UTC), path)
        seconds = time.perf_counter() - began
        size = path.stat().st_size
    return {"rows_per_s": count / seconds, "mb": size / 1e6, "peak_mb": peak_mb(), "rows": count}


def peak_mb() -> float:
    """Return the most memory that this process ever held, as Linux counts it."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    main()
