"""A port that nobody has and nobody is given: a server can listen there seconds later."""

import itertools
import os
import socket

# Below 32768, from where on the system gives one to each connection, of the other worker's tests too.
FIRST, COUNT = 20_000, 10_000
# Processes that begin together look far apart from one another.
_numbers = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """Return a port of this machine that is free, another one each time."""
    while True:
        port = FIRST + next(_numbers) % COUNT
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return port
