"""POST /api/users/password-reset and /confirm: a forgotten password, by a link in a mail."""

import threading

import pytest
from harness.mail import about, shown_mails, token_of, wait_for_mail
from harness.passkeys import sign_in
from harness.users import again, login
from harness.waiting import wait_until

NEW = "a new passphrase"
RESET, CHANGED = about("Choose a new password"), about("Your password was changed")
NO_TOKEN = "A" * 43


def ask(client, email, **more):
    return client.post("/api/users/password-reset", {"email": email, **more})


def confirm(client, token, password=NEW):
    return client.post("/api/users/password-reset/confirm", {"token": token, "password": password})


def reset_token(platform, user):
    assert ask(platform.client, user.email).status == 202
    return token_of(wait_for_mail(platform, user.email, RESET)["text"])


def test_by_the_link_a_new_password_is_set_and_every_session_ends(platform, client, user):
    other = again(user)
    token = reset_token(platform, user)
    assert confirm(client, token).ok(204) is None
    for session in (user, other):
        wait_until(lambda s=session: s.get("/api/users/me").status == 401, 3, "the session ends")
        client.post("/api/users/refresh", {"refreshToken": session.refresh_token}).problem(
            401, "refresh_token_invalid"
        )
    client.post("/api/users/login", {"email": user.email, "password": user.password}).problem(
        401, "invalid_credentials"
    )
    login(client, user.email, NEW)
    wait_for_mail(platform, user.email, CHANGED)


def test_a_link_works_once(platform, client, user):
    token = reset_token(platform, user)
    confirm(client, token).ok(204)
    confirm(client, token, "another passphrase").problem(422, "link_invalid")
    login(client, user.email, NEW)


def test_who_has_the_mailbox_has_no_factor(platform, client, holder, passkey):
    confirm(client, reset_token(platform, holder)).ok(204)
    body = {"email": holder.email, "password": NEW}
    refused = client.post("/api/users/login", body).problem(401, "second_factor_required")
    assert refused["accepts"] == ["passkey", "recovery_code"]
    sign_in(holder, passkey)


def test_of_many_at_once_one_sets_the_password(platform, client, user):
    token = reset_token(platform, user)
    passwords = [f"a passphrase of {i}" for i in range(8)]
    statuses = {}

    def try_one(password):
        statuses[password] = confirm(client, token, password).status

    threads = [threading.Thread(target=try_one, args=(password,)) for password in passwords]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses.values()) == [204] + [422] * 7
    login(client, user.email, next(p for p, status in statuses.items() if status == 204))


@pytest.mark.parametrize("how", ["too old", "changed meanwhile", "another address", "staff now"])
def test_a_link_that_is_not_good_any_more(launch, cluster, how):
    platform = launch()
    user = platform.new_user()
    token = reset_token(platform, user)
    if how == "too old":
        cluster.sql(
            "UPDATE mail_tokens SET issued_at = issued_at - interval '1 hour',"
            f" expires_at = expires_at - interval '1 hour' WHERE user_id = '{user.id}'"
        )
    elif how == "changed meanwhile":
        body = {"currentPassword": user.password, "newPassword": "yet another one"}
        user.put(f"/api/users/{user.id}/password", body).ok(204)
    elif how == "another address":
        cluster.sql(f"UPDATE users SET email = 'x' || email WHERE id = '{user.id}'")
    else:
        platform.operator().patch(f"/api/users/{user.id}", {"role": "auditor"}).ok()
    confirm(platform.client, token).problem(422, "link_invalid")
    assert cluster.sql(
        f"SELECT 1 FROM mail_outbox WHERE user_id = '{user.id}' AND kind = 'password_changed'"
    ) == ([{"?column?": "1"}] if how == "changed meanwhile" else [])


def test_a_known_and_an_unknown_address_are_answered_alike(client, user):
    known, unknown = ask(client, user.email), ask(client, f"not-{user.email}")
    assert known.status == unknown.status == 202
    assert known.text == unknown.text == ""
    varying = {"date", "x-request-id"}
    assert {k: v for k, v in known.headers.items() if k not in varying} == {
        k: v for k, v in unknown.headers.items() if k not in varying
    }


def test_and_write_the_same(launch, cluster):
    """What the request does is one row for either; who has the address is looked up elsewhere."""
    platform = launch("user")
    user = platform.new_user()
    for email in (user.email, f"not-{user.email}"):
        ask(platform.client, email)
        (row,) = cluster.sql(f"SELECT kind, user_id FROM mail_outbox WHERE address = '{email}'")
        assert row == {"kind": "password_reset", "user_id": ""}
    wait_for_mail(platform, user.email, RESET)
    wait_until(
        lambda: cluster.sql(
            f"SELECT 1 FROM mail_outbox WHERE address = 'not-{user.email}' AND state = 'dropped'"
        ),
        10,
        "nobody is found",
    )
    assert shown_mails(platform, f"not-{user.email}") == []


