"""POST /api/users/refresh: rotation, reuse, the grace for a lost answer."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.keys import claims_of
from harness.users import again

GRACE_S = 10


def refresh(client, token):
    return client.post("/api/users/refresh", {"refreshToken": token})


def test_answers_as_login_does(client, user):
    body = refresh(client, user.refresh_token).ok()
    assert set(body) == {"accessToken", "refreshToken", "tokenType", "expiresIn", "user"}
    assert body["user"] == user.profile()
    assert body["refreshToken"] != user.refresh_token
    old, new = claims_of(user.token), claims_of(body["accessToken"])
    assert old["sid"] == new["sid"], "the session stays the same"
    assert old["jti"] != new["jti"]
    client.get("/api/users/me", token=body["accessToken"]).ok()


def test_a_long_chain_of_refreshes(client, user):
    token = user.refresh_token
    for _ in range(10):
        token = refresh(client, token).ok()["refreshToken"]


def test_the_old_token_works_for_a_moment_in_case_the_answer_was_lost(client, user):
    refresh(client, user.refresh_token).ok()
    retried = refresh(client, user.refresh_token).ok()
    refresh(client, retried["refreshToken"]).ok()


def test_many_refreshes_at_once_do_not_end_the_session(client, user):
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: refresh(client, user.refresh_token), range(8)))
    for reply in replies:
        client.get("/api/users/me", token=reply.ok()["accessToken"]).ok()


def test_reuse_after_the_grace_ends_the_whole_family(client, user):
    other_session = again(user)
    stolen = user.refresh_token
    current = refresh(client, stolen).ok()
    current = refresh(client, current["refreshToken"]).ok()
    time.sleep(GRACE_S + 1)
    refresh(client, stolen).problem(401, "refresh_token_reused")
    refresh(client, current["refreshToken"]).problem(401, "refresh_token_invalid")
    refresh(client, other_session.refresh_token).ok()


@pytest.mark.parametrize(
    "token", ["x", "nonsense", "a" * 43, "a" * 4000, "ü", "a.b.c", "' OR 1=1 --"]
)
def test_refuses_tokens_it_never_made(client, token):
    refresh(client, token).problem(401, "refresh_token_invalid")


def test_an_access_token_is_no_refresh_token(client, user):
    refresh(client, user.token).problem(401, "refresh_token_invalid")
    client.get("/api/users/me", token=user.refresh_token).problem(401, "token_invalid")


def test_a_changed_token_is_refused(client, user):
    token = user.refresh_token
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    refresh(client, changed).problem(401, "refresh_token_invalid")
    refresh(client, token).ok()


def test_refused_after_logout(client, user):
    client.post("/api/users/logout", {"refreshToken": user.refresh_token}).ok(204)
    refresh(client, user.refresh_token).problem(401, "refresh_token_invalid")


def test_expires(launch):
    platform = launch(REFRESH_TOKEN_TTL_S="1")
    user = platform.new_user()
    time.sleep(1.2)
    refresh(platform.client, user.refresh_token).problem(401, "refresh_token_invalid")


BAD = [
    ({}, {"refreshToken": "required"}),
    ({"refreshToken": None}, {"refreshToken": "wrong_type"}),
    ({"refreshToken": 5}, {"refreshToken": "wrong_type"}),
    ({"refreshToken": "x", "more": 1}, {"more": "unknown_field"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields(client, sent, fields):
    client.post("/api/users/refresh", sent).problem(422, "validation_failed", fields)


def test_a_refresh_shows_what_changed_in_between(client, operator, user):
    operator.patch(f"/api/users/{user.id}", {"role": "auditor"}).ok()
    body = refresh(client, user.refresh_token).ok()
    assert body["user"]["role"] == "auditor"
    assert claims_of(body["accessToken"])["role"] == "auditor"
