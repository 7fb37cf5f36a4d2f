"""The mailbox: read from Dovecot and from the simulated city's server, which behave the same."""

import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from fixtures.mail import Folder
from geoplatform.errors import BadSettings, FeedUnavailable
from ingest.adapter import Feed
from ingest.network import imap, sessions
from ingest.network.imap import MailSession
from tests.ingest.mail_servers import HOST, PASSWORD
from tests.ports import free_port

MESSAGES = [
    f"From: a@example.com\r\nMessage-ID: <{number}@example.com>\r\n\r\nHalo {number}\r\n".encode()
    for number in range(1, 6)
]


def feed(url: str, **facts: object) -> Feed:
    known = {"token": PASSWORD, "timeout_s": 120.0, "allow_hosts": (HOST, "localhost")}
    return Feed(name="email", title="", owner="", url=url, cadence_s=60, **(known | facts))


def read(url: str, cursor=None, **facts: object) -> list:
    with MailSession(feed(url, **facts)) as session:
        return list(session.messages(cursor))


def test_messages_come_one_by_one_as_they_were_sent_each_with_its_cursor(mailbox):
    mailbox.deliver(*MESSAGES)
    found = read(mailbox.url())
    assert [message.raw for message, _ in found] == MESSAGES
    assert [cursor["uid"] for _, cursor in found] == [1, 2, 3, 4, 5]
    assert len({cursor["uidvalidity"] for _, cursor in found}) == 1


def test_only_what_lies_behind_the_cursor_is_read(mailbox):
    mailbox.deliver(*MESSAGES[:3])
    (*_, (_, cursor)) = read(mailbox.url())
    assert read(mailbox.url(), cursor) == []
    mailbox.deliver(*MESSAGES[3:])
    assert [message.raw for message, _ in read(mailbox.url(), cursor)] == MESSAGES[3:]


def test_an_empty_folder_has_no_messages(mailbox):
    assert read(mailbox.url()) == []


def test_a_message_that_is_gone_costs_none_of_the_others(mailbox):
    mailbox.deliver(*MESSAGES)
    mailbox.expunge(2)
    assert [cursor["uid"] for _, cursor in read(mailbox.url())] == [1, 3, 4, 5]


def test_a_message_that_goes_while_it_is_read_costs_none_of_the_others(mailbox):
    mailbox.deliver(*MESSAGES)
    with MailSession(feed(mailbox.url())) as session:
        messages = session.messages(None)
        first = next(messages)[1]["uid"]
        mailbox.expunge(3)
        rest = [cursor["uid"] for _, cursor in messages]
    # The small server's folder stays as it was when it was opened; Dovecot may say that the message is gone.
    assert [first, *rest] in ([1, 2, 3, 4, 5], [1, 2, 4, 5])


def test_a_folder_that_is_numbered_anew_is_read_from_its_beginning(mailbox):
    mailbox.deliver(*MESSAGES, folder="Laporan")
    (*_, (_, former)) = read(mailbox.url("Laporan"))
    mailbox.renumber("Laporan")
    found = read(mailbox.url("Laporan"), former)
    assert [message.raw for message, _ in found] == MESSAGES
    assert {cursor["uidvalidity"] for _, cursor in found} != {former["uidvalidity"]}


def test_a_run_reads_no_more_than_most_messages_and_the_next_goes_on(mailbox):
    mailbox.deliver(*MESSAGES)
    facts = {"options": {"most_messages": 2}}
    cursor, sizes = None, []
    for _ in range(4):
        found = read(mailbox.url(), cursor, **facts)
        sizes.append(len(found))
        cursor = found[-1][1] if found else cursor
    assert sizes == [2, 2, 1, 0]


def test_of_a_message_that_is_too_large_only_the_head_is_fetched(mailbox):
    large = MESSAGES[0] + b"x" * 1000
    mailbox.deliver(large, MESSAGES[1])
    (first, _), (second, _) = read(mailbox.url(), max_bytes=500)
    assert first.raw == MESSAGES[0].partition(b"Halo")[0]
    assert first.left_out_bytes == len(large)
    assert (second.raw, second.left_out_bytes) == (MESSAGES[1], 0)


