"""Where a request begins and ends (RFC 9112): what two readers could read in two ways."""

import contextlib
import itertools
import socket
import subprocess
import time

import pytest
from harness.raw import connect, exchange, parse, read_to_end

SERVICES = ["user", "transaction", "reporting", "gateway"]
# However the bytes arrive: all at once, in two pieces, byte by byte.
ARRIVALS = {"at once": 1_000_000, "in pieces": 7, "byte by byte": 1}
NEXT = b"GET /health HTTP/1.1\r\nHost: x\r\nX-Request-Id: the-next\r\nConnection: close\r\n\r\n"


def send_in_pieces(connection: socket.socket, data: bytes, size: int) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        for at in range(0, len(data), size):
            connection.sendall(data[at : at + size])


def answers(url: str, data: bytes, size: int = 1_000_000) -> bytes:
    with connect(url) as connection:
        send_in_pieces(connection, data, size)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        return read_to_end(connection)


def test_trailers_are_no_headers(client, user, payee):
    """A key and a `Connection: close` behind the body change nothing, however they arrive."""
    body = b'{"sender_email":"%s","receiver_email":"%s","amount":1}' % (
        user.email.encode(),
        payee.email.encode(),
    )
    head = (
        f"POST /api/transactions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {user.token}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    chunks = b"%x\r\n%s\r\n0\r\nIdempotency-Key: in-a-trailer\r\nConnection: close\r\n\r\n"
    request = head + chunks % (len(body), body)
    for size in ARRIVALS.values():
        answer = answers(client.urls["transaction"], request + NEXT, size)
        assert answer.count(b"HTTP/1.1 201 ") == 1, answer
        assert b"Idempotent-Replayed" not in answer
        assert b"X-Request-Id: the-next" in answer, "the connection was closed"
    assert user.balance() == 1000 - len(ARRIVALS)


ENDLESS = {
    "chunk extension": (b"1;", b"x" * 65536),
    "quoted extension": (b'1;a="', b"x" * 65536),
    "chunk size": (b"", b"0" * 65536),
    "trailer": (b"0\r\nA: ", b"x" * 65536),
    "tiny chunks": (b"", b"1;xxxxxxxxxxxxxxxx\r\nx\r\n" * 3000),
}


@pytest.mark.parametrize(("opening", "drip"), ENDLESS.values(), ids=ENDLESS.keys())
def test_framing_without_end_is_cut_off(client, opening, drip):
    with connect(client.urls["user"]) as connection:
        connection.sendall(
            b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + opening
        )
        sent = 0
        with contextlib.suppress(OSError):
            while sent < 64_000_000:
                connection.sendall(drip)
                sent += len(drip)
        assert sent < 64_000_000, "it was read on and on"
    client.get("/health").ok()


def test_what_is_read_and_not_consumed_stays_small(launch):
    """The process does not grow by what a client sends and nobody can use."""
    platform = launch()

    def peak_kib() -> int:
        with open(f"/proc/{platform.process.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def pour() -> None:
        with connect(platform.urls["user"]) as connection, contextlib.suppress(OSError):
            connection.sendall(
                b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;"
            )
            for _ in range(2000):
                connection.sendall(b"x" * 65536)

    before = peak_kib()
    pour()
    assert peak_kib() - before < 64 * 1024


REFUSED = {
    "no Host": b"GET /health HTTP/1.1\r\n\r\n",
    "two Hosts": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "one Host twice": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    "no host in Host": b"GET /health HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "unknown coding": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n",
    "coding in front": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "coding of 1.0": b"POST /api/users/login HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "coding and length": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "length and coding": b"POST /api/users/login HTTP/1.1\r\nHost: x\r\n"
    b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "bytes in the path": b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "another scheme": b"GET ftp://x/health HTTP/1.1\r\nHost: x\r\n\r\n",
    "no path": b"GET health HTTP/1.1\r\nHost: x\r\n\r\n",
    "asterisk": b"GET * HTTP/1.1\r\nHost: x\r\n\r\n",
    "tunnel": b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("service", ["user", "gateway"])
@pytest.mark.parametrize("request_bytes", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_ambiguous_is_400_and_ends_the_connection(client, service, request_bytes):
    for size in ARRIVALS.values():
        answer = answers(client.urls[service], request_bytes + NEXT, size)
        reply = parse(answer)
        assert reply.status == 400, answer
        assert reply.headers["connection"] == "close"
        assert reply.headers["content-type"] == "application/problem+json"
        reply.body.decode()
        assert b"the-next" not in answer, "the body was answered as the next request"


@pytest.mark.parametrize("service", SERVICES)
def test_an_absolute_target_is_its_path(client, service):
    def ask(target: str):
        return exchange(
            client.urls[service],
            f"GET {target} HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n".encode(),
        )

    reply = ask("http://example.com/health")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert ask("HTTP://example.com:80/api/nothing?x=http://y/").status == 404
    assert ask("http://u@example.com/health").status == 400
    reply = ask("http://example.com/api/nothing")
    assert (reply.status, reply.headers["content-type"]) == (404, "application/problem+json")


def test_options_of_the_server(client):
    reply = exchange(
        client.urls["gateway"],
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    assert reply.status == 204
    assert "GET" in reply.headers["allow"]


# ---- HEAD and HTTP/1.0


def stream_request(user, method: str, version: str, *more: str) -> bytes:
    lines = [
        f"{method} /api/transactions/stream HTTP/{version}",
        "Host: x",
        f"Authorization: Bearer {user.token}",
        *more,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize("service", ["transaction", "gateway"])
def test_head_on_the_stream_has_no_body(client, user, service):
    with connect(client.urls[service], timeout_s=10) as connection:
        connection.sendall(stream_request(user, "HEAD", "1.1") + NEXT)
        answer = read_to_end(connection)
    first, _, rest = answer.partition(b"\r\n\r\n")
    assert first.startswith(b"HTTP/1.1 200 ")
    assert b"text/event-stream" in first
    assert rest.startswith(b"HTTP/1.1 200 "), rest
    assert b"the-next" in rest


def test_a_stream_to_http_1_0_has_no_chunks(client, user, payee):
    with connect(client.urls["transaction"]) as connection:
        connection.sendall(stream_request(user, "GET", "1.0", "Connection: keep-alive"))
        received = b""
        while b": ok" not in received:
            received += connection.recv(1000)
        user.pay(payee, "1.00").ok(201)
        while b"event: entry" not in received or not received.endswith(b"\n\n"):
            received += connection.recv(65536)
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"connection: close" in head.lower()
    assert body.startswith(b": ok\n\nevent: entry\n"), body


def test_a_stream_that_ends_closes_when_asked_to(client, user):
    with connect(client.urls["transaction"], timeout_s=20) as connection:
        connection.sendall(stream_request(user, "GET", "1.1", "Connection: close"))
        assert b"connection: close" in connection.recv(4000).lower()
        user.delete(f"/api/users/{user.id}/sessions").ok(204)
        assert read_to_end(connection).endswith(b"0\r\n\r\n")


def test_http_1_0_keep_alive_is_confirmed(client):
    keep = b"GET /health HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"
    with connect(client.urls["user"], timeout_s=10) as connection:
        for _ in range(3):
            connection.sendall(keep)
            reply = parse(connection.recv(65536))
            assert (reply.status, reply.headers["connection"]) == (200, "keep-alive")
            assert "transfer-encoding" not in reply.headers
        connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
        assert parse(read_to_end(connection)).headers["connection"] == "close"


def test_ab_keeps_its_connections(client):
    done = subprocess.run(
        ["ab", "-q", "-k", "-n", "200", "-c", "4", f"{client.urls['user']}/health"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "Keep-Alive requests:    200" in done.stdout, done.stdout + done.stderr


def test_expect_is_not_answered_to_http_1_0(client):
    answer = answers(
        client.urls["user"],
        b"POST /api/users/logout HTTP/1.0\r\nContent-Type: application/json\r\n"
        b'Content-Length: 20\r\nExpect: 100-continue\r\n\r\n{"refreshToken":"x"}',
    )
    assert parse(answer).status == 204


# ---- slow and many


def test_a_body_that_trickles_ends_at_the_deadline(client):
    """A byte now and then does not hold a connection."""
    with connect(client.urls["user"], timeout_s=2) as connection:
        connection.sendall(
            b"POST /api/users/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 60000\r\n\r\n"
        )
        received = b""
        give_up = time.monotonic() + 60
        for _ in itertools.takewhile(lambda _: time.monotonic() < give_up, itertools.count()):
            try:
                chunk = connection.recv(65536)
            except TimeoutError:
                with contextlib.suppress(OSError):
                    connection.sendall(b" ")
                continue
            except OSError:
                break
            if not chunk:
                break
            received += chunk
        assert parse(received).status == 408
