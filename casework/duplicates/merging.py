"""Reports of one problem merged into one that leads their cluster, and parted again exactly."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from casework.citizens import links, replies
from casework.clock import dues
from casework.duplicates import clusters
from casework.models import Case, Change, Member, Merge, Unmerge
from geoplatform import sql
from geoplatform.errors import Conflict, Forbidden, InvalidRequest, NotFound
from reports import outbox
from reports.models import Report

TRIAGE = "triage"
STEP = "merge"  # the permission of the step itself, which nobody has: it needs a merge
MOST = 500  # cases at a time
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
        Somebody has one in hand, or one is closed with a reason: it, too, into which they are to be merged.
    """
    _ask(by, permissions, words)
    wanted = sorted(set(ids))
    if not 1 <= len(wanted) <= MOST:
        raise InvalidRequest(f"{len(wanted)} cases: from 1 to {MOST} are merged at a time")
    lead = _lead(wanted, into)
    for case in (held := _hold([*wanted, lead])).values():
        _refuse(case, lead)
    if clusters.lead_of(into) != lead:
        raise Conflict(f"case {into}: it was merged meanwhile")
    merged = Merge.objects.create(into_id=lead, by=by, at=at, words=words.strip())
    _join(merged, [held[id] for id in wanted])
    _step([(held[id], "duplicate") for id in wanted], by, words, at)
    _tell(wanted, words, at)
    return merged


@transaction.atomic
def unmerge(merge_id: int, by: str, permissions: Collection[str], words: str, at: datetime) -> Unmerge:
    """Undo a merge: each case that it closed has its state again, since when it had it, and its turn goes on.

    Nobody could answer meanwhile: its clock stood still, and its answer is due so much later. Merges before
    and behind it stay. What led them was answered by the first word that is left. Each citizen is told.

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
    ids = [member.case_id for member in members]
    _step([(held[member.case_id], member.state_id) for member in members], by, words, at)
    dues.renew(at, ids)
    sql.scalar("casework/parted", {"merge": merge_id})
    _tell(ids, words, at)
    return undone


def _ask(by: str, permissions: Collection[str], words: str) -> None:
    if TRIAGE not in permissions:
        raise Forbidden(f"{by} may not {TRIAGE}: merging is for who may")
    if not words.strip():
        raise InvalidRequest("words: citizens read why their report is closed or open again")


def _lead(wanted: Sequence[int], into: int) -> int:
    """Return the report into which others are to be merged."""
    lead = clusters.lead_of(into)
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
        raise Conflict(
            f"case {case.report_id}: it is a duplicate already, of {clusters.lead_of(case.report_id)}"
        )
    if case.state_id not in MERGEABLE:
        into = "nothing is merged into it" if case.report_id == lead else "it is not merged"
        raise Conflict(f"case {case.report_id} is {case.state_id}: it is closed with a reason, and {into}")


def _join(merged: Merge, cases: Sequence[Case]) -> None:
    """Write down what a merge closes, each case with the surest candidate between it and the cluster."""
    ids = [case.report_id for case in cases]
    why = {
        id: (score, clusters.parts_of(parts))
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
    reports = Report.objects.filter(id__in=ids, channel__in=clusters.answering()).exclude(status="withdrawn")
    for report in reports.select_related("case").order_by("id"):
        below = links.below(report.id, report.case.state_id)
        outbox.put(report, outbox.ANSWER, by=clusters.UNIT, at=at, text=words, below=below)
    replies.put(dict.fromkeys(ids, words), by=clusters.UNIT, at=at)
