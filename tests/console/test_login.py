"""How staff come in: password, second factor, and nothing of it on any public answer."""

import re
from urllib.parse import unquote

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from access import limits
from access.models import Entry
from boundaries.models import Office
from console import words
from staff import accounts, second, throttle
from tests.staff.conftest import PASSWORD, account

__all__ = ["account"]
pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
HERE = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture(autouse=True)
def nothing_was_tried() -> None:
    limits.table()[:] = 0


@pytest.fixture
def caller() -> Client:
    return Client(**HERE)


def code(device: TOTPDevice, step: int = 0) -> str:
    """The code that an app shows now, or so many steps on."""
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift + step)
    return f"{totp.token():06d}"


def enter(caller: Client, username: str, password: str = PASSWORD, **query: str):
    return caller.post("/staff/login", {"username": username, "password": password}, query_params=query)


def enrolled(user) -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, confirmed=True, name="app")


def forget_failures() -> None:
    """Let no pause stand between a wrong code and the next."""
    for device in (TOTPDevice, StaticDevice):
        device.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)


def actions() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


def test_a_person_comes_in_sets_up_the_second_factor_and_is_through(caller, account):
    user = account("triage", "budi")
    assert enter(caller, "Budi")["Location"] == "/staff/"
    assert caller.get("/staff/", follow=True).redirect_chain == [
        ("/staff/second?next=%2Fstaff%2F", 302),
        ("/staff/second/enrol?next=%2Fstaff%2F", 302),
    ]
    assert caller.get("/api/staff/me").status_code == 403
    page = caller.get("/staff/second/enrol")
    device = TOTPDevice.objects.get(user=user)
    assert second.secret(device) in page.text
    assert 'src="data:image/svg+xml' in page.text
    assert caller.post("/staff/second/enrol", {"token": "000000"}).status_code == 403
    forget_failures()
    answer = caller.post("/staff/second/enrol", {"token": code(device)})
    assert len(re.findall(r"<li><code>", answer.text)) == second.CODES
    me = caller.get("/api/staff/me").json()
    assert (me["user"], me["roles"], me["office"]) == (user.mark, ["triage"], None)
    assert "casework.triage" in me["permissions"]
    assert actions() == ["login", "second.enrol"]


def test_whoever_has_a_second_factor_is_asked_for_it_each_time(caller, account):
    device = enrolled(account("triage", "budi"))
    enter(caller, "budi")
    assert caller.get("/staff/password")["Location"] == "/staff/second?next=%2Fstaff%2Fpassword"
    assert caller.get("/staff/second/enrol")["Location"] == "/staff/second"
    assert caller.post("/staff/second", {"token": "123"}).status_code == 403
    forget_failures()
    answer = caller.post("/staff/second?next=/staff/password", {"token": code(device)})
    assert answer["Location"] == "/staff/password"
    assert caller.get("/staff/password").status_code == 200
    assert actions() == ["login", "second.failed", "second.passed"]


def test_a_code_counts_once_and_so_does_a_recovery_code(caller, account):
    user = account("triage", "budi")
    device, (recovery, *_) = enrolled(user), second.new_codes(user)
    shown = code(device)
    for token, passes in ((shown, True), (shown, False), (recovery.upper(), True), (recovery, False)):
        caller.logout()
        enter(caller, "budi")
        forget_failures()
        assert (caller.post("/staff/second", {"token": token}).status_code == 302) is passes, token


@pytest.mark.parametrize(
    ("wanted", "status"), [("all", 403), ("none", 200), ("supervisor,triage", 403), ("auditor", 200)]
)
def test_a_setting_says_who_needs_a_second_factor(caller, account, settings, wanted, status):
    settings.SECOND_FACTOR = wanted
    account("triage", "budi")
    enter(caller, "budi")
    assert caller.get("/api/staff/me").status_code == status


def test_who_has_one_is_asked_for_it_though_none_is_needed(caller, account, settings):
    settings.SECOND_FACTOR = "none"
    enrolled(account("triage", "budi"))
    enter(caller, "budi")
    assert caller.get("/api/staff/me").status_code == 403


