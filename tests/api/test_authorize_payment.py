"""The payer's own proof: a passkey signs the payment, the chain covers it, and receipts show it."""

import copy
import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.factors import aged, enrol, factors_of, renew
from harness.keys import b64url, claims_of
from harness.passkeys import EDDSA, ES256, RS256, UP, b64url_decode, new_passkey, register
from harness.platform import RECEIPT_KEY, run
from harness.receipts import alone, challenge_of
from harness.users import fresh_key

PATH = "/api/transactions"
OPTIONS = "/api/transactions/authorization"


@pytest.fixture
def passkey(platform, user):
    passkey = new_passkey(platform, counter=1)
    register(user, passkey)
    return passkey


def body_of(user, payee, amount="12.30", **fields):
    return {"sender_email": user.email, "receiver_id": payee.id, "amount": amount, **fields}


def sign(user, passkey, body, key, path=OPTIONS, **how):
    return passkey.get(user.post(path, body, key=key).ok(), **how)


def authorized(user, passkey, body, key=None, **how):
    key = key or fresh_key()
    return user.post(PATH, {**body, "passkey": sign(user, passkey, body, key, **how)}, key=key)


@pytest.fixture
def verify(platform):
    file = platform.dir / "authorization-jwks.json"
    file.write_text(platform.client.get("/.well-known/receipt-jwks.json").text)

    def check(receipt):
        command = ("verify-receipt", "-", "--jwks", str(file), "--json")
        return json.loads(run(*command, stdin=receipt, DATABASE_URL="", DATA_DIR="/none").stdout)

    return check


def receipt_of(by, identifier):
    return by.get(f"{PATH}/{identifier}/receipt").text


def test_the_challenge_is_the_payment(user, payee, passkey):
    key = fresh_key()
    asked = user.post(OPTIONS, body_of(user, payee, note="غداء"), key=key).ok()
    challenge = b64url_decode(asked["publicKey"].pop("challenge"))
    hashed = hashlib.sha256(key.encode()).digest()[:16]
    assert challenge == challenge_of(user.id, payee.id, 1230, "غداء", hashed)
    assert asked["publicKey"].pop("allowCredentials")[0]["id"] == b64url(passkey.id)
    assert asked == {
        "publicKey": {"timeout": 300_000, "rpId": "localhost", "userVerification": "required"},
        "payment": {
            "receiverId": payee.id,
            "amount": Decimal("12.30"),
            "currency": "EGP",
            "note": "غداء",
            "requestId": None,
        },
    }


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_each_algorithm_pays_and_both_sides_can_prove_it(
    platform, user, payee, operator, verify, algorithm
):
    passkey = new_passkey(platform, algorithm=algorithm)
    register(user, passkey)
    paid = authorized(user, passkey, body_of(user, payee, note="Lunch")).ok(201)
    for viewer in (user, payee, operator):
        verdict = verify(receipt_of(viewer, paid["id"]))
        assert verdict["genuine"], verdict
        approved = {"credentialId": b64url(passkey.id), "origin": passkey.origin}
        assert verdict["approvedBy"] == approved
    plain = user.pay(payee, 1).ok(201)
    receipt = receipt_of(user, plain["id"])
    assert "authorization" not in claims_of(receipt)
    assert "approvedBy" not in verify(receipt)


def test_it_is_said_in_words(platform, user, payee, passkey, verify):
    paid = authorized(user, passkey, body_of(user, payee)).ok(201)
    jwks = platform.dir / "authorization-jwks.json"
    receipt = receipt_of(payee, paid["id"])
    said = run("verify-receipt", "-", "--jwks", str(jwks), stdin=receipt, DATABASE_URL="")
    assert f"passkey {b64url(passkey.id)}" in said.stdout
    assert f"on {passkey.origin}: it has signed just this payment" in said.stdout


def resigned(claims):
    """As a platform would issue it that tells it differently."""
    return RECEIPT_KEY.sign(claims, {"typ": "receipt+jwt"})


