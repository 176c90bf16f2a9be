"""PINs: set after a second factor, counted before they are checked, good for small payments."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.factors import aged, enrol, renew, session_of, sign_in, step_up
from harness.holds import hold
from harness.keys import claims_of
from harness.mail import about, wait_for_mail
from harness.notices import wait_for
from harness.passkeys import new_passkey, register
from harness.passkeys import remove as remove_passkey
from harness.passkeys import step_up as step_up_by_passkey
from harness.pins import (
    PIN,
    RIGHT,
    STEP_UP,
    WRONG,
    hold_pin,
    pins_of,
    remove_pin,
    set_pin,
    set_pin_limits,
    show_pin,
)
from harness.platform import SHARED_KEY
from harness.schedules import plan
from harness.users import User, fresh_key, through

STRONG = ["passkey", "totp", "recovery_code"]


def refused(reply, code="step_up_required", pin=False):
    problem = reply.problem(403, code)
    assert problem["accepts"] == [*STRONG, *(["pin"] if pin else [])], str(reply)
    return problem


@pytest.fixture
def holder(user):
    return hold_pin(user)


# ---- setting one


def test_a_pin_is_set_after_a_factor_and_the_password(user):
    set_pin(user).problem(404, "factor_not_found")
    enrol(user)
    set_pin(aged(user)).problem(403, "step_up_required")
    set_pin(user, password="not the password").problem(401, "invalid_credentials")
    user.put(PIN, {"pin": RIGHT}).problem(422, "validation_failed", {"password": "required"})
    pin = set_pin(user).ok()["pin"]
    assert (pin["perPayment"], pin["perDay"], pin["leftToday"]) == (200, 600, 600)
    (device,) = pin["devices"]
    assert device["sessionId"] == session_of(user)["id"]
    assert (device["current"], device["locked"], device["lastUsedAt"]) == (True, False, None)
    show_pin(user).ok()
    assert pins_of(user)["devices"][0]["lastUsedAt"] is not None


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("123", "too_short"),
        ("123456789", "too_long"),
        ("48291x", "invalid_format"),
        ("٤٨٢٩١٥", "invalid_format"),
        (482915, "wrong_type"),
        (None, "wrong_type"),
    ],
)
def test_refuses_what_is_no_pin(user, pin, code):
    enrol(user)
    set_pin(user, pin).problem(422, "validation_failed", {"pin": code})
    if pin is not None:
        show_pin(user, pin).problem(422, "validation_failed", {"pin": code})


@pytest.mark.parametrize(
    "pin",
    [
        *("1111", "111111", "121212", "123123", "1234", "123456", "654321", "7890", "2468"),
        *("112233", "2580", "159753", "1990", "2007", "051990", "199005", "12051990"),
    ],
)
def test_refuses_what_is_tried_first(user, pin):
    enrol(user)
    set_pin(user, pin).problem(422, "pin_too_weak")


@pytest.mark.parametrize("pin", ["4829", "482915", "1347", "48291573", "139990"])
def test_takes_any_other(user, pin):
    enrol(user)
    set_pin(user, pin).ok()
    show_pin(user, pin).ok()


def test_its_owner_is_told(platform, user):
    enrol(user)
    set_pin(user).ok()
    assert wait_for(user, "pin_set")[0]["details"]
    wait_for_mail(platform, user.email, about("A PIN was set"))


def test_a_passkey_does_not_stand_for_the_password(platform, user):
    register(user, new_passkey(platform))
    user.put(PIN, {"pin": RIGHT}).problem(422, "validation_failed", {"password": "required"})
    set_pin(user, password="not the password").problem(401, "invalid_credentials")
    set_pin(user).ok()


def test_setting_too_often_waits(launch):
    user = launch("user", LOGIN_ATTEMPTS_PER_MIN="2").new_user()
    enrol(user)
    for _ in range(2):
        set_pin(user).ok()
    reply = set_pin(user, "739164")
    reply.problem(429, "rate_limited")
    assert int(reply.headers["retry-after"]) >= 1
    show_pin(user).ok()


# ---- showing one


def test_a_token_says_that_a_pin_was_shown_and_it_proves_nothing_else(holder):
    user = holder.user
    before = claims_of(user.token)
    claims = claims_of(show_pin(user).ok()["accessToken"])
    assert claims["amr"] == ["pwd", "otp", "pin", "mfa"]
    assert claims["auth_time"] == before["auth_time"]
    assert abs(claims["factors"]["pin_time"] - claims["iat"]) < 30
    assert claims_of(renew(user).token)["factors"]["pin_time"] == claims["factors"]["pin_time"]
    old = holder.after_pin()
    set_pin(old).problem(403, "step_up_required")
    set_pin_limits(old, perDay=None).problem(403, "step_up_required")
    rules = {"above": None, "newPayees": False}
    old.put("/api/users/me/factors/step-up", rules).problem(403, "step_up_required")
    password = {"currentPassword": old.password, "newPassword": "another passphrase"}
    old.put(f"/api/users/{old.id}/password", password).problem(403, "step_up_required")


def test_small_payments_take_a_pin_and_large_ones_do_not(holder, payee):
    old = aged(holder.user)
    old.pay(payee, "50.00").ok(201)
    key = fresh_key()
    refused(old.pay(payee, "200.00", key=key), pin=True)
    refused(old.pay(payee, "200.01"))
    proven = holder.after_pin()
    paid = proven.pay(payee, "200.00", key=key).ok(201)
    refused(proven.pay(payee, "200.01"), "pin_limit")
    step_up(User(**old.__dict__), holder.factors.recovery_code()).pay(payee, "200.01").ok(201)
    # A key has one answer, whatever was shown since, and takes nothing from the day.
    for again in (old, proven):
        replay = again.pay(payee, "200.00", key=key)
        assert replay.ok(201)["id"] == paid["id"]
        assert replay.headers["idempotent-replayed"] == "true"
    assert pins_of(holder.user)["leftToday"] == 400


def test_a_pin_counts_for_five_minutes(holder, payee):
    proven = holder.after_pin()
    claims = claims_of(proven.token)
    factors = {**claims["factors"], "pin_time": claims["factors"]["pin_time"] - 301}
    old = User(**{**proven.__dict__, "token": SHARED_KEY.sign({**claims, "factors": factors})})
    refused(old.pay(payee, 60), pin=True)


def test_a_days_sum_is_never_passed(launch):
    platform = launch(PIN_PAYMENT_LIMIT="100", PIN_DAILY_LIMIT="250")
    user, payee = platform.new_user(), platform.new_user()
    proven = hold_pin(user).after_pin()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: proven.pay(payee, 60), range(8)))
    assert sorted(reply.status for reply in replies) == [201] * 4 + [403] * 4
    assert pins_of(user)["leftToday"] == 10
    refused(proven.pay(payee, 60), "pin_limit")
    # What needs no factor needs no PIN, and what is refused by others takes nothing.
    proven.pay(payee, 40).ok(201)
    assert pins_of(user)["leftToday"] == 10


def test_what_was_not_paid_is_given_back(holder, payee, operator):
    proven = holder.after_pin()
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    proven.pay(payee, 60).problem(422, "receiver_unavailable")
    assert pins_of(holder.user)["leftToday"] == 600


def test_a_batch_is_one_payment_and_a_hold_is_one_too(holder, payee):
    proven = holder.after_pin()
    transfers = [{"receiver_email": payee.email, "amount": amount} for amount in (100, 100)]
    proven.post("/api/transactions/batch", {"transfers": transfers}, key=fresh_key()).ok()
    hold(proven, payee, 60).ok(201)
    more = [*transfers, {"receiver_email": payee.email, "amount": "0.01"}]
    refused(proven.post("/api/transactions/batch", {"transfers": more}), "pin_limit")
    assert pins_of(holder.user)["leftToday"] == 340
    refused(hold(aged(holder.user), payee, 60), pin=True)


def test_a_pin_is_enough_for_somebody_new_within_its_limits(user, payee):
    holder = hold_pin(user, newPayees=True)
    refused(aged(user).pay(payee, 1), pin=True)
    holder.after_pin().pay(payee, 1).ok(201)


def test_what_pays_again_and_again_takes_more_than_a_pin(holder, payee):
    proven = holder.after_pin()
    refused(plan(proven, payee, amount=60))


def test_its_owner_may_lower_what_it_is_good_for(holder, payee):
    user = holder.user
    above = {"perPayment": "out_of_range", "perDay": "out_of_range"}
    set_pin_limits(user, perPayment="200.01", perDay="600.01").problem(
        422, "validation_failed", above
    )
    lowered = set_pin_limits(user, perPayment="80.00", perDay="100.00").ok()["pin"]
    assert (lowered["perPayment"], lowered["perDay"]) == (80, 100)
    assert (lowered["perPaymentMax"], lowered["perDayMax"]) == (200, 600)
    renew(user)
    proven = holder.after_pin()
    refused(proven.pay(payee, "80.01"), "pin_limit")
    proven.pay(payee, 80).ok(201)
    refused(proven.pay(payee, 60), "pin_limit")
    assert set_pin_limits(user).ok()["pin"]["leftToday"] == 520


# ---- wrong ones


def test_five_wrong_ones_lock_it(platform, holder, payee):
    user = holder.user
    for left in (4, 3, 2, 1):
        assert show_pin(user, WRONG).problem(401, "pin_wrong")["attemptsLeft"] == left
    show_pin(user, WRONG).problem(403, "pin_locked")
    show_pin(user).problem(403, "pin_locked")
    assert pins_of(user)["devices"][0]["locked"] is True
    wait_for(user, "pin_locked", "pin_set")
    wait_for_mail(platform, user.email, about("Your PIN is locked"))
    set_pin(aged(user)).problem(403, "step_up_required")
    set_pin(user).ok()
    show_pin(user).ok()


def test_a_right_one_forgives_those_before(holder):
    for _ in range(3):
        for left in (4, 3, 2, 1):
            problem = show_pin(holder.user, WRONG).problem(401, "pin_wrong")
            assert problem["attemptsLeft"] == left
        show_pin(holder.user).ok()


def test_wrong_ones_in_all_lock_it_too(platform, holder):
    user = holder.user
    for _ in range(3):
        for left in (4, 3, 2, 1):
            assert show_pin(user, WRONG).problem(401, "pin_wrong")["attemptsLeft"] == left
        show_pin(user).ok()
    for left in (2, 1):
        assert show_pin(user, WRONG).problem(401, "pin_wrong")["attemptsLeft"] == left
    show_pin(user, WRONG).problem(403, "pin_locked")
    show_pin(user).problem(403, "pin_locked")
    assert pins_of(user)["devices"][0]["locked"] is True
    wait_for_mail(platform, user.email, about("Your PIN is locked"))
    set_pin(user).ok()
    assert show_pin(user, WRONG).problem(401, "pin_wrong")["attemptsLeft"] == 4


def test_of_many_at_once_five_are_tried_whichever_service_is_asked(launch):
    user = launch("user").new_user()
    hold_pin(user)
    other = through(user, launch("user"))
    with ThreadPoolExecutor(10) as pool:
        askers = [user, other] * 10
        replies = list(pool.map(lambda by: show_pin(by, WRONG), askers))
    codes = [reply.json["code"] for reply in replies]
    assert codes.count("pin_wrong") == 4
    assert codes.count("pin_locked") == 16
    show_pin(other).problem(403, "pin_locked")


def test_a_lock_ends_what_was_proven(holder, payee):
    proven = holder.after_pin()
    for _ in range(5):
        show_pin(holder.user, WRONG)
    refused(proven.pay(payee, 60))


# ---- its end


def test_it_is_of_one_device(holder, payee):
    other = sign_in(holder.user, holder.factors.recovery_code())
    show_pin(other).problem(404, "pin_not_set")
    set_pin(other, "739164").ok()
    show_pin(other).problem(401, "pin_wrong")
    show_pin(holder.user).ok()
    assert [device["current"] for device in pins_of(other)["devices"]] == [True, False]


def test_it_can_be_removed_from_any_device(holder, payee):
    other = sign_in(holder.user, holder.factors.recovery_code())
    proven, session = holder.after_pin(), session_of(holder.user)["id"]
    remove_pin(payee, session).problem(404, "pin_not_set")
    remove_pin(other, session).ok(204)
    remove_pin(other, session).problem(404, "pin_not_set")
    remove_pin(other, "x").problem(422, "validation_failed", {"id": "invalid_format"})
    show_pin(holder.user).problem(404, "pin_not_set")
    refused(proven.pay(payee, 60))


def test_it_ends_with_its_session_and_with_the_factors(holder):
    user = holder.user
    other = sign_in(user, holder.factors.recovery_code())
    other.delete(f"/api/users/{user.id}/sessions/{session_of(user)['id']}").ok(204)
    assert pins_of(other)["devices"] == []
    set_pin(other).ok()
    other.post("/api/users/me/factors/removal", {"password": user.password}).ok(204)
    renew(other)
    assert pins_of(other)["devices"] == []
    show_pin(other).problem(404, "pin_not_set")


def test_it_ends_with_the_passkey_it_was_set_by(platform, user):
    factors = enrol(user)
    passkey = new_passkey(platform)
    for by_passkey in (True, False):
        added = register(user, passkey if by_passkey else new_passkey(platform))
        if by_passkey:
            step_up_by_passkey(user, passkey)
        else:
            step_up(user, factors.recovery_code())
        set_pin(user).ok()
        # Another factor that was shown since does not keep it.
        step_up(user, factors.recovery_code())
        remove_passkey(user, added["passkey"]).ok(204)
        renew(user)
        if by_passkey:
            show_pin(user).problem(404, "pin_not_set")
        else:
            show_pin(user).ok()


def test_the_last_factor_takes_the_limits_along(platform, user):
    added = register(user, new_passkey(platform))
    set_pin_limits(user, perPayment="80.00", perDay="100.00").ok()
    renew(user)
    remove_passkey(user, added["passkey"]).ok(204)
    register(renew(user), new_passkey(platform))
    pins = pins_of(user)
    assert (pins["perPayment"], pins["perDay"]) == (200, 600)


def test_a_new_password_leaves_it_on_this_device_alone(holder):
    user = holder.user
    set_pin(sign_in(user, holder.factors.recovery_code())).ok()
    passwords = {"currentPassword": user.password, "newPassword": "another passphrase"}
    user.put(f"/api/users/{user.id}/password", passwords).ok(204)
    assert [device["current"] for device in pins_of(user)["devices"]] == [True]


def test_setting_crosses_the_end_of_its_session(holder, launch):
    user = holder.user
    session = session_of(user)["id"]
    keeper = sign_in(user, holder.factors.recovery_code())
    with ThreadPoolExecutor(4) as pool:
        setting = [pool.submit(set_pin, user) for _ in range(3)]
        ending = pool.submit(keeper.delete, f"/api/users/{user.id}/sessions/{session}")
        assert ending.result().status == 204
        assert {reply.result().status for reply in setting} <= {200, 401}
    assert pins_of(keeper)["devices"] == []


def test_the_export_says_that_there_is_one(holder):
    exported = holder.user.get(f"/api/users/{holder.user.id}/export").ok()
    (pin,) = exported["pins"]
    assert pin["sessionId"] == session_of(holder.user)["id"]
    assert set(pin) == {"sessionId", "userAgent", "setAt", "lastUsedAt", "locked"}
    assert exported["settings"]["pinPerPayment"] is None


def test_an_installation_may_have_none(launch):
    platform = launch(PIN_PAYMENT_LIMIT="0")
    user, payee = platform.new_user(), platform.new_user()
    enrol(user)
    assert pins_of(user) is None
    set_pin(user).problem(501, "pins_not_configured")
    show_pin(user).problem(501, "pins_not_configured")
    set_pin_limits(user, perDay=1).problem(501, "pins_not_configured")
    user.put("/api/users/me/factors/step-up", {"above": "50.00"}).ok()
    refused(aged(renew(user)).pay(payee, 60))


def test_nothing_of_it_is_logged(launch):
    platform = launch()
    user = platform.new_user()
    hold_pin(user)
    show_pin(user).ok()
    user.post(STEP_UP, {"pin": WRONG}).problem(401, "pin_wrong")
    for secret in (RIGHT, WRONG):
        assert secret not in platform.log
