"""Asking for money."""

import datetime
from typing import Any

from harness.client import Reply
from harness.users import User, fresh_key


def ask(
    payee: User, to: "User | str | None" = None, *, key: str | None = None, **fields: Any
) -> Reply:
    body = dict(fields)
    if to is not None:
        body["to"] = to if isinstance(to, str) else to.id
    return payee.post("/api/requests", body, key=key)


def settle(payer: User, request: dict, *, key: str | None = None, **fields: Any) -> Reply:
    return payer.post(f"/api/requests/{request['id']}/pay", fields, key=key or fresh_key())


def act(person: User, request: dict, verb: str, **fields: Any) -> Reply:
    """cancel, decline or remind."""
    return person.post(f"/api/requests/{request['id']}/{verb}", fields)


def look(person: User, request: dict) -> dict:
    return person.get(f"/api/requests/{request['id']}").ok()


def from_now(**delta: float) -> str:
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(**delta)
    return moment.isoformat().replace("+00:00", "Z")
