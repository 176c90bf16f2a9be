"""The keys that sign access tokens and receipts, in the tests' hands: so they can make every bad
token."""

import base64
import hashlib
import json
import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def b64url_number(number: int) -> str:
    return b64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


class SigningKey:
    """RS256 as new keys of access tokens are, or ES256 as receipts' keys are."""

    def __init__(self, algorithm: str = "RS256") -> None:
        self.algorithm = algorithm
        self.private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
        if algorithm == "RS256":
            self.private = rsa.generate_private_key(65537, 2048)
        else:
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
        public = self.private.public_key().public_numbers()
        if isinstance(public, rsa.RSAPublicNumbers):
            self.jwk = {"e": b64url_number(public.e), "kty": "RSA", "n": b64url_number(public.n)}
        else:
            self.jwk = {
                "crv": "P-256",
                "kty": "EC",
                "x": b64url(public.x.to_bytes(32, "big")),
                "y": b64url(public.y.to_bytes(32, "big")),
            }
        # Members in the order of RFC 7638: the thumbprint is over exactly this text.
        canonical = json.dumps(self.jwk, separators=(",", ":"), sort_keys=True).encode()
        self.kid = b64url(hashlib.sha256(canonical).digest())

    def sign(self, claims: dict[str, Any], header: dict[str, Any] | None = None) -> str:
        head = {"typ": "at+jwt", "kid": self.kid, **(header or {})}
        return jwt.encode(claims, self.private, algorithm=self.algorithm, headers=head)

    def raw_signature(self, text: str) -> bytes:
        """RS256 only, of any text."""
        assert isinstance(self.private, rsa.RSAPrivateKey)
        return self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())

    @property
    def published(self) -> dict[str, str]:
        return {**self.jwk, "kid": self.kid, "use": "sig", "alg": self.algorithm}


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
