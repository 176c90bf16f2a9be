"""GET /api/reports/transactions: who, parameters, edges. The sums: test_reports_agree."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

PATH = "/api/reports/transactions"


def get(by, **params):
    return by.get(PATH, params=params)


def test_is_for_operators_and_auditors(user, operator, auditor):
    get(operator).ok()
    get(auditor).ok()
    get(user).problem(403, "forbidden")


def test_defaults_to_the_last_30_days_by_day(operator):
    report = get(operator).ok()
    assert (report["tz"], report["groupBy"], report["kind"]) == ("UTC", "day", "transfer")
    assert report["currency"] == "EGP"
    assert 30 <= len(report["series"]) <= 31


def test_counts_what_happened_a_moment_ago(operator, user, payee):
    sizes = [Decimal("0.01"), Decimal("12.30"), Decimal("100.00")]
    done = [user.pay(payee, size).ok(201) for size in sizes]
    after = datetime.fromisoformat(done[-1]["createdAt"]) + timedelta(microseconds=1)
    until = after.isoformat().replace("+00:00", "Z")
    report = get(operator, startDate=done[0]["createdAt"], endDate=until, groupBy="hour").ok()
    assert report["totals"] == {"count": 3, "amount": sum(sizes)}
    assert sum(row["amount"] for row in report["series"]) == sum(sizes)


def test_an_empty_range_is_all_zeros(operator):
    report = get(operator, startDate="2001-01-01", endDate="2001-01-03").ok()
    assert report["totals"] == {"count": 0, "amount": Decimal("0.00")}
    assert [row["count"] for row in report["series"]] == [0, 0, 0]
    assert '"amount":0.00' in get(
        operator, startDate="2001-01-01", endDate="2001-01-03"
    ).text.replace(" ", "")


def test_one_day_is_a_day(operator):
    today = datetime.now(UTC).date().isoformat()
    assert len(get(operator, startDate=today, endDate=today).ok()["series"]) == 1


def test_the_same_moment_twice_is_empty(operator):
    moment = "2026-01-01T00:00:00Z"
    report = get(operator, startDate=moment, endDate=moment).ok()
    assert report["totals"]["count"] == 0


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("UTC", "2026-03-29", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("Africa/Cairo", "2026-04-24", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Asia/Kathmandu", "2026-03-29", 24),
    ],
)
def test_days_on_which_clocks_change(operator, zone, day, hours):
    report = get(operator, startDate=day, endDate=day, groupBy="hour", tz=zone).ok()
    starts = [datetime.fromisoformat(row["periodStart"]) for row in report["series"]]
    assert len(starts) == hours
    assert len(set(starts)) == hours
    assert all(b - a == timedelta(hours=1) for a, b in pairwise(starts))


def test_weeks_begin_on_monday_and_months_on_the_first(operator):
    span = {"startDate": "2026-01-15", "endDate": "2026-03-15", "tz": "Africa/Cairo"}
    weeks = get(operator, groupBy="week", **span).ok()["series"]
    months = get(operator, groupBy="month", **span).ok()["series"]
    cairo = timedelta(hours=2)
    assert all(
        (datetime.fromisoformat(row["periodStart"]).astimezone(UTC) + cairo).weekday() == 0
        for row in weeks
    )
    assert len(weeks) == 9
    assert len(months) == 3


BAD = [
    ({"startDate": "x"}, {"startDate": "invalid_format"}),
    ({"startDate": "2026-02-30"}, {"startDate": "invalid_format"}),
    ({"startDate": "2026-2-3"}, {"startDate": "invalid_format"}),
    ({"startDate": "2026-01-01T00:00:00"}, {"startDate": "invalid_format"}),
    ({"endDate": "now"}, {"endDate": "invalid_format"}),
    ({"endDate": "1767225600"}, {"endDate": "invalid_format"}),
    ({"groupBy": "minute"}, {"groupBy": "not_allowed"}),
    ({"groupBy": "DAY"}, {"groupBy": "not_allowed"}),
    ({"groupBy": ""}, {"groupBy": "not_allowed"}),
    ({"tz": "Mars/Olympus"}, {"tz": "not_allowed"}),
    ({"tz": ""}, {"tz": "not_allowed"}),
    ({"tz": "+25:00"}, {"tz": "not_allowed"}),
    ({"tz": "UTC'; SELECT 1"}, {"tz": "not_allowed"}),
    ({"tz": "../../etc/passwd"}, {"tz": "not_allowed"}),
    ({"kind": "gift"}, {"kind": "not_allowed"}),
    ({"format": "xml"}, {"format": "not_allowed"}),
    (
        {"startDate": "x", "endDate": "y", "groupBy": "z", "tz": "?", "kind": "k", "format": "f"},
        {
            "startDate": "invalid_format",
            "endDate": "invalid_format",
            "groupBy": "not_allowed",
            "tz": "not_allowed",
            "kind": "not_allowed",
            "format": "not_allowed",
        },
    ),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters_all_at_once(operator, params, fields):
    get(operator, **params).problem(422, "validation_failed", fields)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-02-02", "2026-02-01"),
        ("2026-02-02T00:00:00Z", "2026-02-01T00:00:00Z"),
        ("2026-02-01T00:00:00.000001Z", "2026-02-01T00:00:00Z"),
        ("2026-02-02T00:00:00Z", "2026-02-01"),
        ("2026-02-01T01:00:00+00:00", "2026-02-01T02:30:00+02:00"),
    ],
)
def test_start_after_end_is_422(operator, start, end):
    problem = get(operator, startDate=start, endDate=end).problem(422, "validation_failed")
    assert {error["field"] for error in problem["errors"]} <= {"startDate", "endDate"}
    assert {error["code"] for error in problem["errors"]} == {"out_of_range"}


def test_more_than_10000_periods_is_422(operator):
    get(operator, startDate="2020-01-01", endDate="2026-01-01", groupBy="hour").problem(
        422, "validation_failed"
    )
    get(operator, startDate="0001-01-01", endDate="9999-12-31", groupBy="day").problem(
        422, "validation_failed"
    )
    get(operator, startDate="2025-01-01", endDate="2026-01-01", groupBy="hour").ok()


# 10,000 days end on 2027-05-18, 10,000 weeks on 2191-08-28, 10,000 months in 2833.
@pytest.mark.parametrize(
    ("start", "end", "unit", "periods"),
    [
        ("2026-11-01", "2026-11-30", "day", 30),
        ("2000-01-01", "2027-05-18", "day", 10_000),
        ("2000-01-01", "2027-05-19", "week", 1430),
        ("2000-01-03", "2191-08-28", "week", 10_000),
        ("2000-01-03", "2191-08-29", "month", 2300),
        ("1970-01-01", "2999-12-31", "year", 1030),
    ],
)
def test_without_group_by_the_shortest_period_that_fits(operator, user, start, end, unit, periods):
    report = get(operator, startDate=start, endDate=end).ok()
    assert (report["groupBy"], len(report["series"])) == (unit, periods)
    own = user.get(f"/api/reports/users/{user.id}", params={"startDate": start, "endDate": end})
    assert (own.ok()["groupBy"], len(own.json["series"])) == (unit, periods)


def test_csv_by_accept_and_json_by_default(operator):
    for accept, kind in [
        ("text/csv", "text/csv"),
        ("text/csv, application/json;q=0.5", "text/csv"),
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
    ]:
        reply = operator.get(PATH, headers={"Accept": accept})
        assert reply.status == 200, str(reply)
        assert reply.headers["content-type"].startswith(kind), accept
    reply = operator.get(PATH, params={"format": "json"}, headers={"Accept": "text/csv"})
    assert reply.headers["content-type"].startswith("application/json")


def test_an_accept_that_neither_fits_is_406(operator):
    operator.get(PATH, headers={"Accept": "application/xml"}).problem(406, "not_acceptable")
