"""Why an official answers, in names: edition, polygon, border, rule, second candidate; and who hears next."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from api.boundaries import area
from api.casework import shown
from api.casework.shown import Json
from boundaries import lookup
from boundaries.lookup import Area, city_day
from boundaries.models import Edition, Office, Term
from casework.escalation import coming
from casework.escalation.holders import Whom
from casework.models import Turn


def of(found: Iterable[Turn]) -> dict[int, Json]:
    """Return of each turn why its office has it, as it was decided, with the names of then."""
    turns = list(found)
    editions = _editions(turns)
    names = {id: lookup.names(id, sorted(_codes(turns, id))) for id in editions}
    second = {code for one in turns if (code := (one.explanation.get("second") or {}).get("code"))}
    offices = Office.objects.in_bulk(second)
    return {one.id: _why(one, editions, names, offices) for one in turns}


def _why(
    turn: Turn,
    editions: Mapping[int, Edition],
    names: Mapping[int, Mapping[str, Area]],
    offices: Mapping[str, Office],
) -> Json:
    said = turn.explanation
    known = names.get(said.get("edition") or 0, {})
    edition = editions.get(said.get("edition") or 0)
    return {
        "decided_by": said.get("decided_by"),
        "edition": edition and {"id": edition.id, "name": edition.name},
        "polygon": area(known.get(said.get("polygon") or "")),
        "placed_by": said.get("placed_by"),
        "border_m": said.get("border_m"),
        "is_near_border": said.get("is_near_border", False),
        "neighbour": area(known.get(said.get("neighbour") or "")),
        "rule": said.get("rule"),
        "unit_because": said.get("unit_because"),
        "second": _second(said.get("second"), turn.began_at or turn.offered_at, offices),
    }


def _second(said: Mapping[str, Any] | None, at: datetime, offices: Mapping[str, Office]) -> Json | None:
    """Return the second candidate: the office, who held it that day, and why it is one."""
    if not said:
        return None
    return {
        "office": shown.office(offices.get(said["code"])),
        "official": holder(said["code"], at),
        "rule": said["rule"],
        "why": said["why"],
    }


def holder(office: str, at: datetime) -> Json | None:
    """Return who holds an office on the day of an instant; None: nobody."""
    term = (
        Term.objects.filter(office=office, during__contains=city_day(at)).select_related("official").first()
    )
    return {"name": term.official.name, "acting": term.acting} if term else None


def ladder(turn: Turn | None, category: str, at: datetime, reached: list[Json]) -> Json | None:
    """Return the ladder of the turn whose clock runs: the rungs that it reached, and those to come."""
    if turn is None or turn.office is None:
        return None
    to_come = coming.coming(turn, category, at)
    return {
        "turn": turn.number,
        "rungs": reached
        + [
            {"number": one.number, **whom(one.whom), "due_at": one.due_at, "at": None, "evidence": []}
            for one in to_come.rungs
        ],
        # More follow, whose dates hang on holidays that nobody has loaded.
        "is_held": to_come.is_held,
    }


def whom(one: Whom) -> Json:
    """Return whom a rung tells: office and person, without an address."""
    return {
        "office": {"code": one.office, "title": one.title} if one.office or not one.is_vacant else None,
        "official": {"name": one.name, "acting": one.acting} if one.name else None,
        "is_vacant": one.is_vacant,
    }


def _editions(turns: Iterable[Turn]) -> dict[int, Edition]:
    return Edition.objects.in_bulk({id for one in turns if (id := one.explanation.get("edition"))})


def _codes(turns: Iterable[Turn], edition_id: int) -> set[str]:
    said = [one.explanation for one in turns if one.explanation.get("edition") == edition_id]
    return {code for one in said for code in (one.get("polygon"), one.get("neighbour")) if code}
