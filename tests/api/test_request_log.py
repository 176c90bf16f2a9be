"""Which requests are in the log: so many a second of those that went well, and all the others."""

from harness.waiting import wait_until

REQUESTS = 300
PER_S = 5


def lines_of(platform, route, status):
    return [
        line
        for line in platform.log_objects()
        if line["message"] == "request"
        and line["http.route"] == route
        and line["http.response.status_code"] == status
    ]


def left_out(platform):
    return sum(line.get("instapay.log.left_out", 0) for line in platform.log_objects())


def metric(platform):
    return platform.client.metric('instapay_log_lines_dropped_total{reason="sampled"}', "user")


def test_requests_that_go_well_are_sampled_and_the_others_are_not(launch):
    platform = launch("user", LOG_REQUESTS_PER_S=str(PER_S))
    user = platform.new_user()
    for _ in range(REQUESTS):
        user.get("/api/users/me").ok()
        platform.client.get("/api/users/me").problem(401, "token_missing")
    dropped = metric(platform)
    assert dropped > 0
    platform.stop()
    # Every error is there, and of the others each is there or counted.
    assert len(lines_of(platform, "/api/users/me", 401)) == REQUESTS
    good = lines_of(platform, "/api/users/me", 200)
    assert 0 < len(good) < REQUESTS
    everything = [line for line in platform.log_objects() if line["message"] == "request"]
    sampled = [line for line in everything if line["http.response.status_code"] < 400]
    assert left_out(platform) >= dropped
    assert len(good) + left_out(platform) >= REQUESTS
    seconds = {line["@timestamp"][:19] for line in everything}
    # A second of the clock may hold the ends of two of the log's.
    assert len(sampled) <= PER_S * (len(seconds) + 1)


def test_without_a_limit_every_request_is_logged(launch):
    platform = launch("user", LOG_REQUESTS_PER_S="0")
    user = platform.new_user()
    for _ in range(REQUESTS):
        user.get("/api/users/me").ok()
    wait_until(lambda: len(lines_of(platform, "/api/users/me", 200)) == REQUESTS, 10, "all of them")
    assert metric(platform) == 0
    assert left_out(platform) == 0


def test_refusals_for_going_too_fast_are_sampled_too(launch):
    """Whoever goes too fast decides how many they are."""
    platform = launch("user", LOG_REQUESTS_PER_S=str(PER_S), RATE_LIMIT_USER_PER_S="1")
    user = platform.new_user()
    refused = sum(user.get("/api/users/me").status == 429 for _ in range(REQUESTS))
    assert refused > REQUESTS // 2
    platform.stop()
    assert len(lines_of(platform, "/api/users/me", 429)) < refused
    assert left_out(platform) > 0
