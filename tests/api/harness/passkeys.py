"""A browser with an authenticator in the tests' hands (WebAuthn Level 2), which may also lie."""

import base64
import hashlib
import json
import secrets
import struct
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from harness.client import Client, Reply
from harness.factors import renew
from harness.keys import b64url
from harness.users import User

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
ES256, EDDSA, RS256 = -7, -8, -257


def b64url_decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def cbor(value: Any) -> bytes:
    """RFC 8949, as far as authenticators need it."""

    def head(major: int, number: int) -> bytes:
        if number < 24:
            return bytes([major << 5 | number])
        for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if number < 1 << 8 * size:
                return bytes([major << 5 | code]) + number.to_bytes(size, "big")
        raise ValueError(number)

    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    assert isinstance(value, dict), value
    return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


@dataclass
class Passkey:
    """A key of an authenticator: what it says when it is asked, and how to make it say more."""

    algorithm: int = ES256
    id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    counter: int = 0
    flags: int = UP | UV | BE | BS
    aaguid: bytes = bytes(16)
    rp_id: str = "localhost"
    origin: str = ""
    # What the server said when it was registered.
    info: dict[str, Any] = field(default_factory=dict)
    codes: list[str] | None = None

    def __post_init__(self) -> None:
        self.private: Any
        if self.algorithm == RS256:
            self.private = rsa.generate_private_key(65537, 2048)
        elif self.algorithm == EDDSA:
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = ec.generate_private_key(ec.SECP256R1())

    def cose_key(self) -> dict[int, Any]:
        public = self.private.public_key()
        if self.algorithm == RS256:
            numbers = public.public_numbers()
            n = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
            return {1: 3, 3: RS256, -1: n, -2: b"\x01\x00\x01"}
        if self.algorithm == EDDSA:
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return {1: 1, 3: EDDSA, -1: 6, -2: raw}
        numbers = public.public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return {1: 2, 3: self.algorithm, -1: 1, -2: x, -3: y}

    def sign(self, message: bytes) -> bytes:
        if self.algorithm == RS256:
            return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if self.algorithm == EDDSA:
            return self.private.sign(message)
        return self.private.sign(message, ec.ECDSA(hashes.SHA256()))

    def client_data(self, kind: str, challenge: str, changes: dict[str, Any]) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        data.update(changes)
        return json.dumps({k: v for k, v in data.items() if v is not None}).encode()

    def authenticator_data(
        self, *, flags: int | None = None, attested: bytes = b"", rp_id: str | None = None
    ) -> bytes:
        flags = self.flags if flags is None else flags
        hashed = hashlib.sha256((rp_id or self.rp_id).encode()).digest()
        return hashed + struct.pack(">BI", flags, self.counter) + attested

    def create(
        self,
        options: dict[str, Any],
        *,
        client: dict[str, Any] | None = None,
        flags: int | None = None,
        rp_id: str | None = None,
        key: bytes | None = None,
        id_length: int | None = None,
        after: bytes = b"",
        fmt: str = "none",
        statement: Any = None,
    ) -> dict[str, Any]:
        """What navigator.credentials.create() answers."""
        asked = options["publicKey"]
        self.user_handle = b64url_decode(asked["user"]["id"])
        data = self.client_data("webauthn.create", asked["challenge"], client or {})
        length = struct.pack(">H", len(self.id) if id_length is None else id_length)
        public = cbor(self.cose_key()) if key is None else key
        attested = self.aaguid + length + self.id + public
        flags = (self.flags if flags is None else flags) | AT
        auth = self.authenticator_data(flags=flags, attested=attested, rp_id=rp_id) + after
        if fmt == "packed" and statement is None:
            signature = self.sign(auth + hashlib.sha256(data).digest())
            statement = {"alg": self.algorithm, "sig": signature}
        wrapped = cbor({"fmt": fmt, "attStmt": statement or {}, "authData": auth})
        return self._credential(
            clientDataJSON=b64url(data),
            attestationObject=b64url(wrapped),
            transports=["internal", "hybrid", "telepathy"],
        )

    def get(
        self,
        options: dict[str, Any],
        *,
        client: dict[str, Any] | None = None,
        flags: int | None = None,
        rp_id: str | None = None,
        after: bytes = b"",
        counts: bool = True,
        handle: bytes | None = None,
    ) -> dict[str, Any]:
        """What navigator.credentials.get() answers."""
        if counts and self.counter:
            self.counter += 1
        data = self.client_data("webauthn.get", options["publicKey"]["challenge"], client or {})
        auth = self.authenticator_data(flags=flags, rp_id=rp_id) + after
        signature = self.sign(auth + hashlib.sha256(data).digest())
        return self._credential(
            clientDataJSON=b64url(data),
            authenticatorData=b64url(auth),
            signature=b64url(signature),
            userHandle=b64url(self.user_handle if handle is None else handle),
        )

    def _credential(self, **response: Any) -> dict[str, Any]:
        """A PublicKeyCredential as toJSON() writes it."""
        return {
            "id": b64url(self.id),
            "rawId": b64url(self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


# ---- what a wallet does with them


def new_passkey(platform: Any, **fields: Any) -> Passkey:
    """Of a browser that has the wallet of this platform open."""
    port = platform.ports.get("gateway", 8080)
    fields.setdefault("origin", f"http://localhost:{port}")
    return Passkey(**fields)


def begin(user: User, **options: Any) -> Reply:
    body = {"password": user.password}
    return user.post("/api/users/me/factors/passkeys/options", body, **options)


def add(user: User, answer: dict[str, Any], name: str = "Phone", **options: Any) -> Reply:
    body = {"name": name, "passkey": answer}
    return user.post("/api/users/me/factors/passkeys", body, **options)


def register(user: User, passkey: Passkey, name: str = "Phone") -> dict[str, Any]:
    """Adds it; the user's tokens are those that know of it."""
    added = add(user, passkey.create(begin(user).ok()), name).ok(201)
    passkey.info, passkey.codes = added["passkey"], added["recoveryCodes"]
    renew(user)
    return added


def sign_in_options(client: Client) -> dict[str, Any]:
    return client.post("/api/users/login/passkey/options").ok()


def present(client: Client, answer: dict[str, Any], **options: Any) -> Reply:
    return client.post("/api/users/login/passkey", {"passkey": answer}, **options)


def sign_in(user: User, passkey: Passkey) -> User:
    """Without a password: another session of the same person."""
    body = present(user.client, passkey.get(sign_in_options(user.client))).ok()
    changes = {"token": body["accessToken"], "refresh_token": body["refreshToken"]}
    return User(**{**user.__dict__, **changes})


def second_step_options(user: User, challenge: str) -> Reply:
    return user.client.post("/api/users/login/factor/options", {"challenge": challenge})


def second_step(user: User, challenge: str, answer: dict[str, Any]) -> Reply:
    body = {"challenge": challenge, "passkey": answer}
    return user.client.post("/api/users/login/factor", body)


def step_up_options(user: User) -> dict[str, Any]:
    return user.post("/api/users/me/step-up/options").ok()


def step_up(user: User, passkey: Passkey) -> User:
    """The same session, proven once more."""
    answer = passkey.get(step_up_options(user))
    user.token = user.post("/api/users/me/step-up", {"passkey": answer}).ok()["accessToken"]
    return user


def remove(user: User, added: dict[str, Any], **options: Any) -> Reply:
    path = f"/api/users/me/factors/passkeys/{added['id']}/removal"
    return user.post(path, {"password": user.password}, **options)
