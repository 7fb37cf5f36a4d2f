"""GeoParquet 1.1, a row group a batch; what only the end knows, such as the bounds, is written at the end."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from api.collections import Collection
from api.exports import tables

LEVEL = 1  # of zstd: twice as fast as its third, and a twentieth larger


class Outbox(io.RawIOBase):
    """A file whose bytes are taken out as they come."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written so far."""
        return self._size

    def write(self, data: Any) -> int:
        """Keep some bytes."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def stream(
    collection: Collection, batches: Iterable[list[bytes]], about: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield the file of some batches of COPY's rows; ``about`` goes into its metadata."""
    outbox = Outbox()
    bounds = np.array([np.inf, np.inf, -np.inf, -np.inf])
    sink = pa.PythonFile(outbox, mode="w")
    with parquet.ParquetWriter(
        sink, tables.schema(collection), compression="zstd", compression_level=LEVEL,
        # With Arrow's own schema readers would look for "geo" in it, and it is written first.
        store_schema=False,
    ) as writer:  # fmt: skip
        for rows in batches:
            batch, box = tables.batch(collection, rows)
            bounds[:2], bounds[2:] = np.fmin(bounds[:2], box[:2]), np.fmax(bounds[2:], box[2:])
            writer.write_batch(batch, row_group_size=len(rows))
            yield outbox.take()
        writer.add_key_value_metadata({**about, "geo": _geo(collection, bounds)})
    yield outbox.take()


def _geo(collection: Collection, bounds: np.ndarray) -> str:
    """Return the metadata of GeoParquet 1.1.0; no CRS means OGC:CRS84, longitude first."""
    sides = {side: [tables.COVERING, side] for side in ("xmin", "ymin", "xmax", "ymax")}
    column: dict[str, Any] = {
        "encoding": "WKB",
        "geometry_types": tables.KINDS[collection.geometry],
        "covering": {"bbox": sides},
    }
    if np.isfinite(bounds).all():
        column["bbox"] = bounds.tolist()
    return json.dumps(
        {"version": "1.1.0", "primary_column": tables.GEOMETRY, "columns": {tables.GEOMETRY: column}}
    )
