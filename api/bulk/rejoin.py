"""Join an archive of points anew with an edition of boundaries, file by file."""

from pathlib import Path

from api.bulk import folders
from api.bulk.cluster import Each
from boundaries import annotate, bulk, cover_file
from boundaries.folder import Errand, annotate_file
from layers import manifest

COVER = ".cover"


def rejoin(source: Path, out: Path, each: Each, edition_id: int | None = None) -> annotate.Tally:
    """Write files anew with the kelurahan, kecamatan and kota of an edition, by default the one in force.

    Parameters
    ----------
    source
        A folder of GeoParquet files of points, or of Parquet with ``lon`` and ``lat``; codes of another
        edition that they have are replaced.
    out
        A folder that is not there yet, on a disk that all workers see; it has a file for each of the source.
    """
    names = folders.files(source)
    with folders.beside(out) as draft:
        cover_file.save(bulk.cover(edition_id), draft / COVER)
        for folder in {(draft / name).parent for name in names}:
            folder.mkdir(parents=True, exist_ok=True)
        errands = [Errand(source / name, draft / name, draft / COVER) for name in names]
        total = annotate.Tally()
        for tally in each(annotate_file, errands):
            total = total.plus(tally)
        (draft / COVER).unlink()
        manifest.put(draft, out.name, [manifest.describe(draft, draft / name) for name in names])
    return total
