"""The city's mailbox: a first message is a report, an answer to one joins its thread."""

import binascii
import hashlib
import logging
from base64 import b64decode

from geoplatform.errors import Rejected
from ingest.adapter import Payload, Record
from ingest.mail import mime
from ingest.reading import transports
from ingest.reading.fields import Fields
from layers.record import LonLat
from reports import pictures
from reports.record import Photo, Submission, Update, Updates

logger = logging.getLogger(__name__)


class Adapter(transports.Messages):
    """Reads a folder of a mailbox, each message once.

    A message that answers another one belongs to the first of its thread, whether or not that one ever came.
    """

    def parse(self, payload: Payload) -> Record:
        """Return a first message as a submission, an answer as a step in the trace of the first."""
        fields = Fields(payload)
        left_out_bytes = fields.take("bytes", int, 0)
        try:
            mail = mime.read(b64decode(fields.text("raw"), validate=True))
        except binascii.Error:
            raise Rejected("raw is no base64") from None
        is_own = mail.address.lower() in self.feed.options["own_addresses"]
        if is_own and not mail.thread:
            raise Rejected("a message of the city's own that answers none")
        photos, point = self._photos(mail)
        text = self._text(mail, left_out_bytes)
        if not mail.thread:
            return self._submission(mail, mail.message_id, f"{mail.subject}\n{text}".strip(), photos, point)
        step = Update(
            at=mail.sent_at,
            status=None,
            by=self.feed.options["own_name"] if is_own else "",
            note=text,
            # One message is one step, however an adapter reads it.
            digest=hashlib.sha256(mail.message_id.encode()).hexdigest(),
            author="" if is_own else mail.author,
            photos=photos if is_own else (),
        )
        stand_in = None if is_own else self._submission(mail, mail.thread[0], text, photos, point, True)
        return Updates(self.feed.name, mail.thread[0], (step,), fields.left(), stand_in)

    def _submission(
        self,
        mail: mime.Mail,
        external_id: str,
        description: str,
        photos: tuple[Photo, ...],
        point: LonLat | None,
        stands_in: bool = False,
    ) -> Submission:
        return Submission(
            channel=self.feed.name,
            external_id=external_id,
            category=self.feed.options["category"],
            description=description,
            submitted_at=mail.sent_at,
            updated_at=mail.sent_at,
            point=point,
            author=mail.author,
            photos=photos,
            stands_in=stands_in,
        )

    def _photos(self, mail: mime.Mail) -> tuple[tuple[Photo, ...], LonLat | None]:
        """Return the pictures that can be read, and the first position that one of them bears."""
        photos, point = [], None
        left_out = list(mail.left_out)
        for body in mail.pictures:
            try:
                photo, taken_at = pictures.read(body)
            except Rejected as reason:
                left_out.append(str(reason))
                continue
            photos.append(photo)
            point = point or taken_at
        if left_out:
            logger.info("left out feed=%s id=%s: %s", self.feed.name, mail.message_id, "; ".join(left_out))
        return tuple(photos), point

    def _text(self, mail: mime.Mail, left_out_bytes: int) -> str:
        if not left_out_bytes:
            return mail.text
        return str(self.feed.options["too_large"]).format(megabytes=-(-left_out_bytes // 1_000_000))
