"""What reports must say, worked out from the entries themselves in decimal arithmetic."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Entry:
    """One side of a transaction; `amount` is signed."""

    account: str
    transfer: str
    counterparty: str
    amount: Decimal
    kind: str
    at: datetime


def bounds(start: str, end: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A date means the whole day in `zone`, its end too; a time means that moment."""

    def moment(text: str, add: timedelta) -> datetime:
        if "T" in text:
            return datetime.fromisoformat(text).astimezone(UTC)
        day = date.fromisoformat(text) + add
        return datetime.combine(day, time(), zone).astimezone(UTC)

    return moment(start, timedelta()), moment(end, timedelta(days=1))


def within(entries: Iterable[Entry], start: str, end: str, zone: ZoneInfo) -> list[Entry]:
    first, after = bounds(start, end, zone)
    return [entry for entry in entries if first <= entry.at < after]


def period_start(at: datetime, group_by: str, zone: ZoneInfo) -> datetime:
    """The beginning of the period that `at` falls into, as UTC."""
    if group_by == "hour":
        # An hour of the wall clock; when clocks go back, the two equal ones stay two.
        offset = at.astimezone(zone).utcoffset()
        wall = (at.astimezone(UTC) + offset).replace(minute=0, second=0, microsecond=0)
        return wall - offset
    day = at.astimezone(zone).date()
    if group_by == "week":
        day -= timedelta(days=day.weekday())
    elif group_by == "month":
        day = day.replace(day=1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def in_and_out(entries: Iterable[Entry]) -> tuple[dict, dict, Decimal]:
    entries = list(entries)
    into = [entry.amount for entry in entries if entry.amount > 0]
    out = [-entry.amount for entry in entries if entry.amount < 0]
    return (
        {"count": len(into), "amount": sum(into, Decimal("0.00"))},
        {"count": len(out), "amount": sum(out, Decimal("0.00"))},
        sum(into, Decimal("0.00")) - sum(out, Decimal("0.00")),
    )
