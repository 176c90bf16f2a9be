"""The key that signs access tokens, in the tests' hands: so they can make every bad token."""

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class SigningKey:
    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.pem = self.private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
        self.public_pem = (
            self.private.public_key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )
        point = self.private.public_key().public_numbers()
        # Members in the order of RFC 7638: the thumbprint is over exactly this text.
        self.jwk = {
            "crv": "P-256",
            "kty": "EC",
            "x": b64url(point.x.to_bytes(32, "big")),
            "y": b64url(point.y.to_bytes(32, "big")),
        }
        canonical = json.dumps(self.jwk, separators=(",", ":"), sort_keys=True).encode()
        self.kid = b64url(hashlib.sha256(canonical).digest())

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        head = {"typ": "at+jwt", "kid": self.kid, **(header or {})}
        return jwt.encode(claims, self.private, algorithm="ES256", headers=head)


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def header_of(token: str) -> dict[str, Any]:
    return jwt.get_unverified_header(token)


def fresh_claims(**changes: Any) -> dict[str, Any]:
    """Claims as the user service makes them; a change to None leaves the claim out."""
    now = int(time.time())
    claims = {
        "iss": "instapay",
        "aud": "instapay-api",
        "sub": str(uuid.uuid4()),
        "sid": str(uuid.uuid4()),
        "jti": str(uuid.uuid4()),
        "role": "user",
        "iat": now,
        "exp": now + 900,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}
