"""What of a payload they may see who look after feeds: its form, without who the citizens are; pure."""

import json
import re
from typing import Any

from reports.privacy import public_text

HIDDEN = "•••"
# Members that hold a person or a way to one, whatever a feed calls them.
PERSONAL = re.compile(
    r".*(user|author|reporter|sender|pelapor|name|nama|mail|phone|telp|telepon|msisdn|avatar|profile_image"
    r"|handle|alamat|address).*|from|to|cc|hp|wa|nik|by|account|device_id",
    re.IGNORECASE,
)
ENCODED = re.compile(r"\S{200,}")  # no word is so long: a mail or a picture, and who knows what is in it


def masked(body: str) -> str:
    """Return a kept payload, which is JSON, indented and with people struck out.

    What a member holds that is called like a person, at whatever depth, is three dots; so is a long run of
    characters without a space. Every other text is as the public reads it. Numbers, dates and codes stay:
    by them a mistake is found.
    """
    return json.dumps(_masked(json.loads(body)), ensure_ascii=False, indent=2)


def _masked(value: Any, is_personal: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _masked(item, is_personal or _is_personal(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, is_personal) for item in value]
    if isinstance(value, str):
        return HIDDEN if is_personal or ENCODED.search(value) else public_text(value, "")
    return HIDDEN if is_personal and value is not None else value


def _is_personal(key: str) -> bool:
    return PERSONAL.fullmatch(key) is not None
