"""The edge's nginx for real, on other ports and paths, before the services of production."""

import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import httpx
import pytest
from elastic import unmapped
from files import ROOT, SERVICES, require_tool, run
from harness.ports import free_port
from harness.waiting import wait_until
from production import Production

LOG_TIMEOUT_S = 10
EDGE = ROOT / "deploy/edge"


class Backends(Protocol):
    """What the edge passes on to. `resolver`, where there is one, knows their names."""

    ports: dict[str, int]
    secrets: Path


class Edge:
    """nginx with the files of deploy/edge; only what is fixed in an image is moved."""

    def __init__(self, folder: Path, production: Backends, tls: bool, **settings: str) -> None:
        self.http_port, self.https_port = free_port(), free_port()
        # Of EDGE_SERVICE_PORTS=on.
        self.service_ports = {name: free_port() for name in SERVICES}
        self.folder = folder
        self.conf, self.run_dir = folder / "edge", folder / "run"
        shutil.copytree(EDGE, self.conf)
        self.web = folder / "web"
        (self.web / "assets").mkdir(parents=True)
        (self.web / "index.html").write_text("<!doctype html><title>wallet</title>")
        (self.web / "manifest.webmanifest").write_text("{}")
        (self.web / "assets/app-1a2b.js").write_text("export {}")
        moved = {
            "/etc/edge": str(self.conf),
            "/tmp/edge": str(self.run_dir),
            "/run/instapay/secrets/edge": str(production.secrets / "edge"),
            "/usr/share/instapay/web": str(self.web),
            "/tmp/": f"{folder}/tmp-",
            "/dev/stdout": f"{folder}/access.log",
            "listen 8080": f"listen 127.0.0.1:{self.http_port}",
            "listen 8443": f"listen 127.0.0.1:{self.https_port}",
            **{
                f"listen {port};": f"listen 127.0.0.1:{self.service_ports[name]};"
                for name, port in SERVICES.items()
            },
            **{f":{port};": f":{production.ports[name]};" for name, port in SERVICES.items()},
        }
        any_of = re.compile("|".join(map(re.escape, moved)))
        for file in self.conf.iterdir():
            text = file.read_text()
            # In one go: what is put in leads into /tmp itself.
            file.write_text(any_of.sub(lambda found: moved[found[0]], text))
        folder.chmod(0o777)
        done = run(
            self.conf / "entrypoint.sh",
            "true",
            env={
                "PATH": "/usr/sbin:/usr/bin:/bin",
                "EDGE_TLS": "on" if tls else "off",
                "EDGE_HTTPS_PORT": str(self.https_port),
                **{
                    f"{name.upper()}_SERVICE": getattr(production, "host", "127.0.0.1")
                    for name in SERVICES
                },
                "EDGE_RUN_DIR": str(self.run_dir),
                # The tests come from one address.
                "EDGE_REQUESTS_PER_ADDRESS_PER_S": "100000",
                **settings,
            },
        )
        assert done.returncode == 0, done.stderr
        if resolver := getattr(production, "resolver", None):
            (self.run_dir / "resolver.conf").write_text(f"resolver {resolver} ipv6=off;")
        self.command = [require_tool("nginx"), "-c", str(self.conf / "nginx.conf")]
        checked = run(*self.command, "-t")
        assert checked.returncode == 0 and "[warn]" not in checked.stderr.replace(
            'the "user" directive', ""
        ), checked.stderr
        with (folder / "error.log").open("w") as errors:
            self.process = subprocess.Popen(
                [*self.command, "-g", "daemon off;"], stdin=subprocess.DEVNULL, stderr=errors
            )
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.http_port)) == 0:
                    break
            time.sleep(0.05)
        if tls:
            self.trust = ssl.create_default_context(cafile=str(production.secrets / "edge/tls.crt"))
            base = f"https://localhost:{self.https_port}"
            self.client = httpx.Client(base_url=base, verify=self.trust, trust_env=False)
        else:
            base = f"http://127.0.0.1:{self.http_port}"
            self.client = httpx.Client(base_url=base, trust_env=False)

    def stop(self) -> None:
        self.client.close()
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def edge(production: Production, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    folder = Path(tempfile.mkdtemp(prefix="instapay-edge-"))
    place = Edge(folder, production, tls=True)
    yield place
    place.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize(
    ("path", "service", "status"),
    [
        ("/api/users/me", "user", 401),
        ("/api/transactions/user/x", "transaction", 401),
        ("/api/requests", "transaction", 401),
        ("/api/notifications", "transaction", 401),
        ("/api/splits", "transaction", 401),
        ("/api/schedules", "transaction", 401),
        ("/api/mandates", "transaction", 401),
        ("/api/holds", "transaction", 401),
        ("/api/requests/links/nobody-has-this", "transaction", 404),
        ("/api/reports/system", "reporting", 401),
        ("/docs", "user", 200),
        ("/openapi.yaml", "user", 200),
        ("/.well-known/jwks.json", "user", 200),
        ("/.well-known/receipt-jwks.json", "transaction", 200),
        ("/.well-known/oauth-authorization-server", "user", 200),
        ("/oauth/token", "user", 405),
        ("/api/service-accounts", "user", 401),
        ("/api/approvals", "user", 401),
        ("/api/nothing", "user", 404),
    ],
)
def test_routes(edge: Edge, path: str, service: str, status: int) -> None:
    reply = edge.client.get(path)
    assert reply.status_code == status, reply.text
    assert reply.headers["X-Request-Id"]
    # The services see that their client spoke TLS.
    assert reply.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    if status >= 400:
        assert reply.headers["Content-Type"].startswith("application/problem+json")


@pytest.mark.parametrize("path", ["/metrics", "/health", "/health/ready"])
def test_the_inside_stays_inside(edge: Edge, path: str) -> None:
    assert edge.client.get(path).status_code == 404


def test_the_wallet(edge: Edge) -> None:
    for page in ("/", "/send", "/console/users/some.body/limits"):
        reply = edge.client.get(page)
        assert reply.status_code == 200 and "wallet" in reply.text, page
        assert reply.headers["Cache-Control"] == "no-cache"
        assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
    script = edge.client.get("/assets/app-1a2b.js")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "javascript" in script.headers["Content-Type"]
    for missing in ("/assets/gone.js", "/gone.png"):
        assert edge.client.get(missing).status_code == 404
    manifest = edge.client.get("/manifest.webmanifest")
    assert manifest.headers["Content-Type"] == "application/manifest+json"


def test_http_leads_to_https(edge: Edge) -> None:
    reply = httpx.get(f"http://127.0.0.1:{edge.http_port}/send?to=x", trust_env=False)
    assert reply.status_code == 301
    assert reply.headers["Location"] == f"https://127.0.0.1:{edge.https_port}/send?to=x"


def test_only_modern_tls(edge: Edge) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.set_ciphers("AES128-SHA")
    with (
        socket.create_connection(("127.0.0.1", edge.https_port)) as sock,
        pytest.raises(ssl.SSLError),
    ):
        old.wrap_socket(sock)


def test_a_client_cannot_lie_about_its_address(edge: Edge, production: Production) -> None:
    mark = "lie-about-my-address"
    headers = {"X-Forwarded-For": "203.0.113.9", "X-Request-Id": mark}
    edge.client.get("/api/users/me", headers=headers)
    time.sleep(1.2)  # the log is written once a second
    log = (production.dir / "user.log").read_text()
    line = next(line for line in log.splitlines() if mark in line)
    assert '"client.address":"127.0.0.1"' in line and "203.0.113.9" not in line


@pytest.mark.parametrize(
    ("path", "status", "logged"),
    [
        ("/api/users/by-email/private%40example.com?q=private", 401, "/api/users/by-email/*"),
        ("/api/requests/links/private", 404, "/api/requests/links/*"),
        ("/api/requests/by-code/private", 401, "/api/requests/by-code/*"),
        ("/r/private", 200, "/index.html"),
    ],
)
def test_the_edge_logs_as_the_services_do(edge: Edge, path: str, status: int, logged: str) -> None:
    mark = f"edge-log-{uuid.uuid4()}"
    edge.client.get(path, headers={"X-Request-Id": mark})
    log = edge.folder / "access.log"
    # nginx writes the line once the answer is sent.
    wait_until(lambda: mark in log.read_text(), LOG_TIMEOUT_S, "the line of the log")
    line = next(json.loads(line) for line in log.read_text().splitlines() if mark in line)
    assert line["http.request.id"] == mark and line["http.response.status_code"] == status
    assert line["url.path"] == logged
    assert "private" not in json.dumps(line)
    assert unmapped(line) == []


def test_no_answer_is_an_answer(edge: Edge, production: Production) -> None:
    """A service that is away: a problem document that says how to go on, then recovery."""
    production.stop_service("reporting")
    reply = edge.client.get("/api/reports/system")
    assert reply.status_code == 503 and reply.json()["code"] == "outcome_unknown"
    assert reply.headers["Retry-After"] == "1"
    assert edge.client.get("/api/users/me").status_code == 401
    production.spawn("reporting")
    production.wait_ready("reporting")
    assert edge.client.get("/api/reports/system").status_code == 401


def test_an_update_without_a_lost_request(edge: Edge, production: Production) -> None:
    """What rolling-update.sh does: the new one is up, route.sh sends it everything, the old one
    ends; while clients with open connections go on asking."""
    statuses: list[int] = []
    done = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=edge.client.base_url, verify=edge.trust, trust_env=False) as own:
            while not done.is_set():
                statuses.append(own.get("/api/reports/system").status_code)

    def route_to(host: str) -> None:
        env = {"PATH": "/usr/sbin:/usr/bin:/bin", "EDGE_RUN_DIR": str(edge.run_dir)}
        routed = run(edge.conf / "route.sh", "reporting", host, env=env)
        assert routed.returncode == 0, routed.stderr

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    try:
        # In a container hosts differ by name; here by address: same port, another loopback.
        for host in ("127.0.0.2", "127.0.0.1"):
            old = production.processes.pop("reporting")
            production.spawn("reporting", BIND_ADDRESS=host)
            production.wait_ready("reporting", host)
            route_to(host)
            time.sleep(0.3)
            old.terminate()
            assert old.wait(20) == 0
            time.sleep(0.3)
    finally:
        done.set()
        for asker in askers:
            asker.join()
    assert len(statuses) > 20 and set(statuses) == {401}, {s: statuses.count(s) for s in statuses}


