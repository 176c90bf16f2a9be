"""Scheduled payments and standing orders: making, reading, changing and ending them. What is paid
when is in test_schedule_payments.py, what the rules mean in test_schedule_times.py."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness import amounts
from harness.exact_json import Literal
from harness.factors import aged, enrol, renew, step_up
from harness.schedules import CAIRO, act, change, from_now, look, moment_of, plan, wall
from harness.users import fresh_key

NO_ID = "019aa4c2-8b21-7d3e-9a40-1c4b6d8e0f22"
SCHEDULE = {
    *("id", "status", "receiver", "amount", "currency", "note", "repeats", "interval", "startsAt"),
    *("timeZone", "endsOn", "count", "next", "waiting", "createdAt", "endedAt", "endReason"),
}


def monthly(payer, to, amount=50, **fields):
    return plan(payer, to, amount, repeats="monthly", **fields)


def test_a_standing_order(user, payee):
    starts = from_now(days=3)
    reply = monthly(user, payee, "50.00", note="Rent", startsAt=starts, count=12)
    made = reply.ok(201)
    assert reply.headers["location"] == f"/api/schedules/{made['id']}"
    assert set(made) == SCHEDULE
    assert made["receiver"] == {
        "id": payee.id,
        "username": payee.username,
        "displayName": payee.profile()["displayName"],
    }
    assert (made["status"], made["amount"], made["currency"]) == ("active", Decimal(50), "EGP")
    assert (made["repeats"], made["interval"], made["count"]) == ("monthly", 1, 12)
    assert (made["startsAt"], made["timeZone"], made["endsOn"]) == (starts, CAIRO, None)
    assert made["next"]["number"] == 1
    assert wall(moment_of(made["next"]["dueAt"])) == starts
    shown = look(user, made)
    assert [n["number"] for n in shown["planned"]] == [1, 2, 3, 4, 5]
    assert shown["planned"][0]["dueAt"] == made["next"]["dueAt"]
    assert shown["occurrences"] == []
    assert {name: shown[name] for name in SCHEDULE} == made
    assert user.balance() == 1000


def test_once(user, payee):
    made = plan(user, payee, "12.50").ok(201)
    assert (made["repeats"], made["interval"], made["note"]) == ("once", 1, None)
    assert len(look(user, made)["planned"]) == 1


def test_a_key_makes_one_schedule_and_keeps_its_answer(user, payee):
    key, starts = fresh_key(), from_now(days=2)
    first = monthly(user, payee, startsAt=starts, key=key).ok(201)
    change(user, first, amount=60, note="More").ok()
    act(user, first, "pause").ok()
    again = monthly(user, payee, startsAt=starts, key=key)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.ok(201) == first
    monthly(user, payee, 51, startsAt=starts, key=key).problem(422, "idempotency_key_reused")
    assert len(user.get("/api/schedules").ok()["data"]) == 1
    user.post("/api/schedules", {}).problem(428, "idempotency_key_required")
    # The key of a payment is another one's.
    assert user.pay(payee, 1, key=key).status == 201


def test_the_same_creation_many_times_at_once(user, payee):
    key, starts = fresh_key(), from_now(days=2)
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: monthly(user, payee, startsAt=starts, key=key), range(32)))
    assert len({reply.ok(201)["id"] for reply in made}) == 1
    assert sum("idempotent-replayed" not in reply.headers for reply in made) == 1


@pytest.mark.parametrize(
    ("fields", "mistakes"),
    [
        ({"receiverId": None}, {"receiverId": "wrong_type"}),
        ({"receiverId": "karim"}, {"receiverId": "invalid_format"}),
        ({"note": "x" * 141}, {"note": "too_long"}),
        ({"startsAt": None}, {"startsAt": "required"}),
        ({"startsAt": "2030-02-30T09:00"}, {"startsAt": "invalid_format"}),
        ({"startsAt": "2030-02-03T24:00"}, {"startsAt": "invalid_format"}),
        ({"startsAt": "2030-02-03T09:00Z"}, {"startsAt": "invalid_format"}),
        ({"startsAt": "2030-02-03"}, {"startsAt": "invalid_format"}),
        ({"startsAt": "2020-02-03T09:00"}, {"startsAt": "out_of_range"}),
        ({"startsAt": "2050-02-03T09:00"}, {"startsAt": "out_of_range"}),
        ({"timeZone": None}, {"timeZone": "required"}),
        ({"timeZone": "Mars/Olympus"}, {"timeZone": "not_allowed"}),
        ({"timeZone": "EET-3"}, {"timeZone": "not_allowed"}),
        ({"timeZone": "+03:00"}, {"timeZone": "not_allowed"}),
        ({"repeats": "daily"}, {"repeats": "not_allowed"}),
        ({"repeats": "weekly", "interval": 0}, {"interval": "out_of_range"}),
        ({"repeats": "weekly", "interval": 101}, {"interval": "out_of_range"}),
        ({"repeats": "weekly", "interval": "2"}, {"interval": "wrong_type"}),
        ({"repeats": "weekly", "interval": Literal("1.5")}, {"interval": "invalid_format"}),
        ({"interval": 2}, {"interval": "not_allowed"}),
        ({"count": 2}, {"count": "not_allowed"}),
        ({"endsOn": "2030-01-01"}, {"endsOn": "not_allowed"}),
        ({"repeats": "weekly", "count": 0}, {"count": "out_of_range"}),
        ({"repeats": "weekly", "count": 1001}, {"count": "out_of_range"}),
        ({"repeats": "weekly", "endsOn": "soon"}, {"endsOn": "invalid_format"}),
        ({"repeats": "weekly", "endsOn": "2020-01-01"}, {"endsOn": "out_of_range"}),
        ({"repeats": "weekly", "endsOn": "2120-01-01"}, {"endsOn": "out_of_range"}),
        ({"repeats": "weekly", "endsOn": "2030-01-01", "count": 3}, {"count": "not_allowed"}),
        ({"pin": 1}, {"pin": "unknown_field"}),
        ({"interval": "x", "timeZone": 5}, {"interval": "wrong_type", "timeZone": "wrong_type"}),
    ],
)
def test_bad_fields(user, payee, fields, mistakes):
    found = plan(user, payee, **fields).problem(422, "validation_failed")["errors"]
    found = {error["field"]: error["code"] for error in found}
    assert {name: found.get(name) for name in mistakes} == mistakes
    assert user.get("/api/schedules").ok()["data"] == []


@pytest.mark.parametrize(("amount", "code"), amounts.literals(amounts.BAD))
def test_bad_amounts(user, payee, amount, code):
    plan(user, payee, amount).problem(422, "validation_failed", {"amount": code})


def test_what_a_payment_would_be_refused_for_is_said_at_once(user, payee, new_user, operator):
    plan(user, user).problem(422, "self_transfer")
    plan(user, NO_ID).problem(404, "payee_not_found")
    operator.put(f"/api/users/{user.id}/limits", {"perTransfer": 20}).ok()
    assert plan(user, payee, "20.01").problem(422, "transfer_limit_exceeded")["limit"] == 20
    made = plan(user, payee, 20).ok(201)
    change(user, made, amount=21).problem(422, "transfer_limit_exceeded")
    other = new_user()
    operator.patch(f"/api/users/{other.id}", {"status": "frozen"}).ok()
    plan(user, other).problem(422, "receiver_unavailable")
    plan(other, payee).problem(422, "sender_frozen")
    operator.close_account(other).ok()
    plan(user, other).problem(422, "receiver_unavailable")


def test_a_second_factor_is_asked_for_when_it_is_planned(user, payee):
    factors = enrol(user)
    user.put("/api/users/me/factors/step-up", {"above": "100.00"}).ok()
    renew(user)
    old = aged(user)
    key = fresh_key()
    assert monthly(old, payee, 101, key=key).problem(403, "step_up_required")["accepts"]
    made = monthly(old, payee, 100).ok(201)
    change(old, made, amount=101).problem(403, "step_up_required")
    change(old, made, note="Rent").ok()
    proven = step_up(old, factors.code())
    assert monthly(proven, payee, 101, key=key).ok(201)["amount"] == 101
    assert change(proven, made, amount=101).ok()["amount"] == 101


def test_it_is_the_payers_alone(user, payee, new_user, operator):
    made = monthly(user, payee).ok(201)
    path = f"/api/schedules/{made['id']}"
    for other in (payee, new_user()):
        for reply in (
            other.get(path),
            other.get(f"{path}/occurrences"),
            change(other, made, amount=1),
            *(act(other, made, verb) for verb in ("pause", "resume", "cancel")),
            act(other, made, "skip", number=1),
        ):
            reply.problem(404, "schedule_not_found")
        assert other.get("/api/schedules").ok()["data"] == []
    # Staff read, and do not touch.
    assert operator.get(path).ok()["id"] == made["id"]
    for verb in ("pause", "cancel"):
        act(operator, made, verb).problem(403, "forbidden")
    act(operator, made, "skip", number=1).problem(403, "forbidden")
    change(operator, made, amount=1).problem(403, "forbidden")
    user.get(f"/api/schedules/{NO_ID}").problem(404, "schedule_not_found")
    assert look(user, made)["status"] == "active"


def test_a_list_by_pages_and_by_status(user, payee):
    made = [monthly(user, payee, amount).ok(201) for amount in range(1, 6)]
    act(user, made[0], "pause").ok()
    act(user, made[1], "cancel").ok()
    found, cursor = [], None
    while True:
        page = user.get(
            "/api/schedules", params={"limit": 2, **({"cursor": cursor} if cursor else {})}
        )
        found += page.ok()["data"]
        cursor = page.json["nextCursor"]
        assert page.json["hasMore"] == (cursor is not None)
        if cursor is None:
            break
    assert [item["id"] for item in found] == [item["id"] for item in reversed(made)]
    by = {
        status: [
            item["id"]
            for item in user.get("/api/schedules", params={"status": status}).ok()["data"]
        ]
        for status in ("active", "paused", "cancelled", "completed")
    }
    assert by["paused"] == [made[0]["id"]] and by["cancelled"] == [made[1]["id"]]
    assert len(by["active"]) == 3 and by["completed"] == []
    for params in ({"status": "open"}, {"cursor": "x"}, {"limit": 0}):
        user.get("/api/schedules", params=params).problem(422, "validation_failed")
    user.get(f"/api/schedules/{made[0]['id']}/occurrences", params={"cursor": "x"}).problem(
        422, "validation_failed", {"cursor": "invalid_format"}
    )


def test_a_change_holds_from_the_next_one_on(user, payee):
    made = monthly(user, payee, 50, note="Rent", count=12).ok(201)
    later = from_now(days=10)
    after = change(user, made, amount="55.25", note=None, startsAt=later, repeats="weekly").ok()
    assert (after["amount"], after["note"], after["count"]) == (Decimal("55.25"), None, 12)
    assert (after["startsAt"], after["repeats"], after["interval"]) == (later, "weekly", 1)
    assert wall(moment_of(after["next"]["dueAt"])) == later
    # Skipped ones count: the numbers go on.
    act(user, made, "skip", number=1).ok()
    act(user, made, "skip", number=2).ok()
    moved = change(user, made, startsAt=from_now(days=40), repeats="monthly", interval=2).ok()
    assert moved["next"]["number"] == 3
    ends = change(user, made, endsOn=from_now(days=200)[:10]).ok()
    assert (ends["endsOn"], ends["count"]) == (from_now(days=200)[:10], None)
    assert [n["number"] for n in look(user, made)["planned"]] == [3, 4, 5]
    change(user, made, count=2).problem(422, "validation_failed", {"count": "out_of_range"})
    assert change(user, made, endsOn=None).ok()["endsOn"] is None
    once = change(user, made, startsAt=from_now(days=5), repeats="once").ok()
    assert once["repeats"] == "once"
    assert [n["number"] for n in look(user, made)["planned"]] == [3]
    assert change(user, made).ok() == once


@pytest.mark.parametrize(
    ("fields", "mistakes"),
    [
        ({"amount": 0}, {"amount": "out_of_range"}),
        ({"repeats": "weekly"}, {"startsAt": "required"}),
        ({"timeZone": "UTC"}, {"startsAt": "required"}),
        ({"interval": 2}, {"startsAt": "required"}),
        ({"startsAt": "2020-01-01T09:00"}, {"startsAt": "out_of_range"}),
        ({"startsAt": "2030-01-01T09:00", "timeZone": "x"}, {"timeZone": "not_allowed"}),
        ({"startsAt": "2030-01-01T09:00", "repeats": "once"}, {"count": "not_allowed"}),
        ({"endsOn": "2020-01-01"}, {"endsOn": "out_of_range"}),
        ({"receiverId": NO_ID}, {"receiverId": "unknown_field"}),
    ],
)
def test_bad_changes(user, payee, fields, mistakes):
    made = monthly(user, payee, count=12).ok(201)
    found = change(user, made, **fields).problem(422, "validation_failed")["errors"]
    assert {error["field"]: error["code"] for error in found}.items() >= mistakes.items()
    assert {name: look(user, made)[name] for name in made} == made


def test_skipping_says_which(user, payee):
    made = monthly(user, payee, count=3).ok(201)
    for number in (0, None, "1"):
        act(user, made, "skip", number=number).problem(422, "validation_failed")
    act(user, made, "skip").problem(422, "validation_failed", {"number": "required"})
    act(user, made, "skip", number=2).problem(409, "occurrence_passed")
    first = act(user, made, "skip", number=1).ok()
    assert first["next"]["number"] == 2
    # Asked again, it skips no other.
    assert act(user, made, "skip", number=1).ok() == first
    act(user, made, "skip", number=2).ok()
    last = act(user, made, "skip", number=3).ok()
    assert (last["status"], last["next"]) == ("completed", None)
    act(user, made, "skip", number=4).problem(409, "occurrence_passed")
    shown = user.get(f"/api/schedules/{made['id']}/occurrences", params={"limit": 2}).ok()
    assert [item["number"] for item in shown["data"]] == [3, 2] and shown["hasMore"]
    assert {item["status"] for item in shown["data"]} == {"skipped"}
    rest = {"limit": 2, "cursor": shown["nextCursor"]}
    rest = user.get(f"/api/schedules/{made['id']}/occurrences", params=rest).ok()
    assert [item["number"] for item in rest["data"]] == [1] and not rest["hasMore"]
    for verb in ("pause", "cancel"):
        act(user, made, verb).problem(409, "schedule_ended")
    change(user, made, amount=1).problem(409, "schedule_ended")


def test_pausing_resuming_and_ending(user, payee):
    made = monthly(user, payee).ok(201)
    paused = act(user, made, "pause").ok()
    assert paused["status"] == "paused" and act(user, made, "pause").ok() == paused
    assert look(user, made)["planned"] == []
    assert change(user, made, amount=60).ok()["status"] == "paused"
    resumed = act(user, made, "resume").ok()
    assert (resumed["status"], resumed["next"]) == ("active", made["next"])
    assert act(user, made, "resume").ok() == resumed
    ended = act(user, made, "cancel").ok()
    assert (ended["status"], ended["endReason"], ended["next"]) == ("cancelled", "payer", None)
    assert act(user, made, "cancel").ok() == ended
    for verb in ("pause", "resume"):
        act(user, made, verb).problem(409, "schedule_ended")
    act(user, made, "skip", number=1).problem(409, "occurrence_passed")
    change(user, made, amount=1).problem(409, "schedule_ended")


def test_so_many_at_once_and_no_more(user, payee):
    for _ in range(100):
        last = monthly(user, payee).ok(201)
    monthly(user, payee).problem(422, "schedule_limit_exceeded")
    act(user, last, "cancel").ok()
    monthly(user, payee).ok(201)


def test_closing_ends_them_and_erasure_takes_the_notes(user, payee, operator):
    made = monthly(user, payee, note="Rent of flat 3").ok(201)
    act(user, made, "pause").ok()
    to_me = monthly(payee, user, note="Back").ok(201)
    exported = user.get(f"/api/users/{user.id}/export").ok()["schedules"]
    assert [(item["id"], item["note"]) for item in exported] == [(made["id"], "Rent of flat 3")]
    operator.close_account(user).ok()
    ended = operator.get(f"/api/schedules/{made['id']}").ok()
    assert (ended["status"], ended["endReason"]) == ("cancelled", "payer_closed")
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "asked"}, key=fresh_key()).ok()
    assert operator.get(f"/api/schedules/{made['id']}").ok()["note"] is None
    # What others wrote stays theirs.
    shown = look(payee, to_me)
    assert shown["note"] == "Back" and shown["receiver"]["displayName"] == "Erased user"


def test_a_time_in_another_zone(user, payee):
    starts = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)
    for zone in ("UTC", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Kiritimati"):
        made = plan(user, payee, startsAt=wall(starts, zone), timeZone=zone).ok(201)
        assert moment_of(made["next"]["dueAt"]) == starts.replace(second=0, microsecond=0)
