"""The token endpoint (RFC 6749, 7523, 8414), and what an access token of a program is good for."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import jwt
import pytest
from harness.contract import document, of_services
from harness.exact_json import Literal
from harness.factors import enrol, renew
from harness.holds import capture, hold
from harness.keys import SigningKey, claims_of, header_of
from harness.machines import (
    OWN,
    PLATFORM,
    TOKEN,
    WALLET_SCOPES,
    ClientKey,
    ask,
    basic,
    create,
    present,
    program,
    running,
)
from harness.requests import ask as request
from harness.splits import split
from harness.stream import Stream
from harness.users import fresh_key
from harness.waiting import wait_until

GRANT = {"grant_type": "client_credentials"}


def is_error(reply, status, error):
    assert (reply.status, reply.json["error"]) == (status, error), str(reply)


# ---- getting one


def test_a_secret_gets_a_token_by_header_and_by_body(client, user):
    shop = program(user, ["payments:read", "payments:write"])
    for reply in (
        ask(client, GRANT, headers=basic(shop.id, shop.secret)),
        ask(client, {**GRANT, "client_id": shop.id, "client_secret": shop.secret}),
        ask(client, {**GRANT, "client_id": shop.id}, headers=basic(shop.id, shop.secret)),
        # What is not known is passed over, what is empty is left out.
        ask(client, {**GRANT, "audience": "x", "scope": ""}, headers=basic(shop.id, shop.secret)),
    ):
        answer = reply.ok()
        assert reply.headers["cache-control"] == "no-store"
        token = answer.pop("access_token")
        assert answer == {
            "token_type": "Bearer",
            "expires_in": 900,
            "scope": "payments:read payments:write",
        }
        claims = claims_of(token)
        assert header_of(token)["typ"] == "at+jwt"
        assert claims["sub"] == claims["client_id"] == shop.id
        assert (claims["wallet"], claims["sid"]) == (user.id, shop.credential())
        assert (claims["iss"], claims["aud"]) == ("instapay", "instapay-api")
        assert claims["exp"] - claims["iat"] == 900
        assert uuid.UUID(claims["jti"])
        assert "role" not in claims


def test_fewer_scopes_for_who_asks_for_fewer(client, user):
    shop = program(user, ["payments:read", "reports:read"])
    narrow = shop.sign_in(scope="reports:read")
    assert claims_of(narrow.token)["scope"] == "reports:read"
    narrow.get(f"/api/reports/users/{user.id}").ok()
    narrow.get(f"/api/users/{user.id}/balance").problem(403, "insufficient_scope")
    for scope in (
        "payments:write",
        "reports:read payments:write",
        "reports:read  payments:read",
        "x",
    ):
        is_error(shop.ask(scope=scope), 400, "invalid_scope")


def test_refusals_are_those_of_the_rfc(client, user):
    shop = program(user, ["payments:read"])
    own = {"client_id": shop.id, "client_secret": shop.secret}
    is_error(ask(client, own), 400, "invalid_request")
    is_error(ask(client, {**own, "grant_type": "password"}), 400, "unsupported_grant_type")
    is_error(
        ask(client, {**GRANT, **own}, headers=basic(shop.id, shop.secret)), 400, "invalid_request"
    )
    twice = f"grant_type=client_credentials&grant_type=client_credentials&client_id={shop.id}"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    is_error(
        client.send("POST", TOKEN, content=twice.encode(), headers=form), 400, "invalid_request"
    )
    is_error(client.send("POST", TOKEN, content=b"a=%ZZ", headers=form), 400, "invalid_request")
    is_error(client.post(TOKEN, {**GRANT, **own}), 400, "invalid_request")
    other = program(user, ["payments:read"])
    for headers, fields in (
        ({}, {"client_id": shop.id, "client_secret": shop.secret + "x"}),
        ({}, {"client_id": shop.id, "client_secret": other.secret}),
        ({}, {"client_id": str(uuid.uuid4()), "client_secret": shop.secret}),
        ({}, {"client_id": "me", "client_secret": shop.secret}),
        ({}, {"client_id": shop.id}),
        ({}, {}),
        (basic(shop.id, "wrong"), {}),
        (basic(shop.id, shop.secret), {"client_id": other.id}),
        ({"Authorization": "Basic !!!"}, {}),
        ({"Authorization": f"Bearer {user.token}"}, {}),
    ):
        reply = ask(client, {**GRANT, **fields}, headers=headers)
        is_error(reply, 401, "invalid_client")
        assert reply.headers["www-authenticate"].startswith("Basic ")


def test_a_token_lives_no_longer_than_its_account(user):
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 60))
    shop = program(user, ["payments:read"], expiresAt=soon)
    assert shop.ask().ok()["expires_in"] <= 60
    brief = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    shop = running(user, ["payments:read"], expiresAt=brief)
    path = f"/api/users/{user.id}/balance"
    shop.get(path).ok()
    wait_until(lambda: shop.get(path).status == 401, 10, "it has expired")
    shop.get(path).problem(401, "token_expired")
    wait_until(lambda: shop.ask().status == 400, 10, "the account has ended")
    is_error(shop.ask(), 400, "unauthorized_client")


def test_metadata_says_where_and_how(client, platform):
    found = client.get("/.well-known/oauth-authorization-server").ok()
    issuer = found["issuer"]
    assert issuer.startswith("http")
    assert found["token_endpoint"] == f"{issuer}/oauth/token"
    assert found["jwks_uri"] == f"{issuer}/.well-known/jwks.json"
    assert found["grant_types_supported"] == ["client_credentials"]
    assert set(found["scopes_supported"]) == {*WALLET_SCOPES, "actions:read"}
    assert found["token_endpoint_auth_methods_supported"] == [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ]
    assert found["token_endpoint_auth_signing_alg_values_supported"] == ["RS256", "ES256", "EdDSA"]


# ---- keys of its own


@pytest.fixture(scope="module")
def issuer(client):
    return client.get("/.well-known/oauth-authorization-server").ok()["issuer"]


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
def test_a_key_of_ones_own_gets_a_token(client, user, issuer, algorithm):
    key = ClientKey(algorithm)
    made = create(user, ["payments:read"], publicKey=key.jwk).ok(201)
    assert made["clientSecret"] is None
    account = made["serviceAccount"]
    [credential] = account["credentials"]
    assert credential["kind"] == "key"
    assert key.jwk.items() <= credential["publicKey"].items()
    for audience in (issuer, f"{issuer}/oauth/token", [issuer]):
        present(client, key.assertion(account["id"], audience)).ok()
    present(client, key.assertion(account["id"], issuer), client_id=account["id"]).ok()
    stranger = ClientKey(algorithm)
    is_error(present(client, stranger.assertion(account["id"], issuer)), 401, "invalid_client")


def test_an_assertion_is_used_once_whoever_has_it(client, user, issuer):
    key = ClientKey()
    account = create(user, ["payments:read"], publicKey=key.jwk).ok(201)["serviceAccount"]
    stolen = key.assertion(account["id"], issuer)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: present(client, stolen), range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [401] * 7
    # Nor may another be made with its number.
    number = claims_of(stolen)["jti"]
    is_error(
        present(client, key.assertion(account["id"], issuer, jti=number)), 401, "invalid_client"
    )
    # Numbers are each client's own.
    other_key = ClientKey()
    other = create(user, ["payments:read"], publicKey=other_key.jwk).ok(201)["serviceAccount"]
    present(client, other_key.assertion(other["id"], issuer, jti=number)).ok()


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"aud": "instapay-api"},
        {"iss": "somebody"},
        {"sub": "01a00000-0000-7000-8000-00000000000a"},
        {"exp": None},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"jti": None},
        {"jti": "x" * 129},
    ],
    ids=str,
)
def test_what_an_assertion_must_say(client, user, issuer, change):
    key = ClientKey()
    account = create(user, ["payments:read"], publicKey=key.jwk).ok(201)["serviceAccount"]
    assertion = key.assertion(account["id"], issuer, **change)
    is_error(present(client, assertion), 401, "invalid_client")


def test_no_other_way_to_sign(client, user, issuer):
    key = ClientKey("RS256")
    account = create(user, ["payments:read"], publicKey=key.jwk).ok(201)["serviceAccount"]
    good = key.assertion(account["id"], issuer)
    claims = claims_of(good)
    head, body, signature = good.split(".")
    unsigned = jwt.encode(claims, None, algorithm="none")
    symmetric = jwt.encode(claims, "s" * 32, algorithm="HS256")
    for text in (
        unsigned,
        symmetric,
        f"{head}.{body}.",
        f"{head}.{body}",
        "",
        "x",
        f"{head}.{body}.{signature[::-1]}",
        user.token,
    ):
        fields = {"client_id": account["id"]} if text else {}
        is_error(present(client, text, **fields), 401, "invalid_client")
    # Somebody else's access token is no assertion, even signed by the account's own key.
    present(client, good).ok()


# ---- what it is good for


@pytest.fixture(scope="module")
def cast(platform, operator):
    """A program for each scope, with nothing else."""
    owner = platform.new_user()
    programs = {scope: running(owner, [scope]) for scope in WALLET_SCOPES}
    ours = {
        scope: running(operator, [scope], PLATFORM) for scope in ("reports:read", "actions:read")
    }
    return owner, programs, ours


def scope_of(operation):
    described = document()["paths"][operation.path][operation.method.lower()]
    named = [way["oauth2"] for way in described.get("security", []) if "oauth2" in way]
    assert len(named) <= 1 and all(len(scopes) == 1 for scopes in named), operation
    return named[0][0] if named else None


PROTECTED = [operation for operation in of_services() if operation.protected]


@pytest.mark.parametrize("operation", PROTECTED, ids=str)
def test_each_endpoint_asks_for_the_scope_that_the_document_says(client, cast, operation):
    owner, programs, ours = cast
    needed = scope_of(operation)
    path = operation.example_path()
    body = {"body": Literal("{}")} if operation.has_body else {}
    everybody = [(scope, p, "wallet") for scope, p in programs.items()]
    everybody += [(scope, p, "platform") for scope, p in ours.items()]
    allowed = 0
    for scope, asking, kind in everybody:
        if path.endswith("/stream") and scope == needed:
            continue  # never ends by itself: test_stream_entries.py
        reply = asking.send(operation.method, path, **body)
        refused = reply.status == 403 and reply.json["code"] == "insufficient_scope"
        if scope != needed:
            assert refused, f"{kind} {scope}: {reply}"
            assert "insufficient_scope" in reply.headers["www-authenticate"]
        allowed += not refused
    if needed is not None and not path.endswith("/stream"):
        assert allowed > 0, f"nobody may: {operation}"


def test_the_platforms_programs_read_reports_and_wallets_do_not(cast):
    owner, programs, ours = cast
    reports = ours["reports:read"]
    for path in ("transactions", "system", "ledger", "services", f"users/{owner.id}"):
        reports.get(f"/api/reports/{path}").ok()
    ours["actions:read"].get("/api/reports/actions").ok()
    programs["reports:read"].get(f"/api/reports/users/{owner.id}").ok()
    programs["reports:read"].get("/api/reports/system").problem(403, "insufficient_scope")
    programs["reports:read"].get("/api/reports/actions").problem(403, "insufficient_scope")
    other = "/api/reports/users/00000000-0000-0000-0000-000000000007"
    assert programs["reports:read"].get(other).status == 403


def test_a_program_of_an_operators_wallet_is_no_operator(operator, user):
    own = running(operator, ["payments:read", "reports:read", "refunds:write"])
    own.get(f"/api/users/{user.id}/balance").problem(403, "forbidden")
    own.get("/api/reports/system").problem(403, "insufficient_scope")
    own.get("/api/users").problem(403, "insufficient_scope")
    own.send("PUT", f"/api/users/{user.id}/balance", {"amount": 1}, key=fresh_key()).problem(
        403, "insufficient_scope"
    )


def test_a_token_of_a_person_needs_no_scope(user):
    user.get(f"/api/users/{user.id}/balance").ok()
    assert "scope" not in claims_of(user.token)


def test_a_scope_is_not_what_somebody_else_signs(client, user):
    shop = running(user, ["payments:read"])
    claims = claims_of(shop.token)
    forged = SigningKey().sign({**claims, "scope": "payments:write"})
    client.get(f"/api/users/{user.id}/balance", token=forged).problem(401, "token_invalid")


# ---- paying


def test_what_it_pays_is_the_wallets_and_says_who_ordered_it(user, payee, auditor):
    shop = running(user, ["payments:write", "payments:read"])
    done = shop.pay(user, payee, "12.50").ok(201)
    assert done["senderId"] == user.id
    assert user.balance() == Decimal("987.50")
    receipt = shop.get(f"/api/transactions/{done['id']}/receipt")
    assert claims_of(receipt.text)["transaction"]["actorId"] == shop.id
    # It is no operator's action.
    assert auditor.get("/api/reports/actions", params={"actor": shop.id}).ok()["data"] == []
    [account] = user.get(OWN).ok()["data"]
    assert account["limits"]["orderedToday"] == Decimal("12.50")


def test_a_key_is_one_request_of_one_principal(user, payee):
    shop = running(user, ["payments:write"])
    other = running(user, ["payments:write"])
    key = fresh_key()
    body = {"sender_email": user.email, "receiver_id": payee.id, "amount": 5}
    mine = user.post("/api/transactions", body, key=key).ok(201)["id"]
    its = shop.post("/api/transactions", body, key=key).ok(201)["id"]
    others = other.post("/api/transactions", body, key=key).ok(201)["id"]
    assert len({mine, its, others}) == 3
    for asking, first in ((user, mine), (shop, its), (other, others)):
        again = asking.post("/api/transactions", body, key=key)
        assert (again.ok(201)["id"], again.headers["idempotent-replayed"]) == (first, "true")
    shop.post("/api/transactions", {**body, "amount": 6}, key=key).problem(
        422, "idempotency_key_reused"
    )
    assert user.balance() == 985


def test_a_request_for_money_has_keys_of_its_own_too(user):
    shop = running(user, ["requests:write", "requests:read"])
    key = fresh_key()
    body = {"amount": "3.00", "note": "Order 7"}
    its = shop.post("/api/requests", body, key=key).ok(201)["id"]
    mine = user.post("/api/requests", body, key=key).ok(201)["id"]
    assert its != mine
    assert shop.post("/api/requests", body, key=key).ok(201)["id"] == its
    shop.get(f"/api/requests/{its}").ok()
    shop.post(f"/api/requests/{its}/cancel", {}).ok()


def test_a_program_splits_payments_with_the_right_to_read_them(user, payee):
    payee.put("/api/requests/settings", {"fromAnyone": True}).ok()
    paid = user.pay(payee, 10).ok(201)["id"]
    shop = running(user, ["requests:write", "requests:read"])
    split(shop, [payee], payment=paid).problem(403, "insufficient_scope")
    key = fresh_key()
    its = split(shop, [payee], key=key, amount=10).ok(201)["id"]
    assert split(user, [payee], key=key, amount=10).ok(201)["id"] != its
    assert shop.get(f"/api/splits/{its}").ok()["counts"]["open"] == 1
    shop.post(f"/api/splits/{its}/cancel").ok()
    reading = running(user, ["requests:write", "payments:read"])
    assert split(reading, [payee], payment=paid).ok(201)["payment"] == paid


def test_a_stream_tells_programs_of_requests_and_not_of_holds(user, payee):
    shop = running(payee, ["payments:read", "requests:read"])
    user.put("/api/requests/settings", {"fromAnyone": True}).ok()
    with Stream(shop) as stream:
        stream.wait_open()
        made = hold(user, payee, 30).ok(201)
        capture(payee, made).ok(201)
        request(payee, user, amount=1).ok(201)
        heard = []
        while "request" not in heard:
            heard.append(stream.next_event()[0])
    assert heard == ["entry", "request"]


def test_limits_hold_and_what_was_refused_counts_not(user, payee):
    limits = {"perRequest": "100.00", "perDay": "150.00"}
    shop = running(user, ["payments:write"], limits=limits)

    def left():
        ordered = user.get(OWN).ok()["data"][0]["limits"]["orderedToday"]
        return 150 - ordered

    shop.pay(user, payee, "100.01").problem(422, "allowance_exceeded")
    key = fresh_key()
    shop.pay(user, payee, 100, key=key).ok(201)
    assert left() == 50
    # A replay takes nothing, even when nothing is left for it.
    assert shop.pay(user, payee, 100, key=key).ok(201)
    assert left() == 50
    shop.pay(user, payee, "50.01").problem(422, "allowance_exceeded")
    user.pay(payee, 890).ok(201)
    shop.pay(user, payee, 50).problem(422, "insufficient_funds")
    assert left() == 50
    batch = {
        "transfers": [
            {"receiver_id": payee.id, "amount": 6},
            {"receiver_id": payee.id, "amount": 7},
        ]
    }
    done = shop.post("/api/transactions/batch", batch, key=fresh_key()).ok()
    assert (done["completed"], done["rejected"]) == (1, 1)
    assert left() == 44
    over = {
        "transfers": [
            {"receiver_id": payee.id, "amount": 40},
            {"receiver_id": payee.id, "amount": 5},
        ]
    }
    shop.post("/api/transactions/batch", over, key=fresh_key()).problem(422, "allowance_exceeded")
    assert user.balance() == 4


def test_many_at_once_never_pass_the_day(user, payee):
    shop = running(user, ["payments:write"], limits={"perRequest": 10, "perDay": 100})
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: shop.pay(user, payee, 10), range(30)))
    assert sum(reply.status == 201 for reply in replies) == 10
    for reply in replies:
        if reply.status != 201:
            reply.problem(422, "allowance_exceeded")
    assert payee.balance() == 1100


def test_limits_set_with_a_factor_stand_in_place_of_the_rules(user, payee):
    unproven = running(user, ["payments:write"])
    enrol(user)
    proven = running(user, ["payments:write"])
    rules = {"above": "20.00", "newPayees": True}
    user.put("/api/users/me/factors/step-up", rules).ok()
    proven.pay(user, payee, 30).ok(201)
    unproven.pay(user, payee, 30).problem(403, "step_up_impossible")
    unproven.pay(user, payee, 20).ok(201)


def test_a_new_payee_is_refused_where_the_rules_ask(user, payee, new_user):
    shop = running(user, ["payments:write"])
    enrol(user)
    user.put("/api/users/me/factors/step-up", {"newPayees": True}).ok()
    renew(user)
    shop.pay(user, payee, 1).problem(403, "step_up_impossible")
    user.pay(payee, 1).ok(201)
    shop.pay(user, payee, 1).ok(201)
    shop.pay(user, new_user(), 1).problem(403, "step_up_impossible")
    assert user.get(OWN).ok()["data"][0]["limits"]["orderedToday"] == 1


def test_refunds_are_a_scope_of_their_own(user, payee, operator):
    paid = user.pay(payee, 40).ok(201)["id"]
    shop = running(payee, ["refunds:write"])
    path = f"/api/transactions/{paid}/refund"
    running(payee, ["payments:write"]).post(path, {}).problem(403, "insufficient_scope")
    running(user, ["refunds:write"]).post(path, {}).problem(403, "forbidden")
    key = fresh_key()
    first = shop.post(path, {"amount": 10}, key=key).ok(201)
    assert shop.post(path, {"amount": 10}, key=key).ok(201)["id"] == first["id"]
    # It is its owner's order: a frozen wallet gives nothing back, as its owner could not.
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    shop.post(path, {"amount": 1}).problem(422, "sender_frozen")
    assert user.balance() == 970


# ---- limits of their own


def test_a_program_and_its_owner_have_rates_of_their_own(launch):
    platform = launch(RATE_LIMIT_USER_PER_S="5")
    user = platform.new_user()
    shop = running(user, ["payments:read"])
    path = f"/api/users/{user.id}/balance"
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: shop.get(path), range(60)))
    assert any(reply.status == 429 for reply in replies)
    user.get(path).ok()


def test_who_asks_for_too_many_tokens_waits(launch):
    platform = launch(RATE_LIMIT_USER_PER_S="3")
    user = platform.new_user()
    shop, other = program(user, ["payments:read"]), program(user, ["payments:read"])
    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(lambda _: shop.ask(), range(40)))
    refused = [reply for reply in replies if reply.status == 429]
    assert refused
    for reply in refused:
        reply.problem(429, "rate_limited")
    other.ask().ok()


def test_wrong_secrets_slow_down_their_sender_and_not_the_account(launch):
    platform = launch(LOGIN_ATTEMPTS_PER_MIN="5", TRUSTED_PROXIES="127.0.0.1/32")
    user = platform.new_user()
    shop = program(user, ["payments:read"])
    thief, owner = {"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "198.51.100.7"}
    wrong = {**GRANT, "client_id": shop.id, "client_secret": "wrong"}
    replies = [ask(platform.client, wrong, headers=thief) for _ in range(8)]
    assert [reply.status for reply in replies] == [401] * 5 + [429] * 3
    right = {**wrong, "client_secret": shop.secret}
    ask(platform.client, right, headers=thief).problem(429, "rate_limited")
    for _ in range(8):
        ask(platform.client, right, headers=owner).ok()


# ---- each service a process


def test_revoked_within_two_seconds_in_processes_of_their_own(launch):
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    others = {
        name: launch(name, JWT_PRIVATE_KEY="", JWKS_URL=jwks)
        for name in ("transaction", "reporting")
    }
    user, payee = users.new_user(), users.new_user()
    shop = running(user, ["payments:write", "payments:read", "reports:read"])
    for service in others.values():
        users.client.urls.update(service.urls)
    shop.pay(user, payee, 1).ok(201)
    asked = {
        "user": f"/api/users/{user.id}/balance",
        "transaction": f"/api/transactions/user/{user.id}",
        "reporting": f"/api/reports/users/{user.id}",
    }
    for path in asked.values():
        shop.get(path).ok()
    user.delete(f"{OWN}/{shop.id}").ok(204)
    for name, path in asked.items():
        wait_until(lambda p=path: shop.get(p).status == 401, 2, f"{name} knows")
        shop.get(path).problem(401, "token_revoked")
