"""A stream of an account's events, followed."""

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
        deadline = time.monotonic() + 30
        for line in self.lines:  # a heartbeat is one too
            assert time.monotonic() < deadline, "no event, but heartbeats"
            if line == "" and event:
                return event["event"], event.get("id"), exact_json.loads(event["data"])
            if line and not line.startswith(":"):
                name, value = line.split(": ", 1)
                event[name] = value
        raise AssertionError("the stream ended")

    def wait_open(self):
        assert next(self.lines).startswith(":")
