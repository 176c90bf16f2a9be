"""POST /api/users/logout."""

import pytest
from harness.users import again
from harness.waiting import wait_until


def logout(client, token):
    return client.post("/api/users/logout", {"refreshToken": token})


def test_ends_the_session_everywhere_within_two_seconds(client, user):
    other = again(user)
    logout(client, user.refresh_token).ok(204)
    for path in (
        "/api/users/me",
        f"/api/transactions/user/{user.id}",
        f"/api/reports/users/{user.id}",
    ):
        refused = wait_until(
            lambda path=path: (r := user.get(path)).status == 401 and r, 2, f"{path} refuses"
        )
        refused.problem(401, "token_revoked")
        other.get(path).ok()


def test_is_idempotent(client, user):
    for _ in range(3):
        reply = logout(client, user.refresh_token)
        assert reply.ok(204) is None


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 4000])
def test_an_unknown_token_is_no_error(client, token):
    logout(client, token).ok(204)


def test_a_token_that_was_rotated_away_still_ends_its_session(client, user):
    body = client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).ok()
    logout(client, user.refresh_token).ok(204)
    client.post("/api/users/refresh", {"refreshToken": body["refreshToken"]}).problem(
        401, "refresh_token_invalid"
    )


BAD = [
    ({}, {"refreshToken": "required"}),
    ({"refreshToken": 5}, {"refreshToken": "wrong_type"}),
    ({"refreshToken": "x", "all": True}, {"all": "unknown_field"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields(client, sent, fields):
    client.post("/api/users/logout", sent).problem(422, "validation_failed", fields)
