import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection

from ingest import feeds
from tests.conftest import ROOT
from tests.ingest import mail_servers


@pytest.fixture(scope="session")
def running_dovecot():
    with mail_servers.dovecot() as server:
        yield server


@pytest.fixture
def dovecot(running_dovecot):
    """Return a Dovecot with a user who has no mail yet."""
    return running_dovecot.fresh()


@pytest.fixture
def small():
    """Return the simulated city's IMAP server, without mail."""
    with mail_servers.small() as server:
        yield server


@pytest.fixture(params=["dovecot", "small"])
def mailbox(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def recorded():
    """Read a recorded payload: ``recorded("qlue/marker_v3_edges")``."""

    def read(name: str) -> Any:
        return json.loads((ROOT / "fixtures" / "feeds" / f"{name}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture
def adapter():
    """Return the adapter of a feed with other facts: ``adapter("qlue", shape="level1")``."""

    def make(name: str, **options: Any) -> Any:
        made = feeds.adapter(name)
        made.feed = replace(made.feed, options={**made.feed.options, **options})
        return made

    return make


@pytest.fixture
def queue(transactional_db) -> None:
    """Empty the workers' queue: Django empties no table that it does not manage."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
