"""GET /api/users/{id}."""

import uuid

import pytest

PUBLIC = {"id", "username", "displayName"}


def test_the_user_operators_and_auditors_see_everything(user, operator, auditor):
    whole = user.profile()
    for viewer in (user, operator, auditor):
        assert viewer.get(f"/api/users/{user.id}").ok() == whole


def test_others_see_the_public_part_only(user, payee):
    seen = payee.get(f"/api/users/{user.id}").ok()
    assert set(seen) == PUBLIC
    assert seen["username"] == user.username


def test_an_upper_case_id_is_the_same_id(user):
    assert user.get(f"/api/users/{user.id.upper()}").ok()["id"] == user.id


def test_unknown_is_404(user):
    user.get(f"/api/users/{uuid.uuid4()}").problem(404, "user_not_found")


def test_the_ledgers_own_accounts_are_no_users(user):
    (opening,) = user.history()
    user.get(f"/api/users/{opening['senderId']}").problem(404, "user_not_found")


@pytest.mark.parametrize(
    "identifier", ["1", "not-a-uuid", "0" * 36, "019aa4c2-5b7d-7f12-8c44-91d2e3f4a5b", "%27"]
)
def test_an_id_that_is_none_is_422(user, identifier):
    reply = user.get(f"/api/users/{identifier}")
    reply.problem(422, "validation_failed", {"id": "invalid_format"})
