"""Load an edition: read, clean, check, and insert all of it or nothing."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from boundaries import coverage, editions, facts, read
from boundaries.coverage import Coverage, Progress
from boundaries.models import Edition
from boundaries.source import Source


def build(source: Source, paths: Sequence[Path], progress: Progress = lambda step: None) -> Coverage:
    """Read and check the polygons of a source; nothing is stored.

    Parameters
    ----------
    paths
        The files of ``source.files`` on this disk, in that order.
    progress
        Called with each step as it begins: reading, cleaning, checking, dissolving.

    Raises
    ------
    BadBoundaries
        What is wrong, with its name and value.
    """
    progress("reading")
    return coverage.build(read.polygons(source, paths), source, progress)


def load(
    source: Source, paths: Sequence[Path], progress: Progress = lambda step: None
) -> tuple[Edition, Coverage]:
    """Read, check and store an edition; it is not in force until it is activated."""
    built = build(source, paths, progress)
    progress("storing")
    return editions.store(source, built, sha256(paths or [source.facts or facts.SHIPPED])), built


def sha256(paths: Sequence[Path]) -> str:
    """Return the SHA-256, in hex, of all files one behind the other."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
