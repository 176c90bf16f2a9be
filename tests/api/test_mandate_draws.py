"""What is drawn by mandates when it is due: what is paid, what becomes of what cannot be paid, and
that nothing is paid twice or after it was cancelled, whoever is killed. Draws are made due by
moving their rows."""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.mail import about, wait_for_mail
from harness.mandates import (
    accept,
    act,
    agreed,
    draw,
    look,
    look_at_draw,
    make_due,
    propose,
    refuse,
)
from harness.notices import wait_for
from harness.platform import Platform, migrate
from harness.postgres import Cluster, Lock
from harness.waiting import wait_until

DONE_WITHIN_S = 60


@pytest.fixture(scope="module")
def books():
    own = Cluster()
    migrate(own.url)
    yield own
    own.remove()


@pytest.fixture(scope="module")
def bank(books):
    service = Platform(DATABASE_URL=books.url)
    try:
        yield service.start()
        audit = service.run("audit", "--json")
        assert audit.returncode == 0, audit.stdout + audit.stderr
    finally:
        service.remove()


@pytest.fixture
def operator(bank):
    return bank.operator()


@pytest.fixture
def user(bank):
    return bank.new_user()


@pytest.fixture
def payee(bank, user):
    """Somebody who has paid the user: a contact."""
    person = bank.new_user()
    person.pay(user, "1.00").ok(201)
    return person


def becomes(person, drawn, status, reason=None):
    def found():
        shown = look_at_draw(person, drawn)
        return shown if (shown["status"], shown["reason"]) == (status, reason) else None

    return wait_until(found, DONE_WITHIN_S, f"the draw is {status}: {reason}")


def test_it_is_collected_when_it_is_due(user, payee, bank, books):
    made = agreed(payee, user, 100, 250)
    drawn = draw(payee, made, "25.50", note="Gym").ok(201)
    mail = wait_for_mail(bank, user.email, about("will be drawn"))
    assert "25.50 EGP" in mail["text"] and "(Africa/Cairo)" in mail["text"]
    assert look_at_draw(user, drawn)["status"] == "announced"
    make_due(books, drawn)
    paid = becomes(user, drawn, "paid")
    transfer = user.get(f"/api/transactions/{paid['transactionId']}").ok()
    assert (transfer["senderId"], transfer["receiverId"]) == (user.id, payee.id)
    assert (transfer["amount"], transfer["note"], transfer["drawId"]) == (
        Decimal("25.50"), "Gym", drawn["id"],
    )  # fmt: skip
    assert "requestId" not in transfer
    assert payee.history()[0]["drawId"] == drawn["id"]
    assert user.get(f"/api/transactions/{transfer['id']}/receipt").status == 200
    assert (user.balance(), payee.balance()) == (Decimal("975.50"), Decimal("1024.50"))
    (told,) = wait_for(user, "draw_paid")
    assert (told["mandateId"], told["amount"]) == (made["id"], Decimal("25.50"))
    assert wait_for(payee, "money_received")[0]["transactionId"] == transfer["id"]
    refuse(user, drawn).problem(409, "draw_settled")
    # What was refunded still counts.
    payee.post(f"/api/transactions/{transfer['id']}/refund", {}, key="refund-" + drawn["id"]).ok(
        201
    )
    assert look(user, made)["next"] is None
    made_again = draw(payee, made, "25.50", key="of-" + drawn["id"]).ok(201)
    assert made_again["status"] == "announced"


def test_without_money_it_waits_and_then_fails_and_both_are_told(
    user, payee, bank, books, operator
):
    made = agreed(payee, user, 2000, 5000)
    drawn, other = draw(payee, made, 1500).ok(201), draw(payee, made, 1600).ok(201)
    make_due(books, drawn)
    waiting = becomes(user, drawn, "announced", "insufficient_funds")
    assert waiting["nextTryAt"]
    wait_for(user, "draw_waits")
    wait_for(payee, "draw_delayed")
    mail = wait_for_mail(bank, user.email, about("could not be paid yet"))
    assert "1500.00 EGP" in mail["text"]
    # With money it is paid at the next try; without it has failed after three days.
    operator.adjust(user, 600).ok()
    make_due(books, drawn)
    becomes(user, drawn, "paid")
    make_due(books, other, since="2 days 23 hours")
    failed = becomes(user, other, "failed", "insufficient_funds")
    assert failed["transactionId"] is None
    wait_for(user, "draw_failed")
    wait_for(payee, "draw_not_received")
    wait_for_mail(bank, user.email, about("A draw was not paid"))
    told = wait_for_mail(bank, payee.email, about("did not arrive"))
    assert "1600.00 EGP" in told["text"] and "money" not in told["text"]
    assert look(user, made)["status"] == "active", "the mandate goes on"


