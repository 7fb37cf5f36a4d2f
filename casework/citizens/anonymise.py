"""What is known of citizens is struck out of what was closed long ago; what was done about it stays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.db import models, transaction

from casework.citizens import replies, watching
from casework.models import (
    Alternative,
    Anonymised,
    Change,
    Choice,
    DuplicateCandidate,
    Follower,
    Merge,
    Unmerge,
    Verdict,
)
from geoplatform import sql
from reports import photos, sealing
from reports.intake import keyed_hash
from reports.models import Contact, Outgoing, Report, Status
from reports.privacy import public_text, without_author

BATCH = 500
STRUCK = "[dianonimkan]"  # the only words that the database lets stand in the place of others


class Author(NamedTuple):
    """Who wrote a report, as far as it is known: by name, where it is sealed here, and by its keyed hash."""

    name: str
    digest: str


def before(at: datetime) -> datetime:
    """Return the instant before which a case must have been closed."""
    return at - timedelta(days=settings.ANONYMISE_DAYS)


def untouched(at: datetime) -> datetime:
    """Return the instant since which nothing must have happened to a case that nobody closed."""
    return at - timedelta(days=settings.ANONYMISE_OPEN_DAYS)


def due(at: datetime, after: int = 0, limit: int | None = None) -> list[int]:
    """Return the ids of reports that are due, lowest first, behind an id.

    Their case was closed, or their author deleted them, before ``before(at)``, or nothing was done or heard
    of them since ``untouched(at)``; and they were never anonymised, their channel sent them anew since, or
    not all was forgotten then that is now.
    """
    params = {"before": before(at), "untouched": untouched(at), "after": after, "limit": limit}
    return [id for (id,) in sql.rows("casework/due_to_be_forgotten", params)]


def strike(at: datetime) -> int:
    """Anonymise all that is due, batch by batch; returns how many reports that were."""
    total = last = 0
    while ids := due(at, last, BATCH):
        _strike(ids, at)
        total, last = total + len(ids), ids[-1]
    _strike_told(before(at))
    return total


@transaction.atomic
def forget(report_id: int, at: datetime) -> None:
    """Leave nothing of the citizen who wrote a report, and no words of theirs, be its case open or closed.

    That there was a report, of which kind, where and when, and what the city did, stays.
    """
    report = Report.objects.get(pk=report_id)
    _empty([report_id])
    _strike([report_id], at)
    Outgoing.objects.filter(channel=report.channel, external_id=report.external_id).delete()
    DuplicateCandidate.objects.filter(models.Q(first=report) | models.Q(second=report)).delete()


@transaction.atomic
def _strike(ids: Sequence[int], at: datetime) -> None:
    authors = _authors(ids)
    # Files go first: if the transaction does not come to its end, they are looked for again the next night.
    for (digest,) in sql.rows("casework/pictures_of_theirs", {"ids": list(ids)}):
        photos.path(bytes(digest)).unlink(missing_ok=True)
    _empty(Report.objects.filter(id__in=ids, status=Status.WITHDRAWN).values_list("id", flat=True))
    sql.rows("casework/forget_report", {"ids": list(ids)})
    sql.rows("casework/forget_words", {"ids": list(ids)})
    sensitive = Report.objects.filter(id__in=ids, public_point__isnull=False)
    sensitive.update(point=models.F("public_point"), border_m=None)
    sql.rows("casework/forget_pins", {"ids": list(ids)})
    sql.rows("casework/forget_distances", {"ids": list(ids)})
    _strike_words(Change, "case", authors, "text")
    _strike_words(Alternative, "case", authors, "what", "evidence", "consequences")
    _strike_words(Choice, "alternative__case", authors, "why")
    _strike_words(Merge, "into", authors, "words")
    _strike_words(Merge, "member__case", authors, "words")
    _strike_words(Unmerge, "merge__into", authors, "words")
    _strike_words(Unmerge, "merge__member__case", authors, "words")
    _strike_words(Verdict, "change__case", authors, "why")
    Follower.objects.filter(report__in=ids).delete()
    watching.end(ids)
    replies.drop(ids)
    Anonymised.objects.bulk_create(
        [Anonymised(report_id=id, at=at) for id in ids],
        update_conflicts=True,
        unique_fields=["report"],
        update_fields=["at"],
    )


def _empty(ids: Iterable[int]) -> None:
    """Leave no words of citizens at all: of what they took back the public may read nothing either."""
    taken_back = list(ids)
    Report.objects.filter(id__in=taken_back).update(description="", public_text="", area=None)
    sql.rows("casework/forget_said", {"ids": taken_back})
    # By the link of their report they may have disputed what was said to the lead of its cluster.
    marks = [f"citizen:{id}" for id in taken_back]
    Change.objects.filter(to_state="disputed", by__in=marks).exclude(text="").update(text=STRUCK)


def _strike_told(before: datetime) -> None:
    """Forget what those were told who only followed: what an author was told goes with their report."""
    own = Report.objects.filter(
        channel=models.OuterRef("channel"), external_id=models.OuterRef("external_id")
    )
    ended = models.Q(sent_at__isnull=False) | models.Q(dead_at__isnull=False)
    Outgoing.objects.filter(ended, ~models.Exists(own), created_at__lt=before).delete()


def _authors(ids: Sequence[int]) -> dict[int, Author]:
    """Return who wrote each of some reports, as far as it is known."""
    found = Report.objects.filter(id__in=ids).values_list("id", "channel", "external_id", "author_hash")
    reports = {(channel, external_id): (id, digest) for id, channel, external_id, digest in found}
    sealed = {
        (one.channel, one.external_id): bytes(one.sealed)
        for one in Contact.objects.filter(
            channel__in={channel for channel, _ in reports}, external_id__in={id for _, id in reports}
        )
    }
    names = {key: sealing.unsealed(text).get("name", "") for key, text in sealed.items()}
    return {
        id: Author(names.get(key, "").partition("<")[0].strip(), digest)
        for key, (id, digest) in reports.items()
    }


def _strike_words(model: type[models.Model], path: str, authors: Mapping[int, Author], *columns: str) -> None:
    """Strike out what staff wrote, where it names the author of its report, or somebody else."""
    rows = model._default_manager.filter(**{f"{path}__in": list(authors)}).values_list("pk", path, *columns)
    for pk, id, *texts in rows:
        personal = {
            column: STRUCK
            for column, text in zip(columns, texts, strict=True)
            if _names_somebody(text, authors[id])
        }
        if personal:
            model._default_manager.filter(pk=pk).update(**personal)


def _names_somebody(text: str, author: Author) -> bool:
    if text == STRUCK or not text:
        return False
    if public_text(text, author.name) != text:
        return True
    digest = author.digest
    return bool(digest) and without_author(text, lambda name: keyed_hash(name) == digest) != text
