"""The three reports against weeks of entries, to the last cent."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from harness.amounts import is_money
from harness.expected_reports import Entry, bounds, in_and_out, period_start, within
from harness.platform import Platform
from harness.postgres import Cluster

KINDS = {"1": "transfer", "2": "refund", "3": "opening", "4": "adjustment"}


ENTRIES = """
    SELECT e.account_id, e.transfer_id, e.counterparty_id, e.amount, e.kind,
           to_char(e.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at
    FROM entries e JOIN users u ON u.id = e.account_id
"""


@pytest.fixture(scope="module")
def seeded():
    """A platform with demonstration data: (platform, operator, entries of all wallets)."""
    cluster = Cluster()
    platform = Platform(DATABASE_URL=cluster.url)
    try:
        for command in ("migrate", "seed"):
            done = platform.run(command, timeout_s=110)
            assert done.returncode == 0, done.stdout + done.stderr
        platform.start()
        entries = [
            Entry(
                row["account_id"],
                row["transfer_id"],
                row["counterparty_id"],
                Decimal(int(row["amount"])) / 100,
                KINDS[row["kind"]],
                datetime.fromisoformat(row["at"]).replace(tzinfo=UTC),
            )
            for row in cluster.sql(ENTRIES)
        ]
        assert len(entries) > 500, "the seed gives weeks of transfers"
        yield platform, platform.operator(), entries
        audit = platform.run("audit")
        assert audit.returncode == 0, audit.stdout + audit.stderr
        platform.stop()
    finally:
        platform.remove()
        cluster.remove()


@pytest.fixture(scope="module")
def days(seeded):
    """A range inside of the data whose ends cut through it."""
    times = sorted(entry.at for entry in seeded[2] if entry.kind == "transfer")
    first, last = times[len(times) // 8].date(), times[-len(times) // 8].date()
    assert last - first > timedelta(days=7), "the seed gives weeks of transfers"
    return first.isoformat(), last.isoformat()


def moments(entry_times):
    return [at.isoformat().replace("+00:00", "Z") for at in entry_times]


def transfers_of(entries, kind="transfer"):
    """Each transaction once, by the side that it is positive on."""
    once = {}
    for entry in entries:
        if kind in ("all", entry.kind):
            once[entry.transfer] = entry
    return list(once.values())


def total(entries):
    return sum((abs(entry.amount) for entry in entries), Decimal("0.00"))


UNITS = ["hour", "day", "week", "month", "year"]
ZONES = ["UTC", "Africa/Cairo", "America/New_York", "Asia/Kathmandu", "Asia/Kolkata"]


@pytest.mark.parametrize("group_by", ["hour", "day", "week", "month"])
@pytest.mark.parametrize("zone", ZONES)
def test_transactions_report(seeded, days, group_by, zone):
    _, operator, entries = seeded
    start, end = days
    tz = ZoneInfo(zone)
    report = operator.get(
        "/api/reports/transactions",
        params={"startDate": start, "endDate": end, "groupBy": group_by, "tz": zone},
    ).ok()
    expected = transfers_of(within(entries, start, end, tz))
    assert report["totals"] == {"count": len(expected), "amount": total(expected)}
    assert is_money(report["totals"]["amount"])

    periods: dict[datetime, list[Entry]] = {}
    for entry in expected:
        periods.setdefault(period_start(entry.at, group_by, tz), []).append(entry)
    series = {datetime.fromisoformat(row["periodStart"]): row for row in report["series"]}
    assert len(series) == len(report["series"]), "no period twice"
    assert list(series) == sorted(series)
    assert set(periods) <= set(series), "every period with a transfer is there"
    for begins, row in series.items():
        assert begins == period_start(begins, group_by, tz), f"{begins} begins no {group_by}"
        found = periods.get(begins.astimezone(UTC), [])
        assert (row["count"], row["amount"]) == (len(found), total(found)), row
        assert is_money(row["amount"])


@pytest.mark.parametrize(
    ("group_by", "length"), [("hour", timedelta(hours=1)), ("day", timedelta(days=1))]
)
def test_empty_periods_are_present_with_zeros(seeded, days, group_by, length):
    _, operator, _ = seeded
    start, end = days
    params = {"startDate": start, "endDate": end, "groupBy": group_by}
    series = operator.get("/api/reports/transactions", params=params).ok()["series"]
    starts = [datetime.fromisoformat(row["periodStart"]) for row in series]
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    after = datetime.fromisoformat(end).replace(tzinfo=UTC) + timedelta(days=1)
    assert starts[0] == first
    assert starts[-1] == after - length
    assert all(b - a == length for a, b in pairwise(starts))


@pytest.mark.parametrize("kind", ["transfer", "refund", "opening", "adjustment", "all"])
def test_transactions_report_by_kind(seeded, days, kind):
    _, operator, entries = seeded
    wide = {"startDate": "2020-01-01", "endDate": days[1], "groupBy": "month"}
    report = operator.get("/api/reports/transactions", params={**wide, "kind": kind}).ok()
    zone = ZoneInfo("UTC")
    inside = within(entries, "2020-01-01", days[1], zone)
    expected = transfers_of(inside, kind)
    assert report["kind"] == kind
    assert report["totals"] == {"count": len(expected), "amount": total(expected)}
    assert sum((row["amount"] for row in report["series"]), Decimal(0)) == total(expected)
    for row in report["byKind"]:
        of_kind = transfers_of(inside, row["kind"])
        assert (row["count"], row["amount"]) == (len(of_kind), total(of_kind)), row


def test_start_is_inclusive_and_a_time_as_end_exclusive(seeded):
    _, operator, entries = seeded
    times = sorted({entry.at for entry in entries if entry.kind == "transfer"})
    first, last = times[10], times[60]
    for shift_first in (0, 1):
        for shift_last in (0, 1):
            start, end = moments(
                [
                    first + timedelta(microseconds=shift_first),
                    last + timedelta(microseconds=shift_last),
                ]
            )
            report = operator.get(
                "/api/reports/transactions", params={"startDate": start, "endDate": end}
            ).ok()
            expected = transfers_of(within(entries, start, end, ZoneInfo("UTC")))
            assert report["totals"] == {"count": len(expected), "amount": total(expected)}


def random_moment(entries, rng):
    """Of the seed's weeks: a day, a moment on a bucket's edge, the time of an entry, any other."""
    at = rng.choice(entries).at + timedelta(minutes=rng.randrange(-3000, 3000))
    edge = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    return rng.choice([at.date().isoformat(), *moments([edge, rng.choice(entries).at, at])])


@pytest.mark.parametrize("seed", range(40))
def test_any_range_in_any_zone(seeded, seed):
    _, operator, entries = seeded
    rng = Random(seed)
    zone = rng.choice([*ZONES, "Australia/Lord_Howe", "Pacific/Chatham", "America/St_Johns"])
    tz = ZoneInfo(zone)
    ends = [random_moment(entries, rng) for _ in range(2)]
    start, end = sorted(ends, key=lambda text: bounds(text, text, tz)[0])
    params = {"startDate": start, "endDate": end, "tz": zone, "groupBy": rng.choice(UNITS)}
    inside = within(entries, start, end, tz)
    report = operator.get("/api/reports/transactions", params={**params, "kind": "all"}).ok()
    every = transfers_of(inside, "all")
    assert report["totals"] == {"count": len(every), "amount": total(every)}
    assert sum(row["count"] for row in report["series"]) == len(every)

    system = operator.get("/api/reports/system", params=params).ok()
    between_people = [entry for entry in inside if entry.kind == "transfer"]
    expected = transfers_of(between_people)
    assert (system["transactions"], system["volume"]) == (len(expected), total(expected))
    assert system["activeUsers"] == len({entry.account for entry in between_people})
    starts = [datetime.fromisoformat(row["periodStart"]) for row in system["series"]]
    for row, begins, ends in zip(system["series"], starts, [*starts[1:], None], strict=True):
        own = [e for e in between_people if begins <= e.at and (ends is None or e.at < ends)]
        of_period = transfers_of(own)
        assert (row["transactions"], row["volume"]) == (len(of_period), total(of_period))
        assert row["activeUsers"] == len({entry.account for entry in own})
        if of_period:
            sizes = [abs(entry.amount) for entry in of_period]
            assert near_percentile(row["medianAmount"], sizes, 50)
            assert near_percentile(row["p95Amount"], sizes, 95)


def test_csv_says_the_same(seeded, days):
    _, operator, _ = seeded
    params = {"startDate": days[0], "endDate": days[1], "groupBy": "day"}
    series = operator.get("/api/reports/transactions", params=params).ok()["series"]
    for asked in (
        {"params": {**params, "format": "csv"}},
        {"params": params, "headers": {"Accept": "text/csv"}},
    ):
        reply = operator.get("/api/reports/transactions", **asked)
        assert reply.status == 200
        assert reply.headers["content-type"].startswith("text/csv")
        head, *rows = reply.text.splitlines()
        assert head == "periodStart,count,amount"
        assert rows == [f"{row['periodStart']},{row['count']},{row['amount']}" for row in series]


def busiest(entries):
    by_account: dict[str, list[Entry]] = {}
    for entry in entries:
        by_account.setdefault(entry.account, []).append(entry)
    return max(by_account.items(), key=lambda pair: len(pair[1]))


@pytest.mark.parametrize("zone", ["UTC", "Africa/Cairo", "America/New_York"])
@pytest.mark.parametrize("group_by", ["day", "week", "month"])
def test_user_report(seeded, days, group_by, zone):
    _, operator, entries = seeded
    account, own = busiest(entries)
    start, end = days
    tz = ZoneInfo(zone)
    report = operator.get(
        f"/api/reports/users/{account}",
        params={"startDate": start, "endDate": end, "groupBy": group_by, "tz": zone},
    ).ok()
    inside = within(own, start, end, tz)
    into, out, net = in_and_out(inside)
    assert (report["in"], report["out"], report["net"]) == (into, out, net)
    periods: dict[datetime, list[Entry]] = {}
    for entry in inside:
        periods.setdefault(period_start(entry.at, group_by, tz), []).append(entry)
    assert set(periods) <= {datetime.fromisoformat(row["periodStart"]) for row in report["series"]}
    for row in report["series"]:
        found = periods.get(datetime.fromisoformat(row["periodStart"]).astimezone(UTC), [])
        into, out, net = in_and_out(found)
        assert row["count"] == len(found)
        assert (row["in"], row["out"], row["net"]) == (into["amount"], out["amount"], net)


def test_user_report_over_all_time_is_the_balance(seeded):
    _, operator, entries = seeded
    account, own = busiest(entries)
    params = {"startDate": "2020-01-01", "endDate": "2030-01-01", "groupBy": "month"}
    report = operator.get(f"/api/reports/users/{account}", params=params).ok()
    balance = operator.get(f"/api/users/{account}").ok()["balance"]
    assert report["net"] == balance == sum(entry.amount for entry in own)


def test_top_counterparties(seeded, days):
    _, operator, entries = seeded
    account, own = busiest(entries)
    report = operator.get(
        f"/api/reports/users/{account}", params={"startDate": days[0], "endDate": days[1]}
    ).ok()
    with_whom: dict[str, list[Entry]] = {}
    people = {entry.account for entry in entries}
    for entry in within(own, *days, ZoneInfo("UTC")):
        if entry.counterparty in people:
            with_whom.setdefault(entry.counterparty, []).append(entry)
    top = report["topCounterparties"]
    assert 0 < len(top) <= len(with_whom)
    for row in top:
        into, out, _ = in_and_out(with_whom[row["id"]])
        assert row["count"] == into["count"] + out["count"]
        assert (row["in"], row["out"]) == (into["amount"], out["amount"])
        assert row["username"]


def test_user_report_as_csv(seeded, days):
    _, operator, entries = seeded
    account, _ = busiest(entries)
    params = {"startDate": days[0], "endDate": days[1], "groupBy": "week"}
    path = f"/api/reports/users/{account}"
    series = operator.get(path, params=params).ok()["series"]
    head, *rows = operator.get(path, params={**params, "format": "csv"}).text.splitlines()
    assert head == "periodStart,in,out,net,count"
    assert rows == [
        f"{row['periodStart']},{row['in']},{row['out']},{row['net']},{row['count']}"
        for row in series
    ]


def near_percentile(amount, sizes, percent):
    """An amount that occurred, at most 1/64 below the exact percentile."""
    exact = sorted(sizes)[-(-len(sizes) * percent // 100) - 1]
    return amount in sizes and exact - exact / 64 <= amount <= exact


def test_system_report(seeded):
    _, operator, entries = seeded
    report = operator.get("/api/reports/system").ok()
    transfers = transfers_of(entries)
    sizes = sorted(abs(entry.amount) for entry in transfers)
    assert report["transactions"] == len(transfers)
    assert report["volume"] == sum(sizes)
    assert report["moneyInCirculation"] == sum(entry.amount for entry in entries)
    assert near_percentile(report["medianAmount"], sizes, 50)
    assert near_percentile(report["p95Amount"], sizes, 95)
    recent = datetime.now(UTC) - timedelta(days=30)
    active = {e.account for e in entries if e.kind == "transfer" and e.at >= recent}
    margin = {
        e.account
        for e in entries
        if e.kind == "transfer" and abs(e.at - recent) < timedelta(minutes=1)
    }
    assert abs(report["activeUsers"] - len(active)) <= len(margin)
    for name in ("volume", "medianAmount", "p95Amount", "moneyInCirculation"):
        assert is_money(report[name]), name


def test_system_report_of_a_range(seeded, days):
    _, operator, entries = seeded
    params = {"startDate": days[0], "endDate": days[1]}
    report = operator.get("/api/reports/system", params=params).ok()
    expected = transfers_of(within(entries, *days, ZoneInfo("UTC")))
    assert (report["transactions"], report["volume"]) == (len(expected), total(expected))
