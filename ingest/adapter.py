"""What the pipeline asks of an adapter, and what an adapter may ask of the world."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from layers.record import Snapshot
from reports.record import Submission, Updates

Record = Submission | Updates | Snapshot
Payload = Mapping[str, Any]
Cursor = Mapping[str, Any]


@dataclass(frozen=True)
class Feed:
    """The facts of one feed: its TOML, with what the settings put in their place.

    ``cadence_s`` is the usual pause between two runs, ``look_back_s`` how far each run looks back behind
    the one before (late items), ``first_look_back_s`` how far the very first does, ``follow_at_most`` how
    many open reports a run asks about besides.
    ``token_header`` names the header that bears the token, and may give its form
    (``Authorization: Bearer {token}``); without one an address may hold ``{token}``.
    Without ``enabled`` the worker leaves it alone until the settings give it an address; ``pushed`` are those
    with a push key. ``is_heard`` says that we expect to hear of it, by one or the other.
    ``adapter`` names the module that reads it, by default that of its own name.
    ``private_answers`` says that none but the author reads what is answered by it: only then an answer bears
    the link by which they dispute.
    ``allow_hosts`` are the servers that may have a private address (see ``ingest.network.http``).
    ``options`` are the facts that only its adapter reads: categories, page sizes, paths.
    """

    name: str
    title: str
    owner: str
    url: str
    cadence_s: int
    docs: str = ""
    look_back_s: int = 0
    adapter: str = ""
    allow_hosts: Sequence[str] = ()
    first_look_back_s: int = 604_800
    follow_at_most: int = 0
    token: str = ""
    token_header: str = ""
    timeout_s: float = 20.0
    max_bytes: int = 50_000_000
    enabled: bool = True
    pushed: bool = False
    simulated: bool = False
    private_answers: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_heard(self) -> bool:
        """Whether anything is to come of it: it is polled, or pushed, or both."""
        return self.enabled or self.pushed


class Session(Protocol):
    """A feed's server as an adapter sees it.

    All methods raise FeedUnavailable where there is no answer, or an error, after the retries, and
    FeedRefused where this one thing is refused for good.
    """

    def json(self, path: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Return the JSON that an address answers, None for 204 (no content), be it nothing or a fault."""

    def post(self, path: str, body: bytes, media_type: str) -> bytes:
        """Send a body, once; returns the answer."""

    def documents(self, path: str, cursor: Cursor | None) -> Iterator[tuple[bytes, Cursor]]:
        """Yield the documents that changed since a cursor, each with the cursor behind it.

        At an address there is one, in a folder one a file.
        """


@dataclass(frozen=True)
class Message:
    """An e-mail as sent (RFC 5322); of one too large to be fetched its head alone, and how large it is."""

    raw: bytes
    left_out_bytes: int = 0


class Mailbox(Protocol):
    """A mailbox as an adapter sees it."""

    def messages(self, cursor: Cursor | None) -> Iterator[tuple[Message, Cursor]]:
        """Yield the messages behind a cursor, the oldest first, each with the cursor behind it."""


@dataclass(frozen=True)
class Window:
    """What a run is to read: all that changed from ``since`` to ``now``, and the traces of open reports.

    ``cursor`` is the last one that a page of this feed bore.
    """

    since: datetime
    now: datetime
    open_ids: Sequence[str] = ()
    cursor: Cursor | None = None


@dataclass(frozen=True)
class Page:
    """Payloads that are kept together; with a cursor, all before it need not be read again."""

    payloads: Sequence[Payload]
    cursor: Cursor | None = None


class Adapter(Protocol):
    """Our code for one feed. ``fetch`` is all its input and output; ``items`` and ``parse`` are pure."""

    feed: Feed

    def fetch(self, session: Any, window: Window) -> Iterator[Page]:
        """Yield the payloads of the window, a page at a time; the session is what the feed's URL opens."""

    def document(self, body: bytes) -> Iterable[Payload]:
        """Return the payloads in one document as the feed sends it (a page, a file, a push)."""

    def parse(self, payload: Payload) -> Record | Sequence[Record]:
        """Return a payload in our terms; of a report that bears its status, both the report and the step.

        Raises
        ------
        FeedChanged
            A field that must be there is not, or has another form: the run stops.
        Rejected
            This payload cannot be used, the others can.
        """


@dataclass(frozen=True)
class Reply:
    """An answer (``kind`` "answer") or a status ("status") of the city, for the channel of a report.

    ``key`` is the same whenever this very reply is sent, so that whoever has it already can drop it.
    """

    key: str
    external_id: str
    kind: str
    by: str
    at: datetime
    text: str = ""
    status: str = ""


class Answering(Protocol):
    """What the adapter of a feed that takes replies has besides."""

    def send(self, session: Session, reply: Reply) -> str:
        """Send a reply; returns what the channel calls it.

        Raises
        ------
        FeedRefused
            The channel does not take this one, now or ever.
        FeedError
            It did not arrive, or nobody knows; it is sent again later.
        """
