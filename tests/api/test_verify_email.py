"""POST /api/users/verify-email and /api/users/{id}/verification-mail: whose an address is."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.mail import about, token_of, wait_for_mail
from harness.users import OPENING_BALANCE, login

CONFIRM = about("Confirm your")
NO_TOKEN = "A" * 43


def verify(client, token):
    return client.post("/api/users/verify-email", {"token": token})


def verification_token(platform, user):
    return token_of(wait_for_mail(platform, user.email, CONFIRM)["text"])


def test_by_the_link_of_the_mail_that_registration_sends(platform, client, user):
    assert user.me()["emailVerified"] is False
    token = verification_token(platform, user)
    # Nobody needs to be signed in where the mail is read.
    assert verify(client, token).ok() == {"email": user.email, "emailVerified": True}
    assert user.me()["emailVerified"] is True
    verify(client, token).problem(422, "link_invalid")


def test_another_mail_when_asked_for(platform, client, user):
    first = wait_for_mail(platform, user.email, CONFIRM)
    user.post(f"/api/users/{user.id}/verification-mail").ok(202)
    second = wait_for_mail(
        platform, user.email, lambda mail: CONFIRM(mail) and mail["id"] != first["id"]
    )
    verify(client, token_of(second["text"])).ok()
    # The address is shown to be theirs: the other link is of no use.
    verify(client, token_of(first["text"])).problem(422, "link_invalid")
    assert user.post(f"/api/users/{user.id}/verification-mail").ok(204) is None


def test_asked_for_by_its_reader_only(user, payee, operator):
    for by in (payee, operator):
        by.post(f"/api/users/{user.id}/verification-mail").problem(403, "forbidden")


def test_asking_is_throttled(launch, cluster):
    platform = launch("user", LOGIN_ATTEMPTS_PER_MIN="3")
    user = platform.new_user()
    replies = [user.post(f"/api/users/{user.id}/verification-mail") for _ in range(6)]
    assert [reply.status for reply in replies[:3]] == [202] * 3
    for reply in replies[4:]:
        reply.problem(429, "rate_limited")
    sent = cluster.sql(
        f"SELECT 1 FROM mail_outbox WHERE user_id = '{user.id}'"
        " AND event_key LIKE 'verify_email/%/%'"
    )
    assert 1 <= len(sent) <= 2  # the minute may have turned


@pytest.mark.parametrize("how", ["too old", "another address"])
def test_a_link_that_is_not_good_any_more(launch, cluster, how):
    platform = launch("user")
    user = platform.new_user()
    token = verification_token(platform, user)
    if how == "too old":
        cluster.sql(
            "UPDATE mail_tokens SET issued_at = issued_at - interval '2 days',"
            f" expires_at = expires_at - interval '2 days' WHERE user_id = '{user.id}'"
        )
    else:
        cluster.sql(f"UPDATE users SET email = 'x' || email WHERE id = '{user.id}'")
    verify(platform.client, token).problem(422, "link_invalid")
    assert user.me()["emailVerified"] is False


def test_a_new_password_by_mail_shows_it_too(platform, client, user):
    client.post("/api/users/password-reset", {"email": user.email})
    token = token_of(wait_for_mail(platform, user.email, about("Choose a new"))["text"])
    body = {"token": token, "password": "a new passphrase"}
    client.post("/api/users/password-reset/confirm", body).ok(204)
    body = {"email": user.email, "password": "a new passphrase"}
    access = client.post("/api/users/login", body).ok()["accessToken"]
    assert client.get("/api/users/me", token=access).ok()["emailVerified"] is True


@pytest.fixture
def granting(launch):
    platform = launch(OPENING_GRANT="verification")
    yield platform
    audit = platform.run("audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_the_opening_grant_may_wait_for_it(granting):
    user = granting.new_user()
    assert user.balance() == 0
    token = verification_token(granting, user)
    verify(granting.client, token).ok()
    assert user.balance() == OPENING_BALANCE
    verify(granting.client, token).problem(422, "link_invalid")
    assert [item["kind"] for item in user.history()] == ["opening"]


def test_of_many_links_at_once_one_brings_the_grant(granting):
    user = granting.new_user()
    first = wait_for_mail(granting, user.email, CONFIRM)
    user.post(f"/api/users/{user.id}/verification-mail").ok(202)
    second = wait_for_mail(
        granting, user.email, lambda mail: CONFIRM(mail) and mail["id"] != first["id"]
    )
    tokens = [token_of(mail["text"]) for mail in (first, second)] * 4
    with ThreadPoolExecutor(len(tokens)) as pool:
        statuses = list(pool.map(lambda t: verify(granting.client, t).status, tokens))
    assert sorted(statuses) == [200] + [422] * 7
    assert user.balance() == OPENING_BALANCE


def test_a_new_password_by_mail_leaves_the_grant_to_its_own_link(granting):
    user = granting.new_user()
    granting.client.post("/api/users/password-reset", {"email": user.email})
    token = token_of(wait_for_mail(granting, user.email, about("Choose a new"))["text"])
    body = {"token": token, "password": "a new passphrase"}
    granting.client.post("/api/users/password-reset/confirm", body).ok(204)
    user = login(granting.client, user.email, "a new passphrase")
    assert user.me()["emailVerified"] is False
    verify(granting.client, verification_token(granting, user)).ok()
    assert user.balance() == OPENING_BALANCE


def test_a_frozen_wallet_is_given_nothing_until_it_is_not(granting):
    operator, user = granting.operator(), granting.new_user()
    token = verification_token(granting, user)
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    verify(granting.client, token).problem(422, "receiver_unavailable")
    assert user.me()["emailVerified"] is False
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    verify(granting.client, token).ok()
    assert user.balance() == OPENING_BALANCE


def test_nothing_of_an_erased_user_is_kept(launch, cluster):
    platform = launch()
    operator, user = platform.operator(), platform.new_user()
    platform.client.post("/api/users/password-reset", {"email": user.email})
    token = verification_token(platform, user)
    operator.close_account(user).ok()
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "asked"}).ok()
    verify(platform.client, token).problem(422, "link_invalid")
    for table in ("mail_outbox", "mail_tokens"):
        rows = cluster.sql(
            f"SELECT 1 FROM {table} WHERE user_id = '{user.id}' OR address = '{user.email}'"
        )
        assert rows == [], table


@pytest.mark.parametrize("token", [NO_TOKEN, "x", "é", ""])
def test_a_token_that_never_was(client, token):
    verify(client, token).problem(422, "link_invalid")


BAD = [
    ({}, {"token": "required"}),
    ({"token": 1}, {"token": "wrong_type"}),
    ({"token": NO_TOKEN, "x": 1}, {"x": "unknown_field"}),
]


@pytest.mark.parametrize(("body", "fields"), BAD)
def test_refuses_bad_fields(client, body, fields):
    client.post("/api/users/verify-email", body).problem(422, "validation_failed", fields)
