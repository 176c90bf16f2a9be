"""GET /api/transactions/stream."""

import time

import httpx
from harness import exact_json


class Stream:
    """One open stream; next_event() gives (event, id, data)."""

    def __init__(self, user, last_event_id=None):
        url = user.client.url("/api/transactions/stream")
        headers = {"Authorization": f"Bearer {user.token}"}
        if last_event_id:
            headers["Last-Event-ID"] = last_event_id
        self.http = httpx.Client(timeout=20)
        self.context = self.http.stream("GET", url, headers=headers)
        self.response = self.context.__enter__()
        self.lines = self.response.iter_lines()

    def __enter__(self):
        assert self.response.status_code == 200
        assert self.response.headers["content-type"] == "text/event-stream"
        return self

    def __exit__(self, *_):
        self.response.close()
        self.http.close()

    def next_event(self):
        event = {}
        for line in self.lines:
            if line == "" and event:
                return event["event"], event.get("id"), exact_json.loads(event["data"])
            if line and not line.startswith(":"):
                name, value = line.split(": ", 1)
                event[name] = value
        raise AssertionError("the stream ended")

    def wait_open(self):
        assert next(self.lines).startswith(":")


def test_both_sides_hear_of_a_transfer_at_once(user, payee):
    with Stream(user) as mine, Stream(payee) as theirs:
        mine.wait_open()
        theirs.wait_open()
        began = time.monotonic()
        done = user.pay(payee, "12.30").ok(201)
        for stream, direction in ((mine, "out"), (theirs, "in")):
            kind, event_id, entry = stream.next_event()
            # The number of the entry: the opening grant was the first.
            assert (kind, event_id, entry["id"]) == ("entry", "2", done["id"])
            assert entry["direction"] == direction
        assert time.monotonic() - began < 10
        assert entry["balanceAfter"] == payee.balance()


def test_resumes_after_the_last_event(user, payee):
    paid = [user.pay(payee, amount).ok(201)["id"] for amount in ("1.00", "2.00", "3.00")]
    with Stream(payee, last_event_id="2") as stream:
        events = [stream.next_event() for _ in range(2)]
        assert [event_id for _, event_id, _ in events] == ["3", "4"]
        assert [entry["id"] for _, _, entry in events] == paid[1:]


def test_what_cannot_be_resumed_is_reset(user):
    with Stream(user, last_event_id="not-one-of-ours") as stream:
        kind, _, data = stream.next_event()
        assert (kind, data) == ("reset", {})


def test_ends_with_its_session(user):
    with Stream(user) as stream:
        stream.wait_open()
        user.delete(f"/api/users/{user.id}/sessions").ok(204)
        began = time.monotonic()
        for _ in stream.lines:
            assert time.monotonic() - began < 15
