"""All that the page of a report shows: what the API tells of its case, and what is shown beside it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from api.casework import citizens, one
from api.casework.door import Asked
from api.casework.photos import seen
from boundaries import editions, lookup
from boundaries.models import Boundary, Level
from casework.citizens import replies
from casework.duplicates import clusters
from casework.models import Case, Notice, PauseReason
from casework.steps import answer_templates, permitted, precedents
from console.desk.report import actions, pairs, people, proofs, timeline
from console.templatetags import written
from console.titles import titles
from layers.models import FeedState
from reports.models import Category, Report

Json = Mapping[str, Any]
AUDIT = "access.view_audit"
SHOWN = 6  # of each kind of what is near
KELURAHAN_DOTS = 3  # in a Kemendagri code: 31.71.01.1001


def of(asked: Asked, id: int, words: Mapping[str, str], spoken: str) -> dict[str, Any]:
    """Return what the page of a report shows to who asks; to see a citizen's own words is recorded.

    Raises
    ------
    NotFound
        There is no such case, or it is not theirs.
    """
    case = one.told(asked, id)
    held = one.look(asked, id)
    report = Report.objects.select_related("category", "case").get(pk=id)
    feeds = titles(spoken)
    may, photos = actions.of(asked.user, case, asked.at), seen(asked, held)
    events = timeline.of(case, report, words, permitted.may(asked.user, AUDIT))
    return {
        "case": case,
        "now": asked.at,
        "may": may,
        "turn": _turn(case["turns"]),
        "offer": _offer(case["turns"]),
        "rungs": _rungs(case),
        "paused": _paused(case["pauses"], asked.at),
        "events": events,
        "photos": photos,
        "proofs": proofs.of(asked.user, photos),
        "nearby": _nearby(asked, held),
        "categories": {row.code: written.name(row) for row in Category.objects.all()},
        "options": _options(case),
        "precedents": precedents.suggest(id, asked.at) if may.propose else (),
        "pairs": pairs.of(asked.user, case, report),
        "merged_by": _merged_by(case),
        "people": people.named(_marks(case, events), words, feeds),
        "listeners": _listeners(id, feeds),
        "templates": answer_templates.of(report.category_id, None, report.case) if may.any else (),
        "reasons": PauseReason.objects.order_by("code") if may.pause else (),
        **(_places(case, report) if report.point is None else {}),
        "speaker": citizens.speaker(asked),
        "disputes": [step for step in case["changes"] if step["to"] == "disputed"],
        "feeds": feeds,
    }


def _turn(turns: Sequence[Json]) -> Json | None:
    """Return the turn whose clock runs, else the one that is offered, else the last one."""
    running = [turn for turn in turns if turn["ended_at"] is None]
    return next((turn for turn in running if turn["began_at"]), next(iter(running or turns[-1:]), None))


def _offer(turns: Sequence[Json]) -> Json | None:
    """Return the turn that is offered while that of another office runs on."""
    running = [turn for turn in turns if turn["ended_at"] is None]
    if not running or not running[0]["began_at"]:
        return None
    return next((turn for turn in running if not turn["began_at"]), None)


def _rungs(case: Json) -> Sequence[Json]:
    """Return the rungs of the turn that runs, those to come too; else those that the last turn reached."""
    last = case["turns"][-1:]
    return (
        case["ladder"]["rungs"] if case["ladder"] else [rung for turn in last for rung in turn["escalations"]]
    )


def _paused(pauses: Sequence[Json], at: datetime) -> Json | None:
    """Return the pause that lasts longest of those in which the clock stands still."""
    lasting = [one for one in pauses if one["since"] <= at < (one["ended_at"] or one["until"])]
    return max(lasting, key=lambda one: one["until"], default=None)


def _marks(case: Json, events: Sequence[timeline.Event]) -> set[str]:
    doubts = (one["resolved_by"] for one in case["doubts"])
    choices = (choice["by"] for one in case["alternatives"] for choice in one["choices"])
    proposed = (one["by"] for one in case["alternatives"])
    apart = (one["apart"]["by"] for one in case["duplicates"] if one["apart"])
    return {*chain(doubts, choices, proposed, apart), *(event.by for event in events if event.by is not None)}


def _listeners(report_id: int, feeds: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return by which channels the citizens of a case hear what is said, and how many by each."""
    speaking = FeedState.objects.filter(takes_answers=True).values_list("feed", flat=True)
    known = {feed: feeds[feed] for feed in speaking}
    hearers = clusters.followers(report_id)
    heard = Counter(one.channel for one in hearers if one.channel in known)
    mailed = len(replies.addressed([one.report_id for one in hearers if one.report_id]))
    if mailed:
        known[Notice.REPLY], heard[Notice.REPLY] = "E-mail", mailed
    return [{"channel": code, "title": known[code], "count": count} for code, count in heard.items()]


def _nearby(asked: Asked, case: Case) -> list[dict[str, Any]]:
    """Return each kind of what was near, in the order in which the API names them."""
    found = one.around(asked, case)
    parts = [(kind, getattr(found, kind)) for kind in one.NEAR]
    return [{"name": kind, "part": part, "more": max(0, len(part.found) - SHOWN)} for kind, part in parts]


def _options(case: Json) -> list[dict[str, Any]]:
    """Return the alternatives, and which of them was chosen last."""
    chosen = [(choice["at"], one["id"]) for one in case["alternatives"] for choice in one["choices"]]
    last = max(chosen, default=(None, None))[1]
    return [
        {**one, "is_chosen": one["id"] == last, "is_rejected": last not in (None, one["id"])}
        for one in case["alternatives"]
    ]


def _merged_by(case: Json) -> int | None:
    """Return the merge that closed the case itself, as long as it stands."""
    members = case["cluster"]["members"]
    return next((one["merge"] for one in members if one["case"] == case["id"]), None)


def _places(case: Json, report: Report) -> dict[str, Any]:
    """Return where a report without a point may be, by its words, and every kelurahan of its day.

    Each with what it lies in: 25 kelurahan have the name of a kecamatan, which may be another one.
    """
    edition = editions.in_force(lookup.city_day(report.submitted_at))
    rows = Boundary.objects.filter(edition=edition, level__in=(Level.KELURAHAN, Level.KECAMATAN, Level.KOTA))
    names = dict(rows.values_list("code", "name"))

    def known(code: str) -> dict[str, str]:
        above = code.rpartition(".")[0]
        return {"code": code, "name": names.get(code, code), "within": names.get(above, "")}

    return {
        "suggestions": [{**said, **known(said["code"])} for said in case["place"]["suggestions"]],
        "kelurahan": [known(code) for code in sorted(names) if code.count(".") == KELURAHAN_DOTS],
    }
