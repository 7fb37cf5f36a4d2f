"""Preloaded by a dask worker that is to be killed: it says that it has begun, and never ends."""

import os
import socket
from typing import Any

from api.bulk import exporting, indexing
from boundaries import folder


def stuck(*given: object) -> Any:
    """Begin, tell who waits for it, and wait to be killed."""
    with socket.create_connection(("127.0.0.1", int(os.environ["VICTIM_PORT"]))) as test:
        test.sendall(b"begun")
        test.recv(1)
    raise AssertionError("nobody killed it")


folder.annotate_file = exporting.write = indexing.write = indexing.pack = stuck
