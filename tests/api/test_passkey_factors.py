"""Passkeys beside a password and a session, their end, and the addresses that they are for."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.factors import aged, challenge_of, factors_of, renew, session_of
from harness.factors import enrol as enrol_app
from harness.keys import b64url, claims_of
from harness.passkeys import (
    begin,
    new_passkey,
    present,
    register,
    remove,
    second_step,
    second_step_options,
    sign_in,
    sign_in_options,
    step_up,
    step_up_options,
)
from harness.platform import run
from harness.users import User, again, fresh_key, login

FACTORS = "/api/users/me/factors"


# ---- after a password


def test_a_passkey_is_a_second_factor(holder, passkey, new_user):
    challenge = challenge_of(holder)
    asked = second_step_options(holder, challenge).ok()["publicKey"]
    assert [key["id"] for key in asked["allowCredentials"]] == [b64url(passkey.id)]
    answer = passkey.get({"publicKey": asked})
    body = second_step(holder, challenge, answer).ok()
    assert claims_of(body["accessToken"])["amr"] == ["pop", "mfa"]
    second_step(holder, challenge, answer).problem(401, "challenge_invalid")
    # A recovery code goes on to do.
    code = {"challenge": challenge, "code": passkey.codes[0]}
    holder.client.post("/api/users/login/factor", code).ok()


def test_a_second_step_is_of_one_person(platform, holder, passkey, new_user):
    other, their_passkey = new_user(), new_passkey(platform)
    register(other, their_passkey)
    challenge = challenge_of(holder)
    options = second_step_options(holder, challenge).ok()
    answer = their_passkey.get(options)
    second_step(holder, challenge, answer).problem(401, "passkey_invalid")
    answer = passkey.get(second_step_options(other, challenge_of(other)).ok())
    second_step(holder, challenge, answer).problem(401, "challenge_invalid")


def test_a_changed_password_ends_a_second_step(holder, passkey):
    challenge = challenge_of(holder)
    answer = passkey.get(second_step_options(holder, challenge).ok())
    body = {"currentPassword": holder.password, "newPassword": "a new passphrase"}
    holder.put(f"/api/users/{holder.id}/password", body).ok(204)
    second_step(holder, challenge, answer).problem(401, "challenge_invalid")
    second_step_options(holder, challenge).problem(401, "challenge_invalid")


def test_who_has_an_app_alone_is_not_asked_for_a_passkey(client, user):
    enrol_app(user)
    second_step_options(user, challenge_of(user)).problem(404, "factor_not_found")
    user.post("/api/users/me/step-up/options").problem(404, "factor_not_found")
    body = {"email": user.email, "password": user.password}
    refused = client.post("/api/users/login", body).problem(401, "second_factor_required")
    assert refused["accepts"] == ["totp", "recovery_code"]


def test_wrong_passkeys_wait_as_wrong_codes_do(platform, holder, passkey):
    challenge = challenge_of(holder)
    for _ in range(5):
        answer = passkey.get(second_step_options(holder, challenge).ok(), rp_id="evil.example")
        second_step(holder, challenge, answer).problem(401, "passkey_invalid")
    answer = passkey.get(second_step_options(holder, challenge).ok())
    second_step(holder, challenge, answer).problem(429, "login_throttled")
    # Who needs no password to be guessed at is not kept out.
    sign_in(holder, passkey)


# ---- once more


def test_a_payment_goes_on_after_a_passkey(holder, passkey, payee):
    holder.put(f"{FACTORS}/step-up", {"above": "10.00"}).ok()
    renew(holder)
    old, key = aged(holder), fresh_key()
    refused = old.pay(payee, 11, key=key).problem(403, "step_up_required")
    assert refused["accepts"] == ["passkey", "totp", "recovery_code"]
    fresh = step_up(User(**old.__dict__), passkey)
    paid = fresh.pay(payee, 11, key=key).ok(201)
    assert old.pay(payee, 11, key=key).ok(201)["id"] == paid["id"]


def test_a_step_up_is_of_one_session(holder, passkey):
    other = sign_in(holder, passkey)
    answer = passkey.get(step_up_options(other))
    holder.post("/api/users/me/step-up", {"passkey": answer}).problem(401, "challenge_invalid")
    assert other.post("/api/users/me/step-up", {"passkey": answer}).ok()["factorExpiresIn"] == 300
    other.post("/api/users/me/step-up", {"passkey": answer}).problem(401, "challenge_invalid")


def test_new_recovery_codes_after_a_passkey(holder, passkey):
    path, body = f"{FACTORS}/recovery-codes", {"password": holder.password}
    aged(holder).post(path, body).problem(403, "step_up_required")
    fresh = step_up(aged(holder), passkey)
    assert len(fresh.post(path, body).ok()["recoveryCodes"]) == 10
    code = {"challenge": challenge_of(holder), "code": passkey.codes[0]}
    holder.client.post("/api/users/login/factor", code).problem(401, "factor_code_invalid")


# ---- removing


def test_a_removed_passkey_opens_nothing(client, holder, passkey, platform):
    other = new_passkey(platform)
    register(holder, other, "Other")
    elsewhere = sign_in(holder, passkey)
    options, step = sign_in_options(client), step_up_options(elsewhere)
    remove(aged(holder), passkey.info).problem(403, "step_up_required")
    wrong = User(**{**holder.__dict__, "password": "not the password"})
    remove(wrong, passkey.info).problem(401, "invalid_credentials")
    remove(holder, passkey.info).ok(204)
    present(client, passkey.get(options)).problem(401, "passkey_invalid")
    # Sessions that were proven by a passkey have to show a factor again.
    elsewhere.get("/api/users/me").problem(401, "token_expired")
    renew(elsewhere)
    answer = {"passkey": passkey.get(step)}
    elsewhere.post("/api/users/me/step-up", answer).problem(401, "passkey_invalid")
    assert "amr" not in claims_of(elsewhere.token)
    assert session_of(elsewhere)["factor"] is None
    begin(elsewhere).problem(403, "step_up_required")
    renew(holder)
    assert [key["name"] for key in factors_of(holder)["passkeys"]] == ["Other"]
    remove(step_up(holder, other), passkey.info).problem(404, "factor_not_found")


def test_the_last_one_turns_the_second_factor_off(client, holder, passkey):
    holder.put(f"{FACTORS}/step-up", {"above": 1}).ok()
    renew(holder)
    remove(holder, passkey.info).ok(204)
    again(holder)
    renew(holder)
    shown = factors_of(holder)
    assert (shown["passkeys"], shown["recoveryCodesLeft"]) == ([], 0)
    assert shown["stepUp"] == {"above": None, "newPayees": False}
    assert claims_of(holder.token)["factors"].get("enrolled") is None


def test_an_app_stays_when_the_last_passkey_goes(platform, user):
    factors = enrol_app(user)
    passkey = new_passkey(platform)
    added = register(user, passkey)
    assert added["recoveryCodes"] is None
    remove(user, added["passkey"]).ok(204)
    renew(user)
    assert factors_of(user)["totp"]
    # This session had shown the passkey last.
    begin(user).problem(403, "step_up_required")
    user.post("/api/users/me/step-up", {"code": factors.recovery_code()}).ok()


def test_turning_everything_off_takes_passkeys_along(client, user, passkey):
    factors = enrol_app(user)
    register(user, passkey)
    body = {"password": user.password, "code": factors.recovery_code()}
    user.post(f"{FACTORS}/removal", body).ok(204)
    present(client, passkey.get(sign_in_options(client))).problem(401, "passkey_invalid")
    assert factors_of(renew(user))["passkeys"] == []


def test_the_last_factor_of_staff_stays(launch):
    platform = launch(STAFF_SECOND_FACTOR="required")
    operator = platform.operator()
    operator.get("/api/users").problem(403, "factor_enrolment_required")
    first, second = new_passkey(platform), new_passkey(platform)
    added = register(operator, first)
    operator.get("/api/users").ok()
    remove(operator, added["passkey"]).problem(409, "last_factor")
    register(operator, second)
    remove(operator, added["passkey"]).ok(204)
    renew(operator).get("/api/users").problem(403, "step_up_required")
    step_up(operator, second).get("/api/users").ok()
    # Signing in by a passkey is proof enough.
    sign_in(operator, second).get("/api/users").ok()


def test_of_two_removals_at_once_one_is_the_last(platform, other_operator):
    operator, keys = other_operator, [new_passkey(platform) for _ in range(2)]
    added = [register(operator, key)["passkey"] for key in keys]
    with ThreadPoolExecutor() as pool:
        replies = list(pool.map(lambda key: remove(operator, key), added))
    statuses = sorted(reply.status for reply in replies)
    # The second is refused as the last, or because the first ended what its token knew.
    assert statuses[0] == 204
    assert statuses[1] in (401, 409)
    assert len(factors_of(renew(operator))["passkeys"]) == 1


def test_operators_remove_what_is_lost(launch):
    platform = launch("user", PUBLIC_URL="http://localhost:8080")
    user, passkey = platform.new_user(), new_passkey(platform)
    register(user, passkey)
    done = platform.run("operator", "remove-factor", "--email", user.email)
    assert done.returncode == 0, done.stderr
    answer = passkey.get(sign_in_options(user.client))
    present(user.client, answer).problem(401, "passkey_invalid")
    login(user.client, user.email, user.password)


def test_nobody_touches_those_of_others(holder, passkey, new_user):
    other = new_user()
    path = f"{FACTORS}/passkeys/{passkey.info['id']}"
    other.patch(path, {"name": "Mine"}).problem(404, "factor_not_found")
    remove(other, passkey.info).problem(404, "factor_not_found")
    assert factors_of(holder)["passkeys"][0]["name"] == "Phone"


# ---- where


def test_there_are_none_without_an_address(launch):
    platform = launch("user", PUBLIC_URL="http://192.0.2.7:8080")
    user = platform.new_user()
    begin(user).problem(501, "passkeys_not_configured")
    options = user.client.post("/api/users/login/passkey/options")
    options.problem(501, "passkeys_not_configured")


def test_several_origins_share_a_domain(launch):
    platform = launch(
        "user",
        PUBLIC_URL="https://wallet.example.com/",
        PASSKEY_DOMAIN="example.com",
        PASSKEY_ORIGINS="https://wallet.example.com, https://shop.example.com:8443",
    )
    user = platform.new_user()
    passkey = new_passkey(platform, rp_id="example.com", origin="https://wallet.example.com")
    register(user, passkey)
    passkey.origin = "https://shop.example.com:8443"
    sign_in(user, passkey)
    for origin in ("https://example.com", "https://shop.example.com", "http://wallet.example.com"):
        passkey.origin = origin
        answer = passkey.get(sign_in_options(user.client))
        # Whatever Host says.
        headers = {"Host": "example.com", "Origin": origin}
        present(user.client, answer, headers=headers).problem(401, "passkey_invalid")


BAD_SETTINGS = [
    ({"PASSKEY_DOMAIN": "192.0.2.7"}, "PASSKEY_DOMAIN"),
    ({"PASSKEY_DOMAIN": "other.example"}, "PASSKEY_DOMAIN"),
    ({"PASSKEY_ORIGINS": "https://other.example"}, "PASSKEY_ORIGINS"),
    ({"PASSKEY_ORIGINS": "http://pay.example.com"}, "PASSKEY_ORIGINS"),
    ({"PASSKEY_ORIGINS": "https://evilpay.example.com"}, "PASSKEY_ORIGINS"),
    ({"PASSKEY_ORIGINS": "https://pay.example.com/wallet"}, "PASSKEY_ORIGINS"),
    ({"PASSKEY_ORIGINS": "pay.example.com"}, "PASSKEY_ORIGINS"),
]


@pytest.mark.parametrize(("settings", "named"), BAD_SETTINGS)
def test_refuses_bad_settings(tmp_path, settings, named):
    given = {"PUBLIC_URL": "https://pay.example.com", "DATA_DIR": str(tmp_path), **settings}
    done = run("serve", "user", **given)
    assert done.returncode != 0
    assert named in done.stderr
