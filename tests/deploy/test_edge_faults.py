"""The edge before services that fail, and clients that mean harm: what it repeats, lets through and
cuts off. Behind it stands a server of the tests that counts what reaches it."""

import contextlib
import json
import re
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from files import ROOT, SERVICES
from harness.raw import connect, exchange, read_to_end
from harness.waiting import wait_until
from test_edge import Edge

LOG_TIMEOUT_S = 10
# Two addresses of one name, as two replicas of a service have.
REPLICAS = ("127.0.0.1", "127.0.0.2")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Replicas:
    """One port on both addresses, and a name server that knows a name for the two of them."""

    host = "replicas.test"

    def __init__(self) -> None:
        self.seen: list[bytes] = []
        self.answer = True
        self.hold = threading.Event()
        self.held = 0
        self.listeners = [socket.create_server((REPLICAS[0], 0))]
        port = self.listeners[0].getsockname()[1]
        self.listeners.append(socket.create_server((REPLICAS[1], port)))
        self.ports = dict.fromkeys(SERVICES, port)
        self.secrets = Path("/nowhere")
        self.dns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.dns.bind(("127.0.0.1", 0))
        self.resolver = f"127.0.0.1:{self.dns.getsockname()[1]}"
        for target, argument in (
            *((self.accept, listener) for listener in self.listeners),
            (self.resolve, self.dns),
        ):
            threading.Thread(target=target, args=(argument,), daemon=True).start()

    def resolve(self, dns: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                query, client = dns.recvfrom(512)
                answers = b"".join(
                    b"\xc0\x0c\0\x01\0\x01" + struct.pack(">IH", 60, 4) + socket.inet_aton(address)
                    for address in REPLICAS
                )
                question = query[12 : query.index(b"\0", 12) + 5]
                head = (
                    query[:2] + b"\x81\x80\0\x01" + struct.pack(">H", len(REPLICAS)) + b"\0\0\0\0"
                )
                dns.sendto(head + question + answers, client)

    def accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := connection.recv(65536)):
                    return
                head += piece
            self.seen.append(head)
            if head.startswith(b"GET /api/users/hold "):
                self.held += 1
                self.hold.wait(30)
            if self.answer:
                connection.sendall(OK)

    def close(self) -> None:
        self.hold.set()
        for listener in (*self.listeners, self.dns):
            listener.close()


@pytest.fixture
def replicas() -> Iterator[Replicas]:
    place = Replicas()
    yield place
    place.close()


@pytest.fixture
def edge_before(replicas: Replicas) -> Iterator:
    folder = Path(tempfile.mkdtemp(prefix="instapay-edge-"))
    started: list[Edge] = []

    def start(**settings: str) -> Edge:
        started.append(Edge(folder / "edge", replicas, tls=False, **settings))
        return started[-1]

    folder.chmod(0o777)
    (folder / "edge").mkdir()
    yield start
    for edge in started:
        edge.stop()
    shutil.rmtree(folder, ignore_errors=True)


PATHS = ("/api/users/x/balance", "/api/transactions", "/api/reports/x", "/api/other")


def test_only_what_is_safe_is_sent_again(edge_before, replicas: Replicas) -> None:
    """A service that takes a request and closes: whether it did something, nobody knows."""
    edge = edge_before()
    replicas.answer = False
    for path in PATHS:
        for method in ("PUT", "POST", "PATCH", "DELETE", "PROPFIND"):
            replicas.seen.clear()
            reply = edge.client.request(method, path, content=b"{}")
            assert reply.status_code == 503 and reply.json()["code"] == "outcome_unknown"
            assert len(replicas.seen) == 1, (method, path, replicas.seen)
        for method in ("GET", "HEAD"):
            replicas.seen.clear()
            assert edge.client.request(method, path).status_code == 503
            assert len(replicas.seen) == len(REPLICAS), (method, path)


def test_what_was_not_sent_may_go_elsewhere(edge_before, replicas: Replicas) -> None:
    edge = edge_before()
    replicas.listeners[1].close()
    for method in ("GET", "POST", "PATCH"):
        for _ in range(4):
            assert edge.client.request(method, "/api/users/x").status_code == 200
    for _ in range(4):  # one try each, and the answer says how to go on
        assert edge.client.request("PUT", "/api/users/x").status_code in (200, 503)


def test_every_method_reaches_its_service_whole(edge_before, replicas: Replicas) -> None:
    edge = edge_before()
    for method in ("PUT", "DELETE", "POST", "PATCH", "GET"):
        reply = edge.client.request(method, "/api/users/x?a=b", headers={"X-Request-Id": "r-1"})
        assert (reply.status_code, reply.text) == (200, "ok")
        head = replicas.seen[-1].decode()
        assert head.startswith(f"{method} /api/users/x?a=b HTTP/1.1\r\n"), head
        assert "\r\nX-Request-Id: r-1\r\n" in head
        assert "\r\nX-Forwarded-For: 127.0.0.1\r\n" in head


