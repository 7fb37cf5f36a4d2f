"""A base on the disk: a folder with a file a column and a manifest, which processes map and share.

A base is written beside the last one and put in its place by renaming; what is damaged is never trusted.
"""

import fcntl
import hashlib
import json
import logging
import os
import shutil
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from layers.index import Base, Rows
from layers.revisions import Stamp
from layers.traits import Traits, Wordlist

logger = logging.getLogger(__name__)

VERSION = 2  # of this form; another one is made anew
PATIENCE_S = 60.0  # a base of ten million points is merged and written in 8
CURRENT, MANIFEST = "current", "manifest.json"
COLUMNS = ("keys", "ids", "traits", "order")


def write(folder: Path, base: Base, stamp: Stamp) -> None:
    """Put a base in the place of the one that a folder holds.

    Parameters
    ----------
    stamp
        The version of the layer that the base holds; given back by ``read``.
    """
    name = f"{stamp.revision}-{os.getpid()}"
    draft, final = folder / f"{name}.part", folder / name
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    sums = {column: _save(draft / column, array) for column, array in _columns(base).items()}
    manifest = {
        "version": VERSION, "stamp": list(stamp), "traits": _signature(base.wordlist.traits),
        "words": base.wordlist.words, "rows": base.rows.size, "sums": sums,
    }  # fmt: skip
    told = json.dumps(manifest)
    (draft / MANIFEST).write_text(told, encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    pointer = folder / f"{CURRENT}.{os.getpid()}.part"
    pointer.write_text(f"{name} {_digest(told)}", encoding="utf-8")
    pointer.replace(folder / CURRENT)
    _forget(folder, name)


def current(folder: Path) -> str | None:
    """Return the name of the base that a folder holds; None where there is none."""
    name, _ = _pointed(folder)
    return name


@contextmanager
def alone(folder: Path | None, wait: bool = False) -> Iterator[bool]:
    """Say whether no other process writes into a folder, and let none do so meanwhile.

    Parameters
    ----------
    wait
        Wait a minute for one that does; else nobody is waited for. A folder that cannot be made is no one's.
    """
    if folder is None:
        yield True
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    except OSError as error:
        logger.warning("the folder of the index cannot be used folder=%s: %s", folder.name, error)
        yield False
        return
    with file:
        yield _locked(file.fileno(), time.monotonic() + (PATIENCE_S if wait else 0))


def _locked(file: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.05)
        else:
            return True


def _pointed(folder: Path) -> tuple[str | None, str]:
    """Return the name of the base that a folder holds, and the digest of its manifest."""
    try:
        name, _, digest = (folder / CURRENT).read_text(encoding="utf-8").partition(" ")
    except (OSError, UnicodeError):
        return None, ""
    return name or None, digest


def _digest(manifest: str) -> str:
    return hashlib.sha256(manifest.encode()).hexdigest()


def read(folder: Path, traits: Traits) -> tuple[str, Base, Stamp] | None:
    """Map the base of a folder; returns its name, the base and its stamp.

    None where there is none, where it was made by another release, or where it is damaged: a file is
    missing, has another length, or another checksum. Whoever asks makes it anew from the rows.
    """
    name, digest = _pointed(folder)
    if name is None:
        return None
    try:
        told = (folder / name / MANIFEST).read_text(encoding="utf-8")
        if _digest(told) != digest:
            raise ValueError(f"{MANIFEST} has another digest")
        manifest = json.loads(told)
        if (manifest["version"], manifest["traits"]) != (VERSION, _signature(traits)):
            logger.info("base of another release folder=%s", folder.name)
            return None
        columns = [_load(folder / name / column, manifest["sums"][column]) for column in COLUMNS]
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        if current(folder) != name:
            return read(folder, traits)  # another process has put a new one in its place meanwhile
        logger.warning("damaged base, to be made anew folder=%s: %s", folder.name, error)
        return None
    keys, ids, sorted_traits, order = columns
    base = Base(
        Rows(keys, ids, sorted_traits),
        order.astype(np.uint32, copy=False),
        Wordlist(traits, manifest["words"]),
    )
    return name, base, Stamp(*manifest["stamp"])


def _columns(base: Base) -> dict[str, np.ndarray]:
    return dict(zip(COLUMNS, (*base.rows, base.order), strict=True))


def _save(path: Path, array: np.ndarray) -> int:
    """Write a column and have it on the disk; returns its checksum (CRC-32)."""
    with path.open("wb") as file:
        np.save(file, array)
        file.flush()
        os.fsync(file.fileno())
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data)


def _load(path: Path, expected: int) -> np.ndarray:
    with path.open("rb") as file:
        # Copy-on-write though nobody writes: numba compiles another loop for what is read-only.
        array: np.ndarray = np.load(path, mmap_mode="c") if _has_rows(path) else np.load(file)
    array = np.asarray(array)
    if zlib.crc32(array.view(np.uint8).data) != expected:
        raise ValueError(f"{path.name} has another checksum")
    return array


def _has_rows(path: Path) -> bool:
    # A file of no rows cannot be mapped: it is its header alone, of 128 bytes.
    return path.stat().st_size > 128


def _signature(traits: Traits) -> Any:
    return [[facet.name, facet.bits, list(facet.words)] for facet in traits.facets]


def _forget(folder: Path, name: str) -> None:
    """Remove the bases of before, and what writers left that were killed: this one is alone in the folder.

    Who has a base mapped keeps it until it maps the new one.
    """
    for other in folder.iterdir():
        if other.is_dir() and other.name != name:
            shutil.rmtree(other, ignore_errors=True)
        elif other.name.endswith(".part"):
            other.unlink(missing_ok=True)
