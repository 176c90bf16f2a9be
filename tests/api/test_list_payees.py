"""GET /api/transactions/user/{user_id}/payees."""

import pytest


def payees(by, of=None, **params):
    return by.get(f"/api/transactions/user/{(of or by).id}/payees", params=params)


def names(by, **params):
    return [each["username"] for each in payees(by, **params).ok()["data"]]


def test_each_once_the_most_recent_first(user, payee, new_user):
    third = new_user()
    assert names(user) == []
    for to in (payee, third, payee):
        user.pay(to, 1).ok(201)
    third.pay(user, 1).ok(201)  # who only paid me is nobody whom I paid
    assert names(user) == [payee.username, third.username]
    assert names(user, limit=1) == [payee.username]
    assert payees(user).ok()["data"][0] == {
        "id": payee.id,
        "username": payee.username,
        "displayName": payee.username,
    }
    assert names(third) == [user.username]


def test_what_was_given_back_is_no_payment_and_who_left_is_not_shown(user, payee, operator):
    paid = user.pay(payee, 1).ok(201)
    payee.post(f"/api/transactions/{paid['id']}/refund", {}).ok(201)
    assert (names(user), names(payee)) == ([payee.username], [])
    rest = {"restTo": "00000000-0000-0000-0000-000000000002"}
    operator.patch(f"/api/users/{payee.id}", {"status": "closed", "reason": "r", **rest}).ok()
    assert names(user) == []


def test_is_ones_own_business(user, payee, operator):
    for viewer in (payee, operator):
        payees(viewer, of=user).problem(403, "forbidden")


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", ""])
def test_a_limit_that_is_none_is_422(user, limit):
    payees(user, limit=limit).problem(422, "validation_failed", {"limit": "out_of_range"})


def test_an_id_that_is_none_is_422(user):
    reply = user.get("/api/transactions/user/1/payees")
    reply.problem(422, "validation_failed", {"user_id": "invalid_format"})
