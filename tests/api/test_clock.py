"""Clocks that are wrong for a while: of a service, and of service and database together."""

import json
import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from harness import clock
from harness.clock import Clock
from harness.keys import claims_of
from harness.platform import SHARED_KEY, Platform, migrate
from harness.postgres import Cluster
from harness.users import User
from harness.waiting import wait_until

pytestmark = pytest.mark.skipif(
    not clock.AVAILABLE, reason="libfaketime is missing, or the executable is sanitized"
)
HOUR_S, DAY_S = 3600, 86_400
NOTICED_WITHIN_S = 30


def at_any_time(person: User) -> User:
    """Whose token is good whatever the clock says."""
    claims = claims_of(person.token)
    now = int(time.time())
    person.token = SHARED_KEY.sign({**claims, "iat": now - 500 * DAY_S, "exp": now + 500 * DAY_S})
    return person


def pays_again(user, payee, amount):
    """The first answer that is not clock_skew."""

    def paid():
        reply = user.pay(payee, amount)
        if reply.status == 201:
            return reply.json
        reply.problem(503, "clock_skew")
        return None

    return wait_until(paid, NOTICED_WITHIN_S, "the service pays again")


def time_of(transaction):
    return datetime.fromisoformat(transaction["createdAt"])


def audit_of(platform):
    done = platform.run("audit", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def offset_metric(service):
    text = service.client.get("/metrics", service="transaction").text
    found = re.search(r"^instapay_ledger_clock_offset_seconds(?:\{[^}]*\})? (\S+)$", text, re.M)
    return float(found[1]) if found else 0.0


# The service alone is wrong.


def apart(launch, own):
    """A user service that goes by the machine's clock, a transaction service by its own."""
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    return users, launch("transaction", JWT_PRIVATE_KEY="", JWKS_URL=jwks, **own.env)


@pytest.mark.parametrize("offset_s", [HOUR_S, -HOUR_S, 5, -5, 400 * DAY_S])
def test_a_service_whose_clock_is_wrong_does_not_write(launch, offset_s):
    own = Clock()
    users, service = apart(launch, own)
    user, payee = (at_any_time(users.new_user()) for _ in range(2))
    door = User(service.client, user.id, user.username, user.email, user.password, user.token, "")
    door.pay(payee, 1).ok(201)

    own.move(offset_s)
    for _ in range(5):  # from the first one on
        reply = door.pay(payee, 1, key="k")
        reply.problem(503, "clock_skew")
    body = {"transfers": [{"receiver_email": payee.email, "amount": 1}]}
    door.post("/api/transactions/batch", body).problem(503, "clock_skew")
    assert len(door.history()) == 2
    door.get(f"/api/transactions/{door.history()[0]['id']}").ok()
    wait_until(
        lambda: abs(offset_metric(service) + offset_s) < 2, NOTICED_WITHIN_S, "the metric tells"
    )
    wait_until(lambda: "too far apart" in service.log, NOTICED_WITHIN_S, "the log says so")
    # Others are not held up.
    users.operator().adjust(user, 5).ok()

    own.put_right()
    before = datetime.now(UTC)
    done = pays_again(door, payee, 1)
    assert before - timedelta(seconds=1) < time_of(done) < datetime.now(UTC) + timedelta(seconds=1)
    door.pay(payee, 1, key="k").ok(201)  # a refusal used no key up
    assert user.balance() == 1002
    wait_until(lambda: "agree again" in service.log, NOTICED_WITHIN_S, "the log says so")
    verdict = audit_of(users)
    assert (verdict["balanced"], verdict["fromFuture"]) == (True, 0)


def test_a_second_is_no_reason(launch):
    own = Clock()
    users, service = apart(launch, own)
    user, payee = users.new_user(), users.new_user()
    door = User(service.client, user.id, user.username, user.email, user.password, user.token, "")
    door.pay(payee, 1).ok(201)
    own.move(1)
    ahead = door.pay(payee, 1).ok(201)
    own.move(-1)
    behind = door.pay(payee, 1).ok(201)
    assert time_of(ahead) <= time_of(behind), "moved forward by a little"
    own.put_right()
    door.pay(payee, 1).ok(201)
    assert [entry["balanceAfter"] for entry in door.history()] == [996, 997, 998, 999, 1000]


# Service and database agree, and both are wrong.


@pytest.fixture
def shared():
    """A whole platform and its database, that go by one clock."""
    its = Clock()
    cluster = Cluster(env=its.env)
    platform = Platform(DATABASE_URL=cluster.url, **its.env)
    try:
        migrate(cluster.url)
        yield its, platform.start()
        its.put_right()
        platform.stop()
    finally:
        platform.remove()
        cluster.remove()


@pytest.mark.parametrize("offset_s", [1, HOUR_S, 400 * DAY_S, -HOUR_S, -400 * DAY_S])
def test_both_wrong_for_a_while_leave_nothing_behind(shared, offset_s):
    its, platform = shared
    user, payee, third = (at_any_time(platform.new_user()) for _ in range(3))
    operator = at_any_time(platform.operator())
    limits = f"/api/users/{user.id}/limits"
    operator.put(limits, {"perDay": 100}).ok()
    sent = {}  # by day: what the limit of that day must count

    def pay(amount, to=payee):
        done = user.pay(to, amount).ok(201)
        day = done["createdAt"][:10]
        sent[day] = sent.get(day, 0) + amount
        return done

    def left():
        today = datetime.now(UTC).date().isoformat()
        return 100 - sent.get(today, 0)

    pay(30)
    its.move(offset_s)
    wrong = [pays_again(user, payee, 20)]
    sent[wrong[0]["createdAt"][:10]] = sent.get(wrong[0]["createdAt"][:10], 0) + 20
    wrong += [pay(10), payee.pay(user, 5).ok(201), user.pay(third, 1).ok(201)]
    sent[wrong[-1]["createdAt"][:10]] += 1
    for done in wrong:
        off = (time_of(done) - datetime.now(UTC)).total_seconds()
        assert abs(off - offset_s) < 60
    verdict = audit_of(platform)
    # By the database's clock these are of now, and what was there before may be of later.
    assert (verdict["fromFuture"] == 0) == (offset_s > 0)

    its.put_right()
    began = datetime.now(UTC)
    if time_of(wrong[-1]).date() < began.date():
        # A day's sum goes on from the account's last entry: one of an earlier day, made by a clock
        # that was behind, begins the day anew (docs/ledger.md). Of an hour, that is past midnight.
        sent.pop(began.date().isoformat(), None)
    # Of whoever was written to meanwhile; of the payer, what today's limit leaves.
    first = pays_again(third, payee, 1)
    after = [first, payee.pay(user, 3).ok(201), user.pay(payee, 1).ok(201)]
    sent[after[-1]["createdAt"][:10]] = sent.get(after[-1]["createdAt"][:10], 0) + 1
    slack = timedelta(seconds=3)
    for done in after:
        assert began - slack < time_of(done) < datetime.now(UTC) + slack, done
    shown = user.get(limits).ok()
    assert shown["leftToday"] == left(), shown
    problem = user.pay(payee, left() + 1).problem(422, "daily_limit_exceeded")
    assert problem["left"] == left()
    pay(left())
    user.pay(payee, 1).problem(422, "daily_limit_exceeded")

    # The numbers decide: nothing is lost, and what was last is first.
    for person in (user, payee, third):
        entries = person.history()
        balance = person.balance()
        assert entries[0]["balanceAfter"] == balance
        for newer, older in zip(entries, entries[1:], strict=False):
            change = newer["amount"] if newer["direction"] == "in" else -newer["amount"]
            assert newer["balanceAfter"] == older["balanceAfter"] + change
    verdict = audit_of(platform)
    assert verdict["balanced"]
    assert (verdict["fromFuture"] >= 2 * len(wrong)) == (offset_s > 60)


def test_the_days_limit_before_anybody_paid_again(shared):
    """What is shown, and what is refused, right after the clock is right again."""
    its, platform = shared
    user, payee = (at_any_time(platform.new_user()) for _ in range(2))
    operator = at_any_time(platform.operator())
    limits = f"/api/users/{user.id}/limits"
    operator.put(limits, {"perDay": 100}).ok()
    user.pay(payee, 30).ok(201)
    its.move(400 * DAY_S)
    pays_again(user, payee, 90)
    user.pay(payee, 11).problem(422, "daily_limit_exceeded")
    its.put_right()
    wait_until(
        lambda: user.pay(payee, 71).json["code"] == "daily_limit_exceeded",
        NOTICED_WITHIN_S,
        "the clock is seen to be right",
    )
    assert user.pay(payee, 71).problem(422, "daily_limit_exceeded")["left"] == 70
    assert user.get(limits).ok()["leftToday"] == 70
    user.pay(payee, 70).ok(201)
