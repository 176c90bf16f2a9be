"""What a request costs is bounded by its size, and what one client may have by limits."""

import contextlib
import json
import time

from harness.exact_json import Literal
from harness.raw import connect, parse, read_to_end
from harness.waiting import wait_until


def test_objects_have_few_members(client):
    """Without a login: what was 32 ms of an I/O thread."""
    many = "{" + ",".join(f'"k{i}":0' for i in range(6000)) + "}"
    for path in ("/api/users/login", "/api/users/register"):
        reply = client.post(path, Literal(many))
        assert "more than 32 members" in reply.problem(400, "invalid_json")["detail"]


def test_at_most_fifty_mistakes_are_listed(user):
    """An answer does not grow with the mistakes in the request."""
    item = {f"unknown{i:02}": 0 for i in range(30)}
    for count in (100, 200, 400):
        reply = user.post("/api/transactions/batch", {"transfers": [item] * count})
        problem = reply.problem(422, "validation_failed")
        assert len(problem["errors"]) == 50
        assert "These are the first 50, and " in problem["detail"]
        assert len(reply.text) < 10_000


def test_names_cannot_make_an_answer_large(client):
    names = {"\x01" * 100 + f"{i:02}": 0 for i in range(32)}
    reply = client.post("/api/users/login", Literal(json.dumps(names)))
    reply.problem(422, "validation_failed")
    assert len(reply.text) < 64_000


def test_probes_cost_no_query_each(launch):
    platform = launch(IO_THREADS="1")
    services, probes = ("user", "transaction", "reporting"), 300
    begun = time.monotonic()
    for service in services:
        for _ in range(probes):
            assert platform.client.get("/health/ready", service=service).status == 200
            assert platform.client.get("/metrics", service=service).status == 200
    # One a second for each service, however many are asked.
    name = 'instapay_db_statement_duration_seconds_count{statement="operations/applied_migrations"}'
    queries = platform.client.metric(name, "user")
    assert 0 < queries <= len(services) * (time.monotonic() - begun + 10)
    assert queries < len(services) * probes


def test_an_address_has_so_many_connections(launch):
    platform = launch(CONNECTIONS_PER_ADDRESS="10")
    url = platform.urls["user"]
    with contextlib.ExitStack() as stack:
        opened = [stack.enter_context(connect(url)) for _ in range(10)]
        for connection in opened:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4000).startswith(b"HTTP/1.1 200 ")
        with connect(url) as one_more:
            reply = parse(read_to_end(one_more))
        assert reply.status == 429
        assert json.loads(reply.body)["code"] == "rate_limited"
        assert reply.headers["retry-after"] == "1"
        # Another server has a limit of its own.
        assert platform.client.get("/health", service="reporting").status == 200
    wait_until(lambda: platform.probe("user", "/health") == 200, 20, "room for others")


def test_a_trusted_proxy_brings_everybody(launch):
    platform = launch(CONNECTIONS_PER_ADDRESS="5", TRUSTED_PROXIES="127.0.0.1")
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            connection = stack.enter_context(connect(platform.urls["user"]))
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4000).startswith(b"HTTP/1.1 200 ")
