"""``manage.py bulk`` in one process and on real clusters, of which a worker is killed in the middle."""

import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading

import geopandas
import numpy as np
import pytest
from distributed import Security
from django.core.management import CommandError, call_command
from django.utils import timezone

from api.bulk import cluster, indexing, parts
from api.exports import tables
from boundaries import bulk
from geoplatform.errors import Conflict, NotFound
from layers import columns
from layers.layer import find
from reports import intake
from tests.conftest import ROOT, database_url
from tests.ports import free_port

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST_S = 240
MONTHS, ROWS = 6, 500


@pytest.fixture
def tls(tmp_path):
    """Make certificates of a cluster of one's own."""
    made = Security.temporary()
    folder = tmp_path / "tls"
    folder.mkdir()
    said = {"ca": made.tls_ca_file, "cert": made.tls_scheduler_cert, "key": made.tls_scheduler_key}
    for name, text in said.items():
        (folder / f"{name}.pem").write_text(text)
    return folder


@pytest.fixture
def start(tls):
    """Start a process of the cluster; all of them end with the test at the latest."""
    started = []
    certificates = [
        option for name, file in (("ca-file", "ca"), ("cert", "cert"), ("key", "key"))
        for option in (f"--tls-{name}", str(tls / f"{file}.pem"))
    ]  # fmt: skip

    def begin(module, *options, **environment):
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{module}", *options, *certificates, "--no-dashboard"],
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
def scheduler(start, monkeypatch):
    monkeypatch.setattr(cluster, "TIMEOUT_S", LONGEST_S)
    port = free_port()
    start("dask_scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", str(port))
    return f"tls://127.0.0.1:{port}"


@pytest.fixture
def worker(start, scheduler, tmp_path, monkeypatch):
    """Start a worker of one thread that nobody starts anew; it finds the tests' database."""
    monkeypatch.setenv("DATABASE_URL", database_url())
    monkeypatch.setenv("GEOPLATFORM_SECRET_KEY", "a secret of the tests")
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "geoplatform.settings")

    def begin(*options, **environment):
        return start(
            "dask_worker", scheduler, "--no-nanny", "--nthreads", "1", "--death-timeout", str(LONGEST_S),
            "--local-directory", str(tmp_path / "dask"), *options, **environment,
        )  # fmt: skip

    return begin


@pytest.fixture
def on_a_dying_cluster(scheduler, worker, tls):
    """Run ``bulk`` on a cluster whose first worker is killed when it has begun, and another one comes."""

    def run(*arguments):
        with socket.create_server(("127.0.0.1", 0)) as ear:
            ear.settimeout(LONGEST_S)
            victim = worker("--preload", "tests.api.bulk.victim", VICTIM_PORT=str(ear.getsockname()[1]))
            done = threading.Event()

            def kill_in_the_middle():
                begun, _ = ear.accept()
                with begun:
                    assert begun.recv(5) == b"begun"
                    victim.send_signal(signal.SIGKILL)
                    victim.wait(LONGEST_S)
                    worker()
                    done.set()

            killing = threading.Thread(target=kill_in_the_middle)
            killing.start()
            said = bulk_command(*arguments, "--scheduler", scheduler, "--tls", str(tls))
            killing.join(LONGEST_S)
        assert done.is_set()
        assert victim.returncode == -signal.SIGKILL
        return said

    return run


def bulk_command(*arguments: object) -> str:
    """Run the command; returns what it says but for the seconds."""
    out = io.StringIO()
    call_command("bulk", *map(str, arguments), stdout=out)
    return out.getvalue().rpartition(",")[0]


def content(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".json"
    }


@pytest.fixture
def points(tmp_path):
    """Lay an archive of points down, with the codes of some other edition."""
    lon, lat = np.random.default_rng(8).uniform((106.65, -6.4), (107, -6.05), (MONTHS * ROWS, 2)).T
    geometry = geopandas.points_from_xy(lon, lat)
    frame = geopandas.GeoDataFrame({"id": range(len(lon)), "kelurahan": "00"}, geometry=geometry, crs=4326)
    for month in range(MONTHS):
        folder = tmp_path / "archive" / "year=2026" / f"month={month + 1:02}"
        folder.mkdir(parents=True)
        frame.iloc[month * ROWS : (month + 1) * ROWS].to_parquet(folder / "points.parquet")
    return tmp_path / "archive"


@pytest.fixture
def received(transactional_city, submission):
    intake.receive([submission(str(number)) for number in range(40)], simulated=False)
    intake.receive([submission("pointless", point=None)], simulated=False)


def test_a_join_of_which_a_worker_is_killed_is_the_same_to_the_last_byte(
    transactional_city, points, tmp_path, on_a_dying_cluster
):
    alone = bulk_command("rejoin", points, tmp_path / "alone", "--workers", 0)
    assert on_a_dying_cluster("rejoin", points, tmp_path / "spread") == alone
    assert content(tmp_path / "spread") == content(tmp_path / "alone")
    joined = geopandas.read_parquet(tmp_path / "alone")
    assert len(joined) == MONTHS * ROWS
    codes = bulk.locate(joined.geometry.x, joined.geometry.y)
    told = [code if isinstance(code, str) else None for code in joined["kelurahan"]]
    assert told == list(codes)
    assert any(told)
    assert set(joined["kelurahan"].dropna()) > {"00"} - {"00"}


