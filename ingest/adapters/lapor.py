"""LAPOR! 1708, the national complaints service: partner exports as CSV and XML, and the city's replies to it.

A laporan is one payload: the report, its status, whom it was passed on to, and what was answered.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from geoplatform.errors import BadSettings, Rejected
from ingest.adapter import Feed, Payload, Record, Reply, Session
from ingest.dialects import laporan
from ingest.dialects.laporan import NEEDED, PASSED_ON, Step
from ingest.reading import mapping, transports
from ingest.reading.fields import JAKARTA
from ingest.reading.times import Times
from reports.record import STATUSES, WAITING, Submission, Update, Updates

FLAGS = {"1": True, "ya": True, "true": True, "0": False, "tidak": False, "false": False, "": False}
MEDIA_TYPE = "text/xml; charset=UTF8"  # as the one public program that speaks to it writes it


class Adapter(transports.Documents):
    """Reads documents of laporan, by the names that the options give to columns and elements."""

    def __init__(self, feed: Feed) -> None:
        super().__init__(feed)
        options = mapping.Options(feed)
        form = options.take("time_format", str, "iso")
        options.table("statuses", STATUSES)
        self._times = {
            "columns": Times(form, JAKARTA, options.refuse),
            "xml": Times("iso", JAKARTA, options.refuse),
        }

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the laporan of a document of either kind."""
        is_xml = body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        return laporan.elements(body) if is_xml else list(laporan.rows(body))

    def parse(self, payload: Payload) -> Sequence[Record]:
        """Return the report, and what was done about it."""
        said, times = (
            laporan.said(payload, self.feed.options),
            self._times["xml" if "xml" in payload else "columns"],
        )
        if missing := [name for name in NEEDED if not said.text(name)]:
            raise Rejected(f"it has no {', '.join(missing)}")
        if FLAGS.get(said.text("secret").casefold(), True):
            # The platform has no place yet that the public does not see.
            raise Rejected("it is marked as secret")
        label = said.text("category")
        external_id, author = said.text("tracking_id"), said.text("reporter")
        submitted_at = times.read(said.text("submitted_at"))
        changed_at = times.read(said.text("updated_at")) if said.text("updated_at") else None
        steps = [
            self._step(
                external_id, step, times.read(step.at) if step.at else changed_at or submitted_at, author
            )
            for step in said.steps()
        ]
        updated_at = changed_at or max([submitted_at, *(step.at for step in steps)])
        status = self._ours("statuses", said.text("status"))
        told = max((step for step in steps if step.status), key=lambda step: step.at, default=None)
        is_told = told.status == status if told else status == WAITING and updated_at == submitted_at
        if not is_told:
            digest = _digest([external_id, status, updated_at.isoformat()])
            steps.append(Update(updated_at, status, by="", note="", digest=digest))
        submission = Submission(
            channel=self.feed.name,
            external_id=external_id,
            category=self._ours("categories", label) if label else self.feed.options["category"],
            description=said.text("text"),
            submitted_at=submitted_at,
            updated_at=updated_at,
            point=None,
            author=author,
            hint=said.text("location"),
            digest=_digest(payload),
            unread=said.left(self.feed.options["ignore"]),
        )
        return submission, Updates(self.feed.name, external_id, tuple(steps))

    def send(self, session: Session, reply: Reply) -> str:
        """Send a reply; see ``ingest.adapter.Answering.send``."""
        if not self.feed.token:
            raise BadSettings(f"GEOPLATFORM_FEED_{self.feed.name.upper()}_TOKEN is not set")
        options = self.feed.options
        body = laporan.message(reply, self.feed.token, options["send_statuses"])
        return laporan.receipt(session.post(options["send_path"], body, MEDIA_TYPE), reply.external_id)

    def _step(self, external_id: str, step: Step, at: datetime, author: str) -> Update:
        """Return a step of the trace; without a time of its own it is one step whenever it is exported."""
        if step.kind == PASSED_ON:
            by, note = (
                self.feed.title,
                " ".join(filter(None, (f"Disposisi kepada {step.office}.", step.text))),
            )
        else:
            by, note = step.office, step.text
        return Update(
            at=at,
            status=self._ours("statuses", step.status) if step.status else None,
            by=by,
            note=note,
            digest=_digest(
                [external_id, step.kind, at.isoformat() if step.at else "", by, note, step.status]
            ),
            author=author,
        )

    def _ours(self, table: str, word: str) -> str:
        words = self.feed.options[table]
        if word.casefold() not in words:
            raise Rejected(f"{word!r} is not one of {table}")
        return str(words[word.casefold()])


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
