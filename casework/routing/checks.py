"""Which rules cannot work, and for what nobody would be answerable: before a report comes upon it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from boundaries import editions, lookup
from boundaries.models import Boundary, Edition, Level, Office
from casework.clock import deadlines
from casework.clock.deadlines import ANSWER
from casework.models import Rule
from casework.routing import faults
from casework.routing.faults import Found
from geoplatform import sql
from reports.models import Category

KINDS = tuple(faults.NAMES)


def run(at: datetime) -> list[Found]:
    """Look for faults of rules and deadlines, and keep what is found; returns those that are new."""
    return faults.record(list(find(lookup.city_day(at))), KINDS, at)


def find(on: date) -> Iterator[Found]:
    """Yield what cannot work on a day: a date in the city, whose edition of boundaries counts."""
    rules = list(Rule.objects.filter(is_active=True, ended_at=None).order_by("number"))
    edition = editions.in_force(on)
    yield from _unknown(rules, edition)
    yield from _undated()
    if edition is None:
        yield Found(
            "no_edition",
            "boundaries",
            f"no edition of boundaries is in force on {on}: every case is the unit's",
        )
        return
    decided = sql.dicts("casework/deciding", {"edition_id": edition.id})
    yield from _undecided(decided, {rule.number: rule for rule in rules})
    yield from _shadowed(rules, {row["number"] for row in decided}, edition)


def _unknown(rules: Sequence[Rule], edition: Edition | None) -> Iterator[Found]:
    """Yield the rules that name what is not there."""
    categories = set(Category.objects.values_list("code", flat=True))
    offices = set(Office.objects.values_list("code", flat=True))
    areas = _areas(edition)
    for rule in rules:
        about = f"rule {rule.number}"
        if rule.category_id and rule.category_id not in categories:
            yield Found("unknown_category", about, f"{about} ({rule.name}): no category {rule.category_id!r}")
        if rule.office_id and rule.office_id not in offices:
            yield Found("unknown_office", about, f"{about} ({rule.name}): no office {rule.office_id!r}")
        if edition and rule.area_code and rule.area_code not in areas:
            words = f"{about} ({rule.name}): no area {rule.area_code!r} in edition {edition.name!r}"
            yield Found("unknown_area", about, words)


def _undated() -> Iterator[Found]:
    """Yield the kinds of problem for which no answer is ever due."""
    known = deadlines.known()
    for category in Category.objects.order_by("code").values_list("code", flat=True):
        without = [
            tier or "the unit"
            for tier in (*Level.values, None)
            if not deadlines.norm(known, ANSWER, category, tier)
        ]
        if without:
            words = f"category {category}: no deadline of an answer holds for {', '.join(without)}"
            yield Found("no_deadline", f"category {category}", words)


def _undecided(decided: Sequence[Mapping[str, Any]], rules: Mapping[int, Rule]) -> Iterator[Found]:
    """Yield where a report would be the unit's, for no rule fits or the rule leads to no office."""
    homeless: dict[int, list[Mapping[str, Any]]] = {}
    for row in decided:
        if row["homeless"] and row["number"] is None:
            about = f"category {row['category']}"
            words = f"{about}: no rule fits in {row['homeless']} kelurahan, such as {row['example']}"
            yield Found("no_rule", about, words)
        elif row["homeless"]:
            homeless.setdefault(row["number"], []).append(row)
    for number, rows in homeless.items():
        rule = rules[number]
        if rule.office_id:  # an unknown office, which is told
            continue
        places, example = max(row["homeless"] for row in rows), min(row["example"] for row in rows)
        words = (
            f"rule {number} ({rule.name}): no office of that tier in {places} kelurahan, such as {example}"
        )
        yield Found("no_office", f"rule {number}", words)


def _shadowed(rules: Sequence[Rule], deciding: set[int], edition: Edition) -> Iterator[Found]:
    """Yield the rules that could fit and never decide, for earlier ones do."""
    categories = set(Category.objects.values_list("code", flat=True))
    areas = _areas(edition)
    for index, rule in enumerate(rules):
        fits = (not rule.category_id or rule.category_id in categories) and (
            not rule.area_code or rule.area_code in areas
        )
        if fits and rule.number not in deciding:
            by = next(
                (f"rule {one.number}" for one in rules[:index] if _covers(one, rule)), "the earlier ones"
            )
            words = f"rule {rule.number} ({rule.name}) never decides: {by} always fits before it"
            yield Found("rule_shadowed", f"rule {rule.number}", words)


def _covers(one: Rule, other: Rule) -> bool:
    """Say whether a rule fits whatever another one fits."""
    return (
        one.category_id in (None, other.category_id)
        and (one.area_code is None or f"{other.area_code}.".startswith(f"{one.area_code}."))
        # A tier does not fit what lies nowhere; an office does.
        and bool(one.office_id or other.area_code or not other.office_id)
    )


def _areas(edition: Edition | None) -> set[str]:
    return set(Boundary.objects.filter(edition=edition).values_list("code", flat=True)) if edition else set()
