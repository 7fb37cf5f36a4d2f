"""What a channel says of a report, in our terms, before it is stored; pure, no Django.

``digest`` is the SHA-256, in hex, of what the channel sent: it tells one version from another whatever an
adapter reads in it. Empty, the record itself is taken.
"""

from dataclasses import dataclass
from datetime import datetime

from layers.record import LonLat

__all__ = ["Bbox", "LonLat", "Photo", "Submission", "Update", "Updates"]

WAITING, IN_PROGRESS, DONE, WITHDRAWN = STATUSES = ("waiting", "in_progress", "done", "withdrawn")

Bbox = tuple[float, float, float, float]  # west, south, east, north in degrees


@dataclass(frozen=True)
class Photo:
    """A picture without a byte of EXIF; ``looks`` is its difference hash, 64 bits, near for alike ones.

    ``point`` and ``taken_at`` are what its EXIF said; they are kept of an answer's pictures alone.
    """

    body: bytes
    media_type: str
    digest: str
    looks: int
    point: LonLat | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True)
class Submission:
    """One report of a citizen as its channel has it at ``updated_at``, the source's own time.

    ``author`` is stored only as a keyed hash, and struck out of the public text.
    ``hint`` is what the channel says in words on where it is, apart from the citizen's own text; ``area`` the
    box that it names where it has no point.
    ``stands_in`` marks the answer to a message that never came: it is the report until that one comes, and
    of several the earliest is.
    ``contact`` is how the author may be asked, sealed (``reports.sealing``) before it was kept anywhere.
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
    hint: str = ""
    area: Bbox | None = None
    photos: tuple[Photo, ...] = ()
    stands_in: bool = False
    contact: str = ""


@dataclass(frozen=True)
class Update:
    """One step that the source says was taken: who, when, to which status, with which words.

    Words that change no status, as in a citizen's second e-mail, have none. ``author`` is a citizen whose
    name is struck out of the public words; ``by`` is an office, or whoever may be named. ``photos`` are what
    an office shows of its work.
    """

    at: datetime
    status: str | None
    by: str
    note: str
    image_url: str = ""
    digest: str = ""
    author: str = ""
    photos: tuple[Photo, ...] = ()


@dataclass(frozen=True)
class Updates:
    """The follow-up history of one report, in any order; the report itself may come later.

    ``stand_in`` is shown in its place until it does.
    """

    channel: str
    external_id: str
    updates: tuple[Update, ...]
    unread: tuple[str, ...] = ()
    stand_in: Submission | None = None
