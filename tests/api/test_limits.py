"""GET and PUT /api/users/{id}/limits, and the transfers that they refuse."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from harness import amounts


def limits(by, whom):
    return by.get(f"/api/users/{whom.id}/limits")


def set_limits(by, whom, **body):
    return by.put(f"/api/users/{whom.id}/limits", body)


def test_there_are_none_by_default(user, payee, operator, auditor):
    user.pay(payee, "12.30").ok(201)
    for viewer in (user, operator, auditor):
        body = limits(viewer, user).ok()
        assert (body["userId"], body["currency"]) == (user.id, "EGP")
        assert body["perTransfer"] is body["perDay"] is body["leftToday"] is None
        assert body["usedToday"] == Decimal("12.30")
        assert datetime.fromisoformat(body["resetsAt"]) > datetime.now(UTC)
    limits(payee, user).problem(403, "forbidden")


def test_one_transfer(user, payee, operator):
    assert set_limits(operator, user, perTransfer="100.00").ok()["perTransfer"] == 100
    refused = user.pay(payee, "100.01").problem(422, "transfer_limit_exceeded")
    assert (refused["limit"], refused["left"]) == (100, 100)
    assert "resetsAt" not in refused
    user.pay(payee, "100.00").ok(201)
    payee.pay(user, "500.00").ok(201)
    assert set_limits(operator, user, perTransfer=None).ok()["perTransfer"] is None
    user.pay(payee, "100.01").ok(201)


def test_one_day(user, payee, operator):
    user.pay(payee, 40).ok(201)
    body = set_limits(operator, user, perDay=100).ok()
    assert (body["perDay"], body["usedToday"], body["leftToday"]) == (100, 40, 60)
    refused = user.pay(payee, "60.01").problem(422, "daily_limit_exceeded")
    assert (refused["limit"], refused["left"]) == (100, 60)
    assert refused["resetsAt"] == body["resetsAt"]
    user.pay(payee, 60).ok(201)
    user.pay(payee, "0.01").problem(422, "daily_limit_exceeded")
    assert limits(user, user).ok()["leftToday"] == 0
    operator.adjust(user, -5).ok()


def test_the_deployments_limits(launch):
    platform = launch(TRANSFER_LIMIT="50.00", DAILY_LIMIT="80.00")
    user, payee, operator = platform.new_user(), platform.new_user(), platform.operator()
    user.pay(payee, "50.01").problem(422, "transfer_limit_exceeded")
    user.pay(payee, 50).ok(201)
    user.pay(payee, "30.01").problem(422, "daily_limit_exceeded")
    body = limits(user, user).ok()
    assert (body["perTransfer"], body["perDay"], body["leftToday"]) == (50, 80, 30)
    set_limits(operator, user, perTransfer=60, perDay=200).ok()
    user.pay(payee, 60).ok(201)


def test_only_operators_set_them(user, payee, auditor):
    for by in (user, payee, auditor):
        set_limits(by, user, perDay=1).problem(403, "forbidden")


BAD = [row for row in amounts.BAD if row[0] != "null"]


@pytest.mark.parametrize(("sent", "code"), amounts.literals(BAD))
@pytest.mark.parametrize("field", ["perTransfer", "perDay"])
def test_refuses_bad_limits(operator, user, field, sent, code):
    set_limits(operator, user, **{field: sent}).problem(422, "validation_failed", {field: code})
