"""POST /api/transactions/{id}/refund."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness import amounts
from harness.users import fresh_key


def refund(by, transaction_id, body=None, key=None):
    return by.post(f"/api/transactions/{transaction_id}/refund", body or {}, key=key)


def test_in_parts_then_all_that_remains(user, payee):
    paid = user.pay(payee, "100.00").ok(201)
    first = refund(payee, paid["id"], {"amount": "30.50", "note": "sorry"}).ok(201)
    assert (first["kind"], first["refundOf"]) == ("refund", paid["id"])
    assert (first["senderId"], first["receiverId"]) == (payee.id, user.id)
    assert first["balance"] == payee.balance() == Decimal("1069.50")
    assert refund(payee, paid["id"]).ok(201)["amount"] == Decimal("69.50")
    assert (user.balance(), payee.balance()) == (1000, 1000)
    refund(payee, paid["id"]).problem(422, "refund_exceeds_transfer")
    refund(payee, paid["id"], {"amount": "0.01"}).problem(422, "refund_exceeds_transfer")


def shown(viewer, staff, transaction):
    """What every answer that has the transaction says of its refunds."""
    path = f"/api/transactions/{transaction['id']}"
    found = [viewer.get(path).ok(), staff.get(path).ok()]
    lists = [
        (viewer, f"/api/transactions/user/{viewer.id}", {}),
        (viewer, f"/api/transactions/user/{viewer.id}", {"minAmount": "0.01"}),
        (staff, "/api/transactions", {"q": transaction["id"]}),
        (staff, "/api/transactions", {"user": viewer.username}),
        (staff, "/api/transactions", {"from": transaction["createdAt"]}),
    ]
    for by, where, params in lists:
        rows = by.get(where, params={**params, "limit": 100}).ok()["data"]
        found += [row for row in rows if row["id"] == transaction["id"]]
    assert len(found) == 2 + len(lists)
    for each in found:
        assert amounts.is_money(each["refunded"]) and amounts.is_money(each["refundable"])
    (result,) = {(each["refunded"], each["refundable"]) for each in found}
    return result


def test_a_transfer_tells_what_was_given_back_and_what_can_be(user, payee, operator):
    paid = user.pay(payee, "40.00").ok(201)
    user.pay(payee, "7.00").ok(201)
    for viewer in (user, payee):
        assert shown(viewer, operator, paid) == (0, 40)
    back = refund(payee, paid["id"], {"amount": "15.50"}).ok(201)
    for viewer in (user, payee):
        assert shown(viewer, operator, paid) == (Decimal("15.50"), Decimal("24.50"))
        assert shown(viewer, operator, back) == (0, 0)
    refund(payee, paid["id"]).ok(201)
    for viewer in (user, payee):
        assert shown(viewer, operator, paid) == (40, 0)


def test_more_than_what_remains_is_refused_and_says_what_does(user, payee):
    paid = user.pay(payee, "10.00").ok(201)
    refused = refund(payee, paid["id"], {"amount": "10.01"}).problem(422, "refund_exceeds_transfer")
    assert "10.00" in refused["detail"]
    assert (refused["limit"], refused["left"]) == (10, 10)
    assert payee.balance() == 1010
    refund(payee, paid["id"], {"amount": 4}).ok(201)
    refused = refund(payee, paid["id"], {"amount": "6.01"}).problem(422, "refund_exceeds_transfer")
    assert (refused["limit"], refused["left"]) == (10, 6)
    refund(payee, paid["id"]).ok(201)
    assert refund(payee, paid["id"]).problem(422, "refund_exceeds_transfer")["left"] == 0


def test_a_key_replays_also_when_nothing_remains(user, payee):
    paid = user.pay(payee, "5.00").ok(201)
    first = refund(payee, paid["id"], key="give-back").ok(201)
    again = refund(payee, paid["id"], key="give-back")
    assert again.ok(201) == first
    assert again.headers["idempotent-replayed"] == "true"
    refund(payee, paid["id"], {"amount": "1.00"}, key="give-back").problem(
        422, "idempotency_key_reused"
    )


def test_many_at_once_never_give_back_more(user, payee):
    paid = user.pay(payee, "10.00").ok(201)
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: refund(payee, paid["id"], {"amount": 1}), range(20)))
    assert sorted(reply.status for reply in replies) == [201] * 10 + [422] * 10
    assert (user.balance(), payee.balance()) == (1000, 1000)


def test_who_may(user, payee, new_user, operator):
    paid = user.pay(payee, "10.00").ok(201)
    refund(user, paid["id"]).problem(403, "forbidden")
    refund(new_user(), paid["id"]).problem(404, "transaction_not_found")
    back = refund(operator, paid["id"], {"amount": 4}, fresh_key())
    assert back.ok(201)["senderId"] == payee.id
    assert payee.balance() == 1006


def test_an_operators_refund_needs_a_key(user, payee, operator):
    paid = user.pay(payee, "10.00").ok(201)
    refund(operator, paid["id"]).problem(428, "idempotency_key_required")
    refund(operator, paid["id"], key="not one").problem(400, "idempotency_key_invalid")
    assert user.balance() == 990
    refund(payee, paid["id"]).ok(201)  # the receiver's own may do without


def test_no_operator_gives_the_own_payment_back(payee, operator, other_operator):
    """The money would go to who orders it: another operator does that, or the receiver."""
    paid = other_operator.pay(payee, "10.00").ok(201)
    refund(other_operator, paid["id"], key=fresh_key()).problem(403, "forbidden")
    assert payee.balance() == 1010
    refund(operator, paid["id"], key=fresh_key()).ok(201)


def test_a_refund_and_a_grant_cannot_be_refunded(user, payee):
    paid = user.pay(payee, "10.00").ok(201)
    back = refund(payee, paid["id"]).ok(201)
    refund(user, back["id"]).problem(422, "not_refundable")
    grant = user.get(f"/api/transactions/user/{user.id}").ok()["data"][-1]
    assert grant["kind"] == "opening"
    refund(user, grant["id"]).problem(422, "not_refundable")


@pytest.mark.parametrize("amount", [0, -1, "1e3", "0.001", True])
def test_bad_amounts(user, payee, amount):
    paid = user.pay(payee, "10.00").ok(201)
    refund(payee, paid["id"], {"amount": amount}).problem(422, "validation_failed")
