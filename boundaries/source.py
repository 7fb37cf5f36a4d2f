"""Where an edition of boundaries comes from: a shipped source, a TOML, or a data file of the user's own.

A source TOML has these keys; any other is refused. ``sources/README.md`` shows one for a file of your own.

=================  ==========================================================================================
title, publisher   required text
licence            required text, as its publisher states it
attribution        required text, shown on the map
format             required: geojson, shapefile (zipped), geopackage, flatgeobuf, wilayah_sql, schematic
homepage           text
crs                ``EPSG:<number>``; wanted where the file names no CRS, and must agree where it does
layer              which layer, where the file has several
gap_width_m        gaps narrower than this many metres are closed; 150 unless told
valid_from         date from which the edition is in force; without it, every earlier day as well
schematic          true: computed from ``facts`` (a CSV beside the TOML), no polygons are read
[fields]           columns: code and name of the kelurahan and, where the file has them, kecamatan and kota
                   (the parents' names); each stands for itself, and for code and name that are not told
                   the documented names are tried
[expected]         kelurahan, kecamatan, kota: how many there must be; untold, other numbers than those of
                   our table of facts are marked, and may stand
[[files]]          each with url (https) and sha256, or with path (beside the TOML) and perhaps sha256
=================  ==========================================================================================
"""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geoplatform.errors import BadBoundaries

SOURCES = Path(__file__).parent / "sources"

#: The format that a data file has by its name, where no TOML says it.
SUFFIXES = {
    ".geojson": "geojson",
    ".json": "geojson",
    ".zip": "shapefile",
    ".gpkg": "geopackage",
    ".fgb": "flatgeobuf",
    ".sql": "wilayah_sql",
}
FORMATS = frozenset(SUFFIXES.values()) | {"schematic"}

#: The last part names the file on this disk.
URL = re.compile(r"https://[^\s?#]+/\w[\w.-]*")

KEYS: dict[str, type | tuple[type, ...]] = {
    "title": str,
    "publisher": str,
    "licence": str,
    "attribution": str,
    "format": str,
    "homepage": str,
    "crs": str,
    "layer": str,
    "facts": str,
    "schematic": bool,
    "gap_width_m": (int, float),
    "valid_from": datetime.date,
    "fields": dict,
    "expected": dict,
    "files": list,
}
REQUIRED = ("title", "publisher", "licence", "attribution", "format")
FIELD_KEYS: dict[str, type | tuple[type, ...]] = dict.fromkeys(("code", "name", "kecamatan", "kota"), str)
COUNT_KEYS: dict[str, type | tuple[type, ...]] = dict.fromkeys(("kelurahan", "kecamatan", "kota"), int)
FILE_KEYS: dict[str, type | tuple[type, ...]] = dict.fromkeys(("url", "path", "sha256"), str)


@dataclass(frozen=True)
class Fields:
    """Columns of the file; None for code and name means the documented names are tried."""

    code: str | None = None
    name: str | None = None
    kecamatan: str | None = None
    kota: str | None = None


@dataclass(frozen=True)
class Expected:
    """How many boundaries of each level there must be."""

    kelurahan: int
    kecamatan: int
    kota: int


@dataclass(frozen=True)
class SourceFile:
    """One file of a source: on the network (url) or on this disk (path); sha256 in lower-case hex."""

    url: str | None = None
    path: Path | None = None
    sha256: str | None = None

    @property
    def name(self) -> str:
        """The file's own name, without folders."""
        return self.path.name if self.path else str(self.url).rpartition("/")[2]


@dataclass(frozen=True)
class Source:
    """One publication of boundaries, as its TOML or its file describes it."""

    name: str
    title: str
    publisher: str
    licence: str
    attribution: str
    format: str
    homepage: str = ""
    crs: str | None = None
    layer: str | None = None
    schematic: bool = False
    gap_width_m: float = 150.0
    valid_from: datetime.date | None = None
    fields: Fields = Fields()
    expected: Expected | None = None
    files: tuple[SourceFile, ...] = ()
    facts: Path | None = None


def shipped() -> list[str]:
    """Return the names of the sources that come with the project."""
    return sorted(path.stem for path in SOURCES.glob("*.toml"))


def find(name_or_path: str | Path) -> Source:
    """Find a source by its shipped name, by the path of a TOML, or by the path of a data file.

    A data file takes what it is from a TOML of the same stem beside it; without one, its format
    from its suffix (``SUFFIXES``) and its columns from the documented names.

    Raises
    ------
    BadBoundaries
        No such source or file, a suffix that says no format, or a key that is unknown, missing or wrong.
    """
    if str(name_or_path) in shipped():
        return parse(SOURCES / f"{name_or_path}.toml")
    path = Path(name_or_path)
    if not path.is_file():
        raise BadBoundaries(f"no source or file {str(name_or_path)!r}; shipped are {', '.join(shipped())}")
    if path.suffix.lower() == ".toml":
        return parse(path)
    beside = path.with_suffix(".toml")
    if beside.is_file():
        return parse(beside, data=path)
    return _untold(path)


