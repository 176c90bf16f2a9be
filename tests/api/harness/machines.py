"""Service accounts, and the programs that use them."""

import base64
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519

from harness.client import ABSENT, Client, Reply
from harness.keys import SigningKey, b64url
from harness.users import User

OWN = "/api/users/me/service-accounts"
PLATFORM = "/api/service-accounts"
TOKEN = "/oauth/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
WALLET_SCOPES = [
    "payments:read",
    "payments:write",
    "refunds:write",
    "requests:read",
    "requests:write",
    "reports:read",
]
LIMITS = {"perRequest": "500.00", "perDay": "2000.00"}


def ask(client: Client, fields: dict[str, str], **options: Any) -> Reply:
    """A form to the token endpoint."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", **options.pop("headers", {})}
    content = urlencode(fields).encode()
    return client.send("POST", TOKEN, content=content, headers=headers, **options)


def basic(client_id: str, secret: str) -> dict[str, str]:
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


@dataclass
class Program:
    """Uses a service account; what it asks goes out with its access token."""

    client: Client
    account: dict
    secret: str | None = field(repr=False)
    token: str = field(default="", repr=False)

    @property
    def id(self) -> str:
        return self.account["id"]

    def credential(self, index: int = 0) -> str:
        return self.account["credentials"][index]["id"]

    def ask(self, secret: str | None = None, **fields: str) -> Reply:
        given = {"grant_type": "client_credentials", "client_id": self.id, **fields}
        return ask(self.client, {**given, "client_secret": secret or self.secret or ""})

    def sign_in(self, secret: str | None = None, **fields: str) -> "Program":
        token = self.ask(secret, **fields).ok()["access_token"]
        return Program(self.client, self.account, self.secret, token)

    def send(self, method: str, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.client.send(method, path, body, token=self.token, **options)

    def get(self, path: str, **options: Any) -> Reply:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.send("POST", path, body, **options)

    def pay(self, owner: User, to: User, amount: Any, **options: Any) -> Reply:
        body = {"sender_email": owner.email, "receiver_id": to.id, "amount": amount}
        return self.post("/api/transactions", body, **options)


def create(owner: User, scopes: list[str], path: str = OWN, **fields: Any) -> Reply:
    body = {"name": "Web shop", "scopes": scopes, "password": owner.password, **fields}
    if "payments:write" in scopes:
        body.setdefault("limits", LIMITS)
    return owner.post(path, body)


def program(owner: User, scopes: list[str], path: str = OWN, **fields: Any) -> Program:
    made = create(owner, scopes, path, **fields).ok(201)
    return Program(owner.client, made["serviceAccount"], made["clientSecret"])


def running(owner: User, scopes: list[str], path: str = OWN, **fields: Any) -> Program:
    """A program that has its access token."""
    return program(owner, scopes, path, **fields).sign_in()


class ClientKey:
    """A key of a program's own: ES256, RS256 or EdDSA."""

    def __init__(self, algorithm: str = "ES256") -> None:
        self.algorithm = algorithm
        self.key: Any
        if algorithm == "EdDSA":
            self.key = ed25519.Ed25519PrivateKey.generate()
            x = b64url(self.key.public_key().public_bytes_raw())
            self.jwk = {"kty": "OKP", "crv": "Ed25519", "x": x}
        else:
            made = SigningKey(algorithm)
            self.key, self.jwk = made.private, made.jwk

    def assertion(self, client_id: str, audience: str, **changes: Any) -> str:
        """What is None is left out."""
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, self.key, algorithm=self.algorithm)


def present(client: Client, assertion: str, **fields: str) -> Reply:
    given = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE}
    return ask(client, {**given, "client_assertion": assertion, **fields})
