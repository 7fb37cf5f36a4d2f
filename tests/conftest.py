"""What many tests stand on: the schematic edition, invented officials, and the simulated city's servers."""

import gc
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import hypothesis
import pytest
from django.conf import settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import TransactionTestCase
from shapely import from_wkb

from api import slow
from api.features import answers, queried
from boundaries import editions, load, officials, source
from boundaries.coverage import Coverage
from boundaries.models import Border, Boundary, Edition
from casework.clock import norms
from casework.desk import priority
from casework.escalation import ladder
from casework.routing import rules
from casework.steps import answer_templates, pauses, proof, workflow
from fixtures.server import SourceServer
from layers import live, tiles, warm
from layers.record import LonLat
from reports import categories, intake
from reports.models import Report
from reports.record import Submission
from staff import roles
from tests import filled, migrated

ROOT = Path(settings.ROOT)
SHARED = ROOT.parent / "shared" / "data"

# The same examples each time, and no test that fails where the machine is slow. A test's fixtures are there
# once for all of its examples: one that writes takes back what it wrote.
hypothesis.settings.register_profile(
    "sure",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("sure")


def pytest_sessionstart() -> None:
    """Collect the tests without looking for garbage between them: hardly any is made."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make, and not each time through what the run itself holds."""
    gc.freeze()
    gc.enable()


def sent(document: object) -> bytes:
    """A document as the feed's server sends it."""
    return json.dumps(document).encode()


NOON = datetime(2026, 5, 14, 5, 0, tzinfo=UTC)  # noon in Jakarta
PATIENCE_MS = 120_000
MONAS = LonLat(106.8272, -6.1754)


@pytest.fixture(scope="session", autouse=True)
def photos_folder(tmp_path_factory) -> Path:
    """Keep the photos of the tests apart from those of the platform."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("photos")
    os.environ["GEOPLATFORM_MEDIA"] = str(settings.MEDIA_ROOT)  # for the processes that tests start
    return settings.MEDIA_ROOT


@pytest.fixture(scope="session", autouse=True)
def index_folder(tmp_path_factory) -> Path:
    """Keep the bases of the tests' indexes apart from those of the platform."""
    settings.INDEX_FOLDER = tmp_path_factory.mktemp("index")
    os.environ["GEOPLATFORM_INDEX"] = str(settings.INDEX_FOLDER)  # for the processes that tests start
    return settings.INDEX_FOLDER


@pytest.fixture(scope="session", autouse=True)
def limits_file(tmp_path_factory) -> Path:
    """Count the requests of the tests apart from those of the platform."""
    settings.LIMITS_FILE = tmp_path_factory.mktemp("limits") / "limits"
    os.environ["GEOPLATFORM_LIMITS_FILE"] = str(settings.LIMITS_FILE)  # for the processes that tests start
    return settings.LIMITS_FILE


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """Let no question be ended, refused or asked twice because the machine does much else meanwhile."""
    settings.QUERY_TIMEOUT_MS = settings.TILE_TIMEOUT_MS = queried.COUNT_MS = PATIENCE_MS
    slow.MOMENT_MS = 2 * PATIENCE_MS
    for name in ("QUERY", "TILE"):  # for the processes that tests start
        os.environ[f"GEOPLATFORM_{name}_TIMEOUT_MS"] = str(PATIENCE_MS)


@pytest.fixture(scope="session", autouse=True)
def plain_lines() -> None:
    """Have the processes that tests start log as a person reads it."""
    os.environ["GEOPLATFORM_LOG_FORM"] = "plain"


@pytest.fixture(scope="session", autouse=True)
def nights_folder(tmp_path_factory) -> Path:
    """Keep the exports of the tests apart from those of the platform."""
    settings.EXPORTS = tmp_path_factory.mktemp("exports")
    return settings.EXPORTS


@pytest.fixture(scope="session", autouse=True)
def covers_folder(tmp_path_factory) -> Path:
    """Keep the covers of the tests' editions apart from those of the platform."""
    settings.COVERS = tmp_path_factory.mktemp("covers")
    return settings.COVERS


class QuickHasher(PBKDF2PasswordHasher):
    """Django's hash of a password in one round instead of a million; any process can verify it."""

    iterations = 1


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> None:
    """Keep passwords without the quarter of a second that makes them hard to guess."""
    settings.PASSWORD_HASHERS = [f"{__name__}.QuickHasher"]


@pytest.fixture(scope="session", autouse=True)
def compiled_loops() -> None:
    """Have the loops that draw tiles compiled before a test waits for them."""
    warm.compile_loops()


@pytest.fixture(autouse=True)
def nothing_known() -> Iterator[None]:
    """Let no test see what another one's transaction, taken back since, had left in memory."""
    # hypothesis' own, which times the collector, fails where that begins in a test that nests too deeply.
    gc.callbacks.clear()
    yield
    live.stop()
    tiles.forget()
    answers.forget()


@pytest.fixture(scope="session")
def schematic_coverage() -> Coverage:
    return load.build(source.find("schematic"), [])


def database_url() -> str:
    """Return the address of these tests' database, for another process."""
    parts = connection.settings_dict
    named = {
        "host": parts["HOST"],
        "port": parts["PORT"],
        "user": parts["USER"],
        "password": parts["PASSWORD"],
        "connect_timeout": PATIENCE_MS // 1000,
    }
    return (
        f"postgresql:///{parts['NAME']}?{urlencode({name: value for name, value in named.items() if value})}"
    )


@contextmanager
def triggers_at_rest() -> Iterator[None]:
    """Store what never happened: rows of history that are drawn, and not what steps left behind."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def fill(coverage: Coverage) -> None:
    """Load what the platform cannot do without: categories, the schematic edition, officials."""
    categories.load()
    workflow.load()
    norms.load()
    rules.load()
    pauses.load()
    ladder.load()
    proof.load()
    priority.load()
    answer_templates.load()
    roles.load()
    edition = editions.store(source.find("schematic"), coverage, sha256="")
    editions.put_in_force(edition.id, None)
    officials.load(ROOT / "fixtures" / "officials.csv")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings, django_test_environment, django_db_blocker):
    """Have each worker's database begin as a copy of one that is migrated."""
    with django_db_blocker.unblock():
        connection.settings_dict["OPTIONS"]["connect_timeout"] = PATIENCE_MS // 1000
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, schematic_coverage):
    """Fill each worker's database once; what a test writes is rolled back to this, or put back."""
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: filled.put_back())
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            # Transactional tests empty every table, the audit too, on this connection and on later ones.
            cursor.execute(
                f"ALTER DATABASE \"{connection.settings_dict['NAME']}\" SET access.may_empty = 'tests'"
            )
            cursor.execute("SET access.may_empty = 'tests'")
        fill(schematic_coverage)
        filled.keep()
    yield
    # A process that a test killed may have left a session behind it, and a database in use is not dropped.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    monkeypatch.undo()


