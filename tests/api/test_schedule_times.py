"""When occurrences are due: the rules of the database held to python-dateutil and zoneinfo."""

import calendar
import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil import rrule, tz
from dateutil.relativedelta import relativedelta

REPEATS = {"weekly": 1, "monthly": 2, "yearly": 3}
# Clocks that go by an hour, by half of one, not at all; twice a year around Ramadan; south of the
# equator; a day that was left out.
ZONES = [
    *("UTC", "Africa/Cairo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
    *("Asia/Kolkata", "Africa/Casablanca", "America/Santiago", "Pacific/Apia"),
]


def times_of(cluster, starts, zone, repeats, every, steps, ends_on=None):
    """What occurrence_time() says of steps 0 to `steps` - 1."""
    last = f"'{ends_on}'" if ends_on else "NULL"
    rows = cluster.sql(
        f"SELECT n, extract(epoch FROM occurrence_time('{starts.isoformat()}', '{zone}', "
        f"{repeats}::smallint, {every}, n, {last})) AS at FROM generate_series(0, {steps - 1}) n "
        "ORDER BY n"
    )
    return [
        datetime.fromtimestamp(int(row["at"].split(".")[0]), UTC) if row["at"] else None
        for row in rows
    ]


def moment(wall, zone):
    """A time that clocks skip comes as much later; of a time that comes twice it is the second."""
    local = tz.resolve_imaginary(wall.replace(tzinfo=tz.gettz(zone), fold=1))
    return local.astimezone(UTC)


def walls_by_rule(starts, repeats, every, steps):
    """RFC 5545, where each date exists; a day that a month lacks is its last one."""
    if repeats == "weekly":
        return list(rrule.rrule(rrule.WEEKLY, interval=every, dtstart=starts, count=steps))
    months = every if repeats == "monthly" else 12 * every
    if starts.day <= 28:
        return list(rrule.rrule(rrule.MONTHLY, interval=months, dtstart=starts, count=steps))
    # Of the days from 28 to the one that is meant, the last that there is.
    return list(
        rrule.rrule(
            rrule.MONTHLY,
            interval=months,
            dtstart=starts.replace(day=1),
            bymonthday=list(range(28, starts.day + 1)),
            bysetpos=-1,
            count=steps,
        )
    )


def some_start(rng):
    year, month = rng.randint(2026, 2040), rng.randint(1, 12)
    days = calendar.monthrange(year, month)[1]
    day = rng.choice([1, 15, 28, min(29, days), min(30, days), days])
    return datetime(year, month, day, rng.choice([0, 1, 2, 3, 9, 23]), rng.choice([0, 30]))


@pytest.mark.parametrize("zone", ZONES)
def test_every_rule_is_what_dateutil_says(cluster, zone):
    seed = random.randrange(2**32)
    print("seed", seed)
    rng = random.Random(seed)
    for repeats, code in REPEATS.items():
        for _ in range(4):
            starts, every = some_start(rng), rng.choice([1, 1, 2, 3, 7])
            steps = 60 if repeats != "yearly" else 12
            walls = walls_by_rule(starts, repeats, every, steps)
            found = times_of(cluster, starts, zone, code, every, steps)
            assert found == [moment(w, zone) for w in walls], (starts, repeats, every)
            # And each is counted from the first, not from the one before.
            unit = {"weekly": "weeks", "monthly": "months", "yearly": "years"}[repeats]
            assert walls == [starts + relativedelta(**{unit: every * n}) for n in range(steps)]


def days(found, zone="UTC"):
    return [at.astimezone(ZoneInfo(zone)).date() for at in found]


def test_the_31st_is_the_last_day_and_comes_back(cluster):
    found = times_of(cluster, datetime(2027, 1, 31, 9), "UTC", 2, 1, 14)
    assert [day.day for day in days(found)] == [
        31,
        28,
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
        31,
        29,
    ]


def test_the_29th_of_february(cluster):
    found = times_of(cluster, datetime(2028, 2, 29, 9), "UTC", 3, 1, 5)
    assert [str(day) for day in days(found)] == [
        *("2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29")
    ]


def test_a_time_that_clocks_skip_and_one_that_comes_twice(cluster):
    def utc(starts, zone):
        return times_of(cluster, starts, zone, 0, 1, 1)[0]

    # Berlin's clocks go from 2:00 to 3:00, and from 3:00 back to 2:00.
    assert utc(datetime(2027, 3, 28, 2, 30), "Europe/Berlin") == datetime(
        2027, 3, 28, 1, 30, tzinfo=UTC
    )
    assert utc(datetime(2027, 10, 31, 2, 30), "Europe/Berlin") == datetime(
        2027, 10, 31, 1, 30, tzinfo=UTC
    )
    # Cairo's at midnight: that day has no 0:30.
    assert utc(datetime(2027, 4, 30, 0, 30), "Africa/Cairo") == datetime(
        2027, 4, 29, 22, 30, tzinfo=UTC
    )
    # Nine in the morning stays nine in the morning.
    found = times_of(cluster, datetime(2027, 3, 1, 9), "Africa/Cairo", 1, 1, 40)
    walls = {at.astimezone(ZoneInfo("Africa/Cairo")).time() for at in found}
    assert len(walls) == 1 and len({at.hour for at in found}) == 2


def test_an_end_is_a_day_on_the_wall(cluster):
    starts = datetime(2027, 1, 1, 23, 30)
    last = date(2027, 1, 15)
    found = times_of(cluster, starts, "America/New_York", 1, 1, 5, last)
    assert [at is not None for at in found] == [True, True, True, False, False]
    before = last - timedelta(days=1)
    found = times_of(cluster, starts, "America/New_York", 1, 1, 5, before)
    assert [at is not None for at in found] == [True, True, False, False, False]
    assert [at is not None for at in times_of(cluster, starts, "UTC", 0, 1, 2)] == [True, False]
