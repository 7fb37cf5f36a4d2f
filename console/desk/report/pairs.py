"""Reports beside one another that may tell of the same, and the cluster that was made of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.gis.db.models.functions import Distance
from django.db.models.functions import Coalesce

from casework.desk import photos
from casework.steps import permitted
from console.templatetags.written import percent
from reports.models import Report
from staff.models import User

Json = Mapping[str, Any]


def of(user: User, case: Json, report: Report) -> dict[str, Sequence[dict[str, Any]]]:
    """Return the candidates of a case and the members of its cluster, each as it stands beside the report.

    Those of cases that are not theirs are left out, with what they say.
    """
    members = [one for one in case["cluster"]["members"] if one["case"] != report.pk]
    joined = {one["case"]: one for one in members}
    candidates = [one for one in case["duplicates"] if one["id"] not in joined]
    ids = permitted.theirs(user, [*joined, *(one["id"] for one in candidates)])
    others = _others(report, ids)
    return {
        "candidates": [
            {
                **others[one["id"]],
                "photos": photos.seen_by(user, one["id"]),
                "score": one["score"],
                "reasons": reasons(one["parts"]),
            }
            for one in candidates
            if one["id"] in others and not one["apart"]
        ],
        "apart": [
            {**others[one["id"]], "by": one["apart"]["by"], "at": one["apart"]["at"]}
            for one in candidates
            if one["id"] in others and one["apart"]
        ],
        "members": [{**one, **others[one["case"]]} for one in members if one["case"] in others],
    }


def reasons(parts: Json) -> list[dict[str, Any]]:
    """Return what speaks for a pair beside distance and time, each with how much of it there is."""
    shares = [(key, parts.get(key)) for key in ("category", "text", "said")]
    found = [{"key": key, "value": percent(share)} for key, share in shares if share]
    if parts.get("photo") is not None:
        found.append({"key": "photo", "value": f"{parts['photo']}/64"})
    return found + [{"key": key, "value": ""} for key in ("kelurahan", "author") if parts.get(key)]


def _others(report: Report, ids: set[int]) -> dict[int, dict[str, Any]]:
    """Return what of other reports is set beside one: words for the public, how far, how much later."""
    found = Report.objects.filter(pk__in=ids).select_related("case__state", "category")
    here, metres = report.public_point or report.point, {}
    if here:
        # Between the points that all may see: the true ones of what is sensitive are not to be measured out.
        lengths = found.annotate(length=Distance(Coalesce("public_point", "point"), here))
        metres = {id: length.m for id, length in lengths.values_list("pk", "length") if length is not None}
    return {
        one.pk: {
            "report": one,
            "state": one.case.state,
            "distance_m": metres.get(one.pk),
            "apart_s": (one.submitted_at - report.submitted_at).total_seconds(),
        }
        for one in found
    }
