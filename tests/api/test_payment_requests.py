"""Payment requests: asking one person or by a link, what becomes of a request, who may what."""

from decimal import Decimal

import pytest
from harness import amounts
from harness.requests import act, ask, from_now, look, settle
from harness.users import fresh_key, unique_name
from harness.waiting import wait_until

NO_ID = "019aa4c2-8b21-7d3e-9a40-1c4b6d8e0f22"


@pytest.fixture
def friend(user, new_user):
    """Somebody who has paid the user: a contact."""
    person = new_user()
    person.pay(user, "1.00").ok(201)
    return person


def test_one_person_is_asked_and_pays(user, friend):
    asked = ask(user, friend, amount="25.50", note="Dinner", expiresAt=from_now(days=2)).ok(201)
    assert (asked["status"], asked["uses"], asked["amount"]) == ("open", "once", Decimal("25.50"))
    assert (asked["payee"]["id"], asked["payer"]["id"]) == (user.id, friend.id)
    assert asked["code"] is None
    assert look(friend, asked)["note"] == "Dinner"
    before = friend.balance()
    paid = settle(friend, asked).ok(201)
    assert (paid["senderId"], paid["receiverId"]) == (friend.id, user.id)
    assert (paid["amount"], paid["note"], paid["requestId"]) == (
        Decimal("25.50"), "Dinner", asked["id"],
    )  # fmt: skip
    assert paid["balance"] == friend.balance() == before - Decimal("25.50")
    for person in (user, friend):
        assert person.history()[0]["requestId"] == asked["id"]
        read = person.get(f"/api/transactions/{paid['id']}").ok()
        assert (read["id"], read["requestId"]) == (paid["id"], asked["id"])
    after = look(user, asked)
    assert (after["status"], after["transactionId"]) == ("paid", paid["id"])
    assert after["paidAt"] == paid["createdAt"]
    assert after["payments"] == {"count": 1, "amount": Decimal("25.50"), "refunded": 0}
    settle(friend, asked).problem(409, "request_already_paid")
    assert friend.balance() == paid["balance"]


def test_the_money_can_be_given_back_and_it_stays_paid(user, friend):
    asked = ask(user, friend, amount=10).ok(201)
    paid = settle(friend, asked).ok(201)
    refund = f"/api/transactions/{paid['id']}/refund"
    user.post(refund, {"amount": "4.00"}).ok(201)
    after = look(user, asked)
    assert (after["status"], after["refunded"]) == ("paid", 4)
    assert after["payments"] == {"count": 1, "amount": 10, "refunded": 4}
    user.post(refund, {}).ok(201)
    assert look(friend, asked)["refunded"] == 10
    settle(friend, asked).problem(409, "request_already_paid")
    act(user, asked, "cancel").problem(409, "request_already_paid")


def test_by_id_by_address_or_by_username(user, friend):
    for to in (friend.id, friend.id.upper(), friend.email, friend.email.upper(), friend.username):
        assert ask(user, to, amount=1).ok(201)["payer"]["id"] == friend.id


def test_a_link_that_is_paid_many_times(user, payee, new_user):
    asked = ask(user, uses="many", note="Stall").ok(201)
    assert (asked["uses"], asked["amount"], asked["payer"]) == ("many", None, None)
    assert len(asked["code"]) == 22
    settle(payee, asked).problem(422, "validation_failed", {"amount": "required"})
    settle(payee, asked, amount="3.00").ok(201)
    assert look(user, asked)["status"] == "partly_paid"
    settle(payee, asked, amount="3.00").ok(201)
    settle(new_user(), asked, amount="4.50").ok(201)
    after = look(user, asked)
    assert after["payments"] == {"count": 3, "amount": Decimal("10.50"), "refunded": 0}
    assert after["transactionId"] is None
    cancelled = act(user, asked, "cancel").ok()
    assert cancelled["status"] == "cancelled" and cancelled["paidAt"] == after["paidAt"]
    settle(payee, asked, amount="3.00").problem(409, "request_cancelled")


def test_what_a_link_shows(client, user, payee):
    asked = ask(user, amount="12.00", note="Book").ok(201)
    path = f"/api/requests/links/{asked['code']}"
    shown = client.get(path)
    assert shown.ok() == {
        "payeeName": user.profile()["displayName"],
        "amount": 12,
        "currency": "EGP",
        "note": "Book",
        "status": "open",
    }
    assert shown.headers["cache-control"] == "no-store"
    signed_in = payee.get(f"/api/requests/by-code/{asked['code']}").ok()
    assert signed_in["id"] == asked["id"]
    # What becomes of it is not a stranger's to know, nor is the link.
    assert not {"transactionId", "paidAt", "refunded", "code", "payments"} & set(signed_in)
    settle(payee, signed_in).ok(201)
    assert client.get(path).ok()["status"] == "paid"
    for unknown in ("x", asked["code"][:-1], asked["code"].swapcase(), NO_ID):
        client.get(f"/api/requests/links/{unknown}").problem(404, "request_not_found")
        payee.get(f"/api/requests/by-code/{unknown}").problem(404, "request_not_found")


