"""What became of a case: its trace, whose turn it was, which steps it took, and what may follow."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from api.casework import calls, shown, why
from api.casework.shown import Json
from casework.citizens.links import DISPUTE
from casework.clock import dues, norms, stops
from casework.clock.reckoning import Due
from casework.duplicates import clusters
from casework.models import (
    Alternative,
    Change,
    Choice,
    Deadline,
    DuplicateCandidate,
    Escalation,
    Evidence,
    Pause,
    Transition,
    Turn,
)
from casework.routing import answerable
from casework.routing.answerable import Holder
from casework.steps import proof, workflow
from casework.steps.undoing import UNDO
from reports.models import Report, SourceUpdate

MOST = 100  # duplicates, or members of a cluster: a flood may have thousands


def trace(one: Report, is_whole: bool) -> list[Json]:
    """Return what the channel said of a report since, oldest first."""
    steps = SourceUpdate.objects.filter(channel=one.channel, external_id=one.external_id)
    return [
        {
            "at": step.at,
            "fetched_at": step.fetched_at,
            "status": step.status,
            "by": step.by if is_whole else step.public_by,
            "note": step.note if is_whole else step.public_note,
        }
        for step in steps.order_by("at", "id")
    ]


def turns(report_id: int, at: datetime) -> list[Json]:
    """Return whose turn it was, in order, each with why and with what was tried when nobody answered."""
    found = Turn.objects.filter(case_id=report_id).prefetch_related("notice_set__evidence_set")
    found = found.select_related("office", "official", "case__report", "deadline__norm")
    ordered = list(found.order_by("number"))
    climbed, reasons = escalations(report_id), why.of(ordered)
    held = answerable.of(ordered, at)
    stood, calendar = stops.of(report_id), norms.calendar()
    return [
        {
            **(shown.brief(one, at) or {}),
            "number": one.number,
            "official": _holder(held[one.id].now),
            "began_under": _holder(held[one.id].began_under),
            "handed_over": held[one.id].handed_over,
            "explanation": one.explanation,
            "why": reasons[one.id],
            "offered_at": one.offered_at,
            "began_at": one.began_at,
            "due_is_sure": one.due_is_sure,
            "deadline": _deadline(one.deadline),
            "solution_due": _solution(dues.solution(one, stood, calendar)),
            "passed_at": one.passed_at,
            "answered_at": one.answered_at,
            "ended_at": one.ended_at,
            "ended_by": one.ended_by,
            "escalations": climbed.get(one.id, []),
            "disputes_told": [
                {"at": notice.created_at, "evidence": evidence(notice.evidence_set.all())}
                for notice in sorted(one.notice_set.all(), key=lambda notice: notice.id)
            ],
        }
        for one in ordered
    ]


def _deadline(one: Deadline | None) -> Json | None:
    """Return why an answer is due when it is: how much time is allowed, by which norm, and who says so."""
    if one is None:
        return None
    return {
        "id": one.pk, "norm": one.norm_id, "name": {"id": one.norm.name_id, "en": one.norm.name_en},
        "amount": one.norm.amount, "unit": one.norm.unit, "source": one.source, "began_at": one.began_at,
    }  # fmt: skip


def _holder(one: Holder | None) -> Json | None:
    return {"name": one.name, "acting": one.acting} if one else None


def _solution(due: Due | None) -> Json | None:
    """Return until when a problem is to be solved; an answer is due sooner, and by another norm."""
    return {"at": due.at, "is_sure": due.is_sure} if due else None


def pauses(report_id: int) -> list[Json]:
    """Return when the clock stood still, and why."""
    found = Pause.objects.filter(case_id=report_id).order_by("since")
    return [
        {"reason": one.reason, "since": one.since, "until": one.until, "ended_at": one.ended_at, "by": one.by}
        for one in found
    ]


def changes(report_id: int, is_own: bool = True) -> list[Json]:
    """Return the steps that a case took, oldest first.

    The words of a dispute are the citizen's: who was only told of the case does not read them, as nobody does
    in public.
    """
    found = Change.objects.filter(case_id=report_id).order_by("id")
    return [
        {
            "id": one.id, "at": one.at, "said_at": one.said_at, "from": one.from_state_id,
            "to": one.to_state_id, "by": one.by,
            "text": one.text if is_own or one.permission != DISPUTE else "",
        }
        for one in found
    ]  # fmt: skip


def alternatives(report_id: int) -> list[Json]:
    """Return what could be done, oldest first, each with the choices that fell on it."""
    chosen: dict[int, list[Json]] = {}
    for choice in Choice.objects.filter(alternative__case_id=report_id).order_by("id"):
        chosen.setdefault(choice.alternative_id, []).append(
            {"by": choice.by, "at": choice.at, "why": choice.why}
        )
    found = Alternative.objects.filter(case_id=report_id).select_related("who").order_by("id")
    return [{**alternative(one), "choices": chosen.get(one.id, [])} for one in found]


def alternative(one: Alternative) -> Json:
    """Return one thing that could be done."""
    return {
        "id": one.id, "what": one.what, "office": shown.office(one.who), "cost_idr": one.cost_idr,
        "days": one.days, "evidence": one.evidence, "consequences": one.consequences,
        "is_suggested": one.is_suggested,
        "by": one.by, "at": one.at,
    }  # fmt: skip


def duplicates(report_id: int) -> list[Json]:
    """Return the reports that may tell of the same, surest first, ``MOST`` at most; in public words."""
    pairs = DuplicateCandidate.objects.filter(Q(first=report_id) | Q(second=report_id))
    found = pairs.order_by("-score", "first", "second").select_related("first__category", "second__category")
    made = []
    for one in found[:MOST]:
        other = one.second if one.first_id == report_id else one.first
        made.append(
            {
                "id": other.id, "score": one.score, "parts": one.parts, "rule": one.rule,
                "category": shown.names(other.category), "text": other.public_text,
                "submitted_at": other.submitted_at, "channel": other.channel,
                "apart": one.apart_at and {"by": one.apart_by, "at": one.apart_at},
            }
        )  # fmt: skip
    return made


def steps(from_state: str, permissions: Iterable[str]) -> list[Json]:
    """Return the steps that somebody may take from a state, and whether words are owed; ``call`` says how.

    What two of their permissions allow is one step: as it is taken, by that which owes no words.
    """
    found = Transition.objects.filter(from_state=from_state, permission__in=list(permissions))
    back = {here for here, there in workflow.allowed_by(UNDO) if there == from_state}
    open_to: dict[tuple[str, str], Json] = {}
    for one in found.select_related("to_state").order_by("to_state", "needs_text", "permission"):
        call = calls.of(from_state, one.to_state_id, one.permission)
        step = {
            "to": shown.state(one.to_state),
            "needs_text": one.needs_text,
            "call": call,
            "can_undo": one.to_state_id in back,
        }
        open_to.setdefault((one.to_state_id, call), step)
    return list(open_to.values())


def escalations(report_id: int) -> dict[int, list[Json]]:
    """Return the rungs that each turn of a case reached, by its id, lowest first."""
    found: dict[int, list[Json]] = {}
    climbed = Escalation.objects.filter(turn__case_id=report_id).select_related("office", "official")
    climbed = climbed.prefetch_related("evidence_set", "succession_set__official")
    for one in climbed.order_by("turn", "number"):
        found.setdefault(one.turn_id, []).append(
            {
                "number": one.number,
                "office": shown.office(one.office),
                "official": one.official and {"name": one.official.name, "acting": one.acting},
                "succeeded_by": _successor(one),
                "is_vacant": one.is_vacant,
                "due_at": one.due_at,
                "at": one.at,
                "evidence": evidence(one.evidence_set.all()),
            }
        )
    return found


def _successor(one: Escalation) -> Json | None:
    """Return who was told in the place of whom a rung names; None: nobody was.

    Without a name: the governor's office, which nobody held.
    """
    last = max(one.succession_set.all(), key=lambda succession: succession.id, default=None)
    if last is None:
        return None
    return {"name": last.official and last.official.name, "acting": last.acting, "at": last.at}


def evidence(found: Iterable[Evidence]) -> list[Json]:
    """Return what is known of a notice, in order; no notes but why it was withdrawn."""
    return [
        {
            "kind": said.kind,
            "channel": said.channel,
            "at": said.at,
            "why": said.note if said.kind == "withdrawn" else None,
        }
        for said in sorted(found, key=lambda said: said.id)
    ]


def cluster(report_id: int) -> Json:
    """Return the cluster that a report is in, and how many stand behind it.

    Its lead comes first; of many members the first ``MOST`` are told, and the report itself.
    """
    crowd = clusters.crowd(report_id)
    found = clusters.cluster(report_id)
    told = [one for place, one in enumerate(found) if place < MOST or one.report_id == report_id]
    return {
        "lead": clusters.lead_of(report_id),
        "members": [
            {
                "case": member.report_id, "depth": member.depth, "merge": member.merge_id,
                "score": member.score, "parts": member.parts,
            }
            for member in told
        ],
        "reports": crowd.reports,
        "citizens": crowd.citizens,
        "followers": crowd.followers,
    }  # fmt: skip


def doubts(report_id: int) -> list[Json]:
    """Return why the last resolution of a case is doubted, as long as nobody has spoken of it."""
    return [
        {
            "kind": doubt.kind, "name": doubt.name_id, "amount": doubt.amount, "most": doubt.most,
            "unit": doubt.unit, "photo": doubt.photo_id, "shown_at": doubt.shown_at,
            "taken_at": doubt.taken_at, "resolved_by": doubt.resolved_by, "resolved_at": doubt.resolved_at,
            "earlier_report": doubt.earlier_report_id, "earlier_at": doubt.earlier_at,
        }
        for doubt in proof.flagged([report_id])
    ]  # fmt: skip
