"""Errors in the log as faults at Sentry, or what speaks its language; of requests nothing but their number.

Sent is what is named here, and nothing else that the SDK collects: no body, address, header, cookie, variable
or name of a machine. Texts are cleaned as lines of the log are.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from geoplatform import trail
from geoplatform.logs import clean

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

KEPT = ("event_id", "timestamp", "level", "logger", "platform", "environment", "sdk")
FRAME = ("filename", "module", "function", "lineno", "context_line", "in_app")


def begin(dsn: str, environment: str) -> None:
    """Send each error that is logged, and each that ends a process, from now on."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        default_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=scrubbed,
    )


def scrubbed(event: "Event", hint: "Hint") -> "Event":
    """Return of an event what is sent."""
    given: Mapping[str, Any] = event
    sent: dict[str, Any] = {name: given[name] for name in KEPT if name in given}
    said = given.get("logentry") or {}
    # Not its parameters: they are in the text, cleaned.
    if text := said.get("formatted") or said.get("message"):
        sent["logentry"] = {"message": str(said.get("message", "")), "formatted": clean(str(text))}
    if values := (given.get("exception") or {}).get("values"):
        sent["exception"] = {"values": [_exception(value) for value in values]}
    sent["tags"] = {name: str(value) for name, value in _found_by().items() if value}
    return sent  # type: ignore[return-value]


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or []
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "value": clean(str(value.get("value", ""))),
        "stacktrace": {"frames": [{name: frame.get(name) for name in FRAME} for frame in frames]},
    }


def _found_by() -> dict[str, object]:
    return {"request": trail.request(), "job": trail.job()}
