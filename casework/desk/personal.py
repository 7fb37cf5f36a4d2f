"""Who wrote a report and the words as they were written: looked at or taken out, recorded each time."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from access import audit
from casework.duplicates import clusters
from casework.models import Change, Link
from casework.steps import permitted
from geoplatform.errors import NotFound
from reports import outbox, sealing
from reports.models import Contact, Outgoing, Photo, Report, SourceUpdate
from staff.models import User


@dataclass(frozen=True)
class Personal:
    """What a report holds of its citizen, unmasked: contact, words, place in words, notes of the trace."""

    contact: dict[str, str]
    description: str
    hint: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Held:
    """All that is held of one report of a citizen: as they sent it, and what they were told of it since.

    ``told`` are the words of steps, ``answers`` what was said beside them, ``photos`` the names of the files
    that came with the report, ``links`` until when each link speaks for it. What they follow by e-mail is not
    among it: nobody can look up whose an address is.
    """

    id: int
    channel: str
    external_id: str
    category: str
    submitted_at: datetime
    point: tuple[float, float] | None
    kelurahan: str | None
    image_url: str
    personal: Personal
    told: tuple[str, ...]
    answers: tuple[str, ...]
    photos: tuple[str, ...]
    links: tuple[datetime, ...]
    wants_no_news: bool
    bounced_at: datetime | None


@transaction.atomic
def look(user: User, report_id: int, who: audit.Origin, at: datetime) -> Personal:
    """Return the personal data of one report; the look is in the audit before anything is shown.

    Raises
    ------
    NotFound
        There is no such case among those whose personal data they may see.
    Conflict
        Its contact cannot be unsealed.
    """
    report = _theirs(user, report_id)
    audit.record("personal.look", who, at, f"report:{report_id}")
    return _personal(report)


@dataclass(frozen=True)
class TakenOut:
    """What is held of a report's citizen; ``perhaps_theirs`` are reports of the same name on that channel.

    A name is no account: two who bear it are not given each other's words. Whoever knows the citizen takes
    each of these out by itself.
    """

    report: Held
    perhaps_theirs: list[int]


@transaction.atomic
def take_out(user: User, report_id: int, who: audit.Origin, at: datetime) -> TakenOut:
    """Return all that is held of a report and of who wrote it; it is in the audit.

    Raises
    ------
    NotFound, Conflict
        As for ``look``.
    """
    report = _theirs(user, report_id)
    audit.record("personal.export", who, at, f"report:{report_id}")
    return TakenOut(_held(report), _same_name(user, report))


def _same_name(user: User, report: Report) -> list[int]:
    if not report.author_hash:
        return []
    same = Report.objects.filter(channel=report.channel, author_hash=report.author_hash).exclude(pk=report.pk)
    return list(
        same.filter(id__in=permitted.personal_of(user).values("pk"))
        .order_by("id")
        .values_list("id", flat=True)
    )


def _theirs(user: User, report_id: int) -> Report:
    if not permitted.personal_of(user).filter(pk=report_id).exists():
        raise NotFound(f"no case {report_id} whose personal data you may see")
    return Report.objects.get(id=report_id)


def _personal(report: Report) -> Personal:
    trace = SourceUpdate.objects.filter(channel=report.channel, external_id=report.external_id)
    notes = trace.exclude(note="").order_by("at", "id").values_list("note", flat=True)
    contact = sealing.read(report.channel, report.external_id)
    return Personal(contact, report.description, report.hint, tuple(notes))


def _held(report: Report) -> Held:
    words = Change.objects.filter(case=report.id).exclude(text="").order_by("at", "id")
    theirs = {"channel": report.channel, "external_id": report.external_id}
    answers = Outgoing.objects.filter(**theirs, kind=outbox.ANSWER, body__has_key="text").order_by("id")
    digests = Photo.objects.filter(**theirs, step=b"").order_by("id").values_list("digest", flat=True)
    expire = Link.objects.filter(report=report).order_by("id").values_list("expires_at", flat=True)
    contact = Contact.objects.filter(**theirs).first()
    return Held(
        id=report.id,
        channel=report.channel,
        external_id=report.external_id,
        category=report.category_id,
        submitted_at=report.submitted_at,
        point=(report.point.x, report.point.y) if report.point else None,
        kelurahan=report.kelurahan_code,
        image_url=report.image_url,
        personal=_personal(report),
        told=tuple(words.values_list("text", flat=True)),
        answers=tuple(one.body["text"] for one in answers),
        photos=tuple(bytes(digest).hex() for digest in digests),
        links=tuple(expire),
        wants_no_news=clusters.has_stopped(report.id),
        bounced_at=contact.bounced_at if contact else None,
    )