@pytest.mark.parametrize(
    "what",
    [
        "publicKey",
        "clientDataJSON",
        "authenticatorData",
        "signature",
        "credentialId",
        "relyingParty",
    ],
)
def test_a_tampered_assertion_is_no_proof(user, payee, passkey, verify, what):
    paid = authorized(user, passkey, body_of(user, payee)).ok(201)
    claims = claims_of(receipt_of(user, paid["id"]))
    assert verify(resigned(claims))["genuine"]
    value = claims["authorization"][what]
    if what == "relyingParty":
        claims["authorization"][what] = "evil.example"
    else:
        data = bytearray(b64url_decode(value))
        data[-1] ^= 1
        claims["authorization"][what] = b64url(bytes(data))
    # The leaf covers every bit of it.
    assert verify(resigned(claims))["code"] == "not_in_batch"


def test_another_payment_is_not_what_was_signed(user, payee, passkey, new_user, verify):
    """The platform itself cannot move a proof to another payment: hashes of its own would fit."""
    paid = authorized(user, passkey, body_of(user, payee, note="Lunch")).ok(201)
    good = claims_of(receipt_of(user, paid["id"]))
    changes = {
        "amount": {"amount": "12.31", "amountMinor": 1231},
        "payee": {"receiverId": new_user().id},
        "payer": {"senderId": new_user().id},
        "note": {"note": "Dinner"},
        "reference": {"reference": payee.id},
    }
    for name, change in changes.items():
        claims = copy.deepcopy(good)
        claims["transaction"].update(change)
        assert verify(resigned(alone(claims)))["code"] == "bad_authorization", name
    claims = copy.deepcopy(good)
    claims["authorization"]["idempotencyKeyHash"] = "00" * 16
    assert verify(resigned(alone(claims)))["code"] == "bad_authorization"
    assert verify(resigned(alone(good)))["genuine"]


def test_what_was_signed_for_one_payment_pays_no_other(user, payee, passkey, new_user):
    body, key = body_of(user, payee), fresh_key()
    proof = sign(user, passkey, body, key)
    before = user.balance()
    for other in (
        {**body, "amount": "12.31"},
        {**body, "receiver_id": new_user().id},
        {**body, "note": "x"},
    ):
        user.post(PATH, {**other, "passkey": proof}, key=key).problem(401, "passkey_invalid")
    user.post(PATH, {**body, "passkey": proof}, key=fresh_key()).problem(401, "passkey_invalid")
    assert user.balance() == before
    assert user.post(PATH, {**body, "passkey": proof}, key=key).ok(201)


@pytest.mark.parametrize(
    "how",
    [
        {"flags": UP},
        {"rp_id": "evil.example"},
        {"client": {"origin": "https://evil.example"}},
        {"client": {"crossOrigin": True}},
        {"client": {"type": "webauthn.create"}},
        {"handle": b"somebody"},
        {"after": b"more"},
    ],
)
def test_what_is_no_assertion_pays_nothing(user, payee, passkey, how):
    before = user.balance()
    authorized(user, passkey, body_of(user, payee), **how).problem(401, "passkey_invalid")
    assert user.balance() == before


def test_anothers_passkey_and_one_that_was_removed(platform, user, payee, passkey, new_user):
    body, key = body_of(user, payee), fresh_key()
    other, theirs = new_user(), new_passkey(platform)
    register(other, theirs)
    options = user.post(OPTIONS, body, key=key).ok()
    theirs.user_handle = passkey.user_handle
    refused = user.post(PATH, {**body, "passkey": theirs.get(options)}, key=key)
    refused.problem(401, "passkey_invalid")
    mine = passkey.get(options)
    removal = {"password": user.password}
    user.post(f"/api/users/me/factors/passkeys/{passkey.info['id']}/removal", removal).ok(204)
    renew(user)
    user.post(PATH, {**body, "passkey": mine}, key=key).problem(401, "passkey_invalid")


def test_one_key_has_one_answer_however_often_it_is_signed(user, payee, passkey):
    body, key = body_of(user, payee), fresh_key()
    first = sign(user, passkey, body, key)
    paid = user.post(PATH, {**body, "passkey": first}, key=key).ok(201)
    balance = user.balance()
    for proof in (first, sign(user, passkey, body, key), None):
        sent = {**body, "passkey": proof} if proof else body
        reply = user.post(PATH, sent, key=key)
        assert reply.ok(201)["id"] == paid["id"]
        assert reply.headers["idempotent-replayed"] == "true"
    broken = {**first, "response": {**first["response"], "signature": b64url(b"none")}}
    assert user.post(PATH, {**body, "passkey": broken}, key=key).ok(201)["id"] == paid["id"]
    assert user.balance() == balance
    user.post(PATH, {**body, "amount": 1, "passkey": first}, key=key).problem(
        422, "idempotency_key_reused"
    )


