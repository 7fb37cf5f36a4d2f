"""Photographs every page into docs/screenshots/: ``script/screenshots`` runs it, tests do not.

A line of ``PAGES`` a page. Each is opened over a simulated year, on a desk's screen and on a phone, in light
and in dark, and as the role that works with it. test_screenshots.py sees that none is forgotten.
"""

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.db import transaction
from django.urls import resolve
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from PIL import Image
from playwright.sync_api import Page, TimeoutError

from boundaries import editions, source
from boundaries.models import Edition
from casework.citizens import bulletins, links, watching
from casework.escalation import receipts
from casework.models import Case, Notice
from fixtures import year_load, year_why
from fixtures.tables import JAKARTA
from fixtures.year import Spec
from ingest.doors import citizens
from layers.models import FeedState
from reports.models import Report
from subscriptions.models import Watch
from tests.console import test_trouble
from tests.console.desk.conftest import Desk, case, desk, login, office

__all__ = ["case", "desk", "login", "office"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:No directory at"),
    pytest.mark.urls(test_trouble.__name__),  # which has the addresses of faults as well
]
FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
DAYS, COUNT, QUALITY = 42, 4_000, 82
REST_MS = 4_000
ENROLLED = "auditor"  # of the roles the one whose account has a second factor
KELURAHAN = "31.71.01.1001"  # the official's
Act = Callable[[Page], object]


@dataclass(frozen=True)
class Shot:
    """A page to photograph: its name, its address (some are made on the day), who opens it, what comes first.

    ``role`` is None for the public. ``leads_to`` is the route at which ``act`` ends, where that is another
    page than the address names.
    """

    name: str
    address: str | Callable[[], str]
    role: str | None = None
    act: Act | None = None
    leads_to: str = ""


def at_rest(page: Page) -> None:
    """Wait until nothing is asked for; a page that listens for events never rests, and is given a while."""
    with suppress(TimeoutError):
        page.wait_for_load_state("networkidle", timeout=REST_MS)


def most_urgent(page: Page) -> None:
    """Open the page of the most urgent case that has a point."""
    home = page.url.partition("/staff/")[0]
    listed = page.request.get(f"{home}/api/staff/cases?worklist=overdue&limit=50").json()["cases"]
    page.goto(f"{home}/staff/cases/{next(one['id'] for one in listed if one['point'])}")
    page.locator("#place-map canvas").first.wait_for()


def one_report(page: Page) -> None:
    """Open the page of a report that citizens see, with its small map."""
    page.locator(".reports a").nth(12).click()
    page.locator("#small-map .mark-box").wait_for()


def follows(locator: str) -> Act:
    """Return an act that follows the first link of those that a locator finds."""

    def follow(page: Page) -> None:
        with page.expect_navigation():
            page.locator(locator).first.click()

    return follow


def edition_to_come() -> str:
    """Return the address of an edition in which two kelurahan of Gambir have changed places."""
    edition = Edition.objects.order_by("-pk").first()
    return f"/staff/admin/editions/{edition and edition.pk}"


def of_watch(page: str, salt: str) -> Callable[[], str]:
    """Return what makes the address of a page for who follows Gambir by e-mail, and has yet to confirm it."""

    def address() -> str:
        known = {"address_hash": page.encode(), "language": "id", "places": ["31.71.01"]}
        watch = Watch.objects.create(sealed=b"", every=timedelta(days=1), asked_at=datetime.now(UTC), **known)
        return f"/follow/{page}/{signing.dumps(watch.number.hex, salt=salt)}"

    return address


def answered() -> str:
    """Return the address at which a citizen says what they think of their answer."""
    case = Case.objects.filter(state="answered").order_by("-pk")[:1].get()
    return f"/answers/{links.token(case.pk, datetime.now(UTC))}"


def received() -> str:
    """Return the address at which a citizen sees that their report came."""
    report = Report.objects.exclude(kelurahan_code=None).order_by("-pk")[:1].get()
    Report.objects.filter(pk=report.pk).update(channel=citizens.FEED)
    return f"/report-a-problem/received/{report.external_id}"


