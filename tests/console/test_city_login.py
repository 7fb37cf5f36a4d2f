"""The city's own login: the real protocol against a provider on loopback, whose tokens are signed."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from access.models import Entry
from staff import accounts
from tests.conftest import NOON

pytestmark = pytest.mark.filterwarnings("ignore:No directory at")
CLIENT, SECRET, EMAIL = "geoplatform", "rahasia-bersama-klien", "budi@contoh.go.id"
KEY, OTHER_KEY = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
HOUR_S = 3600


class Provider(ThreadingHTTPServer):
    """Gives out one token for each code, to who proves to have asked for it (RFC 7636)."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.challenge = self.token = ""
        self.keys = {"1": KEY}


class Asked(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        keys = [
            json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "alg": "RS256"}
            for kid, key in self.server.keys.items()
        ]
        self._answer(200, {"keys": [key | {"use": "sig"} for key in keys]})

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        digest = hashlib.sha256(sent["code_verifier"][0].encode()).digest()
        proven = base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.server.challenge
        if not proven or sent["client_secret"] != [SECRET] or sent["code"] != ["the-code"]:
            self._answer(400, {"error": "invalid_grant"})
        else:
            self._answer(200, {"access_token": "x", "token_type": "Bearer", "id_token": self.server.token})

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def provider(settings, city) -> Iterator[Provider]:
    with Provider() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.OIDC_RP_CLIENT_ID, settings.OIDC_RP_CLIENT_SECRET = CLIENT, SECRET
        settings.OIDC_ISSUER = server.url
        settings.OIDC_OP_AUTHORIZATION_ENDPOINT = f"{server.url}/authorize"
        settings.OIDC_OP_TOKEN_ENDPOINT = f"{server.url}/token"
        settings.OIDC_OP_JWKS_ENDPOINT = f"{server.url}/jwks"
        settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "staff.oidc.CityBackend"]
        settings.SECOND_FACTOR = "none"
        accounts.create("budi", ["triage"], None, NOON, email=EMAIL)
        yield server
        server.shutdown()


def come_in(
    caller: Client, provider: Provider, key=KEY, code: str = "the-code", kid: str | None = "1", **said: object
):
    """Go by the provider as a browser does; what its token says otherwise than it should is named."""
    leads = caller.get("/staff/oidc/begin?next=/staff/password")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(leads["Location"]).query).items()}
    assert leads["Location"].startswith(f"{provider.url}/authorize?")
    assert (asked["client_id"], asked["code_challenge_method"]) == (CLIENT, "S256")
    now = int(timezone.now().timestamp())
    claims = {
        "iss": provider.url,
        "aud": CLIENT,
        "sub": "4711",
        "nonce": asked["nonce"],
        "iat": now,
        "exp": now + HOUR_S,
        "email": EMAIL.upper(),
        "email_verified": True,
    }
    provider.challenge = asked["code_challenge"]
    provider.token = jwt.encode(claims | said, key, algorithm="RS256", headers={"kid": kid} if kid else None)
    return caller.get("/staff/oidc/callback", {"code": code, "state": asked["state"]})


def test_whoever_the_city_names_comes_into_the_account_of_the_address(provider):
    caller = Client()
    assert come_in(caller, provider)["Location"] == "/staff/password"
    assert caller.get("/api/staff/me").json()["username"] == "budi"
    entry = Entry.objects.get()
    assert (entry.action, entry.by, entry.details) == ("login", entry.subject, {"way": "oidc"})


def test_whoever_comes_by_the_city_is_asked_for_the_second_factor(provider, settings):
    settings.SECOND_FACTOR = "all"
    caller = Client()
    come_in(caller, provider)
    assert caller.get("/api/staff/me").status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": OTHER_KEY},
        {"kid": "2"},
        {"code": "another-code"},
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"nonce": "of-another-session"},
        {"exp": 1},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email": "nobody@contoh.go.id"},
        {"email": ""},
    ],
    ids=[
        "other key", "unknown key", "other code", "other issuer", "other client", "other clients",
        "other session", "expired", "address not verified", "verified in words",
        "unknown address", "no address",
    ],
)  # fmt: skip
def test_a_login_that_cannot_be_believed_or_has_no_account_lets_nobody_in(provider, wrong):
    caller = Client()
    assert come_in(caller, provider, **wrong).status_code == 403
    assert caller.get("/api/staff/me").status_code == 401
    assert list(Entry.objects.values_list("action", "by")) == [("login.failed", "")]


def test_a_token_that_names_no_key_is_of_the_only_one_there_is_or_of_none(provider):
    assert come_in(Client(), provider, kid=None)["Location"] == "/staff/password"
    assert come_in(Client(), provider, kid=None, key=OTHER_KEY).status_code == 403
    provider.keys["2"] = OTHER_KEY
    assert come_in(Client(), provider, kid=None).status_code == 403


def test_an_account_that_is_disabled_stays_out(provider):
    accounts.disable("budi")
    assert come_in(Client(), provider).status_code == 403


@pytest.mark.parametrize("backend", ["django.contrib.auth.backends.ModelBackend", "staff.oidc.CityBackend"])
def test_who_is_disabled_is_out_of_every_page_with_the_next_request_however_they_came(provider, backend):
    caller = Client()
    caller.force_login(accounts.find("budi"), backend=backend)
    pages = ("/staff/account", "/staff/password", "/staff/second/enrol", "/api/staff/me")
    assert [caller.get(page).status_code for page in pages] == [200, 200, 200, 200]
    accounts.disable("budi")
    assert [caller.get(page).status_code for page in pages] == [302, 302, 302, 401]


def test_an_answer_that_nobody_asked_for_is_refused(provider):
    caller = Client()
    come_in(caller, provider)
    answer = caller.get("/staff/oidc/callback", {"code": "the-code", "state": "made-up"})
    assert answer.status_code == 400
    assert Client().get("/staff/oidc/callback", {"code": "the-code", "state": "made-up"}).status_code == 403


def test_a_provider_that_is_gone_lets_nobody_in(provider, settings):
    settings.OIDC_OP_TOKEN_ENDPOINT = "http://127.0.0.1:1/token"
    assert come_in(Client(), provider).status_code == 403


def test_it_is_offered_where_the_settings_name_it_and_nowhere_else(provider, settings):
    assert "/staff/oidc/begin" in Client().get("/staff/login").text
    settings.OIDC_RP_CLIENT_ID = ""
    assert "/staff/oidc/begin" not in Client().get("/staff/login").text
    assert Client().get("/staff/oidc/begin").status_code == 404
    assert Client().get("/staff/oidc/callback").status_code == 404