def test_at_once_it_is_paid_once(user, payee, passkey):
    body, key = body_of(user, payee), fresh_key()
    proof = sign(user, passkey, body, key)
    before = payee.balance()
    with ThreadPoolExecutor(8) as pool:
        replies = list(
            pool.map(lambda _: user.post(PATH, {**body, "passkey": proof}, key=key), range(8))
        )
    assert len({reply.ok(201)["id"] for reply in replies}) == 1
    assert float(payee.balance()) - float(before) == pytest.approx(12.30)


def test_a_copy_is_found_by_its_counter(user, payee, passkey):
    authorized(user, passkey, body_of(user, payee)).ok(201)
    passkey.counter -= 1
    before = user.balance()
    authorized(user, passkey, body_of(user, payee), counts=False).problem(401, "passkey_copied")
    assert user.balance() == before
    (shown,) = factors_of(user)["passkeys"]
    assert shown["copiedAt"], "its owner is told"


def test_a_name_that_is_somebody_elses_by_now_is_not_paid(
    platform, user, operator, new_user, passkey
):
    """What was signed names the payee by id; the e-mail is another one's when the payment comes."""
    first = new_user()
    body = {"sender_email": user.email, "receiver_email": first.email, "amount": "3.00"}
    user.post(PATH, body, key=fresh_key()).ok(201)
    key = fresh_key()
    proof = sign(user, passkey, body, key)
    operator.close_account(first).ok()
    operator.post(f"/api/users/{first.id}/erasure", {"reason": "Asked"}).ok()
    second = new_user(email=first.email)
    before = second.balance()
    user.post(PATH, {**body, "passkey": proof}, key=key).problem(401, "passkey_invalid")
    assert second.balance() == before
    asked = user.post(OPTIONS, body, key=fresh_key()).ok()
    assert asked["payment"]["receiverId"] == second.id
    assert authorized(user, passkey, body).ok(201)
    assert second.balance() != before


def test_what_no_receipt_could_hold_is_refused(user, payee, passkey, verify):
    body = body_of(user, payee)
    for size, fits in ((3_000, True), (3_900, False)):
        reply = authorized(user, passkey, body, client={"pad": "x" * size})
        if fits:
            assert verify(receipt_of(payee, reply.ok(201)["id"]))["genuine"]
        else:
            reply.problem(401, "passkey_invalid")


def test_what_is_given_on_has_the_hash_alone(user, payee, passkey, verify):
    paid = authorized(user, passkey, body_of(user, payee)).ok(201)
    shown = user.get(f"{PATH}/{paid['id']}/receipt", params={"show": "nothing"}).text
    assert set(claims_of(shown)["authorization"]) == {"hash"}
    assert verify(shown)["genuine"]


def test_a_refused_payment_keeps_nothing(user, payee, passkey, operator):
    key, body = fresh_key(), body_of(user, payee, "5000")
    proof = sign(user, passkey, body, key)
    refused = user.post(PATH, {**body, "passkey": proof}, key=key)
    refused.problem(422, "insufficient_funds")
    # The counter is as it was, so the same answer is good once there is enough.
    operator.adjust(user, 5000).ok()
    assert user.post(PATH, {**body, "passkey": proof}, key=key).ok(201)


def test_it_is_the_factor_that_the_payers_rules_ask_for(user, payee, passkey):
    user.put("/api/users/me/factors/step-up", {"above": "5.00"}).ok()
    renew(user)
    later = aged(user)
    body, key = body_of(user, payee), fresh_key()
    later.post(PATH, body, key=key).problem(403, "step_up_required")
    assert authorized(later, passkey, body, key).ok(201)
    # It is proof of this payment, not of the session.
    later.post(PATH, body_of(user, payee), key=fresh_key()).problem(403, "step_up_required")


def test_a_request_is_paid_with_a_proof(user, payee, passkey, verify):
    asked = payee.post("/api/requests", {"amount": "7.00", "note": "Rent"}, key=fresh_key()).ok(201)
    path, key = f"/api/requests/{asked['id']}", fresh_key()
    proof = sign(user, passkey, {}, key, path=f"{path}/authorization")
    user.post(f"{path}/pay", {"passkey": proof}, key=fresh_key()).problem(401, "passkey_invalid")
    paid = user.post(f"{path}/pay", {"passkey": proof}, key=key).ok(201)
    receipt = receipt_of(payee, paid["id"])
    assert claims_of(receipt)["transaction"]["reference"] == asked["id"]
    assert verify(receipt)["approvedBy"]["credentialId"] == b64url(passkey.id)


