"""Whether what an office shows as solved may be believed: what is doubted, and a second person's word."""

from typing import Any

from api.casework import citizens, one
from api.casework.door import Asked, door, only
from casework.steps import permitted, proof, telling
from geoplatform.errors import InvalidRequest


def _verdict(asked: Asked, id: int) -> Any:
    """``POST /api/staff/cases/{id}/verdict``: say whether a doubted resolution is one, and why."""
    only(asked, {"is_confirmed", "text"})
    one.find(asked, id)
    is_confirmed, text = asked.said.get("is_confirmed"), asked.text("text")
    if not isinstance(is_confirmed, bool):
        raise InvalidRequest("is_confirmed: true or false is wanted")
    said = proof.confirm if is_confirmed else proof.refuse
    said(id, asked.user.mark, permitted.permissions(asked.user), text, asked.at)
    if not is_confirmed:
        telling.steps({id: ("disputed", text)}, citizens.speaker(asked), asked.at)
    asked.record("case.verdict", f"report:{id}", is_confirmed=is_confirmed)
    return one.told(asked, id)


verdict = door(POST=("casework.supervise", _verdict))
