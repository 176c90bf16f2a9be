"""Reports on a streaming standby: how old they say they are, and what is never asked there."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from harness.platform import Platform
from harness.postgres import Cluster
from harness.standby import Standby
from harness.users import User, login
from harness.waiting import wait_until

SEEN_WITHIN_S = 30


@pytest.fixture
def standby(cluster: Cluster) -> Iterator[Standby]:
    place = Standby(cluster)
    yield place
    place.remove()


def report(service: Platform, by: User, path: str, **params: str) -> dict:
    return ask(service, by, path, **params).ok()


def ask(service: Platform, by: User, path: str, **params: str):
    return service.client.get(f"/api/reports/{path}", token=by.token, params=params)


def paid(service: Platform, user: User) -> Decimal:
    return report(service, user, f"users/{user.id}")["out"]["amount"]


def statements_on_standby(service: Platform) -> float:
    counted = 'instapay_report_statements_total{server="standby"}'
    return service.client.metric(counted, "reporting") or 0


def reads_on_standby(service: Platform, by: User) -> bool:
    before = statements_on_standby(service)
    report(service, by, f"users/{by.id}")
    return statements_on_standby(service) > before


@pytest.fixture
def books(launch) -> Platform:
    """Everything, over the primary."""
    return launch()


@pytest.fixture
def reporting(launch, books: Platform, standby: Standby):
    """`serve reporting` as it is deployed: a process of its own, reading on the standby."""

    def start(**settings: str) -> Platform:
        return launch(
            "reporting",
            JWKS_URL=f"{books.urls['user']}/.well-known/jwks.json",
            REPORTING_DATABASE_URL=f"{standby.url}?target_session_attrs=prefer-standby",
            **settings,
        )

    return start


def test_what_is_old_says_so_and_authorises_nobody(books, reporting, standby):
    patient, strict = reporting(REPLICA_LAG_MAX_S="3600"), reporting(REPLICA_LAG_MAX_S="2")
    operator, user, payee = books.operator(), books.new_user(), books.new_user()
    demoted, ended = books.new_user(), books.new_user()
    operator.patch(f"/api/users/{demoted.id}", {"role": "operator"}).ok()
    demoted = login(books.client, demoted.email, demoted.password)
    user.pay(payee, 5).ok(201)
    for service in (patient, strict):
        wait_until(lambda s=service: reads_on_standby(s, user), SEEN_WITHIN_S, "reads on it")
        wait_until(lambda s=service: paid(s, user) == 5, SEEN_WITHIN_S, "the payment is there")
        report(service, demoted, "system")

    # Nobody pays, and yet nothing grows old.
    before = report(patient, user, f"users/{user.id}")["asOf"]
    wait_until(
        lambda: report(patient, user, f"users/{user.id}")["asOf"] > before,
        SEEN_WITHIN_S,
        "asOf goes on while the primary is idle",
    )

    standby.pause()
    old = report(patient, user, f"users/{user.id}")["asOf"]
    payment = user.pay(payee, 7).ok(201)
    assert old < payment["createdAt"]

    # Within the limit: what the standby knows, and until when it knew.
    for _ in range(2):
        shown = report(patient, user, f"users/{user.id}")
        assert (shown["out"]["amount"], shown["asOf"]) == (5, old)
    for path in ("transactions", "system", "ledger", "actions"):
        assert report(patient, operator, path)["asOf"] == old, path
    as_csv = ask(patient, operator, "transactions", format="csv")
    assert as_csv.headers["x-as-of"] == old
    statement = ask(patient, user, f"users/{user.id}/statement")
    assert statement.headers["x-as-of"] == old
    assert statement.text.rstrip().endswith(",995.00"), "of the standby"

    # Past it: the primary.
    wait_until(lambda: paid(strict, user) == 12, SEEN_WITHIN_S, "the primary is asked")
    assert report(strict, user, f"users/{user.id}")["asOf"] > payment["createdAt"]
    assert not reads_on_standby(strict, user)

    # The standby still takes one for an operator, and the other for signed in.
    operator.patch(f"/api/users/{demoted.id}", {"role": "user"}).ok()
    books.client.post("/api/users/logout", {"refreshToken": ended.refresh_token}).ok(204)
    for service in (patient, strict):
        wait_until(
            lambda s=service: ask(s, demoted, "system").status == 401,
            SEEN_WITHIN_S,
            "the demoted operator is refused",
        )
        ask(service, demoted, "system").problem(401, "token_expired")
        wait_until(
            lambda s=service: ask(s, ended, f"users/{ended.id}").status == 401,
            SEEN_WITHIN_S,
            "the ended session is refused",
        )
    newcomer = books.new_user()
    assert report(patient, newcomer, f"users/{newcomer.id}")["net"] == 0, "known, if to nobody here"
    assert standby.sql("SELECT pg_is_wal_replay_paused() AS p") == [{"p": "t"}]
    assert standby.sql(f"SELECT role FROM users WHERE id = '{demoted.id}'") == [
        {"role": "operator"}
    ]

    standby.sql("SELECT pg_wal_replay_resume()")
    wait_until(lambda: reads_on_standby(strict, user), SEEN_WITHIN_S, "it caught up")
    assert paid(strict, user) == paid(patient, user) == 12


def test_a_promoted_standby_is_left(books, reporting, standby):
    service = reporting()
    user, payee = books.new_user(), books.new_user()
    wait_until(lambda: reads_on_standby(service, user), SEEN_WITHIN_S, "it reads on the standby")
    standby.promote()
    sessions = "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = '{}'"
    wait_until(
        lambda: standby.sql(sessions.format("instapay reporting")) == [{"n": "0"}],
        SEEN_WITHIN_S,
        "nobody stays at the promoted node",
    )
    user.pay(payee, 3).ok(201)
    assert paid(service, user) == 3
    assert not reads_on_standby(service, user)
    wait_until(lambda: "waiting for a standby" in service.log, SEEN_WITHIN_S, "it says so")


def test_a_standby_that_goes_away_is_not_missed(books, reporting, standby):
    service = reporting()
    user, payee = books.new_user(), books.new_user()
    wait_until(lambda: reads_on_standby(service, user), SEEN_WITHIN_S, "it reads on the standby")
    standby.kill()
    user.pay(payee, 4).ok(201)
    for _ in range(20):
        assert report(service, user, f"users/{user.id}")["userId"] == user.id
    wait_until(lambda: paid(service, user) == 4, SEEN_WITHIN_S, "the primary is asked")
    standby.start()
    wait_until(lambda: reads_on_standby(service, user), SEEN_WITHIN_S, "it is back")


def test_connections_are_replaced_under_load(launch, cluster):
    service = launch(DB_CONNECTION_MAX_AGE_S="1", DB_POOL="2")
    user = service.new_user()
    sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'instapay reporting'"
    first = {row["pid"] for row in cluster.sql(sessions)}
    assert first

    def all_are_others() -> bool:
        for _ in range(50):
            report(service, user, f"users/{user.id}")
        return not first & {row["pid"] for row in cluster.sql(sessions)}

    wait_until(all_are_others, SEEN_WITHIN_S, "every connection is another one")
    replaced = service.client.metric("instapay_db_connections_replaced_total", "reporting")
    assert replaced >= len(first)
    assert "connection lost" not in service.log
