"""Access tokens: every protected operation of every service, every way to be wrong."""

import hashlib
import hmac
import json
import time
import uuid

import pytest
from harness.contract import of_services
from harness.exact_json import Literal
from harness.keys import SigningKey, b64url, claims_of, fresh_claims, header_of
from harness.platform import RECEIPT_KEY, SHARED_KEY
from harness.users import login

PROTECTED = [operation for operation in of_services() if operation.protected]
ONE_OF_EACH_SERVICE = ["/api/users/me", "/api/transactions/user/{id}", "/api/reports/users/{id}"]


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
def test_every_protected_operation_wants_a_token(client, operation):
    body = {"body": Literal("{}")} if operation.has_body else {}
    path = operation.example_path()
    client.send(operation.method, path, **body).problem(401, "token_missing")
    client.send(operation.method, path, token="nonsense", **body).problem(401, "token_invalid")


def session_claims(user, **changes):
    """As the user service would make for this user's living session."""
    mine = claims_of(user.token)
    return fresh_claims(**{"sub": mine["sub"], "sid": mine["sid"], **changes})


def unsigned(claims, alg="none", **header):
    head = {"alg": alg, "typ": "at+jwt", "kid": SHARED_KEY.kid, **header}
    return ".".join(b64url(json.dumps(part).encode()) for part in (head, claims)) + "."


def hmac_with(secret, claims):
    text = unsigned(claims, alg="HS256")[:-1]
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return f"{text}.{b64url(digest)}"


def renamed(token, alg):
    """Signed as it was, under the name of another algorithm."""
    head = {**header_of(token), "alg": alg}
    text = ".".join([b64url(json.dumps(head).encode()), token.split(".")[1]])
    return f"{text}.{b64url(SHARED_KEY.raw_signature(text))}"


def other_part(token, index, change):
    parts = token.split(".")
    parts[index] = change(parts[index])
    return ".".join(parts)


def with_claim(token, **changes):
    return other_part(
        token,
        1,
        lambda _: b64url(json.dumps({**claims_of(token), **changes}).encode()),
    )


STRANGER, STRANGER_ES256 = SigningKey(), SigningKey("ES256")
now = time.time
BAD = {
    "one part": lambda u: u.token.split(".")[0],
    "two parts": lambda u: u.token.rsplit(".", 1)[0],
    "four parts": lambda u: u.token + ".x",
    "no signature": lambda u: u.token.rsplit(".", 1)[0] + ".",
    "signature cut": lambda u: u.token[:-2],
    "signature changed": lambda u: other_part(u.token, 2, lambda s: s[::-1]),
    "signature of zeros": lambda u: other_part(u.token, 2, lambda _: b64url(bytes(256))),
    "signature of one": lambda u: other_part(
        u.token, 2, lambda _: b64url((1).to_bytes(256, "big"))
    ),
    "signature of an ES256 token's zeros": lambda u: other_part(
        u.token, 2, lambda _: b64url(bytes(64))
    ),
    "signature with a zero in front": lambda u: other_part(
        u.token, 2, lambda _: b64url(b"\0" + SHARED_KEY.raw_signature(u.token.rpartition(".")[0]))
    ),
    "padding": lambda u: u.token + "=",
    "role changed": lambda u: with_claim(u.token, role="operator"),
    "subject changed": lambda u: with_claim(u.token, sub=str(uuid.uuid4())),
    "expiry changed": lambda u: with_claim(u.token, exp=int(now()) + 10**6),
    "alg none": lambda u: unsigned(session_claims(u)),
    "alg None": lambda u: unsigned(session_claims(u), alg="None"),
    "alg HS256 keyed by the public key": lambda u: hmac_with(
        SHARED_KEY.public_pem, session_claims(u)
    ),
    "alg HS256 keyed by the published key": lambda u: hmac_with(
        json.dumps(SHARED_KEY.published), session_claims(u)
    ),
    "alg HS256 keyed by the modulus": lambda u: hmac_with(SHARED_KEY.jwk["n"], session_claims(u)),
    "alg HS256 keyed by nothing": lambda u: hmac_with("", session_claims(u)),
    "alg ES256 by a stranger, our RS256 kid": lambda u: STRANGER_ES256.sign(
        session_claims(u), {"kid": SHARED_KEY.kid}
    ),
    "alg ES256 over an RS256 signature": lambda u: renamed(u.token, "ES256"),
    "alg PS256 over an RS256 signature": lambda u: renamed(u.token, "PS256"),
    "alg rs256": lambda u: renamed(u.token, "rs256"),
    "alg PS256 by our own key": lambda u: SHARED_KEY.sign(session_claims(u), {"alg": "PS256"}),
    "alg RS384 by our own key": lambda u: SHARED_KEY.sign(session_claims(u), {"alg": "RS384"}),
    "alg RS512 by our own key": lambda u: SHARED_KEY.sign(session_claims(u), {"alg": "RS512"}),
    "the receipts' key": lambda u: RECEIPT_KEY.sign(session_claims(u)),
    "the receipts' key, our kid": lambda u: RECEIPT_KEY.sign(
        session_claims(u), {"kid": SHARED_KEY.kid}
    ),
    "a stranger's key, our kid": lambda u: STRANGER.sign(
        session_claims(u), {"kid": SHARED_KEY.kid}
    ),
    "a stranger's key": lambda u: STRANGER.sign(session_claims(u)),
    "a key that the token brings": lambda u: STRANGER.sign(
        session_claims(u), {"jwk": {**STRANGER.jwk, "alg": "RS256"}}
    ),
    "unknown kid": lambda u: SHARED_KEY.sign(session_claims(u), {"kid": "other"}),
    "typ JWT": lambda u: SHARED_KEY.sign(session_claims(u), {"typ": "JWT"}),
    "crit": lambda u: SHARED_KEY.sign(session_claims(u), {"crit": ["x"], "x": 1}),
    "wrong audience": lambda u: SHARED_KEY.sign(session_claims(u, aud="other-api")),
    "no audience": lambda u: SHARED_KEY.sign(session_claims(u, aud=None)),
    "wrong issuer": lambda u: SHARED_KEY.sign(session_claims(u, iss="evil")),
    "no issuer": lambda u: SHARED_KEY.sign(session_claims(u, iss=None)),
    "no subject": lambda u: SHARED_KEY.sign(session_claims(u, sub=None)),
    "subject no id": lambda u: SHARED_KEY.sign(session_claims(u, sub="root")),
    "no session": lambda u: SHARED_KEY.sign(session_claims(u, sid=None)),
    "no role": lambda u: SHARED_KEY.sign(session_claims(u, role=None)),
    "unknown role": lambda u: SHARED_KEY.sign(session_claims(u, role="root")),
    "no expiry": lambda u: SHARED_KEY.sign(session_claims(u, exp=None)),
    "expiry as text": lambda u: SHARED_KEY.sign(session_claims(u, exp=str(int(now()) + 900))),
    "issued in the future": lambda u: SHARED_KEY.sign(
        session_claims(u, iat=int(now()) + 3600, exp=int(now()) + 7200)
    ),
    "not a JWT": lambda u: "Zm9v.YmFy.YmF6",
    "very long": lambda u: "a" * 3000,
}


