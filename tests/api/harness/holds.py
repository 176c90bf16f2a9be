"""Money set aside for somebody."""

from typing import Any

from harness.client import Reply
from harness.requests import from_now
from harness.users import User, fresh_key


def hold(
    payer: User, payee: "User | None", amount: Any = 100, *, key: str | None = None, **fields: Any
) -> Reply:
    """Until tomorrow, unless it is said otherwise."""
    body = {"amount": amount, "expiresAt": from_now(days=1), **fields}
    if payee is not None:
        body["receiver_id"] = payee.id
    return payer.post("/api/holds", body, key=key or fresh_key())


def capture(payee: User, held: dict, *, key: str | None = None, **fields: Any) -> Reply:
    return payee.post(f"/api/holds/{held['id']}/capture", fields, key=key or fresh_key())


def release(payee: User, held: dict) -> Reply:
    return payee.post(f"/api/holds/{held['id']}/release")


def look(person: User, held: dict) -> dict:
    return person.get(f"/api/holds/{held['id']}").ok()


def money(person: User) -> tuple:
    """Balance, held and available."""
    told = person.get(f"/api/users/{person.id}/balance").ok()
    return told["balance"], told["held"], told["available"]
