"""Which feeds there are: the TOML of each, with what the settings put in its place."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings

from geoplatform.errors import NotFound
from ingest.adapter import Adapter, Feed

FOLDER = Path(__file__).parent / "adapters"
FACTS = set(Feed.__dataclass_fields__) - {"name", "simulated", "token", "options"}


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
    """Return the facts of a feed.

    ``GEOPLATFORM_FEED_<NAME>_URL`` and ``_TOKEN`` stand in for the TOML's; with the simulated city all
    feeds are read from it, and marked.
    """
    facts = dict(_toml(name))
    read = Feed(name=name, options=facts.pop("options", {}), **facts)
    prefix = f"GEOPLATFORM_FEED_{name.upper()}"
    read = replace(
        read, url=os.environ.get(f"{prefix}_URL", read.url), token=os.environ.get(f"{prefix}_TOKEN", "")
    )
    if settings.SIMULATED_CITY_URL:
        return replace(read, url=f"{settings.SIMULATED_CITY_URL}/{name}", token="simulated", simulated=True)  # noqa: S106
    return read


@cache
def _toml(name: str) -> Mapping[str, Any]:
    facts = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    if unknown := set(facts) - FACTS - {"options"}:
        raise ValueError(f"{name}.toml: unknown {sorted(unknown)}, known are {sorted(FACTS)}")
    return facts