def test_an_export_of_which_a_worker_is_killed_is_the_same_to_the_last_byte(
    received, tmp_path, on_a_dying_cluster, monkeypatch
):
    at = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: at)
    monkeypatch.setattr("api.bulk.exporting.export.__defaults__", (15,))
    alone = bulk_command("export", "reports", tmp_path / "alone", "--workers", 0)
    assert on_a_dying_cluster("export", "reports", tmp_path / "spread") == alone
    assert alone == "reports: 41 rows\n41 rows"
    assert content(tmp_path / "spread") == content(tmp_path / "alone")
    read = geopandas.read_parquet(tmp_path / "spread")
    assert len(list((tmp_path / "spread").glob("*.parquet"))) >= 3
    assert (len(set(read["id"])), read[tables.GEOMETRY].isna().sum()) == (41, 1)


def test_an_index_of_which_a_worker_is_killed_is_the_same_and_agrees_with_every_row(
    received, tmp_path, on_a_dying_cluster, monkeypatch, settings, submission
):
    monkeypatch.setattr("api.bulk.indexing.index.__defaults__", (15,))
    settings.INDEX_FOLDER = tmp_path / "index"
    said = bulk_command("index", "reports", tmp_path / "points", "--workers", 0)
    assert said.startswith("reports: 40 rows")
    layer = find("reports")
    _, alone, stamp = columns.read(settings.INDEX_FOLDER / "reports", layer.traits)
    on_a_dying_cluster("index", "reports", tmp_path / "others")
    _, spread, again = columns.read(settings.INDEX_FOLDER / "reports", layer.traits)
    assert stamp == again
    for one, other in zip((*alone.rows, alone.order), (*spread.rows, spread.order), strict=True):
        assert np.array_equal(one, other)
    assert content(tmp_path / "others") == content(tmp_path / "points")
    intake.receive([submission("later")], simulated=False)
    out = io.StringIO()
    call_command("index", "--check", stdout=out)
    assert "reports: 41 rows on the map; in the index 0 too many, 0 missing, 0 otherwise" in out.getvalue()


def test_files_of_another_database_make_no_index(received, tmp_path, settings):
    settings.INDEX_FOLDER = tmp_path / "index"
    bulk_command("index", "reports", tmp_path / "points", "--workers", 0)
    told = tmp_path / "points" / "_manifest" / "reports.json"
    told.write_text(told.read_text().replace('"stamp": [\n  "', '"stamp": [\n  "0'))
    with pytest.raises(CommandError, match="it is another one"):
        bulk_command("index", "reports", tmp_path / "points", "--workers", 0)
    with pytest.raises(CommandError, match="layer 'jams' has no index of points"):
        bulk_command("index", "jams", tmp_path / "points", "--workers", 0)


def test_all_parts_are_of_one_moment(received, submission):
    source = indexing._points(find("reports"))
    with parts.moment(source, 10, indexing._params()) as moment:
        intake.receive([submission("later")], simulated=False)
        with parts.same_moment(moment.snapshot, 10_000) as cursor:
            cursor.execute("SELECT count(*) FROM reports_report")
            assert cursor.fetchall() == [(41,)]


def test_workers_of_this_machine_are_started_and_ended(transactional_city, points, tmp_path):
    alone = bulk_command("rejoin", points, tmp_path / "alone", "--workers", 0)
    done = subprocess.run(
        [sys.executable, "manage.py", "bulk", "rejoin", points, tmp_path / "spread", "--workers", "1"],
        cwd=ROOT, env=os.environ | {"DATABASE_URL": database_url(), "CI": "1"},
        capture_output=True, text=True, timeout=2 * LONGEST_S, check=True,
    )  # fmt: skip
    assert done.stdout.rpartition(",")[0] == alone
    assert content(tmp_path / "spread") == content(tmp_path / "alone")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--scheduler", "tcp://192.0.2.7:8786"], "tls://host:port is wanted"),
        (["--scheduler", "tls://127.0.0.1:1"], "--tls must name the folder"),
        (["--scheduler", "tls://127.0.0.1:1", "--tls", "/nowhere"], "there is no ca.pem"),
        (["--workers", "-1"], "none is 0"),
    ],
    ids=["open to all", "no certificates", "no such folder", "fewer than none"],
)
def test_who_would_let_anybody_in_is_refused(db, points, tmp_path, options, reason):
    with pytest.raises(CommandError, match=reason):
        bulk_command("rejoin", points, tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_left_alone_and_an_empty_one_is_said(transactional_city, points, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(CommandError, match="is there already") as refused:
        bulk_command("rejoin", points, tmp_path / "out", "--workers", 0)
    assert isinstance(refused.value.__cause__, Conflict)
    with pytest.raises(CommandError, match="holds no Parquet files") as missing:
        bulk_command("rejoin", tmp_path / "out", tmp_path / "other", "--workers", 0)
    assert isinstance(missing.value.__cause__, NotFound)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive", "out"]