def test_the_links_are_counted_against_the_address(launch):
    """Codes cannot be tried without end, though no account is needed."""
    service = launch(RATE_LIMIT_ADDRESS_PER_S="2")
    tries = [service.client.get("/api/requests/links/x", service="transaction") for _ in range(20)]
    assert {reply.json["code"] for reply in tries} == {"request_not_found", "rate_limited"}


def test_what_is_fixed_is_not_the_payers_to_change(user, friend):
    asked = ask(user, friend, amount="20.00").ok(201)
    for amount in ("19.99", "20.01", "0.01"):
        settle(friend, asked, amount=amount).problem(422, "request_amount_fixed")
    settle(friend, asked, note="mine").problem(422, "validation_failed", {"note": "unknown_field"})
    assert settle(friend, asked, amount="20").ok(201)["amount"] == 20


def test_declined_and_cancelled_are_never_paid(user, friend):
    asked = ask(user, friend, amount=5).ok(201)
    declined = act(friend, asked, "decline", reason="Not mine").ok()
    assert (declined["status"], declined["declineReason"]) == ("declined", "Not mine")
    assert look(user, asked)["declineReason"] == "Not mine"
    settle(friend, asked).problem(409, "request_declined")
    act(user, asked, "cancel").problem(409, "request_declined")
    act(user, asked, "remind").problem(409, "request_declined")
    # Once more changes nothing.
    again = act(friend, asked, "decline", reason="Another").ok()
    assert again["declineReason"] == "Not mine"

    asked = ask(user, friend, amount=5).ok(201)
    assert act(user, asked, "cancel").ok()["status"] == "cancelled"
    assert act(user, asked, "cancel").ok()["closedAt"] == look(user, asked)["closedAt"]
    settle(friend, asked).problem(409, "request_cancelled")
    act(friend, asked, "decline").problem(409, "request_cancelled")
    act(user, asked, "remind").problem(409, "request_cancelled")


def test_expired_is_never_paid(user, friend):
    asked = ask(user, friend, amount=5, expiresAt=from_now(seconds=1)).ok(201)
    many = ask(user, uses="many", expiresAt=from_now(seconds=1)).ok(201)
    settle(friend, many, amount=1).ok(201)
    wait_until(lambda: look(user, asked)["status"] == "expired", 10, "it expires")
    wait_until(lambda: look(user, many)["status"] == "expired", 10, "the other one, too")
    settle(friend, asked).problem(409, "request_expired")
    settle(friend, many, amount=1).problem(409, "request_expired")
    act(user, asked, "cancel").problem(409, "request_expired")
    act(friend, asked, "decline").problem(409, "request_expired")
    act(user, asked, "remind").problem(409, "request_expired")
    listed = user.get("/api/requests", params={"status": "expired"}).ok()["data"]
    assert [each["id"] for each in listed] == [many["id"], asked["id"]]
    assert look(user, many)["payments"]["count"] == 1


def test_who_may_see_and_do_what(user, friend, new_user, operator, auditor):
    stranger = new_user()
    asked = ask(user, friend, amount=5).ok(201)
    for verb in ("cancel", "decline", "remind"):
        act(stranger, asked, verb).problem(404, "request_not_found")
    stranger.get(f"/api/requests/{asked['id']}").problem(404, "request_not_found")
    settle(stranger, asked).problem(404, "request_not_found")
    act(friend, asked, "cancel").problem(403, "forbidden")
    act(friend, asked, "remind").problem(403, "forbidden")
    act(user, asked, "decline").problem(403, "forbidden")
    settle(user, asked).problem(422, "self_transfer")
    for staff in (operator, auditor):
        assert look(staff, asked)["payments"]["count"] == 0
        act(staff, asked, "cancel").problem(403, "forbidden")
    assert look(user, asked)["status"] == "open"
    missing = {"id": NO_ID}
    user.get(f"/api/requests/{NO_ID}").problem(404, "request_not_found")
    settle(user, missing).problem(404, "request_not_found")
    act(user, missing, "cancel").problem(404, "request_not_found")
    link = ask(user, amount=5).ok(201)
    act(user, link, "remind").problem(403, "forbidden")
    act(stranger, link, "cancel").problem(403, "forbidden")
    assert "closedAt" not in look(stranger, link)
    assert "code" not in look(operator, link)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"amount": "5", "uses": "twice"}, {"uses": "not_allowed"}),
        ({"amount": "5", "uses": 1}, {"uses": "wrong_type"}),
        ({"to": 7}, {"to": "wrong_type"}),
        ({"to": "x" * 255}, {"to": "too_long"}),
        ({"to": "somebody", "uses": "many"}, {"uses": "not_allowed"}),
        ({"note": "x" * 141}, {"note": "too_long"}),
        ({"note": "a\u202eb"}, {"note": "invalid_format"}),
        ({"expiresAt": "tomorrow"}, {"expiresAt": "invalid_format"}),
        ({"expiresAt": "2026-11-26"}, {"expiresAt": "invalid_format"}),
        ({"expiresAt": from_now(seconds=-1)}, {"expiresAt": "out_of_range"}),
        ({"expiresAt": from_now(days=367)}, {"expiresAt": "out_of_range"}),
        ({"payee": "x"}, {"payee": "unknown_field"}),
    ],
)
def test_bad_fields(user, fields, errors):
    user.post("/api/requests", fields).problem(422, "validation_failed", errors)


