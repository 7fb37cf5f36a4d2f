"""Where the events are, for who asks the web server: its four threads cannot hold hundreds of listeners."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api.public import public
from geoplatform.errors import Unavailable


@public
def events(request: HttpRequest) -> HttpResponse:
    """``GET /api/events``: go to ``manage.py events``, where a proxy has not led there already."""
    if not settings.EVENTS_URL:
        raise Unavailable("events are not served here: manage.py events does it")
    query = request.META.get("QUERY_STRING", "")
    response = HttpResponse(status=307)
    response["Location"] = f"{settings.EVENTS_URL}?{query}" if query else settings.EVENTS_URL
    response["Cache-Control"] = "no-store"
    return response
