"""Folders of Parquet files that appear whole: made beside their place, with a manifest, and renamed."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from geoplatform.errors import Conflict, InvalidRequest, NotFound


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Yield an empty folder that takes a path's place, unless an error came.

    Raises
    ------
    Conflict
        There is something by that name already.
    InvalidRequest
        The folder in which it would lie is not there.
    """
    if out.exists():
        raise Conflict(f"{out} is there already: give another name")
    if not out.parent.is_dir():
        raise InvalidRequest(f"{out.parent}: no such folder")
    draft = out.with_name(f".{out.name}.part")  # there already, if who made it was killed
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
    except BaseException:
        shutil.rmtree(draft)
        raise
    draft.rename(out)


def files(folder: Path) -> list[Path]:
    """Return the Parquet files of a folder and below, as readers find them: by path relative to it, in order.

    Raises
    ------
    NotFound
        It is no folder, or holds none.
    """
    found = sorted(path.relative_to(folder) for path in folder.rglob("*.parquet"))
    found = [path for path in found if not any(part[0] in "._" for part in path.parts)]
    if not found:
        raise NotFound(f"{folder} holds no Parquet files")
    return found
