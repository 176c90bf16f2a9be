"""UNVERIFIED_DAILY_LIMIT: what a wallet may send before its address is verified."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.holds import capture, hold
from harness.mail import about, token_of, wait_for_mail
from harness.requests import ask, settle
from harness.users import fresh_key, through

CODE = "unverified_limit_exceeded"


@pytest.fixture
def platform(launch):
    return launch(UNVERIFIED_DAILY_LIMIT="30.00", DAILY_LIMIT="1500.00")


@pytest.fixture
def user(platform):
    return platform.new_user()


@pytest.fixture
def payee(platform):
    return platform.new_user()


def verify(platform, user):
    mail = wait_for_mail(platform, user.email, about("Confirm your"))
    token = {"token": token_of(mail["text"])}
    platform.client.post("/api/users/verify-email", token).ok()


def limits(user):
    return user.get(f"/api/users/{user.id}/limits").ok()


def test_a_day_until_the_address_is_verified(platform, user, payee):
    body = limits(user)
    assert (body["perDay"], body["unverifiedPerDay"], body["leftToday"]) == (1500, 30, 30)
    user.pay(payee, "20.00").ok(201)
    refused = user.pay(payee, "10.01").problem(422, CODE)
    assert (refused["limit"], refused["left"]) == (30, 10)
    assert refused["resetsAt"] == limits(user)["resetsAt"]
    # It receives as any other.
    verify(platform, payee)
    payee.pay(user, 500).ok(201)
    # And nothing keeps it from sending once it is verified.
    verify(platform, user)
    body = limits(user)
    assert (body["unverifiedPerDay"], body["usedToday"], body["leftToday"]) == (None, 20, 1480)
    user.pay(payee, 480).ok(201)


def test_whichever_way_it_pays(user, payee):
    hold(user, payee, "30.01").problem(422, CODE)
    asked = ask(payee, amount="30.01").ok(201)
    settle(user, asked).problem(422, CODE)
    transfers = [{"receiver_email": payee.email, "amount": amount} for amount in (20, 20)]
    body = {"transfers": transfers, "atomic": True}
    refused = user.post("/api/transactions/batch", body, key=fresh_key())
    errors = refused.problem(422, "batch_rejected")["errors"]
    assert [error["code"] for error in errors] == [CODE]
    close = {"password": user.password, "restTo": payee.email}
    user.post("/api/users/me/close", close).problem(422, CODE)
    made = hold(user, payee, 25).ok(201)
    user.pay(payee, "5.01").problem(422, CODE)
    # What is held was counted when it was.
    capture(payee, made).ok(201)


def test_the_sum_holds_for_all_at_once(user, payee):
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: user.pay(payee, 7), range(8)))
    assert sorted(reply.status for reply in replies) == [201] * 4 + [422] * 4


def test_another_process_sees_that_it_is_verified(launch, platform, user, payee):
    elsewhere = through(user, launch(UNVERIFIED_DAILY_LIMIT="30.00"))
    elsewhere.pay(payee, 30).ok(201)
    elsewhere.pay(payee, 1).problem(422, CODE)
    user.pay(payee, 1).problem(422, CODE)
    verify(platform, user)
    elsewhere.pay(payee, 1).ok(201)
    user.pay(payee, 1).ok(201)
