"""The private cluster: made, joined, killed, left and stopped, for real."""

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from geoplatform import database, postgres
from geoplatform.database import Cluster

pytestmark = pytest.mark.skipif(
    not postgres.installations(), reason="no PostgreSQL with PostGIS is installed"
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that PostgreSQL's own user may enter; pytest's are closed to it, and their names are long."""
    path = Path(tempfile.mkdtemp(prefix="geoplatform-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def directory(folder: Path) -> Iterator[Path]:
    """Where a cluster lies, made by the first test and stopped after each."""
    yield folder / "cluster"
    Cluster(folder / "cluster").stop(always=True)


def cluster_in(directory: Path) -> Cluster:
    return Cluster(directory, fsync=False)


def runs(directory: Path) -> bool:
    """Say whether a server takes connections there."""
    try:
        psycopg.connect(Cluster(directory).url("postgres")).close()
    except psycopg.OperationalError:
        return False
    return True


def values(url: str, statement: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute(statement).fetchall()]


def python(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=database.ROOT,
    )


def session(directory: Path) -> subprocess.Popen[str]:
    """Start another process that uses the cluster until it is killed, and wait until it does."""
    code = "from geoplatform.database import *; c = Cluster(sys.argv[1]); c.start(); print('up'); input()"
    process = python("-uc", code, str(directory))
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    return process


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_new_cluster_has_the_extensions_and_listens_on_its_socket_alone(directory: Path) -> None:
    with cluster_in(directory) as cluster:
        url = cluster.create("city")
        assert set(database.EXTENSIONS) <= set(values(url, "SELECT extname FROM pg_extension"))
        assert values(url, "SHOW listen_addresses") == [""]
    assert not runs(directory)


def test_no_process_and_no_file_of_it_is_roots(directory: Path) -> None:
    with cluster_in(directory) as cluster:
        server = postgres.server(cluster.data)
        owners = {cluster.data.stat().st_uid, Path(f"/proc/{server}").stat().st_uid}
    assert 0 not in owners


def test_only_its_owner_may_enter_the_folder_of_the_socket(directory: Path) -> None:
    with cluster_in(directory) as cluster:
        assert cluster.data.stat().st_mode & 0o077 == 0
        assert (cluster.data / postgres.SOCKET).is_socket()


def test_creating_a_database_twice_changes_nothing(directory: Path) -> None:
    with cluster_in(directory) as cluster:
        url = cluster.create("twice")
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        assert values(cluster.create("twice"), "SELECT value FROM kept") == [7]


def test_data_outlive_a_stop(directory: Path) -> None:
    with cluster_in(directory) as cluster, psycopg.connect(cluster.create("stopped")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
    with cluster_in(directory) as cluster:
        assert values(cluster.url("stopped"), "SELECT value FROM kept") == [7]


def test_it_starts_again_after_its_server_was_killed(directory: Path) -> None:
    with Cluster(directory, fsync=True) as cluster:
        killed = postgres.server(cluster.data)
        with psycopg.connect(cluster.create("killed")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        assert killed
        end = os.pidfd_open(killed)
        os.kill(killed, signal.SIGKILL)
        select.select([end], [], [])
        os.close(end)
        with Cluster(directory, fsync=True) as again:
            assert postgres.server(again.data) != killed
            assert values(again.url("killed"), "SELECT value FROM kept") == [7]


def test_a_killed_servers_number_that_another_program_bears_by_now_is_no_hindrance(directory: Path) -> None:
    cluster = cluster_in(directory)
    cluster.start()
    note = cluster.data / "postmaster.pid"
    owner = note.stat()
    lines = note.read_text().splitlines(keepends=True)
    cluster.stop()
    # As whom the server runs: only then does PostgreSQL itself take the stranger for a server.
    who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["tail", "-f", "/dev/null"], **who)
    try:
        note.write_text("".join([f"{stranger.pid}\n", *lines[1:]]))
        with cluster_in(directory):
            assert runs(directory)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_killed_server_that_is_not_gone_yet_is_waited_for(
    directory: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = cluster_in(directory)
    cluster.start()
    note = cluster.data / "postmaster.pid"
    owner = note.stat()
    lines = note.read_text().splitlines(keepends=True)
    cluster.stop()
    # What bears a server's name, as its owner, is one to PostgreSQL and to us.
    program = folder / "postgres"
    shutil.copy(shutil.which("sleep") or "", program)
    who = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    dying = subprocess.Popen([program, "600"], **who)
    note.write_text("".join([f"{dying.pid}\n", *lines[1:]]))
    answers = []

    def run(command: list[str], who: tuple[int, int] | None) -> subprocess.CompletedProcess[str]:
        done = ran(command, who)
        if "start" in command:
            answers.append(done.returncode)
            dying.kill()  # it is gone behind the first try
            dying.wait()
        return done

    ran = postgres.run
    monkeypatch.setattr(postgres, "run", run)
    with cluster:
        assert runs(directory)
    assert answers == [1, 0]


def test_who_joins_a_running_cluster_does_not_stop_it(directory: Path) -> None:
    with cluster_in(directory):
        with cluster_in(directory):
            pass
        assert runs(directory)
    assert not runs(directory)


def test_who_started_it_leaves_it_to_those_who_joined(directory: Path) -> None:
    first, second = cluster_in(directory), cluster_in(directory)
    first.start()
    second.start()
    first.stop()
    assert runs(directory)
    second.stop()
    assert not runs(directory)


def test_what_a_killed_session_left_running_is_stopped_by_the_next(directory: Path) -> None:
    kill(session(directory))
    assert runs(directory)
    with cluster_in(directory):
        pass
    assert not runs(directory)


def test_what_was_started_for_keeps_outlives_the_sessions_that_join_it(directory: Path) -> None:
    url = database.ensure(cluster_in(directory))
    with cluster_in(directory) as cluster:
        assert cluster.url() == url
    assert runs(directory)
    assert database.main(["--directory", str(directory), "stop"]) == 0
    assert not runs(directory)


def test_what_is_started_for_keeps_waits_for_the_disk_unless_it_is_told_not_to(
    directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for option, expected in ([], "on"), (["--no-fsync"], "off"):
        assert database.main(["--directory", str(directory), *option, "start"]) == 0
        assert values(capsys.readouterr().out.strip(), "SHOW fsync") == [expected]
        Cluster(directory).stop(always=True)


def test_what_an_interrupted_making_left_is_cleared_away(folder: Path) -> None:
    torn = folder / "torn"
    (torn / "data.new").mkdir(parents=True)
    (torn / "data.new" / "PG_VERSION").write_text("15\n")
    with cluster_in(torn):
        assert runs(torn)
    assert not (torn / "data.new").exists()


def test_a_path_may_hold_a_space_and_an_apostrophe(folder: Path) -> None:
    odd = folder / "Jakarta's kelurahan"
    with cluster_in(odd) as cluster:
        assert values(cluster.url("postgres"), "SELECT 7") == [7]


@pytest.fixture
def elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(database, "ELSEWHERE", folder / "geoplatform")
    monkeypatch.setenv("XDG_STATE_HOME", str(folder))
    return folder / "geoplatform"


@pytest.mark.parametrize("name", ["d" * 100, "$HOME"], ids=["longer than a socket", "a shell's dollar"])
def test_a_path_that_postgresql_cannot_bear_is_left_for_one_elsewhere(
    folder: Path, elsewhere: Path, name: str
) -> None:
    with cluster_in(folder / name) as cluster:
        assert cluster.home.parent == elsewhere
        assert runs(folder / name)
    assert Cluster(folder / name).home.parent == elsewhere


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another user")
def test_a_folder_closed_to_postgresqls_user_is_left_for_one_elsewhere(folder: Path, elsewhere: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with cluster_in(closed / "postgres") as cluster:
        assert cluster.home.parent == elsewhere
        assert runs(closed / "postgres")


def test_a_command_is_run_with_the_address_and_its_exit_code_comes_back(directory: Path) -> None:
    told = "import os, sys; sys.exit(7 if 'host=' in os.environ['DATABASE_URL'] else 1)"
    process = python(
        "-m", "geoplatform.database", "--directory", str(directory), "run", sys.executable, "-c", told
    )
    process.communicate()
    assert process.returncode == 7
    assert not runs(directory)


def test_a_command_that_is_interrupted_leaves_nothing_running(directory: Path) -> None:
    waits = "import signal; print('up', flush=True); signal.pause()"
    process = python(
        "-m", "geoplatform.database", "--directory", str(directory), "run", sys.executable, "-c", waits
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert not runs(directory)


def test_without_postgresql_the_message_says_what_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(postgres, "installations", dict)
    assert database.main(["--directory", str(folder / "none"), "start"]) == 1
    assert "PostgreSQL with PostGIS is not installed" in capsys.readouterr().err
    assert database.main(["installed"]) == 1
