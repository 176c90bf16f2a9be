"""Holds: making, reading, capturing, releasing and outliving them."""

import datetime
from decimal import Decimal

import pytest
from harness.factors import aged, enrol, renew
from harness.holds import capture, hold, look, money, release
from harness.requests import ask, from_now, settle
from harness.stream import Stream
from harness.users import fresh_key
from harness.waiting import wait_until

NO_ID = "019aa4c2-8b21-7d3e-9a40-1c4b6d8e0f22"
HOLD = {
    *("id", "status", "amount", "captured", "remaining", "currency", "captures", "note", "payer"),
    *("payee", "createdAt", "expiresAt", "endedAt"),
}
ENDED_WITHIN_S = 30


def person(user):
    return {
        "id": user.id,
        "username": user.username,
        "displayName": user.profile()["displayName"],
    }


def state(viewer, held):
    told = look(viewer, held)
    return told["status"], told["captured"], told["remaining"], told["captures"]


def ended(viewer, held):
    return wait_until(
        lambda: (told := look(viewer, held))["endedAt"] and told,
        ENDED_WITHIN_S,
        "the end of a hold",
    )


def test_a_deposit(user, payee):
    end = from_now(days=7)
    reply = hold(user, payee, "120.50", note="Car 7", expiresAt=end)
    made = reply.ok(201)
    assert reply.headers["location"] == f"/api/holds/{made['id']}"
    assert set(made) == HOLD
    assert (made["payer"], made["payee"]) == (person(user), person(payee))
    assert (made["status"], made["captures"], made["endedAt"]) == ("open", 0, None)
    assert (made["amount"], made["captured"], made["remaining"]) == (
        *(Decimal("120.50"), Decimal(0), Decimal("120.50")),
    )
    assert (made["note"], made["currency"]) == ("Car 7", "EGP")
    assert datetime.datetime.fromisoformat(made["expiresAt"]) == datetime.datetime.fromisoformat(
        end
    )
    assert look(user, made) == look(payee, made) == made
    assert money(user) == (Decimal(1000), Decimal("120.50"), Decimal("879.50"))
    me = user.me()
    assert (me["balance"], me["held"], me["available"]) == money(user)
    # Nothing has moved, and what is held buys nothing else.
    assert [item["kind"] for item in user.history()] == ["opening"]
    refused = user.pay(payee, "879.51").problem(422, "insufficient_funds")
    assert refused["left"] == Decimal("879.50")
    user.pay(payee, "879.50").ok(201)
    assert money(user) == (Decimal("120.50"), Decimal("120.50"), 0)


@pytest.mark.parametrize("by", ["receiver_email", "receiver_username"])
def test_the_payee_is_named_as_in_a_payment(user, payee, by):
    name = payee.email if by == "receiver_email" else payee.username
    made = hold(user, None, **{by: name}, sender_email=user.email).ok(201)
    assert made["payee"]["id"] == payee.id


def test_captures_in_parts_and_the_last_one_frees_the_rest(user, payee):
    made = hold(user, payee, 100, note="Taxi").ok(201)
    reply = capture(payee, made, amount="30.00", final=False, note="Half way")
    first = reply.ok(201)
    assert reply.headers["location"] == f"/api/transactions/{first['id']}"
    assert (first["kind"], first["holdId"], first["note"]) == ("capture", made["id"], "Half way")
    assert (first["senderId"], first["receiverId"]) == (user.id, payee.id)
    assert "balance" not in first, "the payer's is not the payee's to know"
    assert state(user, made) == ("open", 30, 70, 1)
    assert money(user) == (970, 70, 900)
    assert payee.balance() == 1030
    capture(payee, made, amount="70.01", final=False).problem(422, "capture_exceeds_hold")
    capture(payee, made, amount=20).ok(201)
    assert state(payee, made) == ("captured", 50, 0, 2)
    assert money(user) == (950, 0, 950)
    for late in (capture(payee, made), capture(payee, made, amount=1), release(payee, made)):
        late.problem(409, "hold_captured")
    whole = hold(user, payee, 50).ok(201)
    assert capture(payee, whole).ok(201)["amount"] == 50
    assert state(user, whole) == ("captured", 50, 0, 1)
    assert money(user) == (900, 0, 900)
    seen = user.history()[:3]
    assert [item["kind"] for item in seen] == ["capture"] * 3
    assert [item["holdId"] for item in seen] == [whole["id"], made["id"], made["id"]]
    assert payee.get(f"/api/transactions/{first['id']}").ok()["holdId"] == made["id"]