def test_a_message_of_25_megabytes_is_read_whole(mailbox):
    body = (b"0123456789abcdef" * 4 + b"\r\n") * (25_000_000 // 66)
    mailbox.deliver(MESSAGES[0] + body)
    ((message, _),) = read(mailbox.url(), max_bytes=40_000_000)
    assert message.raw == MESSAGES[0] + body


def test_bytes_of_no_charset_come_as_they_are(mailbox):
    odd = MESSAGES[0] + bytes(range(128, 256)) + b'")\r\nA1 OK done\r\n* 9 FETCH (UID 9 BODY[] {3}\r\n'
    mailbox.deliver(odd, MESSAGES[1])
    assert [message.raw for message, _ in read(mailbox.url())] == [odd, MESSAGES[1]]


def test_nothing_is_marked_as_seen(dovecot):
    dovecot.deliver(*MESSAGES)
    before = dovecot.flags()
    read(dovecot.url())
    assert dovecot.flags() == before
    assert not any(b"\\Seen" in flags for flags in before)


def test_a_folder_is_opened_by_examine_and_messages_by_peek(small):
    small.deliver(*MESSAGES)
    read(small.url())
    said = small.server.commands
    assert said[:3] == ["CAPABILITY", "LOGIN", 'EXAMINE "INBOX"']
    assert said[3] == "UID SEARCH UID 1:*"
    assert said[4:6] == ["UID FETCH 1 (UID RFC822.SIZE)", "UID FETCH 1 (UID BODY.PEEK[])"]
    assert said[-1] == "LOGOUT"
    assert not [command for command in said if "SELECT" in command or "STORE" in command]


def test_a_reader_who_stops_early_says_goodbye(small):
    small.deliver(*MESSAGES)
    with MailSession(feed(small.url())) as session:
        messages = session.messages(None)
        next(messages)
        messages.close()
    assert small.server.commands[-1] == "LOGOUT"


@pytest.mark.parametrize("secret", ["salah-sama-sekali", 'ku"tip\\', "kata sandi é"])
def test_a_refused_login_says_what_to_look_at_and_never_the_password(mailbox, caplog, secret):
    with pytest.raises(FeedUnavailable, match="GEOPLATFORM_FEED_EMAIL_TOKEN") as error:
        read(mailbox.url(), token=secret)
    assert "refused" in str(error.value)
    assert secret not in str(error.value) + caplog.text + repr(error.value.__cause__)


@pytest.mark.parametrize(("secret", "wrong"), [("", "is empty"), ("a\r\nb", "holds a line break")])
def test_a_password_that_cannot_be_one_is_not_sent(small, secret, wrong):
    with pytest.raises(FeedUnavailable, match=wrong):
        read(small.url(), token=secret)
    assert "LOGIN" not in small.server.commands


def test_a_folder_that_there_is_not_is_named(mailbox):
    with pytest.raises(FeedUnavailable, match=r"folder 'Laporan Lama' cannot be opened.*: is it there"):
        read(mailbox.url("Laporan%20Lama"))


def test_a_folder_may_have_any_name(dovecot):
    with dovecot._client() as client:
        client.create('"Lapor&AOk-"')
        client.append('"Lapor&AOk-"', None, None, MESSAGES[0])
    assert [message.raw for message, _ in read(dovecot.url("Lapor%C3%A9"))] == MESSAGES[:1]


def test_a_private_address_is_not_spoken_to_unless_it_is_allowed_by_name(mailbox):
    with pytest.raises(FeedUnavailable, match=r"127\.0\.0\.1 has the private address 127\.0\.0\.1"):
        read(mailbox.url(), allow_hosts=())


def test_a_certificate_that_nobody_trusts_is_refused(dovecot, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with pytest.raises(FeedUnavailable, match=r"certificate is not trusted: self.signed"):
        read(dovecot.url(scheme="imaps"))


def test_a_certificate_of_another_server_is_refused(dovecot, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda name, *args, **more: resolve(HOST, *args, **more))
    with pytest.raises(FeedUnavailable, match="certificate is not trusted: Hostname mismatch"):
        read(dovecot.url(scheme="imaps", host="mail.example"), allow_hosts=("mail.example",))


def test_a_trusted_server_is_read_over_tls(dovecot, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    dovecot.deliver(*MESSAGES)
    assert len(read(dovecot.url(scheme="imaps", host="localhost"))) == 5


def unguarded(host, port, timeout_s, allowed):
    return socket.create_connection((host, port), timeout_s)


def test_a_clear_connection_goes_on_by_starttls_before_the_password(dovecot, monkeypatch):
    monkeypatch.setattr(imap, "connect", unguarded)
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    dovecot.deliver(*MESSAGES)
    assert len(read(dovecot.url(host="localhost"), allow_hosts=())) == 5
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(FeedUnavailable, match="certificate is not trusted"):
        read(dovecot.url(host="localhost"), allow_hosts=())


def test_a_password_is_not_sent_in_the_clear_to_a_server_without_tls(small, monkeypatch):
    monkeypatch.setattr(imap, "connect", unguarded)
    with pytest.raises(FeedUnavailable, match="offers no STARTTLS"):
        read(small.url(), allow_hosts=())
    assert "LOGIN" not in small.server.commands


@pytest.mark.parametrize(
    "url",
    [
        "imaps://mail.example/INBOX",
        "imaps://dki:very-secret@mail.example/INBOX",
        "imaps://dki@mail.example:very-secret/INBOX",
        "imaps:///INBOX",
    ],
)
def test_a_url_that_is_none_is_a_wrong_setting_and_is_not_shown(url):
    with pytest.raises(BadSettings) as error:
        sessions.connect(feed(url))
    assert "very-secret" not in str(error.value)


def test_a_user_may_be_an_address():
    for user in ("dki%40jakarta.go.id", "dki@jakarta.go.id"):
        made = MailSession(feed(f"imaps://{user}@mail.example"))
        assert (made.user, made.host, made.port, made.folder) == (
            "dki@jakarta.go.id",
            "mail.example",
            993,
            "INBOX",
        )


# --- servers that misbehave


@contextmanager
def scripted(*answers: bytes, then_drips: bytes = b"") -> Iterator[str]:
    """Serve one connection: each answer to the next line, then silence or a drip; yields its address."""
    ended = threading.Event()

    def serve() -> None:
        with suppress(OSError):
            client, _ = server.accept()
            with client, client.makefile("rb") as lines:
                tag = b""
                for number, answer in enumerate(answers, 1):
                    client.sendall(answer.replace(b"TAG", tag))
                    tag = lines.readline().split(b" ")[0] if number < len(answers) else b""
                while not ended.wait(0.01):
                    client.sendall(then_drips)

    with socket.create_server((HOST, 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"imap://dki@{HOST}:{server.getsockname()[1]}/INBOX"
        ended.set()
        with suppress(OSError):
            socket.create_connection(server.getsockname()).close()
        thread.join()


GREETING = b"* OK hello\r\n"
CAPABILITY = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
LOGGED_IN = b"TAG OK done\r\n"
EXAMINED = b"* OK [UIDVALIDITY 7] x\r\nTAG OK [READ-ONLY] done\r\n"
FOUND = b"* SEARCH 1\r\nTAG OK done\r\n"
SIZED = b"* 1 FETCH (UID 1 RFC822.SIZE 10)\r\nTAG OK done\r\n"
TALK = (GREETING, CAPABILITY, LOGGED_IN, EXAMINED, FOUND, SIZED)
BEFORE_A_MESSAGE = 4  # the connection, the login, the folder, the search: each has its time


@pytest.mark.parametrize("said", range(len(TALK) + 1))
def test_a_server_that_falls_silent_is_unavailable(said):
    with (
        scripted(*TALK[:said]) as url,
        pytest.raises(FeedUnavailable, match=r"^email: 127\.0\.0\.1:\d+: "),
    ):
        read(url, timeout_s=0.05)


@pytest.fixture
def late(monkeypatch) -> None:
    """Let the time for a message be up at once, and for all that comes before it last as long as it takes."""
    begun = itertools.count(1)

    def timer(within_s: float, ends: Callable[[], None]) -> threading.Timer:
        return threading.Timer(0.1 if next(begun) == BEFORE_A_MESSAGE + 1 else within_s, ends)

    monkeypatch.setattr(imap, "Timer", timer)


def test_a_server_that_drips_is_given_up(late):
    with (
        scripted(*TALK[:5], then_drips=b"x") as url,
        pytest.raises(FeedUnavailable, match=r"message 1 broke off .* slower than 600 s"),
    ):
        read(url)


def test_a_greeting_that_drips_is_given_up():
    with scripted(then_drips=b"x") as url, pytest.raises(FeedUnavailable, match="no connection"):
        read(url, timeout_s=0.1)


def test_a_server_that_announces_more_than_there_can_be_is_not_waited_for(late):
    announced = b"* 1 FETCH (UID 1 BODY[] {99999999999}\r\n"
    with scripted(*TALK, announced) as url, pytest.raises(FeedUnavailable, match="message 1 broke off"):
        read(url)


def test_a_server_that_sends_a_message_larger_than_it_said_is_believed_to_a_point():
    sent = b"* 1 FETCH (UID 1 BODY[] {12}\r\n123456789012)\r\nTAG OK done\r\n"
    with scripted(*TALK, sent, b"* BYE\r\nTAG OK done\r\n") as url:
        ((message, _),) = read(url)
    assert message.raw == b"123456789012"


def test_news_of_other_messages_is_left_alone():
    sized = b"* 9 FETCH (FLAGS (\\Seen) UID 9)\r\n" + SIZED
    sent = b"* 2 FETCH (FLAGS ())\r\n* 1 FETCH (UID 1 BODY[] {4}\r\nHalo)\r\nTAG OK done\r\n"
    with scripted(*TALK[:5], sized, sent, b"* BYE\r\nTAG OK done\r\n") as url:
        ((message, cursor),) = read(url)
    assert (message.raw, cursor) == (b"Halo", {"uidvalidity": 7, "uid": 1})


@pytest.mark.parametrize(
    "answer", [b"TAG BAD no\r\n", b"TAG NO [INUSE] no\r\n", b"nonsense\r\n", b"* 1 FETCH (\r\nTAG OK\r\n"]
)
def test_a_server_that_answers_nonsense_is_unavailable_or_has_nothing(answer):
    for said in range(1, len(TALK)):
        with scripted(*TALK[:said], answer) as url, suppress(FeedUnavailable):
            assert read(url, timeout_s=0.1) == []


def test_a_port_where_nobody_listens_is_unavailable():
    with pytest.raises(FeedUnavailable, match=r"no connection \(ConnectionRefusedError\)"):
        read(f"imap://dki@{HOST}:{free_port()}")


def test_a_server_without_uidvalidity_is_not_read():
    with (
        scripted(*TALK[:3], b"TAG OK [READ-ONLY] done\r\n") as url,
        pytest.raises(FeedUnavailable, match="names no UIDVALIDITY"),
    ):
        read(url)


def test_no_thread_and_no_connection_is_left_behind(small):
    small.deliver(*MESSAGES)
    before = threading.active_count()
    for _ in itertools.repeat(None, 3):
        read(small.url())
    waited = threading.Event()
    for _ in range(12_000):
        if threading.active_count() <= before:
            break
        waited.wait(0.01)
    assert threading.active_count() <= before


def test_sessions_open_a_mailbox_by_its_scheme(small):
    small.folders = {"INBOX": Folder([(5, lambda: MESSAGES[0])], uidvalidity=3)}
    with sessions.connect(replace(feed(small.url()), max_bytes=1000)) as session:
        assert [cursor for _, cursor in session.messages(None)] == [{"uidvalidity": 3, "uid": 5}]
