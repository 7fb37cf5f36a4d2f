"""Two IMAP servers for the tests of the mailbox: Dovecot as Debian ships it, and the simulated city's own."""

import getpass
import grp
import imaplib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from fixtures.mail import Folder, MailServer
from tests.ports import free_port

HOST = "127.0.0.1"
PASSWORD = "rahasia-contoh"
PATIENCE_S = 120.0
VERSION = "2.3"

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = {host}
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
first_valid_uid = 1
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={folder}/mail/%u
}}
# After a wrong password the next login of the same address would wait for seconds.
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


class Dovecot:
    """A Dovecot in the foreground, with a configuration of its own; every user has the same password."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.users = folder, itertools.count(1)
        self.certificate = folder / "certificate.pem"
        self.user = ""

    def start(self, program: str) -> subprocess.Popen[bytes]:
        """Start it, and wait until both of its ports answer."""
        is_root = os.geteuid() == 0
        us, group = getpass.getuser(), grp.getgrgid(os.getegid()).gr_name
        self.port, self.tls_port = free_port(), free_port()
        (self.folder / "mail").mkdir()
        self._certify()
        if is_root:
            owner = pwd.getpwnam("mail")
            os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        text = CONFIGURATION.format(
            folder=self.folder, host=HOST, password=PASSWORD, port=self.port, tls_port=self.tls_port,
            internal_user="dovecot" if is_root else us, internal_group="dovecot" if is_root else group,
            login_user="dovenull" if is_root else us,
            mail_user="mail" if is_root else us, mail_group="mail" if is_root else group,
        )  # fmt: skip
        configuration = self.folder / "dovecot.conf"
        configuration.write_text(text)
        process = subprocess.Popen(
            [program, "-F", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        never = threading.Event()
        for _ in range(int(PATIENCE_S / 0.02)):
            if process.poll() is None and all(map(answers, (self.port, self.tls_port))):
                return process
            if process.poll() is not None:
                break
            never.wait(0.02)
        process.kill()
        raise AssertionError(f"Dovecot does not answer: {process.communicate()[1]!r} {self._log()}")

    def fresh(self) -> "Dovecot":
        """Go on with a user who has no mail yet."""
        self.user = f"dki{next(self.users)}"
        return self

    def url(self, folder: str = "INBOX", scheme: str = "imap", host: str = HOST) -> str:
        port = self.tls_port if scheme == "imaps" else self.port
        return f"{scheme}://{self.user}@{host}:{port}/{folder}"

    def deliver(self, *messages: bytes, folder: str = "INBOX") -> None:
        with self._client() as client:
            client.create(folder)
            for message in messages:
                assert client.append(folder, None, None, message)[0] == "OK"

    def expunge(self, uid: int) -> None:
        with self._client() as client:
            client.select("INBOX")
            client.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
            client.expunge()

    def renumber(self, folder: str) -> None:
        """Make a folder anew with the same messages: its UIDVALIDITY changes."""
        with self._client() as client:
            client.select(folder, readonly=True)
            _, found = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
            client.unselect()
            client.delete(folder)
        self.deliver(*[item[1] for item in found if isinstance(item, tuple)], folder=folder)

    def flags(self) -> list[bytes]:
        with self._client() as client:
            client.select("INBOX", readonly=True)
            return client.fetch("1:*", "(FLAGS)")[1]

    @contextmanager
    def _client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4(HOST, self.port, timeout=PATIENCE_S) as client:
            client.login(self.user, PASSWORD)
            yield client

    def _certify(self) -> None:
        command = [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout", str(self.folder / "key.pem"), "-out", str(self.certificate),
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text() if log.exists() else "no log"


class Small:
    """The simulated city's IMAP server with the messages that a test delivers."""

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {"INBOX": Folder([])}
        self.server = MailServer(
            lambda user, password: self.folders if (user, password) == ("dki", PASSWORD) else None
        )

    def url(self, folder: str = "INBOX") -> str:
        return f"imap://dki@{HOST}:{self.server.port}/{folder}"

    def deliver(self, *messages: bytes, folder: str = "INBOX") -> None:
        known = self.folders.get(folder, Folder([]))
        numbered = list(known.messages)
        for message in messages:
            uid = numbered[-1][0] + 1 if numbered else 1
            numbered.append((uid, lambda message=message: message))
        self.folders[folder] = Folder(numbered, known.uidvalidity)

    def expunge(self, uid: int) -> None:
        known = self.folders["INBOX"]
        self.folders["INBOX"] = Folder([one for one in known.messages if one[0] != uid], known.uidvalidity)

    def renumber(self, folder: str) -> None:
        known = self.folders[folder]
        messages = [(number, make) for number, (_, make) in enumerate(known.messages, 1)]
        self.folders[folder] = Folder(messages, known.uidvalidity + 1)


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """A Dovecot for as long as it is needed; where there is none, its tests are skipped, and say so."""
    program = shutil.which("dovecot", path=f"{os.environ['PATH']}:/usr/sbin")
    if not program:
        pytest.skip("no Dovecot on this machine; on Debian and Ubuntu script/test installs it")
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
    if not version.startswith(VERSION):
        pytest.skip(f"Dovecot {version.split()[0]}: the configuration of these tests is for {VERSION}")
    # Not pytest's own folder, which nobody else may enter: Dovecot gives up root.
    with tempfile.TemporaryDirectory(prefix="dovecot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        made = Dovecot(folder)
        process = made.start(program)
        try:
            yield made
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE_S)
            process.kill()
            process.communicate()


@contextmanager
def small() -> Iterator[Small]:
    made = Small()
    serving = threading.Thread(target=made.server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()
        serving.join()


def answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
