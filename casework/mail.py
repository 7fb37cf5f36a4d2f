"""Notices by e-mail: Django's own, over SMTP."""

import smtplib
from email.utils import format_datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.smtp import EmailBackend

from casework.models import Notice
from geoplatform.errors import Deferred, Unavailable, Undeliverable

CLOSING = 421  # RFC 5321: the service closes the channel, whatever was asked
FOR_EVER = 500


class Backend(EmailBackend):
    """Django's SMTP, which asks a server that can to report whether a mail was delivered."""

    def open(self) -> bool | None:
        """Connect and log in, unless that is done; says whether it did."""
        is_new = super().open()
        if is_new and self.connection:
            self.connection.ehlo_or_helo_if_needed()
            if self.connection.has_extn("dsn"):
                # RFC 3461: report what arrived and what did not, of which Message-ID and no more.
                self.connection.sendmail = partial(  # type: ignore[method-assign]
                    self.connection.sendmail,
                    mail_options=["RET=HDRS"],
                    rcpt_options=["NOTIFY=SUCCESS,FAILURE"],
                )
        return is_new


def message_id(number: UUID) -> str:
    """Return the Message-ID of a notice: the same for each attempt, and known to nobody else."""
    return f"<{number}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].rstrip('>')}>"


def send(notice: Notice) -> None:
    """Hand a notice to the mail server.

    Raises
    ------
    Undeliverable
        The server refuses this one for ever.
    Deferred
        It refuses this one for now.
    Unavailable
        It is not there, or takes nothing from us.
    """
    headers = {
        "Message-ID": message_id(notice.number),
        "Date": format_datetime(notice.created_at),
        # RFC 3834: no answering machine answers it.
        "Auto-Submitted": "auto-generated",
    }
    hand_over(EmailMessage(notice.subject, notice.text, to=[notice.address], headers=headers))


def hand_over(message: EmailMessage) -> None:
    """Hand a mail with one recipient to the mail server; raises as ``send``."""
    try:
        _send(message)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, words),) = error.recipients.values()
        raise _refusal(code, words) from None
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:
        # Who we are and how we speak is refused, not this notice.
        raise Unavailable(_said(error.smtp_code, error.smtp_error)) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(f"the mail server: {type(error).__name__}: {error}") from None


def _send(message: EmailMessage) -> None:
    message.connection = get_connection()
    try:
        message.send()
    finally:
        # Where the server refused us Django leaves it open.
        message.connection.close()


def _refusal(code: int, words: bytes | str) -> Undeliverable | Deferred | Unavailable:
    kind = Unavailable if code == CLOSING else Undeliverable if code >= FOR_EVER else Deferred
    return kind(_said(code, words))


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"the mail server says {code} {' '.join(text.split())}"
