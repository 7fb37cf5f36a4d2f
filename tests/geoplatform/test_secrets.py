"""No secret is in a list of processes, a log or an answer: a real server is given some, and searched."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.management import load_command_class

from access import keys
from tests.conftest import database_url
from tests.geoplatform.test_nginx import PATIENCE_S, answers
from tests.ports import free_port
from tests.test_docs import COMMANDS

CONTACT_KEY = Fernet.generate_key().decode()
TYPED = "sandi-yang-diketik-orang"
SECRETS = {
    "GEOPLATFORM_SECRET_KEY": "rahasia-kunci-9c1f" * 4,
    "GEOPLATFORM_CONTACT_KEYS": CONTACT_KEY,
    "GEOPLATFORM_EMAIL_PASSWORD": "rahasia-surat-77aa",
    "GEOPLATFORM_FEED_QLUE_TOKEN": "rahasia-token-qlue",
    "GEOPLATFORM_FEED_QLUE_PUSH_KEY": "rahasia-push-qlue-0123456789abcdef",
    "GEOPLATFORM_OIDC_CLIENT_SECRET": "rahasia-oidc-5511",
}
DATABASE_PASSWORD = "rahasia-basis-data"


@pytest.fixture
def server(transactional_city, tmp_path):
    """Start a web server as an operator does, its secrets in the environment; yields address and log."""
    port, log = free_port(), tmp_path / "log"
    there = urlsplit(database_url())
    user = dict(part.split("=", 1) for part in there.query.split("&")).get("user", "geoplatform")
    url = f"postgresql://{user}:{DATABASE_PASSWORD}@{database_url().removeprefix('postgresql://')}"
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1",
        "--log-level", "debug", "--access-log", "geoplatform.wsgi:application",
    ]  # fmt: skip
    environment = os.environ | SECRETS | {"DATABASE_URL": url, "GEOPLATFORM_LOG_LEVEL": "DEBUG"}
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=settings.ROOT, env=environment, stdout=file, stderr=file)
    try:
        answers(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}", log
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def command_lines() -> str:
    """Return what anybody on the machine may read of every process."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:  # ended meanwhile
            continue
    return "\n".join(lines)


def test_no_secret_is_in_the_list_of_processes_in_a_log_or_in_an_answer(server):
    url, log = server
    _, key = keys.create("x", ["write"])
    told = [
        requests.get(f"{url}/api", timeout=60),
        requests.get(f"{url}/api/subscriptions", headers={"Authorization": f"Bearer {key}"}, timeout=60),
        requests.get(f"{url}/api/subscriptions?api_key={key}", timeout=60),
        requests.post(
            f"{url}/push/qlue", json=[], headers={"X-Geoplatform-Signature": "sha256=x"}, timeout=60
        ),
        requests.post(f"{url}/staff/login", data={"username": "budi", "password": TYPED}, timeout=60),
        requests.get(f"{url}/staff/", cookies={"staff_session": TYPED}, timeout=60),
        requests.get(f"{url}/nothing", timeout=60),
    ]
    assert [answer.status_code for answer in told][:2] == [200, 200]
    said = "\n".join(f"{answer.headers}{answer.text}" for answer in told)
    hidden = [*SECRETS.values(), DATABASE_PASSWORD, TYPED]
    for where, text in (("processes", command_lines()), ("log", log.read_text()), ("answers", said)):
        assert [secret for secret in hidden if secret in text] == [], where
    assert [text for text in (said, command_lines(), log.read_text()) if key in text] == []


def test_no_command_takes_a_secret_as_an_argument():
    taken = {
        (command, option)
        for command, app in COMMANDS.items()
        for action in load_command_class(app, command).create_parser("manage.py", command)._actions
        for option in action.option_strings or [action.dest]
        if action.nargs != 0 and re.search(r"password|secret|token|credential", option)
    }
    # A file that holds it, which others may not read.
    assert {option for _, option in taken} <= {"--password-file"}, taken


def test_no_command_of_the_docs_has_a_password_among_its_arguments():
    typed = [
        line
        for path in Path(settings.ROOT, "docs").rglob("*.md")
        for line in path.read_text("utf-8").splitlines()
        if line.startswith("$ ")
    ]
    assert len(typed) > 30
    assert [line for line in typed if re.search(r"<password>|PASSWORD '|:[^/@\s]+@\w", line)] == []
