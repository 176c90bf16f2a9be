"""Scheduled payments as time goes by, on a clock that the tests set: what is paid when, what
becomes of what cannot be paid, and that nothing is paid twice whoever is killed."""

import datetime
import os
import random
from collections import Counter
from decimal import Decimal

import pytest
from harness import clock
from harness.clock import Clock
from harness.keys import claims_of
from harness.mail import about, wait_for_mail
from harness.platform import SHARED_KEY, Platform, migrate
from harness.postgres import Cluster, Lock
from harness.schedules import CAIRO, act, change, look, moment_of, plan, wall
from harness.users import User
from harness.waiting import wait_until

pytestmark = pytest.mark.skipif(
    not clock.AVAILABLE, reason="libfaketime is missing, or the executable is sanitized"
)
HOUR_S, DAY_S = 3600, 86_400
DONE_WITHIN_S = 60


class World:
    """A user service, a transaction service and their database, that go by one clock."""

    def __init__(self) -> None:
        self.clock, self.ahead_s = Clock(), 0
        self.cluster = Cluster(env=self.clock.env)
        migrate(self.cluster.url)
        self.services: list[Platform] = []
        self.users = self.serve("user")
        self.payer_service = self.serve_transactions()
        self.users.client.urls["transaction"] = self.payer_service.urls["transaction"]

    def serve(self, what: str, **settings: str) -> Platform:
        service = Platform(what, DATABASE_URL=self.cluster.url, **settings, **self.clock.env)
        self.services.append(service)
        return service.start()

    def serve_transactions(self) -> Platform:
        jwks = f"{self.users.urls['user']}/.well-known/jwks.json"
        return self.serve("transaction", JWT_PRIVATE_KEY="", JWKS_URL=jwks)

    def now(self) -> datetime.datetime:
        return datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=self.ahead_s)

    def forward(self, seconds: float) -> None:
        self.ahead_s += seconds
        self.clock.move(self.ahead_s)

    def until(self, moment: datetime.datetime) -> None:
        """A few seconds past it."""
        self.forward(max((moment - self.now()).total_seconds() + 3, 0))

    def new_user(self, **fields: str) -> User:
        return self.at_any_time(self.users.new_user(**fields))

    def operator(self) -> User:
        return self.at_any_time(self.users.operator())

    def at_any_time(self, person: User) -> User:
        """Whose token is good whatever the clock says."""
        claims = claims_of(person.token)
        times = {"iat": claims["iat"] - 9 * DAY_S, "exp": claims["exp"] + 999 * DAY_S}
        person.token = SHARED_KEY.sign({**claims, **times})
        return person

    def comes(self, condition, what: str):
        """As time goes by: what is tried again when a lease is over must not be waited for."""

        def found():
            result = condition()
            if not result:
                self.forward(0.5)
            return result

        return wait_until(found, DONE_WITHIN_S, what)

    def remove(self) -> None:
        for service in self.services:
            service.remove()
        self.cluster.remove()


@pytest.fixture(scope="module")
def world():
    made = World()
    try:
        yield made
        audit = made.users.run("audit", "--json")
        assert audit.returncode == 0, audit.stdout + audit.stderr
    finally:
        made.remove()


@pytest.fixture
def payer(world):
    return world.new_user()


@pytest.fixture
def friend(world):
    return world.new_user()


def soon(world, **fields):
    """Terms whose first payment is due in two hours, on the minute."""
    starts = world.now() + datetime.timedelta(hours=2)
    return {"startsAt": wall(starts), "timeZone": CAIRO, **fields}


def due(schedule):
    return moment_of(schedule["next"]["dueAt"])


def settled(world, payer, schedule, number, status):
    def found():
        shown = look(payer, schedule)["occurrences"]
        one = next((o for o in shown if o["number"] == number), None)
        return one if one and one["status"] == status else None

    return world.comes(found, f"occurrence {number} is {status}")


def waits(world, payer, schedule, reason):
    def found():
        waiting = look(payer, schedule)["waiting"]
        return waiting if waiting and waiting["reason"] == reason else None

    return world.comes(found, f"it waits: {reason}")


def tried_again(payer, schedule, last):
    """Not while a worker is at it, who has half a minute."""
    waiting = look(payer, schedule)["waiting"]
    lease = datetime.timedelta(minutes=1)
    return not waiting or moment_of(waiting["nextTryAt"]) - moment_of(last["nextTryAt"]) > lease


