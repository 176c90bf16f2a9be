"""Web Push: what happens when a push service says no, is away, or a worker dies."""

import pytest
from harness.factors import enrol
from harness.push import ARRIVES_WITHIN_S, PushService, devices, turn_on
from harness.users import login
from harness.waiting import wait_until

SAFETY = "An authenticator app was added to your wallet"
MONEY = "Omar Sherif sent you {} EGP"


@pytest.fixture
def push_service(cluster):
    # What other tests left unsent would be tried beside.
    cluster.sql("DELETE FROM push_subscriptions")
    cluster.sql("DELETE FROM push_pauses")
    service = PushService()
    yield service
    service.stop()


@pytest.fixture
def platform_here(launch):
    return launch()


@pytest.fixture
def mona(platform_here):
    return platform_here.new_user()


@pytest.fixture
def omar(platform_here):
    return platform_here.new_user(displayName="Omar Sherif")


def row_of(cluster, person):
    (row,) = cluster.sql(
        "SELECT state, attempts, last_error,"
        " extract(epoch FROM next_attempt_at - now())::integer AS wait_s"
        f" FROM push_outbox WHERE user_id = '{person.id}' AND kind = 'money_received'"
    )
    return row


def wait_for_row(cluster, person, **fields):
    def came():
        row = row_of(cluster, person)
        return row if all(row[name] == value for name, value in fields.items()) else None

    return wait_until(came, ARRIVES_WITHIN_S, f"{fields}, not {row_of(cluster, person)}")


def hurry(cluster):
    """As if the time until the next attempt were over."""
    cluster.sql("DELETE FROM push_pauses")
    cluster.sql("UPDATE push_outbox SET next_attempt_at = now() WHERE state = 'pending'")


@pytest.mark.parametrize("status", [400, 413, 418])
def test_what_is_refused_for_ever_is_dead(mona, omar, cluster, push_service, status):
    browser = turn_on(mona, push_service)
    push_service.answers = [(status, {})]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    row = wait_for_row(cluster, mona, state="dead", attempts="1")
    assert row["last_error"].endswith(f"answered {status}")
    assert browser.path not in row["last_error"], "an address is a secret"
    enrol(mona)
    browser.wait_for(SAFETY)


@pytest.mark.parametrize("answer", [(500, {}), (503, {}), (401, {}), (429, {}), None])
def test_what_is_refused_for_now_is_tried_again(mona, omar, cluster, push_service, answer):
    browser = turn_on(mona, push_service)
    push_service.answers = [answer]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    row = wait_for_row(cluster, mona, state="pending", attempts="1")
    assert row["last_error"]
    hurry(cluster)
    browser.wait_for(MONEY.format("1.00"))
    wait_for_row(cluster, mona, state="sent", attempts="2")
    first, second = browser.pushes
    assert first.headers["topic"] == second.headers["topic"]
    assert first.message["id"] == second.message["id"]
    assert first.body != second.body, "no two have one key and salt"


def test_a_push_service_says_how_long_to_wait(mona, omar, cluster, push_service):
    browser = turn_on(mona, push_service)
    push_service.answers = [(429, {"Retry-After": "3000"}), (503, {"Retry-After": "99999999"})]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    wait_until(lambda: int(row_of(cluster, mona)["wait_s"]) > 2000, 20, "told to wait")
    assert int(row_of(cluster, mona)["wait_s"]) <= 3000
    hurry(cluster)
    browser.wait_for_attempts(2)
    wait_until(lambda: int(row_of(cluster, mona)["wait_s"]) > 3000, 20, "told to wait longer")
    assert int(row_of(cluster, mona)["wait_s"]) <= 6 * 3600


def test_a_redirect_is_not_followed(mona, omar, cluster, push_service):
    browser = turn_on(mona, push_service)
    push_service.answers = [(307, {"Location": f"{push_service.url}/inside"})]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    wait_for_row(cluster, mona, state="dead", attempts="1")
    enrol(mona)
    browser.wait_for(SAFETY)
    assert push_service.others == []


def test_what_comes_too_late_is_not_sent(mona, omar, cluster, push_service):
    browser = turn_on(mona, push_service)
    push_service.answers = [(500, {})]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    wait_for_row(cluster, mona, state="pending", attempts="1")
    cluster.sql(
        "UPDATE push_outbox SET expires_at = now(), next_attempt_at = now() WHERE state = 'pending'"
    )
    hurry(cluster)
    wait_for_row(cluster, mona, state="dead", attempts="2")
    assert len(browser.pushes) == 1


def test_who_was_killed_while_sending_leaves_it_to_another(launch, cluster, push_service):
    """At least once: the same topic and id, by which the browser shows it once."""
    first = launch()
    mona, omar = first.new_user(), first.new_user(displayName="Omar Sherif")
    browser = turn_on(mona, push_service)
    push_service.hold.set()
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    first.kill()
    push_service.hold.clear()
    assert row_of(cluster, mona)["state"] == "pending"
    launch()
    # Nobody else takes it before the lease is over.
    assert int(row_of(cluster, mona)["wait_s"]) > 0
    hurry(cluster)
    browser.wait_for_attempts(2)
    wait_for_row(cluster, mona, state="sent", attempts="2")
    one, two = browser.pushes
    assert (one.message["id"], one.message["tag"]) == (two.message["id"], two.message["tag"])
    assert one.headers["topic"] == two.headers["topic"]


def test_what_happened_while_nobody_pushed_is_pushed_later(launch, cluster, push_service):
    first = launch()
    mona, omar = first.new_user(), first.new_user(displayName="Omar Sherif")
    browser = turn_on(mona, push_service)
    first.kill()
    silent = launch(PUSH_HOSTS="none")
    login(silent.client, omar.email, omar.password).pay(mona, "7.00").ok(201)
    enrol(login(silent.client, mona.email, mona.password))
    count = f"SELECT count(*) AS n FROM push_outbox WHERE user_id = '{mona.id}'"
    assert cluster.sql(count) == [{"n": "0"}]
    launch()
    browser.wait_for(MONEY.format("7.00"), SAFETY)
    assert len(browser.pushes) == 2


def test_what_waits_for_a_browser_that_moved_over_is_not_sent(mona, omar, cluster, push_service):
    browser = turn_on(mona, push_service)
    push_service.answers = [(500, {})]
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for_attempts(1)
    wait_for_row(cluster, mona, state="pending", attempts="1")
    omar.post("/api/users/me/push-subscriptions", browser.subscription()).ok()
    waiting = f"SELECT 1 AS x FROM push_outbox WHERE user_id = '{mona.id}'"
    assert cluster.sql(waiting) == []
    mona.pay(omar, "2.00").ok(201)
    browser.wait_for_attempts(2)
    assert len(devices(omar)["data"]) == 1


def test_the_metrics_tell_of_it(launch, push_service):
    platform = launch()
    mona, omar = platform.new_user(), platform.new_user(displayName="Omar Sherif")
    browser = turn_on(mona, push_service)
    omar.pay(mona, "1.00").ok(201)
    browser.wait_for(MONEY.format("1.00"))

    def told():
        text = platform.client.get("/metrics").text
        return all(
            line in text
            for line in (
                'instapay_pushes_total{kind="money_received",outcome="sent"} 1',
                "instapay_push_lag_seconds ",
                "instapay_push_dead_letters ",
                "instapay_push_subscriptions ",
                "instapay_push_chains_lag_seconds ",
            )
        )

    wait_until(told, 20, "the metrics")
