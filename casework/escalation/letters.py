"""The words of a notice, in Bahasa Indonesia: which cases, whose, and since when; nothing of the citizen."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import formats, translation

from casework.clock import reckoning
from casework.duplicates.clusters import UNIT
from geoplatform import sql

GOVERNOR = "Kantor Gubernur"
ACTING = "Plt./Pj."
MOST = 200  # cases that are named one by one


class Line(NamedTuple):
    """What a notice says of one escalation; the fields are those of ``casework/sql/lines.sql``."""

    id: int
    report_id: int
    category: str
    kelurahan: str
    title: str
    official: str
    acting: bool
    due_at: datetime
    passed_at: datetime | None
    is_own: bool

    @property
    def what(self) -> str:
        """Which case: ``Laporan 123: Jalan, Kelurahan Gambir.``."""
        return (
            f"Laporan {self.report_id}: {self.category}{self.kelurahan and f', Kelurahan {self.kelurahan}'}."
        )

    @property
    def who(self) -> str:
        """Whose it is to answer; the unit has no official of its own."""
        if not self.title:
            return UNIT
        official = (
            f"{self.official}{(self.acting and f', {ACTING}') or ''}" if self.official else "jabatan kosong"
        )
        return f"{self.title} ({official})"

    @property
    def due(self) -> str:
        """When the answer was due, in words."""
        return until(self.due_at)

    @property
    def passed(self) -> str:
        """When the office said that it is not theirs, in words; empty where it did not."""
        return instant(self.passed_at) if self.passed_at else ""


def lines(ids: Sequence[int]) -> list[Line]:
    """Read what is to be said of escalations, the longest overdue first."""
    return [Line(*row) for row in sql.rows("casework/lines", {"ids": list(ids)})]


def write(to: str, told: Sequence[Line], at: datetime, number: UUID, link: str = "") -> tuple[str, str]:
    """Return subject and text of a notice about some escalations, of which there is at least one.

    Parameters
    ----------
    to
        Whom it addresses, by office.
    link
        Where the reader says that they have seen it; empty: there is no such place.
    """
    named = told[:MOST]
    words = {
        "to": to,
        "at": instant(at),
        "own": [line for line in named if line.is_own],
        "others": [line for line in named if not line.is_own],
        "more": len(told) - len(named),
        "link": link,
        "number": number,
    }
    return _subject(told), render_to_string("casework/notice.txt", words)


def instant(at: datetime) -> str:
    """Return an instant as it is written in the city: ``14 Mei 2026 12.00 WIB``."""
    with translation.override("id"):
        local = at.astimezone(ZoneInfo(settings.CITY_TIME_ZONE))
        return f"{formats.date_format(local, 'j F Y H.i')} WIB"


def until(at: datetime) -> str:
    """Return a deadline as it is written in the city: that of a whole day ends at 24.00."""
    last = reckoning.ends(at, ZoneInfo(settings.CITY_TIME_ZONE))
    with translation.override("id"):
        return f"{formats.date_format(last, 'j F Y')} 24.00 WIB" if last else instant(at)


def _subject(told: Sequence[Line]) -> str:
    first = told[0]
    if len(told) == 1:
        subject = f"Belum dijawab: laporan {first.report_id} ({first.category}), batas {first.due}"
    else:
        subject = f"Belum dijawab: {len(told)} laporan; terlama laporan {first.report_id}, batas {first.due}"
    # A name out of a table may hold anything; a header has one line.
    return " ".join(subject.split())
