"""The server as a whole, on the command line, with small stand-ins for what it starts."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from geoplatform import postgres, server
from geoplatform.database import ROOT
from geoplatform.ticker import ticking
from tests import ports

MANAGE = """\
import os, signal, sys
from pathlib import Path

city = os.environ.get("GEOPLATFORM_SIMULATED_CITY_URL", "without a city")
sys.stdout.write(" ".join([*sys.argv[1:], city]) + "\\n")  # whole: two of them may speak at once
sys.stdout.flush()
if sys.argv[1] == "prepare":
    print("second factor of", os.environ.get("GEOPLATFORM_SECOND_FACTOR", "all"), flush=True)
if sys.argv[1] == "prepare" and Path("broken").exists():
    sys.exit(3)
if sys.argv[1] == "procrastinate":
    sys.stdout.write(f"worker is {os.getpid()}\\n")
    sys.stdout.flush()
    signal.pause()
if sys.argv[1] == "events":
    import http.server

    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Healthy).serve_forever()
"""
CITY = """\
import http.server, sys

http.server.HTTPServer(("127.0.0.1", int(sys.argv[2])), http.server.BaseHTTPRequestHandler).serve_forever()
"""
WSGI = """\
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"the first page"]
"""
SERVE = """\
import sys
from pathlib import Path
from geoplatform import server

server.ROOT, server.WATCH_S, server.PATIENCE_S = Path(sys.argv[1]), 0.05, 240.0
sys.exit(server.main(sys.argv[2:]))
"""


@pytest.fixture
def free_port() -> int:
    return ports.free_port()


@pytest.fixture
def stand_ins() -> Iterator[Path]:
    """A project in which all that the server starts is a few lines.

    Not in pytest's own folder: PostgreSQL's user may not enter that.
    """
    with tempfile.TemporaryDirectory(prefix="geoplatform-") as name:
        project = Path(name)
        project.chmod(0o755)
        for file, text in {
            "manage.py": MANAGE,
            "fixtures/server.py": CITY,
            "geoplatform/wsgi.py": WSGI,
        }.items():
            (project / file).parent.mkdir(exist_ok=True)
            (project / file).write_text(text)
        yield project


class Started:
    """A server that runs, and what it and its children say."""

    def __init__(
        self, project: Path, *arguments: str, database_url: str = "postgresql:///nobody-connects"
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(project), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": database_url},
        )
        self.said: list[str] = []

    def until(self, part: str) -> str:
        """Read up to the line that holds these words, and return it."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)
            if part in line:
                return line
        raise AssertionError("".join(self.said))

    def end(self) -> int:
        """Read on until every process that could still write has ended, and return the exit code."""
        assert self.process.stdout
        with self.process.stdout as output:
            self.said += output
        return self.process.wait()

    @property
    def all_said(self) -> str:
        return "".join(self.said)


@pytest.fixture
def begin(stand_ins: Path, free_port: int) -> Iterator[Callable[..., Started]]:
    """Start servers; what a test leaves running is stopped after it."""
    begun: list[Started] = []

    def start(*arguments: str, **said: str) -> Started:
        begun.append(Started(stand_ins, "--port", str(free_port), *arguments, **said))
        return begun[-1]

    yield start
    for one in begun:
        if one.process.returncode is None:
            one.process.terminate()
            one.end()


