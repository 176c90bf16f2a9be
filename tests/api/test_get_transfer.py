"""GET /api/transactions/{id}."""

import uuid
from decimal import Decimal

import pytest


def get(by, identifier):
    return by.get(f"/api/transactions/{identifier}")


def public(user):
    return {"id": user.id, "username": user.username, "displayName": user.username}


def test_both_sides_and_operators_see_it(user, payee, operator):
    done = user.pay(payee, "12.30", note="Lunch").ok(201)
    del done["balance"]
    for viewer in (user, payee, operator):
        found = get(viewer, done["id"]).ok()
        refunds = {"refunded": 0, "refundable": Decimal("12.30")}
        sides = {"sender": public(user), "receiver": public(payee)}
        assert found == {**done, **refunds, **sides}
        assert found["amount"] == Decimal("12.30")


def test_somebody_elses_does_not_exist(user, payee, new_user):
    done = user.pay(payee, 1).ok(201)
    get(new_user(), done["id"]).problem(404, "transaction_not_found")


def test_unknown_is_404(user, operator):
    for viewer in (user, operator):
        get(viewer, uuid.uuid4()).problem(404, "transaction_not_found")


def test_an_opening_grant_has_no_person_as_sender(user):
    (opening,) = user.history()
    found = get(user, opening["id"]).ok()
    assert (found["kind"], found["sender"]) == ("opening", None)
    assert found["receiver"] == public(user)
    assert found["refunded"] == found["refundable"] == 0


@pytest.mark.parametrize("identifier", ["1", "x" * 36, "user"])
def test_an_id_that_is_none_is_422(user, identifier):
    get(user, identifier).problem(422, "validation_failed", {"id": "invalid_format"})
