"""Who may ask whom for money: contacts, settings, blocks, and how often."""

import pytest
from harness.holds import capture, hold
from harness.requests import act, ask, look, settle
from harness.users import unique_name


@pytest.fixture
def stranger(new_user):
    return new_user()


def test_only_contacts_may_ask(user, stranger):
    ask(user, stranger, amount=1).problem(403, "request_not_allowed")
    user.pay(stranger, "0.01").ok(201)
    ask(user, stranger, amount=1).ok(201)
    # Either way round.
    ask(stranger, user, amount=1).ok(201)


def test_a_capture_makes_a_contact_as_any_payment_does(user, stranger):
    made = hold(user, stranger, 5).ok(201)
    ask(stranger, user, amount=1).problem(403, "request_not_allowed")
    capture(stranger, made).ok(201)
    ask(stranger, user, amount=1).ok(201)
    ask(user, stranger, amount=1).ok(201)


def test_a_refund_makes_no_contact_but_its_payment_does(user, stranger, new_user):
    third = new_user()
    ask(third, stranger, amount=1).problem(403, "request_not_allowed")
    link = ask(stranger, amount=1).ok(201)
    settle(third, link).ok(201)
    ask(third, stranger, amount=1).ok(201)


def test_who_allows_it_is_asked_by_anyone(user, stranger):
    path = "/api/requests/settings"
    assert stranger.get(path).ok() == {"fromAnyone": False}
    assert stranger.put(path, {"fromAnyone": True}).ok() == {"fromAnyone": True}
    assert stranger.get(path).ok() == {"fromAnyone": True}
    asked = ask(user, stranger, amount=1).ok(201)
    stranger.put(path, {"fromAnyone": False}).ok()
    ask(user, stranger, amount=1).problem(403, "request_not_allowed")
    # What was asked before stays.
    assert look(stranger, asked)["status"] == "open"
    stranger.put(path, {}).problem(422, "validation_failed", {"fromAnyone": "required"})
    stranger.put(path, {"fromAnyone": None}).problem(
        422, "validation_failed", {"fromAnyone": "required"}
    )
    stranger.put(path, {"fromAnyone": "yes"}).problem(
        422, "validation_failed", {"fromAnyone": "wrong_type"}
    )


def test_blocks(user, stranger, new_user):
    stranger.pay(user, 1).ok(201)
    asked = ask(user, stranger, amount=1).ok(201)
    path = f"/api/requests/blocks/{user.id}"
    stranger.put(path).ok(204)
    stranger.put(path).ok(204)
    listed = stranger.get("/api/requests/blocks").ok()
    assert [each["user"]["id"] for each in listed["data"]] == [user.id]
    ask(user, stranger, amount=1).problem(403, "request_not_allowed")
    act(user, asked, "remind").problem(403, "request_not_allowed")
    stranger.put("/api/requests/settings", {"fromAnyone": True}).ok()
    ask(user, stranger, amount=1).problem(403, "request_not_allowed")
    received = {"direction": "received"}
    assert stranger.get("/api/requests", params=received).ok()["data"] == []
    # The other way round it is as before, and so is what they agree on by themselves.
    ask(stranger, user, amount=1).ok(201)
    settle(stranger, asked).ok(201)
    stranger.delete(path).ok(204)
    stranger.delete(path).ok(204)
    assert stranger.get("/api/requests/blocks").ok()["data"] == []
    ask(user, stranger, amount=1).ok(201)
    people = {new_user().id for _ in range(3)}
    for person in people:
        stranger.put(f"/api/requests/blocks/{person}").ok(204)
    first = stranger.get("/api/requests/blocks", params={"limit": 2}).ok()
    rest = stranger.get("/api/requests/blocks", params={"cursor": first["nextCursor"]}).ok()
    assert {each["user"]["id"] for each in first["data"] + rest["data"]} == people


def test_who_cannot_be_blocked(user):
    own, unknown = f"/api/requests/blocks/{user.id}", "019aa4c2-8b21-7d3e-9a40-1c4b6d8e0f22"
    user.put(own).problem(403, "forbidden")
    user.put(f"/api/requests/blocks/{unknown}").problem(404, "user_not_found")
    user.put("/api/requests/blocks/x").problem(
        422, "validation_failed", {"user_id": "invalid_format"}
    )


def test_so_many_to_one_person_a_day(user, stranger, new_user):
    stranger.pay(user, 1).ok(201)
    for _ in range(10):
        ask(user, stranger, amount=1).ok(201)
    ask(user, stranger, amount=1).problem(422, "request_limit_exceeded")
    other = new_user()
    other.pay(user, 1).ok(201)
    ask(user, other, amount=1).ok(201)


def test_so_many_a_day_and_a_reminder_a_day(launch, cluster):
    service = launch()
    user, friend = service.new_user(), service.new_user()
    friend.pay(user, 1).ok(201)
    asked = ask(user, friend, amount=1).ok(201)
    reminded = act(user, asked, "remind").ok()
    assert reminded["remindedAt"]
    act(user, asked, "remind").problem(422, "reminder_too_soon")
    assert look(friend, asked)["remindedAt"] == reminded["remindedAt"]
    cluster.sql("UPDATE payment_requests SET reminded_at = reminded_at - interval '24 hours'")
    act(user, asked, "remind").ok()
    for _ in range(99):
        ask(user, amount=1).ok(201)
    key = unique_name("key")
    ask(user, amount=1, key=key).problem(422, "request_limit_exceeded")
    ask(friend, amount=1).ok(201)


def test_so_many_blocks(launch, cluster):
    service = launch()
    user, other = service.new_user(), service.new_user()
    cluster.sql(
        "INSERT INTO request_blocks (user_id, blocked_id) "
        f"SELECT '{user.id}', gen_random_uuid() FROM generate_series(1, 1000)"
    )
    path = f"/api/requests/blocks/{other.id}"
    user.put(path).problem(422, "request_limit_exceeded")
    cluster.sql(
        "DELETE FROM request_blocks WHERE blocked_id = (SELECT min(blocked_id::text)::uuid FROM "
        f"request_blocks WHERE user_id = '{user.id}')"
    )
    user.put(path).ok(204)
