"""Prometheus, its rules, Alertmanager and Grafana: checked as files, then asked for real. The real
Prometheus of Debian watches the real services under load, and every panel has to show something."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import pytest
import yaml
from files import ROOT, dashboards, load, queries, require_tool, rules, succeeds
from harness.client import Client
from harness.ports import free_port
from harness.users import login, register
from production import Production

# Empty is their good or usual state; that they are valid and that their metrics exist is proven.
# (pg_stat_user_tables comes with postgres_exporter 0.12; Debian has 0.11.)
MAY_BE_EMPTY = re.compile(
    r"pg_stat_user_tables|status=~\"5..\"|status=~\"401\|403\|429\"|_rejections_total"
    r"|route=~\".*report"
)
# What exists only where there is a replica, a kubelet or a host to look at, or a service of
# TLS (tests/api/test_tls.py).
NOT_HERE = re.compile(
    r"^(instapay_tls_|pg_replication_(lag|is_replica)|pg_stat_user_tables|kubelet_|node_)"
)
NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
METRIC = re.compile(r"(instapay|pg|node|kubelet|process)_[a-z0-9_]+|up")


def metrics_in(expression: str) -> set[str]:
    """The metrics that an expression asks for, without labels and what rules record."""
    recorded = {rule["record"] for rule in rules("recording.yml")}
    without_labels = re.sub(r"\{[^}]*\}|\b(by|on|ignoring|without) *\([^)]*\)", "", expression)
    return {n for n in NAME.findall(without_labels) if METRIC.fullmatch(n) and n not in recorded}


def test_prometheus_accepts_its_files() -> None:
    promtool = require_tool("promtool")
    succeeds(promtool, "check", "config", "--syntax-only", "monitoring/prometheus.yml")
    succeeds(promtool, "check", "rules", *sorted((ROOT / "monitoring/rules").glob("*.yml")))
    jobs = [job["job_name"] for job in load("monitoring/prometheus.yml")["scrape_configs"]]
    assert {"user-service", "transaction-service", "reporting-service", "postgres"} <= set(jobs)


def test_kubernetes_has_the_same_jobs(tmp_path: Path) -> None:
    documents = yaml.safe_load_all((ROOT / "k8s/80-prometheus.yaml").read_text())
    text = next(d for d in documents if d["kind"] == "ConfigMap")["data"]["prometheus.yml"]
    config = yaml.safe_load(text)
    for job in config["scrape_configs"]:
        # Debian's Prometheus is built without Kubernetes: all but the discovery is checked.
        for discovery in job.pop("kubernetes_sd_configs", []):
            assert discovery["role"] in ("pod", "node")
    (tmp_path / "prometheus.yml").write_text(yaml.dump(config))
    promtool = require_tool("promtool")
    succeeds(promtool, "check", "config", "--syntax-only", tmp_path / "prometheus.yml")
    jobs = {job["job_name"] for job in config["scrape_configs"]}
    here = {job["job_name"] for job in load("monitoring/prometheus.yml")["scrape_configs"]}
    assert here - {"node", "alertmanager"} <= jobs


def test_rules_do_what_they_should() -> None:
    tests = sorted((ROOT / "monitoring/rules/tests").glob("*.yml"))
    succeeds(require_tool("promtool"), "test", "rules", *tests)
    fired = {
        case["alertname"]
        for file in tests
        for test in yaml.safe_load(file.read_text())["tests"]
        for case in test.get("alert_rule_test", [])
        if case.get("exp_alerts")
    }
    assert fired == {rule["alert"] for rule in rules("alerts.yml")}, "an alert without a test"


def test_alertmanager_accepts_its_file() -> None:
    amtool, file = require_tool("amtool"), "monitoring/alertmanager/alertmanager.yml"
    succeeds(amtool, "check-config", file)
    for severity, receiver in (("page", "pager"), ("ticket", "tickets")):
        route = ("config", "routes", "test", f"--config.file={file}", f"severity={severity}")
        assert succeeds(amtool, *route).strip() == receiver
    known = {rule["alert"] for rule in rules("alerts.yml")}
    for rule in load(file)["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            for name in re.findall(r'"([^"]+)"', matcher)[0].split("|"):
                assert any(re.fullmatch(name, alert) for alert in known), name


@pytest.mark.parametrize("name", sorted(dashboards()))
def test_dashboards_are_importable(name: str) -> None:
    dashboard = dashboards()[name]
    assert dashboard["uid"].startswith("instapay-") and dashboard["title"]
    source = load("monitoring/grafana/provisioning/datasources/prometheus.yml")["datasources"][0]
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        position = panel["gridPos"]
        cells = {
            (position["x"] + x, position["y"] + y)
            for x in range(position["w"])
            for y in range(position["h"])
        }
        assert not cells & taken, f"{panel['title']} covers another panel"
        assert position["x"] + position["w"] <= 24
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == source["uid"]
            assert panel["targets"]
    uids = [d["uid"] for d in dashboards().values()]
    assert len(uids) == len(set(uids)) and len(uids) >= 7


# ---- for real


@dataclass
class Watched:
    prometheus: str
    metrics: set[str]

    def ask(self, expression: str) -> list[dict]:
        reply = httpx.get(
            f"{self.prometheus}/api/v1/query", params={"query": expression}, trust_env=False
        )
        body = reply.json()
        assert body["status"] == "success", f"{expression}: {body}"
        return body["data"]["result"]

    def wait_for_rules(self) -> None:
        """Until Prometheus has evaluated every group at least once since the load."""
        began, deadline = time.time(), time.monotonic() + 60
        while True:
            reply = httpx.get(f"{self.prometheus}/api/v1/rules", trust_env=False).json()
            groups = reply["data"]["groups"]
            last = [datetime.fromisoformat(g["lastEvaluation"]).timestamp() for g in groups]
            if groups and min(last) > began:
                return
            assert time.monotonic() < deadline, groups
            time.sleep(0.1)


def load_for(production: Production, seconds: float) -> None:
    """People who register, sign in, pay, are refused, look at reports."""
    with production.client() as client:
        use_for(production, client, seconds)


def use_for(production: Production, client: Client, seconds: float) -> None:
    operator = login(
        client,
        "operator@example.com",
        (production.secrets / "user-service/operator_password").read_text(),
    )
    people = [register(client) for _ in range(2)]
    until = time.monotonic() + seconds

    def pay(payer, payee) -> None:
        own = httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {payer.token}"})
        body = {"sender_email": payer.email, "receiver_email": payee.email, "amount": "0.01"}
        url = production.url("transaction") + "/api/transactions"
        turn = 0
        with own:
            while time.monotonic() < until:
                turn += 1
                key = {"Idempotency-Key": f"{payer.id}-{turn // 2}"}  # each twice: replays
                assert own.post(url, json=body, headers=key).status_code == 201
                too_much = {**body, "amount": "99999999.00"}
                assert own.post(url, json=too_much).status_code == 422

    threads = [
        threading.Thread(target=pay, args=(people[i], people[1 - i]), daemon=True) for i in (0, 1)
    ]
    for thread in threads:
        thread.start()
    reports = httpx.Client(trust_env=False, headers={"Authorization": f"Bearer {operator.token}"})
    with reports, httpx.Client(trust_env=False) as stranger:
        while time.monotonic() < until:
            reports.get(production.url("reporting") + "/api/reports/system")
            reports.get(production.url("reporting") + "/api/reports/transactions")
            body = {"email": people[0].email, "password": "not the password"}
            stranger.post(production.url("user") + "/api/users/login", json=body)
            login(client, people[1].email, people[1].password)
            time.sleep(0.2)
    for thread in threads:
        thread.join()
    refreshed = {"refreshToken": people[0].refresh_token}
    httpx.post(production.url("user") + "/api/users/refresh", json=refreshed, trust_env=False)


def scrape_config(production: Production, exporter_port: int, folder: Path) -> dict:
    """The jobs of monitoring/prometheus.yml, at the addresses and the pace of this test."""
    for file in (ROOT / "monitoring/rules").glob("*.yml"):
        text = re.sub(r"^( +interval:) .*", r"\1 1s", file.read_text(), flags=re.MULTILINE)
        (folder / f"{file.stem}.rules.yml").write_text(text)
    config = json.loads(json.dumps(load("monitoring/prometheus.yml")))
    targets = {f"{name}-service": port for name, port in production.ports.items()}
    targets["postgres"] = exporter_port
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(folder / "*.rules.yml")]
    config.pop("alerting")
    config["scrape_configs"] = [
        {
            "job_name": job["job_name"],
            "static_configs": [{"targets": [f"127.0.0.1:{targets[job['job_name']]}"]}],
        }
        for job in config["scrape_configs"]
        if job["job_name"] in targets
    ]
    return config


@pytest.fixture(scope="module")
def watched(production: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    assert production.cluster
    folder = tmp_path_factory.mktemp("prometheus")
    port, exporter_port = free_port(), free_port()
    password = (production.secrets / "postgres-exporter/password").read_text()
    exporter_env = {
        "DATA_SOURCE_URI": f"127.0.0.1:{production.cluster.port}/instapay?sslmode=disable",
        "DATA_SOURCE_USER": "monitoring",
        "DATA_SOURCE_PASS": password,
    }
    (folder / "prometheus.yml").write_text(
        yaml.dump(scrape_config(production, exporter_port, folder))
    )
    with (folder / "log").open("w") as log:
        processes = [
            subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            for command, env in (
                (
                    [
                        require_tool("prometheus-postgres-exporter"),
                        f"--web.listen-address=127.0.0.1:{exporter_port}",
                    ],
                    exporter_env,
                ),
                (
                    [
                        require_tool("prometheus"),
                        f"--config.file={folder / 'prometheus.yml'}",
                        f"--storage.tsdb.path={folder / 'data'}",
                        f"--web.listen-address=127.0.0.1:{port}",
                    ],
                    {},
                ),
            )
        ]
    try:
        load_for(production, 8)
        texts = [
            httpx.get(f"http://127.0.0.1:{p}/metrics", trust_env=False).text
            for p in (*production.ports.values(), exporter_port, port)
        ]
        names = set(re.findall(r"^([a-z][a-zA-Z0-9_:]*)", "\n".join(texts), re.MULTILINE))
        place = Watched(f"http://127.0.0.1:{port}", names | {"up"})
        place.wait_for_rules()
        yield place
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(10)


def test_every_metric_named_exists(watched: Watched) -> None:
    named = {(f"{d}/{p}", metric) for d, p, e in queries() for metric in metrics_in(e)}
    for file in ("recording.yml", "alerts.yml"):
        for rule in rules(file):
            name = rule.get("alert") or rule["record"]
            named |= {(name, metric) for metric in metrics_in(rule["expr"])}
    assert len(named) > 100
    missing = {(who, m) for who, m in named if m not in watched.metrics and not NOT_HERE.match(m)}
    assert not missing, sorted(missing)


@pytest.mark.parametrize(("dashboard", "panel", "expression"), queries())
def test_every_panel_shows_something(
    watched: Watched, dashboard: str, panel: str, expression: str
) -> None:
    found = watched.ask(expression)
    if not MAY_BE_EMPTY.search(expression):
        assert found, f"{dashboard}, {panel}: {expression}"


@pytest.mark.parametrize("rule", rules("recording.yml"), ids=lambda rule: rule["record"])
def test_every_recording_rule_records(watched: Watched, rule: dict) -> None:
    assert watched.ask(rule["record"]), rule["expr"]


def test_a_healthy_platform_raises_no_page(watched: Watched) -> None:
    reply = httpx.get(f"{watched.prometheus}/api/v1/alerts", trust_env=False).json()
    firing = [a["labels"]["alertname"] for a in reply["data"]["alerts"] if a["state"] == "firing"]
    assert firing == []
    assert watched.ask("instapay_ledger_balance_sum_minor")[0]["value"][1] == "0"
