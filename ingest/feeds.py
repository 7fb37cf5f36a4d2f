"""Which feeds there are: the TOML of each, with what the settings put in its place."""

import os
import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from geoplatform.errors import BadSettings, NotFound
from ingest.adapter import Adapter, Feed

FOLDER = Path(__file__).parent / "adapters"
NAME = re.compile(r"[a-z][a-z0-9_]*")
SIMULATED = "simulated"  # the token of the simulated city's servers
NEEDED = {"title", "owner", "url", "cadence_s"}
FACTS = set(Feed.__dataclass_fields__) - {"name", "simulated", "token", "pushed"}


class Options(dict[str, Any]):
    """The options of a feed; one that its adapter asks for and nobody gave is named."""

    def __init__(self, feed: str, given: Mapping[str, Any]) -> None:
        super().__init__(given)
        self._feed = feed

    def __missing__(self, name: str) -> Any:
        """Refuse, where a mapping would raise KeyError."""
        raise BadSettings(f"feed {self._feed}: no option {name!r}, which its adapter needs; see its TOML")

    def __deepcopy__(self, memo: dict[int, Any]) -> "Options":
        """Return a copy that shares nothing with this one."""
        return Options(self._feed, deepcopy(dict(self), memo))


def names() -> list[str]:
    """Return the names of all feeds: those that are shipped, then those of the settings' own file.

    With the simulated city there are only the former: it does not speak for others.
    """
    if settings.SIMULATED_CITY_URL:
        return list(settings.ADAPTERS)
    return list(dict.fromkeys([*settings.ADAPTERS, *_own()]))


def adapter(name: str) -> Adapter:
    """Return the adapter of a feed, or raise NotFound."""
    return made(feed(name))


def made(read: Feed) -> Adapter:
    """Return the adapter of a feed whose facts are known."""
    found: Adapter = import_module(f"ingest.adapters.{read.adapter}").Adapter(read)
    return found


def feed(name: str) -> Feed:
    """Return the facts of a feed: those of its TOML, with what the settings put in their place.

    ``GEOPLATFORM_FEEDS`` names a TOML with a table per feed, whose keys replace the shipped ones; a table
    of another name is a feed of its own, and says which ``adapter`` reads it.
    ``GEOPLATFORM_FEED_<NAME>_URL`` and ``_TOKEN`` come last. A feed that any of these name is enabled, unless
    its table says otherwise; one that is pushed only when they say where to read it. With the simulated city
    all feeds are read from it, and marked.

    Raises
    ------
    NotFound
        There is no such feed.
    BadSettings
        What the settings say of it cannot be used.
    """
    if name not in names():
        raise NotFound(f"no feed {name!r}: there are {', '.join(names())}")
    own = _own().get(name, {})
    facts = _facts(name, own)
    read = Feed(name=name, **facts)
    prefix = f"GEOPLATFORM_FEED_{name.upper()}"
    url, token, is_pushed = os.environ.get(f"{prefix}_URL"), secret(f"{prefix}_TOKEN"), _is_pushed(prefix)
    if settings.SIMULATED_CITY_URL:
        city = _simulated_url(name, read.url)
        return replace(
            read,
            url=city,
            token=SIMULATED,
            enabled=True,
            pushed=is_pushed,
            simulated=True,
            allow_hosts=("127.0.0.1",),
        )
    # Of a feed that is pushed a token may be for answers, a table for categories: neither is an address.
    is_named = bool(url or own.get("url") or (not is_pushed and (token or own)))
    return replace(
        read,
        url=url or read.url,
        token=token,
        pushed=is_pushed,
        enabled=own.get("enabled", is_named or read.enabled),
    )


def secret(variable: str) -> str:
    """Return a secret of the environment, or of the file that ``<variable>_FILE`` names; empty without."""
    given, file = os.environ.get(variable, ""), os.environ.get(f"{variable}_FILE", "")
    if given or not file:
        return given
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise BadSettings(f"{variable}_FILE {file}: {type(error).__name__}") from None


def _is_pushed(prefix: str) -> bool:
    """Say whether a feed has a push key; whether it is a good one matters where it is used."""
    return any(os.environ.get(f"{prefix}_PUSH_KEY{kind}") for kind in ("", "_FILE"))


def _simulated_url(name: str, url: str) -> str:
    """Return where the simulated city speaks for a feed: below its URL, or in its mailbox a port on."""
    city = urlsplit(settings.SIMULATED_CITY_URL)
    if urlsplit(url).scheme.startswith("imap"):
        return f"imap://{name}@{city.hostname}:{(city.port or 0) + 1}/INBOX"
    return f"{settings.SIMULATED_CITY_URL}/{name}"


def _facts(name: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the shipped facts of a feed with those of the settings' own file."""
    shipped = _toml(FOLDER / f"{name}.toml") if name in settings.ADAPTERS else {}
    options = {**shipped.get("options", {}), **own.get("options", {})}
    facts = {"adapter": name, **shipped, **own, "options": Options(name, options)}
    if unknown := set(facts) - FACTS:
        raise BadSettings(f"feed {name}: unknown {sorted(unknown)}, known are {sorted(FACTS)}")
    if missing := NEEDED - set(facts):
        raise BadSettings(f"feed {name}: no {', '.join(sorted(missing))}")
    # A copy: what is read from a file is read once, and belongs to nobody.
    return deepcopy(facts)


def _own() -> Mapping[str, Any]:
    """Return the tables of the settings' own file, by feed."""
    if not settings.FEEDS_FILE:
        return {}
    own = _toml(Path(settings.FEEDS_FILE))
    for name, facts in own.items():
        shown = f"GEOPLATFORM_FEEDS {settings.FEEDS_FILE}: [{name}]"
        if not NAME.fullmatch(name):
            raise BadSettings(f"{shown}: a feed is named with small letters, digits and underscores")
        adapter = facts.get("adapter", name)
        if adapter not in _adapters():
            raise BadSettings(f"{shown}: there is no adapter {adapter!r}, only {', '.join(_adapters())}")
    return own


@cache
def _adapters() -> list[str]:
    return sorted(module.stem for module in FOLDER.glob("[a-z]*.py"))


@cache
def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSettings(f"{path}: {error}") from error
