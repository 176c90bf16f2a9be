"""/api/users/me/email-change and the links in its mails: another address, and the old one back."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.factors import enrol, renew
from harness.mail import PUBLIC_URL, about, shown_mails, token_of, wait_for_mail, wait_for_state
from harness.users import User, login, unique_name
from test_mail_outbox import mail_server  # noqa: F401  (a fixture)

PATH = "/api/users/me/email-change"
CONFIRM, CHANGED = about("Confirm your new"), about("address of your wallet was changed")
RESET, VERIFY = about("Choose a new password"), about("Confirm your e-mail")
NO_TOKEN = "A" * 43


def new_address():
    return f"{unique_name('other')}@example.com"


def ask(user, email, **more):
    return user.post(PATH, {"email": email, "password": user.password, **more})


def confirm(platform, token):
    return platform.client.post("/api/users/email-change/confirm", {"token": token})


def undo(platform, token):
    return platform.client.post("/api/users/email-change/undo", {"token": token})


def confirm_token(platform, email):
    return token_of(wait_for_mail(platform, email, CONFIRM)["text"])


def undo_token(platform, email):
    return token_of(wait_for_mail(platform, email, CHANGED)["text"])


def change(platform, user, email=None):
    """The user with another address."""
    email = email or new_address()
    ask(user, email).ok(202)
    confirm(platform, confirm_token(platform, email)).ok()
    return User(**{**user.__dict__, "email": email})


def can_sign_in(platform, email, password):
    body = {"email": email, "password": password}
    return platform.client.post("/api/users/login", body).status == 200


def test_an_address_is_changed_once_it_is_confirmed(platform, user, payee):
    email = new_address()
    asked = ask(user, email.upper()).ok(202)
    assert asked["pending"]["email"] == email
    assert user.get(PATH).ok() == asked
    assert user.me()["email"] == user.email
    token = confirm_token(platform, email)
    assert user.me()["email"] == user.email
    assert confirm(platform, token).ok() == {"email": email}
    confirm(platform, token).problem(422, "link_invalid")
    assert (user.me()["email"], user.me()["emailVerified"]) == (email, True)
    assert user.get(PATH).ok() == {"pending": None}
    assert can_sign_in(platform, email, user.password)
    assert not can_sign_in(platform, user.email, user.password)
    payee.pay(email, 1).ok(201)
    # The old address is told, once, with another link.
    assert CHANGED(wait_for_mail(platform, user.email, CHANGED))
    assert len([mail for mail in shown_mails(platform, user.email) if CHANGED(mail)]) == 1
    assert not [mail for mail in shown_mails(platform, email) if CHANGED(mail)]


def test_undoing_brings_all_back(platform, user):
    email = new_address()
    changed = change(platform, user, email)
    thief = login(platform.client, email, user.password)
    ask(changed, new_address()).ok(202)
    token = undo_token(platform, user.email)
    assert undo(platform, token).ok() == {"email": user.email}
    for session in (user, thief):
        session.get("/api/users/me").problem(401, "token_revoked")
    # Who has taken the wallet knows the password.
    assert not can_sign_in(platform, user.email, user.password)
    assert not can_sign_in(platform, email, user.password)
    undo(platform, token).problem(422, "link_invalid")
    reset = token_of(wait_for_mail(platform, user.email, RESET)["text"])
    body = {"token": reset, "password": "a new passphrase"}
    platform.client.post("/api/users/password-reset/confirm", body).ok(204)
    owner = login(platform.client, user.email, "a new passphrase")
    assert owner.me()["email"] == user.email
    assert owner.get(PATH).ok() == {"pending": None}


def test_the_first_of_two_changes_is_undone_with_the_second(platform, user):
    second = change(platform, user)
    third = change(platform, second)
    first_undo = undo_token(platform, user.email)
    second_undo = undo_token(platform, second.email)
    waits = new_address()
    ask(third, waits).ok(202)
    pending = confirm_token(platform, waits)
    assert undo(platform, first_undo).ok() == {"email": user.email}
    undo(platform, second_undo).problem(422, "link_invalid")
    confirm(platform, pending).problem(422, "link_invalid")
    # Nobody else gets an address of those just because the owner is paid by it no more.
    for email in (second.email, third.email):
        body = {"username": unique_name(), "email": email, "password": "long enough"}
        platform.client.post("/api/users/register", body).problem(409, "email_taken")


def test_undoing_the_second_change_leaves_the_first_link_good(platform, user):
    second = change(platform, user)
    change(platform, second)
    assert undo(platform, undo_token(platform, second.email)).ok() == {"email": second.email}
    assert undo(platform, undo_token(platform, user.email)).ok() == {"email": user.email}


def test_links_to_the_old_address_end_with_it(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    verification = token_of(wait_for_mail(platform, user.email, VERIFY)["text"])
    platform.client.post("/api/users/password-reset", {"email": user.email}).ok(202)
    reset = token_of(wait_for_mail(platform, user.email, RESET)["text"])
    change(platform, user)

    def refused():
        body = {"token": verification}
        platform.client.post("/api/users/verify-email", body).problem(422, "link_invalid")
        body = {"token": reset, "password": "another passphrase"}
        path = "/api/users/password-reset/confirm"
        platform.client.post(path, body).problem(422, "link_invalid")

    refused()
    # Nor do they come back with the address.
    undo(platform, undo_token(platform, user.email)).ok()
    refused()


def test_an_address_that_was_given_up_waits_for_its_owner(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    other = platform.new_user()
    changed = change(platform, user)
    body = {"username": unique_name(), "email": user.email, "password": "long enough"}
    platform.client.post("/api/users/register", body).problem(409, "email_taken")
    ask(other, user.email).problem(409, "email_taken")
    # Its owner may have it back the usual way, too.
    ask(changed, user.email).ok(202)
    platform.client.post("/api/users/register", body).problem(409, "email_taken")
    cluster.sql(
        "UPDATE email_changes SET confirmed_at = confirmed_at - interval '7 days'"
        f" WHERE user_id = '{user.id}' AND confirmed_at IS NOT NULL"
    )
    platform.client.post("/api/users/register", body).ok(201)
    # The way back is taken: nothing happens.
    pending = confirm_token(platform, user.email)
    for _ in range(2):
        confirm(platform, pending).problem(409, "email_taken")
    assert changed.me()["email"] == changed.email


def test_who_pays_the_old_address_pays_its_last_owner_or_nobody(platform, user, payee):
    payee.pay(user.email, 1).ok(201)
    changed = change(platform, user)
    before = changed.balance()
    paid = payee.pay(user.email, 1)
    if paid.status != 201:  # another process may remember it, or not
        paid.problem(404, "payee_not_found")
    assert changed.balance() == before + (1 if paid.status == 201 else 0)


def test_an_address_that_another_takes_meanwhile(platform, user):
    email = new_address()
    ask(user, email).ok(202)
    token = confirm_token(platform, email)
    body = {"username": unique_name(), "email": email, "password": "long enough"}
    platform.client.post("/api/users/register", body).ok(201)
    for _ in range(2):
        problem = confirm(platform, token).problem(409, "email_taken")
        assert problem["errors"][0]["field"] == "email"
    assert user.me()["email"] == user.email
    ask(user, email).problem(409, "email_taken")


@pytest.mark.parametrize("which", ["confirm", "undo"])
def test_a_link_works_once_however_many_open_it(platform, user, which):
    if which == "confirm":
        email = new_address()
        ask(user, email).ok(202)
        follow, token = confirm, confirm_token(platform, email)
    else:
        change(platform, user)
        follow, token = undo, undo_token(platform, user.email)
    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(lambda _: follow(platform, token).status, range(8)))
    assert statuses == [200] + [422] * 7


@pytest.mark.parametrize("which", ["email_change", "email_changed"])
def test_a_link_that_is_too_old(launch, cluster, which):
    platform = launch("user")
    user = platform.new_user()
    if which == "email_change":
        email = new_address()
        ask(user, email).ok(202)
        follow, token = confirm, confirm_token(platform, email)
    else:
        change(platform, user)
        follow, token = undo, undo_token(platform, user.email)
    (row,) = cluster.sql(
        "SELECT expires_at - issued_at > interval '6 days' AS long FROM mail_tokens"
        f" WHERE user_id = '{user.id}' AND purpose = '{which}'"
    )
    assert row["long"] == ("t" if which == "email_changed" else "f")
    cluster.sql(
        "UPDATE mail_tokens SET issued_at = issued_at - interval '7 days',"
        f" expires_at = expires_at - interval '7 days' WHERE user_id = '{user.id}'"
        " AND used_at IS NULL"
    )
    follow(platform, token).problem(422, "link_invalid")


def test_asking_again_replaces_and_taking_back_ends(platform, user):
    first, second = new_address(), new_address()
    ask(user, first).ok(202)
    old = confirm_token(platform, first)
    ask(user, second).ok(202)
    confirm(platform, old).problem(422, "link_invalid")
    token = confirm_token(platform, second)
    for _ in range(2):
        user.delete(PATH).ok(204)
    assert user.get(PATH).ok() == {"pending": None}
    confirm(platform, token).problem(422, "link_invalid")


def test_a_link_is_for_one_thing(platform, user):
    email = new_address()
    ask(user, email).ok(202)
    token = confirm_token(platform, email)
    undo(platform, token).problem(422, "link_invalid")
    platform.client.post("/api/users/verify-email", {"token": token}).problem(422, "link_invalid")
    confirm(platform, token).ok()
    back = undo_token(platform, user.email)
    confirm(platform, back).problem(422, "link_invalid")
    undo(platform, back).ok()


def test_takes_the_password_and_a_factor(platform, user):
    ask(user, new_address(), password="not it").problem(401, "invalid_credentials")
    enrol(user)
    ask(user, new_address()).ok(202)


def test_a_factor_that_was_shown_long_ago_is_asked_for_again(launch, cluster):
    platform = launch("user")
    user = platform.new_user()
    enrol(user)
    cluster.sql(
        "UPDATE sessions SET factor_at = factor_at - interval '6 minutes'"
        f" WHERE user_id = '{user.id}'"
    )
    renew(user)
    ask(user, new_address()).problem(403, "step_up_required")


def test_not_of_staff_nor_of_who_is_frozen(launch):
    platform = launch("user")
    operator, user = platform.operator(), platform.new_user()
    operator.password = platform.operator_password
    ask(operator, new_address()).problem(403, "forbidden")
    email = new_address()
    ask(user, email).ok(202)
    token = confirm_token(platform, email)
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    ask(user, new_address()).problem(403, "account_frozen")
    confirm(platform, token).problem(422, "link_invalid")
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    confirm(platform, token).ok()


def test_there_is_a_limit(platform, user):
    for _ in range(5):
        ask(user, new_address()).ok(202)
    reply = ask(user, new_address())
    reply.problem(429, "rate_limited")
    assert 6 * 86_400 < int(reply.headers["Retry-After"]) <= 7 * 86_400 + 1


def test_asking_is_throttled(launch):
    platform = launch("user", LOGIN_ATTEMPTS_PER_MIN="3")
    user = platform.new_user()
    replies = [ask(user, user.email) for _ in range(6)]
    assert [reply.status for reply in replies[:3]] == [422] * 3
    for reply in replies[4:]:
        reply.problem(429, "rate_limited")


def test_a_grant_that_waits_comes_with_the_link_of_its_own_mail(launch):
    platform = launch(OPENING_GRANT="verification")
    user = platform.new_user()
    changed = change(platform, user)
    assert changed.me()["emailVerified"] is False
    changed.post(f"/api/users/{user.id}/verification-mail").ok(202)
    token = token_of(wait_for_mail(platform, changed.email, VERIFY)["text"])
    platform.client.post("/api/users/verify-email", {"token": token}).ok()
    assert changed.balance() > 0
    audit = platform.run("audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_nothing_of_it_is_kept_of_who_is_erased(launch, cluster):
    platform = launch()
    operator, user = platform.operator(), platform.new_user()
    change(platform, user)
    token = undo_token(platform, user.email)
    operator.close_account(user).ok()
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "asked"}).ok()
    undo(platform, token).problem(422, "link_invalid")
    for table in ("mail_outbox", "mail_tokens", "email_changes"):
        assert cluster.sql(f"SELECT 1 FROM {table} WHERE user_id = '{user.id}'") == [], table


def test_links_do_not_depend_on_host_and_each_mail_goes_once(mail_server, launch, cluster):  # noqa: F811
    server = mail_server()
    platforms = [launch("user", **server.settings()) for _ in range(2)]
    user = platforms[0].new_user()
    email = new_address()
    body = {"email": email, "password": user.password}
    user.post(PATH, body, headers={"Host": "evil.example"}).ok(202)
    (asked,) = server.wait_for(email)
    text = asked.get_body(("plain",)).get_content()
    assert f"{PUBLIC_URL}/change-email#{token_of(text)}" in text
    confirm(platforms[1], token_of(text)).ok()
    told = f"kind = 'email_changed' AND user_id = '{user.id}'"
    wait_for_state(cluster, told, "sent")
    (changed,) = [m for m in server.to(user.email) if "was changed" in m["Subject"]]
    text = changed.get_body(("plain",)).get_content()
    assert f"{PUBLIC_URL}/undo-email#{token_of(text)}" in text
    assert "evil" not in text
    undo(platforms[0], token_of(text)).ok()


def test_where_no_mail_is_sent(launch):
    user = launch("user", INSTAPAY_ENV="staging").new_user()
    ask(user, new_address()).problem(501, "mail_not_configured")


@pytest.mark.parametrize("token", [NO_TOKEN, "x", "é", ""])
@pytest.mark.parametrize("follow", [confirm, undo])
def test_a_token_that_never_was(platform, follow, token):
    follow(platform, token).problem(422, "link_invalid")


BAD = [
    ({}, {"email": "required", "password": "required"}),
    ({"email": 1, "password": "x"}, {"email": "wrong_type"}),
    ({"email": "nobody", "password": "x"}, {"email": "invalid_format"}),
    ({"email": "a@example.com", "password": "x", "y": 1}, {"y": "unknown_field"}),
]


@pytest.mark.parametrize(("body", "fields"), BAD)
def test_refuses_bad_fields(user, body, fields):
    user.post(PATH, body).problem(422, "validation_failed", fields)


def test_not_the_address_that_is_theirs(user):
    ask(user, user.email).problem(422, "validation_failed", {"email": "not_allowed"})
