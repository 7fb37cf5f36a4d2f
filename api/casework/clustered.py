"""Reports of one problem: merged into one that leads them, and that undone."""

from typing import Any

from django.http import JsonResponse

from api.casework import one
from api.casework.door import LAST_ID, Asked, door, only
from casework.duplicates import candidates, merging
from casework.models import Merge
from casework.steps import permitted
from geoplatform.errors import InvalidRequest, NotFound


def _merge(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/merge``: close cases as duplicates of this one; all of them, or none."""
    only(asked, {"cases", "text"})
    one.find(asked, id)
    ids = _ids(asked.said.get("cases"))
    if missing := sorted(set(ids) - permitted.theirs(asked.user, ids)):
        raise NotFound(f"no case {missing[0]}")
    granted = permitted.permissions(asked.user)
    made = merging.merge(ids, id, asked.user.mark, granted, asked.text("text"), asked.at)
    asked.record("case.merge", f"report:{made.into_id}", merge=made.id, cases=sorted(set(ids)))
    return JsonResponse({"merge": made.id, "into": made.into_id, "cases": sorted(set(ids))}, status=201)


def _unmerge(asked: Asked, id: int) -> Any:
    """``POST /api/staff/merges/{id}/unmerge``: give each case that a merge closed its state again."""
    only(asked, {"text"})
    into = Merge.objects.filter(pk=id).values_list("into", flat=True).first()
    if into is None or not permitted.theirs(asked.user, [into]):
        raise NotFound(f"no merge {id}")
    granted = permitted.permissions(asked.user)
    merging.unmerge(id, asked.user.mark, granted, asked.text("text"), asked.at)
    asked.record("case.unmerge", f"report:{into}", merge=id)
    return {"merge": id, "into": into}


def _apart(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/apart``: say that a candidate is another problem, or take that back."""
    only(asked, {"case", "is_apart"})
    other, is_apart = asked.whole("case"), asked.said.get("is_apart")
    if other is None or not isinstance(is_apart, bool):
        raise InvalidRequest("case: its number is wanted, is_apart: true or false")
    one.find(asked, id)
    one.find(asked, other)
    if is_apart:
        candidates.part(id, other, asked.user.mark, asked.at)
    else:
        candidates.unpart(id, other)
    asked.record("case.apart", f"report:{id}", case=other, is_apart=is_apart)
    return {"id": id, "case": other, "is_apart": is_apart}


def _ids(said: Any) -> list[int]:
    if not isinstance(said, list) or not all(type(id) is int and 0 <= id <= LAST_ID for id in said):
        raise InvalidRequest("cases: a list of numbers of cases is wanted")
    return said


apart = door(POST=("casework.triage", _apart))
merge = door(POST=("casework.triage", _merge))
unmerge = door(POST=("casework.triage", _unmerge))