def test_who_has_no_passkey_is_told(user, payee, new_user):
    user.post(OPTIONS, body_of(user, payee), key=fresh_key()).problem(404, "factor_not_found")
    enrol(user)
    user.post(OPTIONS, body_of(user, payee), key=fresh_key()).problem(404, "factor_not_found")


def test_wrong_input(user, payee, passkey):
    body = body_of(user, payee)
    user.post(OPTIONS, body).problem(428, "idempotency_key_required")
    user.post(OPTIONS, {**body, "amount": 0}, key=fresh_key()).problem(422, "validation_failed")
    somebody = {**body, "receiver_id": "00000000-0000-4000-8000-000000000000"}
    user.post(OPTIONS, somebody, key=fresh_key()).problem(404, "payee_not_found")
    user.post(OPTIONS, body_of(user, user), key=fresh_key()).problem(422, "self_transfer")
    stranger = {**body, "sender_email": payee.email}
    user.post(OPTIONS, stranger, key=fresh_key()).problem(403, "not_the_sender")
    key = fresh_key()
    proof = sign(user, passkey, body, key)
    user.post(PATH, {**body, "passkey": proof}).problem(428, "idempotency_key_required")
    for wrong in ({}, "x", {"id": "!", "type": "public-key", "response": {}}):
        user.post(PATH, {**body, "passkey": wrong}, key=key).problem(422, "validation_failed")
    huge = copy.deepcopy(proof)
    huge["response"]["clientDataJSON"] = b64url(secrets.token_bytes(4097))
    user.post(PATH, {**body, "passkey": huge}, key=key).problem(422, "validation_failed")


def test_an_erased_payer_leaves_the_hash(user, payee, passkey, operator, verify):
    paid = authorized(user, passkey, body_of(user, payee, note="Lunch")).ok(201)
    before = claims_of(receipt_of(payee, paid["id"]))
    assert before["authorization"]["credentialId"] == b64url(passkey.id)
    operator.close_account(user).ok()
    operator.post(f"/api/users/{user.id}/erasure", {"reason": "Asked"}).ok()
    receipt = receipt_of(payee, paid["id"])
    assert set(claims_of(receipt)["authorization"]) == {"hash"}
    verdict = verify(receipt)
    assert verdict["genuine"] and "approvedBy" not in verdict


def test_by_services_of_their_own(launch):
    """The transaction service knows passkeys by its own role in the database."""
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    origin = f"http://localhost:{users.ports.get('gateway', 8080)}"
    service = launch(
        "transaction",
        JWT_PRIVATE_KEY="",
        JWKS_URL=jwks,
        PASSKEY_DOMAIN="localhost",
        PASSKEY_ORIGINS=origin,
    )
    user, payee = users.new_user(), users.new_user()
    user.client.urls.update(service.urls)
    passkey = new_passkey(users, counter=1)
    register(user, passkey)
    body, key = body_of(user, payee), fresh_key()
    paid = authorized(user, passkey, body, key).ok(201)
    assert user.post(PATH, body, key=key).ok(201)["id"] == paid["id"]
    passkey.counter -= 1
    authorized(user, passkey, body, counts=False).problem(401, "passkey_copied")


def test_the_audit_misses_a_proof_that_is_gone(launch, cluster):
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    passkey = new_passkey(platform)
    register(user, passkey)
    paid = authorized(user, passkey, body_of(user, payee)).ok(201)
    owner, where = "SET session_replication_role = replica;", f"WHERE payer_id = '{user.id}'"
    cluster.sql(f"CREATE TABLE signed AS SELECT * FROM payment_authorizations {where}")
    cluster.sql(f"{owner} DELETE FROM payment_authorizations {where}")
    try:
        found = platform.run("audit")
        assert found.returncode == 1
        assert f"transfer {paid['id']}: what its payer has signed is not kept" in found.stdout
    finally:
        cluster.sql("INSERT INTO payment_authorizations SELECT * FROM signed; DROP TABLE signed")
    assert platform.run("audit").returncode == 0
