"""A second factor asked for once more: by payments, by changes, and of staff."""

import time

import pytest
from harness.factors import aged, challenge_of, enrol, present, renew, sign_in, step_up
from harness.keys import claims_of
from harness.requests import ask, look, settle
from harness.users import User, again, fresh_key
from harness.waiting import wait_until

RULES = "/api/users/me/factors/step-up"
STEP_UP = "/api/users/me/step-up"
CHALLENGE = 'Bearer error="insufficient_user_authentication", max_age="300"'


def set_rules(user, **rules):
    shown = user.put(RULES, rules).ok()["stepUp"]
    renew(user)
    return shown


def refused(reply):
    problem = reply.problem(403, "step_up_required")
    assert problem["accepts"] == ["passkey", "totp", "recovery_code"], str(reply)
    assert reply.headers["www-authenticate"] == CHALLENGE
    return problem


@pytest.fixture
def careful(user):
    """Somebody with a factor, who is asked for it above 100.00."""
    factors = enrol(user)
    assert set_rules(user, above="100.00") == {"above": 100, "newPayees": False}
    return aged(user), factors


# ---- what access tokens say


def test_a_token_says_when_and_how(user):
    enrol(user)
    claims = claims_of(user.token)
    assert abs(claims["auth_time"] - time.time()) < 30
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["factors"] == {"version": 1, "enrolled": True}
    # A refresh proves nothing anew.
    assert claims_of(renew(user).token)["auth_time"] == claims["auth_time"]


def test_a_recovery_code_is_no_one_time_password(user):
    factors = enrol(user)
    fresh = sign_in(user, factors.recovery_code())
    assert claims_of(fresh.token)["amr"] == ["pwd", "mfa"]


def test_a_step_up_answers_a_token_that_says_so(user):
    factors = enrol(user)
    old = aged(user, 1000)
    reply = old.post(STEP_UP, {"code": factors.code()})
    body = reply.ok()
    assert reply.headers["cache-control"] == "no-store"
    assert set(body) == {"accessToken", "tokenType", "expiresIn", "factorExpiresIn"}
    assert (body["tokenType"], body["expiresIn"], body["factorExpiresIn"]) == ("Bearer", 900, 300)
    claims = claims_of(body["accessToken"])
    assert abs(claims["auth_time"] - time.time()) < 30
    assert (claims["sid"], claims["role"]) == (claims_of(user.token)["sid"], "user")
    # The session remembers: so does what is refreshed.
    assert claims_of(renew(user).token)["auth_time"] == claims["auth_time"]


def test_a_step_up_takes_a_code_that_is_good(user, payee):
    user.post(STEP_UP, {"code": "123456"}).problem(404, "factor_not_found")
    factors = enrol(user)
    code = factors.recovery_code()
    user.post(STEP_UP, {"code": code}).ok()
    user.post(STEP_UP, {"code": code}).problem(401, "factor_code_invalid")
    for _ in range(4):
        user.post(STEP_UP, {"code": factors.wrong_code()}).problem(401, "factor_code_invalid")
    # The failures are those of the account, wherever they were made.
    present(user, challenge_of(user), factors.recovery_code()).problem(429, "login_throttled")
    user.post(STEP_UP, {"code": factors.recovery_code()}).problem(429, "login_throttled")


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({}, {"code": "required"}),
        ({"code": 123456}, {"code": "wrong_type"}),
        ({"code": "1" * 33}, {"code": "too_long"}),
        ({"code": "123456", "factor": "totp"}, {"factor": "unknown_field"}),
    ],
)
def test_refuses_bad_fields(user, sent, fields):
    user.post(STEP_UP, sent).problem(422, "validation_failed", fields)


# ---- payments


def test_a_payment_above_the_limit_waits_for_a_factor(careful, payee):
    user, factors = careful
    user.pay(payee, "100.00").ok(201)
    key = fresh_key()
    refused(user.pay(payee, "100.01", key=key))
    before = user.balance()
    fresh = step_up(User(**user.__dict__), factors.recovery_code())
    done = fresh.pay(payee, "100.01", key=key).ok(201)
    assert user.balance() == before - done["amount"]
    # One key has one answer, also when the factor is old again.
    replay = user.pay(payee, "100.01", key=key)
    assert replay.ok(201)["id"] == done["id"]
    assert replay.headers["idempotent-replayed"] == "true"
    refused(user.pay(payee, "100.01"))


def test_a_factor_counts_for_five_minutes(user, payee):
    enrol(user)
    set_rules(user, above="1.00")
    shown_s = claims_of(user.token)["auth_time"]
    age_s = int(time.time()) - shown_s
    aged(user, 270 - age_s).pay(payee, 2).ok(201)
    refused(aged(user, 301).pay(payee, 2))