@pytest.mark.parametrize(("amount", "code"), amounts.literals(amounts.BAD))
def test_bad_amounts(user, amount, code):
    if amount == "null":  # as good as none
        assert ask(user, amount=amount).ok(201)["amount"] is None
    else:
        ask(user, amount=amount).problem(422, "validation_failed", {"amount": code})


def test_whom_nobody_knows(user):
    for to in (unique_name("nobody"), "nobody@example.com", NO_ID, "no one"):
        ask(user, to, amount=1).problem(404, "user_not_found")
    ask(user, user, amount=1).problem(422, "self_transfer")
    ask(user, user.username, amount=1).problem(422, "self_transfer")


def test_bad_paths_and_bodies(user, friend):
    asked = ask(user, friend, amount=5).ok(201)
    for verb in ("cancel", "remind"):
        user.post(f"/api/requests/x/{verb}").problem(
            422, "validation_failed", {"id": "invalid_format"}
        )
    act(friend, asked, "decline", reason="x" * 141).problem(
        422, "validation_failed", {"reason": "too_long"}
    )
    friend.post(f"/api/requests/{asked['id']}/pay", {}).problem(428, "idempotency_key_required")
    settle(friend, asked, amount="-1").problem(422, "validation_failed", {"amount": "out_of_range"})
    user.get("/api/requests", params={"status": "late", "direction": "up", "cursor": "x"}).problem(
        422,
        "validation_failed",
        {"status": "not_allowed", "direction": "not_allowed", "cursor": "invalid_format"},
    )


def test_a_key_of_a_creation_is_one_request(user, friend):
    key = fresh_key()
    first = ask(user, friend, amount="5.00", note="Tea", key=key)
    asked = first.ok(201)
    again = ask(user, friend, amount=5, note=" Tea ", key=key)
    assert again.ok(201) == asked
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    ask(user, friend, amount=6, note="Tea", key=key).problem(422, "idempotency_key_reused")
    # The first answer for ever, whatever has become of the request and of who was asked.
    act(friend, asked, "decline").ok()
    friend.put(f"/api/requests/blocks/{user.id}").ok(204)
    assert ask(user, friend, amount=5, note="Tea", key=key).ok(201) == asked
    # Of somebody else it is another key.
    ask(friend, user, amount=5, key=key).ok(201)


def test_a_key_of_a_payment_has_one_answer(user, friend):
    asked = ask(user, friend, amount=5).ok(201)
    key = fresh_key()
    first = settle(friend, asked, key=key).ok(201)
    again = settle(friend, asked, key=key)
    assert again.ok(201) == first and again.headers["idempotent-replayed"] == "true"
    settle(friend, asked, amount=5, key=key).problem(422, "idempotency_key_reused")
    friend.pay(user, 5, key=key).problem(422, "idempotency_key_reused")
    # What was refused leaves its key free.
    declined = ask(user, friend, amount=5).ok(201)
    act(friend, declined, "decline").ok()
    free = fresh_key()
    settle(friend, declined, key=free).problem(409, "request_declined")
    friend.pay(user, 1, key=free).ok(201)


def test_lists(user, friend):
    made = [ask(user, friend, amount=i).ok(201) for i in range(1, 6)]
    settle(friend, made[0]).ok(201)
    act(friend, made[1], "decline").ok()
    act(user, made[2], "cancel").ok()

    def ids(person, **params):
        found, cursor = [], {}
        while True:
            page = person.get("/api/requests", params={"limit": 2, **params, **cursor}).ok()
            found += [each["id"] for each in page["data"]]
            if not page["hasMore"]:
                assert page["nextCursor"] is None
                return found
            cursor = {"cursor": page["nextCursor"]}

    everything = [each["id"] for each in reversed(made)]
    assert (
        ids(user) == ids(user, direction="sent") == ids(friend, direction="received") == everything
    )
    assert ids(user, direction="received") == ids(friend) == []
    for status, which in (
        ("open", [4, 3]), ("paid", [0]), ("declined", [1]), ("cancelled", [2]), ("expired", []),
    ):  # fmt: skip
        wanted = [made[i]["id"] for i in which]
        assert (
            ids(user, status=status) == ids(friend, direction="received", status=status) == wanted
        )


