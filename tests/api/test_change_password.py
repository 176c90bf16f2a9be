"""PUT /api/users/{id}/password."""

import pytest
from harness.users import again, login
from harness.waiting import wait_until

NEW = "a new passphrase"


def change(by, whom, **body):
    return by.put(f"/api/users/{whom.id}/password", body)


def test_the_new_password_counts_and_the_old_does_not(client, user):
    assert change(user, user, currentPassword=user.password, newPassword=NEW).ok(204) is None
    login(client, user.email, NEW)
    client.post("/api/users/login", {"email": user.email, "password": user.password}).problem(
        401, "invalid_credentials"
    )


def test_ends_the_other_sessions_and_keeps_this_one(client, user):
    other = again(user)
    change(user, user, currentPassword=user.password, newPassword=NEW).ok(204)
    wait_until(lambda: other.get("/api/users/me").status == 401, 2, "the other session ends")
    other.get("/api/users/me").problem(401, "token_revoked")
    client.post("/api/users/refresh", {"refreshToken": other.refresh_token}).problem(
        401, "refresh_token_invalid"
    )
    user.get("/api/users/me").ok()
    client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).ok()


def test_the_current_password_must_be_right(user):
    change(user, user, currentPassword="wrong password", newPassword=NEW).problem(
        401, "invalid_credentials"
    )
    again(user)


def test_only_by_the_user_themselves(user, payee, operator):
    for by in (payee, operator):
        change(by, user, currentPassword=user.password, newPassword=NEW).problem(403, "forbidden")


BAD = [
    ({}, {"currentPassword": "required", "newPassword": "required"}),
    ({"newPassword": NEW}, {"currentPassword": "required"}),
    ({"currentPassword": "x", "newPassword": "short"}, {"newPassword": "too_short"}),
    ({"currentPassword": "x", "newPassword": "x" * 73}, {"newPassword": "too_long"}),
    ({"currentPassword": "x", "newPassword": "ü" * 37}, {"newPassword": "too_long"}),
    (
        {"currentPassword": "x", "newPassword": "eight\u0000bytes"},
        {"newPassword": "invalid_format"},
    ),
    ({"currentPassword": "x", "newPassword": 12345678}, {"newPassword": "wrong_type"}),
    ({"currentPassword": None, "newPassword": NEW}, {"currentPassword": "wrong_type"}),
    ({"currentPassword": "x", "newPassword": NEW, "new": 1}, {"new": "unknown_field"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields(user, sent, fields):
    change(user, user, **sent).problem(422, "validation_failed", fields)
