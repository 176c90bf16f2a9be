"""X-Session-Transport: cookie: the refresh token of browsers, out of reach of scripts."""

import re

HEADER = {"X-Session-Transport": "cookie"}


def by_cookie(user):
    body = {"email": user.email, "password": user.password}
    return user.client.post("/api/users/login", body, headers=HEADER)


def value_of(reply):
    return re.match(r"instapay_refresh=([^;]*);", reply.headers["set-cookie"])[1]


def test_login_answers_a_cookie_and_no_token_in_the_body(user):
    reply = by_cookie(user)
    assert set(reply.ok()) == {"accessToken", "tokenType", "expiresIn", "user"}
    attributes = reply.headers["set-cookie"].split("; ")[1:]
    assert {"HttpOnly", "SameSite=Strict", "Path=/api/users"} <= set(attributes)
    assert value_of(reply) not in reply.text


def test_refresh_and_logout_by_cookie(client, user):
    cookie = {**HEADER, "Cookie": f"other=1; instapay_refresh={value_of(by_cookie(user))}"}
    refreshed = client.post("/api/users/refresh", {}, headers=cookie)
    assert "refreshToken" not in refreshed.ok()
    cookie = {**HEADER, "Cookie": f"instapay_refresh={value_of(refreshed)}"}
    gone = client.post("/api/users/logout", {}, headers=cookie)
    gone.ok(204)
    assert value_of(gone) == ""
    assert "Max-Age=0" in gone.headers["set-cookie"]
    refused = client.post("/api/users/refresh", {}, headers=cookie)
    refused.problem(401, "refresh_token_invalid")


def test_without_the_header_a_cookie_counts_for_nothing(client, user):
    """What another site could make a browser send."""
    cookie = {"Cookie": f"instapay_refresh={value_of(by_cookie(user))}"}
    client.post("/api/users/refresh", {}, headers=cookie).problem(
        422, "validation_failed", {"refreshToken": "required"}
    )
    client.get("/api/users/me", headers=cookie).problem(401, "token_missing")


def test_another_transport_is_refused(client, user):
    headers = {"X-Session-Transport": "pigeon"}
    body = {"email": user.email, "password": user.password}
    client.post("/api/users/login", body, headers=headers).problem(
        422, "validation_failed", {"X-Session-Transport": "not_allowed"}
    )


def test_without_a_cookie(client):
    client.post("/api/users/refresh", {}, headers=HEADER).problem(401, "refresh_token_invalid")
    client.post("/api/users/logout", {}, headers=HEADER).ok(204)


def test_under_tls_no_other_host_can_set_them(launch):
    """The prefix __Host-: a browser takes such a cookie from this host alone, and for all of it."""
    platform = launch(TRUSTED_PROXIES="127.0.0.0/8")
    user = platform.new_user()
    secure = {**HEADER, "X-Forwarded-Proto": "https"}
    body = {"email": user.email, "password": user.password}
    reply = platform.client.post("/api/users/login", body, headers=secure)
    cookies = [line.split("; ") for line in reply.headers.get_list("set-cookie")]
    names = [pair.split("=")[0] for pair, *_ in cookies]
    assert names == ["__Host-instapay_refresh", "__Host-instapay_device"]
    for _, *attributes in cookies:
        assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
        assert not [each for each in attributes if each.startswith("Domain")]
    token = cookies[0][0].partition("=")[2]
    tossed = {**secure, "Cookie": f"instapay_refresh={token}"}
    refused = platform.client.post("/api/users/refresh", {}, headers=tossed)
    refused.problem(401, "refresh_token_invalid")
    ours = {**secure, "Cookie": f"instapay_refresh=x; __Host-instapay_refresh={token}"}
    platform.client.post("/api/users/refresh", {}, headers=ours).ok()
