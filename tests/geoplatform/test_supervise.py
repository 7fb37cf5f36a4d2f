"""Children that live and die together: real ones, a line of Python each."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from geoplatform import supervise
from geoplatform.supervise import Asked, Crew, Died

WAIT = "import signal; signal.pause()"


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with Crew(tmp_path) as crew:
        yield crew


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def start_deaf(crew: Crew) -> None:
    """Start a child that does not hear SIGTERM, and wait until it does not."""
    os.mkfifo(crew.folder / "deaf")
    code = f"import signal; signal.signal(15, signal.SIG_IGN); open('deaf', 'w').close(); {WAIT}"
    crew.start("deaf", python(code), os.environ)
    with (crew.folder / "deaf").open() as pipe:
        pipe.read()


def test_a_child_that_ends_well_lets_the_crew_go_on(crew: Crew) -> None:
    crew.run("first", python("open('here', 'w').close()"), os.environ)
    assert (crew.folder / "here").exists()
    assert not crew.children


def test_the_death_of_another_is_heard_while_one_runs(crew: Crew) -> None:
    crew.start("short", python("raise SystemExit(4)"), os.environ)
    with pytest.raises(Died, match="short ended with exit code 4"):
        crew.run("long", python(WAIT), os.environ)


def test_a_signal_is_heard_between_two_steps_and_interrupts_none(crew: Crew) -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(Asked, match="SIGTERM"):
        crew.attend(0)


def test_waiting_ends_when_it_is_ready_or_patience_is_over(crew: Crew) -> None:
    answers = iter([False, False, True])
    assert crew.until(lambda: next(answers), patience_s=60)
    assert not crew.until(lambda: False, patience_s=0)


def test_a_child_that_does_not_end_is_killed(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "GRACE_S", 0.0)
    start_deaf(crew)
    child = crew.children["deaf"]
    crew.stop()
    assert child.returncode == -signal.SIGKILL


def test_a_second_ctrl_c_waits_no_longer(crew: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "GRACE_S", 600.0)
    monkeypatch.setattr(supervise, "HURRY_S", 0.0)
    start_deaf(crew)
    child = crew.children["deaf"]
    os.kill(os.getpid(), signal.SIGINT)
    crew.stop()
    assert child.returncode == -signal.SIGKILL


def test_what_a_child_leaves_behind_is_killed_with_it(crew: Crew) -> None:
    alive = crew.folder / "alive"
    os.mkfifo(alive)
    parent = f"""
import os, subprocess, sys
pipe = os.open("alive", os.O_WRONLY)
subprocess.Popen([sys.executable, "-c", "{WAIT}"], pass_fds=[pipe])
os.write(pipe, b".")
{WAIT}
"""
    crew.start("parent", python(parent), os.environ)
    with alive.open("rb", buffering=0) as pipe:
        assert pipe.read(1) == b"."
        crew.stop()
        # It ends only when both have closed it.
        assert pipe.read(1) == b""


def test_the_handlers_of_before_are_back_afterwards(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Crew(tmp_path):
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
