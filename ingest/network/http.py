"""The web: the only module of the platform that speaks HTTP to others.

No server with a private address is spoken to unless its feed allows it (see ``ingest.network.addresses``).
"""

import logging
import random
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from socket import gaierror, socket
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from geoplatform.errors import FeedRefused, FeedUnavailable
from ingest import canonical
from ingest.adapter import Cursor, Feed
from ingest.network.addresses import connect

logger = logging.getLogger(__name__)

USER_AGENT = "geoplatform (Jakarta Smart City)"
TRIES = 4
PASSING = {429, 500, 502, 503, 504}
LONGEST_WAIT_S = 30.0
LONGEST_AWAY_S = 86_400.0  # whatever a server asks for: nobody would look after a feed that rests for a year
MOST_HOPS = 5
PORTS = {"http": 80, "https": 443}
DIGITS = re.compile("[0-9]+")
# Reading the body goes past requests, and so do its errors.
NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError)
# These speak of us, not of the one thing that was asked for.
WHOLLY_REFUSED = {401, 402, 403, 407}
REFUSED = {
    401: "the token is missing, wrong or expired",
    403: "the token does not allow this",
    404: "there is nothing at this address",
}
NOTHING = {204, 304}
SHOWN = 2000  # characters of an error's body


class HttpSession:
    """One feed's server: base URL, token, timeout, bounded size, retries with growing, jittered pauses."""

    def __init__(self, feed: Feed, pause: Callable[[float], None] = time.sleep) -> None:
        self.feed = feed
        self.pause = pause
        self.requests = _session(feed.allow_hosts, _AtOneServer)
        if feed.token and feed.token_header:
            header, _, form = feed.token_header.partition(":")
            self.requests.headers[header] = form.strip().format(token=feed.token) or feed.token

    def __enter__(self) -> "HttpSession":
        return self

    def __exit__(self, *exc: object) -> None:
        self.requests.close()

    def json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """See ``ingest.adapter.Session.json``."""
        return self._patiently(path, lambda: self._json(path, params))

    def post(self, path: str, body: bytes, media_type: str) -> bytes:
        """See ``ingest.adapter.Session.post``: not tried again, for it may have arrived."""
        try:
            return self._ask("POST", path, headers={"Content-Type": media_type}, data=body)[1]
        except _Passing as problem:
            raise self._unavailable(path, problem) from problem

    def documents(self, path: str, cursor: Cursor | None) -> Iterator[tuple[bytes, Cursor]]:
        """See ``ingest.adapter.Session.documents``: one, unless the server says that it did not change."""
        known = cursor or {}
        names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
        headers = {names[name]: known[name] for name in names if known.get(name)}
        response, body = self._patiently(path, lambda: self._ask("GET", path, headers=headers))
        if response.status_code not in NOTHING:
            behind = {"etag": response.headers.get("ETag"), "modified": response.headers.get("Last-Modified")}
            yield body, {name: value for name, value in behind.items() if value}

    def _patiently(self, path: str, ask: Callable[[], Any]) -> Any:
        """Ask until there is an answer, a few times."""
        for attempt in range(1, TRIES + 1):
            try:
                return ask()
            except _Passing as problem:
                wait = problem.retry_after_s or min(LONGEST_WAIT_S, 2.0**attempt * random.uniform(0.5, 1))  # noqa: S311
                if attempt == TRIES or wait > LONGEST_WAIT_S:
                    raise self._unavailable(path, problem) from problem
                logger.info(
                    "retry feed=%s path=%s attempt=%d wait_s=%.1f", self.feed.name, path, attempt, wait
                )
                self.pause(wait)
        raise AssertionError("unreachable")

    def _unavailable(self, path: str, problem: "_Passing") -> FeedUnavailable:
        return FeedUnavailable(f"{self.feed.name}: {path}: {problem}", problem.retry_after_s)

    def _json(self, path: str, params: Mapping[str, str | int] | None) -> Any:
        response, body = self._ask("GET", path, params=params)
        if response.status_code == 204:
            return None
        try:
            return canonical.read(body)
        except ValueError as error:
            raise _Passing(f"{len(body)} bytes that are no JSON ({type(error).__name__})") from None

    def _ask(self, method: str, path: str, **more: Any) -> tuple[requests.Response, bytes]:
        # Only the address bears the token: the path as it is written goes into errors.
        base, secret = self.feed.url.rstrip("/"), path.format(token=self.feed.token).lstrip("/")
        url = f"{base}/{secret}" if secret else base
        try:
            for _ in range(MOST_HOPS):
                with self._sent(method, url, **more) as response:
                    if response.is_redirect:
                        url = self._followed(method, path, response)
                        # The new address has its own.
                        more.pop("params", None)
                        continue
                    self._check(path, response)
                    return response, self._body(path, response)
        except NO_ANSWER as error:
            # The exception's own text holds the whole URL, and with it the token.
            raise _Passing(f"no whole answer ({type(error).__name__})") from None
        raise FeedUnavailable(f"{self.feed.name}: {path}: sent on more than {MOST_HOPS} times")

    def _sent(self, method: str, url: str, **more: Any) -> requests.Response:
        response: requests.Response = self.requests.request(
            method, url, timeout=self.feed.timeout_s, stream=True, **more
        )
        return response

    def _followed(self, method: str, path: str, response: requests.Response) -> str:
        """Return where an answer sends us on to; only to the same server, and never what is posted.

        Any other server would be given the token: requests takes only Authorization out.
        """
        try:
            there = urljoin(response.url, response.headers["Location"])
            host, is_same = urlsplit(there).hostname, _is_same_server(response.url, there)
        except ValueError:
            host, is_same = "what is no address", False
        if method == "GET" and is_same:
            return there
        raise FeedUnavailable(
            f"{self.feed.name}: {path}: status {response.status_code}: it sends us on to {host}, which is "
            f"not followed: set the url of the feed"
        )

    def _check(self, path: str, response: requests.Response) -> None:
        if response.status_code in PASSING:
            raise _Passing(f"status {response.status_code}", _retry_after_s(response.headers))
        if response.status_code >= 400:
            why = REFUSED.get(response.status_code, "refused")
            kind = FeedUnavailable if response.status_code in WHOLLY_REFUSED else FeedRefused
            answer = self._body(path, response)[:SHOWN].decode(errors="replace")
            raise kind(f"{self.feed.name}: {path}: status {response.status_code}: {why}", answer=answer)

    def _body(self, path: str, response: requests.Response) -> bytes:
        deadline = time.monotonic() + 5 * self.feed.timeout_s
        body = bytearray()
        for piece in _pieces(response):
            body += piece
            if len(body) > self.feed.max_bytes:
                raise FeedUnavailable(f"{self.feed.name}: {path}: more than max_bytes {self.feed.max_bytes}")
            if time.monotonic() > deadline:
                # Not tried again: four times that long it would keep one of the few places of a worker.
                raise FeedUnavailable(
                    f"{self.feed.name}: {path}: slower than {5 * self.feed.timeout_s:.0f} s"
                )
        return bytes(body)


