"""PUT /api/users/{id}/balance."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness import amounts
from harness.exact_json import Literal
from harness.users import fresh_key


def adjust(by, whom, amount, key=None, **more):
    return by.adjust(whom, amount, key=key, **more)


@pytest.mark.parametrize(("sent", "value"), amounts.GOOD)
def test_pays_in_and_takes_away_exactly(operator, user, sent, value):
    value = Decimal(value)
    body = adjust(operator, user, Literal(sent)).ok()
    assert set(body) == {"userId", "balance", "currency", "transaction"}
    assert (body["userId"], body["currency"]) == (user.id, "EGP")
    assert body["balance"] == user.balance() == 1000 + value
    assert amounts.is_money(body["balance"])
    away = f'"-{sent[1:]}' if sent.startswith('"') else f"-{sent}"
    assert adjust(operator, user, Literal(away)).ok()["balance"] == 1000


def test_is_a_ledger_transfer_against_the_settlement_account(operator, user):
    into = adjust(operator, user, "12.30", reason="Cash at the branch").ok()["transaction"]
    away = adjust(operator, user, "-2.30").ok()["transaction"]
    assert (into["kind"], into["status"]) == ("adjustment", "completed")
    assert (into["receiverId"], into["amount"]) == (user.id, Decimal("12.30"))
    assert (away["senderId"], away["amount"]) == (user.id, Decimal("2.30"))
    assert into["senderId"] == away["receiverId"] != user.id
    assert into["note"] == "Cash at the branch"
    newest, before, _opening = user.history()
    assert (newest["id"], newest["direction"]) == (away["id"], "out")
    assert (before["id"], before["direction"]) == (into["id"], "in")
    assert (before["note"], before["counterparty"]) == ("Cash at the branch", None)
    assert newest["balanceAfter"] == 1010


def test_cannot_take_more_than_there_is(operator, user):
    adjust(operator, user, "-1000.01").problem(422, "insufficient_funds")
    assert adjust(operator, user, "-1000.00").ok()["balance"] == 0
    adjust(operator, user, "-0.01").problem(422, "insufficient_funds")


def test_a_balance_has_a_limit(operator, user):
    adjust(operator, user, amounts.LARGEST).problem(422, "balance_limit_exceeded")
    assert user.balance() == 1000


def test_a_key_is_honoured(operator, user):
    key = str(uuid.uuid4())
    first = adjust(operator, user, 5, key)
    again = adjust(operator, user, 5, key)
    assert first.ok() == again.ok()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    adjust(operator, user, 6, key).problem(422, "idempotency_key_reused")
    assert user.balance() == 1005


def test_a_key_sent_many_times_at_once_counts_once(operator, user):
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: adjust(operator, user, -7, key), range(10)))
    assert len({reply.ok()["transaction"]["id"] for reply in replies}) == 1
    assert user.balance() == 993


def test_without_a_key_nothing_happens(operator, user):
    """What adds to a balance must not happen twice: RFC 6585's 428."""
    path = f"/api/users/{user.id}/balance"
    problem = operator.put(path, {"amount": 5}).problem(428, "idempotency_key_required")
    assert problem["title"] == "An Idempotency-Key is required"
    operator.put(path, {"amount": 5}, key="").problem(400, "idempotency_key_invalid")
    operator.put(path, {"amount": 5}, key="two words").problem(400, "idempotency_key_invalid")
    assert user.balance() == 1000
    assert [entry["kind"] for entry in user.history()] == ["opening"]


def test_who_may_not_is_told_so_without_a_key_too(user, payee):
    user.put(f"/api/users/{payee.id}/balance", {"amount": 5}).problem(403, "forbidden")


def test_not_the_own_wallet(operator):
    me = operator.profile()
    adjust(operator, operator, 5).problem(403, "forbidden")
    assert operator.balance() == me["balance"]


def test_is_for_operators_only(user, payee, auditor):
    for by in (user, payee, auditor):
        adjust(by, user, 5).problem(403, "forbidden")


def test_unknown_is_404(operator):
    path = f"/api/users/{uuid.uuid4()}/balance"
    operator.put(path, {"amount": 1}, key="k").problem(404, "user_not_found")


@pytest.mark.parametrize(("sent", "code"), amounts.literals(amounts.BAD))
def test_refuses_bad_amounts(operator, user, sent, code):
    adjust(operator, user, sent).problem(422, "validation_failed", {"amount": code})


BAD = [
    ({}, {"amount": "required"}),
    ({"amount": 1, "reason": "x" * 141}, {"reason": "too_long"}),
    ({"amount": 1, "reason": 7}, {"reason": "wrong_type"}),
    ({"amount": 1, "reason": "a\u0000b"}, {"reason": "invalid_format"}),
    ({"amount": 1, "note": "x"}, {"note": "unknown_field"}),
    ({"amount": "x", "reason": 7}, {"amount": "invalid_format", "reason": "wrong_type"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields(operator, user, sent, fields):
    reply = operator.put(f"/api/users/{user.id}/balance", sent, key=fresh_key())
    reply.problem(422, "validation_failed", fields)
    assert user.balance() == 1000


def test_the_transaction_service_sees_the_money_at_once(operator, user, payee):
    user.pay(payee, 1000).ok(201)
    user.pay(payee, 5).problem(422, "insufficient_funds")
    adjust(operator, user, 5).ok()
    user.pay(payee, 5).ok(201)
    adjust(operator, payee, -2005).ok()
    payee.pay(user, "0.01").problem(422, "insufficient_funds")
