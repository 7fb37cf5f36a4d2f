"""What the pipeline asks of an adapter, and what an adapter may ask of the world."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from layers.record import Snapshot
from reports.record import Submission, Updates

Record = Submission | Updates | Snapshot
Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Feed:
    """The facts of one feed: its TOML, with what the settings put in their place.

    ``cadence_s`` is the usual pause between two runs, ``look_back_s`` how far each run looks back behind
    the one before (late items), ``first_look_back_s`` how far the very first does, ``follow_at_most`` how
    many open reports a run asks about besides.
    ``token_header`` names the header that bears the token; without one an address may hold ``{token}``.
    Without ``enabled`` the worker leaves it alone until the settings give it an address.
    ``options`` are the facts that only its adapter reads: categories, page sizes, paths.
    """

    name: str
    title: str
    owner: str
    docs: str
    url: str
    cadence_s: int
    look_back_s: int
    first_look_back_s: int = 604_800
    follow_at_most: int = 0
    token: str = ""
    token_header: str = ""
    timeout_s: float = 20.0
    max_bytes: int = 50_000_000
    enabled: bool = True
    simulated: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


class Session(Protocol):
    """The network as an adapter sees it."""

    def json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the JSON that an address answers, None for 204 (no content).

        Raises
        ------
        FeedUnavailable
            No answer, or an error, after the retries; or what came is no JSON.
        """


@dataclass(frozen=True)
class Window:
    """What a run is to read: all that changed from ``since`` to ``now``, and the traces of open reports."""

    since: datetime
    now: datetime
    open_ids: Sequence[str] = ()


class Adapter(Protocol):
    """Our code for one feed. ``fetch`` is all its input and output; ``items`` and ``parse`` are pure."""

    feed: Feed

    def fetch(self, session: Session, window: Window) -> Iterator[list[Payload]]:
        """Yield the payloads of the window, a page at a time."""

    def items(self, document: Any) -> list[Payload]:
        """Return the payloads in one document as the feed sends it (a page, a file)."""

    def parse(self, payload: Payload) -> Record:
        """Return a payload in our terms.

        Raises
        ------
        FeedChanged
            A field that must be there is not, or has another form: the run stops.
        Rejected
            This payload cannot be used, the others can.
        """