def test_asks_one_name_server(scratch: Path) -> None:
    """nginx takes turns where the C library asks the first; the second may know no container."""
    resolv_conf = scratch / "resolv.conf"
    resolv_conf.write_text("search dns.test\nnameserver fd00::1\nnameserver 192.0.2.1\n")
    env = {"PATH": "/usr/bin:/bin", "EDGE_RUN_DIR": str(scratch / "run")}
    done = run(EDGE / "entrypoint.sh", "true", env={**env, "RESOLV_CONF": str(resolv_conf)})
    assert done.returncode == 0, done.stderr
    text = (scratch / "run/resolver.conf").read_text()
    assert text == "resolver [fd00::1] valid=1s ipv6=off;\n"


def test_plain_http_has_no_hsts(production: Production, scratch: Path) -> None:
    plain = Edge(scratch, production, tls=False)
    try:
        reply = plain.client.get("/")
        assert reply.status_code == 200 and "Strict-Transport-Security" not in reply.headers
    finally:
        plain.stop()


def test_headers_of_the_wallet_are_those_of_the_gateway() -> None:
    """`serve all` and nginx serve the same files: one policy."""
    source = (ROOT / "src/app/web_files.cpp").read_text()
    gateway = "".join(
        re.findall(r'"((?:[^"\\]|\\.)*)"', source.split("kPolicy =")[1].split(";\n")[0])
    )
    assert f'"{gateway}"' in (EDGE / "headers.conf").read_text()
