"""``manage.py events``: tell maps what changes, in a process beside the web server."""

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from api.events.server import Hall, serve
from layers import live


class Command(BaseCommand):
    help = "Serve /api/events: what changes on the maps, as it happens, to many listeners at a time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where it listens; 127.0.0.1")
        parser.add_argument("--port", type=int, default=8001, help="the port; 8001")

    def handle(self, *args: Any, **options: Any) -> None:
        live.watch().is_ready.wait()
        try:
            asyncio.run(_run(options["host"], options["port"]))
        finally:
            live.stop()


async def _run(host: str, port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(host, port, stop, Hall())
