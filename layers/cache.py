"""A bounded store of answers that are made once, however many ask for the same one at a time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Event, Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Cache(Generic[Value]):
    """Values by key, the least recently used dropped first; safe for threads.

    Parameters
    ----------
    room
        How much all values together may weigh.
    weigh
        Returns what one value weighs.
    """

    def __init__(self, room: int, weigh: Callable[[Value], int]) -> None:
        self._room, self._weigh = room, weigh
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._making: dict[Hashable, Event] = {}
        self._weight = 0
        self._lock = Lock()

    def get(self, key: Hashable, holds: Callable[[Value], bool], make: Callable[[], Value]) -> Value:
        """Return the value of a key; where there is none that ``holds``, the one that ``make`` returns.

        Of many that ask at once one makes it, and the others wait for it; where it fails, the next one tries.
        """
        while True:
            with self._lock:
                found = self._values.get(key)
                if found is not None and holds(found):
                    self._values.move_to_end(key)
                    return found
                made = self._making.get(key)
                if made is None:
                    self._making[key] = Event()
            if made is None:
                return self._made(key, make)
            made.wait()

    def clear(self) -> None:
        """Drop all values."""
        with self._lock:
            self._values.clear()
            self._weight = 0

    def _made(self, key: Hashable, make: Callable[[], Value]) -> Value:
        try:
            value = make()
            self._keep(key, value)
            return value
        finally:
            with self._lock:
                self._making.pop(key).set()

    def _keep(self, key: Hashable, value: Value) -> None:
        with self._lock:
            former = self._values.pop(key, None)
            self._weight += self._weigh(value) - (self._weigh(former) if former is not None else 0)
            self._values[key] = value
            while self._weight > self._room and len(self._values) > 1:
                _, dropped = self._values.popitem(last=False)
                self._weight -= self._weigh(dropped)
