"""Which feeds there are: the TOML of each, with what the settings put in its place."""

import os
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from geoplatform.errors import BadSettings, NotFound
from ingest.adapter import Adapter, Feed

FOLDER = Path(__file__).parent / "adapters"
FACTS = set(Feed.__dataclass_fields__) - {"name", "simulated", "token"}


def names() -> list[str]:
    """Return the names of all feeds, in the order of the settings."""
    return list(settings.ADAPTERS)


def adapter(name: str) -> Adapter:
    """Return the adapter of a feed, or raise NotFound."""
    if name not in settings.ADAPTERS:
        raise NotFound(f"no feed {name!r}: there are {', '.join(settings.ADAPTERS)}")
    made: Adapter = import_module(f"ingest.adapters.{name}").Adapter(feed(name))
    return made


def feed(name: str) -> Feed:
    """Return the facts of a feed: those of its TOML, with what the settings put in their place.

    ``GEOPLATFORM_FEEDS`` names a TOML with a table per feed, whose keys replace the shipped ones;
    ``GEOPLATFORM_FEED_<NAME>_URL`` and ``_TOKEN`` come last. With the simulated city all feeds are read
    from it, and marked.
    """
    facts = _facts(name)
    read = Feed(name=name, **facts)
    prefix = f"GEOPLATFORM_FEED_{name.upper()}"
    url, token = os.environ.get(f"{prefix}_URL"), os.environ.get(f"{prefix}_TOKEN", "")
    if settings.SIMULATED_CITY_URL:
        url, token = f"{settings.SIMULATED_CITY_URL}/{name}", "simulated"
    return replace(
        read,
        url=url or read.url,
        token=token,
        enabled=bool(url) or read.enabled,
        simulated=bool(settings.SIMULATED_CITY_URL),
    )


def _facts(name: str) -> dict[str, Any]:
    """Merge the shipped facts of a feed with those of the settings' own file."""
    shipped, own = _toml(FOLDER / f"{name}.toml"), _own().get(name, {})
    facts = {**shipped, **own, "options": {**shipped.get("options", {}), **own.get("options", {})}}
    if unknown := set(facts) - FACTS:
        raise BadSettings(f"feed {name}: unknown {sorted(unknown)}, known are {sorted(FACTS)}")
    # A copy: what is read from a file is read once, and belongs to nobody.
    return deepcopy(facts)


def _own() -> Mapping[str, Any]:
    """Return the tables of the settings' own file, by feed."""
    if not settings.FEEDS_FILE:
        return {}
    own = _toml(Path(settings.FEEDS_FILE))
    if unknown := set(own) - set(settings.ADAPTERS):
        raise BadSettings(f"GEOPLATFORM_FEEDS {settings.FEEDS_FILE}: there are no feeds {sorted(unknown)}")
    return own


@cache
def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSettings(f"{path}: {error}") from error
