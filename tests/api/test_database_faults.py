"""The database away at start, stopped, killed, cut off while money moves: nothing is lost."""

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import httpx
from harness.waiting import wait_until

SERVICES = ["user", "transaction", "reporting"]
BACK_WITHIN_S = 15
HANGS_FOR_S = 25  # three deadlines of a transfer


def must_balance(platform):
    audit = platform.run("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def refused_for_now(reply):
    problem = reply.problem(503, reply.json["code"])
    assert problem["code"] in (
        "database_unavailable",
        "deadline_exceeded",
        "outcome_unknown",
        "overloaded",
    ), str(reply)
    return True


def test_down_at_start(launch, cluster):
    prepared = launch()
    prepared.stop()
    cluster.stop()
    platform = launch(wait=False)
    platform.spawn()
    platform.wait_for("/health", 200)
    platform.wait_for("/health/ready", 503)
    for service in SERVICES:
        body = platform.client.get("/health/ready", service=service).json
        assert (body["status"], body["checks"]["database"]) == ("unavailable", "down")
    reply = platform.client.post("/api/users/login", {"email": "a@example.com", "password": "x"})
    refused_for_now(reply)
    assert "database" in platform.log.lower(), "the log says what it waits for"
    assert cluster.password not in platform.log
    cluster.start()
    platform.wait_for("/health/ready", 200, BACK_WITHIN_S)
    platform.new_user()
    wait_until(
        lambda: sign_in_as_operator(platform).status == 200, BACK_WITHIN_S, "the operator is made"
    )


def sign_in_as_operator(platform):
    known = {"email": platform.operator_email, "password": platform.operator_password}
    return platform.client.post("/api/users/login", known)


def test_the_operator_is_there_before_the_first_request(launch):
    platform = launch("user", wait=False, BCRYPT_COST="13")  # making it takes a while
    platform.spawn()

    def first_answer():
        try:
            reply = sign_in_as_operator(platform)
        except httpx.TransportError:
            return None
        return None if reply.status == 503 else reply  # its connections are still being opened

    first = wait_until(first_answer, BACK_WITHIN_S, "somebody answers")
    assert first.status == 200, str(first)


def test_away_and_back(launch, cluster):
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    user.pay(payee, 1).ok(201)
    cluster.kill()
    for send in (
        lambda: user.get("/api/users/me"),
        lambda: user.pay(payee, 1),
        lambda: user.get(f"/api/transactions/user/{user.id}"),
        lambda: user.get(f"/api/reports/users/{user.id}"),
        lambda: user.client.post("/api/users/refresh", {"refreshToken": user.refresh_token}),
    ):
        began = time.monotonic()
        refused_for_now(send())
        assert time.monotonic() - began < 12, "an answer in time, not a hang"
    platform.wait_for("/health", 200)
    platform.wait_for("/health/ready", 503)
    cluster.start()
    platform.wait_for("/health/ready", 200, BACK_WITHIN_S)
    assert wait_until(lambda: user.pay(payee, 1).status == 201, BACK_WITHIN_S, "payments work")
    balance = user.balance()
    assert 1000 - balance == payee.balance() - 1000
    assert len(user.history()) == 1 + int(1000 - balance)
    must_balance(platform)


def test_connections_cut_one_by_one(launch, cluster):
    """As a firewall or an administrator would."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    for _ in range(5):
        cluster.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = 'instapay'"
        )
        wait_until(lambda: user.pay(payee, 1).status == 201, BACK_WITHIN_S, "payments work")
        wait_until(
            lambda: user.get(f"/api/reports/users/{user.id}").status == 200,
            BACK_WITHIN_S,
            "reports work",
        )
        wait_until(lambda: user.get("/api/users/me").status == 200, BACK_WITHIN_S, "users work")
    must_balance(platform)


@contextmanager
def nobody_can_read(cluster, table):
    """The table is locked, longer than any statement may take."""
    lock = f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
    locked = f"SELECT pid FROM pg_locks WHERE relation = '{table}'::regclass AND granted"
    with ThreadPoolExecutor(1) as pool:
        # Until it is ended, one way or the other.
        holding = pool.submit(cluster.sql, f"{lock}; SELECT pg_sleep(60)")
        try:
            wait_until(
                lambda: cluster.sql(f"{locked} AND mode = 'AccessExclusiveLock'"), 10, "the lock"
            )
            yield
        finally:
            cluster.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'AccessExclusiveLock'"
                f" AND granted AND relation = '{table}'::regclass"
            )
            assert holding.exception() is not None


def test_a_statement_that_takes_too_long_is_told_from_a_database_that_is_away(launch, cluster):
    platform = launch()
    operator, user = platform.operator(), platform.new_user()
    too_wide = [
        (operator, "/api/reports/transactions"),
        (operator, f"/api/reports/users/{user.id}"),
        (operator, "/api/reports/actions"),
        (operator, "/api/transactions?q=lunch"),
        (operator, f"/api/transactions?q=lunch&user={user.id}"),
        (user, f"/api/transactions/user/{user.id}?q=lunch"),
        (operator, "/api/users?status=frozen"),
    ]
    with nobody_can_read(cluster, "entries"), ThreadPoolExecutor(len(too_wide) + 2) as pool:
        wide = [pool.submit(by.get, path) for by, path in too_wide]
        # How many there are of everybody is asked without a range.
        slow = [
            pool.submit(user.get, "/api/users/me"),
            pool.submit(operator.get, "/api/reports/system"),
        ]
        for reply in (each.result() for each in wide):
            assert "choose" in reply.problem(422, "range_too_wide")["detail"] or "ask" in str(reply)
        for reply in (each.result() for each in slow):
            reply.problem(503, "database_timeout")
            assert reply.headers["Retry-After"]
    platform.wait_for("/health/ready", 200, BACK_WITHIN_S)
    for by, path in too_wide:
        by.get(path).ok()


@contextmanager
def everybody_else_ended(cluster):
    """Whoever writes a batch ends all other sessions, those that a handler may ask next too."""
    cluster.sql(
        "CREATE FUNCTION end_others() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN"
        " PERFORM pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND datname = 'instapay'; RETURN NULL; END $$;"
        " CREATE TRIGGER end_others AFTER INSERT ON ledger_batches"
        " FOR EACH STATEMENT EXECUTE FUNCTION end_others()"
    )
    try:
        yield
    finally:
        cluster.sql("DROP TRIGGER end_others ON ledger_batches; DROP FUNCTION end_others")


def test_what_was_paid_is_not_denied_when_the_database_goes_away_right_after(launch, cluster):
    """Without a key nobody asks again safely: "unavailable" must mean that nothing happened."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    item = {"receiver_email": payee.email, "amount": 1}
    with everybody_else_ended(cluster):
        reply = user.post("/api/transactions/batch", {"transfers": [item, item]})
    paid = reply.ok()
    assert (paid["completed"], paid["balance"]) == (2, Decimal("998.00"))
    platform.wait_for("/health/ready", 200, BACK_WITHIN_S)
    wait_until(lambda: user.get("/api/users/me").status == 200, BACK_WITHIN_S, "users work")
    assert user.balance() == Decimal("998.00")


def test_a_repetition_that_gets_no_answer_has_paid_once(launch, cluster):
    """Whatever is answered: the key has one answer, item by item, for ever."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    items = [{"receiver_email": payee.email, "amount": amount} for amount in (600, 500)]

    def send():
        return user.post("/api/transactions/batch", {"transfers": items}, key="payday")

    assert send().ok()["completed"] == 1
    payee.pay(user, 100).ok(201)
    with everybody_else_ended(cluster):
        reply = send()
    if reply.status != 200:
        reply.problem(503, "database_unavailable")
    platform.wait_for("/health/ready", 200, BACK_WITHIN_S)
    wait_until(lambda: send().status == 200, BACK_WITHIN_S, "the repetition is answered")
    # What was refused stays refused: there is money for it by now.
    assert (send().ok()["completed"], user.balance(), payee.balance()) == (1, 500, 1500)


def test_everybody_is_answered_while_the_database_hangs(launch, cluster):
    """Also those who wait for an account that a batch without an answer holds."""
    platform = launch()
    users = [platform.new_user() for _ in range(6)]
    for user in users:
        user.pay(users[users.index(user) - 1], 1).ok(201)  # everything is known and prepared

    def client_of(sender):
        """Asks again and again; the longest that an answer took, in seconds."""
        longest = 0.0
        while not thawed.is_set():
            began = time.monotonic()
            reply = sender.pay(users[users.index(sender) - 1], 1)
            assert reply.status == 201 or refused_for_now(reply)
            longest = max(longest, time.monotonic() - began)
        return longest

    thawed = threading.Event()
    family = cluster.freeze()
    with ThreadPoolExecutor(len(users)) as pool:
        running = [pool.submit(client_of, sender) for sender in users]
        try:
            time.sleep(HANGS_FOR_S)
        finally:
            thawed.set()
            cluster.thaw(family)
        longest = max(done.result() for done in running)
    assert longest < HANGS_FOR_S - 2, "an answer in time, not a hang"
    wait_until(lambda: users[0].pay(users[1], 1).status == 201, BACK_WITHIN_S, "payments work")
    must_balance(platform)


def test_no_transfer_is_lost_or_doubled_while_the_database_comes_and_goes(launch, cluster):
    """Clients that repeat with the same key after any doubt, until they know."""
    platform = launch()
    users = [platform.new_user() for _ in range(6)]
    stop = threading.Event()
    unexpected: list[str] = []

    def client_of(sender):
        """Pays the next one 0.01 again and again; the ids of what was acknowledged."""
        receiver = users[(users.index(sender) + 1) % len(users)]
        acknowledged = []
        while not stop.is_set():
            key = str(uuid.uuid4())
            deadline = time.monotonic() + 60
            while True:
                assert time.monotonic() < deadline, "never answered"
                try:
                    reply = sender.pay(receiver, "0.01", key=key)
                except httpx.TransportError:
                    time.sleep(0.05)
                    continue
                if reply.status == 201:
                    acknowledged.append(reply.json["id"])
                    break
                if reply.status != 503:
                    unexpected.append(str(reply))
                    return acknowledged
                time.sleep(0.05)
        return acknowledged

    with ThreadPoolExecutor(len(users)) as pool:
        running = [pool.submit(client_of, sender) for sender in users]
        try:
            for fault in ("terminate", "kill", "terminate", "stop"):
                time.sleep(0.7)
                if fault == "terminate":
                    cluster.sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE pid <> pg_backend_pid() AND datname = 'instapay'"
                    )
                    continue
                cluster.kill() if fault == "kill" else cluster.stop("fast")
                time.sleep(0.5)
                cluster.start()
                platform.wait_for("/health/ready", 200, BACK_WITHIN_S)
            time.sleep(1)
        finally:
            stop.set()
        acknowledged = {
            sender.id: done.result() for sender, done in zip(users, running, strict=True)
        }
    assert not unexpected, unexpected[:3]
    for sender in users:
        sent = [e["id"] for e in sender.history() if e["direction"] == "out"]
        assert sorted(sent) == sorted(acknowledged[sender.id]), "each exactly once"
        assert len(sent) > 10
    assert sum(user.balance() for user in users) == Decimal("6000.00")
    must_balance(platform)
