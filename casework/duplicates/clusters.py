"""Reports of one problem as a cluster: which one leads it, who stands behind it, who hears of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from casework.citizens import links, replies
from casework.models import Case, Follower, Member, Merge, Notice
from geoplatform import sql
from layers.models import FeedState
from reports import outbox
from reports.models import Outgoing, Report

UNIT = "Unit Pengelola Jakarta Smart City"


@dataclass(frozen=True)
class InCluster:
    """A report of a cluster: how many merges below its lead, by which, and why it seemed the same problem."""

    report_id: int
    depth: int
    merge_id: int | None
    score: float | None
    parts: Mapping[str, Any] | None


@dataclass(frozen=True)
class Crowd:
    """How many reports a cluster has, by how many citizens, and how many hear of it."""

    reports: int
    citizens: int
    followers: int


class Hearer(NamedTuple):
    """Who hears of a cluster, as a channel knows them; an author by their own report."""

    channel: str
    external_id: str
    report_id: int | None


@dataclass(frozen=True)
class Counted:
    """How many reports there are, and how many distinct problems they tell of."""

    reports: int
    problems: int


def lead_of(report_id: int) -> int:
    """Return the report that leads the cluster of one; itself, where it was merged into none."""
    lead: int = sql.scalar("casework/lead", {"id": report_id})
    return lead


def leads(report_id: int) -> bool:
    """Say whether others are merged into a report."""
    return Merge.objects.filter(into=report_id, unmerge__isnull=True).exists()


def cluster(report_id: int) -> list[InCluster]:
    """Return the cluster that a report is in, its lead first, then by depth and id."""
    return _in_cluster("casework/cluster", report_id)


def ever(report_id: int) -> set[int]:
    """Return the reports that are, or were once, in the cluster that a report leads; itself among them."""
    found, new = {report_id}, {report_id}
    while new:
        new = set(Member.objects.filter(merge__into__in=new).values_list("case", flat=True)) - found
        found |= new
    return found


def proposed(report_id: int) -> list[InCluster]:
    """Return the reports that candidates join to one, directly or by others, the nearest first.

    Reports that were merged are left out. The score is that of the candidate by which each was reached;
    ``depth`` says by how many.
    """
    return _in_cluster("casework/proposed", report_id)


def stop(report_id: int, at: datetime) -> None:
    """Tell the author of a report no more of it, nor of its cluster; twice is once."""
    report = Report.objects.get(pk=report_id)
    Follower.objects.update_or_create(
        report=report,
        channel=report.channel,
        external_id=report.external_id,
        defaults={"stopped_at": at},
        create_defaults={"since": report.submitted_at, "stopped_at": at},
    )


def hear(report_id: int) -> None:
    """Tell the author of a report of it again, as if they had never stopped."""
    _stopped(report_id).update(stopped_at=None)


def has_stopped(report_id: int) -> bool:
    """Say whether the author of a report wants to hear no more of it."""
    return _stopped(report_id).exists()


def followers(report_id: int) -> list[Hearer]:
    """Return who hears of the cluster that a report is in: each once, in order of channel and id there.

    Its reports' own authors, unless they withdrew or stopped, and whoever follows one of them.
    """
    return [Hearer(*row) for row in sql.rows("casework/followers", {"id": report_id})]


def crowd(report_id: int) -> Crowd:
    """Return how many reports and citizens stand behind the cluster that a report is in."""
    ((reports, citizens),) = sql.rows("casework/crowd", {"id": report_id})
    return Crowd(reports, citizens, len(followers(report_id)))


def tell(
    report_id: int, kind: str, *, by: str, at: datetime, text: str = "", status: str = ""
) -> list[Outgoing | Notice]:
    """Put an answer or a status down for everyone who follows a report's cluster: one action informs all.

    All whose channel takes answers, and, of words, authors who gave an e-mail address: the others read it
    where their channel shows what became of the report. To an author it bears the link of their own report.
    The parameters, and what is raised, are those of ``reports.outbox.put``.
    """
    told_by, state = answering(), Case.objects.get(pk=lead_of(report_id)).state_id
    hearers = followers(report_id)
    told: list[Outgoing | Notice] = [
        outbox.put(
            Report(channel=one.channel, external_id=one.external_id),
            kind,
            by=by,
            at=at,
            text=text,
            status=status,
            below=links.below(one.report_id, state) if text and one.report_id else None,
        )
        for one in hearers
        if one.channel in told_by
    ]
    authors = {one.report_id: text for one in hearers if one.report_id}
    return [*told, *replies.put(authors, by=by, at=at)]


def count(since: datetime, until: datetime, at: datetime) -> Counted:
    """Return how many reports were submitted in a time, and how many distinct problems they tell of.

    A report of a cluster tells of the problem of its lead, whenever that was submitted. One that was closed
    as a duplicate without a merge tells of none of its own.

    Parameters
    ----------
    at
        Clusters as they were known then.
    """
    ((reports, problems),) = sql.rows("casework/problems", {"since": since, "before": until, "at": at})
    return Counted(reports, problems)


def _stopped(report_id: int) -> QuerySet[Follower]:
    return Follower.objects.filter(
        report=report_id,
        channel=F("report__channel"),
        external_id=F("report__external_id"),
        stopped_at__isnull=False,
    )


def _in_cluster(statement: str, report_id: int) -> list[InCluster]:
    rows = sql.dicts(statement, {"id": report_id})
    return [InCluster(**{**row, "parts": parts_of(row["parts"])}) for row in rows]


def parts_of(text: str | None) -> dict[str, Any] | None:
    """Return of what a score is made, as a candidate has it; None where there is none."""
    return None if text is None else json.loads(text)


def answering() -> frozenset[str]:
    """Return the channels by which what the city says reaches citizens."""
    return frozenset(FeedState.objects.filter(takes_answers=True).values_list("feed", flat=True))
