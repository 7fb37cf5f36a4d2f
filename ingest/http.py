"""The network: the only module of the platform that speaks to it."""

import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
import urllib3

from geoplatform.errors import FeedRefused, FeedUnavailable
from ingest.adapter import Feed

logger = logging.getLogger(__name__)

USER_AGENT = "geoplatform (Jakarta Smart City)"
TRIES = 4
PASSING = {429, 500, 502, 503, 504}
LONGEST_WAIT_S = 30.0
# Reading the body goes past requests, and so do its errors.
NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError)
# These speak of us, not of the one thing that was asked for.
WHOLLY_REFUSED = {401, 402, 403, 407}
REFUSED = {
    401: "the token is missing, wrong or expired",
    403: "the token does not allow this",
    404: "there is nothing at this address",
}


class HttpSession:
    """One feed's server: base URL, token, timeout, bounded size, retries with growing, jittered pauses."""

    def __init__(self, feed: Feed, pause: Callable[[float], None] = time.sleep) -> None:
        self.feed = feed
        self.pause = pause
        self.requests = requests.Session()
        self.requests.headers["User-Agent"] = USER_AGENT
        if feed.token and feed.token_header:
            self.requests.headers[feed.token_header] = feed.token

    def __enter__(self) -> "HttpSession":
        return self

    def __exit__(self, *exc: object) -> None:
        self.requests.close()

    def json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """See ``ingest.adapter.Session.json``."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(path, params)
            except _Passing as problem:
                wait = problem.retry_after_s or min(LONGEST_WAIT_S, 2.0**attempt * random.uniform(0.5, 1))  # noqa: S311
                if attempt == TRIES or wait > LONGEST_WAIT_S:
                    raise FeedUnavailable(f"{self.feed.name}: {path}: {problem}") from problem
                logger.info(
                    "retry feed=%s path=%s attempt=%d wait_s=%.1f", self.feed.name, path, attempt, wait
                )
                self.pause(wait)
        raise AssertionError("unreachable")

    def _once(self, path: str, params: Mapping[str, str | int] | None) -> Any:
        url = f"{self.feed.url.rstrip('/')}/{path.format(token=self.feed.token).lstrip('/')}"
        try:
            with self.requests.get(url, params=params, timeout=self.feed.timeout_s, stream=True) as response:
                self._check(path, response)
                body = self._body(path, response)
        except NO_ANSWER as error:
            # The exception's own text holds the whole URL, and with it the token.
            raise _Passing(f"no whole answer ({type(error).__name__})") from None
        if response.status_code == 204:
            return None
        try:
            return json.loads(body)
        except ValueError as error:
            raise _Passing(f"{len(body)} bytes that are no JSON ({type(error).__name__})") from None

    def _check(self, path: str, response: requests.Response) -> None:
        if response.status_code in PASSING:
            raise _Passing(f"status {response.status_code}", _seconds(response.headers.get("Retry-After")))
        if response.status_code >= 400:
            why = REFUSED.get(response.status_code, "refused")
            kind = FeedUnavailable if response.status_code in WHOLLY_REFUSED else FeedRefused
            raise kind(f"{self.feed.name}: {path}: status {response.status_code}: {why}")

    def _body(self, path: str, response: requests.Response) -> bytes:
        deadline = time.monotonic() + 5 * self.feed.timeout_s
        body = bytearray()
        for piece in _pieces(response):
            body += piece
            if len(body) > self.feed.max_bytes:
                raise FeedUnavailable(f"{self.feed.name}: {path}: more than max_bytes {self.feed.max_bytes}")
            if time.monotonic() > deadline:
                raise _Passing(f"slower than {5 * self.feed.timeout_s:.0f} s")
        return bytes(body)


class _Passing(Exception):
    """A fault that may be gone a little later."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


def _seconds(retry_after: str | None) -> float | None:
    """Read Retry-After where it counts seconds; its form as a date is rare and then our own pause serves."""
    return float(retry_after) if retry_after and retry_after.isdigit() else None


def _pieces(response: requests.Response) -> Iterator[bytes]:
    """Yield a body as it arrives.

    ``iter_content`` would wait until a piece is full: a server that sends a byte a second outlasts any
    deadline that is looked at between two pieces.
    """
    while piece := response.raw.read1(65536, decode_content=True):
        yield piece


def download(url: str, within_s: float, max_bytes: int = 100_000_000) -> bytes:
    """Return what an address holds.

    Raises
    ------
    FeedUnavailable
        Not all of it came within ``within_s`` seconds, an error status, or more than ``max_bytes``.
    """
    deadline = time.monotonic() + within_s
    body = bytearray()
    try:
        with requests.get(url, timeout=within_s, stream=True, headers={"User-Agent": USER_AGENT}) as response:
            response.raise_for_status()
            for piece in _pieces(response):
                body += piece
                if len(body) > max_bytes:
                    raise FeedUnavailable(f"{url}: more than {max_bytes} bytes")
                if time.monotonic() > deadline:
                    raise FeedUnavailable(f"{url}: only {len(body)} bytes within {within_s:.1f} s")
    except NO_ANSWER as error:
        raise FeedUnavailable(f"{url}: {type(error).__name__}") from error
    return bytes(body)
