"""GET and DELETE /api/users/{id}/sessions, DELETE /api/users/{id}/sessions/{session_id}."""

import uuid

import pytest
from harness.keys import claims_of
from harness.users import again, login
from harness.waiting import wait_until


def sessions(by, whom):
    return by.get(f"/api/users/{whom.id}/sessions").ok()["data"]


def session_id(user):
    return claims_of(user.token)["sid"]


def ends(user):
    wait_until(lambda: user.get("/api/users/me").status == 401, 2, "the session ends")
    user.get("/api/users/me").problem(401, "token_revoked")
    user.client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).problem(
        401, "refresh_token_invalid"
    )


def test_lists_where_the_user_is_signed_in(client, user):
    phone = login(client, user.email, user.password, headers={"User-Agent": "phone/1.0"})
    found = sessions(user, user)
    assert {item["id"] for item in found} == {session_id(user), session_id(phone)}
    for item in found:
        assert set(item) == {
            *("id", "userAgent", "address", "createdAt", "lastUsedAt", "expiresAt", "current"),
            *("factor", "factorAt"),
        }
        assert item["current"] == (item["id"] == session_id(user))
        assert item["address"] == "127.0.0.1"
        assert (item["factor"], item["factorAt"]) == (None, None)
        assert item["createdAt"] <= item["lastUsedAt"] < item["expiresAt"]
    agents = {item["id"]: item["userAgent"] for item in found}
    assert agents[session_id(phone)] == "phone/1.0"


def test_a_refresh_is_no_new_session(client, user):
    client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).ok()
    assert [item["id"] for item in sessions(user, user)] == [session_id(user)]


def test_ending_one_leaves_the_others(user):
    lost = again(user)
    user.delete(f"/api/users/{user.id}/sessions/{session_id(lost)}").ok(204)
    ends(lost)
    user.get("/api/users/me").ok()
    assert [item["id"] for item in sessions(user, user)] == [session_id(user)]


def test_ending_all_ends_this_one_too(user):
    other = again(user)
    user.delete(f"/api/users/{user.id}/sessions").ok(204)
    ends(user)
    ends(other)


def test_an_ended_session_cannot_move_money(user, payee):
    other = again(user)
    user.delete(f"/api/users/{user.id}/sessions/{session_id(other)}").ok(204)
    wait_until(lambda: other.pay(payee, 1).status == 401, 2, "the transaction service refuses")


def test_an_operator_may_end_sessions_of_others(operator, user):
    assert [item["current"] for item in sessions(operator, user)] == [False]
    operator.delete(f"/api/users/{user.id}/sessions").ok(204)
    ends(user)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_others_may_not(user, payee, method):
    path = f"/api/users/{user.id}/sessions"
    payee.client.send(method, path, token=payee.token).problem(403, "forbidden")


def test_a_session_of_somebody_else_is_not_found(user, payee):
    path = f"/api/users/{user.id}/sessions/{session_id(payee)}"
    user.delete(path).problem(404, "session_not_found")
    payee.get("/api/users/me").ok()
    payee.delete(f"/api/users/{user.id}/sessions/{session_id(user)}").problem(403, "forbidden")


def test_unknown_ids(user, operator):
    path = f"/api/users/{user.id}/sessions/{uuid.uuid4()}"
    user.delete(path).problem(404, "session_not_found")
    operator.get(f"/api/users/{uuid.uuid4()}/sessions").problem(404, "user_not_found")
    user.delete(f"/api/users/{user.id}/sessions/x").problem(
        422, "validation_failed", {"session_id": "invalid_format"}
    )
    user.get("/api/users/x/sessions").problem(422, "validation_failed", {"id": "invalid_format"})
