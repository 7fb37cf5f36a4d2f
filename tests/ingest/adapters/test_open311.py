"""An Open311 GeoReport v2 server as a source: both forms, times in parts, what changed, errors as told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from fixtures import faults
from fixtures.server import SourceServer
from fixtures.sources import open311 as server
from fixtures.view import View
from geoplatform.errors import BadSettings, FeedChanged, FeedUnavailable, Rejected
from ingest import feeds, pipeline
from ingest.adapters.open311 import Adapter
from ingest.dialects import georeport
from ingest.models import Rejection, Run
from ingest.network.http import HttpSession
from reports import intake
from reports.models import Report, SourceUpdate
from tests.conftest import MONAS, NOON, ROOT, sent

DAY = timedelta(days=1)
REQUESTS = "/open311/requests."


@pytest.fixture
def sources(settings) -> Iterator[SourceServer]:
    """The simulated city with days enough that some requests are closed."""
    with SourceServer(now=NOON, days=4, scale=0.5) as running:
        settings.SIMULATED_CITY_URL = running.url
        yield running


@pytest.fixture
def made():
    """Return the adapter with other options; None leaves one out."""

    def make(**options: Any) -> Adapter:
        feed = feeds.feed("open311")
        merged = {**feed.options, **options}
        return Adapter(
            replace(feed, options={name: value for name, value in merged.items() if value is not None})
        )

    return make


@pytest.fixture
def read(monkeypatch):
    """Run the feed with other options over the last day, without waiting between retries."""

    def run(adapter: Adapter, **more: Any) -> Run:
        monkeypatch.setattr(feeds, "adapter", lambda name: adapter)
        with HttpSession(adapter.feed, lambda seconds: None) as session:
            return pipeline.run(
                "open311", **({"since": NOON - 3 * DAY, "now": NOON, "session": session} | more)
            )

    return run


def body(name: str) -> bytes:
    return (ROOT / "fixtures" / "feeds" / "open311" / name).read_bytes()


def asked(sources) -> list[dict[str, str]]:
    return [request.query for request in sources.requests if request.path.startswith(REQUESTS)]


def rows() -> list[Any]:
    reports = Report.objects.order_by("external_id")
    steps = SourceUpdate.objects.order_by("external_id", "at")
    return [
        list(
            reports.values_list(
                "external_id", "category", "description", "status", "point", "hint", "image_url"
            )
        ),
        list(steps.values_list("external_id", "at", "status", "by", "note")),
    ]


def test_a_request_is_a_report_and_its_status_a_step(made):
    payload = next(iter(made().document(body("requests_edges.json"))))
    (report,) = made().parse(payload)
    assert (report.external_id, report.category) == ("9007199254740993", "streetlight")
    assert (report.point, report.hint, report.image_url) == (MONAS, "depan pasar", "")
    assert report.submitted_at == report.updated_at == datetime(2016, 4, 14, 9, tzinfo=UTC)
    assert "💡 שלום" in report.description


def test_a_closed_request_without_words_is_done_at_its_change_in_jakarta_time(made):
    payload = list(made().document(body("requests_edges.json")))[1]
    report, trace = made().parse(payload)
    assert (report.category, report.description, report.point) == ("other", "", None)
    assert [(step.status, step.at) for step in trace.updates] == [
        ("done", datetime(2016, 4, 14, 9, 30, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (2, "unknown category '777'"),
        (3, "lon -6.2, lat 106.8 is not on Earth"),
        (4, "unknown status 'acknowledged'"),
        (5, "it has no id yet"),
    ],
)
def test_a_request_that_cannot_be_used_is_set_aside(made, index, reason):
    payload = list(made().document(body("requests_edges.json")))[index]
    with pytest.raises(Rejected, match=reason):
        made().parse(payload)


def test_a_code_written_as_a_number_is_looked_up_by_the_name_and_the_unknown_is_named(made):
    payload = list(made(categories={"Sampah": "garbage"}).document(body("requests_edges.json")))[6]
    report, trace = made(categories={"Sampah": "garbage"}).parse(payload)
    assert (report.category, report.point, report.unread) == ("garbage", None, ("keterangan_lain",))
    assert trace.updates[0].at == report.submitted_at


def test_a_status_of_an_extension_is_a_line_in_the_toml(made):
    adapter = made(statuses={"open": "waiting", "closed": "done", "acknowledged": "in_progress"})
    payload = list(adapter.document(body("requests_edges.json")))[4]
    _, trace = adapter.parse(payload)
    assert trace.updates[0].status == "in_progress"


@pytest.mark.parametrize("name", ["service_request_id", "status", "requested_datetime"])
def test_a_request_without_what_must_be_there_stops_the_run(made, name):
    payload = dict(next(iter(made().document(body("requests.json")))))
    del payload[name]
    with pytest.raises(FeedChanged, match=f"no field '{name}'"):
        made().parse(payload)


def test_both_forms_of_a_document_say_the_same(made):
    def said(name: str) -> list[Any]:
        records = [record for payload in made().document(body(name)) for record in made().parse(payload)]
        return [replace(record, digest="") if hasattr(record, "digest") else record for record in records]

    assert said("requests.xml") == said("requests.json") != []
    assert not any(record.unread for record in said("requests.json"))
    assert list(made().document(body("requests_none.json"))) == []


@pytest.mark.parametrize("name", ["errors.json", "errors.xml"])
def test_errors_in_place_of_requests_are_told(made, name):
    with pytest.raises(FeedUnavailable, match="400 start_date is no W3C time"):
        list(made().document(body(name)))


@pytest.mark.parametrize(
    ("document", "error", "message"),
    [
        (b"{}", FeedChanged, "no array"),
        (b"[1", FeedChanged, "no JSON"),
        (b"<service_requests><request>", FeedUnavailable, "no whole XML"),
        (b"<html/>", FeedChanged, "root of the XML is 'html'"),
        (
            b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><service_requests>&a;</service_requests>',
            FeedUnavailable,
            "EntitiesForbidden",
        ),
    ],
)
def test_a_document_of_another_form_is_refused(made, document, error, message):
    with pytest.raises(error, match=message):
        list(made().document(document))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"form": "yaml"}, "options.form is 'yaml', expected one of json, xml"),
        ({"window_days": 91}, "options.window_days is 91, expected 1 to 90"),
        ({"categories": {"001": "jalan"}}, "options.categories.001 is 'jalan'"),
        ({"categories": None}, "options.category is missing, and categories too"),
        ({"statuses": {"open": "buka"}}, "options.statuses.open is 'buka'"),
        ({"updated_after": "yes"}, "options.updated_after is 'yes', expected bool"),
        ({"page": "page"}, "options.page is not known"),
    ],
)
def test_a_wrong_table_is_named_when_the_adapter_is_made(made, options, message):
    with pytest.raises(BadSettings) as raised:
        made(**options)
    assert f"feed open311: {message}" in str(raised.value)


# --- Over HTTP, into the database


def test_a_run_stores_what_the_partner_has_with_places_and_statuses(city, sources, made, read):
    run = read(made(category="other"))
    known = server.heard(View(sources._seen_now(), sources.seed))
    assert (run.outcome, run.rejected, run.unread) == ("complete", 0, [])
    assert (
        Report.objects.count()
        == run.new
        == len([one for one in known if one.submitted_at >= NOON - 3 * DAY])
        > 0
    )
    assert Report.objects.exclude(kelurahan_code=None).exists()
    assert (
        SourceUpdate.objects.filter(status="done").exists() == Report.objects.filter(status="done").exists()
    )
    assert not Report.objects.filter(simulated=False).exists()
    again = read(made(category="other"))
    assert (again.new, again.changed) == (0, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"form": "xml"},
        {"page_name": "page", "page_size": 2},
        {"page_name": "page", "page_size": 2, "form": "xml"},
        {"at_most": 3},
        {"updated_after": True},
        {"jurisdiction_id": "kota.example"},
    ],
    ids=str,
)
def test_every_way_to_ask_ends_with_the_same_reports(city, sources, made, read, options):
    with transaction.atomic():
        read(made(category="other"), since=NOON - 5 * DAY)
        expected = rows()
        transaction.set_rollback(True)
    read(made(category="other", **options), since=NOON - 5 * DAY)
    assert expected[0]
    assert rows() == expected


def test_a_long_time_is_asked_for_in_parts(city, sources, made, read):
    read(made(window_days=30), since=NOON - 100 * DAY)
    spans = [
        (datetime.fromisoformat(query["start_date"]), datetime.fromisoformat(query["end_date"]))
        for query in asked(sources)
    ]
    assert [end - start for start, end in spans] == [30 * DAY, 30 * DAY, 30 * DAY, 10 * DAY]
    assert (spans[0][0], spans[-1][1]) == (NOON - 100 * DAY, NOON)


def test_an_answer_that_is_full_is_asked_for_again_by_halves(city, sources, made, read):
    full = [{"service_request_id": str(number)} for number in range(3)]
    sources.answer(f"{REQUESTS}json", full)
    with pytest.raises(FeedUnavailable, match="3 requests in a minute: raise at_most"):
        read(made(at_most=3))


def test_what_is_open_here_is_asked_for_by_its_id_until_it_is_closed(city, sources, made, read, submission):
    adapter = made(category="other")
    known = server.heard(View(sources._seen_now(), sources.seed))
    closed = next(one for one in known if server.request_of(one)["status"] == "closed")
    intake.receive(
        [
            submission(
                str(closed.number), channel="open311", submitted_at=NOON - 9 * DAY, updated_at=NOON - 9 * DAY
            )
        ],
        True,
    )
    read(adapter, since=NOON)
    assert asked(sources)[-1] == {"service_request_id": str(closed.number)}
    assert Report.objects.get(external_id=str(closed.number)).status == "done"


def test_ids_that_a_server_does_not_know_are_passed_over(city, sources, made, read, submission, caplog):
    intake.receive([submission("77", channel="open311")], True)
    assert read(made(), since=NOON).outcome == "complete"
    assert "requests refused feed=open311 ids=1" in caplog.text
    assert "404 service_request_id was not found" in caplog.text


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_error_of_a_server_is_in_the_message_of_the_run(city, sources, made, read, form):
    said = '[{"code": 403, "description": "api_key is invalid"}]'
    if form == "xml":
        said = server.as_xml("errors", "error", [{"code": "403", "description": "api_key is invalid"}])
    sources.fail(REQUESTS, faults.status(403, said), times=None)
    with pytest.raises(FeedUnavailable, match=r"status 403: .*: 403 api_key is invalid"):
        read(made(form=form))
    assert Run.objects.get().outcome == "failed"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_faults_in_passing_lose_nothing(city, sources, made, read, form):
    for fault in (
        faults.status(500),
        faults.dropped(),
        faults.too_many_requests(1),
        faults.too_many_requests(),
    ):
        sources.fail(REQUESTS, fault)
        assert read(made(category="other", form=form)).outcome == "complete"
    assert Report.objects.exists()


def test_half_an_answer_fails_the_run_and_the_next_one_has_it(city, sources, made, read):
    sources.fail(REQUESTS, faults.truncated())
    with pytest.raises(FeedUnavailable, match="no whole XML"):
        read(made(form="xml"))
    assert read(made(form="xml")).outcome == "complete"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_no_content_is_an_empty_run(city, sources, made, read, form):
    sources.fail(REQUESTS, faults.empty(), times=None)
    run = read(made(form=form))
    assert (run.outcome, run.fetched) == ("complete", 0)


def test_no_content_in_place_of_a_later_page_fails_the_run(city, sources, made, read):
    def on_page_two(request, route):
        return faults.empty()(request, route) if request.query.get("page") == "2" else route(request)

    sources.fail(REQUESTS, on_page_two, times=None)
    with pytest.raises(FeedUnavailable, match="no content on page 2"):
        read(made(category="other", page_name="page", page_size=2))
    assert Run.objects.get().reached_at is None


def test_a_page_said_twice_ends_the_reading_and_order_does_not_matter(city, sources, made, read):
    sources.fail(REQUESTS, faults.reversed_order(), times=None)
    read(made(category="other"))
    expected = rows()
    sources.clear()
    sources.fail(f"{REQUESTS}json?start", faults.repeated_page(1), times=None)
    assert read(made(category="other", page_name="page", page_size=2)).new == 0
    assert rows() == expected


def test_a_renamed_field_stops_the_run(city, sources, made, read):
    sources.fail(REQUESTS, faults.renamed("requested_datetime", "requestedDatetime"), times=None)
    with pytest.raises(FeedChanged, match="no field 'requested_datetime'"):
        read(made())


def test_a_request_from_the_future_is_set_aside(city, made, recorded, monkeypatch):
    document = recorded("open311/requests")[:1]
    document[0]["updated_datetime"] = "2099-01-01T00:00:00Z"
    monkeypatch.setattr(feeds, "adapter", lambda name: made())
    assert pipeline.run("open311", document=sent(document)).rejected == 1
    assert "lies in the future" in Rejection.objects.get().reason


def test_a_window_is_cut_in_parts_that_meet():
    parts = list(georeport.windows(NOON - timedelta(days=2.5), NOON, DAY))
    assert [end for _, end in parts][:-1] == [start for start, _ in parts][1:]
    assert list(georeport.windows(NOON, NOON, DAY)) == []
