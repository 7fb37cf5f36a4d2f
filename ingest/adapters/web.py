"""What citizens write on the platform's own form: a report each, perhaps with a photo.

``ingest/doors/citizens.py`` takes them in, and makes one payload of each: without EXIF, its contact sealed.
"""

from base64 import b64decode
from collections.abc import Iterable

from geoplatform.errors import FeedChanged, Rejected
from ingest import canonical
from ingest.adapter import Payload, Record
from ingest.reading import mapping, transports
from ingest.reading.fields import Fields, identity, instant, lonlat
from layers.record import LonLat
from reports.record import Photo, Submission

# The kelurahan that the citizen chose is declared by the door, as people declare places.
IGNORED = {"kelurahan"}


class Adapter(transports.Documents):
    """Reads documents of reports."""

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the reports of a document."""
        try:
            reports: list[Payload] = Fields(canonical.read(body)).take("reports", list)
        except ValueError as error:
            raise FeedChanged(f"no JSON: {error}") from None
        return reports

    def parse(self, payload: Payload) -> Record:
        """Return the report; of one that waited for a line the time is when it was written."""
        fields = Fields(payload)
        at = instant(fields.text("requested_datetime"))
        written_at = fields.text("written_at", "")
        return Submission(
            channel=self.feed.name,
            external_id=identity(fields.take("token")),
            category=_category(fields.text("category")),
            description=fields.text("description", ""),
            submitted_at=instant(written_at) if written_at else at,
            updated_at=at,
            point=_point(fields),
            hint=fields.text("hint", ""),
            photos=_photos(fields),
            contact=fields.text("contact", ""),
            digest=fields.digest(),
            unread=fields.left(IGNORED),
        )


def _category(code: str) -> str:
    if code not in mapping.categories():
        raise Rejected(f"unknown category {code!r}")
    return code


def _point(fields: Fields) -> LonLat | None:
    lon, lat = fields.take("lon", default=None), fields.take("lat", default=None)
    return None if lon is None and lat is None else lonlat(lon, lat)


def _photos(fields: Fields) -> tuple[Photo, ...]:
    if not fields.has("photo"):
        return ()
    photo = fields.inner("photo")
    try:
        body = b64decode(photo.text("jpeg"), validate=True)
    except ValueError:  # no base64, or no ASCII
        raise Rejected("photo: jpeg is no base64") from None
    return (Photo(body, "image/jpeg", photo.text("digest"), photo.take("looks", int)),)
