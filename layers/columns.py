"""A base on the disk: a folder with a file a column and a manifest, which processes map and share.

A base is written beside the last one and put in its place by renaming; what is damaged is never trusted.
"""

import fcntl
import json
import logging
import os
import shutil
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

VERSION = 1  # of this form; another one is made anew
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
    (draft / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    shutil.rmtree(final, ignore_errors=True)
    draft.rename(final)
    pointer = folder / f"{CURRENT}.{os.getpid()}.part"
    pointer.write_text(name, encoding="utf-8")
    pointer.replace(folder / CURRENT)
    _forget(folder, name)


def current(folder: Path) -> str | None:
    """Return the name of the base that a folder holds; None where there is none."""
    try:
        return (folder / CURRENT).read_text(encoding="utf-8")
    except OSError:
        return None


@contextmanager
def alone(folder: Path | None) -> Iterator[bool]:
    """Say whether no other process writes into a folder, and let none do so meanwhile."""
    if folder is None:
        yield True
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def read(folder: Path, traits: Traits) -> tuple[str, Base, Stamp] | None:
    """Map the base of a folder; returns its name, the base and its stamp.

    None where there is none, where it was made by another release, or where it is damaged: a file is
    missing, has another length, or another checksum. Whoever asks makes it anew from the rows.
    """
    name = current(folder)
    if name is None:
        return None
    try:
        manifest = json.loads((folder / name / MANIFEST).read_text(encoding="utf-8"))
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
    """Remove the bases of before; who has them mapped keeps them until it maps the new one."""
    for other in folder.iterdir():
        if other.is_dir() and other.name != name and not other.name.endswith(".part"):
            shutil.rmtree(other, ignore_errors=True)