class _Passing(Exception):
    """A fault that may be gone a little later."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Read how long we are asked to stay away: Retry-After in either form, or X's time of the next period."""
    after = headers.get("Retry-After", "")
    reset = headers.get("x-rate-limit-reset", "")
    try:
        # As floats, which a number of any length is: the greatest is infinite.
        if DIGITS.fullmatch(after):
            seconds = float(after)
        elif DIGITS.fullmatch(reset):
            seconds = float(reset) - time.time()
        else:
            seconds = parsedate_to_datetime(after).astimezone(UTC).timestamp() - time.time()
    except (ValueError, OverflowError):
        return None
    # None where it is past, or a clock is wrong.
    return min(seconds, LONGEST_AWAY_S) if seconds > 0 else None


def _is_same_server(here: str, there: str) -> bool:
    """Say whether two addresses are of one server; one that asks for TLS from now on is the same."""
    ours, theirs = urlsplit(here), urlsplit(there)
    if ours.hostname != theirs.hostname:
        return False
    ports = (ours.port or PORTS.get(ours.scheme), theirs.port or PORTS.get(theirs.scheme))
    return (ours.scheme == theirs.scheme and ports[0] == ports[1]) or (
        (ours.scheme, theirs.scheme, *ports) == ("http", "https", 80, 443)
    )


class _AtOneServer(requests.Session):
    """Follows no redirect by itself, nor looks whether one could be followed."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return no address."""


def _session(
    allow_hosts: Collection[str],
    made: type[requests.Session] = requests.Session,
    watch: Callable[[socket], None] | None = None,
) -> requests.Session:
    """Return a session whose connections are guarded; ``watch`` is called with each before TLS."""
    session = made()
    session.headers["User-Agent"] = USER_AGENT
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Guarded(allow_hosts, watch))
    return session


class _Guarded(HTTPAdapter):
    """Makes connections that look at whom they reach before they do."""

    def __init__(self, allow_hosts: Collection[str], watch: Callable[[socket], None] | None) -> None:
        self._allow_hosts, self._watch = allow_hosts, watch
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Let each pool make guarded connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {
            "http": _pool(HTTPConnectionPool, HTTPConnection, self._allow_hosts, self._watch),
            "https": _pool(HTTPSConnectionPool, HTTPSConnection, self._allow_hosts, self._watch),
        }


def _pool(
    pool: type, connection: type, allow_hosts: Collection[str], watch: Callable[[socket], None] | None
) -> type:
    """Return a class of connection pools whose connections refuse private addresses."""

    def new(self: Any) -> socket:
        # What urllib3 does here, but for the resolving.
        try:
            made = connect(self._dns_host, self.port, self.timeout, allow_hosts, self.socket_options or ())
            if watch:
                watch(made)
            return made
        except gaierror as error:
            raise NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, f"no connection within {self.timeout} s") from error
        except OSError as error:
            raise NewConnectionError(self, f"no connection: {error}") from error

    guarded = type(connection.__name__, (connection,), {"_new_conn": new})
    return type(pool.__name__, (pool,), {"ConnectionCls": guarded})


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield a body as it arrives.

    ``iter_content`` would wait until a piece is full: a server that sends a byte a second outlasts any
    deadline that is looked at between two pieces.
    """
    while piece := response.raw.read1(65536, decode_content=True):
        yield piece


def download(
    url: str, within_s: float, max_bytes: int = 100_000_000, allow_hosts: Collection[str] = ()
) -> bytes:
    """Return what an address holds.

    Raises
    ------
    FeedUnavailable
        Not all of it came within ``within_s`` seconds, an error status, more than ``max_bytes``, or a private
        address, its own or one that it leads to, that ``allow_hosts`` does not name.
    """
    deadline = time.monotonic() + within_s
    body = bytearray()
    try:
        with (
            _session(allow_hosts) as session,
            session.get(url, timeout=within_s, stream=True) as response,
        ):
            response.raise_for_status()
            for piece in _pieces(response):
                body += piece
                if len(body) > max_bytes:
                    raise FeedUnavailable(f"{url}: more than {max_bytes} bytes")
                if time.monotonic() > deadline:
                    raise FeedUnavailable(f"{url}: only {len(body)} bytes within {within_s:.1f} s")
    except (*NO_ANSWER, ValueError) as error:  # ValueError: a redirect to what is no address
        raise FeedUnavailable(f"{url}: {type(error).__name__}") from error
    return bytes(body)
