"""GET /api/reports/users/{user_id}: who, which parameters. The sums: test_reports_agree."""

import uuid
from decimal import Decimal

import pytest


def get(by, identifier, **params):
    return by.get(f"/api/reports/users/{identifier}", params=params)


def test_agrees_with_the_history_on_both_sides(user, payee):
    user.pay(payee, "120.50").ok(201)
    user.pay(payee, "0.01").ok(201)
    payee.pay(user, "20.00").ok(201)
    for person, other in ((user, payee), (payee, user)):
        entries = person.history()
        into = [e["amount"] for e in entries if e["direction"] == "in"]
        out = [e["amount"] for e in entries if e["direction"] == "out"]
        report = get(person, person.id).ok()
        assert report["userId"] == person.id
        assert report["in"] == {"count": len(into), "amount": sum(into)}
        assert report["out"] == {"count": len(out), "amount": sum(out)}
        assert report["net"] == sum(into) - sum(out) == person.balance()
        assert sum(row["net"] for row in report["series"]) == report["net"]
        (top,) = report["topCounterparties"]
        sent = [e["amount"] for e in entries if e["kind"] == "transfer" and e["direction"] == "out"]
        got = [e["amount"] for e in entries if e["kind"] == "transfer" and e["direction"] == "in"]
        assert top == {
            "id": other.id,
            "username": other.username,
            "displayName": other.username,
            "count": 3,
            "in": sum(got, Decimal(0)),
            "out": sum(sent, Decimal(0)),
        }


def test_who_may_look(user, payee, operator, auditor):
    for viewer in (user, operator, auditor):
        get(viewer, user.id).ok()
    get(payee, user.id).problem(403, "forbidden")


def test_unknown_ids(operator):
    get(operator, uuid.uuid4()).problem(404, "user_not_found")
    get(operator, "x").problem(422, "validation_failed", {"user_id": "invalid_format"})


def test_an_empty_range_is_all_zeros(user):
    report = get(user, user.id, startDate="2001-01-01", endDate="2001-01-02").ok()
    nothing = {"count": 0, "amount": Decimal("0.00")}
    assert (report["in"], report["out"], report["net"]) == (nothing, nothing, 0)
    assert len(report["series"]) == 2
    assert report["topCounterparties"] == []


BAD = [
    ({"startDate": "x"}, {"startDate": "invalid_format"}),
    ({"endDate": "2026-99-01"}, {"endDate": "invalid_format"}),
    ({"groupBy": "decade"}, {"groupBy": "not_allowed"}),
    ({"tz": "Nowhere"}, {"tz": "not_allowed"}),
    ({"format": "pdf"}, {"format": "not_allowed"}),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters(user, params, fields):
    get(user, user.id, **params).problem(422, "validation_failed", fields)


def test_start_after_end_is_422(user):
    get(user, user.id, startDate="2026-02-02", endDate="2026-02-01").problem(
        422, "validation_failed"
    )