def test_more_than_is_left_says_what_is(user, payee):
    made = hold(user, payee, 100).ok(201)
    capture(payee, made, amount=60, final=False).ok(201)
    problem = capture(payee, made, amount=41).problem(422, "capture_exceeds_hold")
    assert (problem["left"], problem["limit"]) == (40, 100)


def test_release_gives_free_what_is_left_and_may_be_asked_again(user, payee):
    made = hold(user, payee, 100).ok(201)
    capture(payee, made, amount=10, final=False).ok(201)
    first = release(payee, made).ok()
    assert (first["status"], first["captured"], first["remaining"]) == ("released", 10, 0)
    assert release(payee, made).ok() == first
    assert money(user) == (990, 0, 990)
    capture(payee, made, amount=1).problem(409, "hold_released")


def test_only_its_sides_see_it_and_only_the_payee_acts(user, payee, new_user, operator, auditor):
    made = hold(user, payee).ok(201)
    stranger = new_user()
    for act in (capture, release):
        act(stranger, made).problem(404, "hold_not_found")
        act(user, made).problem(403, "forbidden")
        act(operator, made).problem(403, "forbidden")
        act(payee, {"id": NO_ID}).problem(404, "hold_not_found")
    stranger.get(f"/api/holds/{made['id']}").problem(404, "hold_not_found")
    for staff in (operator, auditor):
        assert look(staff, made) == made
    payee.get("/api/holds/nothing").problem(422, "validation_failed")


def test_lists(user, payee, new_user):
    other = new_user()
    mine = [hold(user, to, n + 1).ok(201) for n, to in enumerate([payee, other, payee])]
    release(payee, mine[0]).ok()
    capture(other, mine[1]).ok(201)

    def ids(who, **params):
        return [h["id"] for h in who.get("/api/holds", params=params).ok()["data"]]

    assert ids(user) == [h["id"] for h in reversed(mine)]
    assert ids(user, status="open") == ids(payee, direction="received", status="open")
    assert ids(user, status="open") == [mine[2]["id"]]
    assert ids(user, status="released") == [mine[0]["id"]]
    assert ids(other, direction="received", status="captured") == [mine[1]["id"]]
    assert ids(user, direction="received") == ids(payee) == []
    page = user.get("/api/holds", params={"limit": 2}).ok()
    assert page["hasMore"]
    rest = user.get("/api/holds", params={"limit": 2, "cursor": page["nextCursor"]}).ok()
    assert [h["id"] for h in page["data"] + rest["data"]] == ids(user)
    assert not rest["hasMore"]
    user.get("/api/holds", params={"status": "gone"}).problem(
        422, "validation_failed", {"status": "not_allowed"}
    )


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": 0}, {"amount": "out_of_range"}),
        ({"amount": "1.001"}, {"amount": "invalid_format"}),
        ({"expiresAt": None}, {"expiresAt": "wrong_type"}),
        ({"expiresAt": "tomorrow"}, {"expiresAt": "invalid_format"}),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, {"expiresAt": "out_of_range"}),
        ({"expiresAt": from_now(days=31)}, {"expiresAt": "out_of_range"}),
        ({"note": "x" * 141}, {"note": "too_long"}),
        ({"receiver_email": "a@b.example"}, {"receiver_email": "unknown_field"}),
        ({"final": True}, {"final": "unknown_field"}),
    ],
)
def test_bad_input(user, payee, fields, wrong):
    hold(user, payee, **fields).problem(422, "validation_failed", wrong)


def test_what_a_hold_cannot_be(user, payee):
    hold(user, user).problem(422, "self_transfer")
    hold(user, None, receiver_username="nobody-has-this").problem(404, "payee_not_found")
    hold(user, payee, "1000.01").problem(422, "insufficient_funds")
    hold(user, payee, sender_email=payee.email).problem(403, "not_the_sender")
    body = {"receiver_id": payee.id, "amount": 1, "expiresAt": from_now(days=1)}
    user.post("/api/holds", body).problem(428, "idempotency_key_required")
    made = hold(user, payee).ok(201)
    payee.post(f"/api/holds/{made['id']}/capture", {}).problem(428, "idempotency_key_required")
    for fields in ({"amount": 0}, {"final": "no"}, {"amount": "x"}, {"more": 1}):
        capture(payee, made, **fields).problem(422, "validation_failed")
    assert state(user, made) == ("open", 0, 100, 0)


