"""A mailbox: the only module of the platform that speaks IMAP.

It is only read: the folder is opened by EXAMINE and messages by BODY.PEEK, so nothing is marked as seen,
moved or deleted. UIDVALIDITY and UID say how far we are. Where the server numbers a folder anew, all of it is
read again; a message that is known is known by its Message-ID, so nothing doubles.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from socket import SHUT_RDWR, socket
from threading import Timer
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from geoplatform.errors import BadSettings, FeedUnavailable
from ingest.adapter import Cursor, Feed, Message
from ingest.network.addresses import connect

PORTS = {"imaps": 993, "imap": 143}
MOST_MESSAGES = 1000
GOODBYE_S = 1.0
BROKEN = (imaplib.IMAP4.error, ImapToolsError, OSError)
UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
CODE = re.compile(r"\[[A-Z-]+\]")  # RFC 5530: of all that a server says, this holds nothing of ours


class MailSession:
    """One feed's folder at ``imaps://user@host/folder``; the password is the feed's token.

    ``imap://`` begins in the clear, and goes on by STARTTLS before the password is sent, unless
    ``allow_hosts`` names the server.
    """

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.secret_name = f"GEOPLATFORM_FEED_{feed.name.upper()}_TOKEN"
        try:
            url = urlsplit(feed.url)
            self.port = url.port or PORTS[url.scheme]
        except ValueError:
            raise BadSettings(f"feed {feed.name}: the port in its url is no number") from None
        if not url.hostname or not url.username or url.password:
            # Not shown: what stands there may be a password.
            raise BadSettings(
                f"feed {feed.name}: its url must have the form imaps://user@host/folder; the password is"
                f" {self.secret_name}"
            )
        self.host, self.user = url.hostname, unquote(url.username)
        self.folder = unquote(url.path.strip("/")) or "INBOX"
        self.is_tls = url.scheme == "imaps"

    def __enter__(self) -> "MailSession":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def messages(self, cursor: Cursor | None) -> Iterator[tuple[Message, Cursor]]:
        """See ``ingest.adapter.Mailbox.messages``; a run reads no more than ``most_messages``."""
        with closing(self._opened()) as mailbox:
            validity = self._examine(mailbox)
            known = cursor if cursor and cursor["uidvalidity"] == validity else {"uid": 0}
            for uid in self._uids(mailbox, known["uid"]):
                message = self._fetch(mailbox, uid)
                if message:
                    yield message, {"uidvalidity": validity, "uid": uid}

    def _opened(self) -> "_MailBox":
        with self._explained("no connection"):
            mailbox = _MailBox(self)
        try:
            self._login(mailbox)
        except BaseException:
            mailbox.close()
            raise
        return mailbox

    def _login(self, mailbox: "_MailBox") -> None:
        secret = self.feed.token
        if not secret or re.search(r"[\r\n\0]", self.user + secret):
            wrong = "holds a line break" if secret else "is empty"
            raise self._unavailable(f"{self.secret_name}, the password, {wrong}")
        if not self.is_tls and self.host not in self.feed.allow_hosts:
            if "STARTTLS" not in mailbox.client.capabilities:
                raise self._unavailable(
                    "offers no STARTTLS, and a password is not sent in the clear: use imaps://, or let"
                    " allow_hosts name the server"
                )
            with self._explained("STARTTLS failed", mailbox):
                mailbox.client.starttls(self.tls())
        is_plain = (self.user + secret).isascii()
        with self._explained("the login broke off", mailbox):
            try:
                (mailbox.login if is_plain else mailbox.login_utf8)(self.user, secret, initial_folder=None)
            except imaplib.IMAP4.abort:
                raise
            except (MailboxLoginError, imaplib.IMAP4.error) as error:
                raise self._unavailable(
                    f"the login of {self.user!r} was refused{_code(error)}: look at the user in the url and"
                    f" the password, {self.secret_name}; many providers want IMAP to be switched on, and a"
                    " password that is made for one program"
                ) from None

    def _examine(self, mailbox: "_MailBox") -> int:
        with self._explained(f"folder {self.folder!r} cannot be opened", mailbox):
            mailbox.folder.set(self.folder, readonly=True)
            validity = mailbox.client.response("UIDVALIDITY")[1][0]
        if not validity:
            raise self._unavailable(f"folder {self.folder!r}: the server names no UIDVALIDITY")
        return int(validity)

    def _uids(self, mailbox: "_MailBox", behind: int) -> list[int]:
        with self._explained("the search broke off", mailbox):
            found = {int(uid) for uid in mailbox.uids(f"UID {behind + 1}:*", charset=None)}
        # "*" is the last message, also where that lies before the first number (RFC 3501, 6.4.8).
        most = int(self.feed.options.get("most_messages", MOST_MESSAGES))
        return sorted(uid for uid in found if uid > behind)[:most]

    def _fetch(self, mailbox: "_MailBox", uid: int) -> Message | None:
        """Return a message, or its head where it is too large; None where it is gone meanwhile."""
        with self._explained(f"message {uid} broke off", mailbox):
            answer = mailbox.part(uid, "RFC822.SIZE")
            size = SIZE.search(answer[0]) if answer else None
            if not size:
                return None
            if int(size[1]) <= self.feed.max_bytes:
                answer = mailbox.part(uid, "BODY.PEEK[]")
                return Message(answer[1]) if answer else None
            answer = mailbox.part(uid, "BODY.PEEK[HEADER]")
            return Message(answer[1], int(size[1])) if answer else None

    @contextmanager
    def _explained(self, what: str, mailbox: "_MailBox | None" = None) -> Iterator[None]:
        """Let an error say what it was about, and nothing of what was said: it may hold the password."""
        within_s = 5 * self.feed.timeout_s
        try:
            with at_most(within_s, mailbox.client) if mailbox else nullcontext():
                yield
        except MailboxFolderSelectError as error:
            raise self._unavailable(f"{what}{_code(error)}: is it there, and readable?") from None
        except ssl.SSLCertVerificationError as error:
            raise self._unavailable(f"its certificate is not trusted: {error.verify_message}") from None
        except BROKEN as error:
            late = f", slower than {within_s:.0f} s" if mailbox and mailbox.client.is_late else ""
            raise self._unavailable(f"{what} ({type(error).__name__}{late})") from None

    def _unavailable(self, message: str) -> FeedUnavailable:
        return FeedUnavailable(f"{self.feed.name}: {self.host}:{self.port}: {message}")

    def tls(self) -> ssl.SSLContext:
        """Return what verifies the server: the certificates that this machine trusts."""
        return ssl.create_default_context()


def _code(error: Exception) -> str:
    found = CODE.search(str(error))
    return f" {found[0]}" if found else ""


class _MailBox(BaseMailBox):
    """imap-tools' mailbox over a connection that looks at whom it reached."""

    client: "_Client"

    def __init__(self, session: MailSession) -> None:
        self._session = session
        super().__init__()

    def _get_mailbox_client(self) -> "_Client":
        return _Client(self._session)

    def part(self, uid: int, what: str) -> tuple[bytes, bytes] | None:
        """Return what the server says of a part of a message, and the part; None where there is no message.

        Among it may be news of other messages, which are left alone.
        """
        status, answer = self.client.uid("FETCH", str(uid), f"(UID {what})")
        if status != "OK":
            raise imaplib.IMAP4.error("FETCH was refused")
        for item in answer:
            said, body = item if isinstance(item, tuple) else (item or b"", b"")
            found = UID.search(said)
            if found and int(found[1]) == uid and (what.encode().replace(b".PEEK", b"") in said):
                return said, body
        return None

    def close(self) -> None:
        """Say goodbye, if there is still someone to hear it, and hang up."""
        with suppress(*BROKEN), at_most(GOODBYE_S, self.client):
            self.logout()
        with suppress(OSError):
            self.client.shutdown()


class _Client(imaplib.IMAP4):
    is_late = False

    def __init__(self, session: MailSession) -> None:
        self._session = session
        with at_most(5 * session.feed.timeout_s, self):
            super().__init__(session.host, session.port, session.feed.timeout_s)

    def _create_socket(self, timeout: float | None) -> socket:
        made = connect(self._session.host, self._session.port, timeout, self._session.feed.allow_hosts)
        if not self._session.is_tls:
            return made
        return self._session.tls().wrap_socket(made, server_hostname=self._session.host)

    def read(self, size: int) -> bytes:
        """Read so many bytes; a server may err about the size of a message, but not without bounds."""
        if size > 2 * self._session.feed.max_bytes:
            raise self.abort(f"{size} bytes at once")
        return super().read(size)

    def hang_up(self) -> None:
        """End what is under way in another thread."""
        self.is_late = True
        with suppress(OSError, AttributeError):  # not connected yet
            self.sock.shutdown(SHUT_RDWR)


@contextmanager
def at_most(seconds: float, client: _Client) -> Iterator[None]:
    """Hang up if it takes longer: a server that sends a byte a second is never silent for long."""
    timer = Timer(seconds, client.hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
