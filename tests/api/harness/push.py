"""A push service of the tests' own, and the browsers that it reaches: what they are sent is checked
and decrypted by Python's own libraries (RFC 8030, 8188, 8291, 8292)."""

import base64
import json
import secrets
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from harness.keys import b64url
from harness.ports import free_port
from harness.users import User
from harness.waiting import wait_until

PATH = "/api/users/me/push-subscriptions"
ARRIVES_WITHIN_S = 60
POINT = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@dataclass
class Push:
    """What a push service was asked to pass on."""

    headers: dict[str, str]
    body: bytes
    claims: dict[str, Any]
    key: str  # that the sender says it has
    status: int  # that it was answered with
    message: dict[str, Any] = field(default_factory=dict)  # as the browser reads it


class Browser:
    def __init__(self, service: "PushService") -> None:
        self.service = service
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.auth = secrets.token_bytes(16)
        self.path = f"/send/{secrets.token_urlsafe(24)}"
        service.browsers[self.path] = self

    @property
    def endpoint(self) -> str:
        return self.service.url + self.path

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(*POINT)

    def subscription(self, **changes: Any) -> dict[str, Any]:
        """As PushSubscription.toJSON() of a browser."""
        keys = {"p256dh": b64url(self.point), "auth": b64url(self.auth)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys, **changes}

    def read(self, body: bytes) -> dict[str, Any]:
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert size == 4096
        assert length == 65
        assert len(record) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), theirs)
        info = b"WebPush: info\0" + self.point + sender
        secret = derive(self.auth, shared, info, 32)
        key = derive(salt, secret, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derive(salt, secret, b"Content-Encoding: nonce\0", 12)
        plain = AESGCM(key).decrypt(nonce, record, None)
        assert plain.endswith(b"\2"), "one record, the last, without padding"
        return json.loads(plain[:-1])

    @property
    def pushes(self) -> list[Push]:
        return list(self.service.pushes.get(self.path, ()))

    @property
    def shown(self) -> list[dict[str, Any]]:
        """What reached it, oldest first."""
        return [push.message for push in self.pushes if push.status == 201]

    def wait_for(self, *bodies: str) -> list[dict[str, Any]]:
        """All that has reached it, once these sentences have, whatever their order."""

        def told() -> bool:
            return sorted(plain(one["body"]) for one in self.shown) == sorted(bodies)

        wait_until(told, ARRIVES_WITHIN_S, f"{bodies}")
        return self.shown

    def wait_for_attempts(self, count: int) -> list[Push]:
        wait_until(lambda: len(self.pushes) >= count, ARRIVES_WITHIN_S, f"{count} attempts")
        return self.pushes


def plain(text: str) -> str:
    """Without the marks that keep a name from turning the sentence around."""
    return text.replace("\u2068", "").replace("\u2069", "")


class PushService:
    """`answers` are given to the next pushes, each a status with headers, or None: the connection
    is cut. `hold`, while it is set, keeps answers back."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.pushes: dict[str, list[Push]] = {}
        self.answers: list[tuple[int, dict[str, str]] | None] = []
        self.hold = threading.Event()
        self.others: list[str] = []  # paths that are no browser's
        self.problems: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                try:
                    answer = service._take(self.path, dict(self.headers.items()), body)
                except Exception as problem:  # noqa: BLE001  (told to the test)
                    service.problems.append(repr(problem))
                    answer = (400, {})
                while service.hold.is_set():
                    time.sleep(0.02)
                if answer is None:
                    self.close_connection = True
                    return
                status, headers = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                service.others.append(self.path)
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _take(
        self, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str]] | None:
        browser = self.browsers.get(path)
        if browser is None:
            self.others.append(path)
            return 404, {}
        headers = {name.lower(): value for name, value in headers.items()}
        scheme, _, rest = headers["authorization"].partition(" ")
        assert scheme == "vapid"
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(parts["k"]))
        claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=self.url)
        assert jwt.get_unverified_header(parts["t"]) == {"typ": "JWT", "alg": "ES256"}
        assert 0 < claims["exp"] - time.time() <= 24 * 3600
        assert headers["content-encoding"] == "aes128gcm"
        assert 0 < int(headers["ttl"]) <= 24 * 3600
        assert len(headers["topic"]) == len(raw(headers["topic"])) * 4 // 3 == 32
        answer = self.answers.pop(0) if self.answers else (201, {})
        push = Push(headers, body, claims, parts["k"], answer[0] if answer else 0)
        push.message = browser.read(body)
        self.pushes.setdefault(path, []).append(push)
        return answer

    def stop(self) -> None:
        self.hold.clear()
        self.server.shutdown()
        self.server.server_close()
        assert self.problems == []


def devices(person: User) -> dict[str, Any]:
    return person.get(PATH).ok()


def turn_on(person: User, service: PushService) -> Browser:
    """A new browser of this session."""
    browser = Browser(service)
    person.post(PATH, browser.subscription()).ok()
    return browser