def noticed() -> str:
    """Return the address at which an office says that it saw a notice."""
    now = datetime.now(UTC)
    notice = Notice.objects.create(
        channel="email", address="", subject="", text="", created_at=now, next_at=now
    )
    return f"/notices/{signing.dumps(notice.number.hex, salt=receipts.SALT)}"


PAGES: tuple[Shot, ...] = (
    Shot("map", "/#14/-6.1754/106.8272", act=lambda page: page.locator("#map[aria-busy=false]").wait_for()),
    Shot("reports", "/reports"),
    Shot("report", "/reports", act=one_report, leads_to="reports/<int:id>"),
    Shot("answers", "/answers?within=31.71"),
    Shot("embed", "/embed"),
    Shot("status", "/status"),
    Shot("error", "/nothing-is-here"),
    Shot("fault", "/broken"),
    Shot("fault-desk", "/staff/broken", "triage"),
    Shot("login", "/staff/login"),
    Shot("second", "/staff/second", ENROLLED),
    Shot("second-codes", "/staff/second/codes", ENROLLED),
    Shot("second-enrol", "/staff/second/enrol", "triage"),
    Shot("password", "/staff/password", "triage"),
    Shot("feeds", "/staff/feeds", "supervisor"),
    Shot("feed", "/staff/feeds/lapor", "supervisor"),
    Shot("board", "/staff/board", "governor"),
    Shot(
        "board-cell",
        "/staff/board",
        "governor",
        follows("table.board tbody td a"),
        "staff/board/cells/<str:cell>",
    ),
    Shot("board-map", "/staff/board/map", "governor"),
    Shot("board-chart", "/staff/board/chart", "governor"),
    Shot("board-calendar", "/staff/board/calendar", "governor"),
    Shot(
        "board-due",
        "/staff/board/calendar",
        "governor",
        follows('a[href*="/due/"]'),
        "staff/board/due/<str:on>",
    ),
    Shot("board-brief", "/staff/board/brief", "governor"),
    Shot(
        "office",
        "/staff/board",
        "governor",
        act=follows("table.board tbody th a"),
        leads_to="staff/officials/<str:code>",
    ),
    Shot("own-office", "/staff/office", "official"),
    Shot("analysis", "/staff/analysis", "triage"),
    Shot("analysis-compare", "/staff/analysis?mode=compare", "triage"),
    Shot("account", "/staff/account", "triage"),
    Shot("admin", "/staff/admin/", "administrator"),
    Shot("admin-editions", "/staff/admin/editions", "administrator"),
    Shot("admin-edition", edition_to_come, "administrator", leads_to="staff/admin/editions/<int:id>"),
    Shot("admin-officials", "/staff/admin/officials/", "administrator"),
    Shot(
        "admin-office",
        "/staff/admin/officials/",
        "administrator",
        follows('main table a[href^="/staff/admin/officials/"]'),
        "staff/admin/officials/<str:code>",
    ),
    Shot("admin-rules", "/staff/admin/rules?lon=106.8272&lat=-6.1754&category=road", "administrator"),
    Shot("admin-deadlines", "/staff/admin/deadlines", "administrator"),
    Shot("admin-ladders", "/staff/admin/ladders", "administrator"),
    Shot("admin-categories", "/staff/admin/categories", "administrator"),
    Shot("admin-templates", "/staff/admin/templates", "administrator"),
    Shot("admin-users", "/staff/admin/users", "administrator"),
    Shot("admin-keys", "/staff/admin/keys", "administrator"),
    Shot("admin-audit", "/staff/admin/audit", "administrator"),
    Shot("case", "/staff/account", "supervisor", most_urgent, "staff/cases/<int:id>"),
    Shot(
        "triage",
        "/staff/",
        "triage",
        act=lambda page: page.locator("#list[aria-busy=false] [role=option]").first.wait_for(),
    ),
    Shot("report-form", "/report-a-problem/", act=lambda page: page.locator("main form").first.wait_for()),
    Shot("report-received", received, leads_to="report-a-problem/received/<str:token>"),
    Shot("answer", answered, leads_to="answers/<str:token>"),
    Shot("follow", "/follow?kelurahan=31.71.01"),
    Shot("follow-confirm", of_watch("confirm", watching.CONFIRM), leads_to="follow/confirm/<str:token>"),
    Shot("follow-stop", of_watch("stop", bulletins.STOP), leads_to="follow/stop/<str:token>"),
    Shot("notice", noticed, leads_to="notices/<str:token>"),
)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    # A service worker that installs itself keeps the network from ever being idle.
    return browser_context_args | {"service_workers": "block"}