def test_a_request_of_many_counts_as_one(careful, payee):
    user, factors = careful
    two = [{"receiver_email": payee.email, "amount": amount} for amount in ("60.00", "40.00")]
    user.post("/api/transactions/batch", {"transfers": two}, key=fresh_key()).ok()
    more = [*two, {"receiver_email": payee.email, "amount": "0.01"}]
    for atomic in (True, False):
        body = {"transfers": more, "atomic": atomic}
        key = fresh_key()
        refused(user.post("/api/transactions/batch", body, key=key))
        fresh = step_up(User(**user.__dict__), factors.recovery_code())
        paid = fresh.post("/api/transactions/batch", body, key=key).ok()
        assert (paid["completed"], paid["rejected"]) == (3, 0)
        replayed = user.post("/api/transactions/batch", body, key=key)
        assert replayed.ok()["results"] == paid["results"]


def test_the_sum_of_the_largest_amounts_is_above_any_limit(careful, payee):
    user, _ = careful
    largest = [{"receiver_email": payee.email, "amount": "90000000000000.00"}] * 1000
    refused(user.post("/api/transactions/batch", {"transfers": largest}))


def test_a_payment_to_somebody_new_waits_if_one_wants_it(user, payee, operator):
    factors = enrol(user)
    user.pay(payee, 1).ok(201)
    assert set_rules(user, newPayees=True) == {"above": None, "newPayees": True}
    old = aged(user)
    old.pay(payee, 1).ok(201)
    refused(old.pay(operator, 1))
    both = [{"receiver_email": to.email, "amount": 1} for to in (payee, operator)]
    refused(old.post("/api/transactions/batch", {"transfers": both}))
    step_up(User(**old.__dict__), factors.recovery_code()).pay(operator, 1).ok(201)
    old.pay(operator, 1).ok(201)
    # Who was received from was not paid.
    other = User(**{**old.__dict__, "client": user.client})
    operator.adjust(payee, 1).ok()
    other.pay(payee, 1).ok(201)


def test_what_cannot_be_paid_asks_for_nothing(user):
    enrol(user)
    set_rules(user, newPayees=True)
    aged(user).pay("nobody.at.all@example.com", 1).problem(404, "payee_not_found")
    aged(user).pay(user, 1).problem(422, "self_transfer")


def test_who_has_no_factor_is_asked_for_none(user, payee):
    user.pay(payee, 999).ok(201)
    assert "factors" not in claims_of(user.token)
    assert "auth_time" not in claims_of(user.token)


# ---- rules


def test_rules_need_a_factor_that_was_just_shown(user):
    user.put(RULES, {"above": 1}).problem(404, "factor_not_found")
    factors = enrol(user)
    refused(aged(user).put(RULES, {"above": 1}))
    fresh = step_up(aged(user), factors.recovery_code())
    assert fresh.put(RULES, {"above": 1, "newPayees": True}).ok()["stepUp"] == {
        "above": 1,
        "newPayees": True,
    }


def test_other_sessions_learn_of_new_rules_at_once(user, payee):
    other = again(user)
    enrol(user)
    # Access tokens of before the factor are refused, in every service; refreshed ones know of it.
    for path in ("/api/users/me", f"/api/transactions/user/{user.id}"):
        other.get(path).problem(401, "token_expired")
    assert claims_of(renew(other).token)["factors"] == {"version": 1, "enrolled": True}
    set_rules(user, above="5.00")
    other.pay(payee, 6).problem(401, "token_expired")
    assert claims_of(renew(other).token)["factors"]["step_up_above"] == 500
    refused(other.pay(payee, 6))


def test_other_processes_learn_of_new_rules(launch):
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    service = launch("transaction", JWT_PRIVATE_KEY="", JWKS_URL=jwks)
    user, payee = users.new_user(), users.new_user()
    user.client.urls.update(service.urls)
    user.pay(payee, 1).ok(201)
    before = User(**user.__dict__)
    enrol(user)
    wait_until(lambda: before.pay(payee, 1).status == 401, 5, "the old token is refused")
    before.pay(payee, 1).problem(401, "token_expired")
    user.pay(payee, 1).ok(201)


def test_turning_the_factor_off_ends_the_rules(user, payee):
    factors = enrol(user)
    set_rules(user, above=1, newPayees=True)
    body = {"password": user.password, "code": factors.recovery_code()}
    user.post("/api/users/me/factors/removal", body).ok(204)
    claims = claims_of(renew(user).token)
    assert claims["factors"] == {"version": 3}
    assert user.get("/api/users/me/factors").ok()["stepUp"] == {"above": None, "newPayees": False}
    user.pay(payee, 100).ok(201)


