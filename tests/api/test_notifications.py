"""GET /api/notifications and PUT /api/notifications/read."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import holds
from harness.factors import enrol
from harness.notices import page, read, wait_for
from harness.requests import act, ask
from harness.requests import settle as pay_request
from harness.stream import Stream
from harness.users import fresh_key, through


def everything(person, limit):
    """All pages, and how long each was."""
    found, sizes, cursor = [], [], {}
    while True:
        got = page(person, limit=limit, **cursor)
        found += got["data"]
        sizes.append(len(got["data"]))
        if not got["hasMore"]:
            assert got["nextCursor"] is None
            return found, sizes
        cursor = {"cursor": got["nextCursor"]}


@pytest.fixture
def friend(user, new_user):
    """Somebody who has paid the user: a contact."""
    person = new_user()
    person.pay(user, "1.00", note="Tea").ok(201)
    return person


def test_who_has_just_come_is_told_of_the_first_money(user):
    got = page(user)
    (first,) = got["data"]
    assert (first["kind"], first["amount"], first["unread"]) == ("money_added", 1000, True)
    assert first["person"] is None
    assert (got["unread"], got["hasMore"], got["nextCursor"]) == (1, False, None)


def test_money_that_came_in_is_told_and_what_one_did_is_not(user, friend):
    paid = user.pay(friend, "2.50").ok(201)
    newest = page(user)["data"][0]
    assert (newest["kind"], newest["amount"], newest["note"]) == ("money_received", 1, "Tea")
    assert newest["person"]["id"] == friend.id
    assert user.get(f"/api/transactions/{newest['transactionId']}").ok()["amount"] == 1
    told = page(friend)["data"][0]
    assert (told["kind"], told["transactionId"]) == ("money_received", paid["id"])
    friend.post(f"/api/transactions/{paid['id']}/refund", {}, key=fresh_key()).ok(201)
    assert page(user)["data"][0]["kind"] == "refund_received"
    assert page(friend)["data"][0] == told


def test_what_operators_do_to_the_balance(user, operator):
    for amount in ("200.00", "-300.00"):
        operator.adjust(user, amount).ok()
    kinds = [one["kind"] for one in page(user)["data"]]
    assert kinds == ["money_removed", "money_added", "money_added"]


def test_requests_tell_the_side_that_did_not_do_it(user, friend):
    asked = ask(user, friend, amount="3.00", note="Lunch").ok(201)
    (told,) = wait_for(friend, "request_received")
    assert (told["requestId"], told["amount"], told["note"]) == (asked["id"], 3, "Lunch")
    assert told["person"]["id"] == user.id
    act(user, asked, "remind").ok()
    wait_for(friend, "request_reminded", "request_received")
    act(friend, asked, "decline", reason="Not mine").ok()
    (declined,) = wait_for(user, "request_declined")
    assert (declined["details"], declined["person"]["id"]) == ("Not mine", friend.id)
    other = ask(user, friend, amount="4.00").ok(201)
    act(user, other, "cancel").ok()
    wait_for(friend, "request_cancelled", "request_received")
    paid = ask(user, friend, amount="5.00").ok(201)
    pay_request(friend, paid).ok(201)
    # Money that came by a request is told once, as money.
    wait_for(user, "money_received", "request_declined")


def test_of_who_is_blocked_nothing_is_told(user, friend):
    ask(user, friend, amount="3.00").ok(201)
    wait_for(friend, "request_received")
    friend.put(f"/api/requests/blocks/{user.id}").ok(204)
    wait_for(friend, "money_added")
    assert page(friend)["unread"] == 1


def test_holds_tell_what_the_other_side_did(user, payee):
    held = holds.hold(user, payee, "10.00").ok(201)
    (told,) = wait_for(payee, "hold_received")
    assert (told["holdId"], told["amount"]) == (held["id"], 10)
    holds.capture(payee, held, amount="4.00", final=False).ok(201)
    (told,) = wait_for(user, "hold_captured")
    assert (told["amount"], told["person"]["id"]) == (4, payee.id)
    wait_for(payee, "money_received", "hold_received")
    holds.release(payee, held).ok()
    wait_for(user, "hold_released", "hold_captured")


def test_what_was_done_to_the_sign_in(user):
    enrol(user)
    (told,) = wait_for(user, "app_added")
    assert (told["unread"], told["amount"], told["person"]) == (True, None, None)


def test_pages_lose_nothing_and_repeat_nothing(user, friend):
    asked = []
    for number in range(6):
        friend.pay(user, f"{number + 1}.00").ok(201)
        asked.append(ask(friend, user, amount=number + 1).ok(201)["id"])
    wait_for(user, "request_received")
    whole, _ = everything(user, 100)
    assert [one["requestId"] for one in whole if one["requestId"]] == asked[::-1]
    assert len({one["id"] for one in whole}) == len(whole) == 14
    times = [one["happenedAt"] for one in whole]
    assert times == sorted(times, reverse=True)
    for limit in (1, 2, 5, 14):
        paged, sizes = everything(user, limit)
        assert paged == whole
        assert all(size == limit for size in sizes[:-1])


def test_a_page_looks_at_so_much_and_goes_on_from_there(user, payee):
    """Behind 500 payments of one's own stands what came before them."""
    for _ in range(2):
        batch = [{"receiver_id": payee.id, "amount": "0.01"}] * 251
        body = {"atomic": True, "transfers": batch}
        user.post("/api/transactions/batch", body, key=fresh_key()).ok()
    first = page(user)
    assert (first["data"], first["hasMore"], first["unread"]) == ([], True, 0)
    second = page(user, cursor=first["nextCursor"])
    assert [one["kind"] for one in second["data"]] == ["money_added"]
    assert not second["hasMore"]
    assert page(payee)["unread"] == 100, "more are not counted"


