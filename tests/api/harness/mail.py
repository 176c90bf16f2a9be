"""A mail server of the tests' own (aiosmtpd), and the mails of the page of developers."""

import asyncio
import email
import email.policy
import re
import ssl
import threading
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from harness.certificates import self_signed
from harness.platform import Platform
from harness.ports import free_port
from harness.waiting import wait_until

USERNAME, PASSWORD = "wallet", "smtp-secret-4f7c"
FROM = "wallet@pay.example.com"
PUBLIC_URL = "https://pay.example.com"
ARRIVES_WITHIN_S = 20
TOKEN = re.compile(r"#([\w-]{43})")


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None, message
    return part.get_content()


def token_of(text: str) -> str:
    found = TOKEN.search(text)
    assert found, text
    return found[1]


class MailServer:
    """`answers` are given to the next mails instead of taking them: at RCPT when they begin with
    "RCPT ", else after the data. `hold`, while it is set, keeps the answer to a mail back."""

    def __init__(self, tls: str = "starttls", *, auth: bool = True) -> None:
        self.tls, self.auth = tls, auth
        self.host, self.port = "127.0.0.1", free_port()
        self.certificate, key = self_signed("ec")
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.certificate, key)
        self.messages: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: list[str] = []
        self.passwords: list[str] = []
        self.connections = 0
        self.hold = threading.Event()
        self.controller: Controller | None = None

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list
    ) -> list:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list
    ) -> str:
        if self.answers and self.answers[0].startswith("RCPT "):
            return self.answers.pop(0).removeprefix("RCPT ")
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        self.envelopes.append(envelope)
        self.messages.append(
            email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        )
        while self.hold.is_set():
            await asyncio.sleep(0.02)
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.passwords.append(data.password.decode())
        return AuthResult(
            success=(data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
        )

    def start(self) -> "MailServer":
        options: dict[str, Any] = {"hostname": self.host, "port": self.port}
        if self.tls == "implicit":
            options["ssl_context"] = self.context
        elif self.tls == "starttls":
            options |= {"tls_context": self.context, "require_starttls": True}
        if self.auth:
            options |= {
                "authenticator": self.authenticate,
                "auth_required": True,
                # aiosmtpd takes TLS from the start for none.
                "auth_require_tls": self.tls != "implicit",
            }
        self.controller = Controller(self, **options)
        self.controller.start()
        return self

    def stop(self) -> None:
        self.hold.clear()
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    def settings(self, **more: str) -> dict[str, str]:
        scheme = "smtps" if self.tls == "implicit" else "smtp"
        return {
            "SMTP_URL": f"{scheme}://127.0.0.1:{self.port}",
            **({"SMTP_USERNAME": USERNAME, "SMTP_PASSWORD": PASSWORD} if self.auth else {}),
            "SMTP_CA_FILE": self.certificate,
            "MAIL_FROM": FROM,
            "PUBLIC_URL": PUBLIC_URL,
            **more,
        }

    def to(self, address: str) -> list[EmailMessage]:
        """What has arrived for an address, oldest first."""
        taken = zip(list(self.envelopes), list(self.messages), strict=False)
        return [message for envelope, message in taken if envelope.rcpt_tos == [address]]

    def wait_for(self, address: str, count: int = 1) -> list[EmailMessage]:
        def arrived() -> list[EmailMessage] | None:
            found = self.to(address)
            return found if len(found) >= count else None

        found = wait_until(arrived, ARRIVES_WITHIN_S, f"{count} mails to {address}")
        assert isinstance(found, list)
        assert len(found) == count, found
        return found


def shown_mails(platform: Platform, address: str) -> list[dict]:
    """What the page of developers has for an address, newest first."""
    reply = platform.client.get("/dev/mails", headers={"Accept": "application/json"})
    return [mail for mail in reply.ok()["data"] if mail["to"] == address]


def wait_for_mail(
    platform: Platform, address: str, fits: Callable[[dict], bool] = lambda mail: True
) -> dict:
    """The newest one that fits."""

    def newest() -> dict | None:
        return next((mail for mail in shown_mails(platform, address) if fits(mail)), None)

    found = wait_until(newest, ARRIVES_WITHIN_S, f"a mail to {address}")
    assert isinstance(found, dict)
    return found


def about(subject: str) -> Callable[[dict], bool]:
    return lambda mail: subject in mail["subject"]


def wait_for_state(cluster: Any, where: str, state: str) -> dict[str, str]:
    """The mail that fits, once it has come to this state."""
    deadline = time.monotonic() + ARRIVES_WITHIN_S
    while True:
        rows = cluster.sql(f"SELECT * FROM mail_outbox WHERE {where}")
        if rows and rows[0]["state"] == state:
            return rows[0]
        assert time.monotonic() < deadline, rows
        time.sleep(0.1)
