"""TRUSTED_PROXIES: whose word about a client's address and scheme is believed."""

import itertools

import pytest


@pytest.fixture(scope="module")
def limit():
    return {"RATE_LIMIT_ADDRESS_PER_S": "5", "TRUSTED_PROXIES": "127.0.0.0/8, fd00::/8"}


def statuses(platform, lines, count=40):
    """Of requests whose proxy adds the lines that `lines` makes."""
    return [
        platform.client.get(
            "/api/users/me", headers=[("X-Forwarded-For", x) for x in lines(i)]
        ).status
        for i in range(count)
    ]


def test_a_client_behind_a_proxy_cannot_choose_its_address(launch, limit):
    """HAProxy adds a line of its own behind what the client wrote."""
    platform = launch(**limit)
    assert 429 in statuses(platform, lambda i: [f"198.51.100.{i}", "203.0.113.9"])
    assert 429 in statuses(platform, lambda i: [f"198.51.100.{i}, 203.0.113.10"])
    # Another port is no other client.
    assert 429 in statuses(platform, lambda i: [f"203.0.113.11:{1000 + i}"])
    assert 429 in statuses(platform, lambda i: [f"[2001:db8:1:2::{i}]:{1000 + i}"])
    # What is no address is the proxy's own, and all of it together.
    serial = itertools.count()
    assert 429 in statuses(platform, lambda _: [f"198.51.100.9, garbage-{next(serial)}"])


def test_clients_behind_a_proxy_are_told_apart(launch, limit):
    platform = launch(**limit)
    assert set(statuses(platform, lambda i: [f"203.0.113.{i}"])) == {401}


def test_nobody_else_is_believed(launch, limit):
    platform = launch(**limit | {"TRUSTED_PROXIES": "192.0.2.0/24"})
    assert 429 in statuses(platform, lambda i: [f"203.0.113.{i}"])
    reply = platform.client.get("/health", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in reply.headers


def test_the_scheme_is_of_each_request(launch, limit):
    platform = launch(**limit)
    for scheme, told in (("https", True), ("http", False), ("http, https", True)):
        reply = platform.client.get("/health", headers={"X-Forwarded-Proto": scheme})
        assert ("strict-transport-security" in reply.headers) == told, scheme
    assert "strict-transport-security" not in platform.client.get("/health").headers


@pytest.mark.parametrize("address", [b"\xff\xfe", b"203.0.113.9, \xc3\x28", b"a" * 5000])
def test_an_address_that_is_none_does_not_disturb_sign_in(launch, limit, address):
    platform = launch(**limit)
    user = platform.new_user()
    body = {"email": user.email, "password": user.password}
    reply = platform.client.post("/api/users/login", body, headers=[(b"X-Forwarded-For", address)])
    reply.ok()
