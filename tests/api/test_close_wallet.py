"""PATCH /api/users/{id} with the status closed: where the money goes, and what operators may do
with frozen and closed wallets."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.users import SETTLEMENT, fresh_key, login


def close(by, whom, rest_to=None, **fields):
    if rest_to is not None:
        fields["restTo"] = rest_to
    return by.patch(f"/api/users/{whom.id}", {"status": "closed", **fields})


def status_of(operator, whom):
    seen = operator.get(f"/api/users/{whom.id}").ok()
    return seen["status"], seen["balance"]


def test_a_wallet_with_money_is_not_closed_unless_it_is_said_where_that_goes(operator, user):
    problem = close(operator, user).problem(409, "balance_not_zero")
    assert problem["left"] == Decimal("1000.00")
    assert "restTo" in problem["detail"]
    assert status_of(operator, user) == ("active", 1000)
    user.get("/api/users/me").ok()


@pytest.mark.parametrize("by", ["id", "username", "email", "upper"])
def test_the_rest_goes_to_another_wallet(operator, user, payee, by):
    rest_to = payee.email.upper() if by == "upper" else getattr(payee, by)
    closed = close(operator, user, rest_to, reason="Moved").ok()
    assert (closed["status"], closed["balance"]) == ("closed", 0)
    assert payee.balance() == 2000
    newest = payee.history()[0]
    assert (newest["kind"], newest["amount"], newest["note"]) == ("adjustment", 1000, "Moved")
    log = operator.get("/api/reports/actions", params={"subject": user.id}).ok()["data"]
    assert sorted((each["kind"], each["amount"]) for each in log if each["amount"]) == [
        ("adjustment", Decimal("-1000.00"))
    ]
    assert {"status": {"before": "active", "after": "closed"}} in [each["change"] for each in log]


def test_the_rest_is_paid_out(operator, user):
    assert close(operator, user, SETTLEMENT).ok()["balance"] == 0
    # Again, since the answer may have been lost: it is done.
    assert close(operator, user, SETTLEMENT).ok()["status"] == "closed"
    assert close(operator, user).ok()["status"] == "closed"


def test_a_frozen_one_is_closed_alike(operator, user, payee):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    close(operator, user).problem(409, "balance_not_zero")
    close(operator, user, payee.id).ok()
    assert (status_of(operator, user), payee.balance()) == (("closed", 0), 2000)


def test_an_empty_one_needs_nothing(operator, user):
    operator.adjust(user, -1000).ok()
    assert close(operator, user).ok()["status"] == "closed"


def test_who_cannot_get_it(operator, other_operator, user, payee):
    close(operator, user, "nobody.at.all").problem(404, "payee_not_found")
    close(operator, user, SETTLEMENT[:-1] + "9").problem(404, "payee_not_found")
    close(operator, user, user.id).problem(422, "validation_failed", {"restTo": "not_allowed"})
    close(other_operator, user, other_operator.id).problem(403, "forbidden")
    operator.close_account(payee).ok()
    close(operator, user, payee.id).problem(422, "receiver_unavailable")
    assert status_of(operator, user) == ("active", 1000), "nothing happened"
    user.get("/api/users/me").ok()


def test_only_with_the_status_closed(operator, user, payee):
    for fields in ({"restTo": payee.id}, {"restTo": payee.id, "status": "frozen"}):
        operator.patch(f"/api/users/{user.id}", fields).problem(
            422, "validation_failed", {"restTo": "not_allowed"}
        )
    user.patch(f"/api/users/{user.id}", {"status": "closed", "restTo": payee.id}).problem(
        403, "forbidden"
    )


def test_however_payments_race_with_it_no_money_is_locked_in(operator, new_user):
    """Whatever comes first: the closed wallet is empty, and nothing is lost."""
    for _ in range(8):
        leaver, heir, payers = new_user(), new_user(), [new_user() for _ in range(4)]
        with ThreadPoolExecutor(10) as pool:
            paid = [pool.submit(payer.pay, leaver, 10) for payer in payers for _ in range(4)]
            closing = pool.submit(close, operator, leaver, heir.id)
            paid += [pool.submit(leaver.pay, payers[0], 5) for _ in range(2)]
            closing.result().ok()
        assert status_of(operator, leaver) == ("closed", 0)
        people = [heir, *payers]
        assert sum(person.balance() for person in people) == 1000 * (len(people) + 1)


def test_logins_that_race_with_it_leave_no_session(launch, cluster):
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="0")
    operator = platform.operator()
    for _ in range(6):
        leaver = platform.new_user()

        def try_to_come_in(person=leaver):
            body = {"email": person.email, "password": person.password}
            return platform.client.post("/api/users/login", body)

        with ThreadPoolExecutor(8) as pool:
            logins = [pool.submit(try_to_come_in) for _ in range(12)]
            closing = pool.submit(operator.close_account, leaver)
            logins += [pool.submit(try_to_come_in) for _ in range(12)]
            closing.result().ok()
        assert {reply.result().status for reply in logins} <= {200, 403}
        left = f"SELECT id FROM sessions WHERE user_id = '{leaver.id}' AND revoked_at IS NULL"
        assert cluster.sql(left) == []
        for reply in logins:
            if reply.result().status == 200:
                token = {"refreshToken": reply.result().json["refreshToken"]}
                platform.client.post("/api/users/refresh", token).problem(403, "account_closed")


# Frozen: its person moves no money, operators do.


def refund(by, paid, **body):
    return by.post(f"/api/transactions/{paid['id']}/refund", body, key=fresh_key())


def test_a_victim_is_refunded_while_the_fraudster_is_frozen(operator, user, payee):
    paid = user.pay(payee, 300).ok(201)
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    refund(payee, paid).problem(422, "sender_frozen")
    assert refund(operator, paid, amount=100).ok(201)["amount"] == 100
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    assert refund(operator, paid).ok(201)["amount"] == 200
    assert (user.balance(), payee.balance()) == (1000, 1000)
    # No more than there is.
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    more = user.pay(payee, 1)
    more.problem(422, "receiver_unavailable")


def test_no_more_than_the_frozen_wallet_holds(operator, user, payee):
    paid = user.pay(payee, 300).ok(201)
    operator.adjust(payee, -1200).ok()
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    refund(operator, paid).problem(422, "insufficient_funds")
    assert refund(operator, paid, amount=100).ok(201)["amount"] == 100


def test_of_a_closed_wallet_operators_are_told_the_truth(operator, user, payee):
    paid = user.pay(payee, 300).ok(201)
    operator.close_account(payee).ok()
    # Not account_closed, which is what is said to somebody about their own.
    refund(operator, paid).problem(409, "wallet_closed")
    operator.adjust(payee, -1).problem(409, "wallet_closed")
    operator.adjust(payee, 1).problem(422, "receiver_unavailable")
    # Opened again, and paid in: then it can be given back.
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    operator.adjust(payee, 300).ok()
    refund(operator, paid).ok(201)
    assert user.balance() == 1000


def test_a_victim_who_left_is_not_paid(operator, user, payee):
    paid = user.pay(payee, 300).ok(201)
    operator.close_account(user).ok()
    refund(operator, paid).problem(422, "receiver_unavailable")
    refund(payee, paid).problem(422, "receiver_unavailable")


def test_who_is_opened_again_signs_in_anew(operator, user):
    operator.close_account(user).ok()
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    user.get("/api/users/me").problem(401, "token_revoked")
    assert login(user.client, user.email, user.password).balance() == 0
