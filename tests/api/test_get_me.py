"""GET /api/users/me."""

from decimal import Decimal

from harness.amounts import is_money


def test_shows_the_signed_in_user(user):
    me = user.me()
    assert (me["id"], me["email"], me["username"]) == (user.id, user.email, user.username)
    assert is_money(me["balance"])


def test_the_balance_follows_every_transfer_at_once(user, payee):
    for paid in range(1, 6):
        assert user.pay(payee, 1).ok(201)["balance"] == 1000 - paid
        assert user.balance() == 1000 - paid
        assert payee.balance() == Decimal("1000.00") + paid


def test_is_not_cached(user):
    assert user.get("/api/users/me").headers["cache-control"] == "no-store"
