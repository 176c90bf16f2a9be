"""An authenticator app and recovery codes, in the tests' hands (RFC 6238)."""

import base64
import hashlib
import hmac
import struct
import time
from dataclasses import dataclass, field

from harness.client import Reply
from harness.keys import claims_of
from harness.platform import SHARED_KEY
from harness.users import User

PERIOD_S = 30


def totp(secret: str, step: int) -> str:
    key = base64.b32decode(secret)
    mac = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@dataclass
class Factors:
    """What a user has set up. Two codes of the app can be had without waiting: that of now, which
    confirms the app, and that of the next step, which the drift allows."""

    user: User
    secret: str
    recovery_codes: list[str] = field(default_factory=list)
    step: int = 0

    def code(self) -> str:
        """One that was not used."""
        now = int(time.time()) // PERIOD_S
        self.step = max(self.step + 1, now)
        assert self.step <= now + 1, "the next code of the app is not there yet"
        return totp(self.secret, self.step)

    def wrong_code(self) -> str:
        """None of those that are accepted about now."""
        now = int(time.time()) // PERIOD_S
        right = {totp(self.secret, now + drift) for drift in range(-3, 4)}
        return next(code for n in range(10) if (code := f"{n:06}") not in right)

    def recovery_code(self) -> str:
        return self.recovery_codes.pop(0)


def begin(user: User, **options) -> Reply:
    return user.post("/api/users/me/factors/totp", {"password": user.password}, **options)


def enrol(user: User) -> Factors:
    secret = begin(user).ok(201)["secret"]
    factors = Factors(user, secret)
    done = user.post("/api/users/me/factors/totp/confirmation", {"code": factors.code()})
    factors.recovery_codes = done.ok()["recoveryCodes"]
    # Access tokens that do not know of it are refused.
    renew(user)
    return factors


def challenge_of(user: User, **options) -> str:
    body = {"email": user.email, "password": user.password}
    refused = user.client.post("/api/users/login", body, **options)
    return refused.problem(401, "second_factor_required")["challenge"]


def present(user: User, challenge: str, code: str, **options) -> Reply:
    body = {"challenge": challenge, "code": code}
    return user.client.post("/api/users/login/factor", body, **options)


def sign_in(user: User, code: str) -> User:
    body = present(user, challenge_of(user), code).ok()
    changes = {"token": body["accessToken"], "refresh_token": body["refreshToken"]}
    return User(**{**user.__dict__, **changes})


def renew(user: User) -> User:
    """New tokens for the same session."""
    body = user.client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).ok()
    user.token, user.refresh_token = body["accessToken"], body["refreshToken"]
    return user


def factors_of(user: User) -> dict:
    return user.get("/api/users/me/factors").ok()


def session_of(user: User) -> dict:
    """The one that this person's token is of."""
    listed = user.get(f"/api/users/{user.id}/sessions").ok()["data"]
    return next(session for session in listed if session["current"])


def step_up(user: User, code: str) -> User:
    """The same session, proven once more."""
    user.token = user.post("/api/users/me/step-up", {"code": code}).ok()["accessToken"]
    return user


def aged(user: User, seconds: int = 301) -> User:
    """The same person, whose factor was shown so much longer ago."""
    claims = claims_of(user.token)
    token = SHARED_KEY.sign({**claims, "auth_time": claims["auth_time"] - seconds})
    return User(**{**user.__dict__, "token": token})
