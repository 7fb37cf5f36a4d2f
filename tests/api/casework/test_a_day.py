"""The how-to of a day at the desk: its commands, run in order against a platform with a case."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.utils import timezone

from casework.models import Case
from reports.models import Photo
from staff import accounts
from tests.api.casework.conftest import HERE
from tests.api.casework.test_photos import taken

HOW_TO = Path(configured.ROOT) / "docs" / "how-to" / "a-day-at-the-desk.md"


@pytest.mark.django_db(transaction=True)
def test_a_day_at_the_desk_goes_as_it_is_written(
    transactional_city, case, office, live_server, settings, tmp_path
):
    settings.SECOND_FACTOR = "none"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    passwords = {"RINA": "rina", "SARI": "sari", "GAMBIR": "lurah-gambir"}
    for (word, name), role in zip(passwords.items(), ("triage", "supervisor", "official"), strict=True):
        own = office(HERE) if role == "official" else None
        user = accounts.create(name, [role], None, timezone.now(), office=own)
        user.set_password(f"{word}-rahasia-sekali")
        user.save()
    id = case()
    (tmp_path / "tambalan.jpg").write_bytes(taken())
    commands = "\n".join(re.findall(r"^```bash\n(.*?)^```", HOW_TO.read_text(), re.DOTALL | re.MULTILINE))
    known = {"GEOPLATFORM": live_server.url} | {word: f"{word}-rahasia-sekali" for word in passwords}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=tmp_path,
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
        timeout=480,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    words = done.stdout.split("\n")
    path = ["no_problem", "collected", "selected", "proposed", "decided", "answered", "resolved"]
    assert [word for word in words if word in path] == path
    assert (Case.objects.get(pk=id).state_id, Photo.objects.count()) == ("resolved", 1)