@pytest.mark.parametrize("who", ["operator", "auditor", "closed"])
def test_who_is_sent_no_link(launch, cluster, who):
    platform = launch()
    operator, user = platform.operator(), platform.new_user()
    if who == "closed":
        operator.close_account(user).ok()
    else:
        operator.patch(f"/api/users/{user.id}", {"role": who}).ok()
    assert ask(platform.client, user.email).status == 202
    wait_until(
        lambda: cluster.sql(
            f"SELECT 1 FROM mail_outbox WHERE address = '{user.email}' AND state = 'dropped'"
        ),
        10,
        "it is dropped",
    )


def test_a_frozen_wallet_stays_frozen(platform, client, operator, user):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    confirm(client, reset_token(platform, user)).ok(204)
    assert login(client, user.email, NEW).profile()["status"] == "frozen"


def test_a_wallet_closed_since_the_mail_cannot_be_entered(platform, client, operator, user):
    token = reset_token(platform, user)
    operator.close_account(user).ok()
    confirm(client, token).problem(422, "link_invalid")


def test_one_mail_a_minute(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    for _ in range(5):
        assert ask(platform.client, user.email).status == 202
    rows = cluster.sql(f"SELECT 1 FROM mail_outbox WHERE address = '{user.email}'")
    assert 1 <= len(rows) <= 2  # the minute may have turned


def test_asking_is_throttled_by_account_and_network_apart_from_signing_in(launch):
    platform = launch("user", LOGIN_ATTEMPTS_PER_MIN="5", TRUSTED_PROXIES="127.0.0.0/8")
    user = platform.new_user()

    def statuses(email, network):
        return [
            platform.client.post(
                "/api/users/password-reset",
                {"email": email(i)},
                headers={"X-Forwarded-For": network(i)},
            )
            for i in range(30)
        ]

    # One account from everywhere; one network for every account.
    for replies in (
        statuses(lambda i: user.email, lambda i: f"198.{i}.100.7"),
        statuses(lambda i: f"{i}-{user.email}", lambda i: "203.0.113.9"),
    ):
        limited = [reply for reply in replies if reply.status != 202]
        assert limited
        for reply in limited:
            reply.problem(429, "rate_limited")
    login(platform.client, user.email, user.password)


def test_the_link_begins_with_public_url_whatever_the_host(launch):
    platform = launch("user", PUBLIC_URL="https://pay.example.com/")
    user = platform.new_user()
    evil = {"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    platform.client.post("/api/users/password-reset", {"email": user.email}, headers=evil)
    mail = wait_for_mail(platform, user.email, RESET)
    assert "https://pay.example.com/reset-password#" in mail["text"]
    assert "evil" not in mail["text"] + mail["html"]


def test_in_the_language_that_was_asked_for(platform, client, user):
    assert ask(client, user.email, language="ar").status == 202
    mail = wait_for_mail(platform, user.email, about("اختر كلمة مرور جديدة"))
    assert mail["language"] == "ar"


BAD_ASK = [
    ({}, {"email": "required"}),
    ({"email": "nobody"}, {"email": "invalid_format"}),
    ({"email": "a@example.com\r\nBcc: b@example.com"}, {"email": "invalid_format"}),
    ({"email": "a@example.com", "language": "fr"}, {"language": "not_allowed"}),
    ({"email": "a@example.com", "x": 1}, {"x": "unknown_field"}),
]


@pytest.mark.parametrize(("body", "fields"), BAD_ASK)
def test_asking_refuses_bad_fields(client, body, fields):
    client.post("/api/users/password-reset", body).problem(422, "validation_failed", fields)


BAD_CONFIRM = [
    ({}, {"token": "required", "password": "required"}),
    ({"token": NO_TOKEN, "password": "short"}, {"password": "too_short"}),
    ({"token": NO_TOKEN, "password": "password1"}, {"password": "too_common"}),
    ({"token": 1, "password": NEW}, {"token": "wrong_type"}),
    ({"token": NO_TOKEN, "password": NEW, "x": 1}, {"x": "unknown_field"}),
]


@pytest.mark.parametrize(("body", "fields"), BAD_CONFIRM)
def test_confirming_refuses_bad_fields(client, body, fields):
    path = "/api/users/password-reset/confirm"
    client.post(path, body).problem(422, "validation_failed", fields)


@pytest.mark.parametrize("token", [NO_TOKEN, "x", "é", ""])
def test_a_token_that_never_was(client, token):
    confirm(client, token).problem(422, "link_invalid")


def test_the_new_password_may_not_be_made_of_ones_own_name(platform, client, user):
    token = reset_token(platform, user)
    confirm(client, token, user.email).problem(422, "validation_failed", {"password": "too_common"})
    confirm(client, token).ok(204)


def test_a_refresh_token_and_a_token_for_another_purpose_set_no_password(platform, client, user):
    confirm(client, user.refresh_token).problem(422, "link_invalid")
    verification = token_of(wait_for_mail(platform, user.email, about("Confirm your"))["text"])
    confirm(client, verification).problem(422, "link_invalid")
