"""Places for what is slow: a few at a time in a process, and fewer of each who asks."""

from collections import Counter
from threading import Lock

from access.clients import LOCAL
from geoplatform.errors import Busy, TooMany

RETRY_S = 1


class Slots:
    """Places of a process: ``places`` in all, ``each`` of them for one address or key.

    What this machine itself asks has no bound of its own, but takes places like all others.
    """

    def __init__(self, places: int, each: int) -> None:
        self.places, self.each = places, each
        self._held: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, who: str) -> None:
        """Take a place, at once or not at all.

        Raises
        ------
        TooMany
            Who asks has all that are for one.
        Busy
            All places are taken.
        """
        with self._lock:
            self._check(who)
            if self._held.total() >= self.places:
                raise Busy(f"{self.places} slow questions are being answered already: try again in a second")
            self._held[who] += 1

    def give_back(self, who: str) -> None:
        """Give a place back."""
        with self._lock:
            self._held[who] -= 1
            if not self._held[who]:
                del self._held[who]

    def check(self, who: str) -> None:
        """Raise TooMany where who asks has all places that are for one."""
        with self._lock:
            self._check(who)

    def taken(self) -> int:
        """Return how many places are taken."""
        with self._lock:
            return self._held.total()

    def _check(self, who: str) -> None:
        if who != LOCAL and self._held.get(who, 0) >= self.each:
            raise TooMany(
                f"{self.each} slow questions of yours are being answered already: wait for their answers",
                RETRY_S,
            )
