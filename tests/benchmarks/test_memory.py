"""What is said of the memory of processes is what they have, and by how much it grows."""

import os
import subprocess
import sys

import pytest

from benchmarks import memory


@pytest.mark.parametrize(
    ("sizes", "mb_an_hour"),
    [([500, 300, 100, 100, 100, 100], 0), ([0, 9, 20, 21, 22, 23], 360), ([9, 9, 40, 39, 38, 37], -360)],
    ids=["flat", "rising", "falling"],
)
def test_a_slope_is_that_of_the_time_when_all_is_warm(sizes: list[float], mb_an_hour: float) -> None:
    found = memory.growth("web 1", [(10.0 * number, size) for number, size in enumerate(sizes)])
    assert found.mb_an_hour == pytest.approx(mb_an_hour)
    assert (found.name, found.warm_mb, found.end_mb, found.most_mb) == (
        "web 1",
        sizes[2],
        sizes[-1],
        max(sizes),
    )


def test_of_a_service_each_process_is_looked_at_that_it_started() -> None:
    waits = "import sys; print(flush=True); sys.stdin.read()"
    deep = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {waits!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as one:
        assert one.stdin and one.stdout
        one.stdout.readline()
        assert one.pid in memory.children(os.getpid())
        assert memory.resident_mb(one.pid) > 1
        one.stdin.close()
    assert memory.resident_mb(one.pid) == 0
    assert memory.children(one.pid) == []
    with subprocess.Popen(
        [sys.executable, "-c", f"print(flush=True); {deep}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as outer:
        assert outer.stdin and outer.stdout
        outer.stdout.readline()
        while not (inner := memory.children(outer.pid)):
            assert outer.poll() is None
        assert set(inner) < set(memory.children(os.getpid()))
        outer.stdin.close()
