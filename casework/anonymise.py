"""What is known of citizens is struck out of what was closed long ago; what was done about it stays."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models, transaction

from casework import replies
from casework.models import Alternative, Anonymised, Change, Choice, Follower, Merge, Unmerge, Verdict
from geoplatform import sql
from reports import photos
from reports.models import Report
from reports.privacy import public_text

BATCH = 500
STRUCK = "[dianonimkan]"  # the only words that the database lets stand in the place of others


def before(at: datetime) -> datetime:
    """Return the instant before which a case must have been closed."""
    return at - timedelta(days=settings.ANONYMISE_DAYS)


def due(at: datetime, after: int = 0, limit: int | None = None) -> list[int]:
    """Return the ids of reports that are due, lowest first, behind an id.

    Their case was closed, or their author deleted them, before ``before(at)``; and they were never
    anonymised, or their channel has sent them anew since.
    """
    params = {"before": before(at), "after": after, "limit": limit}
    return [id for (id,) in sql.rows("casework/due_to_be_forgotten", params)]


def strike(at: datetime) -> int:
    """Anonymise all that is due, batch by batch; returns how many reports that were."""
    total = last = 0
    while ids := due(at, last, BATCH):
        _strike(ids, at)
        total, last = total + len(ids), ids[-1]
    return total


@transaction.atomic
def _strike(ids: Sequence[int], at: datetime) -> None:
    # Files go first: if the transaction does not come to its end, they are looked for again the next night.
    for (digest,) in sql.rows("casework/pictures_of_theirs", {"ids": list(ids)}):
        photos.path(bytes(digest)).unlink(missing_ok=True)
    sql.rows("casework/forget_report", {"ids": list(ids)})
    sql.rows("casework/forget_words", {"ids": list(ids)})
    Report.objects.filter(id__in=ids, public_point__isnull=False).update(point=models.F("public_point"))
    _strike_words(Change, "case", ids, "text")
    _strike_words(Alternative, "case", ids, "what", "evidence", "consequences")
    _strike_words(Choice, "alternative__case", ids, "why")
    _strike_words(Merge, "into", ids, "words")
    _strike_words(Merge, "member__case", ids, "words")
    _strike_words(Unmerge, "merge__into", ids, "words")
    _strike_words(Unmerge, "merge__member__case", ids, "words")
    _strike_words(Verdict, "change__case", ids, "why")
    Follower.objects.filter(report__in=ids).delete()
    replies.drop(ids)
    Anonymised.objects.bulk_create(
        [Anonymised(report_id=id, at=at) for id in ids],
        update_conflicts=True,
        unique_fields=["report"],
        update_fields=["at"],
    )


def _strike_words(model: type[models.Model], path: str, ids: Sequence[int], *columns: str) -> None:
    """Strike out what staff wrote, where it names somebody."""
    rows = model._default_manager.filter(**{f"{path}__in": list(ids)}).values_list("pk", *columns)
    for pk, *texts in rows:
        personal = {
            column: STRUCK for column, text in zip(columns, texts, strict=True) if _names_somebody(text)
        }
        if personal:
            model._default_manager.filter(pk=pk).update(**personal)


def _names_somebody(text: str) -> bool:
    return text != STRUCK and public_text(text, "") != text
