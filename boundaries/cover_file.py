"""A cover on disk: one file, written beside and renamed, never trusted when its checksum is wrong."""

import hashlib
import io
import logging
import tempfile
from pathlib import Path

import numpy as np

from boundaries.cells import CELL, EDGE, BorderCells, Frame, Rings
from boundaries.cover import Cover
from boundaries.kernels import BORDER

logger = logging.getLogger(__name__)

#: What the arrays mean, so that a file of another release is made anew, not misread.
_MEANING = repr((1, Frame._fields, Rings._fields, BorderCells._fields, CELL.descr, EDGE.descr, BORDER))
LAYOUT = f"geoplatform cover {hashlib.sha256(_MEANING.encode()).hexdigest()[:12]}\n".encode()


def save(cover: Cover, path: Path) -> None:
    """Write a cover to a file, whole or not at all.

    The file is ``LAYOUT``, the SHA-256 of the rest (32 bytes), and a NumPy ``.npz`` of the arrays.

    Raises
    ------
    OSError
        The folder cannot be made, or the file not be written.
    """
    content = io.BytesIO()
    arrays = {f"border.{name}": value for name, value in cover.border._asdict().items()}
    arrays |= {f"rings.{name}": value for name, value in cover.rings._asdict().items()}
    np.savez(content, codes=cover.codes, frame=np.array(cover.frame), grid=cover.grid, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Nobody else sees the folder; who may read the file in it, the umask says. mkstemp's would stay 0600.
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=f".{path.name}.") as beside:
        unfinished = Path(beside, path.name)
        with unfinished.open("wb") as file:
            file.write(LAYOUT + hashlib.sha256(content.getbuffer()).digest())
            file.write(content.getbuffer())
        unfinished.replace(path)


def load(path: Path) -> Cover | None:
    """Read a cover, or return None where there is none, none that is whole, or none that we may read."""
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        logger.warning("cover not readable, made anew file=%s reason=%s", path.name, error)
        return None
    start = len(LAYOUT) + 32
    if content[:start] != LAYOUT + hashlib.sha256(content[start:]).digest():
        logger.warning("cover damaged or of another release, made anew file=%s", path.name)
        return None
    with np.load(io.BytesIO(content[start:]), allow_pickle=False) as arrays:
        west, south, per_lon, per_lat, columns, rows = arrays["frame"].tolist()
        return Cover(
            codes=arrays["codes"],
            frame=Frame(west, south, per_lon, per_lat, int(columns), int(rows)),
            grid=arrays["grid"],
            border=BorderCells(*(arrays[f"border.{name}"] for name in BorderCells._fields)),
            rings=Rings(*(arrays[f"rings.{name}"] for name in Rings._fields)),
        )
