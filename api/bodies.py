"""Reading what is posted as JSON."""

from typing import Any

import orjson
from django.http import HttpRequest

from geoplatform.errors import InvalidRequest, TooLarge, Unsupported


def document(request: HttpRequest, most_bytes: int) -> dict[str, Any]:
    """Return the JSON object that was posted.

    Raises
    ------
    Unsupported, TooLarge, InvalidRequest
        It is of another kind, or of more bytes than are taken, or no object.
    """
    if (request.content_type or "").lower() != "application/json":
        raise Unsupported(f"Content-Type {request.content_type!r}, expected application/json")
    if len(request.body) > most_bytes:
        raise TooLarge(f"{len(request.body)} bytes, at most {most_bytes} are taken")
    try:
        # It counts how deep it is, where json would fill the stack.
        said = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise InvalidRequest("the body is no JSON") from None
    if not isinstance(said, dict):
        raise InvalidRequest("the body is no JSON object")
    return said