def test_it_is_paid_when_it_is_due_and_again_a_month_later(world, payer, friend):
    made = plan(payer, friend, "25.50", note="Rent", repeats="monthly", **soon(world)).ok(201)
    world.until(due(made) - datetime.timedelta(minutes=1))
    assert look(payer, made)["occurrences"] == []
    world.until(due(made))
    paid = settled(world, payer, made, 1, "paid")
    assert (paid["dueAt"], paid["amount"]) == (made["next"]["dueAt"], Decimal("25.50"))
    assert (paid["late"], paid["reason"], paid["nextTryAt"]) == (False, None, None)
    assert 0 <= (moment_of(paid["finishedAt"]) - due(made)).total_seconds() < 600
    transfer = payer.get(f"/api/transactions/{paid['transactionId']}").ok()
    assert (transfer["senderId"], transfer["receiverId"]) == (payer.id, friend.id)
    assert (transfer["amount"], transfer["note"], transfer["kind"]) == (
        Decimal("25.50"), "Rent", "transfer",
    )  # fmt: skip
    assert "requestId" not in transfer and "requestId" not in friend.history()[0]
    assert transfer["createdAt"] == paid["finishedAt"]
    assert payer.get(f"/api/transactions/{transfer['id']}/receipt").status == 200
    # Edited from the next one on.
    after = change(payer, made, amount=30).ok()
    assert after["next"]["number"] == 2 and 27 <= (due(after) - due(made)).days <= 31
    world.until(due(after))
    assert settled(world, payer, made, 2, "paid")["amount"] == 30
    assert (payer.balance(), friend.balance()) == (Decimal("944.50"), Decimal("1055.50"))
    act(payer, made, "cancel").ok()


def test_after_the_last_one_it_is_completed(world, payer, friend):
    once = plan(payer, friend, 1, **soon(world)).ok(201)
    twice = plan(payer, friend, 2, repeats="weekly", count=2, **soon(world)).ok(201)
    world.until(due(once))
    settled(world, payer, once, 1, "paid")
    settled(world, payer, twice, 1, "paid")
    assert look(payer, once)["status"] == "completed"
    world.until(due(look(payer, twice)))
    settled(world, payer, twice, 2, "paid")
    shown = look(payer, twice)
    assert (shown["status"], shown["next"], shown["planned"]) == ("completed", None, [])
    assert friend.balance() == 1005


def test_what_was_missed_while_nothing_ran_is_paid_late_or_not_at_all(world, payer, friend):
    made = plan(payer, friend, 5, repeats="weekly", count=4, **soon(world)).ok(201)
    world.payer_service.terminate()
    world.payer_service.wait_stopped()
    world.until(due(made) + datetime.timedelta(days=15))
    world.payer_service.start()
    settled(world, payer, made, 3, "paid")
    found = {o["number"]: o for o in look(payer, made)["occurrences"]}
    assert [found[n]["status"] for n in (1, 2, 3)] == ["failed", "failed", "paid"]
    assert {found[n]["reason"] for n in (1, 2)} == {"too_late"}
    assert found[3]["late"] is True
    wait_for_mail(world.users, payer.email, about("was not made"))
    act(payer, made, "cancel").ok()
    assert friend.balance() == 1005


def test_without_money_it_is_tried_again_and_then_paid(world, payer, friend):
    made = plan(payer, friend, 1500, repeats="monthly", **soon(world)).ok(201)
    world.until(due(made))
    waiting = waits(world, payer, made, "insufficient_funds")
    again = moment_of(waiting["nextTryAt"]) - world.now()
    assert datetime.timedelta(hours=5.9) < again <= datetime.timedelta(hours=6)
    mail = wait_for_mail(world.users, payer.email, about("could not be made yet"))
    assert "1500.00 EGP" in mail["text"] and f"({CAIRO})" in mail["text"]
    world.operator().adjust(payer, 600).ok()
    world.until(moment_of(waiting["nextTryAt"]))
    paid = settled(world, payer, made, 1, "paid")
    assert paid["late"] is True and paid["reason"] is None
    assert payer.balance() == 100
    act(payer, made, "cancel").ok()


