"""Splitting a sum among people."""

from typing import Any

from harness.client import Reply
from harness.users import User, fresh_key


def split(payee: User, people: list[Any], *, key: str | None = None, **fields: Any) -> Reply:
    """Each of the people is a user, a name, or an item of the body."""
    items = [
        person if isinstance(person, dict) else {"to": getattr(person, "id", person)}
        for person in people
    ]
    return payee.post("/api/splits", {"people": items, **fields}, key=key or fresh_key())


def look(person: User, made: dict) -> dict:
    return person.get(f"/api/splits/{made['id']}").ok()


def cancel(person: User, made: dict) -> Reply:
    return person.post(f"/api/splits/{made['id']}/cancel")
