"""What script/_setup installs where something is missing."""

import shutil
import subprocess

import pytest

from tests.conftest import ROOT


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="there is no apt-get")
def test_python_is_installed_where_there_is_none_and_asked_for_where_that_did_not_help():
    said = (
        '. script/_setup; has_python() { false; }; install_packages() { echo "installed $*"; }; set_up none'
    )
    run = subprocess.run(["bash", "-c", said], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (1, "installed python\n"), run.stderr
    assert "Python 3.11 or newer is needed" in run.stderr
