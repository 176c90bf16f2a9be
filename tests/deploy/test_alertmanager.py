"""Debian's own Alertmanager with our file: what is raised reaches who it is for, and one cause is
one page. Only the receivers are added (there are none yet) and the waiting times are shorter."""

import copy
import json
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import yaml
from engine import wait_for
from files import load, require_tool
from harness.ports import free_port

LIMIT_S = 30


@dataclass
class Alerts:
    url: str
    told: queue.Queue[tuple[str, str]]

    def fire(self, *alerts: tuple[str, str]) -> None:
        """(name, severity) each, all of one service."""
        body = [
            {"labels": {"alertname": name, "severity": severity, "service": "transaction"}}
            for name, severity in alerts
        ]
        reply = httpx.post(f"{self.url}/api/v2/alerts", json=body, trust_env=False)
        assert reply.status_code == 200, reply.text

    def wait_told(self, wanted: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """All (receiver, alert) that came, until the wanted ones are among them."""
        came: set[tuple[str, str]] = set()
        deadline = time.monotonic() + LIMIT_S
        while not wanted <= came:
            left = deadline - time.monotonic()
            assert left > 0, f"wanted {wanted}, came {came}"
            came.add(self.told.get(timeout=left))
        return came

    def states(self) -> dict[str, str]:
        alerts = httpx.get(f"{self.url}/api/v2/alerts", trust_env=False).json()
        return {alert["labels"]["alertname"]: alert["status"]["state"] for alert in alerts}


@pytest.fixture
def alerts(tmp_path: Path) -> Iterator[Alerts]:
    told: queue.Queue[tuple[str, str]] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            for alert in body["alerts"]:
                told.put((self.path.strip("/"), alert["labels"]["alertname"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    config = copy.deepcopy(load("monitoring/alertmanager/alertmanager.yml"))
    for receiver in config["receivers"]:
        url = f"http://127.0.0.1:{server.server_port}/{receiver['name']}"
        receiver["webhook_configs"] = [{"url": url}]
    for route in (config["route"], *config["route"]["routes"]):
        route["group_wait"] = "1s"
    (tmp_path / "alertmanager.yml").write_text(yaml.dump(config))
    port = free_port()
    command = [
        require_tool("prometheus-alertmanager"),
        f"--config.file={tmp_path / 'alertmanager.yml'}",
        f"--storage.path={tmp_path}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        place = Alerts(f"http://127.0.0.1:{port}", told)
        wait_for(f"{place.url}/-/ready", limit_s=LIMIT_S)
        yield place
    finally:
        process.terminate()
        process.wait(10)
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_alert_reaches_who_it_is_for(alerts: Alerts) -> None:
    alerts.fire(("ServiceDown", "page"), ("ErrorBudgetBurnSlow", "ticket"))
    wanted = {("pager", "ServiceDown"), ("tickets", "ErrorBudgetBurnSlow")}
    assert alerts.wait_told(wanted) == wanted


def test_with_the_database_away_one_page_is_enough(alerts: Alerts) -> None:
    alerts.fire(("PostgresDown", "page"))
    assert alerts.wait_told({("pager", "PostgresDown")})
    alerts.fire(
        ("ErrorBudgetBurnFast", "page"), ("SchedulesBehind", "page"), ("LedgerNotBalanced", "page")
    )
    assert alerts.wait_told({("pager", "LedgerNotBalanced")}) == {("pager", "LedgerNotBalanced")}
    assert alerts.states() == {
        "PostgresDown": "active",
        "LedgerNotBalanced": "active",
        "ErrorBudgetBurnFast": "suppressed",
        "SchedulesBehind": "suppressed",
    }
