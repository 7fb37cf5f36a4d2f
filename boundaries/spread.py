"""The same work under dask.distributed: spans of a file go to many workers, their rows come back in order.

Workers read the file and write their parts themselves, so both must lie on a disk that all of them see. A
worker that is lost takes nothing with it: its spans are done anew, and a part is there whole or not at all.
"""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
from distributed import Client, KilledWorker, as_completed

from boundaries import annotate, cover_file, folder
from boundaries.annotate import Meter, Plan, Tally
from boundaries.cover import Cover
from boundaries.tables import Span
from geoplatform import whole_files
from geoplatform.errors import Unavailable

#: How long a scheduler may take to answer.
TIMEOUT_S = 10


def write(plan: Plan, out: Path, cover: Cover, meter: Meter, scheduler: str) -> None:
    """Annotate a table on the workers of a scheduler (``tcp://host:port``), and write it to a file.

    Parts lie in a hidden folder beside the file until it is whole: for a while there are twice its bytes.

    Raises
    ------
    Unavailable
        No scheduler answers there, or workers die of the same span again and again.
    InvalidRequest
        As ``annotate.write``.
    """
    try:
        client = Client(scheduler, timeout=TIMEOUT_S, set_as_default=False)
    except OSError as error:
        raise Unavailable(f"no scheduler answers at {scheduler}: {error}") from None
    with client, tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as parts_folder:
        cover_path = Path(parts_folder, "cover")
        cover_file.save(cover, cover_path)
        spans = list(plan.table.spans())
        parts = [Path(parts_folder, f"{number}.arrow") for number in range(len(spans))]
        futures = client.map(annotate_span, spans, parts, plan=plan, cover_path=cover_path, pure=False)
        try:
            for _, tally in as_completed(futures, loop=client.loop, with_results=True):
                meter.add(tally)
        except KilledWorker as error:
            raise Unavailable(f"workers die of a part of {plan.table.path.name}: {error}") from None
        annotate.write(plan, out, _joined(parts), meter)


def annotate_span(span: Span, part: Path, *, plan: Plan, cover_path: Path) -> Tally:
    """Annotate one span and write it to a file of Arrow's; runs on a worker, without Django."""
    meter = Meter()
    batches = annotate.annotated(plan, [span], folder.cover(cover_path), meter)
    with (
        whole_files.beside(part) as unfinished,
        pa.ipc.new_file(unfinished, plan.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return meter.total


def _joined(parts: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    """Yield the batches of parts in order."""
    for part in parts:
        with pa.OSFile(str(part)) as file:
            reader = pa.ipc.open_file(file)
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)
        part.unlink()
