"""Reports are made of roll-ups and of what is not in them yet: together they are the entries,
whatever becomes of who folds."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.waiting import wait_until

FOLDED_WITHIN_S = 30
PAYERS = 3

# Transfers (1) and captures of holds (8) are what people pay each other.
TRUTH = """
    SELECT count(*) FILTER (WHERE kind IN (1, 8)) AS transfers,
           coalesce(sum(-amount) FILTER (WHERE kind IN (1, 8)), 0) AS volume,
           count(*) AS transactions, coalesce(sum(-amount), 0) AS amount
    FROM entries WHERE amount < 0
"""
OPEN = """
    SELECT count(*) AS batches FROM ledger_batches b
    LEFT JOIN report_chains c USING (chain_id) WHERE c.seq IS NULL OR b.seq > c.seq
"""
ALL_TIME = {"startDate": "1970-01-01", "endDate": "2100-01-01", "groupBy": "year", "kind": "all"}


@pytest.fixture
def reporters(launch):
    """A platform, and two reporting services beside its own; all three fold."""
    platform = launch()
    jwks = f"{platform.urls['user']}/.well-known/jwks.json"
    more = [launch("reporting", JWT_PRIVATE_KEY="", JWKS_URL=jwks) for _ in range(2)]
    return platform, more


def seen_by(client, operator):
    """What the two reports say of all time: (transfers, volume, transactions, amount)."""
    system = client.get("/api/reports/system", token=operator.token).ok()
    totals = client.get("/api/reports/transactions", token=operator.token, params=ALL_TIME).ok()
    totals = totals["totals"]
    return system["transactions"], system["volume"], totals["count"], totals["amount"]


def truth(cluster):
    row = cluster.sql(TRUTH)[0]
    return (
        int(row["transfers"]),
        Decimal(int(row["volume"])) / 100,
        int(row["transactions"]),
        Decimal(int(row["amount"])) / 100,
    )


def everything_is_folded(cluster):
    return cluster.sql(OPEN)[0]["batches"] == "0"


def test_agree_while_payments_go_on_and_folding_services_are_killed(cluster, reporters):
    platform, more = reporters
    operator = platform.operator()
    people = [platform.new_user() for _ in range(PAYERS + 1)]
    going_on, over = threading.Event(), threading.Event()
    going_on.set()
    at_rest = threading.Semaphore(0)

    def pay(payer):
        while not over.is_set():
            if not going_on.is_set():
                at_rest.release()
                going_on.wait()
            payer.pay(people[-1], "0.01").ok(201)

    clients = [platform.client, *(service.client for service in more)]
    with ThreadPoolExecutor(PAYERS) as pool:
        paying = [pool.submit(pay, payer) for payer in people[:PAYERS]]
        try:
            for each_round in range(8):
                for client in clients:
                    before = truth(cluster)
                    seen = seen_by(client, operator)
                    after = truth(cluster)
                    assert all(b <= s <= a for b, s, a in zip(before, seen, after, strict=True))
                victim = more[each_round % 2]
                victim.kill()
                going_on.clear()
                for _ in paying:
                    assert at_rest.acquire(timeout=30), "a payer pays no more"
                assert seen_by(platform.client, operator) == truth(cluster)
                going_on.set()
                victim.start()
        finally:
            over.set()
            going_on.set()
        for each in paying:
            each.result()
    wait_until(lambda: everything_is_folded(cluster), FOLDED_WITHIN_S, "everything is folded")
    for client in clients:
        assert seen_by(client, operator) == truth(cluster)
    audit = platform.run("audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr
    assert json.loads(audit.stdout)["reportsDifference"] is None


def test_a_roll_up_that_was_changed_is_found_and_made_anew(cluster, reporters):
    platform, _ = reporters
    operator, user = platform.operator(), platform.new_user()
    user.pay(platform.new_user(), "1.00").ok(201)
    wait_until(lambda: everything_is_folded(cluster), FOLDED_WITHIN_S, "everything is folded")
    cluster.sql("UPDATE report_sums SET amount = amount + 1 WHERE kind = 1 AND minutes = 1440")
    audit = platform.run("audit")
    assert audit.returncode == 1
    assert "THE REPORTS ARE WRONG: the roll-up of 1440 minutes from" in audit.stdout
    verdict = json.loads(platform.run("audit", "--json").stdout)
    assert verdict["balanced"] is True
    assert "1440 minutes" in verdict["reportsDifference"]
    rebuilt = platform.run("rebuild-reports")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    batches = cluster.sql("SELECT count(*) AS n FROM ledger_batches")[0]["n"]
    assert f"the reports' roll-ups are made of {batches} batches" in rebuilt.stdout
    assert platform.run("audit").returncode == 0
    assert seen_by(platform.client, operator) == truth(cluster)


@pytest.mark.parametrize("metric", ["instapay_reports_lag_seconds", "instapay_search_lag_seconds"])
def test_the_lag_is_a_metric_of_every_service_that_follows(reporters, metric):
    platform, more = reporters
    for client in (platform.client, *(service.client for service in more)):
        wait_until(
            lambda client=client: client.metric(metric, "reporting") is not None,
            FOLDED_WITHIN_S,
            "the lag is published",
        )
