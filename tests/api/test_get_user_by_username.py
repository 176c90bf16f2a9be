"""GET /api/users/by-username/{username}."""

import pytest


def find(viewer, username):
    return viewer.get(f"/api/users/by-username/{username}")


def test_others_see_the_public_part_only(user, payee, operator):
    public = {"id": user.id, "username": user.username, "displayName": user.username}
    assert find(payee, user.username).ok() == public
    assert find(payee, user.username.upper()).ok() == public
    assert find(user, user.username).ok() == find(operator, user.username).ok() == user.profile()


def test_a_changed_username_is_found_at_once(user, payee):
    old = user.username
    user.patch(f"/api/users/{user.id}", {"username": f"{old}.new"}).ok()
    assert find(payee, f"{old}.new").ok()["id"] == user.id
    find(payee, old).problem(404, "user_not_found")


@pytest.mark.parametrize("username", ["nobody.at.all", "x", "a%20b", "%25", "x" * 40])
def test_unknown_is_404(user, username):
    reply = find(user, username)
    assert reply.status in (404, 422), str(reply)
    assert reply.json["code"] in ("user_not_found", "validation_failed"), str(reply)