@pytest.mark.parametrize(
    "bad",
    [
        b'a"b',
        b"a\\",
        b'x","code":"0',
        b"x" * 65,
        b"a b",
        b"\xff\xfe",
        b"{}",
    ],
)
def test_an_odd_request_id_is_replaced(edge_before, replicas: Replicas, bad: bytes) -> None:
    edge = edge_before()
    url = f"http://127.0.0.1:{edge.http_port}"
    for answer, status in ((True, 200), (False, 503)):
        replicas.answer = answer
        reply = exchange(
            url,
            b"GET /api/users/\xff?x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"X-Request-Id: " + bad + b"\r\n\r\n",
        )
        assert reply.status == status
        if status == 503:
            problem = json.loads(reply.body)
            assert re.fullmatch(r"[0-9a-f]{32}", problem["request_id"])
            assert reply.headers["x-request-id"] == problem["request_id"]
        sent = re.findall(rb"X-Request-Id: ([^\r]*)\r\n", replicas.seen[-1], re.IGNORECASE)
        assert len(sent) == 1 and re.fullmatch(rb"[0-9a-f]{32}", sent[0]), sent
    log = edge.folder / "access.log"
    wait_until(lambda: len(log.read_bytes().splitlines()) == 2, LOG_TIMEOUT_S, "the log")
    for line in log.read_bytes().decode().splitlines():
        assert re.fullmatch(r"[0-9a-f]{32}", json.loads(line)["http.request.id"])


def test_an_address_has_so_many_requests_at_once(edge_before, replicas: Replicas) -> None:
    edge = edge_before(EDGE_CONNECTIONS_PER_ADDRESS="5")
    url = f"http://127.0.0.1:{edge.http_port}"
    hold = b"GET /api/users/hold HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as open_ones:
        for _ in range(5):
            connection = open_ones.enter_context(connect(url))
            connection.sendall(hold)
        wait_until(lambda: replicas.held == 5, 20, "five requests")
        reply = edge.client.get("/api/users/x")
        assert reply.status_code == 429 and reply.json()["code"] == "rate_limited"
        assert reply.headers["Content-Type"] == "application/problem+json"
        assert reply.headers["Retry-After"] == "1"
        assert edge.client.put("/api/users/x").status_code == 429
        replicas.hold.set()
    wait_until(lambda: edge.client.get("/api/users/x").status_code == 200, 20, "room")


def test_an_address_has_so_many_requests_a_second(edge_before) -> None:
    edge = edge_before(EDGE_REQUESTS_PER_ADDRESS_PER_S="1")
    statuses = [edge.client.get("/api/users/x").status_code for _ in range(20)]
    assert statuses[0] == 200 and 429 in statuses
    assert statuses.count(200) < 20


def test_behind_another_proxy_clients_are_told_apart(edge_before, replicas: Replicas) -> None:
    edge = edge_before(EDGE_REQUESTS_PER_ADDRESS_PER_S="1", EDGE_TRUSTED_PROXIES="127.0.0.0/8")
    for i in range(20):
        headers = {"X-Forwarded-For": f"192.0.2.1, 198.51.100.{i}"}
        assert edge.client.get("/api/users/x", headers=headers).status_code == 200
        assert f"\r\nX-Forwarded-For: 198.51.100.{i}\r\n".encode() in replicas.seen[-1]


OWN_PATH = {
    "user": "/api/users/x",
    "transaction": "/api/transactions/x",
    "reporting": "/api/reports/x",
}


def test_service_ports_are_for_those_outside(edge_before, replicas: Replicas) -> None:
    """What a LoadBalancer leads to: the service's own paths, an address that nobody can lie about,
    and neither metrics nor health, however they are written."""
    edge = edge_before(EDGE_SERVICE_PORTS="on")
    lies = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    for name, port in edge.service_ports.items():
        base = f"http://127.0.0.1:{port}"
        for method in ("GET", "PUT"):
            reply = httpx.request(method, base + OWN_PATH[name], headers=lies, trust_env=False)
            assert reply.status_code == 200, reply.text
            head = replicas.seen[-1].decode()
            assert "\r\nX-Forwarded-For: 127.0.0.1\r\n" in head and "203.0.113.9" not in head
            assert "\r\nX-Forwarded-Proto: http\r\n" in head
        reached = len(replicas.seen)
        others = [path for other, path in OWN_PATH.items() if other not in (name, "user")]
        # The user service answers for unknown paths of the API, in the form of all errors.
        others = [] if name == "user" else [*others, OWN_PATH["user"]]
        inside = (
            "/metrics",
            "/health",
            "/health/ready",
            "//metrics",
            "/%6Detrics",
            "/x/../metrics",
        )
        for path in (*inside, *others, "/nothing"):
            reply = httpx.get(base + path, trust_env=False)
            assert reply.status_code == 404, path
        assert len(replicas.seen) == reached, replicas.seen[reached:]
        problem = httpx.get(f"{base}/nothing", trust_env=False)
        assert problem.json()["code"] == "route_not_found"
        assert problem.json()["request_id"] == problem.headers["X-Request-Id"]


def test_service_ports_are_closed_where_nobody_asks_for_them(edge_before) -> None:
    edge = edge_before()
    for port in edge.service_ports.values():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_body_that_trickles_is_passed_on_as_it_comes(edge_before, replicas: Replicas) -> None:
    """So the service's deadline ends it; the edge would wait for the whole of it for ever."""
    edge = edge_before()
    with connect(f"http://127.0.0.1:{edge.http_port}") as connection:
        connection.sendall(
            b"POST /api/users/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{"
        )
        wait_until(lambda: len(replicas.seen) == 1, 10, "the head at the service")
        # The service has answered and closed: so does the edge, though the body is not there.
        assert b" 200 " in read_to_end(connection)


def test_the_ingress_repeats_nothing_and_limits_addresses() -> None:
    for manifest in yaml.safe_load_all((ROOT / "k8s/50-ingress.yaml").read_text()):
        notes = manifest["metadata"]["annotations"]
        prefix = "nginx.ingress.kubernetes.io/"
        assert notes[prefix + "proxy-next-upstream"] == "off"
        for name in ("limit-connections", "limit-rps"):
            assert int(notes[prefix + name]) > 0
