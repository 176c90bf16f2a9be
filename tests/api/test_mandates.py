"""Mandates: proposing, accepting and ending them, and announcing what is drawn. What is paid of it
is in test_mandate_draws.py."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from harness import amounts
from harness.exact_json import Literal
from harness.factors import aged, enrol, renew, step_up
from harness.mandates import CAIRO, accept, act, agreed, draw, look, look_at_draw, propose, refuse
from harness.notices import wait_for
from harness.users import fresh_key

NO_ID = "019aa4c2-8b21-7d3e-9a40-1c4b6d8e0f22"
MANDATE = {
    *("id", "status", "payer", "payee", "perDraw", "perMonth", "currency", "note", "timeZone"),
    *("createdAt", "acceptedAt", "expiresAt", "endedAt", "endReason", "leftThisMonth", "next"),
}


@pytest.fixture
def payee(user, new_user):
    """Somebody who has paid the user: a contact."""
    person = new_user()
    person.pay(user, "1.00").ok(201)
    return person


def moment_of(text):
    return datetime.datetime.fromisoformat(text)


def test_a_mandate_is_proposed_accepted_and_cancelled(user, payee):
    reply = propose(payee, user, "100.00", "250.00", note="Gym")
    made = reply.ok(201)
    assert reply.headers["location"] == f"/api/mandates/{made['id']}"
    assert set(made) == MANDATE
    assert (made["status"], made["perDraw"], made["perMonth"]) == ("proposed", 100, 250)
    assert (made["payer"]["id"], made["payee"]["id"]) == (user.id, payee.id)
    assert (made["note"], made["timeZone"], made["leftThisMonth"]) == ("Gym", None, None)
    (told,) = wait_for(user, "mandate_proposed")
    assert (told["mandateId"], told["amount"]) == (made["id"], 100)
    assert (told["person"]["id"], told["note"]) == (payee.id, "Gym")
    draw(payee, made).problem(409, "mandate_not_accepted")

    active = accept(user, made).ok()
    assert (active["status"], active["timeZone"]) == ("active", CAIRO)
    assert active["acceptedAt"] and active["leftThisMonth"] == 250
    assert accept(user, made).ok() == active, "once more changes nothing"
    act(user, made, "decline").problem(409, "mandate_accepted")
    wait_for(payee, "mandate_accepted")
    assert user.balance() == 1001, "nothing is drawn by that"

    ended = act(user, made, "cancel").ok()
    assert (ended["status"], ended["endReason"]) == ("cancelled", "payer")
    assert act(payee, made, "cancel").ok() == ended
    wait_for(payee, "mandate_cancelled")
    accept(user, made).problem(409, "mandate_ended")
    draw(payee, made).problem(409, "mandate_ended")


def test_declined_and_taken_back(user, payee):
    made = propose(payee, user).ok(201)
    declined = act(user, made, "decline").ok()
    assert (declined["status"], declined["endReason"]) == ("declined", "payer")
    assert act(user, made, "decline").ok() == declined
    wait_for(payee, "mandate_declined")
    for reply in (accept(user, made), act(user, made, "cancel"), act(payee, made, "cancel")):
        reply.problem(409, "mandate_ended")
    back = propose(payee, user).ok(201)
    assert act(payee, back, "cancel").ok()["endReason"] == "payee"
    wait_for(user, "mandate_cancelled")


def test_each_side_does_its_own(user, payee, new_user, operator):
    made = propose(payee, user).ok(201)
    for reply in (accept(payee, made), act(payee, made, "decline")):
        reply.problem(403, "forbidden")
    accept(user, made).ok()
    draw(user, made).problem(403, "forbidden")
    drawn = draw(payee, made).ok(201)
    other = new_user()
    for reply in (
        other.get(f"/api/mandates/{made['id']}"), other.get(f"/api/mandates/{made['id']}/draws"),
        act(other, made, "cancel"), draw(other, made), user.get(f"/api/mandates/{NO_ID}"),
    ):  # fmt: skip
        reply.problem(404, "mandate_not_found")
    for reply in (
        other.get(f"/api/mandates/draws/{drawn['id']}"), refuse(other, drawn),
        user.get(f"/api/mandates/draws/{NO_ID}"),
    ):  # fmt: skip
        reply.problem(404, "draw_not_found")
    assert look(operator, made)["id"] == made["id"]
    refuse(operator, drawn).problem(403, "forbidden")
    act(operator, made, "cancel").problem(403, "forbidden")
    user.get("/api/mandates/x").problem(422, "validation_failed", {"id": "invalid_format"})


def test_only_who_may_ask_for_money_proposes(user, payee, new_user, operator):
    stranger = new_user()
    propose(stranger, user).problem(403, "request_not_allowed")
    user.put("/api/requests/settings", {"fromAnyone": True}).ok()
    propose(stranger, user.username).ok(201)
    propose(stranger, user.email).ok(201)
    made = agreed(payee, user)
    waits = propose(payee, user).ok(201)
    user.put(f"/api/requests/blocks/{payee.id}").ok(204)
    propose(payee, user).problem(403, "request_not_allowed")
    draw(payee, made).problem(403, "request_not_allowed")
    listed = user.get("/api/mandates", params={"role": "payer"}).ok()["data"]
    assert waits["id"] not in {one["id"] for one in listed}
    propose(payee, payee).problem(422, "self_transfer")
    propose(payee, "nobody-here").problem(404, "user_not_found")
    operator.patch(f"/api/users/{stranger.id}", {"status": "frozen"}).ok()
    propose(stranger, user).problem(403, "account_frozen")


def test_a_key_makes_one_and_keeps_its_answer(user, payee):
    key = fresh_key()
    first = propose(payee, user, key=key).ok(201)
    accept(user, first).ok()
    again = propose(payee, user, key=key)
    assert again.headers["idempotent-replayed"] == "true" and again.ok(201) == first
    propose(payee, user, 99, key=key).problem(422, "idempotency_key_reused")
    payee.post("/api/mandates", {}).problem(428, "idempotency_key_required")

    key = fresh_key()
    drawn = draw(payee, first, key=key, note="May").ok(201)
    refuse(user, drawn).ok()
    again = draw(payee, first, key=key, note="May")
    assert again.headers["idempotent-replayed"] == "true" and again.ok(201) == drawn
    draw(payee, first, 51, key=key, note="May").problem(422, "idempotency_key_reused")
    payee.post(f"/api/mandates/{first['id']}/draws", {}).problem(428, "idempotency_key_required")
    with ThreadPoolExecutor(8) as pool:
        key = fresh_key()
        made = list(pool.map(lambda _: propose(payee, user, key=key).ok(201)["id"], range(8)))
        key = fresh_key()
        ids = list(pool.map(lambda _: draw(payee, first, 100, key=key).ok(201)["id"], range(8)))
    assert len(set(made)) == 1 and len(set(ids)) == 1


@pytest.mark.parametrize(
    ("change", "errors"),
    [
        ({"from": None}, {"from": "required"}),
        ({"from": 5}, {"from": "wrong_type"}),
        ({"perDraw": None}, {"perDraw": "required"}),
        ({"perDraw": 251}, {"perMonth": "out_of_range"}),
        ({"perMonth": "0.001"}, {"perMonth": "invalid_format"}),
        ({"note": "x" * 141}, {"note": "too_long"}),
        ({"expiresAt": "soon"}, {"expiresAt": "invalid_format"}),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, {"expiresAt": "out_of_range"}),
        ({"expiresAt": "2099-01-01T00:00:00Z"}, {"expiresAt": "out_of_range"}),
        ({"colour": "red"}, {"colour": "unknown_field"}),
    ],
)
def test_proposals_that_cannot_be(user, payee, change, errors):
    body = {"from": user.id, "perDraw": 100, "perMonth": 250, **change}
    body = {name: value for name, value in body.items() if value is not None}
    payee.post("/api/mandates", body, key=fresh_key()).problem(422, "validation_failed", errors)


def test_amounts(user, payee):
    made = agreed(payee, user, 100, 250)
    for text, code in amounts.BAD:
        reply = draw(payee, made, Literal(text))
        reply.problem(422, "validation_failed", {"amount": code})
    assert look(payee, made)["draws"] == []


def test_time_zones(user, payee):
    made = propose(payee, user).ok(201)
    for zone in ("Nowhere/Gone", "Cairo", "x" * 65):
        assert accept(user, made, zone).problem(422, "validation_failed")
    path = f"/api/mandates/{made['id']}/accept"
    user.post(path, {}).problem(422, "validation_failed", {"timeZone": "required"})
    assert look(user, made)["status"] == "proposed"


def test_a_second_factor_is_asked_for_when_it_is_accepted(user, payee):
    factors = enrol(user)
    user.put("/api/users/me/factors/step-up", {"above": "100.00"}).ok()
    renew(user)
    old = aged(user)
    small, large = propose(payee, user, 100).ok(201), propose(payee, user, 101).ok(201)
    accept(old, large).problem(403, "step_up_required")
    accept(old, small).ok()
    proven = step_up(old, factors.code())
    accept(proven, large).ok()


def test_the_draw_is_announced_a_day_before(user, payee):
    made = agreed(payee, user)
    before = datetime.datetime.now(datetime.UTC)
    reply = draw(payee, made, "50.00", note="March")
    drawn = reply.ok(201)
    assert reply.headers["location"] == f"/api/mandates/draws/{drawn['id']}"
    assert (drawn["status"], drawn["amount"], drawn["note"]) == ("announced", 50, "March")
    ahead = moment_of(drawn["dueAt"]) - before
    assert datetime.timedelta(hours=24) <= ahead < datetime.timedelta(hours=25)
    assert look_at_draw(user, drawn) == look_at_draw(payee, drawn) == drawn
    (told,) = wait_for(user, "draw_announced")
    assert (told["amount"], told["note"]) == (50, "March")
    assert (told["mandateId"], told["person"]["id"]) == (made["id"], payee.id)
    later = (before.astimezone(ZoneInfo(CAIRO)) + datetime.timedelta(days=40)).date()
    other = draw(payee, made, 10, dueOn=str(later)).ok(201)
    due = moment_of(other["dueAt"]).astimezone(ZoneInfo(CAIRO))
    assert (due.date(), due.time()) == (later, datetime.time(0))
    shown = look(user, made)
    assert [one["id"] for one in shown["coming"]] == [drawn["id"], other["id"]]
    assert [one["id"] for one in shown["draws"]] == [other["id"], drawn["id"]]
    assert shown["next"] == {"amount": Decimal(50), "dueAt": drawn["dueAt"]}
    first = user.get(f"/api/mandates/{made['id']}/draws", params={"limit": 1}).ok()
    rest = user.get(
        f"/api/mandates/{made['id']}/draws", params={"limit": 1, "cursor": first["nextCursor"]}
    ).ok()
    assert [one["id"] for one in first["data"] + rest["data"]] == [other["id"], drawn["id"]]


def test_days_that_cannot_be(user, payee):
    made = agreed(payee, user)
    today = datetime.datetime.now(ZoneInfo(CAIRO)).date()
    for days in (-1, 0, 94):
        reply = draw(payee, made, dueOn=str(today + datetime.timedelta(days=days)))
        reply.problem(422, "validation_failed", {"dueOn": "out_of_range"})
    for text in ("2026-02-30", "soon"):
        draw(payee, made, dueOn=text).problem(422, "validation_failed", {"dueOn": "invalid_format"})
    draw(payee, made, dueOn=str(today + datetime.timedelta(days=2))).ok(201)
    ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3)
    short = agreed(payee, user, expiresAt=ends.isoformat())
    draw(payee, short, dueOn=str(today + datetime.timedelta(days=5))).problem(
        422, "validation_failed", {"dueOn": "out_of_range"}
    )
    draw(payee, short).ok(201)


def test_limits_each_time_and_a_month(user, payee):
    made = agreed(payee, user, 100, 250)
    over = draw(payee, made, "100.01").problem(422, "draw_limit_exceeded")
    assert (over["limit"], over["left"]) == (100, 100)
    # In one month, whichever is near.
    day = (datetime.datetime.now(ZoneInfo(CAIRO)).date() + datetime.timedelta(days=35)).replace(
        day=15
    )
    first = draw(payee, made, 100, dueOn=str(day)).ok(201)
    draw(payee, made, 100, dueOn=str(day)).ok(201)
    over = draw(payee, made, "50.01", dueOn=str(day)).problem(422, "draw_limit_exceeded")
    assert (over["limit"], over["left"]) == (250, 50)
    begins = moment_of(over["resetsAt"]).astimezone(ZoneInfo(CAIRO))
    assert begins.day == 1 and begins.time() == datetime.time(0) and begins.date() > day
    draw(payee, made, 50, dueOn=str(day)).ok(201)
    # The month after has its own; what is cancelled counts no more.
    draw(payee, made, 100, dueOn=str((day + datetime.timedelta(days=31)).replace(day=1))).ok(201)
    draw(payee, made, "0.01", dueOn=str(day)).problem(422, "draw_limit_exceeded")
    refuse(user, first).ok()
    draw(payee, made, 100, dueOn=str(day)).ok(201)


def test_draws_at_once_never_exceed_the_month(user, payee):
    made = agreed(payee, user, 100, 250)
    day = (datetime.datetime.now(ZoneInfo(CAIRO)).date() + datetime.timedelta(days=35)).replace(
        day=15
    )
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: draw(payee, made, 100, dueOn=str(day)), range(8)))
    assert sorted(reply.status for reply in replies) == [201] * 2 + [422] * 6
    for reply in replies:
        if reply.status == 422:
            reply.problem(422, "draw_limit_exceeded")
    assert sum(one["amount"] for one in look(user, made)["coming"]) == 200


def test_so_many_draws_a_day_and_mandates_of_two(user, payee):
    made = agreed(payee, user, 100, 250)
    for _ in range(10):
        refuse(payee, draw(payee, made, 1).ok(201)).ok()
    draw(payee, made, 1).problem(422, "draw_limit_exceeded")
    for _ in range(4):
        propose(payee, user).ok(201)
    propose(payee, user).problem(422, "mandate_limit_exceeded")
    act(payee, made, "cancel").ok()
    propose(payee, user).ok(201)


def test_either_side_cancels_a_draw(user, payee):
    made = agreed(payee, user)
    one, other = draw(payee, made).ok(201), draw(payee, made).ok(201)
    refused = refuse(user, one).ok()
    assert (refused["status"], refused["reason"]) == ("cancelled", "payer")
    assert refuse(user, one).ok() == refused
    wait_for(payee, "draw_refused")
    assert refuse(payee, other).ok()["reason"] == "payee"
    wait_for(user, "draw_withdrawn")
    third = draw(payee, made).ok(201)
    act(payee, made, "cancel").ok()
    assert look_at_draw(user, third)["reason"] == "mandate_cancelled"
    assert look(user, made)["coming"] == []


def test_lists_by_side_and_status_and_pages(user, payee):
    mine = agreed(payee, user)
    other = propose(payee, user).ok(201)
    act(user, other, "decline").ok()
    theirs = propose(user, payee).ok(201)

    def ids(**params):
        return [one["id"] for one in user.get("/api/mandates", params=params).ok()["data"]]

    assert ids() == [theirs["id"], other["id"], mine["id"]]
    assert ids(role="payer") == [other["id"], mine["id"]]
    assert ids(role="payee") == [theirs["id"]]
    assert ids(status="active") == [mine["id"]]
    assert ids(status="declined", role="payee") == []
    first = user.get("/api/mandates", params={"limit": 2}).ok()
    assert first["hasMore"]
    assert ids(limit=2, cursor=first["nextCursor"]) == [mine["id"]]
    for params in ({"cursor": "x"}, {"role": "x"}, {"status": "x"}, {"limit": 0}):
        user.get("/api/mandates", params=params).problem(422, "validation_failed")


def test_closing_ends_them_and_erasure_takes_the_notes(user, payee, new_user, operator):
    made = agreed(payee, user, note="Gym, card 3")
    drawn = draw(payee, made, note="March").ok(201)
    theirs = propose(user, payee).ok(201)
    for person in (user, payee):
        exported = person.get(f"/api/users/{person.id}/export").ok()
        assert [one["id"] for one in exported["mandates"]] == [made["id"], theirs["id"]]
        assert [one["note"] for one in exported["draws"]] == ["March"]
    operator.close_account(payee).ok()
    ended = look(user, made)
    assert (ended["status"], ended["endReason"]) == ("cancelled", "payee_closed")
    assert look_at_draw(user, drawn)["reason"] == "mandate_cancelled"
    assert look(user, theirs)["endReason"] == "payer_closed"
    assert ended["note"] == "Gym, card 3"
    operator.post(f"/api/users/{payee.id}/erasure", {"reason": "asked"}, key=fresh_key()).ok()
    assert look(user, made)["note"] is None
    assert look_at_draw(user, drawn)["note"] is None
    propose(user, payee.id).problem(403, "request_not_allowed")
