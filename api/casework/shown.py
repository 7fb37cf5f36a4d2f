"""What staff see of a case: in a list what the public reads, and the whole where it is theirs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.contrib.gis.geos import Point
from django.db.models import F, QuerySet

from api.boundaries import area
from boundaries import lookup
from boundaries.models import Office
from casework.desk.priority import Priority
from casework.models import Case, DuplicateCandidate, State, Turn
from reports.models import NEAR_BORDER_M, Category, Report

Json = dict[str, Any]


def names(row: Category | State) -> Json:
    """Return code and name in both languages."""
    return {"code": row.code, "name": {"id": row.name_id, "en": row.name_en}}


def state(row: State) -> Json:
    """Return a state in our words, in Jakarta's, and as a map shows it."""
    return {
        **names(row), "family": row.family, "jakarta": row.jakarta, "open311": row.open311,
        "colour": row.colour, "shape": row.shape,
    }  # fmt: skip


def state_of(case: Case) -> Json:
    """Return the state of a case that was read with it."""
    return state(cast(State, case.state))


def priority(one: Priority) -> Json:
    """Return points and parts, and the parts as a sentence."""
    parts = [
        {
            "part": part.part, "key": part.key, "count": part.count, "points": part.points,
            "name": {"id": part.name_id, "en": part.name_en},
        }
        for part in one.parts
    ]  # fmt: skip
    return {"points": one.points, "words": {"id": one.words_id, "en": one.words_en}, "parts": parts}


def office(row: Office | None) -> Json | None:
    """Return code and title of an office; None: the unit."""
    return {"code": row.code, "title": row.title} if row else None


def point(report: Report, is_whole: bool) -> Json | None:
    """Return where a report is, in degrees: as the public sees it to those who may not see all of it."""
    shown = report.point if is_whole else report.public_point or report.point
    return _lonlat(shown)


def listed(
    reports: Iterable[Report], at: datetime, is_whole: bool, ranks: Mapping[int, Priority] | None = None
) -> list[Json]:
    """Return cases as lists show them, in the order given; their words are those that the public reads.

    Parameters
    ----------
    is_whole
        Whether who asks may learn how near a border a sensitive report lies.
    """
    reports = list(reports)
    pairs = _pairs([one.id for one in reports])
    turns = _turns_of([one.id for one in reports])
    places = _places(reports)
    return [
        {
            "id": one.id,
            "state": state_of(one.case),
            "since": one.case.since,
            "category": names(one.category),
            "channel": one.channel,
            "text": one.public_text,
            "submitted_at": one.submitted_at,
            "kelurahan": places.get(one.id),
            "point": point(one, is_whole=False),
            "turn": brief(turns.get(one.id), at),
            "near_border": (is_whole or not one.public_point) and _is_near_border(one),
            "candidates": pairs[one.id],
            **({"priority": priority(ranks[one.id])} if ranks else {}),
        }
        for one in reports
    ]


def report(one: Report, is_whole: bool) -> Json:
    """Return what a citizen said; unmasked to those who may see it."""
    return {
        "channel": one.channel,
        "external_id": one.external_id,
        "category": names(one.category),
        "status": one.status,
        "text": one.description if is_whole else one.public_text,
        "is_masked": not is_whole,
        "hint": one.hint if is_whole else None,
        "image_url": (one.image_url or None) if is_whole else None,
        "submitted_at": one.submitted_at,
        "updated_at": one.updated_at,
        "received_at": one.received_at,
        "simulated": one.simulated,
        "point": point(one, is_whole),
    }


def place(one: Report, is_whole: bool) -> Json:
    """Return where a report lies, how we know, how near a border is, and what people said of it."""
    tiers, neighbour = {}, None
    if one.edition_id and one.kelurahan_code:
        tiers = lookup.tiers(one.edition_id, one.kelurahan_code)
        if one.neighbour_code:
            neighbour = lookup.names(one.edition_id, [one.neighbour_code]).get(one.neighbour_code)
    return {
        **{level: area(tiers.get(level)) for level in ("kelurahan", "kecamatan", "kota")},
        "placed_by": one.placed_by,
        "border_m": None if one.border_m is None else round(one.border_m, 1),
        "near_border": _is_near_border(one),
        "neighbour": area(neighbour),
        "edition": one.edition and {"id": one.edition.id, "name": one.edition.name},
        "suggestions": [
            {"level": said.level, "code": said.code, "score": said.score, "words": said.words}
            for said in one.suggestion_set.order_by("rank")
        ],
        "said": [
            {
                "at": said.placed_at, "by": said.by, "kelurahan": said.kelurahan_code,
                "is_move": said.is_move,
                # Of a sensitive report its points are for those who may see it whole.
                "from": _lonlat(said.from_point) if is_whole or not one.public_point else None,
                "to": _lonlat(said.point) if is_whole or not one.public_point else None,
            }
            for said in one.placement_set.order_by("id")
        ],
    }  # fmt: skip


def _is_near_border(one: Report) -> bool:
    return one.border_m is not None and one.border_m <= NEAR_BORDER_M


def _lonlat(point: Point | None) -> Json | None:
    return {"lon": point.x, "lat": point.y} if point else None


def shown(ids: Sequence[int]) -> list[Report]:
    """Return the reports of cases in the order of their ids, with what a list shows of them."""
    found: QuerySet[Report] = Report.objects.filter(pk__in=ids).select_related("case__state", "category")
    by_id = {one.id: one for one in found}
    return [by_id[id] for id in ids if id in by_id]


def _pairs(ids: Sequence[int]) -> Counter[int]:
    """Return of each case with how many others it may tell of the same."""
    firsts = DuplicateCandidate.objects.filter(first__in=ids).values_list("first", flat=True)
    seconds = DuplicateCandidate.objects.filter(second__in=ids).values_list("second", flat=True)
    return Counter([*firsts, *seconds])


def _turns_of(ids: Sequence[int]) -> dict[int, Turn]:
    """Return of each case the turn whose clock runs, or that is offered, or the last one."""
    found = Turn.objects.filter(case__in=ids).select_related("office")
    ordered = found.order_by(
        "case", F("ended_at").asc(nulls_first=True), F("began_at").asc(nulls_last=True), "-number"
    )
    return {one.case_id: one for one in ordered.distinct("case")}


def brief(turn: Turn | None, at: datetime) -> Json | None:
    """Return whose turn it is, and whether the answer is overdue; None where it is nobody's yet."""
    if turn is None:
        return None
    is_waiting = turn.answered_at is None and turn.ended_at is None
    return {
        "office": office(turn.office),
        "is_of_unit": turn.office_id is None,
        "hop": turn.hop,
        "due_at": turn.due_at,
        "is_waiting": is_waiting,
        "is_overdue": bool(is_waiting and turn.due_at and turn.due_at < at),
    }


def _places(reports: Iterable[Report]) -> dict[int, Json | None]:
    """Return the kelurahan of each report, by one look-up for each edition."""
    codes: dict[int, list[tuple[int, str]]] = {}
    for one in reports:
        if one.edition_id and one.kelurahan_code:
            codes.setdefault(one.edition_id, []).append((one.id, one.kelurahan_code))
    found: dict[int, Json | None] = {}
    for edition_id, pairs in codes.items():
        known = lookup.names(edition_id, sorted({code for _, code in pairs}))
        found |= {id: area(known.get(code)) for id, code in pairs}
    return found
