"""Map libraries from npm, installed once below var/ for the tests that let them read our tiles."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

WANTED = Path(__file__).with_name("package.json")
INSTALLED = Path(settings.ROOT) / "var" / "npm"
PATIENCE_S = 300
VALIDATE = """
import { validateStyleMin } from "%s";
let text = "";
for await (const piece of process.stdin) text += piece;
for (const { message } of validateStyleMin(JSON.parse(text))) console.log(message);
"""


@cache
def folder() -> Path:
    """Return where the libraries are; skips the test where npm is absent, or they cannot be had."""
    there = INSTALLED / "package.json"
    if not there.exists() or there.read_text() != WANTED.read_text() or not (INSTALLED / "whole").exists():
        _install()
    return INSTALLED / "node_modules"


def _install() -> None:
    if not shutil.which("npm"):
        pytest.skip("npm is not installed: MapLibre, OpenLayers and the style specification come from it")
    shutil.rmtree(INSTALLED, ignore_errors=True)
    INSTALLED.mkdir(parents=True)
    shutil.copy(WANTED, INSTALLED)
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"],
        cwd=INSTALLED, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"npm could not install the map libraries: {done.stderr.strip().splitlines()[-1:]}")
    (INSTALLED / "whole").touch()


def run(validator: Path, style: object) -> str:
    """Return what the style specification finds wrong with a style; empty where nothing is."""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", VALIDATE % validator.with_name("index.mjs").as_uri()],
        input=json.dumps(style), capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    return done.stdout.strip()