@pytest.mark.parametrize(
    ("username", "password", "subject"),
    [("budi", "wrong", True), ("nobody", PASSWORD, False), ("gone", PASSWORD, True), ("budi", "", True)],
)
def test_a_login_that_fails_says_no_more_than_that_and_is_recorded(
    caller, account, username, password, subject
):
    account("triage", "budi"), account("auditor", "gone")
    accounts.disable("gone")
    answer = enter(caller, username, password)
    assert answer.status_code == 403
    assert words.words("id", "staff")["wrong"] in answer.text
    entry = Entry.objects.get()
    assert (entry.action, entry.by, entry.address, bool(entry.subject)) == (
        "login.failed",
        "",
        "192.0.2.1",
        subject,
    )
    assert "nobody" not in str(entry.details)
    assert not Session.objects.exists()


def test_an_account_that_is_disabled_is_out_with_its_next_request(caller, account, settings):
    settings.SECOND_FACTOR = "none"
    account("triage", "budi")
    enter(caller, "budi")
    accounts.disable("budi")
    assert caller.get("/api/staff/me").status_code == 401
    assert caller.get("/staff/")["Location"].startswith("/staff/login")


def test_another_password_ends_every_other_session(caller, account, settings):
    settings.SECOND_FACTOR = "none"
    account("triage", "budi")
    other = Client(**HERE)
    enter(caller, "budi"), enter(other, "budi")
    bad = {"old_password": PASSWORD, "new_password1": "12345", "new_password2": "12345"}
    assert caller.post("/staff/password?lang=en", bad).status_code == 400
    assert "too short" in caller.post("/staff/password?lang=en", bad).text
    assert "terlalu pendek" in caller.post("/staff/password", bad).text
    new = "gorong-gorong-mampet"
    good = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert caller.post("/staff/password", good).status_code == 200
    assert caller.get("/api/staff/me").status_code == 200
    assert other.get("/api/staff/me").status_code == 401
    assert actions()[-1] == "password.change"


def test_who_tries_too_often_is_held_up_though_the_password_is_right(account):
    account("triage", "siti")
    caller = Client(REMOTE_ADDR="192.0.2.77")
    for _ in range(throttle.PAIR):
        assert enter(caller, "siti", "wrong").status_code == 403
    answer = enter(caller, "siti")
    assert answer.status_code == 429
    assert re.search(r"Coba lagi dalam \d+ menit", answer.text)
    assert enter(Client(REMOTE_ADDR="192.0.2.78"), "siti").status_code == 302
    assert actions()[-2:] == ["login.throttled", "login"]


