"""What happened to somebody: the list behind the bell, and what they want mails of."""

from typing import Any

from harness.client import Reply
from harness.users import User
from harness.waiting import wait_until

SETTINGS = "/api/users/me/notices"


def page(person: User, **params: Any) -> dict:
    return person.get("/api/notifications", params=params).ok()


def read(person: User, up_to: Any) -> Reply:
    return person.put("/api/notifications/read", {"upTo": up_to})


def settle(person: User, **wanted: Any) -> dict:
    return person.patch(SETTINGS, wanted).ok()


def wait_for(person: User, *kinds: str) -> list[dict]:
    """The newest ones, once these are they: an event waits for the transactions before it."""

    def told() -> list[dict] | None:
        data = page(person)["data"][: len(kinds)]
        return data if [one["kind"] for one in data] == list(kinds) else None

    found = wait_until(told, 20, f"{kinds}, not {[one['kind'] for one in page(person)['data']]}")
    assert isinstance(found, list)
    return found
