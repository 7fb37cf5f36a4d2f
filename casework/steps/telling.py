"""What the city says to the citizens of a case: put into the outbox, for all who follow its cluster."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import models

from casework.citizens import links, replies
from casework.duplicates import clusters
from casework.models import Follower, Member, Merge, Notice, State
from geoplatform.errors import InvalidRequest
from layers.models import FeedState
from reports import outbox
from reports.models import Outgoing, Report
from reports.record import DONE, IN_PROGRESS

LONGEST = 4000


def answer(report_id: int, text: str, by: str, at: datetime) -> list[Outgoing | Notice]:
    """Put an answer of words down for each who follows; it changes no state. Returns what will be sent.

    Nothing where no channel of theirs takes answers, and none gave an e-mail address.

    Parameters
    ----------
    by
        Who says so, as the citizen may read it: the title of an office, or ``clusters.UNIT``.

    Raises
    ------
    InvalidRequest
        No words, or too many.
    """
    if not text.strip() or len(text) > LONGEST:
        raise InvalidRequest(f"text: from 1 to {LONGEST} characters, not {len(text.strip())}")
    return clusters.tell(report_id, outbox.ANSWER, by=by, at=at, text=text)


def steps(texts: Mapping[int, tuple[str, str]], by: str, at: datetime) -> int:
    """Put down the words of steps that were taken, with how far the report has come; returns how many.

    Parameters
    ----------
    texts
        By report: the state that was reached, and what the citizen reads; of no words nothing is put down.
    """
    said = {id: (state, text) for id, (state, text) in texts.items() if text.strip()}
    if not said:
        return 0
    closed = set(State.objects.filter(open311="closed").values_list("code", flat=True))
    answering = set(FeedState.objects.filter(takes_answers=True).values_list("feed", flat=True))
    crowded, told, mailed = _crowded(said), 0, dict[int, str]()
    # Who deleted the report is told nothing; others of whom it leads the cluster are.
    heard = models.Q(pk__in=crowded) | ~models.Q(status="withdrawn")
    for report in Report.objects.filter(heard, pk__in=said).order_by("pk"):
        state, text = said[report.pk]
        status = DONE if state in closed else IN_PROGRESS
        if report.pk in crowded:
            told += len(clusters.tell(report.pk, outbox.STATUS, by=by, at=at, text=text, status=status))
        elif report.channel in answering:
            below = links.below(report.pk, state)
            outbox.put(report, outbox.STATUS, by=by, at=at, text=text, status=status, below=below)
            told += 1
        else:
            mailed[report.pk] = text
    return told + len(replies.put(mailed, by=by, at=at))


def is_crowded(report_id: int) -> bool:
    """Say whether others than its author may follow a report."""
    return bool(_crowded([report_id]))


def _crowded(ids: Collection[int]) -> set[int]:
    """Return which reports others than their author may follow: few, and only of them it is asked who."""
    merged = Merge.objects.filter(into__in=ids).values_list("into", flat=True)
    members = Member.objects.filter(case__in=ids).values_list("case", flat=True)
    followed = Follower.objects.filter(report__in=ids).values_list("report", flat=True)
    return {*merged, *members, *followed}
