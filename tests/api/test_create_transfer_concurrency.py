"""POST /api/transactions by many at once: nothing lost, nothing doubled, nothing overdrawn."""

import random
import uuid
from collections import Counter
from decimal import Decimal

from harness.many import at_once


def test_fifty_transfers_drain_one_account_exactly(user, new_user):
    payees = [new_user() for _ in range(5)]
    replies = at_once(
        [lambda i=i: user.pay(payees[i % 5], 30) for i in range(50)]
    )  # 33 of 50 fit into 1000.00
    assert Counter(reply.status for reply in replies) == {201: 33, 422: 17}
    for reply in replies:
        if reply.status == 422:
            reply.problem(422, "insufficient_funds")
    assert user.balance() == 10
    balances = sorted(reply.json["balance"] for reply in replies if reply.status == 201)
    assert balances == [Decimal(10 + 30 * i) for i in range(33)], "each saw its own balance"
    assert sum(payee.balance() for payee in payees) == 5 * 1000 + 33 * 30


def test_one_key_twenty_times_at_once_is_one_transfer(user, payee):
    key = str(uuid.uuid4())
    replies = at_once([lambda: user.pay(payee, "12.34", key=key) for _ in range(20)])
    bodies = [reply.ok(201) for reply in replies]
    assert all(body == bodies[0] for body in bodies)
    fresh = [reply for reply in replies if "idempotent-replayed" not in reply.headers]
    assert len(fresh) == 1, "exactly one of them made it"
    assert user.balance() == Decimal("987.66")
    assert len(user.history()) == 2


def test_one_key_with_two_bodies_at_once_pays_one_of_them(user, payee):
    key = str(uuid.uuid4())
    replies = at_once([lambda i=i: user.pay(payee, 1 + i % 2, key=key) for i in range(20)])
    paid = {reply.json["amount"] for reply in replies if reply.status == 201}
    assert len(paid) == 1
    for reply in replies:
        if reply.status != 201:
            reply.problem(422, "idempotency_key_reused")
    assert user.balance() == 1000 - paid.pop()


def test_two_who_pay_each_other_do_not_block(user, payee):
    pairs = [(user, payee), (payee, user)]
    replies = at_once([lambda p=p: p[0].pay(p[1], 3) for p in pairs * 50])
    assert all(reply.status == 201 for reply in replies)
    assert (user.balance(), payee.balance()) == (1000, 1000)


def test_a_crowd_keeps_the_sum(new_user, operator):
    """Random transfers and adjustments; every history must tell its balance."""
    rng = random.Random(7)
    users = [new_user() for _ in range(8)]
    calls = []
    for _ in range(300):
        sender, receiver = rng.sample(users, 2)
        amount = Decimal(rng.randrange(1, 40_000)) / 100
        calls.append(lambda s=sender, r=receiver, a=amount: s.pay(r, a))
    for i in range(20):
        amount, whom = Decimal(i * 2 - 19), users[i % 8]
        calls.append(lambda w=whom, a=amount: operator.adjust(w, a))
    rng.shuffle(calls)
    replies = at_once(calls)
    refused = 0
    for reply in replies:
        if reply.status == 422:
            reply.problem(422, "insufficient_funds")
            refused += 1
        else:
            assert reply.status in (200, 201), str(reply)
    assert refused < len(calls) / 2
    done = sum(
        reply.json["transaction"]["amount"]
        * (1 if reply.json["transaction"]["receiverId"] == reply.json["userId"] else -1)
        for reply in replies
        if reply.status == 200
    )
    assert sum(user.balance() for user in users) == 8 * 1000 + done
    for user in users:
        entries = user.history()
        balance = Decimal(0)
        for entry in reversed(entries):
            balance += entry["amount"] if entry["direction"] == "in" else -entry["amount"]
            assert entry["balanceAfter"] == balance >= 0, entry
        assert balance == user.balance()
