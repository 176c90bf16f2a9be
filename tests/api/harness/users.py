"""People who use the platform under test."""

import itertools
import secrets
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from harness.client import ABSENT, Client, Reply

SETTLEMENT = "00000000-0000-0000-0000-000000000002"
OPENING_BALANCE = Decimal("1000.00")
RENEWED_AFTER_S = 300  # well within the life of an access token
_run = secrets.token_hex(3)
_serial = itertools.count(1)


def fresh_key() -> str:
    """An Idempotency-Key that nobody has used."""
    return secrets.token_hex(16)


def unique_name(prefix: str = "u") -> str:
    return f"{prefix}{_run}{next(_serial)}"


@dataclass
class User:
    client: Client
    id: str
    username: str
    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    since_s: float = field(default_factory=time.monotonic, repr=False)

    def me(self) -> dict:
        return self.client.get("/api/users/me", token=self.token).ok()

    def profile(self) -> dict:
        """The whole user, as everybody is shown who may see it."""
        return self.client.get(f"/api/users/{self.id}", token=self.token).ok()

    def balance(self) -> Decimal:
        return self.profile()["balance"]

    def pay(
        self,
        to: "User | str",
        amount: Any,
        *,
        note: Any = ABSENT,
        key: str | None = None,
        **options: Any,
    ) -> Reply:
        body = {
            "sender_email": self.email,
            "receiver_email": to if isinstance(to, str) else to.email,
            "amount": amount,
        }
        if note is not ABSENT:
            body["note"] = note
        return self.client.post("/api/transactions", body, token=self.token, key=key, **options)

    def adjust(self, whom: "User", amount: Any, *, key: str | None = None, **fields: Any) -> Reply:
        """An operator's: pays in, or takes away."""
        path = f"/api/users/{whom.id}/balance"
        return self.put(path, {"amount": amount, **fields}, key=key or fresh_key())

    def close_account(self, whom: "User", **fields: Any) -> Reply:
        """An operator's: what the wallet holds is paid out in the same step."""
        fields = {"status": "closed", "restTo": SETTLEMENT, **fields}
        return self.patch(f"/api/users/{whom.id}", fields)

    def history_page(self, **params: Any) -> dict:
        path = f"/api/transactions/user/{self.id}"
        return self.client.get(path, token=self.token, params=params).ok()

    def history(self, **params: Any) -> list[dict]:
        """All pages, newest first."""
        items: list[dict] = []
        page = self.history_page(limit=100, **params)
        while True:
            items += page["data"]
            assert page["hasMore"] == (page["nextCursor"] is not None), page
            if not page["hasMore"]:
                return items
            page = self.history_page(limit=100, cursor=page["nextCursor"], **params)

    def get(self, path: str, **options: Any) -> Reply:
        return self.client.get(path, token=self.token, **options)

    def post(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.client.post(path, body, token=self.token, **options)

    def put(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.client.put(path, body, token=self.token, **options)

    def patch(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.client.patch(path, body, token=self.token, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        return self.client.delete(path, token=self.token, **options)


def through(user: User, service: Any) -> User:
    """The same person, whose requests to this service go to this process of it."""
    client = Client({**user.client.urls, **service.urls})
    return User(**{**user.__dict__, "client": client})


def login(client: Client, email: str, password: str, **options: Any) -> User:
    body = client.post("/api/users/login", {"email": email, "password": password}, **options).ok()
    user = body["user"]
    return User(
        client,
        user["id"],
        user["username"],
        user["email"],
        password,
        body["accessToken"],
        body["refreshToken"],
    )


def staff(bank: Any, cluster: Any, role: str = "operator") -> User:
    """Made as at the command line: over HTTP it would have to be approved."""
    person = bank.new_user()
    cluster.sql(f"UPDATE users SET role = '{role}' WHERE id = '{person.id}' RETURNING 1")
    return login(bank.client, person.email, person.password)


def register(client: Client, **fields: Any) -> User:
    name = unique_name()
    body = {
        "username": name,
        "email": f"{name}@example.com",
        "password": f"pw-{secrets.token_hex(8)}",
        **fields,
    }
    created = client.post("/api/users/register", body).ok(201)
    return login(client, created["email"], body["password"])


def keep_signed_in(user: User) -> User:
    """For who is there all through a run, which on a slow machine outlives an access token."""
    if time.monotonic() - user.since_s > RENEWED_AFTER_S:
        fresh = again(user)
        user.token, user.refresh_token = fresh.token, fresh.refresh_token
        user.since_s = fresh.since_s
    return user


def again(user: User) -> User:
    """Another session of the same person."""
    return login(user.client, user.email, user.password)
