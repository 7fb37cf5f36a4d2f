"""Pages that each bear the token of the next one."""

from collections.abc import Callable, Iterator
from typing import Any

from geoplatform.errors import FeedChanged, FeedUnavailable


def by_token(
    ask: Callable[[str | None], Any], token_of: Callable[[Any], str | None], most: int, what: str
) -> Iterator[Any]:
    """Yield answers until one names no further; no content (None) in place of the first one are none.

    Parameters
    ----------
    ask
        Asks for the page of a token, for the first one with None.
    token_of
        Reads from an answer the token of the next.
    most
        How many are read.
    what
        What is paged through, for messages.

    Raises
    ------
    FeedChanged
        A token came a second time: the pages go round in a circle, and what lies behind is not known.
    FeedUnavailable
        There is no content behind a token, or there are more pages than ``most``.
    """
    tokens: list[str | None] = [None]
    for _ in range(most):
        document = ask(tokens[-1])
        if document is None and tokens[-1] is not None:
            # The page before said that there is more: to end here would lose it for good.
            raise FeedUnavailable(f"{what}: no content behind the token of a page")
        if document is None:
            return
        yield document
        token = token_of(document)
        if token is None:
            return
        if token in tokens:
            raise FeedChanged(f"{what}: the token of a page came twice")
        tokens.append(token)
    raise FeedUnavailable(f"{what}: more than most_pages {most}: raise it")
