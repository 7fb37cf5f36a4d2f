"""What apps post to us by Open311 GeoReport v2: a request is a report, its service is our category.

``ingest/doors/submit.py`` takes them in, and makes one payload of each; it is kept as posted, but the key.
"""

from collections.abc import Iterable

from geoplatform.errors import FeedChanged
from ingest import canonical
from ingest.adapter import Payload, Record
from ingest.reading import mapping, transports
from ingest.reading.fields import Fields, identity, instant, lonlat
from ingest.reading.generic import web_address
from layers.record import LonLat
from reports.record import Submission

# Who it was and how to reach them stays with the payload; what we do not ask for, too.
IGNORED = {
    "client",
    "email",
    "phone",
    "account_id",
    "device_id",
    "address_id",
    "zipcode",
    "attribute",
    "more",
}


class Adapter(transports.Documents):
    """Reads documents of service requests."""

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the requests of a document."""
        try:
            requests: list[Payload] = Fields(canonical.read(body)).take("requests", list)
        except ValueError as error:
            raise FeedChanged(f"no JSON: {error}") from None
        return requests

    def parse(self, payload: Payload) -> Record:
        """Return the report that a request is."""
        fields = Fields(payload)
        at = instant(fields.text("requested_datetime"))
        options = self.feed.options
        names = (fields.text(name, "") for name in ("first_name", "last_name"))
        return Submission(
            channel=self.feed.name,
            external_id=identity(fields.take("token")),
            category=mapping.category(fields.text("service_code"), options.get("categories", {}), ""),
            description=fields.text("description", ""),
            submitted_at=at,
            updated_at=at,
            point=_point(fields),
            author=" ".join(filter(None, names)),
            image_url=web_address(fields.text("media_url", "")),
            hint=fields.text("address_string", ""),
            digest=fields.digest(),
            unread=fields.left(IGNORED),
        )


def _point(fields: Fields) -> LonLat | None:
    lat, lon = fields.take("lat", default=None), fields.take("long", default=None)
    return None if lat is None and lon is None else lonlat(lon, lat)
