"""How the platform fares, in words for everyone."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from api import params, status
from api.public import public
from console.public.page import language, page
from console.titles import title
from layers.layer import catalogue

HEIGHT = 60  # of the drawing of the last 24 hours
BAR, STEP = 20, 24


@public
def show(request: HttpRequest) -> HttpResponse:
    """``GET /status``: feeds, maps, answers to citizens, and the last 24 hours."""
    params.only(request, {"lang"})
    # To the minute: whoever has the page already asks whether it changed.
    found = status.read(timezone.now().replace(second=0, microsecond=0))
    spoken = language(request)
    most = max(found.hours)
    return page(
        request,
        "status",
        status_now=found,
        feeds=[(title(one.name, one.title, spoken), one) for one in found.feeds],
        maps=[(catalogue()[name].title[spoken], touched) for name, touched in found.maps],
        bars=[
            {"x": index * STEP, "y": HEIGHT - tall, "height": tall, "count": count}
            for index, count in enumerate(found.hours)
            for tall in [max(1, round(HEIGHT * count / most)) if count else 0]
        ],
        box=f"0 0 {STEP * len(found.hours) - STEP + BAR} {HEIGHT}",
        reports=sum(found.hours),
        most=most,
    )
