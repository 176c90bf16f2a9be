"""POST /api/users/me/freeze, /unfreeze and /close: what people do to their own wallet."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.client import ABSENT
from harness.factors import aged, enrol, renew
from harness.holds import capture, hold, release
from harness.keys import claims_of
from harness.machines import OWN, WALLET_SCOPES, running
from harness.mail import about, wait_for_mail
from harness.notices import wait_for
from harness.requests import ask, look
from harness.schedules import plan
from harness.users import SETTLEMENT, again, login

FREEZE, UNFREEZE, CLOSE = (f"/api/users/me/{what}" for what in ("freeze", "unfreeze", "close"))


def freeze(person):
    return person.post(FREEZE)


def unfreeze(person, **fields):
    return person.post(UNFREEZE, {"password": person.password, **fields})


def close(person, rest_to=ABSENT, **fields):
    body = {"password": person.password, **fields}
    if rest_to is not ABSENT:
        body["restTo"] = rest_to
    return person.post(CLOSE, body)


def frozen_by(person):
    me = person.me()
    return me["status"], me.get("frozenBy")


def control_entries(operator, whom):
    """Who did what, oldest first."""
    log = operator.get("/api/reports/actions", params={"subject": whom.id}).ok()["data"]
    return [(each["actor"]["id"], each["change"]) for each in reversed(log)]


def status_change(before, after):
    return {"status": {"before": before, "after": after}}


# ---- freezing


def test_who_lost_a_phone_freezes_and_lifts_it_again(operator, user, payee):
    lost = again(user)
    assert freeze(user).ok()["frozenBy"] == "user"
    assert frozen_by(user) == ("frozen", "user")
    lost.get("/api/users/me").problem(401, "token_revoked")
    user.pay(payee, 1).problem(422, "sender_frozen")
    payee.pay(user, 1).problem(422, "receiver_unavailable")
    hold(user, payee).problem(422, "sender_frozen")
    # Still signed in, and signing in: to look, and to lift it.
    assert again(user).balance() == 1000
    assert frozen_by(unfrozen := again(user)) == ("frozen", "user")
    assert unfreeze(unfrozen).ok()["status"] == "active"
    assert frozen_by(user) == ("active", None)
    assert user.pay(payee, 1).ok(201)["amount"] == 1
    assert control_entries(operator, user) == [
        (user.id, status_change("active", "frozen")),
        (user.id, status_change("frozen", "active")),
    ]


def test_again_is_no_second_freeze(operator, user):
    freeze(user).ok()
    other = again(user)
    freeze(user).ok()
    # But whoever has signed in meanwhile is out.
    other.get("/api/users/me").problem(401, "token_revoked")
    assert len(control_entries(operator, user)) == 1
    unfreeze(user).ok()
    unfreeze(user).ok()
    assert len(control_entries(operator, user)) == 2


def test_it_is_told_and_mailed(launch):
    platform = launch()
    user = platform.new_user()
    freeze(user).ok()
    unfreeze(user).ok()
    wait_for(user, "wallet_unfrozen", "wallet_frozen")
    for subject in ("Your wallet was frozen", "Your wallet is no longer frozen"):
        wait_for_mail(platform, user.email, about(subject))
    always = user.get("/api/users/me/notices").ok()["always"]
    assert {"wallet_frozen", "wallet_unfrozen", "wallet_closed"} <= set(always)


def test_what_staff_froze_only_they_lift(operator, user):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    assert frozen_by(user) == ("frozen", "staff")
    freeze(user).ok()
    assert frozen_by(user) == ("frozen", "staff"), "it is no freeze of theirs now"
    unfreeze(user).problem(403, "account_frozen")
    assert frozen_by(user) == ("frozen", "staff")
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    assert frozen_by(user) == ("active", None)


def test_staff_take_over_and_staff_lift(operator, user, new_user):
    freeze(user).ok()
    seen = operator.get(f"/api/users/{user.id}").ok()
    assert (seen["status"], seen["frozenBy"]) == ("frozen", "user")
    assert operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()["frozenBy"] == "staff"
    unfreeze(user).problem(403, "account_frozen")
    assert control_entries(operator, user)[-1] == (operator.id, status_change("frozen", "frozen"))
    other = new_user()
    freeze(other).ok()
    assert "frozenBy" not in operator.patch(f"/api/users/{other.id}", {"status": "active"}).ok()


def test_staff_who_freeze_at_the_moment_it_is_lifted_win(operator, new_user):
    for _ in range(6):
        person = new_user()
        freeze(person).ok()
        with ThreadPoolExecutor(3) as pool:
            lifts = [pool.submit(unfreeze, person) for _ in range(2)]
            frozen = pool.submit(operator.patch, f"/api/users/{person.id}", {"status": "frozen"})
            frozen.result().ok()
        assert {reply.result().status for reply in lifts} <= {200, 403}
        assert frozen_by(person) == ("frozen", "staff")


def test_freezing_from_two_devices_at_once(operator, new_user):
    person = new_user()
    devices = [person, again(person), again(person)]
    with ThreadPoolExecutor(3) as pool:
        replies = [reply.result() for reply in [pool.submit(freeze, each) for each in devices]]
    assert {reply.status for reply in replies} <= {200, 401}
    assert frozen_by(again(person)) == ("frozen", "user")
    assert len(control_entries(operator, person)) == 1


def test_lifting_takes_the_factor_of_who_has_one(user):
    factors = enrol(user)
    freeze(user).ok()
    aged(user).post(UNFREEZE, {"password": user.password}).problem(403, "step_up_required")
    user.post("/api/users/me/step-up", {"code": factors.recovery_code()}).ok()
    renew(user)
    # No password: the factor is the proof.
    assert user.post(UNFREEZE, {}).ok()["status"] == "active"


def test_lifting_takes_the_password_of_who_has_none(user):
    freeze(user).ok()
    user.post(UNFREEZE, {}).problem(422, "validation_failed", {"password": "required"})
    user.post(UNFREEZE, {"password": "wrong-password"}).problem(401, "invalid_credentials")
    user.post(UNFREEZE, {"password": 1}).problem(422, "validation_failed")
    unfreeze(user, more=1).problem(422, "validation_failed", {"more": "unknown_field"})
    assert frozen_by(user) == ("frozen", "user")


def test_freezing_too_often_waits(launch):
    platform = launch("user", LOGIN_ATTEMPTS_PER_MIN="2")
    user = platform.new_user()
    for _ in range(2):
        freeze(user).ok()
        unfreeze(user).ok()
    reply = freeze(user)
    reply.problem(429, "rate_limited")
    assert int(reply.headers["retry-after"]) >= 1


def test_what_was_planned_waits_while_it_is_frozen(user, payee):
    planned = plan(user, payee).ok(201)
    freeze(user).ok()
    assert user.get(f"/api/schedules/{planned['id']}").ok()["status"] == "active"
    unfreeze(user).ok()
    assert user.get(f"/api/schedules/{planned['id']}").ok()["status"] == "active"


def test_staff_may_freeze_and_lift_their_own(staff_member):
    assert freeze(staff_member).ok()["frozenBy"] == "user"
    assert unfreeze(staff_member).ok()["status"] == "active"
    close(staff_member).problem(403, "forbidden")


@pytest.fixture
def staff_member(operator, new_user):
    person = new_user()
    operator.patch(f"/api/users/{person.id}", {"role": "auditor"}).ok()
    return again(person)


@pytest.mark.parametrize("path", [FREEZE, UNFREEZE, CLOSE])
def test_programs_of_the_wallet_may_not(user, path):
    program = running(user, WALLET_SCOPES)
    reply = program.post(path, {"password": user.password})
    reply.problem(403, "insufficient_scope")
    user.client.post(path, {"password": user.password}).problem(401, "token_missing")
    assert frozen_by(user) == ("active", None)


# ---- closing


def test_all_that_is_left_goes_to_whom_is_named(launch):
    platform = launch()
    operator = platform.operator()
    user, heir = platform.new_user(), platform.new_user()
    heir.pay(user, 1).ok(201)
    asked = ask(user, heir, amount="5.00").ok(201)
    program = running(user, WALLET_SCOPES)
    other = again(user)
    closed = close(user, heir.username).ok()
    assert (closed["status"], closed["balance"]) == ("closed", 0)
    assert heir.balance() == 2000
    newest = heir.history()[0]
    assert (newest["kind"], newest["amount"], newest["direction"]) == ("transfer", 1001, "in")
    for session in (user, other):
        session.get("/api/users/me").problem(401, "token_revoked")
    program.get(f"/api/users/{user.id}/balance").problem(401, "token_revoked")
    user.client.post("/api/users/login", {"email": user.email, "password": user.password}).problem(
        403, "account_closed"
    )
    assert look(heir, asked)["status"] == "cancelled"
    assert control_entries(operator, user) == [(user.id, status_change("active", "closed"))]
    mail = wait_for_mail(platform, user.email, about("Your wallet is closed"))
    assert "1001.00 EGP" in mail["text"] and heir.username in mail["text"]


def test_an_empty_one_needs_nobody(operator, user):
    operator.adjust(user, -1000).ok()
    assert close(user).ok()["status"] == "closed"
    # As one that staff closed: it may be erased, or opened again.
    assert operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()["status"] == "active"
    assert close(login(user.client, user.email, user.password), None).ok()["balance"] == 0
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "Asked for it"}).ok()


def test_what_keeps_it_open(operator, user, payee):
    left = close(user).problem(409, "balance_not_zero")
    assert left["left"] == Decimal("1000.00") and "restTo" in left["detail"]
    held = hold(user, payee, 100).ok(201)
    assert close(user, payee.id).problem(409, "balance_not_zero")["left"] == Decimal("100.00")
    release(payee, held).ok()
    close(user, "nobody.at.all").problem(404, "payee_not_found")
    close(user, SETTLEMENT).problem(404, "payee_not_found")
    close(user, user.id).problem(422, "validation_failed", {"restTo": "not_allowed"})
    close(user, 7).problem(422, "validation_failed")
    close(user, payee.id, password="wrong-password").problem(401, "invalid_credentials")
    user.post(CLOSE, {}).problem(422, "validation_failed", {"password": "required"})
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    close(user, payee.id).problem(422, "receiver_unavailable")
    assert (frozen_by(user), user.balance()) == (("active", None), 1000), "nothing happened"


def test_limits_hold_for_the_rest(operator, user, payee):
    operator.put(f"/api/users/{user.id}/limits", {"perTransfer": "500.00"}).ok()
    close(user, payee.id).problem(422, "transfer_limit_exceeded")
    operator.put(f"/api/users/{user.id}/limits", {"perDay": "300.00"}).ok()
    close(user, payee.id).problem(422, "daily_limit_exceeded")
    assert user.balance() == 1000


@pytest.mark.parametrize("by", ["user", "staff"])
def test_a_frozen_one_is_not_closed(operator, user, payee, by):
    if by == "user":
        freeze(user).ok()
    else:
        operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    close(user, payee.id).problem(403, "account_frozen")
    assert user.balance() == 1000


def test_closing_takes_the_factor_too(user, payee):
    enrol(user)
    assert claims_of(user.token)["factors"]["enrolled"]
    old = aged(user)
    close(old, payee.id).problem(403, "step_up_required")
    close(user, payee.id, password="wrong-password").problem(401, "invalid_credentials")
    assert close(user, payee.id).ok()["status"] == "closed"


def test_however_payments_race_with_it_no_money_is_locked_in(operator, new_user):
    for _ in range(6):
        leaver, heir, payers = new_user(), new_user(), [new_user() for _ in range(3)]
        with ThreadPoolExecutor(8) as pool:
            paid = [pool.submit(payer.pay, leaver, 10) for payer in payers for _ in range(3)]
            closing = pool.submit(close, leaver, heir.id)
            paid += [pool.submit(leaver.pay, payers[0], 5) for _ in range(2)]
            closing.result().ok()
        seen = operator.get(f"/api/users/{leaver.id}").ok()
        assert (seen["status"], seen["balance"]) == ("closed", 0)
        assert sum(each.balance() for each in [heir, *payers]) == 1000 * (len(payers) + 2)


def test_a_program_list_is_gone_with_the_wallet(operator, user, payee):
    running(user, WALLET_SCOPES)
    close(user, payee.id).ok()
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    listed = again(user).get(OWN).ok()["data"]
    assert [each["revokedAt"] is not None for each in listed] == [True]


def test_what_was_promised_is_not_taken_back_by_freezing(user, payee, operator):
    made = [hold(user, payee).ok(201) for _ in range(3)]
    freeze(user).ok()
    hold(user, payee).problem(422, "sender_frozen")
    before = payee.balance()
    capture(payee, made[0]).ok(201)
    assert payee.balance() > before
    # Money that staff suspect stays.
    operator.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": "Suspected"}).ok()
    capture(payee, made[1]).problem(422, "payer_unavailable")
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    capture(payee, made[2]).ok(201)
