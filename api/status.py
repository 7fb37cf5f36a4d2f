"""How the platform fares, as everybody may know it: feeds, maps, answers under way, the last day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from geoplatform import sql
from layers import feeds
from layers.layer import catalogue
from layers.models import FeedState, Revision

#: A message that waits longer is late: the worker looks each minute, and tries again within minutes.
LATE = timedelta(minutes=30)


@dataclass(frozen=True)
class Heard:
    """How one feed fares; ``disturbed`` is what citizens should know of."""

    name: str
    title: str
    state: feeds.State
    last_success_at: datetime | None
    items_last_day: int

    @property
    def disturbed(self) -> bool:
        """Whether it tells nothing of the present."""
        return self.state in feeds.BAD


@dataclass(frozen=True)
class Status:
    """The platform at an instant; ``hours`` are reports of each of the last 24 hours, the oldest first."""

    at: datetime
    feeds: Sequence[Heard]
    maps: Sequence[tuple[str, datetime | None]]
    hours: Sequence[int]
    sent: int
    waiting: int
    oldest: datetime | None

    @property
    def late(self) -> bool:
        """Whether answers to citizens are late."""
        return self.oldest is not None and self.at - self.oldest > LATE

    @property
    def disturbed(self) -> int:
        """How many things do not work as they should."""
        return sum(feed.disturbed for feed in self.feeds) + self.late


def read(at: datetime) -> Status:
    """Return how the platform fares at an instant."""
    found: dict[str, list[tuple[int, datetime | None]]] = {}
    for name, _, amount, oldest in sql.rows("api/status", {"at": at}):
        found.setdefault(name, []).append((amount, oldest))
    [(sent, _)], [(waiting, oldest)] = found["sent"], found["waiting"]
    return Status(
        at=at,
        feeds=[_heard(state, at) for state in FeedState.objects.filter(enabled=True).order_by("title")],
        maps=_maps(),
        hours=[amount for amount, _ in reversed(found["reports"])],
        sent=sent,
        waiting=waiting,
        oldest=oldest,
    )


def _heard(state: FeedState, at: datetime) -> Heard:
    return Heard(state.feed, state.title, feeds.state(state, at), state.last_success_at, state.items_last_day)


def _maps() -> list[tuple[str, datetime | None]]:
    """Return each layer and when it last changed, the top of the map first."""
    touched = dict(Revision.objects.values_list("layer", "touched_at"))
    return [(layer.name, touched.get(layer.name)) for layer in [*catalogue().values()][::-1]]
