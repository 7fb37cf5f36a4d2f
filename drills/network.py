"""Hosts of a drill: network namespaces of this machine, joined by a bridge, in a network of their own.

The process that drills is begun anew in a namespace of its own first. All that it makes there is private, and
goes with its last process, however that ends: nothing of the machine's own network is touched.
"""

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

APART = "GEOPLATFORM_DRILL_APART"
NEW_NETWORK = 0x40000000  # CLONE_NEWNET
NAMED = Path("/run/netns")
SWITCH = "switch"  # the bridge, and the name of the namespace that it is in
NETWORK = "10.77.0.0/24"


class NotPermitted(Exception):
    """This machine, or this user, may make no network namespaces."""


def apart() -> None:
    """Begin this program anew in a network of its own, unless it is there already.

    Raises
    ------
    NotPermitted
        There are no namespaces to be had.
    """
    if os.environ.get(APART):
        return
    alone = ["unshare", "--net", "--mount", "--propagation", "private"]
    try:
        said = subprocess.run([*alone, "ip", "link"], capture_output=True, text=True, check=False)
    except FileNotFoundError as missing:
        raise NotPermitted(f"{missing.filename} is not installed") from None
    if said.returncode:
        raise NotPermitted(f"network namespaces are not permitted here: {said.stderr.strip()}")
    os.environ[APART] = "1"
    os.execvp(alone[0], [*alone, sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def set_up_alone(settings: Path) -> None:
    """Give a network of our own its loopback, and the settings of a file of ``sysctl``."""
    _run("ip", "link", "set", "lo", "up")
    _run("sysctl", "--quiet", "--load", str(settings))


def join(names: Sequence[str]) -> None:
    """Make hosts, each with an address on one bridge."""
    NAMED.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "hosts", str(NAMED))
    _run("ip", "netns", "attach", SWITCH, str(os.getpid()))
    _run("ip", "link", "add", SWITCH, "type", "bridge")
    _run("ip", "link", "set", SWITCH, "up")
    for number, name in enumerate(names, 11):
        _run("ip", "netns", "add", name)
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _run("ip", "link", "set", name, "master", SWITCH, "up")
        for rest in (f"address add 10.77.0.{number}/24 dev eth0", "link set eth0 up", "link set lo up"):
            _run("ip", "-netns", name, *rest.split())


def address(names: Sequence[str], name: str) -> str:
    """Return the address of a host."""
    return f"10.77.0.{11 + names.index(name)}"


def cut(name: str) -> None:
    """Pull a host's cable."""
    _run("ip", "-netns", SWITCH, "link", "set", name, "down")


def mend(name: str) -> None:
    """Plug it in again."""
    _run("ip", "-netns", SWITCH, "link", "set", name, "up")


@contextmanager
def inside(name: str) -> Iterator[None]:
    """Let this thread, and what it starts meanwhile, be on a host."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(NAMED / name, os.O_RDONLY)
    try:
        _enter(there)
        yield
    finally:
        _enter(own)
        os.close(there)
        os.close(own)


def _enter(namespace: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if library.setns(namespace, NEW_NETWORK):
        raise OSError(ctypes.get_errno(), "setns")


def _run(*command: str) -> None:
    subprocess.run(command, check=True)
