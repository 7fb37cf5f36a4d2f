"""Which cases a list, a map or a count is asked for: the parameters that they share, read once."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from django.contrib.gis.db.models import PointField
from django.db.models import Case as Choose
from django.db.models import Exists, FloatField, Func, Min, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from api import params
from api.casework.door import LAST_ID, Asked
from boundaries.models import Office
from casework.board import due_calendar
from casework.desk import worklists
from casework.models import Case, State
from casework.steps import permitted
from geoplatform.errors import InvalidRequest
from layers.boxes import ranges_of
from layers.grid import Bbox
from reports.models import Category

NAMES = frozenset({
    "worklist", "office", "state", "category", "kelurahan", "channel", "q", "bbox", "due_on", "ids",
    "newer_than",
})  # fmt: skip
CODE = re.compile(r"\d\d(\.\d\d(\.\d\d(\.\d{4})?)?)?", re.ASCII)
IDS = re.compile(r"\d{1,19}(,\d{1,19}){0,199}", re.ASCII)
LONGEST_Q, LONGEST_WORD = 100, 60
# Of sensitive reports the point that all may see: boxes that are halved would tell where one is.
SHOWN_POINT = Coalesce("report__public_point", "report__point", output_field=PointField())
SHOWN_X = Func(SHOWN_POINT, function="ST_X", output_field=FloatField())
SHOWN_Y = Func(SHOWN_POINT, function="ST_Y", output_field=FloatField())


def chosen(asked: Asked, at: datetime) -> QuerySet[Case]:
    """Return the cases that are asked for, of those that who asks may see; a work list is that of ``at``."""
    given = asked.request.GET
    within = Q()
    if "worklist" in given:
        is_whole = permitted.may(asked.user, permitted.WHOLE)
        within &= worklists.within(given["worklist"], at, is_whole)
    for name, condition in CONDITIONS.items():
        if name in given:
            within &= condition(given[name])
    found = permitted.cases_of(asked.user).filter(within)
    if "bbox" not in given:
        return found
    return found.alias(x=SHOWN_X, y=SHOWN_Y).filter(_in_box(params.bbox(asked.request)))


def _in_box(box: Bbox) -> Q:
    """Return the condition of what is shown in a box: by ranges of keys, then exactly, in ``x`` and ``y``.

    The key is that of the point itself, half a unit of its last digit at the most beside what is shown. The
    exact part is a CASE, which the planner takes for a half: of comparisons it expects next to nothing left,
    and then goes through all reports.
    """
    digits = Category.objects.aggregate(least=Min("public_digits"))["least"]
    reach = 0 if digits is None else 0.5 * 10**-digits
    wide = Bbox(box.west - reach, box.south - reach, box.east + reach, box.north + reach)
    ranges = (Q(report__tile_key__range=one) for one in ranges_of(wide))
    outside = Q(x__lt=box.west) | Q(x__gt=box.east) | Q(y__lt=box.south) | Q(y__gt=box.north)
    return reduce(or_, ranges) & Q(Choose(When(outside, then=Value(False)), default=Value(True)))


def _of_office(code: str) -> Q:
    _known("office", code, Office.objects.filter(code=code).exists())
    return Q(Exists(permitted.turns_of(code)))


def _in_state(code: str) -> Q:
    return Q(state=_known("state", code, State.objects.filter(code=code).exists()))


def _of_category(code: str) -> Q:
    return Q(report__category=_known("category", code, Category.objects.filter(code=code).exists()))


def _in_area(code: str) -> Q:
    """Return the condition of what lies in a kelurahan, kecamatan or kota."""
    if not CODE.fullmatch(code):
        raise InvalidRequest(f"kelurahan {code!r} is no Kemendagri code")
    return Q(report__kelurahan_code=code) | Q(report__kelurahan_code__startswith=f"{code}.")


def _of_channel(channel: str) -> Q:
    return Q(report__channel=_known("channel", channel, len(channel) <= LONGEST_WORD))


def _says(text: str) -> Q:
    if not 2 <= len(text.strip()) <= LONGEST_Q:
        raise InvalidRequest(f"q {text!r}: 2 to {LONGEST_Q} characters are looked for")
    return Q(report__public_text__icontains=text.strip())


def _due_on(text: str) -> Q:
    return due_calendar.falls_due(params.day("due_on", text))


def _named(text: str) -> Q:
    if not IDS.fullmatch(text) or any(int(id) > LAST_ID for id in text.split(",")):
        raise InvalidRequest(f"ids {text!r}: up to 200 numbers of cases with commas between")
    return Q(pk__in=[int(id) for id in text.split(",")])


def _newer(text: str) -> Q:
    if not text.isascii() or not text.isdigit() or int(text) > LAST_ID:
        raise InvalidRequest(f"newer_than {text!r}: the number of a case is wanted")
    return Q(pk__gt=int(text))


def _known(name: str, value: str, is_known: bool) -> str:
    if not is_known:
        raise InvalidRequest(f"{name} {value!r} is none that there is")
    return value


CONDITIONS: Mapping[str, Callable[[str], Q]] = {
    "office": _of_office,
    "state": _in_state,
    "category": _of_category,
    "kelurahan": _in_area,
    "channel": _of_channel,
    "q": _says,
    "due_on": _due_on,
    "ids": _named,
    "newer_than": _newer,
}
