"""Splits: a sum among people, each asked by a request; all or none; what has become of it."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness import amounts, requests
from harness.holds import capture, hold
from harness.requests import act, ask, from_now, settle
from harness.splits import cancel, look, split
from harness.users import fresh_key, unique_name

NO_ID = "019aa4c2-8b21-7d3e-9a40-1c4b6d8e0f22"
NOBODY = {"open": 0, "paid": 0, "declined": 0, "cancelled": 0, "expired": 0}


@pytest.fixture
def friends(user, new_user):
    """Three contacts of the user, by their ids."""
    people = [new_user() for _ in range(3)]
    for person in people:
        person.pay(user, "1.00").ok(201)
    return sorted(people, key=lambda person: person.id)


def parts(made: dict) -> list[tuple[Decimal, bool]]:
    return [(person["request"]["amount"], person["extra"]) for person in made["people"]]


def sent(person) -> list[dict]:
    return person.get("/api/requests", params={"direction": "sent"}).ok()["data"]


def test_equal_parts_and_who_pays_the_piastre_that_is_left(user, friends):
    answer = split(
        user, friends, amount="100.00", note="Dinner", includeMe=True, expiresAt=from_now(days=2)
    )
    made = answer.ok(201)
    assert answer.headers["location"] == f"/api/splits/{made['id']}"
    assert (made["mode"], made["amount"], made["note"]) == ("equal", 100, "Dinner")
    assert made["own"] == {"amount": 25, "shares": 1, "extra": False}
    assert parts(made) == [(25, False)] * 3
    assert made["counts"] == {**NOBODY, "open": 3}
    assert made["payments"] == {"count": 0, "amount": 0, "refunded": 0}

    # Who splits is first, then the smaller id, in whatever order they are named.
    made = split(user, friends, amount="100.02", includeMe=True).ok(201)
    assert made["own"] == {"amount": Decimal("25.01"), "shares": 1, "extra": True}
    first, second, third = parts(made)
    assert (first, second, third) == ((Decimal("25.01"), True), (25, False), (25, False))
    made = split(user, friends[::-1], amount="100.00").ok(201)
    assert made["own"] is None
    third, other = (Decimal("33.34"), True), (Decimal("33.33"), False)
    assert parts(made) == [other, other, third]
    assert [each["request"]["payer"]["id"] for each in made["people"]] == [
        person.id for person in friends[::-1]
    ]


def test_by_shares(user, friends):
    people = [{"to": person.id, "shares": n} for n, person in enumerate(friends, 1)]
    made = split(user, people, amount="1.00", mode="shares").ok(201)
    # Exact: 16.6…, 33.3…, 50 piastres.
    assert parts(made) == [
        (Decimal("0.17"), True),
        (Decimal("0.33"), False),
        (Decimal("0.5"), False),
    ]
    assert [person["shares"] for person in made["people"]] == [1, 2, 3]
    made = split(user, people, amount="12.00", mode="shares", includeMe=True, myShares=6).ok(201)
    assert made["own"] == {"amount": 6, "shares": 6, "extra": False}


def test_by_amounts_that_must_add_up(user, friends):
    people = [{"to": person.id, "amount": "10.05"} for person in friends]
    whole = {"mode": "amounts", "includeMe": True, "myAmount": "9.85"}
    made = split(user, people, amount="40.00", **whole).ok(201)
    assert made["own"] == {"amount": Decimal("9.85"), "shares": None, "extra": False}
    assert parts(made) == [(Decimal("10.05"), False)] * 3
    low = split(user, people, amount="40.05", **whole).problem(422, "split_amounts_mismatch")
    assert (low["limit"], low["left"]) == (Decimal("40.05"), Decimal("0.05"))
    assert "0.05 too little" in low["detail"]
    high = split(user, people, amount="39.99", **whole).problem(422, "split_amounts_mismatch")
    assert (high["limit"], high["left"]) == (Decimal("39.99"), Decimal("-0.01"))
    assert len(sent(user)) == 3


def test_the_largest_sums(user, friends):
    most = "90000000000000.00"
    assert split(user, friends, amount=most, includeMe=True).ok(201)["amount"] == Decimal(most)
    people = [{"to": person.id, "amount": most} for person in friends]
    over = split(user, people, amount=most, mode="amounts").problem(422, "split_amounts_mismatch")
    assert over["left"] == -2 * Decimal(most)


def test_what_has_become_of_it(user, friends, new_user, operator):
    payer, decliner, open_one = friends
    made = split(user, friends, amount=30).ok(201)
    asked = {person["request"]["payer"]["id"]: person["request"] for person in made["people"]}
    for person in friends:
        received = person.get("/api/requests", params={"direction": "received"}).ok()["data"]
        assert [each["splitId"] for each in received] == [made["id"]]
    paid = settle(payer, asked[payer.id]).ok(201)
    act(decliner, asked[decliner.id], "decline").ok()
    user.post(f"/api/transactions/{paid['id']}/refund", {"amount": "2.50"}).ok(201)
    now = look(user, made)
    assert now["counts"] == {**NOBODY, "open": 1, "paid": 1, "declined": 1}
    assert now["payments"] == {"count": 1, "amount": 10, "refunded": Decimal("2.50")}
    for person in now["people"]:
        request = requests.look(user, person["request"])
        assert request.pop("payments")["count"] == (request["status"] == "paid")
        assert request == person["request"]
    assert look(operator, made)["counts"] == now["counts"]
    listed = user.get("/api/splits").ok()["data"][0]
    assert listed == {name: value for name, value in now.items() if name != "people"}

    # The parts of a split are nobody's business but of who made it.
    for person in (payer, new_user()):
        person.get(f"/api/splits/{made['id']}").problem(404, "split_not_found")
        cancel(person, made).problem(404, "split_not_found")
    cancel(operator, made).problem(403, "forbidden")

    after = cancel(user, made).ok()
    assert after["counts"] == {**NOBODY, "cancelled": 1, "paid": 1, "declined": 1}
    assert cancel(user, made).ok() == after == look(user, made)
    settle(open_one, asked[open_one.id]).problem(409, "request_cancelled")


def test_a_payment_is_split(user, friends, payee):
    paid = user.pay(payee, "60.00").ok(201)["id"]
    made = split(user, friends, payment=paid, includeMe=True).ok(201)
    assert (made["payment"], made["amount"]) == (paid, 60)
    assert [amount for amount, _ in parts(made)] == [15, 15, 15]
    assert split(user, friends, payment=paid, amount="30.00").ok(201)["amount"] == 30
    split(user, friends, payment=paid, amount="60.01").problem(
        422, "validation_failed", {"amount": "out_of_range"}
    )
    # Of what was taken from money set aside, too; not of what one was paid, nor of a hold.
    held = hold(user, payee, 9).ok(201)
    taken = capture(payee, held).ok(201)["id"]
    assert split(user, friends, payment=taken).ok(201)["amount"] == 9
    split(payee, [user], payment=paid).problem(422, "validation_failed", {"payment": "not_allowed"})
    for other in (NO_ID, friends[0].pay(payee, 1).ok(201)["id"]):
        split(user, friends, payment=other).problem(404, "transaction_not_found")


def test_if_one_cannot_be_asked_nobody_is(user, friends, new_user):
    first, blocker, last = friends
    blocker.put(f"/api/requests/blocks/{user.id}").ok(204)
    key = fresh_key()
    refused = split(user, friends, amount=30, key=key).problem(403, "request_not_allowed")
    assert [(each["field"], each["code"]) for each in refused["errors"]] == [
        ("people[1].to", "not_allowed")
    ]
    stranger = new_user()
    refused = split(user, [first, stranger], amount=30).problem(403, "request_not_allowed")
    assert [each["field"] for each in refused["errors"]] == ["people[1].to"]
    assert sent(user) == [] and user.get("/api/splits").ok()["data"] == []
    # The key of what was refused is free.
    blocker.delete(f"/api/requests/blocks/{user.id}").ok(204)
    split(user, friends, amount=30, key=key).ok(201)
    assert len(sent(user)) == 3


def test_the_limits_of_requests_hold(user, friends):
    for _ in range(10):
        ask(user, friends[1], amount=1).ok(201)
    split(user, friends, amount=30).problem(422, "request_limit_exceeded")
    assert len(sent(user)) == 10
    split(user, [friends[0], friends[2]], amount=30).ok(201)


def test_whose_account_is_frozen_asks_nobody(user, friends, operator):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": "Checks"}).ok()
    split(user, friends, amount=30).problem(403, "account_frozen")


def test_a_key_is_one_split(user, friends):
    key = fresh_key()
    fields = {"amount": "10.00", "note": "Tea", "includeMe": True}
    first = split(user, friends, key=key, **fields)
    made = first.ok(201)
    again = split(user, friends, key=key, **{**fields, "amount": 10, "note": " Tea "})
    assert again.ok(201) == made and again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    for changed in (
        {"amount": 11}, {"note": "T"}, {"includeMe": False}, {"expiresAt": from_now(days=1)},
    ):  # fmt: skip
        split(user, friends, key=key, **{**fields, **changed}).problem(
            422, "idempotency_key_reused"
        )
    split(user, friends[:2], key=key, **fields).problem(422, "idempotency_key_reused")
    # The first answer for ever, whatever has become of it.
    settle(friends[0], made["people"][0]["request"]).ok(201)
    cancel(user, made).ok()
    friends[1].put(f"/api/requests/blocks/{user.id}").ok(204)
    assert split(user, friends, key=key, **fields).ok(201) == made
    assert len(sent(user)) == 3
    # Of somebody else it is another key.
    split(friends[0], [user], key=key, amount=1).ok(201)
    user.post("/api/splits", {"amount": 1, "people": [{"to": friends[0].id}]}).problem(
        428, "idempotency_key_required"
    )


def test_the_same_split_many_times_at_once(user, friends):
    key = fresh_key()
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: split(user, friends, key=key, amount=30).ok(201), range(8))
        )
    assert all(answer == answers[0] for answer in answers)
    assert len(sent(user)) == 3


def test_a_split_is_paid_while_it_is_cancelled(user, friends):
    """Each part is paid or cancelled, and never both."""
    made = split(user, friends, amount=30).ok(201)
    with ThreadPoolExecutor(4) as pool:
        paid = [
            pool.submit(settle, person, part["request"])
            for person, part in zip(friends, made["people"], strict=True)
        ]
        cancelled = pool.submit(cancel, user, made)
        cancelled.result().ok()
        succeeded = sum(answer.result().status == 201 for answer in paid)
    after = look(user, made)
    assert after["counts"] == {**NOBODY, "paid": succeeded, "cancelled": 3 - succeeded}
    assert after["payments"]["amount"] == 10 * succeeded


def test_who_is_named_twice_or_is_oneself_or_nobody(user, friends):
    first = friends[0]
    split(user, [first, friends[1], first.username], amount=3).problem(
        422, "validation_failed", {"people[2].to": "not_allowed"}
    )
    split(user, [first, user.email], amount=3).problem(422, "self_transfer")
    for nobody in (NO_ID, unique_name("nobody"), "nobody@example.com"):
        refused = split(user, [first, nobody], amount=3).problem(404, "user_not_found")
        assert [each["field"] for each in refused["errors"]] == ["people[1].to"]
    assert sent(user) == []


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"amount": "required"}),
        ({"amount": None, "payment": None}, {"amount": "required"}),
        ({"amount": 5, "mode": "fair"}, {"mode": "not_allowed"}),
        ({"payment": "x"}, {"payment": "invalid_format"}),
        ({"amount": 5, "people": []}, {"people": "too_short"}),
        ({"amount": 5, "people": [{"to": "x"}] * 51}, {"people": "too_long"}),
        ({"amount": 5, "people": [{}]}, {"people[0].to": "required"}),
        ({"amount": 5, "people": ["x"]}, {"people[0]": "wrong_type"}),
        ({"amount": 5, "people": [{"to": "x", "shares": 1}]}, {"people[0].shares": "not_allowed"}),
        ({"amount": 5, "people": [{"to": "x", "amount": 1}]}, {"people[0].amount": "not_allowed"}),
        ({"amount": 5, "mode": "shares"}, {"people[0].shares": "required"}),
        *(
            (
                {"amount": 5, "mode": "shares", "people": [{"to": "x", "shares": shares}]},
                {"people[0].shares": code},
            )
            for shares, code in ((0, "out_of_range"), (10_001, "out_of_range"))
        ),
        ({"amount": 5, "mode": "amounts"}, {"people[0].amount": "required"}),
        (
            {"amount": 5, "mode": "amounts", "people": [{"to": "x", "amount": 0}]},
            {"people[0].amount": "out_of_range"},
        ),
        ({"amount": 5, "myShares": 1}, {"myShares": "not_allowed"}),
        ({"amount": 5, "includeMe": True, "myAmount": 1}, {"myAmount": "not_allowed"}),
        (
            {"amount": 5, "mode": "shares", "includeMe": True,
             "people": [{"to": "x", "shares": 1}]},
            {"myShares": "required"},
        ),
        ({"amount": 5, "note": "x" * 141}, {"note": "too_long"}),
        ({"amount": 5, "expiresAt": from_now(seconds=-1)}, {"expiresAt": "out_of_range"}),
        ({"amount": 5, "expiresAt": from_now(days=367)}, {"expiresAt": "out_of_range"}),
        ({"amount": 5, "to": "x"}, {"to": "unknown_field"}),
    ],
)  # fmt: skip
def test_bad_fields(user, fields, errors):
    body = {"people": [{"to": "somebody"}], **fields}
    user.post("/api/splits", body, key=fresh_key()).problem(422, "validation_failed", errors)


@pytest.mark.parametrize(("amount", "code"), amounts.literals(amounts.BAD))
def test_bad_amounts(user, amount, code):
    refused = split(user, ["somebody"], amount=amount).problem(422, "validation_failed")
    assert refused["errors"][0]["field"] == "amount"
    assert amount == "null" or refused["errors"][0]["code"] == code


def test_nobody_has_a_part_of_nothing(user, friends):
    split(user, friends, amount="0.02").problem(
        422, "validation_failed", {"amount": "out_of_range"}
    )
    assert [amount for amount, _ in parts(split(user, friends, amount="0.03").ok(201))] == [
        Decimal("0.01")
    ] * 3


def test_lists(user, friends):
    made = [split(user, friends, amount=3).ok(201)["id"] for _ in range(3)]
    first = user.get("/api/splits", params={"limit": 2}).ok()
    rest = user.get("/api/splits", params={"limit": 2, "cursor": first["nextCursor"]}).ok()
    assert [each["id"] for each in first["data"] + rest["data"]] == made[::-1]
    assert (first["hasMore"], rest["hasMore"], rest["nextCursor"]) == (True, False, None)
    assert friends[0].get("/api/splits").ok()["data"] == []
    user.get("/api/splits", params={"cursor": "x", "limit": 0}).problem(
        422, "validation_failed", {"cursor": "invalid_format", "limit": "out_of_range"}
    )
    user.get(f"/api/splits/{NO_ID}").problem(404, "split_not_found")
    user.get("/api/splits/x").problem(422, "validation_failed", {"id": "invalid_format"})


def test_the_split_of_who_is_erased_says_nothing_more(user, friends, operator):
    made = split(user, friends, amount=30, note="Secret words").ok(201)
    settle(friends[0], made["people"][0]["request"]).ok(201)
    operator.close_account(user).ok()
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "Asked for"}).ok()
    after = look(operator, made)
    assert (after["note"], after["counts"]) == (None, {**NOBODY, "paid": 1, "cancelled": 2})
