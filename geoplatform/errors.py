"""Every error that the platform raises on purpose.

::

    GeoplatformError
    |-- InvalidRequest      a caller's parameter is wrong           -> 400
    |   `-- InvalidFields   fields of a form are, each with its reason
    |-- Unauthenticated     who asks is not known to be who may     -> 401
    |   |-- NoKey           it has no key, or none that is valid
    |   `-- NoSession       nobody of the staff is logged in
    |-- Forbidden           who asks is known, and may not do this  -> 403
    |   |-- NoSecondFactor  who is logged in has not shown it yet
    |   `-- NoOwnPassword   who is logged in has one that somebody else has set
    |-- NotFound            nothing has that name                   -> 404
    |-- Conflict            the state of things forbids it          -> 409
    |   |-- Refusal         a step may not be taken; a code says why
    |   `-- Mixed           the simulated city and real feeds in one database
    |-- TooLarge            more was sent than is taken             -> 413
    |-- Unsupported         what was sent has a form that is not read -> 415
    |-- TooMany             more often than is allowed            -> 429
    |-- Unavailable         a part that is needed does not answer   -> 503
    |   `-- Busy            too much of what is costly is asked for
    |-- Deferred            one receiver cannot be told now; others can
    |-- Undeliverable       one receiver cannot be told, now or ever
    |-- BadSettings         what the operator set cannot be used
    |-- BadBoundaries       a file of boundaries cannot be used
    |-- BadOfficials        a table of officials cannot be used
    |-- Rejected            one payload cannot be used; the run goes on
    `-- FeedError           a run cannot go on
        |-- FeedChanged     the feed has another form than expected
        `-- FeedUnavailable the feed does not answer, or refuses
            `-- FeedRefused the feed refuses this one thing, now and ever

The docstring is the default message. HTTP statuses stand in ``api/errors.py``, and nowhere else.
"""

from collections.abc import Mapping


class GeoplatformError(Exception):
    """Something that the platform foresaw went wrong."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class InvalidRequest(GeoplatformError):
    """A parameter has a value that cannot be used."""


class InvalidFields(InvalidRequest):
    """Fields of a form cannot be used; ``fields`` has a word for why, by the name of each."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why.replace('_', ' ')}" for name, why in fields.items()))
        self.fields = fields


class Unauthenticated(GeoplatformError):
    """Nothing proves that this comes from where it should."""


class NoKey(Unauthenticated):
    """This needs a key, and has none that is valid."""


class NoSession(Unauthenticated):
    """This is for staff: log in at /staff/login."""


class Forbidden(GeoplatformError):
    """Whoever asks is known, and may not do this."""


class NoSecondFactor(Forbidden):
    """This needs the second factor: show it at /staff/second."""


class NoOwnPassword(Forbidden):
    """This needs a password of one's own: choose it at /staff/password."""


class NotFound(GeoplatformError):
    """Nothing has that name."""


class Conflict(GeoplatformError):
    """The present state does not allow this."""


class Refusal(Conflict):
    """A case may not take this step; ``code`` is a word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class Mixed(Conflict):
    """The simulated city and real feeds do not share a database."""


class TooLarge(GeoplatformError):
    """This is more than is taken at once."""


class Unsupported(GeoplatformError):
    """What was sent has a form that is not read here."""


class TooMany(GeoplatformError):
    """This came more often than is allowed; ``retry_after_s`` is when it may come again."""

    def __init__(self, message: str = "", retry_after_s: int = 60) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(GeoplatformError):
    """A part that is needed for the answer does not work at present."""


class Busy(Unavailable):
    """Too much of what is costly is asked for at a time; try again in ``retry_after_s`` seconds."""

    retry_after_s = 1


class Deferred(GeoplatformError):
    """This receiver cannot be told now; others can."""


class Undeliverable(GeoplatformError):
    """This receiver cannot be told, now or ever."""


class BadSettings(GeoplatformError):
    """A setting cannot be used."""


class BadBoundaries(GeoplatformError):
    """These boundaries cannot be used."""


class BadOfficials(GeoplatformError):
    """This table of officials cannot be used."""


class Rejected(GeoplatformError):
    """This payload cannot be used; the others of its run can."""


class FeedError(GeoplatformError):
    """A run of a feed cannot go on."""


class FeedChanged(FeedError):
    """The feed no longer has the form its adapter was written for."""


class FeedUnavailable(FeedError):
    """The feed does not answer, or refuses us.

    ``retry_after_s`` is how long it asked us to stay away, ``answer`` what it said; both where it did.
    """

    def __init__(self, message: str = "", retry_after_s: float | None = None, answer: str = "") -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.answer = answer


class FeedRefused(FeedUnavailable):
    """The feed refuses this one thing, and would again."""
