"""HTTP by hand, for what no client library would send."""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class RawReply:
    status: int
    headers: dict[str, str]
    body: bytes


def connect(url: str, timeout_s: float = 30, tls: ssl.SSLContext | None = None) -> socket.socket:
    where = urlsplit(url)
    plain = socket.create_connection((where.hostname, where.port), timeout_s)
    return tls.wrap_socket(plain, server_hostname=where.hostname) if tls else plain


def parse(answer: bytes) -> RawReply:
    """The first answer in what a server sent."""
    head, _, rest = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    assert lines[0].startswith("HTTP/1.1 "), answer[:200]
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", len(rest)))
    return RawReply(int(lines[0].split()[1]), headers, rest[:length])


def read_to_end(connection: socket.socket) -> bytes:
    received = b""
    # A server that closes while we still send resets; what it said came before.
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65536):
            received += chunk
    return received


def exchange(url: str, request: bytes, timeout_s: float = 30) -> RawReply:
    """Sends exactly these bytes and reads until the server closes the connection."""
    with connect(url, timeout_s) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        return parse(read_to_end(connection))
