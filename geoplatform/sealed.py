"""Files of the platform in a backup: each sealed by itself, copied once, and gone when the original is."""

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from geoplatform.errors import GeoplatformError


class WrongKey(GeoplatformError):
    """A sealed file cannot be opened with this key."""


@dataclass(frozen=True)
class Copied:
    """How many files were written, how many had been there already, and how many went."""

    written: int
    kept: int
    removed: int


def seal(folder: Path, into: Path, key: str) -> Copied:
    """Make ``into`` hold what the folder holds, sealed; a file that changed since is written anew.

    What is thrown away in the folder is thrown away here, with the next backup: pictures of citizens expire.
    """
    box = Fernet(key)
    there = _files(folder)
    before = _files(into)
    for name in before.keys() - there.keys():
        before[name].unlink()
    changed = [name for name, path in there.items() if _is_newer(path, before.get(name))]
    for name in changed:
        _write(into / name, box.encrypt(there[name].read_bytes()))
    return Copied(len(changed), len(there) - len(changed), len(before.keys() - there.keys()))


def open_all(sealed: Path, into: Path, key: str) -> int:
    """Write every sealed file, opened, below another folder; returns how many there are."""
    box = Fernet(key)
    found = _files(sealed)
    for name, path in found.items():
        try:
            opened = box.decrypt(path.read_bytes())
        except InvalidToken:
            raise WrongKey(f"{path} cannot be opened with this key") from None
        _write(into / name, opened)
    return len(found)


def _files(folder: Path) -> dict[Path, Path]:
    """Return the whole files below a folder by their names in it."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".new")
    return {path.relative_to(folder): path for path in found}


def _is_newer(path: Path, copy: Path | None) -> bool:
    return copy is None or path.stat().st_mtime_ns > copy.stat().st_mtime_ns


def _write(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all; only its owner may read it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.touch(mode=0o600)
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
