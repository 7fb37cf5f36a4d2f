"""What browsers are told: on every page a policy under which nothing foreign runs, and to come by TLS."""

import os
import re
import secrets
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpResponse

from api.headers import NOTHING, HeaderMiddleware
from tests.api.casework.conftest import case, login, office

__all__ = ["case", "login", "office"]
# Each kind of page that people read: the public's, those behind a link, errors, the login, the console.
PUBLIC = (
    "/", "/?lang=en", "/reports", "/reports/{id}", "/answers", "/embed", "/embed/map", "/report-a-problem/",
    "/report-a-problem/received/x", "/follow", "/follow/stop/x", "/notices/x", "/answers/x", "/api/docs",
    "/tiles/reports/leaflet.html", "/staff/login", "/api?f=html", "/api/collections?f=html", "/nothing/here",
    "/api/collections/kelurahan/items?f=html&limit=1", "/feeds/reports.atom",
)  # fmt: skip
DESK = (
    "/staff/", "/staff/cases/{id}", "/staff/feeds", "/staff/board", "/staff/board/map",
    "/staff/board/chart", "/staff/board/calendar", "/staff/board/brief", "/staff/analysis", "/staff/account",
    "/staff/admin/", "/staff/admin/rules", "/staff/admin/users", "/staff/admin/audit",
    "/api/staff/brief.html",
)  # fmt: skip
# Swagger UI writes styles into its elements, and the brief is one file to be kept: styles, and no script.
STYLED = ("/api/docs", "/api/staff/brief.html")
# What runs in a page: elements without a source, attributes that are scripts, addresses that are.
INLINE = re.compile(
    r"""<script(?![^>]*(?:\bsrc=|application/(?:ld\+)?json))|\son[a-z]+=["']|javascript:""", re.I
)


@pytest.fixture
def everyone(login, settings):
    """Log in who may open every page of the console."""
    client = login("supervisor")
    client.user.is_superuser = True
    client.user.save()
    return client


def rules(response) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";") if part.strip()]
    return {name: sources for name, *sources in parts}


def check(address: str, response) -> None:
    told = rules(response)
    assert told["default-src"] == ["'none'"], address
    lax = {"frame-ancestors"} | ({"style-src"} if address in STYLED else set())
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"} & {
        source for name, sources in told.items() if name not in lax for source in sources
    }, address
    hashes = [source for source in told.get("script-src", []) if source.startswith("'sha256-")]
    assert not INLINE.search(response.text) or hashes or "sandbox" in told, address
    assert told.get("frame-ancestors") == (["*"] if address == "/embed/map" else ["'none'"]), address
    assert "form-action" in told and "base-uri" in told, address
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] in ("strict-origin-when-cross-origin", "no-referrer")
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert (
        "camera=()" in response["Permissions-Policy"]
        and "geolocation=(self)" in response["Permissions-Policy"]
    )
    assert ("X-Frame-Options" in response) is (address != "/embed/map")


def test_no_page_of_the_public_runs_anything_foreign(case, client):
    id = case()
    for address in PUBLIC:
        response = client.get(address.format(id=id))
        if response["Content-Type"].startswith(("text/html", "application/atom+xml")):
            check(address, response)
        else:
            assert response["Content-Type"] == "application/problem+json", address


def test_no_page_of_the_console_runs_anything_foreign(case, everyone):
    id = case()
    for address in DESK:
        response = everyone.get(address.format(id=id))
        assert response.status_code == 200, address
        check(address, response)
        assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xml; charset=utf-8"])
def test_a_document_that_says_nothing_of_itself_may_load_nothing(rf, kind):
    told = HeaderMiddleware(lambda request: HttpResponse("<svg/>", content_type=kind))(rf.get("/"))
    assert told["Content-Security-Policy"] == NOTHING
    own = HeaderMiddleware(
        lambda request: HttpResponse(content_type=kind, headers={"Content-Security-Policy": "x"})
    )
    assert own(rf.get("/"))["Content-Security-Policy"] == "x"


def test_data_bear_no_policy(client, city):
    assert "Content-Security-Policy" not in client.get("/api/map")


def test_over_tls_alone_browsers_are_told_to_come_by_tls(client, city):
    assert "Strict-Transport-Security" not in client.get("/")
    assert client.get("/", secure=True)["Strict-Transport-Security"] == "max-age=31536000"


def deployed(**environment: str) -> subprocess.CompletedProcess:
    ours = ("GEOPLATFORM_", "DJANGO_")  # of the tests, such as those of a browser
    said = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | environment
    said |= {"GEOPLATFORM_SECRET_KEY": secrets.token_urlsafe(60), "CI": ""}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=settings.ROOT, env=said, capture_output=True, text=True, check=False)


def test_django_finds_nothing_to_mend_in_what_is_deployed():
    done = deployed()
    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stdout + done.stderr


def test_each_setting_for_ones_own_machine_is_found_where_it_is_deployed():
    said = deployed(
        GEOPLATFORM_DEBUG="1", GEOPLATFORM_INSECURE_COOKIES="1", GEOPLATFORM_HSTS_SECONDS="0"
    ).stderr
    assert {"W018", "W010", "W004"} <= set(re.findall(r"security\.(W\d+)", said))


def test_a_password_has_twelve_characters_and_is_no_known_one():
    rules = {one["NAME"].rpartition(".")[2]: one["OPTIONS"] for one in settings.AUTH_PASSWORD_VALIDATORS}
    assert rules["MinimumLengthValidator"] == {"min_length": 12}
    assert {"CommonPasswordValidator", "NumericPasswordValidator", "UserAttributeSimilarityValidator"} < set(
        rules
    )