def test_why_a_draw_ends(user, payee, books, operator):
    made = agreed(payee, user, 100, 1000)
    frozen, late, over = (draw(payee, made, amount).ok(201) for amount in (10, 11, 12))
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    make_due(books, frozen)
    becomes(user, frozen, "announced", "sender_frozen")
    assert look_at_draw(payee, frozen)["reason"] == "not_paid", "no payee learns of freezes"
    operator.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    make_due(books, late, since="4 days")
    becomes(payee, late, "failed", "too_late")
    operator.put(f"/api/users/{user.id}/limits", {"perTransfer": 5}).ok()
    make_due(books, over)
    becomes(user, over, "failed", "transfer_limit_exceeded")
    assert look_at_draw(payee, over)["reason"] == "not_paid"
    assert {each["reason"] for each in look(payee, made)["draws"]} <= {"not_paid", "too_late", None}
    operator.put(f"/api/users/{user.id}/limits", {"perTransfer": None}).ok()
    expired = draw(payee, made, 13).ok(201)
    books.sql(
        "SET session_replication_role = replica; UPDATE mandates SET expires_at = now() "
        f"WHERE id = '{made['id']}'; SELECT 1"
    )
    make_due(books, expired, frozen)
    becomes(payee, expired, "failed", "mandate_expired")
    becomes(payee, frozen, "failed", "mandate_expired")
    assert payee.balance() == 999
    # A closed wallet ends its mandates, and what was announced with them.
    other = agreed(payee, user)
    waits = draw(payee, other).ok(201)
    operator.close_account(user).ok()
    make_due(books, waits)
    assert look_at_draw(payee, waits)["reason"] == "mandate_cancelled"
    assert look(payee, other)["endReason"] == "payer_closed"


def test_what_was_answered_as_cancelled_is_never_paid(user, payee, books):
    rounds = []
    for _ in range(5):
        made = agreed(payee, user, 10, 100)
        rounds.append((made, [draw(payee, made, 1).ok(201) for _ in range(6)]))
        act(user, made, "cancel").ok() if len(rounds) % 5 == 0 else None
    live = [(made, drawn) for made, drawn in rounds if look(user, made)["status"] == "active"]
    with ThreadPoolExecutor(8) as pool:
        make_due(books, *(one for _, drawn in live for one in drawn))
        single = list(pool.map(lambda pair: refuse(user, pair[1][0]), live))
        whole = list(pool.map(lambda pair: act(user, pair[0], "cancel"), live))
    assert all(reply.status == 200 for reply in whole)
    assert {reply.status for reply in single} <= {200, 409}
    for reply, (made, drawn) in zip(single, live, strict=True):
        shown = {one["id"]: one["status"] for one in look(user, made)["draws"]}
        assert set(shown.values()) <= {"paid", "cancelled"}
        assert (shown[drawn[0]["id"]] == "cancelled") == (reply.status == 200)
    paid = sum(one["status"] == "paid" for made, _ in rounds for one in look(user, made)["draws"])
    assert (user.balance(), payee.balance()) == (1001 - paid, 999 + paid)
    rows = books.sql(
        f"SELECT count(*) AS n FROM entries WHERE account_id = '{payee.id}' "
        "AND amount > 0 AND reference IS NOT NULL"
    )
    assert int(rows[0]["n"]) == paid


