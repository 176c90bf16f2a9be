"""GET /api/transactions/stream: what happens to payment requests."""

from contextlib import ExitStack

import pytest
from harness.requests import act, ask, from_now, look, settle
from harness.stream import Stream
from harness.users import through


@pytest.fixture
def friend(user, new_user):
    """Somebody who has paid the user: a contact."""
    person = new_user()
    person.pay(user, "1.00").ok(201)
    return person


def opened(stack, *people):
    streams = [stack.enter_context(Stream(person)) for person in people]
    for stream in streams:
        stream.wait_open()
    return streams


def next_change(stream):
    """The next event of a request, past those of entries."""
    while True:
        kind, event_id, data = stream.next_event()
        assert kind in ("entry", "request")
        if kind == "request":
            return data["change"], data["request"], event_id


def test_both_sides_hear_each_change_once(user, friend):
    with ExitStack() as stack:
        mine, theirs = opened(stack, user, friend)
        paid = ask(user, friend, amount="3.00", note="Tea").ok(201)
        act(user, paid, "remind").ok()
        settle(friend, paid).ok(201)
        declined = ask(user, friend, amount="4.00").ok(201)
        act(friend, declined, "decline", reason="No").ok()
        cancelled = ask(user, friend, amount="5.00").ok(201)
        act(user, cancelled, "cancel").ok()
        expected = [
            *[(change, paid["id"]) for change in ("created", "reminded", "paid")],
            *[(change, declined["id"]) for change in ("created", "declined")],
            *[(change, cancelled["id"]) for change in ("created", "cancelled")],
        ]
        for stream, person in ((mine, user), (theirs, friend)):
            heard = [next_change(stream) for _ in expected]
            assert [(change, request["id"]) for change, request, _ in heard] == expected
            # The last word on each is what reading it says.
            last = {request["id"]: request for _, request, _ in heard}
            for request in last.values():
                now = look(person, request)
                now.pop("payments", None)
                assert request == now


def test_what_runs_out_is_told_to_both(user, friend):
    with ExitStack() as stack:
        streams = opened(stack, user, friend)
        asked = ask(user, friend, amount="3.00", expiresAt=from_now(seconds=2)).ok(201)
        for stream in streams:
            assert next_change(stream)[0] == "created"
            change, request, _ = next_change(stream)
            assert (change, request["id"], request["status"]) == ("expired", asked["id"], "expired")


def test_a_link_tells_who_made_it_and_its_first_payment(user, friend, new_user):
    stranger = new_user()
    with ExitStack() as stack:
        mine, theirs, another = opened(stack, user, friend, stranger)
        asked = ask(user, uses="many", amount="2.00").ok(201)
        assert next_change(mine)[:2] == ("created", asked)
        for person in (friend, stranger):
            settle(person, asked).ok(201)
        assert next_change(mine)[0] == "partly_paid"
        act(user, asked, "cancel").ok()
        assert next_change(mine)[0] == "cancelled"
        # Of who paid it only their own entry is told.
        for stream in (theirs, another):
            kind, _, entry = stream.next_event()
            assert (kind, entry["requestId"]) == ("entry", asked["id"])


def test_who_comes_back_hears_what_they_missed(user, friend):
    with Stream(friend) as stream:
        stream.wait_open()
        first = ask(user, friend, amount="3.00").ok(201)
        change, request, last = next_change(stream)
        assert (change, request["id"]) == ("created", first["id"])
    settle(friend, first).ok(201)
    second = ask(user, friend, amount="4.00").ok(201)
    act(user, second, "cancel").ok()
    with Stream(friend, last_event_id=last) as stream:
        heard, ids = [], [last]
        while len(heard) < 3:
            change, request, event_id = next_change(stream)
            heard.append((change, request["id"], request["status"]))
            ids.append(event_id)
    assert heard == [
        ("paid", first["id"], "paid"),
        ("created", second["id"], "cancelled"),
        ("cancelled", second["id"], "cancelled"),
    ]
    # Each event is a place to go on from.
    with Stream(friend, last_event_id=ids[1]) as stream:
        assert [next_change(stream)[0] for _ in range(2)] == ["created", "cancelled"]
    with Stream(friend, last_event_id=ids[-1]) as stream:
        stream.wait_open()
        third = ask(user, friend, amount="5.00").ok(201)
        assert next_change(stream)[1]["id"] == third["id"]


def test_what_one_service_does_the_other_tells(two_services):
    users, services = two_services
    payee, payer = users.new_user(), users.new_user()
    payees, payers = ([through(person, each) for each in services] for person in (payee, payer))
    payers[0].pay(payee, "1.00").ok(201)
    with ExitStack() as stack:
        streams = opened(stack, payees[0], payees[1], payers[0], payers[1])
        asked = ask(payees[0], payer, amount="3.00").ok(201)
        for stream in streams:
            change, request, last = next_change(stream)
            assert (change, request["id"]) == ("created", asked["id"])
    settle(payers[1], asked).ok(201)
    # The other service goes on where one was left.
    with Stream(payers[0], last_event_id=last) as stream:
        assert next_change(stream)[0] == "paid"


def test_those_whom_one_blocks_are_not_heard(user, friend, new_user):
    other = new_user()
    other.pay(friend, "1.00").ok(201)
    with Stream(friend) as stream:
        stream.wait_open()
        friend.put(f"/api/requests/blocks/{user.id}").ok(204)
        asked = ask(other, friend, amount="3.00").ok(201)
        assert next_change(stream)[1]["id"] == asked["id"]
        friend.delete(f"/api/requests/blocks/{user.id}").ok(204)
