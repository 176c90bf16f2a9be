"""The device cookie: strangers who guess do not keep the owner out."""

import re

import pytest

HEADER = {"X-Session-Transport": "cookie"}
ATTEMPTS = 10
PROXY = {"TRUSTED_PROXIES": "127.0.0.0/8"}


@pytest.fixture
def platform(launch):
    return launch(LOGIN_ATTEMPTS_PER_MIN=str(ATTEMPTS), **PROXY)


def try_as(platform, email, password, address="198.51.100.7", device=None, cookie=True):
    headers = {"X-Forwarded-For": address, **(HEADER if cookie else {})}
    if device is not None:
        headers["Cookie"] = f"a=b; instapay_device={device}"
    body = {"email": email, "password": password}
    return platform.client.post("/api/users/login", body, headers=headers)


def device_of(reply):
    reply.ok()
    found = [
        re.match(r"instapay_device=([^;]+); (.*)", line)
        for line in reply.headers.get_list("set-cookie")
    ]
    (value, attributes) = next(match for match in found if match).groups()
    assert {"HttpOnly", "SameSite=Strict", "Path=/api/users"} <= set(attributes.split("; "))
    return value


def guesses(platform, email, count, **how):
    return [try_as(platform, email, "a wrong guess", **how).status for _ in range(count)]


def test_strangers_do_not_keep_a_known_device_out(platform):
    owner = platform.new_user()
    device = device_of(try_as(platform, owner.email, owner.password))
    for minute in range(3):
        addresses = [f"203.0.{minute}.{i}" for i in range(ATTEMPTS * 2)]
        seen = [try_as(platform, owner.email, "a wrong guess", a).status for a in addresses]
        assert seen.count(429) >= ATTEMPTS - 1
        try_as(platform, owner.email, owner.password).problem(429, "login_throttled")
        try_as(platform, owner.email, owner.password, device=device).ok()
        # The owner's coming in gives the strangers no more guesses.
        try_as(platform, owner.email, "a wrong guess").problem(429, "login_throttled")


def test_nor_does_who_shares_the_owners_address(platform):
    owner = platform.new_user()
    device = device_of(try_as(platform, owner.email, owner.password))
    for i in range(ATTEMPTS * 6):
        try_as(platform, f"name{i}@example.com", "a wrong guess")
    try_as(platform, "somebody@example.com", "a wrong guess").problem(429, "login_throttled")
    try_as(platform, owner.email, owner.password, device=device).ok()


def test_a_device_has_a_bucket_of_its_own(platform):
    owner = platform.new_user()
    device = device_of(try_as(platform, owner.email, owner.password))
    assert guesses(platform, owner.email, ATTEMPTS + 1, device=device) == [401] * ATTEMPTS + [429]
    # Neither other devices nor strangers pay for it.
    try_as(platform, owner.email, owner.password, address="192.0.2.1").ok()


def test_a_cookie_is_of_one_person(platform):
    """Who has an account does not guess at another's with its cookie."""
    stranger, owner = platform.new_user(), platform.new_user()
    device = device_of(try_as(platform, stranger.email, stranger.password))
    seen = guesses(platform, owner.email, ATTEMPTS * 2, device=device)
    assert seen.count(429) >= ATTEMPTS - 1


@pytest.mark.parametrize("change", ["x", "cut", "other", "empty", "long"])
def test_a_cookie_that_is_not_ours_counts_for_nothing(platform, change):
    owner = platform.new_user()
    device = device_of(try_as(platform, owner.email, owner.password))
    forged = {
        "x": ("A" if device[0] != "A" else "B") + device[1:],
        "cut": device[:-1],
        "other": "." + device[:40] + "." + device[40:],
        "empty": "",
        "long": "A" * 4000,
    }[change]
    guesses(platform, owner.email, ATTEMPTS + 1)
    try_as(platform, owner.email, owner.password, device=forged).problem(429, "login_throttled")


def test_people_who_share_a_browser_are_all_known(platform):
    people = [platform.new_user() for _ in range(4)]
    device = ""
    for person in people:
        device = device_of(try_as(platform, person.email, person.password, device=device))
    for person in people:
        guesses(platform, person.email, ATTEMPTS + 1, address="203.0.113.9")
    for person in people:
        try_as(platform, person.email, person.password, device=device).ok()


def test_a_refresh_makes_the_device_known_too(platform):
    """Sessions of before there were device cookies."""
    owner = platform.new_user()
    first = try_as(platform, owner.email, owner.password)
    refresh = re.match(r"instapay_refresh=([^;]+)", first.headers["set-cookie"])[1]
    headers = {**HEADER, "Cookie": f"instapay_refresh={refresh}"}
    device = device_of(platform.client.post("/api/users/refresh", {}, headers=headers))
    guesses(platform, owner.email, ATTEMPTS + 1)
    again = try_as(platform, owner.email, owner.password, device=device)
    # Not each time another: the one there is is good for a while.
    assert [c.split("=")[0] for c in again.headers.get_list("set-cookie")] == ["instapay_refresh"]


def test_programs_get_no_cookie(platform):
    owner = platform.new_user()
    reply = try_as(platform, owner.email, owner.password, cookie=False)
    assert "set-cookie" not in reply.headers


def test_changing_networks_inside_a_larger_one_does_not_get_around(platform):
    """Rotating the /64s of one /48, or the addresses of a /24, over many accounts."""

    def allowed(address_of, count):
        statuses = [
            try_as(
                platform,
                f"n{i}.{address_of(i)[-4:].strip(':.')}@example.com",
                "a wrong guess",
                address_of(i),
            ).status
            for i in range(count)
        ]
        return statuses.count(401)

    tries = ATTEMPTS * 30
    assert allowed(lambda i: f"2001:db8:1:{i:x}::1", tries) < ATTEMPTS * 27
    assert allowed(lambda i: f"2001:db8:2:0{i % 200 + 16:x}::{i:x}", ATTEMPTS * 15) < ATTEMPTS * 12
    assert allowed(lambda i: f"192.0.2.{i % 250}", tries) < ATTEMPTS * 27
    # Another network is not concerned.
    assert try_as(platform, "x@example.com", "a wrong guess", "2001:db8:3::1").status == 401
    assert try_as(platform, "x@example.com", "a wrong guess", "192.0.3.1").status == 401
