"""What happened to a case, as one list, the newest first: steps, turns, pauses, rungs, words, looks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.models import Entry
from boundaries import lookup
from casework.models import Merge, PauseReason, State, Verdict
from reports.models import Outgoing, Report

Json = Mapping[str, Any]
GIVEN_AWAY = ("rerouted", "not_taken", "passed_on")


@dataclass(frozen=True)
class Event:
    """Something that happened: when, of which kind (a key of the words), by whom, and what was said."""

    at: datetime
    kind: str
    by: str | None = None
    what: str = ""
    text: str = ""
    # When its source says that it was, where that is another time.
    said_at: datetime | None = None
    # Of a step: the state that was reached, for its mark.
    state: State | None = None
    parts: Mapping[str, Any] | None = None


def of(case: Json, report: Report, words: Mapping[str, str], with_audit: bool) -> list[Event]:
    """Return what happened to a case, the newest first.

    Parameters
    ----------
    case
        As the API tells of it.
    words
        Of these, what the unit and the governor's office are called where a turn or a rung has no office.
    with_audit
        Whether who looks may read the audit: then who looked at it before is there too.
    """
    events = [
        *_changes(case), *_turns(case, words), *_pauses(case), *_alternatives(case), *_told(report),
        *_placed(case, report), *_merged(report), *_judged(report),
    ]  # fmt: skip
    if with_audit:
        events += _looks(report.pk)
    # Of one instant what came later stands above, too.
    return sorted(events, key=lambda event: event.at)[::-1]


def _changes(case: Json) -> Iterator[Event]:
    states = State.objects.in_bulk()
    for one in case["changes"]:
        said_at = one["said_at"] if one["said_at"] != one["at"] else None
        yield Event(one["at"], "step", one["by"], one["to"], one["text"], said_at, states.get(one["to"]))


def _turns(case: Json, words: Mapping[str, str]) -> Iterator[Event]:
    for turn in case["turns"]:
        who = {"office": turn["office"], "official": turn["official"], "nobody": words["unit"]}
        if turn["number"] and (turn["began_at"] is None or turn["offered_at"] < turn["began_at"]):
            yield Event(turn["offered_at"], "turn_offered", parts=who)
        if turn["began_at"]:
            yield Event(turn["began_at"], "turn_began", parts=who | {"official": turn["began_under"]})
        if turn["passed_at"]:
            yield Event(turn["passed_at"], "turn_passed", parts=who)
        if turn["ended_by"] in GIVEN_AWAY:
            yield Event(turn["ended_at"], f"turn_{turn['ended_by']}", parts=who)
        for rung in turn["escalations"]:
            yield Event(
                rung["at"],
                "rung_vacant" if rung["is_vacant"] else "rung",
                parts={**rung, "nobody": words["governor"]},
            )


def _pauses(case: Json) -> Iterator[Event]:
    reasons = PauseReason.objects.in_bulk()
    for one in case["pauses"]:
        yield Event(one["since"], "paused", one["by"], parts={**one, "row": reasons.get(one["reason"])})
        if one["ended_at"]:
            yield Event(one["ended_at"], "resumed")


def _alternatives(case: Json) -> Iterator[Event]:
    for one in case["alternatives"]:
        kind = "alternative_suggested" if one["is_suggested"] else "alternative"
        yield Event(one["at"], kind, one["by"], text=one["what"])
        for choice in one["choices"]:
            yield Event(choice["at"], "chosen", choice["by"], one["what"], choice["why"])


def _told(report: Report) -> Iterator[Event]:
    """Yield what was put down for the citizen, and how far it came."""
    for one in Outgoing.objects.filter(channel=report.channel, external_id=report.external_id):
        came = "sent" if one.sent_at else "dead" if one.dead_at else "waits"
        yield Event(one.created_at, f"told_{came}", what=one.channel, text=one.body["text"])


def _placed(case: Json, report: Report) -> Iterator[Event]:
    said = case["place"]["said"]
    codes = sorted({one["kelurahan"] for one in said if one["kelurahan"]})
    names = lookup.names(report.edition_id, codes) if report.edition_id else {}
    for one in said:
        known = names.get(one["kelurahan"])
        where = known.name if known else one["kelurahan"] or "?"
        yield Event(one["at"], "moved" if one["is_move"] else "placed", one["by"], where)


def _merged(report: Report) -> Iterator[Event]:
    merges = Merge.objects.filter(member__case=report.pk) | Merge.objects.filter(into=report.pk)
    for merge in merges.select_related("unmerge").prefetch_related("member_set").distinct():
        cases = [member.case_id for member in merge.member_set.all()]
        # The words stand beside the step of each case that was merged.
        kind = "merged" if merge.into_id == report.pk else "merged_into"
        parts = {"into": merge.into_id, "cases": cases}
        yield Event(merge.at, kind, merge.by, parts=parts)
        if hasattr(merge, "unmerge"):
            yield Event(merge.unmerge.at, f"un{kind}", merge.unmerge.by, parts=parts)


def _judged(report: Report) -> Iterator[Event]:
    for verdict in Verdict.objects.filter(change__case=report.pk):
        kind = "confirmed" if verdict.is_confirmed else "refused"
        yield Event(verdict.at, kind, verdict.by, text=verdict.why)


def _looks(report_id: int) -> Iterator[Event]:
    """Yield who looked at a citizen's own words, or took them out of the platform."""
    actions = ("case.look", "personal.look", "personal.export")
    for entry in Entry.objects.filter(subject=f"report:{report_id}", action__in=actions).order_by("-id")[:50]:
        yield Event(entry.at, "looked", entry.by)
