"""GET /health, /health/ready, /metrics of every service. Faults: test_database_faults."""

import re

import pytest
from harness.platform import run

SERVICES = ["user", "transaction", "reporting"]


@pytest.mark.parametrize("service", SERVICES)
def test_health(client, service):
    reply = client.get("/health", service=service)
    body = reply.ok()
    assert (body["status"], body["service"]) == ("ok", service)
    assert body["version"]
    assert body["version"] in run("--version").stdout


@pytest.mark.parametrize("service", SERVICES)
def test_ready(client, service):
    body = client.get("/health/ready", service=service).ok()
    assert (body["status"], body["service"]) == ("ready", service)
    assert set(body["checks"].values()) == {"ok"}


LINE = re.compile(r'[a-zA-Z_:][\w:]*(\{(\w+="([^"\\]|\\.)*",?)*\})? (NaN|[+-]?Inf|[-+.\deE]+)')


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_can_be_read_by_prometheus(client, service):
    reply = client.get("/metrics", service=service)
    assert reply.headers["content-type"].startswith("text/plain")
    assert "version=0.0.4" in reply.headers["content-type"]
    for line in reply.text.splitlines():
        assert line == "" or line.startswith(("# HELP ", "# TYPE ")) or LINE.fullmatch(line), line
    assert reply.text.endswith("\n")


def counted(client, route):
    """The route's label is its handler's name."""
    text = client.get("/metrics", service="user").text
    pattern = rf'^instapay_http_requests_total\{{[^}}]*route="{route}"[^}}]*\}} (\d+)'
    return sum(int(count) for count in re.findall(pattern, text, re.M))


def test_requests_are_counted_by_route_not_by_path(client, user, payee):
    before = counted(client, "get_user")
    for _ in range(3):
        user.get(f"/api/users/{payee.id}").ok()
    assert counted(client, "get_user") == before + 3
    text = client.get("/metrics", service="user").text
    assert payee.id not in text, "an id is no label"
    assert payee.email not in text


@pytest.mark.parametrize("service", SERVICES)
def test_the_process_is_measured_by_the_usual_names(client, platform, service):
    text = client.get("/metrics", service=service).text
    values = dict(re.findall(r"^(process_\w+) (\S+)$", text, re.M))
    assert 1 < float(values["process_open_fds"]) < float(values["process_max_fds"])
    assert float(values["process_resident_memory_bytes"]) > 1e6
    assert float(values["process_resident_memory_bytes"]) < float(
        values["process_virtual_memory_bytes"]
    )
    assert float(values["process_cpu_seconds_total"]) > 0
    assert abs(float(values["process_start_time_seconds"]) - platform.spawned_at) < 5


def test_statements_are_measured_by_name(client, user):
    def times(statement):
        text = client.get("/metrics", service="user").text
        pattern = r'^instapay_db_statement_duration_seconds_count\{statement="([^"]+)"\} (\d+)'
        counted = dict(re.findall(pattern, text, re.M))
        # As they stand in the sources: nothing that a request says makes a series.
        assert all(re.fullmatch(r"[a-z_]+(/[a-z_]+)?", name) for name in counted), counted
        return int(counted.get(statement, 0))

    before = times("user/find_user")
    user.get("/api/users/me").ok()
    assert times("user/find_user") == before + 1
    before = times("ledger/insert_batch_entries")
    user.pay(user, 1)  # is refused: nothing is written
    assert times("ledger/insert_batch_entries") == before


def test_unknown_paths_do_not_grow_the_metrics(client):
    for i in range(50):
        client.get(f"/made/up/{i}", service="user")
    assert "/made/up" not in client.get("/metrics", service="user").text


def test_the_sub_command_says_the_same(platform):
    done = platform.run("health")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sub_command_fails_when_nobody_answers():
    done = run("health", USER_PORT="1", TRANSACTION_PORT="1", REPORTING_PORT="1", GATEWAY_PORT="1")
    assert done.returncode != 0
