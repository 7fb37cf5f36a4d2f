"""Exports of a collection as it is now, and the files of each night."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from api import collections, params, selection
from api.exports import dictionary, making, ranges, sending, snapshots
from api.public import LIVE, WANTS_GZIP, document, public
from api.questions import forms
from boundaries.lookup import city_day
from geoplatform.errors import NotFound

TEXTS = ("csv", "geojsonseq")  # the other forms are compressed, or would be no smaller


@public
def export(request: HttpRequest, collection: str, extension: str) -> Any:
    """``GET /api/collections/{id}/export.{extension}``: what is selected, as it is now, streamed."""
    found = collections.find(collection)
    params.only(request, {*selection.NAMES, *found.columns} - {"sortby"})
    wanted = selection.parse(found, {name: request.GET[name] for name in request.GET})
    now = timezone.now()
    response: HttpResponseBase
    is_zipped = extension in TEXTS and bool(WANTS_GZIP.search(request.headers.get("Accept-Encoding", "")))
    if request.method == "HEAD":
        response = HttpResponse(content_type=making.MEDIA_TYPES[extension])
    else:
        pieces = making.stream(wanted, extension, now)
        sent = sending.Sending(sending.zipped(pieces) if is_zipped else pieces)
        response = StreamingHttpResponse(sent, content_type=making.MEDIA_TYPES[extension])
    if is_zipped:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = "no-store"
    response["Accept-Ranges"] = "none"
    response["Content-Disposition"] = f'attachment; filename="{found.name}-{city_day(now)}.{extension}"'
    response["Link"] = _described_by(request, found.name)
    return response


@public
def dictionary_of(request: HttpRequest, collection: str) -> HttpResponse:
    """``GET /api/collections/{id}/dictionary``: what each column means, as JSON or CSV."""
    params.only(request, {"f"})
    form = params.one_of(request, "f", ("json", "csv"), "json")
    said = dictionary.dictionary(collections.find(collection), timezone.now())
    if form == "json":
        return document(request, said)
    rows = (
        [column["name"], column["type"], column["description"], " ".join(column["values"])]
        for column in said["columns"]
    )
    return forms.reply(request, form, forms.to_csv(["name", "type", "description", "values"], rows))


@public
def listing(request: HttpRequest) -> HttpResponse:
    """``GET /api/exports``: the nights that there are files of, the newest first."""
    params.only(request, set())
    nights = [
        {
            "day": day,
            "files": [
                {**file, "href": request.build_absolute_uri(f"/api/exports/{day}/{file['name']}")}
                for file in snapshots.files(day)
            ],
        }
        for day in snapshots.days()
    ]
    return document(request, {"snapshots": nights})


@public
def file(request: HttpRequest, day: str, name: str) -> Any:
    """``GET /api/exports/{day}/{file}``: a file of a night, or a part; ``latest`` leads to the newest."""
    if day == "latest":
        found = snapshots.days()
        if not found:
            raise NotFound("no snapshot was taken yet: manage.py export takes one")
        snapshots.find(found[0], name)
        return HttpResponseRedirect(f"/api/exports/{found[0]}/{name}")
    path = snapshots.find(day, name)
    form = path.suffix.removeprefix(".")
    media_type = making.MEDIA_TYPES.get(form, "application/json")
    headers = {
        "Cache-Control": LIVE,
        "Content-Disposition": f'attachment; filename="{path.stem}-{day}.{form}"',
    }
    if form in making.MEDIA_TYPES:
        headers["Link"] = _described_by(request, path.stem)
    return ranges.send(request, path, media_type, headers)


def _described_by(request: HttpRequest, name: str) -> str:
    there = request.build_absolute_uri(f"/api/collections/{name}/dictionary")
    return f'<{there}>; rel="describedby"; type="application/json"'