def test_without_money_for_three_days_it_has_failed_and_both_are_told(world, payer, friend):
    made = plan(payer, friend, 1500, repeats="monthly", **soon(world)).ok(201)
    world.until(due(made))
    tries = 0
    while (shown := look(payer, made))["waiting"] or not shown["occurrences"]:
        tries += 1
        waiting = waits(world, payer, made, "insufficient_funds")
        world.until(moment_of(waiting["nextTryAt"]))
        world.comes(lambda last=waiting: tried_again(payer, made, last), "it was tried again")
        assert tries < 20
    failed = settled(world, payer, made, 1, "failed")
    assert (failed["reason"], failed["transactionId"]) == ("insufficient_funds", None)
    after = moment_of(failed["finishedAt"]) - due(made)
    assert datetime.timedelta(hours=60) < after < datetime.timedelta(hours=72)
    assert tries == 11
    wait_for_mail(world.users, payer.email, about("was not made"))
    told = wait_for_mail(world.users, friend.email, about("to you was not made"))
    assert "1500.00 EGP" in told["text"] and "money" not in told["text"]
    # The next month's is tried like any other.
    change(payer, made, amount=3).ok()
    world.until(due(look(payer, made)))
    settled(world, payer, made, 2, "paid")
    act(payer, made, "cancel").ok()
    assert friend.balance() == 1003


def test_what_waits_is_skipped_paused_or_cancelled(world, payer, friend):
    ended = {}
    for verb in ("skip", "pause", "cancel"):
        ended[verb] = plan(payer, friend, 5000, repeats="monthly", **soon(world)).ok(201)
    world.until(due(ended["skip"]))
    for verb, made in ended.items():
        waiting = waits(world, payer, made, "insufficient_funds")
        act(payer, made, verb, **({"number": 1} if verb == "skip" else {})).ok()
        one = look(payer, made)["occurrences"][0]
        assert (one["number"], one["status"]) == (1, "skipped"), verb
    world.operator().adjust(payer, 90_000).ok()
    world.until(moment_of(waiting["nextTryAt"]))
    other = plan(payer, friend, 1, **soon(world)).ok(201)
    world.until(due(other))
    settled(world, payer, other, 1, "paid")
    assert friend.balance() == 1001
    for made in (ended["skip"], ended["pause"]):
        act(payer, made, "cancel").ok()


def test_what_falls_into_a_pause_has_passed(world, payer, friend):
    made = plan(payer, friend, 5, repeats="weekly", count=4, **soon(world)).ok(201)
    act(payer, made, "pause").ok()
    world.until(due(made) + datetime.timedelta(days=8))
    resumed = act(payer, made, "resume").ok()
    assert resumed["next"]["number"] == 3
    world.until(due(resumed))
    settled(world, payer, made, 3, "paid")
    act(payer, made, "pause").ok()
    world.forward(30 * DAY_S)
    assert act(payer, made, "resume").ok()["status"] == "completed"
    assert friend.balance() == 1005


def test_frozen_limited_and_closed(world, payer, friend):
    operator = world.operator()
    other, gone = world.new_user(), world.new_user()
    terms = soon(world, repeats="monthly")
    made = {
        name: plan(payer, to, amount, **terms).ok(201)
        for name, to, amount in (("friend", friend, 300), ("other", other, 7), ("gone", gone, 8))
    }
    limited = plan(other, friend, 100, **terms).ok(201)
    operator.put(f"/api/users/{payer.id}/limits", {"perDay": 10}).ok()
    operator.put(f"/api/users/{other.id}/limits", {"perTransfer": 50}).ok()
    operator.patch(f"/api/users/{other.id}", {"status": "frozen"}).ok()
    operator.close_account(gone).ok()
    world.until(due(limited))
    # What may come right waits, also with who is frozen on either side.
    waits(world, payer, made["friend"], "daily_limit_exceeded")
    waits(world, payer, made["other"], "receiver_unavailable")
    waits(world, other, limited, "sender_frozen")
    # A closed receiver ends it.
    failed = settled(world, payer, made["gone"], 1, "failed")
    assert failed["reason"] == "receiver_unavailable"
    shown = look(payer, made["gone"])
    assert (shown["status"], shown["endReason"]) == ("cancelled", "payee_closed")
    # Active again: the limit of one payment is no matter of waiting.
    operator.patch(f"/api/users/{other.id}", {"status": "active"}).ok()
    world.forward(6 * HOUR_S)
    settled(world, payer, made["other"], 1, "paid")
    assert settled(world, other, limited, 1, "failed")["reason"] == "transfer_limit_exceeded"
    assert look(other, limited)["status"] == "active"
    operator.put(f"/api/users/{payer.id}/limits", {"perDay": None}).ok()
    world.forward(6 * HOUR_S)
    settled(world, payer, made["friend"], 1, "paid")
    # A closed payer ends all of theirs.
    operator.close_account(payer).ok()
    for name in ("friend", "other"):
        shown = operator.get(f"/api/schedules/{made[name]['id']}").ok()
        assert (shown["status"], shown["endReason"]) == ("cancelled", "payer_closed")