def test_marks_hold_everywhere_and_never_move_back(user, friend):
    first = page(user)
    assert first["unread"] == 2
    friend.pay(user, "2.00").ok(201)
    assert read(user, first["upTo"]).ok() == {"unread": 1}
    assert [one["unread"] for one in page(user)["data"]] == [True, False, False]
    ask(friend, user, amount=5).ok(201)
    wait_for(user, "request_received")
    now = page(user)
    assert now["unread"] == 2
    assert read(user, now["upTo"]).ok() == {"unread": 0}
    for older in (first["upTo"], "0.0.0"):
        assert read(user, older).ok() == {"unread": 0}
    assert not any(one["unread"] for one in page(user)["data"])


def test_marks_that_race_leave_the_furthest(user, friend):
    marks = [page(user)["upTo"]]
    for _ in range(5):
        friend.pay(user, "0.10").ok(201)
        marks.append(page(user)["upTo"])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda mark: read(user, mark).ok(), marks * 3))
    assert page(user)["unread"] == 0


def test_a_mark_is_somebodys_own(user, friend):
    read(user, page(user)["upTo"]).ok()
    assert page(friend)["unread"] == 1


@pytest.mark.parametrize(
    ("up_to", "code"),
    [
        ("", "required"),
        (7, "wrong_type"),
        ("7", "invalid_format"),
        ("1.2", "invalid_format"),
        ("-1.0.0", "invalid_format"),
        ("1.2.3.4", "invalid_format"),
        ("9223372036854775808.0.0", "invalid_format"),
        # What has not been told yet would never be.
        ("999.0.0", "invalid_format"),
        ("0.9000000000000000000.0", "invalid_format"),
    ],
)
def test_a_mark_that_no_list_gave(user, up_to, code):
    read(user, up_to).problem(422, "validation_failed", {"upTo": code})


def test_wrong_pages(user):
    for cursor in ("x", "1", "1.2.3.4", ""):
        user.get("/api/notifications", params={"cursor": cursor}).problem(
            422, "validation_failed", {"cursor": "invalid_format"}
        )
    user.get("/api/notifications", params={"limit": 101}).problem(
        422, "validation_failed", {"limit": "out_of_range"}
    )


def test_nobody_reads_without_signing_in(client):
    client.get("/api/notifications").problem(401, "token_missing")
    client.put("/api/notifications/read", {"upTo": "0.0.0"}).problem(401, "token_missing")


def test_what_is_no_entry_comes_on_the_stream_too(launch, cluster):
    user = launch().new_user()
    with Stream(user) as stream:
        stream.wait_open()
        cluster.sql(f"INSERT INTO user_events (user_id, kind) VALUES ('{user.id}', 'app_added')")
        kind, _, told = stream.next_event()
        assert (kind, told["kind"]) == ("notice", "app_added")
        assert page(user)["data"][0] == told


def test_another_service_tells_the_same(two_services):
    users, services = two_services
    payer, payee = users.new_user(), users.new_user()
    here, there = (through(payee, each) for each in services)
    through(payer, services[0]).pay(payee, "2.00").ok(201)
    assert page(here) == page(there)
    read(here, page(here)["upTo"]).ok()
    assert page(there)["unread"] == 0
