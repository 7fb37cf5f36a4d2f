"""People who pan a map, against a server that closes the connection at once."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from benchmarks import viewers
from geoplatform.server import HOST


async def asked(idle_s: float) -> viewers.Seen:
    async def close(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    seen = viewers.Seen()
    async with await asyncio.start_server(close, HOST) as server:
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(HOST, port)
        await viewers.ask(seen, viewers.Line(reader, writer, time.monotonic() - idle_s), "/tiles")
    return seen


def run(idle_s: float) -> viewers.Seen:
    """Ask in a thread: a browser that another test has opened keeps a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(asked(idle_s))).result()


def test_a_connection_that_was_closed_while_nobody_asked_is_no_failure_of_a_tile():
    with pytest.raises(viewers.Idle):
        run(viewers.IDLE_S + 1)


def test_a_connection_that_is_closed_instead_of_an_answer_is_a_failure():
    with pytest.raises((asyncio.IncompleteReadError, ConnectionResetError)):
        run(0)