@pytest.fixture
def city(db) -> Edition:
    """The province with its boundaries and officials."""
    return Edition.objects.get()


@pytest.fixture
def transactional_city(transactional_db) -> Edition:
    """The same for tests in which several processes or connections look at the rows."""
    return Edition.objects.get()


@pytest.fixture
def sources(settings) -> Iterator[SourceServer]:
    """The simulated city's servers, the clock standing at NOON; every feed is read from them."""
    with SourceServer(now=NOON, days=1, scale=0.2) as server:
        settings.SIMULATED_CITY_URL = server.url
        yield server


@pytest.fixture
def submission() -> Callable[..., Submission]:
    """Make a submission of which only the parts that matter are said."""

    def make(external_id: str = "1", **parts: object) -> Submission:
        said = {
            "channel": "qlue",
            "external_id": external_id,
            "category": "road",
            "description": "Jalan rusak di depan pasar",
            "submitted_at": NOON,
            "updated_at": NOON,
            "point": MONAS,
        }
        return Submission(**(said | parts))  # type: ignore[arg-type]

    return make


@pytest.fixture
def receive_one(city, submission) -> Callable[..., Report]:
    """Receive one submission and return its report."""

    def receive(**parts: object) -> Report:
        sent = submission(**parts)
        intake.receive([sent], simulated=False)
        return Report.objects.get(channel=sent.channel, external_id=sent.external_id)

    return receive


@pytest.fixture
def shared_edge(city) -> Callable[[str, str], LonLat]:
    """Return a vertex in the midst of the border of two kelurahan: it lies on both, to the last bit."""

    def vertex(left: str, right: str) -> LonLat:
        border = Border.objects.get(edition=city, left_code=left, right_code=right)
        line = from_wkb(bytes(border.geom[0].wkb))
        return LonLat(*line.coords[len(line.coords) // 2])

    return vertex


@pytest.fixture
def corner(city) -> tuple[LonLat, list[str]]:
    """Return a point where three kelurahan meet, and their codes in order."""
    for border in Border.objects.filter(edition=city, right_code__isnull=False).order_by("id"):
        lon, lat = border.geom[0][0]
        there = f"SRID=4326;POINT({lon!r} {lat!r})"
        codes = Boundary.objects.filter(edition=city, level="kelurahan", geom__covers=there).values_list(
            "code", flat=True
        )
        if len(codes) >= 3:
            return LonLat(lon, lat), sorted(codes)
    raise AssertionError("no corner in the edition")
