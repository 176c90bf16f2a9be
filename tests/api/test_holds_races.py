"""Many at once, through two services: what is captured is never more than was held, a hold ends
once, and what is held never exceeds the balance."""

import random
from collections import Counter
from decimal import Decimal

from harness.holds import capture, hold, look, money, release
from harness.many import at_once
from harness.requests import from_now
from harness.users import fresh_key, through
from harness.waiting import wait_until


def verdicts(replies):
    return Counter("ok" if r.status in (200, 201) else r.json["code"] for r in replies)


def doors(two_services):
    """A payer and a payee, each through both services."""
    users, services = two_services
    return [
        [through(person, each) for each in services]
        for person in (users.new_user(), users.new_user())
    ]


def test_a_hundred_captures_never_take_more(two_services):
    payer, payee = doors(two_services)
    made = hold(payer[0], payee[0], 70).ok(201)
    replies = at_once(
        [lambda i=i: capture(payee[i % 2], made, amount=1, final=False) for i in range(100)]
    )
    assert verdicts(replies) == {"ok": 70, "hold_captured": 30}
    after = look(payer[0], made)
    assert (after["status"], after["captured"], after["captures"]) == ("captured", 70, 70)
    assert money(payer[0]) == (930, 0, 930)
    assert payee[0].balance() == 1070
    # In parts that do not fit: what is taken is what was answered.
    made = hold(payer[1], payee[0], 50).ok(201)
    replies = at_once(
        [lambda i=i: capture(payee[i % 2], made, amount=7, final=False) for i in range(100)]
    )
    assert verdicts(replies) == {"ok": 7, "capture_exceeds_hold": 93}
    assert look(payer[0], made)["remaining"] == 1


def test_one_key_captures_once_whichever_service_is_asked(two_services):
    payer, payee = doors(two_services)
    made = hold(payer[0], payee[0], 70).ok(201)
    key, part = fresh_key(), {"amount": 10, "final": False}
    replies = at_once([lambda i=i: capture(payee[i % 2], made, key=key, **part) for i in range(40)])
    assert len({reply.ok(201)["id"] for reply in replies}) == 1
    assert look(payer[0], made)["captured"] == 10


def test_holds_never_exceed_the_balance(two_services):
    payer, payee = doors(two_services)

    def one(i):
        if i % 3 == 0:
            return payer[i % 2].pay(payee[0], 30, key=fresh_key())
        return hold(payer[i % 2], payee[0], 30)

    replies = at_once([lambda i=i: one(i) for i in range(90)])
    assert verdicts(replies) == {"ok": 33, "insufficient_funds": 57}
    balance, held, available = money(payer[0])
    assert (balance - held, available) == (10, 10)
    assert (
        sum(r.status == 201 for r in replies[1::3]) + sum(r.status == 201 for r in replies[2::3])
        == held / 30
    )


def test_capture_release_and_expiry_at_the_same_moment(two_services):
    """What was answered is what has become of it, and the sums agree."""
    users, _ = two_services
    payer, payee = doors(two_services)
    rng = random.Random(11)
    made = [
        hold(payer[0], payee[0], 20, expiresAt=from_now(seconds=4 + i % 3)).ok(201)
        for i in range(30)
    ]
    taken: Counter = Counter()

    def one(i):
        held = rng.choice(made)
        door = payee[rng.randrange(2)]
        if i % 9 == 0:
            reply = release(door, held)
            assert reply.status == 200 or reply.json["code"] == "hold_captured"
            return
        reply = capture(door, held, amount=rng.randrange(1, 9), final=rng.random() < 0.1)
        if reply.status == 201:
            taken[held["id"]] += reply.json["amount"]
        else:
            assert reply.json["code"] in (
                *("hold_captured", "hold_released", "hold_expired", "capture_exceeds_hold"),
            )

    def all_ended():
        return all(look(payer[0], held)["status"] != "open" for held in made)

    while not all_ended():
        at_once([lambda i=i: one(i) for i in range(60)])
    wait_until(lambda: money(payer[0])[1] == 0, 30, "nothing is held")
    after = [look(payer[1], held) for held in made]
    assert all(held["captured"] == taken[held["id"]] for held in after)
    assert all(held["captured"] <= 20 for held in after)
    total = Decimal(sum(taken.values()))
    assert money(payer[0]) == (1000 - total, 0, 1000 - total)
    assert payee[0].balance() == 1000 + total
    assert users.run("audit").returncode == 0