def parse(toml: Path, data: Path | None = None) -> Source:
    """Read a source TOML strictly.

    Parameters
    ----------
    toml
        The TOML; its stem is the source's name.
    data
        The file it was found beside. It stands for the TOML's one file, whose checksum still counts.

    Raises
    ------
    BadBoundaries
        Not TOML, or a key that is unknown, missing or wrong; the message names key and value.
    """
    where = toml.name
    try:
        table = tomllib.loads(toml.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadBoundaries(f"{where} is not TOML: {error}") from None
    _check_keys(table, KEYS, where, REQUIRED)
    if table["format"] not in FORMATS:
        raise BadBoundaries(
            f"{where}: unknown format {table['format']!r}; known are {', '.join(sorted(FORMATS))}"
        )
    _check_values(table, where)
    counts = (
        _section(table, "expected", COUNT_KEYS, where, tuple(COUNT_KEYS)) if "expected" in table else None
    )
    apart = {"fields", "expected", "files", "facts"}
    return Source(
        name=toml.stem,
        fields=Fields(**_section(table, "fields", FIELD_KEYS, where)),
        expected=Expected(**counts) if counts else None,
        files=_files(table, toml, data),
        facts=toml.parent / table["facts"] if "facts" in table else None,
        **{key: value for key, value in table.items() if key not in apart},
    )


def _untold(path: Path) -> Source:
    """Describe a data file that no TOML describes."""
    kind = SUFFIXES.get(path.suffix.lower())
    if kind is None:
        raise BadBoundaries(f"unknown format {path.suffix!r} of {path.name}; known are {', '.join(SUFFIXES)}")
    return Source(
        name=path.stem,
        title=path.name,
        publisher="not stated",
        licence="not stated",
        attribution="",
        format=kind,
        files=(SourceFile(path=path),),
    )


def _check_keys(
    table: Mapping[str, Any],
    known: Mapping[str, type | tuple[type, ...]],
    where: str,
    required: tuple[str, ...] = (),
) -> None:
    """Refuse unknown keys, missing ones, and values of another type."""
    for key, value in table.items():
        if key not in known:
            raise BadBoundaries(f"{where}: unknown key {key!r} = {value!r}; known are {', '.join(known)}")
        # True is an int to Python, and a date-time a date; neither is meant here.
        honest = isinstance(value, bool) == (known[key] is bool) and not isinstance(value, datetime.datetime)
        if not honest or not isinstance(value, known[key]) or value == "":
            raise BadBoundaries(f"{where}: key {key!r} cannot be {value!r}")
    missing = [key for key in required if key not in table]
    if missing:
        raise BadBoundaries(f"{where}: missing key {', '.join(map(repr, missing))}")


def _check_values(table: Mapping[str, Any], where: str) -> None:
    """Refuse values that no edition can have, and keys that contradict one another."""
    crs, width = table.get("crs"), table.get("gap_width_m", 0)
    if crs is not None and not re.fullmatch(r"EPSG:\d{4,6}", crs):
        raise BadBoundaries(f"{where}: crs {crs!r} is not of the form EPSG:<number>")
    if not 0 <= width <= 1000:
        raise BadBoundaries(f"{where}: gap_width_m {width!r} is not between 0 and 1000 metres")
    schematic = table.get("schematic", False)
    if schematic != (table["format"] == "schematic") or schematic != ("facts" in table):
        raise BadBoundaries(
            f"{where}: schematic = {schematic!r} does not go with format {table['format']!r}"
            f" and facts {table.get('facts')!r}"
        )


def _section(
    table: Mapping[str, Any],
    key: str,
    known: Mapping[str, type | tuple[type, ...]],
    where: str,
    required: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Return one strict sub-table, empty where it is absent."""
    section: dict[str, Any] = table.get(key, {})
    _check_keys(section, known, f"{where} [{key}]", required)
    return section


def _files(table: Mapping[str, Any], toml: Path, data: Path | None) -> tuple[SourceFile, ...]:
    """Return the files a TOML names, or the data file that it lies beside."""
    files = tuple(_file(entry, toml) for entry in table.get("files", []))
    if data is not None and len(files) <= 1:
        return (SourceFile(path=data, sha256=files[0].sha256 if files else None),)
    if data is not None:
        raise BadBoundaries(f"{toml.name} beside {data.name} names {len(files)} files; load the TOML itself")
    if bool(files) == bool(table.get("schematic")):
        raise BadBoundaries(
            f"{toml.name}: {len(files)} [[files]] with schematic = {table.get('schematic', False)}"
        )
    return files


def _file(entry: object, toml: Path) -> SourceFile:
    """Return one entry of [[files]]."""
    where = f"{toml.name} [[files]]"
    if not isinstance(entry, dict):
        raise BadBoundaries(f"{where}: {entry!r} is no table")
    _check_keys(entry, FILE_KEYS, where)
    url, path, sha256 = entry.get("url"), entry.get("path"), entry.get("sha256")
    if (url is None) == (path is None):
        raise BadBoundaries(f"{where}: one of 'url' and 'path' is wanted, found {entry!r}")
    if sha256 is not None and not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise BadBoundaries(f"{where}: sha256 {sha256!r} is not 64 lower-case hex digits")
    if url is not None and (sha256 is None or not URL.fullmatch(url)):
        raise BadBoundaries(f"{where}: url {url!r} has no 'sha256', or is not https with a plain file name")
    return SourceFile(url=url, path=toml.parent / path if path else None, sha256=sha256)