@pytest.fixture
def started(begin: Callable[..., Started]) -> Started:
    return begin()


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "http", "80 ", ""])
def test_what_is_no_port_is_refused_by_name(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        server.options(["--port", wrong])
    assert ended.value.code == 2
    assert repr(wrong) in capsys.readouterr().err or wrong == "-1"


def test_without_options_the_demo_is_served_on_8000() -> None:
    given = server.options([])
    assert (given.port, given.no_demo, given.boundaries) == (8000, False, None)


def test_a_file_is_meant_from_where_the_command_was_typed() -> None:
    assert server.options(["--from", "/home/dewi", "--boundaries", "peta.zip"]).boundaries == Path(
        "/home/dewi/peta.zip"
    )
    assert server.options(["--from", "/home/dewi", "--boundaries", "/peta.zip"]).boundaries == Path(
        "/peta.zip"
    )


def test_a_port_that_is_taken_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind((server.HOST, 0))
        other.listen()
        port = other.getsockname()[1]
        assert server.main(["--port", str(port), "--check"]) == 1
    said = capsys.readouterr().err
    assert f"port {port} is taken" in said
    assert "--port" in said


def test_a_file_of_boundaries_that_is_not_there_is_said_at_once(
    free_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server.main(["--port", str(free_port), "--boundaries", "/no/such.zip", "--check"]) == 1
    assert "/no/such.zip" in capsys.readouterr().err


def test_ports_of_our_own_are_none_that_a_connection_is_given() -> None:
    found = {server.two_free_ports() for _ in range(50)}
    assert len(found) > 1 and max(found) + 1 < 32_768


def test_a_check_that_finds_nothing_is_silent(free_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert server.main(["--port", str(free_port), "--check"]) == 0
    assert capsys.readouterr().out == ""


def test_the_secret_key_is_made_once_and_for_its_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "ROOT", tmp_path)
    monkeypatch.delenv("GEOPLATFORM_SECRET_KEY", raising=False)
    key = server.secret_key()
    assert len(key) >= 50
    assert server.secret_key() == key
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("GEOPLATFORM_SECRET_KEY", "the operator's")
    assert server.secret_key() == "the operator's"


def test_it_says_where_the_map_is_and_the_page_is_there(started: Started, free_port: int) -> None:
    base = f"http://{server.HOST}:{free_port}"
    assert started.until("map").split() == ["map", f"{base}/"]
    with urllib.request.urlopen(f"{base}/") as page:
        assert page.read() == b"the first page"


def test_data_are_prepared_from_the_simulated_city_before_anything_is_served(started: Started) -> None:
    assert "http://127.0.0.1:" in started.until("prepare")
    assert not any("web server" in line for line in started.said)
    started.until("web server")


def test_without_demo_there_is_no_simulated_city(begin: Callable[..., Started]) -> None:
    one = begin("--no-demo", "--boundaries", __file__)
    assert one.until("prepare") == f"prepare --no-demo --boundaries {__file__} without a city\n"
    one.until("Ctrl-C")
    assert not any("simulated" in line for line in one.said)


def test_only_a_visitor_of_the_demo_needs_no_second_factor(begin: Callable[..., Started]) -> None:
    demo = begin()
    assert demo.until("second factor") == "second factor of none\n"
    demo.until("Ctrl-C")
    demo.process.terminate()
    demo.end()
    assert begin("--no-demo").until("second factor") == "second factor of all\n"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(started: Started, ending: signal.Signals) -> None:
    started.until("Ctrl-C stops it")
    started.process.send_signal(ending)
    assert started.end() == 0
    assert started.all_said.endswith("Stopped.\n")


def test_feeds_have_a_worker_of_their_own_so_that_nothing_else_waits_for_a_slow_source(
    started: Started,
) -> None:
    lines = [started.until("procrastinate worker"), started.until("procrastinate worker")]
    assert sorted(line.split(" http")[0] for line in lines) == [
        "procrastinate worker --queues default --concurrency 4",
        "procrastinate worker --queues runs --concurrency 4",
    ]


def test_a_step_that_lasts_shows_dots(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = threading.Event()

    def at_once(show: Callable[[str], object]) -> contextlib.AbstractContextManager[None]:
        return ticking(lambda text: (show(text), shown.set()), every_s=0.001)

    monkeypatch.setattr(server, "ticking", at_once)
    with server.step("Making the database"):
        assert shown.wait(120)
    first, dots, last = capsys.readouterr().out.splitlines()
    assert (first, dots.strip(".")) == ("Making the database ...", "  ")
    assert last.startswith("  done in")


def test_a_child_that_dies_is_named_and_takes_the_others_along(started: Started) -> None:
    worker = int(started.until("worker is").split()[-1])
    os.kill(worker, signal.SIGKILL)
    assert started.end() == 1
    assert "worker was killed by SIGKILL" in started.all_said


def test_data_that_cannot_be_prepared_end_it(stand_ins: Path, begin: Callable[..., Started]) -> None:
    (stand_ins / "broken").touch()
    one = begin()
    assert one.end() == 1
    assert "manage.py prepare ended with exit code 3" in one.all_said
    assert "web server" not in one.all_said


@pytest.mark.skipif(not postgres.installations(), reason="no PostgreSQL with PostGIS is installed")
def test_a_database_that_ends_is_noticed(stand_ins: Path, begin: Callable[..., Started]) -> None:
    one = begin("--no-demo", database_url="")
    one.until("Ctrl-C stops it")
    killed = postgres.server(stand_ins / "var" / "postgres" / "data")
    assert killed
    os.kill(killed, signal.SIGKILL)
    assert one.end() == 1
    assert "the database has ended" in one.all_said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent is gone")
def test_nothing_is_left_behind_when_it_is_killed_itself(started: Started) -> None:
    started.until("Ctrl-C stops it")
    started.process.kill()
    # Ends only when the last of them has closed its end of the pipe.
    assert started.end() == -signal.SIGKILL
