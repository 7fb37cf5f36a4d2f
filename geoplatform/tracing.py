"""Traces by OpenTelemetry: how long a request took, its statements, and the jobs that it asked for.

The number of a request is the number of its trace: from a line of the log one goes to the trace, and the jobs
that it asks for are part of it. Spans have names and numbers, and no address, parameter or row.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import SpanKind, Status, StatusCode

from geoplatform import trail

if TYPE_CHECKING:
    from procrastinate.job_context import JobContext

NUMBER = re.compile(r"(?!0+$)[0-9a-f]{32}", re.ASCII)
NAMED = re.compile(r"-- ([\w ]+):")  # the head of a statement in a file
FAULT = 500  # and above
tracer = trace.get_tracer("geoplatform")


class Numbers(RandomIdGenerator):
    """Numbers a trace as its request is."""

    def generate_trace_id(self) -> int:
        """Return the number of the request; of one that is numbered otherwise, and of none, a random one."""
        number = trail.request()
        return int(number, 16) if NUMBER.fullmatch(number) else super().generate_trace_id()


def begin(url: str, share: float) -> None:
    """Send traces to a collector (OTLP over HTTP) from now on.

    Parameters
    ----------
    url
        Of the collector: spans are posted to ``<url>/v1/traces``.
    share
        Of all traces, 0 to 1.
    """
    provider = TracerProvider(
        id_generator=Numbers(),
        sampler=ParentBasedTraceIdRatio(share),
        resource=Resource.create({"service.name": "geoplatform"}),
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{url.rstrip('/')}/v1/traces")))
    trace.set_tracer_provider(provider)


class TraceMiddleware:
    """A span for each request that Django answers, one for each statement; behind ``NumberMiddleware``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and say how long it took."""
        method = str(request.method)
        with _span(method, SpanKind.SERVER) as span, _statements():
            response = self.get_response(request)
            route = request.resolver_match.route if request.resolver_match else ""
            span.update_name(f"{method} /{route}")
            span.set_attribute("http.request.method", method)
            span.set_attribute("http.route", f"/{route}")
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= FAULT:
                span.set_status(Status(StatusCode.ERROR))
        return response


async def work(call_next: Callable[[], Awaitable[Any]], context: "JobContext", worker: object) -> Any:
    """Do a job within a span; a middleware of procrastinate's workers, behind ``trail.work``."""
    with _span(context.job.task_name, SpanKind.CONSUMER) as span:
        span.set_attribute("messaging.system", "procrastinate")
        span.set_attribute("messaging.message.id", str(context.job.id))
        return await call_next()


def _span(name: str, kind: SpanKind) -> Any:
    # The text of an error may name somebody: that there was one is enough, the log has the rest.
    return tracer.start_as_current_span(name, kind=kind, record_exception=False, set_status_on_exception=True)


@contextmanager
def _statements() -> Iterator[None]:
    with ExitStack() as stack:
        for one in connections.all():
            stack.enter_context(one.execute_wrapper(_executed))
        yield


def _executed(
    execute: Callable[..., Any], statement: object, params: object, many: bool, context: object
) -> Any:
    name = _name(statement)
    with _span(name, SpanKind.CLIENT) as span:
        span.set_attribute("db.system.name", "postgresql")
        span.set_attribute("db.query.summary", name)
        return execute(statement, params, many, context)


def _name(statement: object) -> str:
    """Return what a statement is called in its file, or its first word."""
    if not isinstance(statement, str):
        return "composed"
    found = NAMED.match(statement)
    return found[1] if found else statement.split(maxsplit=1)[0].upper()