@pytest.mark.parametrize("path", ONE_OF_EACH_SERVICE)
@pytest.mark.parametrize("wrong", BAD.values(), ids=BAD.keys())
def test_bad_tokens(client, user, path, wrong):
    client.get(path.format(id=user.id), token=wrong(user)).problem(401, "token_invalid")


@pytest.mark.parametrize("path", ONE_OF_EACH_SERVICE)
def test_a_token_made_by_the_same_rules_is_good(client, user, path):
    """So that what fails above fails for the reason that is meant."""
    token = SHARED_KEY.sign(session_claims(user))
    client.get(path.format(id=user.id), token=token).ok()


@pytest.mark.parametrize("path", ONE_OF_EACH_SERVICE)
def test_expired(client, user, path):
    token = SHARED_KEY.sign(session_claims(user, iat=int(now()) - 901, exp=int(now()) - 1))
    client.get(path.format(id=user.id), token=token).problem(401, "token_expired")


def test_expires_while_it_is_cached(client, user):
    token = SHARED_KEY.sign(session_claims(user, exp=int(now()) + 2))
    client.get("/api/users/me", token=token).ok()
    time.sleep(2.1)
    client.get("/api/users/me", token=token).problem(401, "token_expired")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "token_missing"),
        ("Basic dXNlcjpwYXNz", "token_missing"),
        ("Bearer", "token_missing"),
        ("Token {token}", "token_missing"),
        ("{token}", "token_missing"),
        ("Bearer {token} {token}", "token_invalid"),
        ("Bearer {token},", "token_invalid"),
    ],
)
def test_authorization_headers_that_are_none(client, user, header, code):
    headers = {"Authorization": header.format(token=user.token)}
    reply = client.get("/api/users/me", headers=headers)
    assert reply.status == 401, str(reply)
    assert reply.json["code"] in (code, "token_invalid"), str(reply)


def test_the_scheme_is_in_any_case(client, user):
    for scheme in ("bearer", "BEARER"):
        client.get("/api/users/me", headers={"Authorization": f"{scheme} {user.token}"}).ok()


def test_a_token_in_the_query_is_no_token(client, user):
    client.get("/api/users/me", params={"access_token": user.token}).problem(401, "token_missing")


@pytest.mark.parametrize("service", ["user", "transaction", "reporting"])
def test_the_public_keys_are_published(client, service):
    (key,) = client.get("/.well-known/jwks.json", service=service).ok()["keys"]
    assert key == SHARED_KEY.published
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}, "nothing private"


def test_a_token_fits_well_within_the_head_of_a_request(user):
    """8 KiB for all headers, 2 KiB for a token: an RS256 signature is long."""
    assert len(user.token) < 1024


def test_keys_of_both_algorithms(launch):
    """A P-256 key of before goes on working, and rotates to an RSA key without a refused token."""
    old, new = SigningKey("ES256"), SigningKey("RS256")
    platform = launch(JWT_PRIVATE_KEY=old.pem)
    user = platform.new_user()
    assert (header_of(user.token)["alg"], header_of(user.token)["kid"]) == ("ES256", old.kid)
    assert platform.client.get("/.well-known/jwks.json").ok()["keys"] == [old.published]
    paths = [path.format(id=user.id) for path in ONE_OF_EACH_SERVICE]
    for path in paths:
        user.get(path).ok()
    platform.stop()

    platform = launch(JWT_PRIVATE_KEY=new.pem + old.pem)
    published = platform.client.get("/.well-known/jwks.json").ok()["keys"]
    assert sorted(key["alg"] for key in published) == ["ES256", "RS256"]
    again = login(platform.client, user.email, user.password)
    assert (header_of(again.token)["alg"], header_of(again.token)["kid"]) == ("RS256", new.kid)
    claims = session_claims(again)
    for path in paths:
        for token in (user.token, again.token, old.sign(claims), new.sign(claims)):
            platform.client.get(path, token=token).ok()
        for token in (
            old.sign(claims, {"kid": new.kid}),
            new.sign(claims, {"kid": old.kid}),
            new.sign(claims, {"alg": "PS256"}),
        ):
            platform.client.get(path, token=token).problem(401, "token_invalid")
