"""Many at once: a request that is paid once is paid once, and what was cancelled is not paid."""

import random
from collections import Counter
from functools import partial

import pytest
from harness.many import at_once
from harness.requests import act, ask, from_now, look, settle
from harness.users import fresh_key, through

PAYERS = 1_000


def must_be_paid_once(replies, asked, payee, before):
    codes = Counter("paid" if r.status == 201 else r.json["code"] for r in replies)
    assert codes == {"paid": 1, "request_already_paid": len(replies) - 1}
    assert all(r.status in (201, 409) for r in replies)
    winner = next(reply.json for reply in replies if reply.status == 201)
    after = look(payee, asked)
    assert (after["status"], after["transactionId"]) == ("paid", winner["id"])
    assert after["payments"]["count"] == 1
    assert payee.balance() == before + winner["amount"]


def test_a_thousand_payers_at_once_and_one_is_paid(new_user):
    payee, people = new_user(), [new_user() for _ in range(20)]
    asked = ask(payee, amount="7.00").ok(201)
    replies = at_once([lambda i=i: settle(people[i % 20], asked) for i in range(PAYERS)])
    must_be_paid_once(replies, asked, payee, 1000)
    assert sum(person.balance() for person in people) == 20 * 1000 - 7


def test_a_thousand_through_two_services(two_services):
    users, services = two_services
    payee, people = users.new_user(), [users.new_user() for _ in range(20)]
    door = through(payee, services[0])
    doors = [[through(person, service) for service in services] for person in people]
    asked = ask(door, amount="7.00").ok(201)
    replies = at_once([lambda i=i: settle(doors[i % 20][i % 2], asked) for i in range(PAYERS)])
    must_be_paid_once(replies, asked, door, 1000)
    assert users.run("audit").returncode == 0


def test_who_loses_takes_nobody_along(two_services):
    """Requests of one payee paid and cancelled by all, with other payments between the same people
    beside them: each is answered for itself."""
    users, services = two_services
    payee, people = users.new_user(), [users.new_user() for _ in range(8)]
    owner = through(payee, services[0])
    doors = [[through(person, service) for service in services] for person in people]
    requests = [ask(owner, amount="1.00").ok(201) for _ in range(20)]
    rng = random.Random(7)

    def one(i):
        person = doors[i % 8][rng.randrange(2)]
        if i % 4 == 3:
            return "other", None, person.pay(payee, "0.01", key=fresh_key())
        asked = requests[rng.randrange(len(requests))]
        if i % 20 == 0:
            return "cancel", asked, act(owner, asked, "cancel")
        return "pay", asked, settle(person, asked)

    done = at_once([lambda i=i: one(i) for i in range(400)])
    assert all(reply.status == 201 for what, _, reply in done if what == "other")
    paid, cancelled = Counter(), set()
    for what, asked, reply in done:
        if what == "pay" and reply.status == 201:
            paid[asked["id"]] += 1
        elif what == "pay":
            assert reply.json["code"] in ("request_already_paid", "request_cancelled"), str(reply)
        elif what == "cancel" and reply.status == 200:
            cancelled.add(asked["id"])
    assert set(paid.values()) <= {1} and not cancelled & set(paid)
    assert len(paid) + len(cancelled) > 10
    for asked in requests:
        status = look(owner, asked)["status"]
        wanted = (
            "paid" if paid[asked["id"]] else "cancelled" if asked["id"] in cancelled else "open"
        )
        assert status == wanted
    assert users.run("audit").returncode == 0


@pytest.mark.parametrize("verb", ["cancel", "decline"])
def test_paying_and_ending_at_once(user, new_user, verb):
    """One of the two, and both are told which."""
    friend = new_user()
    friend.pay(user, 1).ok(201)
    won = Counter()
    for _ in range(9):
        asked = ask(user, friend, amount=1).ok(201)
        ender = user if verb == "cancel" else friend
        pay, end = partial(settle, friend, asked), partial(act, ender, asked, verb)
        paid, ended = at_once([pay, end])
        status = look(user, asked)["status"]
        won[status] += 1
        if status == "paid":
            paid.ok(201)
            ended.problem(409, "request_already_paid")
        else:
            ended.ok()
            paid.problem(409, f"request_{status}")
    assert sum(won.values()) == 9


def test_paying_when_it_expires(user, payee):
    """Either paid with a time before, or not at all."""
    asked = ask(user, uses="many", expiresAt=from_now(seconds=1)).ok(201)
    replies, expired = [], False
    while not expired:
        batch = at_once([lambda: settle(payee, asked, amount="0.01") for _ in range(8)])
        replies += batch
        expired = any(r.status != 201 for r in batch)
    assert {r.json["code"] for r in replies if r.status != 201} == {"request_expired"}
    settle(payee, asked, amount="0.01").problem(409, "request_expired")
    paid = [r.json for r in replies if r.status == 201]
    assert paid and all(each["createdAt"] < asked["expiresAt"] for each in paid)
    assert look(user, asked)["payments"]["count"] == len(paid)


def test_one_key_at_once_is_one_request(user):
    key = fresh_key()
    replies = at_once([lambda: ask(user, amount=3, key=key) for _ in range(16)])
    assert len({reply.ok(201)["id"] for reply in replies}) == 1
    fresh = [reply for reply in replies if "idempotent-replayed" not in reply.headers]
    assert len(fresh) == 1


def test_many_pay_what_may_be_paid_many_times(user, new_user):
    people = [new_user() for _ in range(10)]
    asked = ask(user, amount="1.00", uses="many").ok(201)
    replies = at_once([lambda i=i: settle(people[i % 10], asked) for i in range(200)])
    assert all(reply.status == 201 for reply in replies)
    assert look(user, asked)["payments"] == {"count": 200, "amount": 200, "refunded": 0}
