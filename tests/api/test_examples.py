"""The examples of docs/how-to/use-the-api.md are run, against a server; R is shown alone."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from playwright._impl._driver import compute_driver_executable

from access import keys
from reports import intake

PAGE = Path(settings.ROOT) / "docs" / "how-to" / "use-the-api.md"
BLOCK = re.compile(r"^```(sh|python|js)\n(.*?)^```", re.MULTILINE | re.DOTALL)
NODE, _ = compute_driver_executable()  # the Node that comes with the browser's driver
WANTED = {
    "Where is this point?": "Gambir",
    "Which reports lie in a box?": r"\b3\b|FeatureCollection",
    "What is new in a kelurahan?": "Damaged road: Gambir",
    "Ask more often, and politely": "True None|200",
}


def examples():
    """Yield heading, language and code."""
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        heading = section.partition("\n")[0]
        for language, code in BLOCK.findall(section):
            yield pytest.param(heading, language, code, id=f"{heading} {language}")


def run(language: str, code: str, folder: Path, environment: dict[str, str]) -> str:
    commands = {"sh": ["bash"], "python": [sys.executable], "js": [NODE]}
    path = folder / f"example.{'mjs' if language == 'js' else language}"
    path.write_text(code, encoding="utf-8")
    done = subprocess.run(
        [*commands[language], str(path)],
        env=os.environ | environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("heading", "language", "code"), list(examples()))
def test_an_example_prints_what_it_says(
    transactional_city, live_server, submission, tmp_path, heading, language, code
):
    intake.receive([submission(str(n)) for n in range(3)], simulated=False)
    _, text = keys.create("Contoh", ["limits"])
    said = run(language, code, tmp_path, {"GEOPLATFORM": live_server.url, "GEOPLATFORM_KEY": text})
    assert re.search(WANTED[heading], said), said


def test_every_door_is_shown_in_four_languages():
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        assert re.findall(r"^```(\w+)\n", section, re.MULTILINE) == ["sh", "python", "js", "r"]
