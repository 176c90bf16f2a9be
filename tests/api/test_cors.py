"""CORS: only the origins that are allowed, and the gateway's own."""

import pytest
from harness.contract import document
from harness.platform import Platform

ALLOWED = "https://wallet.example.com"
OTHER = "https://evil.example.com"


@pytest.fixture(scope="module")
def listed(_cluster):
    service = Platform(DATABASE_URL=_cluster.url, CORS_ORIGINS=f"{ALLOWED},http://localhost:5173")
    try:
        service.start()
        yield service
        service.stop()
    finally:
        service.remove()


PATHS = ["/api/users/me", "/api/transactions", "/api/reports/system"]


def preflight(client, path, origin, method="POST"):
    return client.send(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
        },
    )


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", [ALLOWED, "http://localhost:5173"])
def test_preflight_of_an_allowed_origin(listed, path, origin):
    reply = preflight(listed.client, path, origin)
    assert reply.status in (200, 204), str(reply)
    assert reply.headers["access-control-allow-origin"] == origin
    assert "Origin" in reply.headers["vary"]
    allowed = reply.headers["access-control-allow-headers"].lower()
    for name in ("authorization", "content-type", "idempotency-key"):
        assert name in allowed
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert method in reply.headers["access-control-allow-methods"]
    assert int(reply.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin", [OTHER, f"{ALLOWED}.evil.com", "http://wallet.example.com", "null", "*"]
)
def test_other_origins_get_no_leave(listed, path, origin):
    reply = preflight(listed.client, path, origin)
    assert "access-control-allow-origin" not in reply.headers, str(reply)
    reply = listed.client.get(path, headers={"Origin": origin})
    assert "access-control-allow-origin" not in reply.headers, str(reply)


@pytest.mark.parametrize("path", PATHS)
def test_answers_to_an_allowed_origin_can_be_read(listed, path):
    """Errors too: the wallet must be able to show them."""
    reply = listed.client.get(path, headers={"Origin": ALLOWED})
    assert reply.status in (401, 405)
    assert reply.headers["access-control-allow-origin"] == ALLOWED
    assert "Origin" in reply.headers["vary"]
    exposed = reply.headers["access-control-expose-headers"].lower()
    for name in ("x-request-id", "retry-after", "idempotent-replayed"):
        assert name in exposed


def test_every_documented_header_can_be_read(listed):
    """But for what browsers show without leave, and never."""
    known = headers_of(document()) - {"cache-control", "set-cookie"}
    reply = listed.client.get("/api/currency", headers={"Origin": ALLOWED})
    assert set(reply.headers["access-control-expose-headers"].lower().split(", ")) == known


def headers_of(part) -> set[str]:
    """Of the answers in this part of the API document, in small letters."""
    if isinstance(part, list):
        return set().union(*map(headers_of, part))
    if not isinstance(part, dict):
        return set()
    own = part["headers"] if "description" in part and "headers" in part else ()
    return {name.lower() for name in own}.union(*map(headers_of, part.values()))


def test_by_default_only_the_gateway_is_allowed(platform, client):
    own = f"http://localhost:{platform.ports['gateway']}"
    other = preflight(client, "/api/users/me", OTHER)
    assert "access-control-allow-origin" not in other.headers
    replies = [
        preflight(client, "/api/users/me", origin)
        for origin in (own, own.replace("localhost", "127.0.0.1"))
    ]
    assert any(r.headers.get("access-control-allow-origin") for r in replies)


def test_without_an_origin_there_is_nothing_to_say(client):
    assert "access-control-allow-origin" not in client.get("/health").headers
