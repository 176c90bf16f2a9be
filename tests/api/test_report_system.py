"""GET /api/reports/system. The sums: test_reports_agree."""

import pytest

PATH = "/api/reports/system"


def test_is_for_operators_and_auditors(user, operator, auditor):
    for viewer in (operator, auditor):
        assert set(viewer.get(PATH).ok()) == {
            *("users", "activeUsers", "transactions", "volume", "medianAmount", "p95Amount"),
            *("moneyInCirculation", "currency", "asOf"),
        }
    user.get(PATH).problem(403, "forbidden")


def test_counts_what_happened_a_moment_ago(operator, new_user):
    before = operator.get(PATH).ok()
    user, payee, quiet = new_user(), new_user(), new_user()
    user.pay(payee, "12.34").ok(201)
    after = operator.get(PATH).ok()
    assert after["users"] - before["users"] == 3
    assert after["activeUsers"] - before["activeUsers"] == 2
    assert after["transactions"] - before["transactions"] == 1
    assert str(after["volume"] - before["volume"]) == "12.34"
    assert after["moneyInCirculation"] - before["moneyInCirculation"] == 3000
    assert quiet.balance() == 1000
    assert after["asOf"] > before["asOf"]


def test_a_series_agrees_with_the_whole(operator, user, payee):
    user.pay(payee, "12.34").ok(201)
    report = operator.get(PATH, params={"groupBy": "day"}).ok()
    assert 30 <= len(report["series"]) <= 31
    assert sum(row["transactions"] for row in report["series"]) == report["transactions"]
    assert sum(row["volume"] for row in report["series"]) == report["volume"]
    assert report["series"][-1]["newUsers"] >= 2
    assert report["series"][-1]["activeUsers"] >= 2


@pytest.mark.parametrize(
    ("params", "field"),
    [({"startDate": "x"}, "startDate"), ({"endDate": "2026-02-30"}, "endDate")],
)
def test_refuses_bad_parameters(operator, params, field):
    operator.get(PATH, params=params).problem(422, "validation_failed", {field: "invalid_format"})


def test_start_after_end_is_422(operator):
    params = {"startDate": "2026-02-02", "endDate": "2026-02-01"}
    operator.get(PATH, params=params).problem(422, "validation_failed")
