"""What an archive holds: a manifest for each piece of it, with the rows, bytes and SHA-256 of each file.

Manifests lie in ``_manifest``: readers of Parquet folders pass over what begins with ``_``.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from pyarrow import parquet

from geoplatform import whole_files
from geoplatform.errors import Conflict

FOLDER = "_manifest"


@dataclass(frozen=True)
class File:
    """One file of an archive: its path below the archive's folder, and what is in it."""

    path: str
    rows: int
    bytes: int
    sha256: str


def describe(root: Path, path: Path) -> File:
    """Read a Parquet file to its end and say what it holds."""
    rows = parquet.ParquetFile(path).metadata.num_rows
    return File(path.relative_to(root).as_posix(), rows, path.stat().st_size, digest(path))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put(root: Path, piece: str, files: Iterable[File], **more: object) -> Path:
    """Write the manifest of a piece, with more that is to be said; it is there whole, and on the disk."""
    path = root / FOLDER / f"{piece}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"piece": piece, "files": [asdict(file) for file in files], **more}
    with whole_files.beside(path) as unfinished, unfinished.open("w", encoding="utf-8") as out:
        json.dump(said, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    sync(path.parent)
    return path


def known(root: Path) -> dict[str, list[File]]:
    """Return the files of each piece of an archive."""
    found = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        said = json.loads(path.read_text(encoding="utf-8"))
        found[said["piece"]] = [File(**file) for file in said["files"]]
    return found


def check(root: Path, files: Iterable[File]) -> int:
    """Read files anew and hold them against what a manifest says; returns their rows.

    Raises
    ------
    Conflict
        One is missing, or has other bytes; which one is said.
    """
    rows = 0
    for file in files:
        path = root / file.path
        if not path.is_file():
            raise Conflict(f"{file.path} is in the manifest and not in the archive")
        if (is_now := digest(path)) != file.sha256:
            raise Conflict(f"{file.path} has SHA-256 {is_now}, its manifest says {file.sha256}")
        rows += parquet.ParquetFile(path).metadata.num_rows
    return rows


def sync(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
