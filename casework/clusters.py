"""Reports of one problem as a cluster: merged into one that leads it, told together, and undone exactly."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, QuerySet

from casework import links, replies
from casework.models import Case, Change, Follower, Member, Merge, Notice, Unmerge
from geoplatform import sql
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NotFound
from layers.models import FeedState
from reports import outbox
from reports.models import Outgoing, Report

TRIAGE = "triage"
STEP = "merge"  # the permission of the step itself, which nobody has: it needs a merge
MOST = 500  # cases at a time
UNIT = "Unit Pengelola Jakarta Smart City"
MERGEABLE = frozenset(
    (
        "collected",
        "selected",
        "proposed",
        "decided",
        "assigned",
        "returned",
        "answered",
        "disputed",
        "resolved",
    )
)


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


def cluster(report_id: int) -> list[InCluster]:
    """Return the cluster that a report is in, its lead first, then by depth and id."""
    return _in_cluster("casework/cluster", report_id)


def proposed(report_id: int) -> list[InCluster]:
    """Return the reports that candidates join to one, directly or by others, the nearest first.

    Reports that were merged are left out. The score is that of the candidate by which each was reached;
    ``depth`` says by how many.
    """
    return _in_cluster("casework/proposed", report_id)


@transaction.atomic
def merge(
    ids: Collection[int], into: int, by: str, permissions: Collection[str], words: str, at: datetime
) -> Merge:
    """Close cases as duplicates of another one, or of the one that leads its cluster; all of them, or none.

    What hangs on a case that is merged stays with it: so clusters are merged. Each citizen is told.

    Parameters
    ----------
    words
        What the citizens read.
    at
        Later than any step of these cases.

    Raises
    ------
    Forbidden
        Who asks may not triage.
    InvalidRequest
        No words, no cases, too many, or one into itself.
    NotFound
        One of them is no case.
    Conflict
        Somebody has one in hand, or it is in a state from which nothing is merged.
    """
    _ask(by, permissions, words)
    wanted = sorted(set(ids))
    if not 1 <= len(wanted) <= MOST:
        raise InvalidRequest(f"{len(wanted)} cases: from 1 to {MOST} are merged at a time")
    lead = _lead(wanted, into)
    for case in (held := _hold([*wanted, lead])).values():
        _refuse(case, lead)
    if lead_of(into) != lead:
        raise Conflict(f"case {into}: it was merged meanwhile")
    merged = Merge.objects.create(into_id=lead, by=by, at=at, words=words.strip())
    _join(merged, [held[id] for id in wanted])
    _step([(held[id], "duplicate") for id in wanted], by, words, at)
    _tell(wanted, words, at)
    return merged


@transaction.atomic
def unmerge(merge_id: int, by: str, permissions: Collection[str], words: str, at: datetime) -> Unmerge:
    """Undo a merge: each case that it closed has its state again, since when it had it, and its turn goes on.

    Merges before and behind it stay. Each citizen is told.

    Raises
    ------
    Forbidden, InvalidRequest
        As ``merge``.
    NotFound, Conflict
        There is no such merge; it was undone already, or somebody has one of its cases in hand.
    """
    _ask(by, permissions, words)
    merged = Merge.objects.filter(id=merge_id).first()
    if merged is None:
        raise NotFound(f"no merge {merge_id}")
    members = list(Member.objects.filter(merge=merged).order_by("case_id"))
    held = _hold([*(member.case_id for member in members), merged.into_id])
    if Unmerge.objects.filter(merge=merged).exists():
        raise Conflict(f"merge {merge_id}: it was undone already")
    undone = Unmerge.objects.create(merge=merged, by=by, at=at, words=words.strip())
    _step([(held[member.case_id], member.state_id) for member in members], by, words, at)
    _tell([member.case_id for member in members], words, at)
    return undone


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
    answering, state = _answering(), Case.objects.get(pk=lead_of(report_id)).state_id
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
        if one.channel in answering
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
    return [InCluster(**{**row, "parts": _parts(row["parts"])}) for row in rows]


def _parts(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


def _ask(by: str, permissions: Collection[str], words: str) -> None:
    if TRIAGE not in permissions:
        raise Forbidden(f"{by} may not {TRIAGE}: merging is for who may")
    if not words.strip():
        raise InvalidRequest("words: citizens read why their report is closed or open again")


def _lead(wanted: Sequence[int], into: int) -> int:
    """Return the report into which others are to be merged."""
    lead = lead_of(into)
    if lead in wanted:
        raise InvalidRequest(f"case {lead}: it leads the cluster of {into}, and cannot be merged into itself")
    return lead


def _hold(ids: Collection[int]) -> dict[int, Case]:
    """Lock cases until the transaction ends, in order and without waiting."""
    locked = Case.objects.select_for_update(skip_locked=True).filter(report_id__in=ids).order_by("report_id")
    held = {case.report_id: case for case in locked}
    missing = sorted(set(ids) - set(held))
    if missing and not Case.objects.filter(report_id=missing[0]).exists():
        raise NotFound(f"no case {missing[0]}")
    if missing:
        raise Conflict(f"case {missing[0]}: somebody else has it in hand")
    return held


def _refuse(case: Case, lead: int) -> None:
    if case.state_id == "duplicate":
        raise Conflict(f"case {case.report_id}: it is a duplicate already, of {lead_of(case.report_id)}")
    if case.report_id != lead and case.state_id not in MERGEABLE:
        raise Conflict(f"case {case.report_id} is {case.state_id}: it is closed with a reason")


def _join(merged: Merge, cases: Sequence[Case]) -> None:
    """Write down what a merge closes, each case with the surest candidate between it and the cluster."""
    ids = [case.report_id for case in cases]
    why = {
        id: (score, _parts(parts))
        for id, score, parts in sql.rows("casework/why", {"id": merged.into_id, "cases": ids})
    }
    Member.objects.bulk_create(
        Member(
            merge=merged,
            case=case,
            state_id=case.state_id,
            since=case.since,
            score=why.get(case.report_id, (None, None))[0],
            parts=why.get(case.report_id, (None, None))[1],
        )
        for case in cases
    )


def _step(steps: Sequence[tuple[Case, str]], by: str, words: str, at: datetime) -> None:
    Change.objects.bulk_create(
        Change(
            case=case,
            from_state_id=case.state_id,
            to_state_id=to,
            permission=STEP,
            by=by,
            at=at,
            text=words.strip(),
        )
        for case, to in steps
    )


def _tell(ids: Collection[int], words: str, at: datetime) -> None:
    """Tell the author of each report that it was closed, or is open again."""
    reports = Report.objects.filter(id__in=ids, channel__in=_answering()).exclude(status="withdrawn")
    for report in reports.select_related("case").order_by("id"):
        below = links.below(report.id, report.case.state_id)
        outbox.put(report, outbox.ANSWER, by=UNIT, at=at, text=words, below=below)
    replies.put(dict.fromkeys(ids, words), by=UNIT, at=at)


def _answering() -> frozenset[str]:
    """Return the channels by which what the city says reaches citizens."""
    return frozenset(FeedState.objects.filter(takes_answers=True).values_list("feed", flat=True))