BAD_RULES = [
    ({"above": 0}, {"above": "out_of_range"}),
    ({"above": -1}, {"above": "out_of_range"}),
    ({"above": "1.001"}, {"above": "invalid_format"}),
    ({"newPayees": 1}, {"newPayees": "wrong_type"}),
    ({"below": 1}, {"below": "unknown_field"}),
]


@pytest.mark.parametrize(("sent", "fields"), BAD_RULES)
def test_refuses_bad_rules(user, sent, fields):
    user.put(RULES, sent).problem(422, "validation_failed", fields)


# ---- changes


def test_a_password_is_changed_with_a_factor(user):
    factors = enrol(user)
    path = f"/api/users/{user.id}/password"
    body = {"currentPassword": user.password, "newPassword": "a new passphrase"}
    refused(aged(user).put(path, body))
    step_up(aged(user), factors.recovery_code()).put(path, body).ok(204)


# ---- staff


def test_what_operators_change_waits_for_their_factor(other_operator, user, payee):
    operator = other_operator
    paid = user.pay(payee, 5).ok(201)
    factors = enrol(operator)
    old = aged(operator)
    old.get("/api/users").ok()
    key = fresh_key()
    refused(old.adjust(user, 5, key=key))
    refused(old.put(f"/api/users/{user.id}/limits", {"perDay": 5}))
    refused(old.patch(f"/api/users/{user.id}", {"status": "frozen"}))
    refused(old.post(f"/api/users/{user.id}/erasure", {"reason": "asked for"}))
    refund = f"/api/transactions/{paid['id']}/refund"
    refused(old.post(refund, {}, key=fresh_key()))
    old.patch(f"/api/users/{operator.id}", {"displayName": "One's own name"}).ok()

    fresh = step_up(User(**old.__dict__), factors.recovery_code())
    done = fresh.adjust(user, 5, key=key).ok()
    again_done = old.adjust(user, 5, key=key)
    assert again_done.ok()["transaction"]["id"] == done["transaction"]["id"]
    fresh.put(f"/api/users/{user.id}/limits", {"perDay": 5}).ok()
    fresh.post(refund, {}, key=fresh_key()).ok(201)


def test_staff_can_be_made_to_have_one(launch):
    platform = launch(STAFF_SECOND_FACTOR="required")
    operator, user = platform.operator(), platform.new_user()
    other = again(operator)
    for path in ("/api/users", "/api/reports/system", "/api/transactions"):
        operator.get(path).problem(403, "factor_enrolment_required")
    operator.adjust(user, 1).problem(403, "factor_enrolment_required")
    # What everybody may goes on, and nothing that staff alone may see.
    operator.get("/api/users/me").ok()
    operator.get(f"/api/users/{user.id}/sessions").problem(403, "forbidden")
    factors = enrol(operator)
    for path in ("/api/users", "/api/reports/system", "/api/transactions"):
        operator.get(path).ok()
    operator.adjust(user, 1).ok()
    # A session of before has not shown it.
    renew(other)
    refused(other.get("/api/users"))
    step_up(other, factors.recovery_code()).get("/api/users").ok()
    # It counts as long as the session.
    aged(other, 100_000).get("/api/users").ok()
    # And asks nothing of anybody else.
    user.get("/api/users/me").ok()


def test_staff_who_turn_theirs_off_have_to_set_one_up_again(launch):
    operator = launch(STAFF_SECOND_FACTOR="required").operator()
    factors = enrol(operator)
    operator.get("/api/users").ok()
    body = {"password": operator.password, "code": factors.recovery_code()}
    operator.post("/api/users/me/factors/removal", body).ok(204)
    renew(operator).get("/api/users").problem(403, "factor_enrolment_required")
    enrol(operator)
    operator.get("/api/users").ok()


def test_a_request_is_a_payment_like_any_other(careful, payee):
    user, factors = careful
    payee.pay(user, "1.00").ok(201)
    small, large = (ask(payee, user, amount=amount).ok(201) for amount in ("100.00", "100.01"))
    settle(user, small).ok(201)
    key = fresh_key()
    refused(settle(user, large, key=key))
    assert look(payee, large)["status"] == "open"
    done = settle(step_up(user, factors.code()), large, key=key).ok(201)
    # What was answered once is answered again, however old the factor is.
    assert settle(aged(user), large, key=key).ok(201)["id"] == done["id"]


def test_what_is_refused_anyway_does_not_count(careful, payee):
    user, _ = careful
    orders = [
        {"receiver_username": payee.username, "amount": "50.00"},
        {"receiver_username": "nobody.has.this", "amount": "60.00"},
    ]
    done = user.post("/api/transactions/batch", {"transfers": orders}, key=fresh_key()).ok()
    assert (done["completed"], done["rejected"]) == (1, 1)
