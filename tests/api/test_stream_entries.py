"""GET /api/transactions/stream."""

import time

import pytest
from harness.stream import Stream


def number_in(event_id):
    """Of the entry: the opening grant was the first."""
    return int(event_id.split(".")[0])


def test_both_sides_hear_of_a_transfer_at_once(user, payee):
    with Stream(user) as mine, Stream(payee) as theirs:
        mine.wait_open()
        theirs.wait_open()
        began = time.monotonic()
        done = user.pay(payee, "12.30").ok(201)
        for stream, direction in ((mine, "out"), (theirs, "in")):
            kind, event_id, entry = stream.next_event()
            assert (kind, number_in(event_id), entry["id"]) == ("entry", 2, done["id"])
            assert entry["direction"] == direction
        assert time.monotonic() - began < 10
        assert entry["balanceAfter"] == payee.balance()


def test_resumes_after_the_last_event(user, payee):
    paid = [user.pay(payee, amount).ok(201)["id"] for amount in ("1.00", "2.00", "3.00")]
    with Stream(payee, last_event_id="2.3.0") as stream:
        events = [stream.next_event() for _ in range(2)]
        assert [number_in(event_id) for _, event_id, _ in events] == [3, 4]
        assert [entry["id"] for _, _, entry in events] == paid[1:]
    with Stream(payee, last_event_id=events[0][1]) as stream:
        assert stream.next_event() == events[1]


def test_what_moves_no_money_is_no_event(user, payee, operator):
    with Stream(payee) as stream:
        stream.wait_open()
        operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
        operator.patch(f"/api/users/{payee.id}", {"status": "active"}).ok()
        done = user.pay(payee, 1).ok(201)
        _, event_id, entry = stream.next_event()
        assert (number_in(event_id), entry["id"]) == (4, done["id"])
    with Stream(payee, last_event_id="2.3.0") as stream:
        assert number_in(stream.next_event()[1]) == 4


# An id of 0.1 was that of a transaction; a number that is not there yet may have been given by a
# database that went back since.
# One that is not whole, or whose transaction the database has not reached, neither.
@pytest.mark.parametrize(
    "last",
    [
        *("not-one-of-ours", "019aa4c2-6f3e-7b61-9a53-2c1d0f6e8a11", "-1", "1e3", "1000000"),
        *("1", "1.3", "1.3.", "1.3.0.0", "1.-3.0", "1,3,0", "1000000.3.0"),
        "1.9223372036854775807.0",
    ],
)
def test_what_cannot_be_resumed_is_reset(user, payee, last):
    with Stream(user, last_event_id=last) as stream:
        kind, _, data = stream.next_event()
        assert (kind, data) == ("reset", {})
        user.pay(payee, 1).ok(201)
        assert number_in(stream.next_event()[1]) == 2


def test_ends_with_its_session(user):
    with Stream(user) as stream:
        stream.wait_open()
        user.delete(f"/api/users/{user.id}/sessions").ok(204)
        began = time.monotonic()
        for _ in stream.lines:
            assert time.monotonic() - began < 15
