"""``GET /api/staff/questions/{question}``: what anybody may ask, for staff who ask at each move of a map.

The public's own are for 60 such questions a minute from one address, behind which an office may sit.
"""

from typing import Any

from api.casework.door import Asked, door
from api.questions.changes import changes
from api.questions.counts import counts
from api.questions.heat import heat
from api.questions.series import series
from geoplatform.errors import NotFound

KNOWN = {"changes": changes, "counts": counts, "heat": heat, "series": series}


def _answer(asked: Asked, question: str) -> Any:
    if question not in KNOWN:
        raise NotFound(f"no question {question!r}: known are {', '.join(KNOWN)}")
    return KNOWN[question](asked.request)


answered = door(GET=("casework.view_board", _answer))
