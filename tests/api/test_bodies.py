"""Bodies that are wrong before any field of them is read: the same for every operation."""

import uuid

import pytest
from harness.contract import of_services

WITH_BODY = [operation for operation in of_services() if operation.has_body]
LIMIT = {"/api/transactions/batch": 512 * 1024}


@pytest.fixture
def send(operator):
    """Sends raw bytes as somebody who may do everything."""

    def go(operation, content, **headers):
        path = operation.path
        for name in ("{id}", "{user_id}"):
            path = path.replace(name, operator.id)
        sent = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        return operator.client.send(
            operation.method, path, content=content, headers=sent, token=operator.token
        )

    return go


NOT_JSON = {
    "no body": b"",
    "white space": b" \r\n\t ",
    "text": b"hello",
    "cut": b'{"email": "a@exam',
    "cut after a value": b'{"email": "a@example.com"',
    "trailing comma": b'{"email": "a@example.com",}',
    "trailing text": b'{"email": "a@example.com"} x',
    "two objects": b"{}{}",
    "single quotes": b"{'email': 'a@example.com'}",
    "no quotes": b"{email: 1}",
    "comment": b'{"email": 1 /* one */}',
    "duplicate key": b'{"email": "a@example.com", "email": "b@example.com"}',
    "duplicate key, escaped": b'{"email": "a@example.com", "\\u0065mail": "b@example.com"}',
    "duplicate empty key": b'{"": 1, "": 2}',
    "duplicate key inside": b'{"transfers": [{"amount": 1, "amount": 2}]}',
    "bad UTF-8 in a value": b'{"email": "a\xff@example.com"}',
    "bad UTF-8 in a key": b'{"ema\xc3il": 1}',
    "overlong UTF-8": b'{"email": "\xc0\xaf"}',
    "surrogate in UTF-8": b'{"email": "\xed\xa0\x80"}',
    "cut UTF-8 at the end": b'{"email": "a"}\xe2\x82',
    "lone surrogate escape": b'{"email": "\\ud800"}',
    "half a surrogate pair": b'{"email": "\\ud83dx"}',
    "UTF-16": '{"email": 1}'.encode("utf-16"),
    "raw control character": b'{"email": "a\x01b"}',
    "raw new line in text": b'{"email": "a\nb"}',
    "NUL": b'{"email": 1}\x00',
    "bad escape": b'{"email": "\\x41"}',
    "NaN": b'{"amount": NaN}',
    "Infinity": b'{"amount": Infinity}',
    "leading zero": b'{"amount": 01}',
    "very deep": b'{"a":' * 200 + b"1" + b"}" * 200,
    "very deep arrays": b"[" * 60_000,
}


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_what_is_no_json_is_400(send, operation):
    for name, content in NOT_JSON.items():
        reply = send(operation, content)
        assert (reply.status, reply.json["code"]) == (400, "invalid_json"), f"{name}: {reply}"


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_json_that_is_no_object_is_422(send, operation):
    for content in (b"[]", b"[1]", b'"text"', b"1", b"true", b"null", b"1e400"):
        reply = send(operation, content)
        assert reply.status == 422, f"{content!r}: {reply}"
        problem = reply.problem(422, "validation_failed")
        assert {"field": "body", "code": "wrong_type"}.items() <= problem["errors"][0].items()


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
@pytest.mark.parametrize(
    "content_type",
    [
        *("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
        *("application/xml", "application/jsonp", "application/problem+json", "json", "x"),
    ],
)
def test_another_content_type_is_415(send, operation, content_type):
    send(operation, b"{}", Content_Type=content_type).problem(415, "unsupported_media_type")


def test_no_content_type_is_415(operator):
    reply = operator.client.send(
        "POST", "/api/users/login", content=b"{}", headers={"Content-Type": ""}
    )
    reply.problem(415, "unsupported_media_type")


@pytest.mark.parametrize(
    "content_type",
    [
        *("application/json", "application/json; charset=utf-8", "Application/JSON"),
        *("application/json;charset=UTF-8", 'application/json; charset="utf-8"'),
    ],
)
def test_ways_to_write_json(client, content_type):
    reply = client.send(
        "POST",
        "/api/users/logout",
        content=b'{"refreshToken":"x"}',
        headers={"Content-Type": content_type},
    )
    assert reply.status == 204, str(reply)


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_over_the_limit_is_413(send, operation):
    limit = LIMIT.get(operation.path, 64 * 1024)
    send(operation, b'"' + b"x" * (limit - 1) + b'"').problem(413, "body_too_large")
    fits = send(operation, b'"' + b"x" * (limit - 2) + b'"')
    assert fits.status == 422, str(fits)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate"])
def test_a_compressed_body_is_415(send, encoding):
    """Not guessed at, and no bomb is ever unpacked."""
    reply = send(WITH_BODY[0], b"\x1f\x8b\x08", Content_Encoding=encoding)
    assert reply.status in (400, 415), str(reply)


def test_a_get_needs_no_body_and_a_body_does_no_harm(user):
    reply = user.client.send("GET", "/api/users/me", content=b"{", token=user.token)
    assert reply.status in (200, 400), str(reply)
    user.get("/api/users/me").ok()