def test_a_key_is_one_request_with_one_answer(user, payee):
    key, end = fresh_key(), from_now(days=2)
    first = hold(user, payee, 40, key=key, expiresAt=end).ok(201)
    taken = fresh_key()
    part = capture(payee, first, key=taken, amount=15, final=False).ok(201)
    release(payee, first).ok()
    again = hold(user, payee, 40, key=key, expiresAt=end)
    assert again.ok(201) == first, "as it was made"
    assert again.headers["idempotent-replayed"] == "true"
    replay = capture(payee, first, key=taken, amount=15, final=False)
    assert replay.ok(201) == part
    assert replay.headers["idempotent-replayed"] == "true"
    hold(user, payee, 41, key=key, expiresAt=end).problem(422, "idempotency_key_reused")
    capture(payee, first, key=taken, amount=15).problem(422, "idempotency_key_reused")
    user.pay(payee, 40, key=key).problem(422, "idempotency_key_reused")
    # A request that was refused leaves its key free.
    free = fresh_key()
    hold(user, payee, 2000, key=free).problem(422, "insufficient_funds")
    hold(user, payee, 20, key=free).ok(201)
    assert money(user) == (985, 20, 965)


def test_it_counts_for_the_day_when_it_is_made_and_never_again(operator, user, payee):
    operator.put(f"/api/users/{user.id}/limits", {"perTransfer": 100, "perDay": 150}).ok()
    hold(user, payee, "100.01").problem(422, "transfer_limit_exceeded")
    made = hold(user, payee, 100).ok(201)
    problem = user.pay(payee, "50.01").problem(422, "daily_limit_exceeded")
    assert problem["left"] == 50
    hold(user, payee, "50.01").problem(422, "daily_limit_exceeded")
    capture(payee, made).ok(201)
    again = hold(user, payee, 50).ok(201)
    release(payee, again).ok()
    user.pay(payee, "0.01").problem(422, "daily_limit_exceeded")


def test_a_second_factor_is_asked_for_as_for_a_payment(user, payee):
    enrol(user)
    user.put("/api/users/me/factors/step-up", {"above": 50, "newPayees": False}).ok()
    renew(user)
    old = aged(user)
    hold(old, payee, "50.01").problem(403, "step_up_required")
    hold(old, payee, 50).ok(201)


def test_while_an_account_is_frozen(operator, user, payee):
    made, other = hold(user, payee).ok(201), hold(user, payee).ok(201)

    def set_status(whom, status):
        operator.patch(f"/api/users/{whom.id}", {"status": status}).ok()

    set_status(user, "frozen")
    hold(user, payee).problem(422, "sender_frozen")
    capture(payee, made).problem(422, "payer_unavailable")
    assert release(payee, other).ok()["status"] == "released"
    set_status(user, "active")
    set_status(payee, "frozen")
    capture(payee, made).problem(403, "account_frozen")
    hold(user, payee).problem(422, "receiver_unavailable")
    set_status(payee, "active")
    capture(payee, made).ok(201)
    assert money(user) == (900, 0, 900)


def test_an_account_that_holds_is_not_closed(operator, user, payee):
    made = hold(user, payee).ok(201)
    operator.patch(f"/api/users/{user.id}", {"status": "closed"}).problem(409, "balance_not_zero")
    problem = operator.close_account(user).problem(409, "balance_not_zero")
    assert problem["left"] == 100, "all but what is held would go"
    release(payee, made).ok()
    operator.close_account(user).ok()


def test_a_payee_that_is_closed_leaves_nothing_held(operator, user, payee):
    made = hold(user, payee).ok(201)
    operator.close_account(payee).ok()
    assert ended(user, made)["status"] == "released"
    assert money(user) == (1000, 0, 1000)


def test_a_refund_of_a_capture(user, payee):
    made = hold(user, payee).ok(201)
    taken = capture(payee, made, amount=80).ok(201)
    path = f"/api/transactions/{taken['id']}"
    user.post(f"{path}/refund", {}).problem(403, "forbidden")
    back = payee.post(f"{path}/refund", {"amount": 30}, key=fresh_key()).ok(201)
    assert (back["kind"], back["refundOf"]) == ("refund", taken["id"])
    shown = user.get(path).ok()
    assert (shown["refunded"], shown["refundable"]) == (30, 50)
    payee.post(f"{path}/refund", {"amount": "50.01"}).problem(422, "refund_exceeds_transfer")
    payee.post(f"{path}/refund", {}).ok(201)
    assert state(user, made) == ("captured", 80, 0, 1), "it does not open again"
    assert user.balance() == 1000
    # The hold itself moved nothing.
    payee.post(f"/api/transactions/{made['id']}/refund", {}).problem(404, "transaction_not_found")


