"""Cases of two offices, and an account of each role."""

from collections.abc import Callable

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from boundaries.models import Boundary
from casework.models import Case, Turn
from casework.routing import turns
from casework.steps import workflow
from layers.models import FeedState
from layers.record import LonLat
from reports import intake, sealing
from reports.models import Report
from staff import accounts
from tests.conftest import NOON

HERE, THERE = "31.71.01.1001", "31.74.01.1001"
SECRET = "Hubungi saya di 0812-3456-7890"


def inside(code: str) -> LonLat:
    label = Boundary.objects.get(code=code).label
    return LonLat(label.x, label.y)


@pytest.fixture
def case(city, submission) -> Callable[..., int]:
    """Open a case in a kelurahan and its turn; returns its id."""
    made = iter(range(10_000))

    def opened(code: str | None = HERE, **parts: object) -> int:
        said = {"point": inside(code) if code else None, "description": SECRET, **parts}
        sent = submission(external_id=f"a{next(made)}", **said)
        intake.receive([sent], simulated=False)
        workflow.collect(NOON)
        turns.begin()
        return Report.objects.get(channel=sent.channel, external_id=sent.external_id).id

    return opened


@pytest.fixture
def office(city) -> Callable[[str], str]:
    """Return the code of the office of a kelurahan, kecamatan or kota."""
    from boundaries.models import Office

    return lambda code: Office.objects.get(boundary_code=code).code


@pytest.fixture
def login(office, settings) -> Callable[..., Client]:
    """Log an account of a role in; an official's office is that of a kelurahan. No second factor is asked."""
    settings.SECOND_FACTOR = "none"

    def entered(role: str, code: str | None = None) -> Client:
        name = f"{role}-{code or 'all'}"
        user = accounts.create(name, [role], None, NOON, office=office(code) if code else None)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return entered


@pytest.fixture
def post(request) -> Callable:
    """Post JSON as somebody."""

    def sent(client: Client, address: str, **said: object):
        return client.post(address, said, content_type="application/json")

    return sent


@pytest.fixture
def answering(city) -> None:
    """Let the channel of the cases take what the city says."""
    FeedState.objects.create(
        feed="qlue", title="Qlue", owner="x", enabled=True, simulated=False, cadence_s=300, takes_answers=True
    )


@pytest.fixture
def mailed(case, settings) -> Callable[..., int]:
    """Open a case of whose author an e-mail address is known; returns its id."""
    settings.PUBLIC_URL = "https://laporan.example"
    settings.CONTACT_KEYS = Fernet.generate_key().decode()
    settings.NOTICE_CHANNELS = {"reply": "casework.citizens.replies.send"}

    def opened(code: str = HERE) -> int:
        return case(code, channel="web", author="", contact=sealing.seal("warga@contoh.example"))

    return opened


def state(id: int) -> str:
    return Case.objects.get(pk=id).state_id


def turn(id: int) -> Turn:
    return Turn.objects.filter(case_id=id).latest("number")
