"""HTTP itself: routes, methods, limits, broken and slow clients. Every service alike."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.contract import METHODS, of_services
from harness.raw import connect, exchange, parse, read_to_end

SERVICES = ["user", "transaction", "reporting"]
READ_TIMEOUT_S = 10


@pytest.mark.parametrize("service", [*SERVICES, "gateway"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api/nothing", "/api/users/a/b/c", "/api/"])
def test_unknown_routes_are_404(client, service, method, path):
    client.send(method, path, service=service).problem(404, "route_not_found")


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("path", ["/", "/nothing", "/health/", "/HEALTH", "/metrics/x", "//health"])
def test_unknown_pages_of_a_service_are_404(client, service, path):
    client.send("GET", path, service=service).problem(404, "route_not_found")


def test_a_service_has_only_its_own_routes(client):
    client.get("/api/users/me", service="reporting").problem(404, "route_not_found")
    client.get("/api/reports/system", service="user").problem(404, "route_not_found")


def methods_of(path):
    return {operation.method for operation in of_services() if operation.path == path}


@pytest.mark.parametrize("path", sorted({operation.path for operation in of_services()}))
def test_other_methods_are_405_with_allow(client, path):
    operation = next(operation for operation in of_services() if operation.path == path)
    allowed = methods_of(path)
    wrong = {*(name.upper() for name in METHODS), "TRACE", "PROPFIND"}
    for method in sorted(wrong - allowed):
        reply = client.send(method, operation.example_path())
        problem = reply.problem(405, "method_not_allowed")
        assert problem["detail"]
        listed = {name.strip() for name in reply.headers["allow"].split(",")}
        assert allowed <= listed, str(reply)
        assert method not in listed


@pytest.mark.parametrize("service", SERVICES)
def test_head_is_get_without_a_body(client, service):
    reply = client.send("HEAD", "/health", service=service)
    assert reply.status in (200, 405), str(reply)
    assert reply.text == ""


@pytest.mark.parametrize("service", SERVICES)
def test_request_ids_are_unique_or_the_callers(client, service):
    seen = {client.get("/health", service=service).headers["x-request-id"] for _ in range(20)}
    assert len(seen) == 20
    mine = {"X-Request-Id": "my-request.1"}
    reply = client.get("/health", service=service, headers=mine)
    assert reply.headers["x-request-id"] == "my-request.1"


@pytest.mark.parametrize("bad", ["x" * 300, "a b", "<script>", 'a"b', "{}", "é"])
def test_a_callers_odd_request_id_is_not_repeated(client, bad):
    reply = client.get("/health", headers=[(b"X-Request-Id", bad.encode())])
    assert reply.headers["x-request-id"] != bad


def test_the_request_id_and_trace_are_in_the_log(platform, client):
    trace = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "X-Request-Id": "find-me-in-log"}
    client.get("/api/nothing", headers=headers)
    time.sleep(0.3)
    (line,) = [
        entry
        for entry in platform.log_objects()
        if entry.get("http.request.id") == "find-me-in-log"
        and entry.get("http.response.status_code") == 404
    ]
    assert line["trace.id"] == trace
    for name in ("@timestamp", "log.level", "message", "service.name", "event.duration"):
        assert name in line, line


# ---- limits


@pytest.mark.parametrize("service", SERVICES)
def test_headers_over_8_kib_are_431(client, service):
    reply = client.get("/health", service=service, headers={"X-Long": "x" * 9000})
    reply.problem(431, "headers_too_large")
    many = [(f"X-Header-{i}", "x" * 100) for i in range(100)]
    client.get("/health", service=service, headers=many).problem(431, "headers_too_large")


def test_headers_just_under_the_limit_are_fine(client):
    client.get("/health", headers={"X-Long": "x" * 6000}).ok()


@pytest.mark.parametrize("service", SERVICES)
def test_a_very_long_target_is_414(client, service):
    reply = client.get("/health?" + "x" * 5000, service=service)
    reply.problem(414, "uri_too_long")
    reply = client.get("/health?" + "x" * 20_000, service=service)
    assert reply.status in (414, 431), str(reply)


@pytest.mark.parametrize("service", SERVICES)
def test_an_endless_header_is_cut_off(client, service):
    with connect(client.urls[service]) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        sent = 0
        try:
            while sent < 10_000_000:
                sent += connection.send(b"X-A: " + b"b" * 1000 + b"\r\n")
        except OSError:
            pass
        assert sent < 10_000_000, "it read on and on"


@pytest.mark.parametrize("service", SERVICES)
def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(client, service):
    request = (
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 99999999999\r\n\r\n"
    )
    if service != "user":
        request = request.replace(b"/api/users/login", b"/api/nothing")
    reply = exchange(client.urls[service], request)
    assert reply.status == 413 if service == "user" else reply.status in (404, 413), reply


def chunked(*chunks):
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def test_a_chunked_body_is_read(client):
    request = (
        b"POST /api/users/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ) + chunked(b'{"refresh', b'Token":', b'"x"}')
    assert exchange(client.urls["user"], request).status == 204


def test_a_chunked_body_without_end_is_413(client):
    request = (
        b"POST /api/users/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    ) + b"2000\r\n%s\r\n" % (b" " * 0x2000) * 20
    assert exchange(client.urls["user"], request).status == 413


# ---- what no client library sends

MALFORMED = {
    "noise": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "no version": b"GET /health\r\n\r\n",
    "version 9": b"GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "space in the path": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL in a header": b"GET /health HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n",
    "no colon": b"GET /health HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n",
    "space before the colon": b"GET /health HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
    "length is no number": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Length: x\r\n\r\n",
    "negative length": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "two lengths": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "length and chunked": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "unknown coding": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: x\r\n\r\n{}",
}


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("request_bytes", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_http_is_400_and_the_connection_is_closed(client, service, request_bytes):
    with connect(client.urls[service], timeout_s=READ_TIMEOUT_S + 10) as connection:
        connection.sendall(request_bytes)
        connection.shutdown(socket.SHUT_WR)
        answer = read_to_end(connection)
    # Some of it is so far from HTTP that to close without a word is right too.
    if answer:
        reply = parse(answer)
        assert 400 <= reply.status < 500 or reply.status in (501, 505), reply
    client.get("/health", service=service).ok()


@pytest.mark.parametrize(
    "target",
    ["/%", "/%zz", "/api/users/%", "/api/users/%ff", "/%00", "/api/users/../../etc/hosts"],
)
def test_odd_targets_are_refused(client, target):
    request = f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    reply = exchange(client.urls["user"], request)
    assert reply.status in (400, 401, 404), reply
    assert reply.headers["content-type"] == "application/problem+json"


def test_pipelined_requests_are_answered_in_order(client):
    request = b"".join(
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: pipelined-%d\r\n%s\r\n"
        % (i, b"Connection: close\r\n" if i == 9 else b"")
        for i in range(10)
    )
    with connect(client.urls["user"]) as connection:
        connection.sendall(request)
        answer = read_to_end(connection).decode()
    positions = [answer.lower().index(f"x-request-id: pipelined-{i}\r") for i in range(10)]
    assert positions == sorted(positions)


def test_a_client_that_leaves_in_the_middle_does_no_harm(client, user):
    head = (
        f"POST /api/transactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    ).encode()
    for _ in range(50):
        connection = connect(client.urls["transaction"])
        connection.sendall(head)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.close()
    assert user.balance() == 1000


def test_http_1_0_is_answered(client):
    reply = exchange(client.urls["user"], b"GET /health HTTP/1.0\r\n\r\n")
    assert reply.status == 200


def test_expect_continue(client):
    with connect(client.urls["user"]) as connection:
        connection.sendall(
            b"POST /api/users/logout HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 20\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b'{"refreshToken":"x"}')
        assert parse(read_to_end(connection)).status == 204


# ---- slow clients

SLOW = {
    "says nothing after the first line": (b"GET /health HTTP/1.1\r\nHost: x\r\n", b""),
    "drips a header": (b"GET /health HTTP/1.1\r\nHost: x\r\n", b"X-A: b\r\n"),
    "sends half a body": (
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b'Content-Length: 100\r\n\r\n{"email":',
        b"",
    ),
    "drips a body": (
        b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{",
        b" ",
    ),
}


def be_slow(url, opening, drip):
    """How long the service bears it, and what it says in the end."""
    began = time.monotonic()
    with connect(url, timeout_s=0.5) as connection:
        connection.sendall(opening)
        received = b""
        while time.monotonic() - began < 3 * READ_TIMEOUT_S:
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                try:
                    connection.sendall(drip)
                except OSError:
                    break
                continue
            except OSError:
                break
            if not chunk:
                break
            received += chunk
    return time.monotonic() - began, received


def test_slow_clients_are_cut_off_and_disturb_nobody(client):
    plan = [(client.urls[service], *slow) for service in SERVICES for slow in SLOW.values()]
    crowd = [(client.urls["user"], *SLOW["drips a header"])] * 40
    with ThreadPoolExecutor(len(plan) + len(crowd)) as pool:
        running = [pool.submit(be_slow, *slow) for slow in plan + crowd]
        time.sleep(1)
        for _ in range(20):
            began = time.monotonic()
            client.get("/health").ok()
            assert time.monotonic() - began < 1
            time.sleep(0.1)
        for slow, done in zip(plan + crowd, running, strict=True):
            took_s, received = done.result()
            assert took_s < READ_TIMEOUT_S + 5, f"{slow}: {took_s} s"
            if received:
                assert parse(received).status in (404, 408), received
