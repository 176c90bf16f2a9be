"""POST /api/users/login."""

import time

import pytest
from harness.keys import claims_of, header_of
from harness.platform import SHARED_KEY


def post(client, **body):
    return client.post("/api/users/login", body)


def test_answers_tokens_and_the_user(client, user):
    reply = post(client, email=user.email, password=user.password)
    body = reply.ok()
    assert set(body) == {"accessToken", "refreshToken", "tokenType", "expiresIn", "user"}
    assert (body["tokenType"], body["expiresIn"]) == ("Bearer", 900)
    assert body["user"] == user.profile()
    assert reply.headers["cache-control"] == "no-store"
    assert len(body["refreshToken"]) >= 32, "opaque, at least 128 bits of chance"


def test_the_access_token_is_as_promised(user):
    header, claims = header_of(user.token), claims_of(user.token)
    assert header == {"alg": "RS256", "typ": "at+jwt", "kid": SHARED_KEY.kid}
    assert set(claims) == {"iss", "aud", "sub", "sid", "role", "iat", "exp", "jti"}
    assert (claims["iss"], claims["aud"]) == ("instapay", "instapay-api")
    assert (claims["sub"], claims["role"]) == (user.id, "user")
    assert claims["exp"] - claims["iat"] == 900
    assert abs(claims["iat"] - time.time()) < 30


def test_the_email_may_be_in_any_case(client, user):
    post(client, email=user.email.upper(), password=user.password).ok()


def test_wrong_password_and_unknown_email_look_the_same(client, user):
    wrong = post(client, email=user.email, password="not the password")
    unknown = post(client, email="nobody.at.all@example.com", password="not the password")
    for reply in (wrong, unknown):
        reply.problem(401, "invalid_credentials")
    same = [{**reply.json, "request_id": None} for reply in (wrong, unknown)]
    assert same[0] == same[1]


def test_a_password_is_compared_whole(client, user):
    for password in (user.password + "x", user.password[:-1], user.password.upper()):
        post(client, email=user.email, password=password).problem(401, "invalid_credentials")


def test_wrong_password_and_unknown_email_take_the_same_time(launch):
    # A cost at which the hash is what takes the time.
    platform = launch(BCRYPT_COST="10")
    user = platform.new_user()

    def took_s(email):
        began = time.monotonic()
        post(platform.client, email=email, password="not the password").problem(
            401, "invalid_credentials"
        )
        return time.monotonic() - began

    # In turn, and the shortest counts: what else the machine does only adds.
    pairs = [(took_s(user.email), took_s("nobody.at.all@example.com")) for _ in range(9)]
    wrong, unknown = (min(times) for times in zip(*pairs, strict=True))
    assert 0.6 < unknown / wrong < 1.7, (wrong, unknown)


BAD = [
    ({}, {"email": "required", "password": "required"}),
    ({"email": "a@example.com"}, {"password": "required"}),
    ({"password": "eight bytes"}, {"email": "required"}),
    ({"email": 1, "password": "eight bytes"}, {"email": "wrong_type"}),
    ({"email": "a@example.com", "password": 12345678}, {"password": "wrong_type"}),
    ({"email": "a@example.com", "password": None}, {"password": "wrong_type"}),
    (
        {"email": "a@example.com", "password": "eight bytes", "otp": "1"},
        {"otp": "unknown_field"},
    ),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields(client, sent, fields):
    client.post("/api/users/login", sent).problem(422, "validation_failed", fields)


@pytest.mark.parametrize(
    "password", ["x" * 73, "y" * 10_000, "a\u0000b", "'; DROP TABLE users; --"]
)
def test_odd_passwords_are_only_wrong(client, user, password):
    reply = post(client, email=user.email, password=password)
    assert reply.status in (401, 422), str(reply)


def test_a_closed_account_cannot_sign_in(client, operator, user):
    operator.close_account(user).ok()
    post(client, email=user.email, password=user.password).problem(403, "account_closed")
    # Only who knows the password learns that the account is closed.
    post(client, email=user.email, password="not the password").problem(401, "invalid_credentials")


def test_a_frozen_account_can_sign_in_and_look(client, operator, user):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    body = post(client, email=user.email, password=user.password).ok()
    assert body["user"]["status"] == "frozen"
    client.get("/api/users/me", token=body["accessToken"]).ok()
