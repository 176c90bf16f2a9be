"""Planning payments."""

import datetime
from typing import Any
from zoneinfo import ZoneInfo

from harness.client import Reply
from harness.users import User, fresh_key

CAIRO = "Africa/Cairo"


def wall(moment: datetime.datetime, zone: str = CAIRO) -> str:
    """As a clock on the wall of the zone shows it."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def from_now(zone: str = CAIRO, **delta: float) -> str:
    return wall(datetime.datetime.now(datetime.UTC) + datetime.timedelta(**delta), zone)


def moment_of(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)


def plan(
    payer: User, to: "User | str", amount: Any = 10, *, key: str | None = None, **fields: Any
) -> Reply:
    body = {
        "receiverId": to if isinstance(to, str) else to.id,
        "amount": amount,
        "startsAt": from_now(days=2),
        "timeZone": CAIRO,
        **fields,
    }
    return payer.post("/api/schedules", body, key=key or fresh_key())


def act(person: User, schedule: dict, verb: str, **fields: Any) -> Reply:
    """pause, resume, skip or cancel."""
    return person.post(f"/api/schedules/{schedule['id']}/{verb}", fields)


def change(person: User, schedule: dict, **fields: Any) -> Reply:
    return person.patch(f"/api/schedules/{schedule['id']}", fields)


def look(person: User, schedule: dict) -> dict:
    return person.get(f"/api/schedules/{schedule['id']}").ok()
