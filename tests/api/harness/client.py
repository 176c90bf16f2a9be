"""An HTTP client that holds every answer to what all answers promise."""

import ssl
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from harness import exact_json

ABSENT: Any = object()
SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
# What a client must never be shown.
LEAKS = ("SELECT", "INSERT", "UPDATE ", "pg_", "libpq", "SQLSTATE", ".cpp", "/src/", "std::")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: httpx.Headers
    text: str
    asked: str
    content: bytes

    @cached_property
    def json(self) -> Any:
        return exact_json.loads(self.text)

    def __str__(self) -> str:
        return f"{self.asked} -> {self.status} {self.text[:2000]}"

    def ok(self, status: int = 200) -> Any:
        """The body of an answer that had to succeed."""
        assert self.status == status, str(self)
        return self.json if self.text else None

    def problem(self, status: int, code: str, fields: dict[str, str] | None = None) -> dict:
        """The body of a refusal, after checking all of its shape."""
        assert (self.status, self.json.get("code")) == (status, code), str(self)
        if fields is not None:
            found = {error["field"]: error["code"] for error in self.json.get("errors", [])}
            assert found == fields, str(self)
        return self.json


def check_reply(reply: Reply) -> None:
    """What holds for every answer of every service."""
    request_id = reply.headers.get("x-request-id")
    assert request_id, f"no X-Request-Id: {reply}"
    for name, value in SECURITY_HEADERS.items():
        assert reply.headers.get(name) == value, f"{name} of {reply}"
    if reply.status < 400:
        return
    if reply.headers.get("content-type", "").startswith("application/json"):
        if "/oauth/token" in reply.asked:  # RFC 6749, section 5.2
            assert set(reply.json) == {"error", "error_description"}, str(reply)
            assert reply.headers["cache-control"] == "no-store", str(reply)
        else:
            assert "/health/ready" in reply.asked, f"not problem+json: {reply}"
    else:
        assert reply.headers["content-type"] == "application/problem+json", str(reply)
        problem = reply.json
        assert problem["status"] == reply.status, str(reply)
        assert problem["title"], str(reply)
        assert problem["detail"], str(reply)
        assert problem["request_id"] == request_id, str(reply)
        assert not any(leak in reply.text for leak in LEAKS), f"leak: {reply}"
        for error in problem.get("errors", []):
            assert set(error) == {"field", "code", "detail"}, str(reply)
            assert error["detail"], str(reply)
    if reply.status == 401:
        scheme = "Basic" if "/oauth/token" in reply.asked else "Bearer"
        assert reply.headers.get("www-authenticate", "").startswith(scheme), str(reply)
    if reply.status in (429, 503):
        assert int(reply.headers["retry-after"]) >= 1, str(reply)
    if reply.status == 405:
        assert reply.headers.get("allow"), str(reply)


class Client:
    """Sends each path to the service that owns it. Safe to use from several threads."""

    def __init__(self, urls: dict[str, str], tls: ssl.SSLContext | None = None) -> None:
        self.urls = urls
        self._http = httpx.Client(
            verify=tls if tls is not None else True,
            timeout=30,
            trust_env=False,
            # Remembers no cookie: a test sends what it means to send.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=128),
        )

    def close(self) -> None:
        self._http.close()

    def url(self, path: str, service: str | None = None) -> str:
        if service is None:
            for prefix, owner in (
                ("/api/transactions", "transaction"),
                ("/api/requests", "transaction"),
                ("/api/notifications", "transaction"),
                ("/api/splits", "transaction"),
                ("/api/schedules", "transaction"),
                ("/api/mandates", "transaction"),
                ("/api/holds", "transaction"),
                ("/.well-known/receipt-jwks.json", "transaction"),
                ("/api/reports", "reporting"),
            ):
                if path.startswith(prefix):
                    service = owner
        return self.urls[service or "user"] + path

    def metric(self, sample: str, service: str) -> float | None:
        """Of /metrics, by the name and labels that are written there; None where it is not."""
        lines = self.get("/metrics", service=service).text.splitlines()
        found = [line for line in lines if line.startswith(f"{sample} ")]
        return float(found[0].rsplit(" ", 1)[1]) if found else None

    def send(
        self,
        method: str,
        path: str,
        body: Any = ABSENT,
        *,
        token: str | None = None,
        key: str | None = None,
        headers: dict[str, str] | list[tuple[str, str]] | None = None,
        params: dict[str, Any] | None = None,
        content: bytes | None = None,
        service: str | None = None,
    ) -> Reply:
        sent = httpx.Headers(headers)
        if body is not ABSENT:
            content = exact_json.dumps(body).encode()
        if content is not None:
            sent.setdefault("Content-Type", "application/json")
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if key is not None:
            sent["Idempotency-Key"] = key
        answer = self._http.request(
            method, self.url(path, service), content=content, headers=sent, params=params
        )
        # A body that is not UTF-8 fails here, which is right: all of ours is, but for a PDF.
        is_pdf = answer.headers.get("content-type") == "application/pdf"
        text = "" if is_pdf else answer.content.decode()
        asked = f"{method} {path}"
        reply = Reply(answer.status_code, answer.headers, text, asked, answer.content)
        check_reply(reply)
        return reply

    def get(self, path: str, **options: Any) -> Reply:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.send("POST", path, body, **options)

    def put(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.send("PUT", path, body, **options)

    def patch(self, path: str, body: Any = ABSENT, **options: Any) -> Reply:
        return self.send("PATCH", path, body, **options)

    def delete(self, path: str, **options: Any) -> Reply:
        return self.send("DELETE", path, **options)
