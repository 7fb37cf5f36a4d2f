"""The disk is full: PostgreSQL's cluster lies on a tmpfs that is made small under load, and large again."""

import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

from drills.load import ask
from drills.outcome import Figure, Outcome
from drills.platform import until
from drills.scene import at_work, judged
from drills.stage import HOME
from geoplatform.database import Cluster
from geoplatform.postgres import ClusterError

SIZE = 2 << 30
LEFT = 1 << 20
FULL_S = 15.0
SAID = (0, 200, 503)


def drill_full() -> Outcome:
    """Fill the disk for a while, and make room again."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        return Outcome(unclear=["not drilled: only root may mount a small disk"])
    with Cluster(HOME) as made:
        pass  # it stands still afterwards, whatever a drill has left behind
    with _disk(SIZE) as disk:
        _lay(made, disk)
        cluster = Cluster(disk)
        with at_work("full", cluster) as scene:
            _resize(disk, shutil.disk_usage(disk).used + LEFT)
            pushed = scene.load.sender.refused
            until(lambda: scene.load.sender.refused > pushed, "a push is refused", 2 * FULL_S)
            began, statuses = time.monotonic(), Counter[int]()
            while time.monotonic() - began < FULL_S:
                statuses[ask(scene.port, "GET", "/api/reports?limit=1")] += 1
            _resize(disk, SIZE)
            until(lambda: _starts(cluster), "PostgreSQL runs again", 2 * FULL_S)
            recovered = until(lambda: ask(scene.port, "GET", "/ready") == 200, "the web server is ready")
            figures: dict[str, Figure] = {
                "answers_meanwhile": str(dict(statuses)),
                "recovered_s": round(recovered, 1),
            }
            return judged(scene, figures, {f"answers were {dict(statuses)}": set(statuses) <= {*SAID}})


@contextmanager
def _disk(size: int) -> Iterator[Path]:
    folder = Path(mkdtemp(prefix="geoplatform-disk-", dir="/var/tmp"))
    folder.chmod(0o755)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
    subprocess.run(mount, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def _resize(disk: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def _lay(made: Cluster, disk: Path) -> None:
    """Copy a cluster that stands still."""
    subprocess.run(["cp", "-a", str(made.data), str(disk / "data")], check=True)


def _starts(cluster: Cluster) -> bool:
    with suppress(ClusterError):  # it repairs itself still
        cluster.start()
        return True
    return False
