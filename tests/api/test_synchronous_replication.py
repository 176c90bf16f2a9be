"""A primary whose standby is away: what stands on its disk alone is told to nobody as done."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import mandates, requests, schedules, splits
from harness.client import Reply
from harness.platform import Platform
from harness.postgres import Cluster
from harness.users import fresh_key, unique_name
from harness.waiting import wait_until

WAITING = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
PROBE = "SELECT pg_logical_emit_message(true, 'probe', '')"


def end_who_waits(cluster: Cluster) -> None:
    """As a fence does, or a server that is shut down: what they committed is seen from now on."""
    cluster.sql(f"SELECT pg_terminate_backend(pid) FROM ({WAITING}) AS waiting")


def a_commit_waits(cluster: Cluster) -> bool:
    """No commit does before the checkpointer has read the new settings."""
    with ThreadPoolExecutor(1) as pool:
        probe = pool.submit(cluster.sql, PROBE)
        waiting = f"{WAITING} AND query LIKE 'SELECT pg_logical_emit_message(true, ''probe''%'"
        wait_until(lambda: probe.done() or cluster.sql(waiting), 10, "the probe waits, or ends")
        if probe.done():
            return False
        end_who_waits(cluster)
        probe.exception()
        return True


def commits_wait_for(cluster: Cluster, standby: str) -> None:
    cluster.sql(f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
    cluster.sql("SELECT pg_reload_conf()")
    if standby:
        wait_until(lambda: a_commit_waits(cluster), 10, "commits wait for the standby")


@pytest.fixture
def platform(launch, cluster: Cluster) -> Iterator[Platform]:
    yield launch()
    commits_wait_for(cluster, "")


def must_be_told_when_durable(cluster: Cluster, act: Callable[[], Reply], committed: str) -> Reply:
    """`act` commits on this server alone, as `committed` finds; the answer when it is repeated."""
    commits_wait_for(cluster, "nobody")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(act)
        wait_until(lambda: cluster.sql(WAITING), 10, "the commit waits for the standby")
        assert not cluster.sql(committed)
        wait_until(lambda: end_who_waits(cluster) or cluster.sql(committed), 10, "it is seen")
        assert act().status == 503
        assert first.result().status == 503
    commits_wait_for(cluster, "")
    wait_until(lambda: act().status != 503, 30, "no standby is waited for any more")
    return act()


def test_a_registration(platform: Platform, cluster: Cluster):
    email = f"{unique_name()}@example.com"
    person = {"username": unique_name(), "email": email, "password": "pw-0123456789abcdef"}
    must_be_told_when_durable(
        cluster,
        lambda: platform.client.post("/api/users/register", person),
        f"SELECT 1 AS yes FROM users WHERE email = '{email}'",
    ).problem(409, "email_taken")


def test_the_end_of_a_request(platform: Platform, cluster: Cluster):
    payee = platform.new_user()
    asked = requests.ask(payee, amount=5).ok(201)
    cancelled = must_be_told_when_durable(
        cluster,
        lambda: payee.post(f"/api/requests/{asked['id']}/cancel"),
        f"SELECT 1 AS yes FROM payment_requests WHERE id = '{asked['id']}' AND status = 4",
    )
    assert cancelled.ok()["status"] == "cancelled"


def test_a_split_and_its_end(platform: Platform, cluster: Cluster):
    payee, payer = platform.new_user(), platform.new_user()
    payer.put("/api/requests/settings", {"fromAnyone": True}).ok()
    key = fresh_key()
    made = must_be_told_when_durable(
        cluster,
        lambda: splits.split(payee, [payer], key=key, amount=5),
        f"SELECT 1 AS yes FROM splits WHERE user_id = '{payee.id}'",
    ).ok(201)
    assert made["counts"]["open"] == 1
    cancelled = must_be_told_when_durable(
        cluster,
        lambda: splits.cancel(payee, made),
        f"SELECT 1 AS yes FROM payment_requests WHERE payee_id = '{payee.id}' AND status = 4",
    )
    assert cancelled.ok()["counts"]["cancelled"] == 1


def test_the_end_of_a_schedule(platform: Platform, cluster: Cluster):
    payer = platform.new_user()
    planned = schedules.plan(payer, platform.new_user()).ok(201)
    cancelled = must_be_told_when_durable(
        cluster,
        lambda: schedules.act(payer, planned, "cancel"),
        f"SELECT 1 AS yes FROM schedules WHERE id = '{planned['id']}' AND status = 2",
    )
    assert cancelled.ok()["status"] == "cancelled"


def test_a_draw_and_the_end_of_a_mandate(platform: Platform, cluster: Cluster):
    payer, payee = platform.new_user(), platform.new_user()
    payer.put("/api/requests/settings", {"fromAnyone": True}).ok()
    made = mandates.agreed(payee, payer)
    key = fresh_key()
    drawn = must_be_told_when_durable(
        cluster,
        lambda: mandates.draw(payee, made, 5, key=key),
        f"SELECT 1 AS yes FROM mandate_draws WHERE payee_id = '{payee.id}'",
    )
    assert drawn.ok(201)["status"] == "announced"
    refused = must_be_told_when_durable(
        cluster,
        lambda: mandates.refuse(payer, drawn.ok(201)),
        f"SELECT 1 AS yes FROM mandate_draws WHERE payee_id = '{payee.id}' AND status = 3",
    )
    assert refused.ok()["status"] == "cancelled"
    cancelled = must_be_told_when_durable(
        cluster,
        lambda: mandates.act(payer, made, "cancel"),
        f"SELECT 1 AS yes FROM mandates WHERE id = '{made['id']}' AND status = 3",
    )
    assert cancelled.ok()["status"] == "cancelled"


def test_what_is_made_under_a_key(platform: Platform, cluster: Cluster):
    person, other = platform.new_user(), platform.new_user()
    first, second = fresh_key(), fresh_key()
    made = must_be_told_when_durable(
        cluster,
        lambda: requests.ask(person, key=first, amount=5),
        f"SELECT 1 AS yes FROM payment_requests WHERE payee_id = '{person.id}'",
    )
    assert made.ok(201)["status"] == "open"
    starts = schedules.from_now(days=2)
    planned = must_be_told_when_durable(
        cluster,
        lambda: schedules.plan(person, other, key=second, startsAt=starts),
        f"SELECT 1 AS yes FROM schedules WHERE payer_id = '{person.id}'",
    )
    assert planned.ok(201)["status"] == "active"


def test_a_block_that_is_gone(platform: Platform, cluster: Cluster):
    person, other = platform.new_user(), platform.new_user()
    person.put(f"/api/requests/blocks/{other.id}").ok(204)
    must_be_told_when_durable(
        cluster,
        lambda: person.delete(f"/api/requests/blocks/{other.id}"),
        "SELECT 1 AS yes WHERE NOT EXISTS"
        f" (SELECT FROM request_blocks WHERE user_id = '{person.id}')",
    ).ok(204)


def test_sessions_that_have_ended(platform: Platform, cluster: Cluster):
    operator, person = platform.operator(), platform.new_user()
    must_be_told_when_durable(
        cluster,
        lambda: operator.delete(f"/api/users/{person.id}/sessions"),
        "SELECT 1 AS yes WHERE NOT EXISTS"
        f" (SELECT FROM sessions WHERE user_id = '{person.id}' AND revoked_at IS NULL)",
    ).ok(204)


def test_a_session_that_was_left(platform: Platform, cluster: Cluster):
    person = platform.new_user()
    body = {"refreshToken": person.refresh_token}
    must_be_told_when_durable(
        cluster,
        lambda: platform.client.post("/api/users/logout", body),
        "SELECT 1 AS yes WHERE NOT EXISTS"
        f" (SELECT FROM sessions WHERE user_id = '{person.id}' AND revoked_at IS NULL)",
    ).ok(204)
