"""An Open311 GeoReport v2 server, in either of its forms, as one that answers JSON."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError  # types alone; defusedxml reads

from defusedxml import DefusedXmlException, ElementTree

from geoplatform.errors import FeedChanged, FeedUnavailable
from ingest import canonical
from ingest.adapter import Session
from ingest.reading import mapping
from ingest.reading.fields import Fields, lonlat
from layers.record import LonLat


class Server:
    """Asks for the service requests of one server; what it says of an error is in the message of ours."""

    def __init__(self, session: Session, form: str, jurisdiction_id: str) -> None:
        self._session, self._form = session, form
        self._always = {"jurisdiction_id": jurisdiction_id} if jurisdiction_id else {}

    def json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the answer to a question, None for no content."""
        asked = {**self._always, **(params or {})}
        try:
            if self._form == "json":
                return self._session.json(f"{path}.json", asked)
            answers = self._session.documents(f"{path}.xml?{urlencode(asked)}", None)
            return next((from_xml(body) for body, _ in answers), None)
        except FeedUnavailable as error:
            if said := answered(error.answer):
                raise type(error)(f"{error}: {said}", error.retry_after_s, error.answer) from error
            raise


def requests(document: Any) -> list[Any]:
    """Return the service requests of an answer; an error in their place is FeedUnavailable."""
    if document is None:
        return []
    if said := complaint(document):
        raise FeedUnavailable(said)
    if not isinstance(document, list):
        raise FeedChanged("the answer is no array of service requests")
    return document


def from_xml(body: bytes) -> list[dict[str, Any]]:
    """Return the requests, or the errors, of an answer in XML: an object each, None for what is empty."""
    try:
        root = ElementTree.fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FeedUnavailable(f"{len(body)} bytes that are no whole XML ({type(error).__name__})") from None
    if root.tag not in ("service_requests", "errors"):
        raise FeedChanged(f"the root of the XML is {root.tag!r}")
    return [{part.tag: _content(part) for part in each} for each in root]


def complaint(document: Any) -> str:
    """Return what an answer in the form of errors says, empty for any other."""
    said = [
        f"{one['code']} {one['description']}"
        for one in (document if isinstance(document, list) else [document])
        if isinstance(one, Mapping)
        and {"code", "description"} <= set(one)
        and "service_request_id" not in one
    ]
    return "; ".join(said)[:200]


def answered(answer: str) -> str:
    """Return what the body of an error says, empty where it is in another form."""
    try:
        return complaint(
            from_xml(answer.encode()) if answer.lstrip().startswith("<") else canonical.read(answer)
        )
    except (ValueError, FeedChanged, FeedUnavailable):
        return ""


def category(fields: Fields, table: Mapping[str, str], otherwise: str) -> str:
    """Return our category for the service of a request, by its code or else by its name."""
    code, name = fields.take("service_code", (str, int), ""), fields.text("service_name", "")
    said = next((str(one) for one in (code, name) if str(one) in table), code or name or None)
    return mapping.category(said, table, otherwise)


def point(fields: Fields) -> LonLat | None:
    """Return the position of a request, None where it has an address alone."""
    lat, lon = (fields.take(name, (str, int, float), "") for name in ("lat", "long"))
    return None if lat == lon == "" else lonlat(lon, lat)


def windows(since: datetime, until: datetime, longest: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """Yield a time in parts, oldest first, none longer than a server answers."""
    while since < until:
        end = min(since + longest, until)
        yield since, end
        since = end


def span(names: tuple[str, str], since: datetime, until: datetime) -> dict[str, str | int]:
    """Return the two parameters that ask for a time, as the specification writes instants."""
    return {name: at.strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in zip(names, (since, until), strict=True)}


def _content(part: Element) -> Any:
    return [_content(one) for one in part] if len(part) else (part.text or "").strip() or None