@pytest.fixture
def year(transactional_city) -> None:
    """Some weeks of casework up to now, by the truth of the simulated year."""
    first = datetime.now(JAKARTA).date() - timedelta(days=DAYS - 1)
    year_load.load(Spec(first=first, days=DAYS, count=COUNT))
    heard_until(datetime.now(UTC))
    with transaction.atomic():  # in which triggers rest
        year_why.explain()


def heard_until(now: datetime) -> None:
    """Have the feeds that live be heard last at an instant: the year ends with a day, which is not over."""
    for one in FeedState.objects.filter(last_success_at__gt=now):
        stale_at = one.stale_at and one.stale_at - (one.last_success_at - now)
        FeedState.objects.filter(pk=one.pk).update(
            last_run_at=now,
            last_success_at=now,
            last_news_at=now,
            last_item_at=now,
            silent_since=now,
            stale_at=stale_at,
        )


@pytest.fixture
def to_come(schematic_coverage) -> None:
    """An edition not in force, stored behind ``city``, which has one: two kelurahan have changed places."""
    names = {KELURAHAN: "31.71.01.1002", "31.71.01.1002": KELURAHAN}
    kelurahan = schematic_coverage.kelurahan.assign(code=schematic_coverage.kelurahan.code.replace(names))
    changed = replace(schematic_coverage, kelurahan=kelurahan)
    editions.store(replace(source.find("schematic"), title="Batas 2027"), changed, sha256="")


def test_every_page_is_photographed(year, desk, to_come, page, live_server):
    FOLDER.mkdir(exist_ok=True)
    entered, desks = None, []
    for shot in sorted(PAGES, key=lambda one: one.role or ""):
        if shot.role != entered:
            entered = shot.role
            desks.append(enter(desk, entered))
        photograph(shot, page, live_server.url)
        if shot.name.startswith("fault"):
            for one in desks:  # each of which listens to this page
                one.wrong.expect("status of 500")


def enter(desk: Callable[..., Desk], role: str | None) -> Desk:
    """Enter the console as a role, for the pages behind it with a second factor that was shown."""
    entered = desk(role, KELURAHAN if role == "official" else None)
    if role == ENROLLED:
        device = TOTPDevice.objects.create(user=entered.client.user, confirmed=True, name="app")
        session = entered.client.session
        session[DEVICE_ID_SESSION_KEY] = device.persistent_id  # its code was shown
        session.save()
    return entered


def photograph(shot: Shot, page: Page, home: str) -> None:
    """Open a page in each size and colour scheme, and keep what is seen."""
    address = shot.address if isinstance(shot.address, str) else shot.address()
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            page.goto("about:blank")  # another part of the same page would be no new one
            page.goto(home + address)
            if shot.act:
                shot.act(page)
            at_rest(page)
            if shot.leads_to:
                assert resolve(urlsplit(page.url).path).route == shot.leads_to
            keep(page.screenshot(), FOLDER / f"{shot.name}-{size}-{scheme}.webp")


def keep(png: bytes, path: Path) -> None:
    """Write a picture as WebP: a fifth of the bytes, and nobody sees it."""
    Image.open(io.BytesIO(png)).convert("RGB").save(path, quality=QUALITY, method=6)
