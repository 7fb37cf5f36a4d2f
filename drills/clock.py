"""The clock of web server and worker jumps ahead and back; PostgreSQL's does not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from drills import feeds
from drills.outcome import Outcome
from drills.platform import until
from drills.scene import at_work, judged

JUMPS = (timedelta(hours=2), timedelta(), timedelta(minutes=-9), timedelta())
EACH_S = 6.0
LONGEST_S = 60.0


def drill_clock() -> Outcome:
    """Let the clock jump to and fro, and look whether each feed is read afterwards."""
    with _dial() as dial, at_work("clock", more=_environment(dial)) as scene:
        for ahead in JUMPS:
            dial.write_text(str(ahead.total_seconds()))
            scene.play.city.goes_on()
            time.sleep(EACH_S)
        before = feeds.runs()
        until(
            lambda: all(number > before[name] for name, number in feeds.runs().items()),
            "each feed is read by the right clock", LONGEST_S,
        )  # fmt: skip
        aside = feeds.set_aside("lies in the future")
        claims = {f"{aside} payloads were set aside as of the future": not aside}
        return judged(scene, {"jumps": len(JUMPS)}, claims)


@contextmanager
def _dial() -> Iterator[Path]:
    with TemporaryDirectory(prefix="geoplatform-clock-") as folder:
        path = Path(folder, "dial")
        path.write_text("0")
        yield path


def _environment(dial: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(Path(__file__).parent / "jumping"), "GEOPLATFORM_DRILL_DIAL": str(dial)}
