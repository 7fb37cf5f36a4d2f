"""Who does the work: this process, workers of this machine, or those of a cluster; the results are the same.

Whoever may speak to a worker of dask may have it do anything. So those of this machine are spoken to by TLS,
with certificates that live as long as they do; a cluster by TLS with yours, or on this machine's own address.
"""

import ipaddress
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from geoplatform.errors import InvalidRequest, Unavailable

TIMEOUT_S = 10  # in which a scheduler answers
Item = TypeVar("Item")
Result = TypeVar("Result")
#: Has a function called with each of some items; the results come in their order.
Each = Callable[[Callable[[Any], Any], Sequence[Any]], list[Any]]


class Where(NamedTuple):
    """Where work is done: ``workers`` processes of this machine (0: this very one), or a scheduler.

    ``tls`` is a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``.
    """

    workers: int = 0
    scheduler: str | None = None
    tls: Path | None = None


@contextmanager
def hands(where: Where) -> Iterator[Each]:
    """Yield what has a function called with each of some items. A worker that is lost is no matter.

    Raises
    ------
    InvalidRequest
        The scheduler's address would let anybody in, or its certificates are not there.
    Unavailable
        No scheduler answers there, or workers die of the same item again and again.
    """
    if where.scheduler is None and where.workers == 0:
        yield lambda function, items: [function(item) for item in items]
        return
    from distributed import Client, KilledWorker  # half a second that no other command takes

    with _address(where) as (address, security):
        try:
            client = Client(address, timeout=TIMEOUT_S, security=security, set_as_default=False)
        except OSError as error:
            raise Unavailable(f"no scheduler answers at {address}: {error}") from None
        with client:

            def each(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
                try:
                    done: list[Result] = client.gather(client.map(function, items, pure=False))
                except KilledWorker as error:
                    raise Unavailable(f"workers die of the same piece of work: {error}") from None
                return done

            yield each


@contextmanager
def _address(where: Where) -> Iterator[tuple[str, Any]]:
    """Yield the address of a scheduler and how it is spoken to; start one where none is named."""
    from distributed import LocalCluster, Security

    if where.scheduler is not None:
        yield where.scheduler, _security(where.scheduler, where.tls)
        return
    security = Security.temporary()
    with LocalCluster(
        n_workers=where.workers, threads_per_worker=1, host="127.0.0.1", protocol="tls://", security=security,
        dashboard_address=None, silence_logs=logging.ERROR,
    ) as local:  # fmt: skip
        yield local.scheduler_address, security


def _security(address: str, tls: Path | None) -> Any:
    from distributed import Security

    parts = urlsplit(address)
    if parts.scheme == "tls":
        if tls is None:
            raise InvalidRequest(f"--scheduler {address}: --tls must name the folder of its certificates")
        names = {name: tls / f"{name}.pem" for name in ("ca", "cert", "key")}
        for path in names.values():
            if not path.is_file():
                raise InvalidRequest(f"--tls {tls}: there is no {path.name}")
        return Security(
            require_encryption=True, tls_ca_file=str(names["ca"]),
            tls_client_cert=str(names["cert"]), tls_client_key=str(names["key"]),
        )  # fmt: skip
    if parts.scheme != "tcp" or not _is_this_machine(parts.hostname or ""):
        raise InvalidRequest(
            f"--scheduler {address}: tls://host:port is wanted, or tcp:// on 127.0.0.1;"
            " who reaches it may do anything"
        )
    return None


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