def test_limits_and_statuses_of_the_payer_hold(user, friend, operator):
    rich = ask(user, friend, amount="1000000.00").ok(201)
    settle(friend, rich).problem(422, "insufficient_funds")
    asked = ask(user, friend, amount=5).ok(201)
    operator.patch(f"/api/users/{friend.id}", {"status": "frozen", "reason": "Checks"}).ok()
    settle(friend, asked).problem(422, "sender_frozen")
    operator.patch(f"/api/users/{friend.id}", {"status": "active", "reason": "Fine"}).ok()
    operator.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": "Checks"}).ok()
    settle(friend, asked).problem(422, "receiver_unavailable")
    ask(user, friend, amount=1).problem(403, "account_frozen")
    operator.patch(f"/api/users/{user.id}", {"status": "active", "reason": "Fine"}).ok()
    assert look(user, asked)["status"] == "open"
    settle(friend, asked).ok(201)


def test_erasure_takes_what_was_written(user, friend, operator):
    """The payee's words go on both sides; the payer's entry of them is the payee's note."""
    paid = ask(user, friend, amount=5, note="Secret words").ok(201)
    settle(friend, paid).ok(201)
    waiting = ask(user, friend, amount=5, note="More words").ok(201)
    received = ask(friend, user, amount=5).ok(201)
    refused = ask(friend, user, amount=5).ok(201)
    act(user, refused, "decline", reason="My words").ok()
    operator.close_account(user).ok()
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "Asked for"}).ok()
    for asked, status in (
        (paid, "paid"), (waiting, "cancelled"), (received, "declined"), (refused, "declined"),
    ):  # fmt: skip
        now = look(friend, asked)
        assert (now["status"], now["note"], now["declineReason"]) == (status, None, None)
    assert "words" not in str(friend.history())


def test_erasure_of_the_payer_leaves_what_the_payee_wrote(user, friend, operator):
    asked = ask(user, friend, amount=5, note="Mine to keep").ok(201)
    settle(friend, asked).ok(201)
    operator.close_account(friend).ok()
    operator.post(f"/api/users/{friend.id}/erasure", {"reason": "Asked for"}).ok()
    assert look(user, asked)["note"] == "Mine to keep"
    assert "Mine to keep" in [entry["note"] for entry in user.history()]


def test_an_address_that_is_another_persons_now(user, friend, new_user, operator):
    ask(user, friend.email, amount=1).ok(201)
    operator.close_account(friend).ok()
    operator.post(f"/api/users/{friend.id}/erasure", {"reason": "Asked for"}).ok()
    successor = new_user(email=friend.email)
    successor.pay(user, 1).ok(201)
    assert ask(user, friend.email, amount=1).ok(201)["payer"]["id"] == successor.id


def test_what_came_in_is_told_to_who_asks(user, friend, new_user, operator):
    asked = ask(user, uses="many").ok(201)
    path = f"/api/requests/{asked['id']}/payments"
    assert user.get(path).ok() == {"data": [], "hasMore": False, "nextCursor": None}
    people = [friend, new_user(), friend]
    paid = [settle(person, asked, amount=n).ok(201)["id"] for n, person in enumerate(people, 1)]
    friend.pay(user, "9.00").ok(201)
    user.post(f"/api/transactions/{paid[1]}/refund", {"amount": "1.50"}).ok(201)
    first = user.get(path, params={"limit": 2}).ok()
    rest = user.get(path, params={"limit": 2, "cursor": first["nextCursor"]}).ok()
    assert [each["id"] for each in first["data"] + rest["data"]] == paid[::-1]
    assert (first["hasMore"], rest["hasMore"]) == (True, False)
    assert first["data"][1]["refunded"] == Decimal("1.50")
    assert {each["id"]: each for each in user.history()}[paid[0]] == rest["data"][0]
    assert operator.get(path).ok()["data"] == user.get(path).ok()["data"]
    friend.get(path).problem(403, "forbidden")
    user.get(f"/api/requests/{NO_ID}/payments").problem(404, "request_not_found")
    user.get(path, params={"cursor": "x"}).problem(
        422, "validation_failed", {"cursor": "invalid_format"}
    )


def test_the_codes_of_this_installation_have_a_name(client, launch):
    assert client.get("/api/requests/codes").ok() == {"guid": "app.mini-instapay"}
    platform = launch(PAYMENT_CODE_GUID="com.example.pay")
    assert platform.client.get("/api/requests/codes").ok() == {"guid": "com.example.pay"}
