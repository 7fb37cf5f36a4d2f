"""A mail server on loopback that takes what comes, or refuses as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from tests.ports import free_port


class Handler:
    """What the server says to each recipient and each mail, and what it took."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.senders: list[str] = []
        self.to_sender = self.to_mail = "250 OK"
        self.to_recipient: dict[str, str] = {}
        self.on_data = lambda: None
        self.extensions: list[str] = []
        self.asked: list[str] = []

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any
    ) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"lapor", b"rahasia"), handled=False)

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], *(f"250-{one}" for one in self.extensions), responses[-1]]

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        envelope.mail_from = address
        self.senders.append(address)
        return self.to_sender

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        answer = self.to_recipient.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.to_mail.startswith("250"):
            self.taken.append(message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        self.on_data()
        return self.to_mail


class Reporting(SMTP):
    """A server that can be asked to report (RFC 3461), which aiosmtpd's own cannot."""

    async def smtp_MAIL(self, arg: str) -> None:
        self.event_handler.asked.append(arg)
        await super().smtp_MAIL(arg.replace(" RET=HDRS", ""))

    async def smtp_RCPT(self, arg: str) -> None:
        self.event_handler.asked.append(arg)
        await super().smtp_RCPT(arg.replace(" NOTIFY=SUCCESS,FAILURE", ""))


class Server(Controller):
    def factory(self) -> SMTP:
        return Reporting(self.handler, **self.SMTP_kwargs)


@contextmanager
def serving(settings: Any) -> Iterator[Handler]:
    """Serve, and have the platform send there."""
    handler = Handler()
    controller = Server(
        handler,
        hostname="127.0.0.1",
        port=free_port(),
        ready_timeout=120,
        authenticator=handler.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    settings.EMAIL_BACKEND = "casework.mail.Backend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_TIMEOUT = 120
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.DEFAULT_FROM_EMAIL = "lapor@city.example"
    settings.NOTICE_CHANNELS = {"email": "casework.mail.send"}
    try:
        yield handler
    finally:
        controller.stop()
