"""Errors as GeoReport v2 says them: a list of one, in the form that was asked for."""

from django.http import HttpRequest, HttpResponse

from reports import georeport

# A key that is missing or wrong is 403 there.
STATUS = {401: 403}


def said(request: HttpRequest, status: int, detail: str, error: Exception | None) -> HttpResponse:
    """Return an error in JSON or XML, by how the path ends."""
    form = "xml" if request.path.endswith(".xml") else "json"
    code = STATUS.get(status, status)
    body = georeport.listed(form, georeport.ERRORS, [{"code": code, "description": detail}])
    return HttpResponse(body, status=code, content_type=georeport.MEDIA_TYPES[form])
