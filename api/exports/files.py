"""FlatGeobuf and GeoPackage: files that GDAL writes whole, batch by batch, before they are sent."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from api.collections import Collection
from api.exports import tables

GEOMETRY_TYPES = {"point": "Point", "line": "Unknown", "polygon": "MultiPolygon"}
DRIVERS = {"fgb": "FlatGeobuf", "gpkg": "GPKG"}


def write(
    path: Path, form: str, collection: Collection, batches: Iterable[list[bytes]], about: Mapping[str, str],
    indexed: bool,
) -> None:  # fmt: skip
    """Write batches of COPY's rows to a file that is not there yet.

    Parameters
    ----------
    form
        ``fgb`` or ``gpkg``.
    about
        What is said in the file's metadata.
    indexed
        Whether it gets a spatial index.
    """
    # 0.6 s of geopandas and pandas, which every command and worker would pay: all import the addresses.
    import pyogrio

    failures: list[BaseException] = []
    schema = _schema(collection)

    def watched() -> Iterator[pa.RecordBatch]:
        try:
            for some in batches:
                batch, _ = tables.batch(collection, some)
                yield batch.select(schema.names).cast(schema)
        except BaseException as error:
            failures.append(error)
            raise

    try:
        pyogrio.write_arrow(
            pa.RecordBatchReader.from_batches(schema, watched()),
            path,
            layer=collection.name,
            driver=DRIVERS[form],
            geometry_name=tables.GEOMETRY,
            geometry_type=GEOMETRY_TYPES[collection.geometry],
            crs="EPSG:4326",
            **_options(form, about, indexed),
        )
    except RuntimeError:
        # What ended the batches passes through C on its way, and comes out without its name.
        if failures:
            raise failures[0] from None
        raise


def _schema(collection: Collection) -> pa.Schema:
    whole = tables.schema(collection)
    return pa.schema([field for field in whole if field.name != tables.COVERING])


def _options(form: str, about: Mapping[str, str], indexed: bool) -> dict[str, Any]:
    index = "YES" if indexed else "NO"
    described = {"DESCRIPTION": about["description"], "SPATIAL_INDEX": index}
    if form == "gpkg":
        return {**described, "IDENTIFIER": about["title"], "layer_metadata": dict(about), "FID": "fid"}
    return {**described, "TITLE": about["title"]}
