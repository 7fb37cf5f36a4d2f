"""The open API as a page to be read and tried: Swagger UI from a package, no other site, no inline script."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from api.public import public

# Swagger UI sets styles on its elements and draws with data: images; scripts are files of ours alone.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@public
def docs(request: HttpRequest) -> HttpResponse:
    """``GET /api/docs``: every address, each with a button that asks it."""
    answer = render(request, "api/docs.html")
    answer["Content-Security-Policy"] = POLICY
    answer["Cache-Control"] = "public, max-age=300, stale-while-revalidate=86400"
    return answer