def test_receipts_export_and_search_know_captures(operator, user, payee, platform, tmp_path):
    made = hold(user, payee, 60, note="Deposit").ok(201)
    taken = capture(payee, made, amount=25, note="Fare 99").ok(201)
    receipt = payee.get(f"/api/transactions/{taken['id']}/receipt").text
    keys = tmp_path / "jwks.json"
    keys.write_text(platform.client.get("/.well-known/receipt-jwks.json").text)
    (tmp_path / "receipt").write_text(receipt)
    verified = platform.run("verify-receipt", str(tmp_path / "receipt"), "--jwks", str(keys))
    assert verified.returncode == 0, verified.stdout
    exported = user.get(f"/api/users/{user.id}/export").ok()
    kinds = [entry["kind"] for entry in exported["entries"]]
    assert kinds == ["opening", "hold", "capture"]
    assert [h["id"] for h in exported["holds"]] == [made["id"]]
    found = operator.get(
        "/api/transactions", params={"q": "Fare 99", "user": user.id, "kind": "capture"}
    ).ok()
    assert [t["id"] for t in found["data"]] == [taken["id"]]
    found = operator.get("/api/transactions", params={"q": made["id"]}).ok()
    assert [t["id"] for t in found["data"]] == [taken["id"]]
    log = operator.get("/api/reports/actions", params={"subject": user.id}).ok()["data"]
    assert log == [], "a payee is no operator"
    report = user.get(f"/api/reports/users/{user.id}").ok()
    assert (report["out"]["amount"], report["net"]) == (25, 975)


def test_a_hold_is_not_a_payment_of_a_request(user, payee):
    """A reference says what a transaction is of by its kind."""
    asked = ask(payee, amount=5).ok(201)
    settle(user, asked).ok(201)
    made = hold(user, payee).ok(201)
    capture(payee, made).ok(201)
    newest, older = user.history()[:2]
    assert (newest["holdId"], older["requestId"]) == (made["id"], asked["id"])
    assert "requestId" not in newest
    assert "holdId" not in older


def test_it_runs_out_by_itself_and_both_are_told(user, payee):
    with Stream(user) as mine, Stream(payee) as theirs:
        for stream in (mine, theirs):
            stream.wait_open()
        brief = hold(user, payee, 30, expiresAt=from_now(seconds=3)).ok(201)
        capture(payee, brief, amount=10, final=False).ok(201)
        for stream, viewer in ((mine, user), (theirs, payee)):
            changes = []
            while "expired" not in changes:
                kind, _, data = stream.next_event()
                if kind == "hold":
                    changes.append(data["change"])
                    assert data["hold"]["id"] == brief["id"]
            assert changes == ["created", "partly_captured", "expired"]
            assert state(viewer, brief) == ("expired", 10, 0, 1)
    wait_until(lambda: money(user) == (990, 0, 990), ENDED_WITHIN_S, "what ran out is available")
    capture(payee, brief, amount=1).problem(409, "hold_expired")
    assert release(payee, brief).ok()["status"] == "expired"


def test_each_change_is_told_once(user, payee):
    with Stream(payee) as stream:
        stream.wait_open()
        made = hold(user, payee, 30).ok(201)
        capture(payee, made, amount=10, final=False).ok(201)
        capture(payee, made, amount=5).ok(201)
        given = hold(user, payee, 7).ok(201)
        release(payee, given).ok()
        heard = []
        while len(heard) < 5:
            kind, last, data = stream.next_event()
            if kind == "hold":
                heard.append((data["change"], data["hold"]["id"]))
    assert heard == [
        *[(change, made["id"]) for change in ("created", "partly_captured", "captured")],
        *[(change, given["id"]) for change in ("created", "released")],
    ]
    # Followed on from there: nothing twice.
    with Stream(payee, last) as stream:
        stream.wait_open()
        another = hold(user, payee, 1).ok(201)
        while (event := stream.next_event())[0] != "hold":
            pass
    assert event[2]["hold"]["id"] == another["id"]