def test_an_address_that_tries_many_names_is_held_up_and_no_other(account):
    account("triage", "agus")
    for number in range(throttle.ADDRESS):
        throttle.count("login", f"name{number}", "203.0.113.5")
    forged = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="198.51.100.9, 203.0.113.5")
    assert enter(forged, "agus").status_code == 429
    assert (
        enter(Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.6"), "agus").status_code == 302
    )


def test_codes_cannot_be_tried_without_end(account):
    user = account("triage", "dewi")
    enrolled(user)
    caller = Client(REMOTE_ADDR="192.0.2.90")
    enter(caller, "dewi")
    answers = [caller.post("/staff/second", {"token": "1"}).status_code for _ in range(throttle.PAIR + 1)]
    assert set(answers[:-1]) == {403}
    assert answers[-1] == 429


def test_whatever_changes_something_needs_the_token_of_the_session(account):
    account("triage", "budi")
    strict = Client(enforce_csrf_checks=True, **HERE)
    answer = enter(strict, "budi")
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert "CSRF token" in answer.json()["detail"]
    page = strict.get("/staff/login")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]
    given = {"username": "budi", "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert strict.post("/staff/login", given).status_code == 302
    assert strict.post("/staff/logout").status_code == 403


def test_cookies_are_for_tls_alone_and_not_for_scripts(caller, account):
    device = enrolled(account("triage", "budi"))
    enter(caller, "budi")
    session = caller.cookies["staff_session"]
    assert (session["secure"], session["httponly"], session["samesite"]) == (True, True, "Lax")
    caller.post("/staff/second", {"token": code(device)})
    assert caller.cookies["staff_session"].value != session.value


def test_logging_out_ends_the_session_and_takes_a_post(caller, account):
    account("triage", "budi")
    enter(caller, "budi")
    assert caller.get("/staff/logout").status_code == 405
    assert caller.post("/staff/logout")["Location"] == "/staff/login"
    assert not Session.objects.exists()
    assert actions()[-1] == "logout"


@pytest.mark.parametrize(
    ("wanted", "leads_to"),
    [
        ("/staff/password", "/staff/password"),
        ("https://evil.example/", "/staff/"),
        ("//evil.example", "/staff/"),
        ("javascript:alert(1)", "/staff/"),
    ],
)
def test_a_login_leads_to_addresses_of_ours_alone(caller, account, wanted, leads_to):
    account("triage", "budi")
    assert enter(caller, "budi", next=wanted)["Location"] == leads_to


@pytest.mark.parametrize("address", ["/staff/login", "/staff/login?lang=en"])
def test_the_page_loads_nothing_of_others_and_is_kept_by_nobody(caller, db, address):
    answer = caller.get(address)
    language = "en" if "lang" in address else "id"
    assert f'<html lang="{language}">' in answer.text
    assert answer["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
    assert not re.search(r"<script|style=|<style| on\w+=", answer.text)
    assert (answer["Cache-Control"], "Cookie" in answer["Vary"]) == ("private, no-store", True)


PUBLIC = (
    "/",
    "/health",
    "/tiles",
    "/tiles/reports/12/3263/2112.geojson",
    "/api",
    "/api/map",
    "/api/feeds",
    "/api/reports?bbox=106.8,-6.2,106.9,-6.1",
    "/api/collections",
    "/api/collections/reports/items",
    "/open311/v2/services.json",
    "/mapit/areas/kota",
    "/api/none",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_no_public_answer_sets_a_cookie_or_varies_by_one(caller, account, address, settings):
    settings.SECOND_FACTOR = "none"
    account("triage", "budi")
    enter(caller, "budi")
    caller.cookies["staff_csrf"] = "x" * 32
    answer = caller.get(address)
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert "cookie" not in answer.get("Vary", "").lower()


def test_a_public_answer_asks_the_database_for_no_session(caller, account, django_assert_num_queries):
    account("triage", "budi")
    enter(caller, "budi")
    with django_assert_num_queries(0):
        assert caller.get("/health").status_code == 200


def test_a_door_of_staff_is_not_open_to_pages_of_others(caller, city):
    answer = caller.get("/api/staff/me", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Session realm="staff"'
    assert answer["Content-Type"] == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in answer
    assert "/staff/login" in answer.json()["detail"]


def test_an_official_is_told_the_own_office(caller, account, settings):
    settings.SECOND_FACTOR = "none"
    code = Office.objects.filter(level="kelurahan").order_by("code").first().code
    account("official", "lurah", office=code)
    enter(caller, "lurah")
    assert caller.get("/api/staff/me").json()["office"] == code


def test_the_language_of_the_login_goes_on_in_the_console_and_at_its_other_pages(caller, account, settings):
    settings.SECOND_FACTOR = "none"
    account("triage", "budi")
    enter(caller, "budi", lang="en")
    assert '<html lang="en">' in caller.get("/staff/account").text
    page = caller.get("/staff/password").text
    assert '<html lang="en">' in page and "<title>Change the password" in page
    assert caller.post("/staff/logout")["Location"] == "/staff/login?lang=en"


def test_who_is_in_is_led_on_from_the_login(caller, account):
    account("triage", "budi")
    enter(caller, "budi")
    assert caller.get("/staff/login?next=/staff/account")["Location"] == "/staff/account"


def test_a_password_of_somebody_else_is_replaced_on_the_way_to_the_page_that_was_wanted(
    caller, account, settings
):
    settings.SECOND_FACTOR = "none"
    account("triage", "budi")
    _, once = accounts.give_password("budi", timezone.now())
    enter(caller, "budi", once)
    answer = caller.get("/staff/account")
    assert answer["Location"] == "/staff/password?next=%2Fstaff%2Faccount"
    assert words.words("id", "staff")["password_own"] in caller.get(answer["Location"]).text
    new = "gorong-gorong-mampet"
    given = {"old_password": once, "new_password1": new, "new_password2": new}
    assert 'href="/staff/account"' in caller.post(answer["Location"], given).text
    assert words.words("id", "staff")["password_own"] not in caller.get("/staff/password").text


def test_recovery_codes_can_be_kept_as_a_file_and_what_is_left_is_counted(caller, account):
    user = account("triage", "budi")
    device = enrolled(user)
    enter(caller, "budi")
    caller.post("/staff/second", {"token": code(device)})
    page = caller.post("/staff/second/codes").text
    codes = re.findall(r"<li><code>(\w+)", page)
    kept = unquote(re.search(r'download="[^"]+" href="data:text/plain;charset=utf-8,([^"]+)"', page)[1])
    assert kept.split() == ["budi", *codes]
    assert second.match(user, codes[0])
    left = words.words("id", "staff")["codes_left"]
    assert f"{left} {second.CODES - 1}" in caller.get("/staff/second/codes").text
