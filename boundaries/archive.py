"""Take a Shapefile out of a zip that may be hostile."""

import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from geoplatform.errors import BadBoundaries

#: A zip may unpack to this much; 267 kelurahan at full detail are under 50 MB.
MAX_BYTES = 512 * 1024 * 1024
MAX_MEMBERS = 1000

#: The parts of a Shapefile that GDAL reads; nothing else leaves the zip.
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def unpack(path: Path, folder: Path, layer: str | None = None) -> Path:
    """Copy the one Shapefile of a zip into a folder, under names of our own.

    Parameters
    ----------
    path
        The zip.
    folder
        An existing folder, best an empty temporary one.
    layer
        The stem of the wanted ``.shp`` where the zip has several.

    Returns
    -------
    Path
        ``folder/boundaries.shp``; the ``.prj`` beside it may be missing.

    Raises
    ------
    BadBoundaries
        Not a zip; a member that is encrypted, a link, absolute or points out of its folder; more than
        ``MAX_BYTES`` unpacked; no ``.shp``, or several and none chosen. Nothing is unpacked then.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            _check(members, path.name)
            shp = _choose(members, path.name, layer)
            for member in members:
                part = PurePosixPath(member.filename)
                if part.with_suffix("") == shp.with_suffix("") and part.suffix.lower() in PARTS:
                    with (
                        archive.open(member) as packed,
                        (folder / f"boundaries{part.suffix.lower()}").open("wb") as out,
                    ):
                        shutil.copyfileobj(packed, out)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise BadBoundaries(f"{path.name} is not a sound zip: {error}") from None
    return folder / "boundaries.shp"


def _check(members: list[zipfile.ZipInfo], name: str) -> None:
    """Refuse the whole zip for one bad member."""
    for member in members:
        bare = member.filename.replace("\\", "/")
        if bare.startswith("/") or re.match(r"[A-Za-z]:", bare) or ".." in bare.split("/"):
            raise BadBoundaries(f"{name}: member {member.filename!r} escapes its folder")
        if stat.S_ISLNK(member.external_attr >> 16) or member.flag_bits & 1:
            raise BadBoundaries(f"{name}: member {member.filename!r} is a link or encrypted")
    size = sum(member.file_size for member in members)
    if size > MAX_BYTES or len(members) > MAX_MEMBERS:
        raise BadBoundaries(
            f"{name}: {len(members)} members unpack to {size} bytes;"
            f" at most {MAX_MEMBERS} members and {MAX_BYTES} bytes are read"
        )


def _choose(members: list[zipfile.ZipInfo], name: str, layer: str | None) -> PurePosixPath:
    """Return the path of the one .shp, leaving out what macOS adds."""
    paths = [PurePosixPath(member.filename) for member in members]
    found = [path for path in paths if path.suffix.lower() == ".shp" and not path.name.startswith("._")]
    wanted = [path for path in found if layer is None or path.stem == layer]
    if len(wanted) != 1:
        listed = ", ".join(map(str, found)) or "no .shp"
        raise BadBoundaries(
            f"{name}: one .shp{f' of layer {layer!r}' if layer else ''} is wanted, found {listed}"
        )
    return wanted[0]
