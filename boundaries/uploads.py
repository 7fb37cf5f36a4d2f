"""An edition out of a file that somebody sends: checked at the door, then read by a worker."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePosixPath

from boundaries import errands, source
from boundaries.models import Edition, Errand
from boundaries.source import Fields, Source
from geoplatform.errors import GeoplatformError, InvalidRequest, TooLarge

MOST_BYTES = 64 * 1024 * 1024  # the shipped source, with every vertex, has 19 MB of SQL
SUFFIXES = (".geojson", ".json", ".zip", ".gpkg")
CRS = re.compile(r"EPSG:\d{4,6}", re.ASCII)
WANTED = ("title", "publisher", "licence")
SAID = (*WANTED, "attribution", "crs", "layer", "code", "name")


def receive(file: str, content: bytes, said: Mapping[str, str], by: str, at: datetime) -> Errand:
    """Keep a file until a worker reads it.

    Parameters
    ----------
    file
        Its name; the suffix says its format.
    said
        ``title``, ``publisher``, ``licence``; perhaps ``attribution``, ``crs`` (EPSG:32748), ``layer``,
        and the columns ``code`` and ``name``.

    Raises
    ------
    InvalidRequest
        The value that cannot be used.
    TooLarge
        More than ``MOST_BYTES``.
    """
    suffix = PurePosixPath(file).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidRequest(f"file {file!r}: its name ends with one of {', '.join(SUFFIXES)}")
    for name in WANTED:
        if not said.get(name, "").strip():
            raise InvalidRequest(f"{name} {said.get(name, '')!r}: an edition says where it comes from")
    crs = said.get("crs", "").strip()
    if crs and not CRS.fullmatch(crs):
        raise InvalidRequest(f"crs {crs!r} is not of the form EPSG:<number>")
    if not content:
        raise InvalidRequest(f"file {file!r} is empty")
    if len(content) > MOST_BYTES:
        raise TooLarge(f"file {file!r} has {len(content)} bytes, at most {MOST_BYTES} are taken")
    known = {name: said[name].strip() for name in SAID if said.get(name, "").strip()}
    return errands.ask("load", by, at, {"file": f"edition{suffix}"} | known, content)


def read(errand: Errand) -> Edition:
    """Read, check and store the edition of an errand, and get ready to look at it; it is not in force.

    Raises
    ------
    BadBoundaries
        What is wrong with the file, with its name and value.
    """
    from boundaries import bulk, load  # geopandas and numba: no web process reads editions

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / errand.said["file"]
        path.write_bytes(errand.content or b"")
        told = _told(source.find(path), errand.said)
        edition, _ = load.load(told, [path], lambda step: errands.note(errand.id, step))
    errands.note(errand.id, "covering")
    bulk.cover(edition.pk)
    return edition


def run(id: int) -> None:
    """Do what an errand asks for, and say how it ended; a file that cannot be used is told, not raised."""
    errand = errands.begin(id)
    if errand is None:
        return
    try:
        edition = read(errand)
    except GeoplatformError as error:
        errands.fail(id, str(error))
        return
    except Exception:
        errands.fail(id, "an error that nobody foresaw: the worker's log has it")
        raise
    errands.finish(id, {"checks": edition.checks}, edition)


def _told(found: Source, said: Mapping[str, str]) -> Source:
    """Return what a file is, as whoever sent it says."""
    return replace(
        found,
        title=said["title"],
        publisher=said["publisher"],
        licence=said["licence"],
        attribution=said.get("attribution", ""),
        crs=said.get("crs"),
        layer=said.get("layer"),
        fields=Fields(code=said.get("code"), name=said.get("name")),
    )
