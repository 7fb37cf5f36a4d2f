"""Dots for whoever waits: one every two seconds while something goes on. Standard library only."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

EVERY_S = 2.0


@contextmanager
def ticking(show: Callable[[str], object], every_s: float = EVERY_S) -> Iterator[None]:
    """Show a dot every so often; the line that they make is ended with the last of them."""
    ended = threading.Event()
    shown = 0

    def tick() -> None:
        nonlocal shown
        while not ended.wait(every_s):
            show("." if shown else "  .")
            shown += 1

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        if shown:
            show("\n")