def lag_of(service) -> float:
    return service.client.metric("instapay_schedules_lag_seconds", "transaction")


def test_how_late_payments_are_is_a_metric(world, payer, friend):
    made = plan(payer, friend, 1, **soon(world)).ok(201)
    with Lock(world.cluster, "LOCK TABLE schedule_occurrences IN SHARE MODE"):
        world.until(due(made) + datetime.timedelta(minutes=10))
        wait_until(lambda: lag_of(world.payer_service) > 500, DONE_WITHIN_S, "the lag is told")
    settled(world, payer, made, 1, "paid")
    wait_until(lambda: lag_of(world.payer_service) == 0, DONE_WITHIN_S, "nothing waits")


def must_be_paid_once(world, planned, amount):
    """Each of them, by its own account of it, by the payees' histories and by the entries."""
    for payer, schedule in planned:
        settled(world, payer, schedule, 1, "paid")
    ids = ",".join(f"'{schedule['id']}'" for _, schedule in planned)
    rows = world.cluster.sql(
        "SELECT o.id, o.transfer_id, count(e.*) AS entries, sum(e.amount) AS sum, "
        "min(e.transfer_id::text) AS paid FROM schedule_occurrences o "
        f"LEFT JOIN entries e ON e.reference = o.id WHERE o.schedule_id IN ({ids}) "
        "GROUP BY o.schedule_id, o.number"
    )
    assert len(rows) == len(planned)
    for row in rows:
        assert (row["entries"], row["sum"], row["paid"]) == ("2", "0", row["transfer_id"])
    sent = Counter(payer.id for payer, _ in planned)
    for payer in {payer.id: payer for payer, _ in planned}.values():
        assert payer.balance() == 1000 - sent[payer.id] * amount


def test_three_workers_that_are_killed_again_and_again_pay_each_once(world, friend):
    seed = int(os.environ.get("INSTAPAY_SEED", random.randrange(2**32)))
    print("seed", seed)
    rng = random.Random(seed)
    payers = [world.new_user() for _ in range(6)]
    terms = soon(world)
    planned = [(p, plan(p, friend, 2, **terms).ok(201)) for p in payers for _ in range(20)]
    killed = [world.serve_transactions() for _ in range(2)]

    def paid():
        rows = world.cluster.sql(
            f"SELECT count(*) AS n FROM entries WHERE account_id = '{friend.id}' "
            "AND amount > 0 AND reference IS NOT NULL"
        )
        return int(rows[0]["n"])

    world.until(due(planned[0][1]))
    for target in sorted(rng.sample(range(1, len(planned)), 4)):
        world.comes(lambda most=target: paid() >= most, f"{target} are paid")
        victim = rng.choice(killed)
        victim.kill()
        victim.start()
    must_be_paid_once(world, planned, 2)
    assert friend.balance() == 1000 + 2 * len(planned)


def waiting_for_lock(world, what):
    return world.cluster.sql(
        "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        f"AND query LIKE '%{what}%' AND pid <> pg_backend_pid()"
    )[0]["n"] != "0"  # fmt: skip


@pytest.mark.parametrize(
    ("where", "lock", "statement"),
    [
        ("as it begins it", "LOCK TABLE schedule_occurrences IN SHARE MODE", "_occurrences"),
        ("as it writes the payment", "LOCK TABLE entries IN SHARE MODE", "INSERT INTO entries"),
    ],
)  # fmt: skip
def test_a_worker_that_is_killed(world, where, lock, statement):
    """What it had sent is carried out by the database after its death, or not at all."""
    friend, payers = world.new_user(), [world.new_user() for _ in range(3)]
    terms = soon(world)
    planned = [(p, plan(p, friend, 4, **terms).ok(201)) for p in payers]
    with Lock(world.cluster, lock):
        world.until(due(planned[0][1]))
        wait_until(lambda: waiting_for_lock(world, statement), DONE_WITHIN_S, where)
        world.payer_service.kill()
    world.payer_service.start()
    must_be_paid_once(world, planned, 4)
    assert friend.balance() == 1012
