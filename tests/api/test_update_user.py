"""PATCH /api/users/{id}."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.users import login, unique_name
from harness.waiting import wait_until


def update(by, whom, **changes):
    return by.patch(f"/api/users/{whom.id}", changes)


def test_the_user_changes_name_and_username(client, user):
    name = unique_name()
    changed = update(user, user, displayName="Nour H.", username=name.upper()).ok()
    assert (changed["displayName"], changed["username"]) == ("Nour H.", name)
    assert changed == user.profile()
    assert changed["updatedAt"] > changed["createdAt"]


def test_what_is_not_sent_or_null_stays(user):
    update(user, user, displayName="First").ok()
    changed = update(user, user, username=None, displayName="Second").ok()
    assert (changed["displayName"], changed["username"]) == ("Second", user.username)


def test_the_same_username_again_is_no_conflict(user):
    assert update(user, user, username=user.username).ok()["username"] == user.username


def test_a_taken_username_is_409(user, payee):
    update(user, user, username=payee.username.upper()).problem(409, "username_taken")


def test_of_many_who_want_one_username_one_gets_it(new_user):
    users = [new_user() for _ in range(6)]
    wanted = unique_name()
    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(lambda u: update(u, u, username=wanted), users))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 5


def test_nobody_changes_somebody_else(user, payee, auditor):
    for by in (payee, auditor):
        update(by, user, displayName="Mine now").problem(403, "forbidden")


@pytest.mark.parametrize("changes", [{"status": "closed"}, {"role": "operator"}])
def test_nobody_promotes_or_closes_themselves(user, changes):
    update(user, user, **changes).problem(403, "forbidden")


@pytest.mark.parametrize("changes", [{"role": "user"}, {"status": "frozen"}, {"role": "auditor"}])
def test_an_operator_cannot_change_their_own_role_or_status(operator, changes):
    update(operator, operator, **changes).problem(403, "forbidden")
    assert operator.profile()["role"] == "operator"


def test_an_operator_freezes_and_thaws(operator, user, payee):
    assert update(operator, user, status="frozen").ok()["status"] == "frozen"
    user.pay(payee, 1).problem(422, "sender_frozen")
    payee.pay(user, 1).problem(422, "receiver_unavailable")
    assert (user.balance(), payee.balance()) == (1000, 1000)
    assert update(operator, user, status="active").ok()["status"] == "active"
    user.pay(payee, 1).ok(201)


def test_closing_an_account_ends_everything(client, operator, user, payee):
    operator.close_account(user).ok()
    payee.pay(user, 1).problem(422, "receiver_unavailable")
    reply = user.pay(payee, 1)
    assert (reply.status, reply.json["code"]) in [
        (401, "token_revoked"),
        (403, "account_closed"),
    ], str(reply)


def test_a_new_role_counts_from_the_next_sign_in(client, operator, user):
    user.get("/api/users").problem(403, "forbidden")
    assert update(operator, user, role="operator").ok()["role"] == "operator"
    promoted = login(client, user.email, user.password)
    promoted.get("/api/users").ok()


def test_an_operator_who_is_demoted_loses_the_rights_within_two_seconds(client, operator, user):
    update(operator, user, role="operator").ok()
    promoted = login(client, user.email, user.password)
    update(operator, user, role="user").ok()
    wait_until(lambda: promoted.get("/api/users").status in (401, 403), 2, "the rights end")


def test_unknown_is_404_for_an_operator(operator):
    operator.patch(f"/api/users/{uuid.uuid4()}", {"status": "frozen"}).problem(
        404, "user_not_found"
    )


BAD = [
    ({"username": "ab"}, {"username": "too_short"}),
    ({"username": "has space"}, {"username": "invalid_format"}),
    ({"username": 1}, {"username": "wrong_type"}),
    ({"displayName": "x" * 65}, {"displayName": "too_long"}),
    ({"displayName": " "}, {"displayName": "required"}),
    ({"displayName": "a\u0007b"}, {"displayName": "invalid_format"}),
    ({"email": "new@example.com"}, {"email": "unknown_field"}),
    ({"balance": 1}, {"balance": "unknown_field"}),
    ({"password": "eight bytes"}, {"password": "unknown_field"}),
    ({"username": "ab", "displayName": 3}, {"username": "too_short", "displayName": "wrong_type"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields(user, sent, fields):
    before = user.profile()
    user.patch(f"/api/users/{user.id}", sent).problem(422, "validation_failed", fields)
    assert user.profile() == before


BAD_OF_OPERATORS = [
    ({"status": "asleep"}, {"status": "not_allowed"}),
    ({"status": 1}, {"status": "wrong_type"}),
    ({"role": "root"}, {"role": "not_allowed"}),
    ({"role": ["user"]}, {"role": "wrong_type"}),
    ({"role": "OPERATOR"}, {"role": "not_allowed"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD_OF_OPERATORS)
def test_refuses_bad_fields_of_operators(operator, user, sent, fields):
    operator.patch(f"/api/users/{user.id}", sent).problem(422, "validation_failed", fields)
