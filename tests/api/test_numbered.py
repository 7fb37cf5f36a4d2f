"""The number of a request: in its answer, in its log lines, on the page of an error; two addresses fail."""

import logging
import re

import pytest
from django.urls import path

import geoplatform.urls
from geoplatform.logs import PlainFormatter

NUMBER = "0af7651916cd43dd8448eb211c80319c"
CITIZEN = "siti.aminah@contoh.co.id"


def broken(request):
    raise RuntimeError(f"{CITIZEN} is not known")


handler404, handler500 = geoplatform.urls.handler404, geoplatform.urls.handler500
urlpatterns = [path("api/broken", broken), path("broken", broken), *geoplatform.urls.urlpatterns]
pytestmark = pytest.mark.urls(__name__)


def test_each_answer_bears_a_number_of_its_own(client, city):
    paths = (
        "/health",
        "/api/map",
        "/nowhere",
        "/api/collections/reports/items?limit=1",
        "/open311/v2/nothing",
    )
    numbers = {client.get(path)["X-Request-Id"] for path in paths}
    assert len(numbers) == len(paths)
    assert all(re.fullmatch("[0-9a-f]{32}", number) for number in numbers)


def test_a_proxy_that_is_trusted_gives_the_number_and_nobody_else_does(client, city, settings):
    settings.TRUSTED_PROXIES = ("10.0.0.0/8",)
    ask = {"HTTP_X_REQUEST_ID": NUMBER}
    assert client.get("/health", REMOTE_ADDR="10.0.0.7", **ask)["X-Request-Id"] == NUMBER
    assert client.get("/health", REMOTE_ADDR="192.0.2.7", **ask)["X-Request-Id"] != NUMBER


@pytest.mark.parametrize(
    "said", ["short", "x" * 65, f"{NUMBER}\r\nSet-Cookie: a=b", "with blanks within it", "ä" * 20]
)
def test_a_number_that_is_not_well_formed_is_replaced(client, city, said):
    assert re.fullmatch("[0-9a-f]{32}", client.get("/health", HTTP_X_REQUEST_ID=said)["X-Request-Id"])


class Kept(logging.Handler):
    """Keeps the lines as they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(PlainFormatter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines():
    kept = Kept()
    logging.getLogger("api").addHandler(kept)
    yield kept.lines
    logging.getLogger("api").removeHandler(kept)


@pytest.mark.parametrize(("path", "accept"), [("/api/broken", "*/*"), ("/broken?lang=en", "text/html")])
def test_who_tells_us_the_number_of_an_error_leads_to_its_line_which_names_nobody(
    client, city, lines, path, accept
):
    client.raise_request_exception = False
    answer = client.get(path, headers={"Accept": accept})
    number = answer["X-Request-Id"]
    assert answer.status_code == 500
    assert number in answer.text
    (line,) = lines
    assert line.splitlines()[0].endswith(f" request={number}")
    assert "RuntimeError" in line and "siti" not in line


def test_a_page_that_is_not_there_troubles_nobody_with_a_number(client, city):
    answer = client.get("/nowhere", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer["X-Request-Id"] not in answer.text
