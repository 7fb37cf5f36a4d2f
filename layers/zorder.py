"""Z-order keys in compiled loops: taking them apart, and searching a sorted array of them.

``layers/grid.py`` says what a key is; here it is an int64 among millions. All functions release the GIL.
"""

import numpy as np
from numba import njit

from layers.grid import KEY_ZOOM

Ints = np.ndarray
WORD = 64  # rows to a word of a bitmap, and to a step of the running sums


@njit(cache=True, nogil=True, inline="always")
def gathered(key: int) -> int:
    """Return every other bit of a key from its lowest on: its column; of ``key >> 1``, its row."""
    v = key & 0x5555555555555555
    v = (v | (v >> 1)) & 0x3333333333333333
    v = (v | (v >> 2)) & 0x0F0F0F0F0F0F0F0F
    v = (v | (v >> 4)) & 0x00FF00FF00FF00FF
    v = (v | (v >> 8)) & 0x0000FFFF0000FFFF
    return (v | (v >> 16)) & 0x00000000FFFFFFFF


@njit(cache=True, nogil=True)
def first_at(keys: Ints, value: int, low: int, high: int) -> int:
    """Return the first place in ``low..high`` whose key is at least ``value``; ``high`` where none is."""
    while low < high:
        middle = (low + high) >> 1
        if keys[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def gallop(keys: Ints, value: int, low: int, high: int) -> int:
    """Return the same as ``first_at``, in a time that grows with how far off it is, not with the array."""
    step = 1
    while low + step < high and keys[low + step] < value:
        low += step
        step <<= 1
    return first_at(keys, value, low, min(high, low + step))


@njit(cache=True, nogil=True, inline="always")
def ones(word: np.uint64) -> int:
    """Return how many bits of a word are set."""
    x = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


SIDE = 1 << KEY_ZOOM  # columns of keys round the Earth


@njit(cache=True, nogil=True)
def degrees(keys: Ints) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude in degrees of the middle of the cells, 4 cm wide, that n keys name."""
    lon, lat = np.empty(len(keys)), np.empty(len(keys))
    for i in range(len(keys)):
        lon[i] = (gathered(keys[i]) + 0.5) / SIDE * 360 - 180
        lat[i] = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (gathered(keys[i] >> 1) + 0.5) / SIDE))))
    return lon, lat
