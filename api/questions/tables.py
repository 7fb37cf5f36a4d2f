"""Tables of counts of reports, all of them: the points of the index, and those without a point."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from api.questions import spans
from api.questions.asked import FACETS, Asked, reports
from api.questions.spans import Step
from geoplatform.errors import InvalidRequest
from layers import zorder
from layers.grid import Bbox
from layers.index import DAY_MASK
from layers.tallying import DAY, LARGEST, Axis, passing, selected, tally, tally_traits
from layers.traits import EPOCH, Filter
from reports import pointless

MOST_LABELS = 500  # columns of a table
NONE = "none"  # the label of what has no word


class Counted(NamedTuple):
    """What a table is counted by: its axis, and a label for each place of it."""

    axis: Axis
    labels: tuple[str, ...]


class Data:
    """The reports as they are at one moment."""

    def __init__(self) -> None:
        self._state, self._pointless = pointless.beside(reports())

    def by_facet(self, name: str) -> Counted:
        """Return an axis of all words of a facet, the first one for reports without any."""
        facet = self._wordlists[0].traits.names.index(name)
        words = sorted({str(word) for known in self._wordlists for word in known.words[facet][1:]})
        places = {word: place for place, word in enumerate(words, 1)}
        return Counted(Axis(name, places, len(words) + 1), (NONE, *words))

    def by_code(self, codes: Sequence[str], length: int) -> Counted:
        """Return an axis of boundaries by their codes of a length; the first place: in none of them."""
        places = {code: place for place, code in enumerate(codes, 1)}
        facet = self._wordlists[0].traits.names.index("kelurahan")
        known = {word for one in self._wordlists for word in one.words[facet][1:]}
        found = {word: places.get(str(word)[:length], 0) for word in known}
        return Counted(Axis("kelurahan", found, len(codes) + 1), (NONE, *codes))

    def by_time(self, asked: Asked, step: Step) -> Counted:
        """Return an axis of the steps of a span, by default from the first report to the last.

        Raises
        ------
        InvalidRequest
            More steps than a table has columns.
        """
        first, last = self.days()
        since, until = asked.since or first, asked.until or last
        if since > until:
            return Counted(Axis(DAY, {}, 1), (NONE,))
        starts = spans.firsts(since, until, step, MOST_LABELS)
        if len(starts) > MOST_LABELS:
            raise InvalidRequest(
                f"split {step!r} from {since} to {until} makes more than {MOST_LABELS} columns:"
                " ask for fewer days, or a longer step"
            )
        axis = Axis(DAY, spans.places(since, until, starts), len(starts))
        return Counted(axis, tuple(_label(start, step) for start in starts))

    def by(self, name: str, asked: Asked) -> Counted:
        """Return the axis of a facet or of a step of time."""
        steps = {step: step for step in spans.STEPS}
        return self.by_time(asked, steps[name]) if name in steps else self.by_facet(name)

    def days(self) -> tuple[date, date]:
        """Return the days of the first and of the last report; today's epoch twice where there is none."""
        snapshot = self._state.snapshot
        columns = (snapshot.base.rows.traits, snapshot.fresh.traits, self._pointless.rows.traits)
        known = [column & DAY_MASK for column in columns if len(column)]
        first = min((int(column.min()) for column in known), default=0)
        last = max((int(column.max()) for column in known), default=0)
        return EPOCH + timedelta(days=first), EPOCH + timedelta(days=last)

    def table(self, asked: Asked, counted: Sequence[Counted]) -> np.ndarray:
        """Return how many reports there are, by each of what is counted by (int64).

        Raises
        ------
        InvalidRequest
            A table too large to be made.
        """
        axes = [one.axis for one in counted]
        fields = int(np.prod([axis.size for axis in axes], dtype=np.int64))
        if fields > LARGEST:
            raise InvalidRequest(f"such a table has {fields} fields: at most {LARGEST} are counted at once")
        beside = tally_traits(self._pointless.rows.traits, self._pointless.wordlist, asked.filter, axes)
        counts: np.ndarray = tally(self._state.snapshot, asked.filter, axes) + beside
        return counts

    def ids(self, filter: Filter) -> list[int]:
        """Return the ids of the reports that pass a filter, in no order."""
        rows, wordlist = self._pointless
        beside = rows.take(passing(rows.traits, wordlist, filter))
        return [*selected(self._state.snapshot, filter).ids.tolist(), *beside.ids.tolist()]

    def positions(self, filter: Filter, box: Bbox | None) -> tuple[np.ndarray, np.ndarray]:
        """Return lon and lat, in degrees to 4 cm, of the points that pass a filter and lie in a box."""
        keys = selected(self._state.snapshot, filter).keys
        lon, lat = zorder.degrees(keys)
        if box is None:
            return lon, lat
        inside = (lon >= box.west) & (lon <= box.east) & (lat >= box.south) & (lat <= box.north)
        return lon[inside], lat[inside]

    @property
    def _wordlists(self) -> tuple:
        return self._state.snapshot.base.wordlist, self._pointless.wordlist


#: What a table may be split by.
SPLITS = (*FACETS, *spans.STEPS)


def columns(counted: Sequence[Counted], counts: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """Return a table's columns by name, those that are zero throughout left out.

    Parameters
    ----------
    counted
        What stands in the columns: one axis or two, their labels joined in the name.
    counts
        Rows by the first axis, columns by the others.

    Raises
    ------
    InvalidRequest
        There are more than can be shown.
    """
    if not counted:
        return []
    labels = _joined([one.labels for one in counted])
    flat = counts.reshape(len(counts), -1)
    used = np.flatnonzero(flat.any(axis=0)).tolist()
    if len(used) > MOST_LABELS:
        raise InvalidRequest(f"the split makes {len(used)} columns: at most {MOST_LABELS} are shown")
    return [(f"count_{labels(place)}", flat[:, place]) for place in used]


def _joined(labels: Sequence[tuple[str, ...]]) -> Callable[[int], str]:
    """Return what names the place of a flat table."""
    shape = tuple(map(len, labels))

    def name(place: int) -> str:
        parts = np.unravel_index(place, shape)
        return "_".join(axis[int(part)] for axis, part in zip(labels, parts, strict=True))

    return name


def _label(start: date, step: Step) -> str:
    return start.isoformat()[: {"day": 10, "week": 10, "month": 7, "year": 4}[step]]
