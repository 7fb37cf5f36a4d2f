"""Finding rows by ids and merging two sorted lists of points, in compiled loops; all release the GIL."""

import numpy as np
from numba import njit

from layers.zorder import Ints


@njit(cache=True, nogil=True)
def find(ids: Ints, order: np.ndarray, wanted: Ints) -> Ints:
    """Return the place of each wanted id among n ids, -1 where it is none; ``order`` sorts the ids."""
    places = np.empty(len(wanted), np.int64)
    for i in range(len(wanted)):
        low, high = 0, len(ids)
        while low < high:
            middle = (low + high) >> 1
            if ids[order[middle]] < wanted[i]:
                low = middle + 1
            else:
                high = middle
        there = low < len(ids) and ids[order[low]] == wanted[i]
        places[i] = np.int64(order[low]) if there else -1
    return places


@njit(cache=True, nogil=True)
def merge(
    keys: Ints, ids: Ints, traits: Ints, gone: Ints, fresh_keys: Ints, fresh_ids: Ints, fresh_traits: Ints
) -> tuple[Ints, Ints, Ints]:
    """Return sorted rows less those at ``gone``, with others that are sorted, too, among them."""
    n = len(keys) - len(gone) + len(fresh_keys)
    out_keys, out_ids, out_traits = np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int64)
    i = g = f = 0
    for place in range(n):
        while g < len(gone) and gone[g] == i:
            g += 1
            i += 1
        if f < len(fresh_keys) and (i >= len(keys) or (fresh_keys[f], fresh_ids[f]) < (keys[i], ids[i])):
            out_keys[place], out_ids[place], out_traits[place] = fresh_keys[f], fresh_ids[f], fresh_traits[f]
            f += 1
        else:
            out_keys[place], out_ids[place], out_traits[place] = keys[i], ids[i], traits[i]
            i += 1
    return out_keys, out_ids, out_traits
