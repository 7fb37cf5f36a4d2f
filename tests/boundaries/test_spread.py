"""``locate_file --scheduler`` on a real cluster: a scheduler and workers, each a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading

import geopandas
import numpy as np
import pytest
from django.core.management import CommandError
from pyarrow import parquet

from boundaries import spread, tables
from tests.boundaries.test_locate_file import run
from tests.conftest import ROOT
from tests.ingest.test_kill import wait_until
from tests.ports import free_port

LONGEST_S = 240
ROWS, GROUP = 20_000, 1_000


@pytest.fixture
def start(tmp_path):
    """Start a process of the cluster; all of them end with the test at the latest."""
    started = []

    def begin(module, *options, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait(LONGEST_S)


@pytest.fixture
def scheduler(start):
    port = free_port()
    start("dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    return f"tcp://127.0.0.1:{port}"


@pytest.fixture
def worker(start, scheduler, tmp_path):
    """Start a worker of one thread that nobody starts anew."""

    def begin(*options, **environment):
        return start(
            "dask_worker", scheduler, "--no-nanny", "--nthreads", "1", "--no-dashboard",
            "--death-timeout", str(LONGEST_S), "--local-directory", str(tmp_path / "dask"),
            *options, **environment,
        )  # fmt: skip

    return begin


@pytest.fixture
def city_points(tmp_path):
    lon, lat = np.random.default_rng(8).uniform((106.65, -6.4), (107, -6.05), (ROWS, 2)).T
    path = tmp_path / "in.parquet"
    geometry = geopandas.points_from_xy(lon, lat)
    frame = geopandas.GeoDataFrame({"number": np.arange(ROWS)}, geometry=geometry, crs=4326)
    frame.to_parquet(path, row_group_size=GROUP)
    return path


def test_a_cluster_of_which_a_worker_is_killed_in_the_middle_gives_the_same_rows(
    city, tmp_path, monkeypatch, scheduler, worker, city_points
):
    monkeypatch.setattr(spread, "TIMEOUT_S", LONGEST_S)
    alone, said_alone = tmp_path / "alone.parquet", run(city_points, tmp_path / "alone.parquet")[0]
    with socket.create_server(("127.0.0.1", 0)) as ear:
        ear.settimeout(LONGEST_S)
        port = ear.getsockname()[1]
        victim = worker("--preload", "tests.boundaries.stuck_worker", STUCK_WORKER_PORT=str(port))
        killed = threading.Event()

        def kill_in_the_middle():
            begun, _ = ear.accept()
            with begun:
                assert begun.recv(5) == b"begun"
                worker()
                wait_until(lambda: any(tmp_path.glob(".out.parquet.*/*.arrow")))
                victim.send_signal(signal.SIGKILL)
                victim.wait(LONGEST_S)
                killed.set()

        killing = threading.Thread(target=kill_in_the_middle)
        killing.start()
        said, _ = run(city_points, tmp_path / "out.parquet", "--scheduler", scheduler)
        killing.join(LONGEST_S)
    assert killed.is_set()
    assert victim.returncode == -signal.SIGKILL
    assert said.rpartition(",")[0] == said_alone.rpartition(",")[0]
    assert parquet.read_table(tmp_path / "out.parquet").equals(parquet.read_table(alone))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "dask") == [
        "alone.parquet", "in.parquet", "out.parquet",
    ]  # fmt: skip


def test_what_a_worker_cannot_read_is_said_as_alone_and_leaves_nothing(
    city, tmp_path, monkeypatch, scheduler, worker
):
    monkeypatch.setattr(spread, "TIMEOUT_S", LONGEST_S)
    monkeypatch.setattr(tables, "SPAN_BYTES", 1000)
    worker()
    path = tmp_path / "in.csv"
    path.write_text("lon,lat\n" + "106.8,-6.2\n" * 1000 + "106.8\n")
    with pytest.raises(CommandError, match=r"in.csv cannot be read: .*Expected 2 columns, got 1"):
        run(path, tmp_path / "out.csv", "--scheduler", scheduler)
    assert sorted(found.name for found in tmp_path.iterdir() if found.name != "dask") == ["in.csv"]