def test_what_has_expired(user, payee, books):
    made = agreed(payee, user)
    waits = propose(payee, user).ok(201)
    books.sql(
        "SET session_replication_role = replica; UPDATE mandates "
        "SET created_at = now() - interval '31 days', expires_at = "
        "CASE status WHEN 1 THEN now() END "
        f"WHERE id IN ('{made['id']}', '{waits['id']}'); SELECT 1"
    )
    for one in (made, waits):
        assert look(user, one)["status"] == "expired"
        act(user, one, "cancel").problem(409, "mandate_ended")
    accept(user, waits).problem(409, "mandate_ended")
    act(user, waits, "decline").problem(409, "mandate_ended")
    draw(payee, made).problem(409, "mandate_ended")
    assert len(user.get("/api/mandates", params={"status": "expired"}).ok()["data"]) == 2


def test_three_workers_that_are_killed_again_and_again_pay_each_once(bank, books):
    seed = int(os.environ.get("INSTAPAY_SEED", random.randrange(2**32)))
    print("seed", seed)
    rng = random.Random(seed)
    shop = bank.new_user()
    payers = [bank.new_user() for _ in range(5)]
    drawn = []
    for payer in payers:
        shop.pay(payer, 1).ok(201)
        made = agreed(shop, payer, 10, 100)
        drawn += [(payer, draw(shop, made, 2).ok(201)) for _ in range(10)]
    jwks = f"{bank.urls['user']}/.well-known/jwks.json"
    settings = {"DATABASE_URL": books.url, "JWT_PRIVATE_KEY": "", "JWKS_URL": jwks}
    killed = [Platform("transaction", **settings).start() for _ in range(2)]

    def paid():
        rows = books.sql(
            f"SELECT count(*) AS n FROM entries WHERE account_id = '{shop.id}' "
            "AND amount > 0 AND reference IS NOT NULL"
        )
        return int(rows[0]["n"])

    def comes(condition, what):
        """What a worker had taken that was killed is not waited for until its lease is over."""

        def found():
            books.sql(
                "UPDATE mandate_draws SET try_at = now() WHERE status = 0 AND tries > 0; SELECT 1"
            )
            return condition()

        return wait_until(found, DONE_WITHIN_S, what)

    make_due(books, *(one for _, one in drawn))
    for target in sorted(rng.sample(range(1, len(drawn)), 3)):
        comes(lambda most=target: paid() >= most, f"{target} are paid")
        victim = rng.choice(killed)
        victim.kill()
        victim.start()
    comes(lambda: paid() == len(drawn), "all are paid")
    for _, one in drawn:
        assert look_at_draw(shop, one)["status"] == "paid"
    rows = books.sql(
        "SELECT d.transfer_id, count(e.*) AS entries, sum(e.amount) AS sum, "
        "min(e.transfer_id::text) AS paid FROM mandate_draws d "
        f"LEFT JOIN entries e ON e.reference = d.id WHERE d.payee_id = '{shop.id}' GROUP BY d.id"
    )
    assert len(rows) == len(drawn)
    for row in rows:
        assert (row["entries"], row["sum"], row["paid"]) == ("2", "0", row["transfer_id"])
    each = Counter(payer.id for payer, _ in drawn)
    for payer in payers:
        assert payer.balance() == 1001 - 2 * each[payer.id]
    assert shop.balance() == 995 + 2 * len(drawn)
    for service in killed:
        service.remove()


def test_a_worker_that_is_killed_as_it_writes_the_payment(bank, books):
    """What it had sent is carried out by the database after its death, or not at all."""
    shop, payer = bank.new_user(), bank.new_user()
    shop.pay(payer, 1).ok(201)
    drawn = [draw(shop, agreed(shop, payer), 4).ok(201) for _ in range(3)]

    def waiting():
        return books.sql(
            "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
            "AND query LIKE '%INSERT INTO entries%' AND pid <> pg_backend_pid()"
        )[0]["n"] != "0"  # fmt: skip

    with Lock(books, "LOCK TABLE entries IN SHARE MODE"):
        make_due(books, *drawn)
        wait_until(waiting, DONE_WITHIN_S, "it writes the payment")
        bank.kill()
    bank.start()
    for one in drawn:
        becomes(shop, one, "paid")
    assert (shop.balance(), payer.balance()) == (1011, 989)
