"""The hosts of script/drill hosts: each with a cable that can be pulled, and gone with their process."""

import json
import subprocess
import sys

import pytest

from drills.network import address
from geoplatform.database import ROOT

PLAYED = """
import json, socket
from drills import network
try:
    network.apart()
except network.NotPermitted as reason:
    raise SystemExit(f"not permitted: {reason}")
network.join(["first", "second"])
with network.inside("first"):
    door = socket.create_server(("", 0))
def is_reached(from_host):
    with network.inside(from_host):
        try:
            at = (network.address(["first", "second"], "first"), door.getsockname()[1])
            socket.create_connection(at, timeout=1).close()
        except OSError:
            return False
        return True
def is_reached_soon(from_host):
    # A cable that has just been put in carries nothing at once.
    while not is_reached(from_host):
        pass
    return True
found = [is_reached_soon("second")]
network.cut("first")
found += [is_reached("second"), is_reached("first")]
found += [network.mend("first") or is_reached_soon("second")]
print(json.dumps(found))
"""


def test_a_host_whose_cable_is_pulled_is_reached_by_nobody_else() -> None:
    before = subprocess.run(["ls", "/sys/class/net"], capture_output=True, text=True, check=True).stdout
    done = subprocess.run(
        [sys.executable, "-c", PLAYED], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )
    if "not permitted" in done.stderr:
        pytest.skip(done.stderr.strip())
    assert json.loads(done.stdout or "null") == [True, False, True, True], done.stderr
    assert (
        subprocess.run(["ls", "/sys/class/net"], capture_output=True, text=True, check=True).stdout == before
    )


def test_each_host_has_an_address_of_its_own() -> None:
    names = ("first", "second", "third")
    assert [address(names, name) for name in names] == ["10.77.0.11", "10.77.0.12", "10.77.0.13"]
