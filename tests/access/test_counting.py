"""The table that requests are counted in."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from django.conf import settings

from access import counting

NOW = 1_764_000_000_000_000
SECOND = 1_000_000
TEN = (SECOND, 10 * SECOND)  # ten at once, then one a second


@pytest.fixture
def table():
    return counting.own()


def test_a_quota_may_be_used_at_once_and_comes_back_bit_by_bit(table):
    taken = [counting.take(table, 7, NOW, *TEN) for _ in range(11)]
    assert taken == [*(n * SECOND for n in range(1, 11)), -SECOND]
    assert counting.take(table, 7, NOW + SECOND - 1, *TEN) == -1
    assert counting.take(table, 7, NOW + SECOND, *TEN) == 10 * SECOND


def test_keys_do_not_count_for_one_another(table):
    for _ in range(10):
        counting.take(table, 7, NOW, *TEN)
    assert counting.take(table, 7, NOW, *TEN) < 0
    # Of the same ways, too.
    assert counting.take(table, 7 + counting.PLACES, NOW, *TEN) == SECOND


def test_a_clock_that_was_put_back_locks_nobody_out_for_longer_than_a_quota(table):
    counting.take(table, 7, NOW + 3600 * SECOND, *TEN)
    assert counting.take(table, 7, NOW, *TEN) == -SECOND


def test_many_more_clients_than_places_take_no_more_memory_and_each_is_answered(table):
    keys = np.random.default_rng(5).integers(1, 1 << 62, 300_000)
    assert all(counting.take(table, int(key), NOW, *TEN) > 0 for key in keys)
    assert table.nbytes == counting.SIZE == 1 << 20


def test_a_place_whose_time_is_past_is_given_to_another_first(table):
    ways = [1 + n * counting.PLACES for n in range(counting.WAYS)]
    for n, key in enumerate(ways):
        counting.take(table, key, NOW + n * SECOND, *TEN)
    counting.take(table, 99 * counting.PLACES + 1, NOW + 9 * SECOND, *TEN)
    assert ways[0] not in table[::2] and set(ways[1:]) <= set(table[::2].tolist())


TAKER = """
import sys, time
from pathlib import Path
from access import counting
table = counting.shared(Path(sys.argv[1]))
print(flush=True)
sys.stdin.readline()
print(sum(counting.take(table, 7, 1_764_000_000_000_000, 1000, 1000 * 50_000) > 0 for _ in range(40_000)))
"""


def test_two_processes_let_through_exactly_the_quota_and_not_one_more(tmp_path):
    command = [sys.executable, "-c", TAKER, str(tmp_path / "limits")]
    takers = [
        subprocess.Popen(command, cwd=settings.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for taker in takers:
        taker.stdout.readline()
    for taker in takers:
        taker.stdin.write("\n")
        taker.stdin.flush()
    taken = [int(taker.communicate(timeout=240)[0]) for taker in takers]
    assert sum(taken) == 50_000
    assert min(taken) > 0


def test_threads_let_through_exactly_the_quota(table):
    with ThreadPoolExecutor(4) as pool:
        taken = pool.map(lambda _: counting.take(table, 7, NOW, 1000, 1000 * 500) > 0, range(4_000))
        assert sum(taken) == 500


def test_a_file_of_another_size_is_made_anew(tmp_path):
    path = tmp_path / "limits"
    path.write_bytes(b"x" * 100)
    assert counting.shared(path).nbytes == counting.SIZE
