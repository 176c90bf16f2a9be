"""Second factors: an authenticator app (RFC 6238) and recovery codes."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from harness.client import Client
from harness.factors import (
    PERIOD_S,
    begin,
    challenge_of,
    enrol,
    factors_of,
    present,
    renew,
    session_of,
    sign_in,
    totp,
)
from harness.keys import claims_of
from harness.platform import FACTOR_KEY, b64url, private_dir, run
from harness.users import User, again
from harness.waiting import wait_until

CONFIRMATION = "/api/users/me/factors/totp/confirmation"
REMOVAL = "/api/users/me/factors/removal"
RECOVERY_CODES = "/api/users/me/factors/recovery-codes"
FAILURES_FREE = 5
NONE = {
    "totp": None,
    "passkeys": [],
    "recoveryCodesLeft": 0,
    "stepUp": {"above": None, "newPayees": False},
    "pin": {
        "perPayment": 200,
        "perDay": 600,
        "leftToday": 600,
        "perPaymentMax": 200,
        "perDayMax": 600,
        "devices": [],
    },
}


def wrong_codes(user, factors, count):
    challenge = challenge_of(user)
    return [present(user, challenge, factors.wrong_code()).status for _ in range(count)]


# ---- setting up


def test_an_app_reads_the_secret(user):
    reply = begin(user)
    body = reply.ok(201)
    assert reply.headers["cache-control"] == "no-store"
    assert set(body) == {"secret", "uri", "expiresIn"}
    assert re.fullmatch("[A-Z2-7]{32}", body["secret"]), "160 bits in Base32"
    uri = urlsplit(body["uri"])
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert uri.path == f"/Mini-InstaPay:{user.email.replace('@', '%40')}"
    asked = {name: value for name, (value,) in parse_qs(uri.query, strict_parsing=True).items()}
    assert asked == {
        "secret": body["secret"],
        "issuer": "Mini-InstaPay",
        "algorithm": "SHA1",
        "digits": "6",
        "period": "30",
    }


def test_nothing_changes_until_a_code_confirms_it(user):
    first = begin(user).ok(201)["secret"]
    assert factors_of(user) == NONE
    again(user)
    second = begin(user).ok(201)["secret"]
    assert first != second
    now = int(time.time()) // PERIOD_S
    user.post(CONFIRMATION, {"code": totp(first, now)}).problem(401, "factor_code_invalid")
    codes = user.post(CONFIRMATION, {"code": totp(second, now)}).ok()["recoveryCodes"]
    assert len(set(codes)) == 10
    assert all(re.fullmatch("([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    user.get("/api/users/me").problem(401, "token_expired")
    renew(user)
    shown = factors_of(user)
    assert shown["totp"]["since"]
    assert shown["recoveryCodesLeft"] == 10
    session = session_of(user)
    assert (session["factor"], session["factorAt"] is not None) == ("totp", True)


def test_there_is_one_app(user):
    factors = enrol(user)
    begin(user).problem(409, "factor_exists")
    user.post(CONFIRMATION, {"code": factors.code()}).problem(404, "factor_not_found")


def test_setting_up_asks_for_the_password(user):
    wrong = {"password": "not the password"}
    user.post("/api/users/me/factors/totp", wrong).problem(401, "invalid_credentials")
    user.post(CONFIRMATION, {"code": "123456"}).problem(404, "factor_not_found")


def test_guessing_the_password_is_slowed_down(launch):
    """Who has found an open session: here, and in the form that changes the password."""
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="3")
    user = platform.new_user()
    for _ in range(3):
        begin(User(**{**user.__dict__, "password": "a wrong guess"})).problem(
            401, "invalid_credentials"
        )
    begin(user).problem(429, "login_throttled")
    change = {"currentPassword": user.password, "newPassword": "a new passphrase"}
    user.put(f"/api/users/{user.id}/password", change).problem(429, "login_throttled")


# ---- signing in


def test_signing_in_takes_a_code_too(client, user):
    factors = enrol(user)
    body = {"email": user.email, "password": user.password}
    refused = client.post("/api/users/login", body).problem(401, "second_factor_required")
    assert refused["accepts"] == ["totp", "recovery_code"]
    assert refused["expiresIn"] == 300
    answer = present(user, refused["challenge"], factors.code()).ok()
    assert set(answer) == {"accessToken", "refreshToken", "tokenType", "expiresIn", "user"}
    fresh = User(**{**user.__dict__, "token": answer["accessToken"]})
    session = session_of(fresh)
    assert (session["factor"], session["factorAt"] is not None) == ("totp", True)
    # A session goes on as ever.
    client.post("/api/users/refresh", {"refreshToken": answer["refreshToken"]}).ok()
    client.post("/api/users/refresh", {"refreshToken": user.refresh_token}).ok()


def test_who_does_not_know_the_password_learns_of_no_factor(client, user):
    enrol(user)
    body = {"email": user.email, "password": "not the password"}
    refused = client.post("/api/users/login", body).problem(401, "invalid_credentials")
    assert "challenge" not in refused


def test_a_code_is_good_once(user):
    factors = enrol(user)
    code = factors.code()
    sign_in(user, code)
    present(user, challenge_of(user), code).problem(401, "factor_code_invalid")
    # Nor is the one that confirmed the app, though its time is not over.
    earlier = totp(factors.secret, factors.step - 1)
    present(user, challenge_of(user), earlier).problem(401, "factor_code_invalid")


def test_a_code_is_good_once_in_all_services_together(launch):
    services = [launch("user") for _ in range(2)]
    user = services[0].new_user()
    factors = enrol(user)
    code = factors.code()
    people = [User(**{**user.__dict__, "client": each.client}) for each in services]
    challenges = [challenge_of(person) for person in people]

    def try_both(i):
        return present(people[i % 2], challenges[i % 2], code).status

    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(try_both, range(4)))
    assert statuses == [200, 401, 401, 401]


def test_codes_before_and_after_the_drift_are_wrong(user):
    factors = enrol(user)
    now = int(time.time()) // PERIOD_S
    for step in (now - 3, now + 3):
        code = totp(factors.secret, step)
        present(user, challenge_of(user), code).problem(401, "factor_code_invalid")


def test_a_recovery_code_is_good_once(user):
    factors = enrol(user)
    code = factors.recovery_code()
    fresh = sign_in(user, code.upper().replace("-", " "))
    assert session_of(fresh)["factor"] == "recovery_code"
    assert factors_of(fresh)["recoveryCodesLeft"] == 9
    present(user, challenge_of(user), code).problem(401, "factor_code_invalid")
    sign_in(user, factors.recovery_code())


def test_a_challenge_is_of_one_person_and_one_password(user, payee):
    mine, theirs = enrol(user), enrol(payee)
    # Somebody's own code does not answer another's challenge.
    refused = present(user, challenge_of(user), theirs.recovery_code())
    refused.problem(401, "factor_code_invalid")
    challenge = challenge_of(user)
    change = {"currentPassword": user.password, "newPassword": "a new passphrase"}
    user.put(f"/api/users/{user.id}/password", change).ok(204)
    code = mine.recovery_code()
    present(user, challenge, code).problem(401, "challenge_invalid")
    # And took no code with it.
    sign_in(User(**{**user.__dict__, "password": "a new passphrase"}), code)


@pytest.mark.parametrize("change", ["x", "cut", "empty", "token"])
def test_a_challenge_cannot_be_made(user, change):
    factors = enrol(user)
    good = challenge_of(user)
    forged = {
        "x": good[:30] + ("A" if good[30] != "A" else "B") + good[31:],
        "cut": good[:-1],
        "empty": "",
        "token": user.token,
    }[change]
    present(user, forged, factors.recovery_code()).problem(401, "challenge_invalid")


def test_a_closed_account_is_closed_here_too(operator, user):
    factors = enrol(user)
    challenge = challenge_of(user)
    operator.close_account(user).ok()
    present(user, challenge, factors.recovery_code()).problem(403, "account_closed")


def test_a_browser_keeps_its_cookies_and_is_known(launch):
    """The cookie comes with the session, after the second step; strangers do not keep it out."""
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="3")
    user = platform.new_user()
    factors = enrol(user)
    headers = {"X-Session-Transport": "cookie"}
    body = {"email": user.email, "password": user.password}
    first = platform.client.post("/api/users/login", body, headers=headers)
    challenge = first.problem(401, "second_factor_required")["challenge"]
    assert "set-cookie" not in first.headers
    reply = present(user, challenge, factors.recovery_code(), headers=headers)
    assert "refreshToken" not in reply.ok()
    cookies = dict(
        re.match("([^=]+)=([^;]+)", line).groups() for line in reply.headers.get_list("set-cookie")
    )
    assert set(cookies) == {"instapay_refresh", "instapay_device"}
    for _ in range(5):
        platform.client.post("/api/users/login", {**body, "password": "a wrong guess"})
    platform.client.post("/api/users/login", body).problem(429, "login_throttled")
    known = {**headers, "Cookie": f"instapay_device={cookies['instapay_device']}"}
    challenge_of(user, headers=known)


# ---- guessing


def test_guesses_are_counted_for_each_account(user, payee):
    factors, theirs = enrol(user), enrol(payee)
    assert wrong_codes(user, factors, FAILURES_FREE) == [401] * FAILURES_FREE
    reply = present(user, challenge_of(user), factors.wrong_code())
    reply.problem(429, "login_throttled")
    assert 1 <= int(reply.headers["retry-after"]) <= 30
    # The right code too: or the wait would tell which is right.
    present(user, challenge_of(user), factors.code()).problem(429, "login_throttled")
    present(user, challenge_of(user), factors.recovery_code()).problem(429, "login_throttled")
    # Also where somebody is signed in.
    body = {"password": user.password, "code": factors.recovery_code()}
    user.post(REMOVAL, body).problem(429, "login_throttled")
    # Nobody else is concerned.
    sign_in(payee, theirs.recovery_code())


def test_guesses_are_counted_in_all_services_together(launch):
    services = [launch("user") for _ in range(2)]
    user = services[0].new_user()
    factors = enrol(user)
    people = [User(**{**user.__dict__, "client": each.client}) for each in services]
    statuses = [wrong_codes(people[i % 2], factors, 1)[0] for i in range(FAILURES_FREE + 3)]
    assert statuses == [401] * FAILURES_FREE + [429] * 3


def test_a_right_code_starts_afresh(user):
    factors = enrol(user)
    for _ in range(2):
        assert wrong_codes(user, factors, FAILURES_FREE - 1) == [401] * (FAILURES_FREE - 1)
        sign_in(user, factors.recovery_code())


# ---- changing


def test_turning_it_off_takes_the_password_and_a_code(user):
    factors = enrol(user)
    code = factors.recovery_code()
    user.post(REMOVAL, {"password": "not the password", "code": code}).problem(
        401, "invalid_credentials"
    )
    wrong = {"password": user.password, "code": factors.wrong_code()}
    user.post(REMOVAL, wrong).problem(401, "factor_code_invalid")
    again_refused = user.client.post(
        "/api/users/login", {"email": user.email, "password": user.password}
    )
    again_refused.problem(401, "second_factor_required")
    user.post(REMOVAL, {"password": user.password, "code": code}).ok(204)
    renew(user)
    assert factors_of(user) == NONE
    again(user)
    user.post(REMOVAL, {"password": user.password, "code": code}).problem(404, "factor_not_found")
    assert len(enrol(user).recovery_codes) == 10


def test_new_recovery_codes_end_the_old_ones(user):
    factors = enrol(user)
    body = {"password": user.password, "code": factors.recovery_code()}
    fresh = user.post(RECOVERY_CODES, body).ok()["recoveryCodes"]
    assert not set(fresh) & set(factors.recovery_codes)
    assert factors_of(user)["recoveryCodesLeft"] == 10
    challenge = challenge_of(user)
    present(user, challenge, factors.recovery_code()).problem(401, "factor_code_invalid")
    present(user, challenge, fresh[0]).ok()


def test_a_change_needs_a_factor_to_change(user):
    body = {"password": user.password, "code": "123456"}
    for path in (REMOVAL, RECOVERY_CODES):
        user.post(path, body).problem(404, "factor_not_found")


def test_erasing_a_person_leaves_no_factor(operator, platform, user):
    factors = enrol(user)
    challenge = challenge_of(user)
    operator.close_account(user).ok()
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "asked for"}).ok()
    present(user, challenge, factors.recovery_code()).problem(401, "challenge_invalid")


# ---- input

BAD = [
    ("login/factor", {}, {"challenge": "required", "code": "required"}),
    (
        "login/factor",
        {"challenge": 1, "code": 123456},
        {"challenge": "wrong_type", "code": "wrong_type"},
    ),
    ("login/factor", {"challenge": "x", "code": " "}, {"code": "required"}),
    ("login/factor", {"challenge": "x", "code": "1" * 33}, {"code": "too_long"}),
    ("login/factor", {"challenge": "x", "code": "1", "email": "a"}, {"email": "unknown_field"}),
    ("me/factors/totp", {}, {"password": "required"}),
    ("me/factors/totp", {"password": 1}, {"password": "wrong_type"}),
    ("me/factors/totp/confirmation", {}, {"code": "required"}),
    ("me/factors/removal", {}, {"password": "required"}),
    ("me/factors/recovery-codes", {"password": "x", "code": " "}, {"code": "required"}),
]


@pytest.mark.parametrize(("path", "sent", "fields"), BAD)
def test_refuses_bad_fields(user, path, sent, fields):
    user.post(f"/api/users/{path}", sent).problem(422, "validation_failed", fields)


@pytest.mark.parametrize(
    "code", ["12345", "1234567", "abcdef", "１２３４５６", "12 34", "-1", "k7qm"]
)
def test_odd_codes_are_only_wrong(user, code):
    enrol(user)
    present(user, challenge_of(user), code).problem(401, "factor_code_invalid")


# ---- keys


def test_the_key_can_be_changed(launch, cluster):
    """The secrets are sealed with the new one, and the old one can be dropped."""
    new_key = b64url(b"a new key of second factors, yes")
    before = launch("user")
    user = before.new_user()
    factors = enrol(user)
    before.stop()
    sealed = f"SELECT key_id, sealed_secret FROM totp_factors WHERE user_id = '{user.id}'"
    (old_row,) = cluster.sql(sealed)
    both = launch("user", FACTOR_KEY=f"{new_key}\n{FACTOR_KEY}\n")
    wait_until(lambda: cluster.sql(sealed) != [old_row], 10, "the secret is sealed anew")
    both.stop()
    after = launch("user", FACTOR_KEY=new_key)
    moved = User(**{**user.__dict__, "client": Client(after.urls)})
    sign_in(moved, factors.code())


def test_a_secret_that_no_key_opens_lets_nobody_in(launch):
    before = launch("user")
    user = before.new_user()
    factors = enrol(user)
    other = launch("user", FACTOR_KEY=b64url(b"another key than the one it was!"))
    moved = User(**{**user.__dict__, "client": Client(other.urls)})
    reply = present(moved, challenge_of(moved), factors.code())
    reply.problem(500, "internal_error")
    assert "FACTOR_KEY lacks its key" in other.log
    # Recovery codes are hashes, which no key is needed for.
    sign_in(moved, factors.recovery_code())


def test_development_makes_its_own_key(launch):
    folder = private_dir()
    platform = launch(FACTOR_KEY="", DATA_DIR=str(folder / "data"))
    enrol(platform.new_user())
    file = folder / "data/factor-key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(file.read_text()) == 43


def test_keygen_makes_one():
    made = [run("keygen", "factors").stdout for _ in range(2)]
    assert made[0] != made[1]
    assert all(re.fullmatch("[A-Za-z0-9_-]{43}\n", key) for key in made)


def test_secrets_are_not_in_the_log(launch):
    platform = launch("user")
    user = platform.new_user()
    factors = enrol(user)
    challenge = challenge_of(user)
    code = factors.recovery_code()
    token = present(user, challenge, code).ok()["accessToken"]
    platform.stop()
    assert claims_of(token)["sub"] == user.id
    for secret in (factors.secret, code, challenge, FACTOR_KEY):
        assert secret not in platform.log
