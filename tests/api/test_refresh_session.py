"""POST /api/users/refresh: rotation, reuse, answers that were lost, lives of sessions."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from harness.keys import claims_of
from harness.users import again


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


def test_the_old_token_works_until_its_successor_was_used(client, user):
    """The answer was lost, and however late it is asked for again."""
    first = refresh(client, user.refresh_token).ok()
    for _ in range(3):
        retried = refresh(client, user.refresh_token).ok()
        assert retried["refreshToken"] == first["refreshToken"]
    refresh(client, retried["refreshToken"]).ok()


def test_an_answer_that_was_lost_long_ago(launch, cluster):
    """Longer than any client waits for one: the wallet gives up after 15 s."""
    platform = launch()
    user = platform.new_user()
    first = refresh(platform.client, user.refresh_token).ok()
    cluster.sql("UPDATE refresh_tokens SET replaced_at = replaced_at - interval '20 days'")
    retried = refresh(platform.client, user.refresh_token).ok()
    assert retried["refreshToken"] == first["refreshToken"]
    refresh(platform.client, retried["refreshToken"]).ok()
    refresh(platform.client, user.refresh_token).problem(401, "refresh_token_reused")


def test_two_tabs_that_race_over_and_over(client, user):
    token = user.refresh_token
    with ThreadPoolExecutor(2) as pool:
        for _ in range(10):
            one, two = pool.map(lambda _, t=token: refresh(client, t), range(2))
            assert one.ok()["refreshToken"] == two.ok()["refreshToken"]
            token = one.json["refreshToken"]


def test_many_refreshes_at_once_do_not_end_the_session(client, user):
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: refresh(client, user.refresh_token), range(8)))
    for reply in replies:
        client.get("/api/users/me", token=reply.ok()["accessToken"]).ok()


def test_reuse_of_an_older_one_ends_the_whole_family(client, user):
    other_session = again(user)
    stolen = user.refresh_token
    current = refresh(client, stolen).ok()
    current = refresh(client, current["refreshToken"]).ok()
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


def test_a_session_has_an_end_however_often_it_is_refreshed(launch, cluster):
    platform = launch(SESSION_TTL_S="1000")
    user = platform.new_user()
    body = refresh(platform.client, user.refresh_token).ok()
    assert body["expiresIn"] == 900
    ends = f"WHERE user_id = '{user.id}'"
    cluster.sql(f"UPDATE sessions SET created_at = created_at - interval '900 seconds' {ends}")
    body = refresh(platform.client, body["refreshToken"]).ok()
    assert body["expiresIn"] <= 100, "no access token outlives its session"
    (session,) = user.get(f"/api/users/{user.id}/sessions").ok()["data"]
    began, until = session["createdAt"], session["expiresAt"]
    lived_s = (datetime.fromisoformat(until) - datetime.fromisoformat(began)).total_seconds()
    assert lived_s <= 1000
    cluster.sql(f"UPDATE sessions SET created_at = created_at - interval '101 seconds' {ends}")
    refresh(platform.client, body["refreshToken"]).problem(401, "refresh_token_invalid")


def test_of_a_closed_account_the_answer_says_so_and_the_session_ends(launch, cluster):
    platform = launch()
    user = platform.new_user()
    operator = platform.operator()
    operator.adjust(user, -1000).ok()
    operator.patch(f"/api/users/{user.id}", {"status": "closed"}).ok()
    for _ in range(2):
        refresh(platform.client, user.refresh_token).problem(403, "account_closed")
    # A session that was there before closing ended them all.
    cluster.sql(f"UPDATE sessions SET revoked_at = NULL WHERE user_id = '{user.id}'")
    refresh(platform.client, user.refresh_token).problem(403, "account_closed")
    left = f"SELECT id FROM sessions WHERE user_id = '{user.id}' AND revoked_at IS NULL"
    assert cluster.sql(left) == []
    headers = {
        "X-Session-Transport": "cookie",
        "Cookie": f"instapay_refresh={user.refresh_token}",
    }
    reply = platform.client.post("/api/users/refresh", {}, headers=headers)
    assert "Max-Age=0" in reply.headers["set-cookie"], "a browser forgets it"
    # Opened again, the sessions of before stay ended.
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    refresh(platform.client, user.refresh_token).problem(401, "refresh_token_invalid")
