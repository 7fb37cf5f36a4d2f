"""What a feed's URL opens: a web server, a mailbox, or a folder of files."""

from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from geoplatform.errors import BadSettings
from ingest.adapter import Feed
from ingest.network.folder import FolderSession
from ingest.network.http import HttpSession
from ingest.network.imap import MailSession

OPENERS = {
    "http": HttpSession,
    "https": HttpSession,
    "file": FolderSession,
    "imap": MailSession,
    "imaps": MailSession,
}


def connect(feed: Feed) -> AbstractContextManager[Any]:
    """Open what a feed's URL names, by its scheme.

    Raises
    ------
    BadSettings
        The feed has no URL, or one of another scheme.
    """
    scheme = urlsplit(feed.url).scheme
    if scheme not in OPENERS:
        raise BadSettings(f"feed {feed.name}: url {feed.url!r} has none of the schemes {', '.join(OPENERS)}")
    session: AbstractContextManager[Any] = OPENERS[scheme](feed)
    return session
