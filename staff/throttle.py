"""How often a password or a code may be tried: counted in the memory that requests are counted in."""

from access import limits
from geoplatform.errors import TooMany

WINDOW_S = 900
# So many in a quarter of an hour. An account from one address: enough for whoever mistypes. An address: an
# office behind one line. An account from all addresses: so that many machines together gain little, and few
# of them cannot keep its owner out.
PAIR, ADDRESS, ACCOUNT = 10, 60, 100


def count(kind: str, account: str, address: str) -> None:
    """Count a try, before it is looked at.

    Parameters
    ----------
    kind
        What is tried: ``login``, ``second``.
    account
        Name or mark of whom it is tried for, known or not.
    address
        As ``access.audit.origin`` has it: behind trusted proxies the caller's own.

    Raises
    ------
    TooMany
        There were too many before.
    """
    for who, most in (
        (f"{account} {address}", PAIR),
        (f"from {address}", ADDRESS),
        (f"to {account}", ACCOUNT),
    ):
        verdict = limits.count(limits.of_window(f"staff {kind}", who, most, WINDOW_S))
        if not verdict.passes:
            raise TooMany(f"too many tries: the next one counts in {verdict.retry_s} s", verdict.retry_s)
