"""RATE_LIMIT_USER_PER_S, RATE_LIMIT_ADDRESS_PER_S, LOGIN_ATTEMPTS_PER_MIN."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.users import again, register

LIMIT_HEADERS = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")


def burst(send, count=60):
    """Many at once: what was let through, what was not, and how long it took."""
    began = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: send(), range(count)))
    refused = [reply for reply in replies if reply.status == 429]
    return [r for r in replies if r.status != 429], refused, time.monotonic() - began


def test_a_user_who_asks_too_often_must_wait_and_others_need_not(launch):
    platform = launch(RATE_LIMIT_USER_PER_S="5")
    user, other = platform.new_user(), platform.new_user()
    allowed, refused, took_s = burst(lambda: user.get("/api/users/me"))
    assert 5 <= len(allowed) <= 5 + 5 * took_s + 1
    for reply in allowed:
        reply.ok()
        assert reply.headers["ratelimit-limit"] == "5"
        for name in LIMIT_HEADERS:
            assert int(reply.headers[name]) >= 0
    assert refused
    for reply in refused:
        reply.problem(429, "rate_limited")
        assert reply.headers["ratelimit-remaining"] == "0"
        assert 1 <= int(reply.headers["retry-after"]) <= 2
    other.get("/api/users/me").ok()
    time.sleep(int(refused[-1].headers["retry-after"]))
    user.get("/api/users/me").ok()


def test_a_new_token_is_the_same_user(launch):
    platform = launch(RATE_LIMIT_USER_PER_S="3")
    user = platform.new_user()
    second = again(user)
    time.sleep(1.1)
    # Both together get no more than one would.
    turns = itertools.cycle([user, second])
    allowed, refused, took_s = burst(lambda: next(turns).get("/api/users/me"))
    assert len(allowed) <= 3 + 3 * took_s + 1
    assert refused


@pytest.mark.parametrize(
    "path", ["/api/users/me", "/api/transactions", "/api/reports/system", "/api/nothing"]
)
def test_an_address_that_asks_too_often_must_wait(launch, path):
    platform = launch(RATE_LIMIT_ADDRESS_PER_S="5")
    allowed, refused, took_s = burst(lambda: platform.client.get(path))
    assert len(allowed) <= 5 + 5 * took_s + 1
    assert refused
    for reply in refused:
        reply.problem(429, "rate_limited")
    for _ in range(20):
        assert platform.client.get("/health").status == 200, "probes are never limited"
        assert platform.client.get("/health/ready").status == 200


def test_an_address_cannot_be_made_up(launch):
    platform = launch(RATE_LIMIT_ADDRESS_PER_S="5")
    serial = itertools.count(1)

    def send():
        address = f"10.0.0.{next(serial)}"
        headers = {"X-Forwarded-For": address, "X-Real-IP": address}
        return platform.client.get("/api/users/me", headers=headers)

    allowed, refused, took_s = burst(send)
    assert len(allowed) <= 5 + 5 * took_s + 1
    assert refused


def test_switched_off_there_are_no_headers(client, user):
    reply = user.get("/api/users/me")
    assert not [name for name in LIMIT_HEADERS if name in reply.headers]


def test_guessing_a_password_gets_slower_for_account_and_address(launch):
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="3")
    user, other = platform.new_user(), platform.new_user()

    def guess(email):
        body = {"email": email, "password": "a wrong guess"}
        return platform.client.post("/api/users/login", body)

    for _ in range(3):
        guess(user.email).problem(401, "invalid_credentials")
    refused = guess(user.email)
    refused.problem(429, "login_throttled")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    right = {"email": user.email, "password": user.password}
    platform.client.post("/api/users/login", right).problem(429, "login_throttled")
    user.get("/api/users/me").ok()
    again(other)
    # A name that does not exist is throttled alike: the answer tells nothing.
    for _ in range(3):
        guess("nobody.here@example.com").problem(401, "invalid_credentials")
    guess("nobody.here@example.com").problem(429, "login_throttled")
    # One address trying many names is stopped too.
    statuses = [guess(f"name{i}@example.com").status for i in range(40)]
    assert 429 in statuses


def test_a_right_password_forgives_the_wrong_ones(launch):
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="3")
    user = register(platform.client)
    for _ in range(3):
        for _ in range(2):
            platform.client.post(
                "/api/users/login", {"email": user.email, "password": "a wrong guess"}
            ).problem(401, "invalid_credentials")
        again(user)
