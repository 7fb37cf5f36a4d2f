"""What a channel says of a report, in our terms, before it is stored; pure, no Django.

``digest`` is the SHA-256, in hex, of what the channel sent: it tells one version from another whatever an
adapter reads in it. Empty, the record itself is taken.
"""

from dataclasses import dataclass
from datetime import datetime

from layers.record import LonLat

__all__ = ["LonLat", "Submission", "Update", "Updates"]

WAITING, IN_PROGRESS, DONE = STATUSES = ("waiting", "in_progress", "done")


@dataclass(frozen=True)
class Submission:
    """One report of a citizen as its channel has it at ``updated_at``, the source's own time.

    ``author`` is stored only as a keyed hash, and struck out of the public text.
    """

    channel: str
    external_id: str
    category: str
    description: str
    submitted_at: datetime
    updated_at: datetime
    point: LonLat | None
    author: str = ""
    image_url: str = ""
    digest: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Update:
    """One step that the source says was taken: who, when, to which status, with which words."""

    at: datetime
    status: str
    by: str
    note: str
    image_url: str = ""
    digest: str = ""


@dataclass(frozen=True)
class Updates:
    """The follow-up history of one report, in any order; the report itself may come later."""

    channel: str
    external_id: str
    updates: tuple[Update, ...]
    unread: tuple[str, ...] = ()
