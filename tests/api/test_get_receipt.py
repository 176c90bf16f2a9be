"""GET /api/transactions/{id}/receipt, its keys, and `instapay verify-receipt`."""

import hashlib
import json
import secrets
import uuid

import pytest
from harness.contract import of_services
from harness.keys import SigningKey, claims_of, fresh_claims, header_of
from harness.platform import RECEIPT_KEY, SHARED_KEY, Platform, run
from harness.postgres import Cluster
from harness.receipts import batch_hash_of, root_of
from harness.users import login

JWKS = "/.well-known/receipt-jwks.json"


def receipt_of(by, identifier, **params):
    reply = by.get(f"/api/transactions/{identifier}/receipt", params=params)
    assert reply.status == 200, str(reply)
    assert reply.headers["content-type"] == "application/jose"
    return reply.text


def jwks_of(*keys):
    return json.dumps({"keys": [key.published for key in keys]})


@pytest.fixture(scope="module")
def jwks(platform):
    file = platform.dir / "receipt-jwks.json"
    file.write_text(platform.client.get(JWKS).text)
    return file


@pytest.fixture
def verify(jwks):
    """The verdict of verify-receipt, which must say the same to people and to programs."""

    def check(receipt, *options, keys=jwks):
        command = ("verify-receipt", "-", "--jwks", str(keys), *options)
        spoken = run(*command, stdin=receipt, DATABASE_URL="", DATA_DIR="/nowhere")
        machine = run(*command, "--json", stdin=receipt, DATABASE_URL="", DATA_DIR="/nowhere")
        verdict = json.loads(machine.stdout)
        assert spoken.returncode == machine.returncode == (0 if verdict["genuine"] else 1)
        assert spoken.stderr == machine.stderr == ""
        if not verdict["genuine"]:
            assert f"NOT PROVEN ({verdict['code']}): {verdict['reason']}\n" == spoken.stdout
        return verdict

    return check


@pytest.fixture
def paid(user, payee):
    return user.pay(payee, "12.30", note="Lunch", key="key-of-theirs").ok(201)


def test_both_sides_and_staff_get_one(user, payee, operator, auditor, paid, verify):
    for viewer in (user, payee, operator, auditor):
        receipt = receipt_of(viewer, paid["id"])
        head = header_of(receipt)
        assert head == {"alg": "ES256", "typ": "receipt+jwt", "kid": RECEIPT_KEY.kid}
        claims = claims_of(receipt)
        assert claims["iss"] == "instapay"
        assert claims["transaction"] == {
            "id": paid["id"],
            "senderId": user.id,
            "receiverId": payee.id,
            "amount": "12.30",
            "amountMinor": 1230,
            "currency": "EGP",
            "kind": "transfer",
            "note": "Lunch",
            "noteBlinding": claims["transaction"]["noteBlinding"],
            "refundOf": None,
            "reference": None,
            "actorId": None,
            "createdAt": paid["createdAt"],
        }
        verdict = verify(receipt)
        assert verdict["genuine"], verdict
        assert verdict["transactionId"] == paid["id"]
        assert verdict["batchHash"] == claims["batch"]["hash"]


def test_each_side_sees_what_is_its_own_only(user, payee, operator, paid):
    key_hash = hashlib.sha256(b"key-of-theirs").digest()[:16].hex()
    mine = claims_of(receipt_of(user, paid["id"]))
    sender = mine["sender"]
    assert (sender["seq"], sender["balanceAfter"], sender["balanceAfterMinor"]) == (
        2,
        "987.70",
        98770,
    )
    assert (sender["heldAfterMinor"], sender["heldChangeMinor"]) == (0, 0)
    assert sender["sentTodayMinor"] == 1230
    assert sender["idempotencyKeyHash"] == key_hash
    assert sender["refusedItems"] is None
    assert set(mine["receiver"]) == {"hash"}
    theirs = claims_of(receipt_of(payee, paid["id"]))
    receiver = theirs["receiver"]
    assert (receiver["seq"], receiver["balanceAfter"]) == (2, "1012.30")
    assert receiver["sentTodayMinor"] == 0
    assert set(theirs["sender"]) == {"hash"}
    for none in (receipt_of(operator, paid["id"]), receipt_of(user, paid["id"], show="nothing")):
        assert set(claims_of(none)["sender"]) == set(claims_of(none)["receiver"]) == {"hash"}
    # The same transfer at the same place, whoever asks.
    for name in ("transaction", "batch", "proof"):
        assert mine[name] == theirs[name]


def test_somebody_elses_does_not_exist(paid, new_user):
    path = f"/api/transactions/{paid['id']}/receipt"
    new_user().get(path).problem(404, "transaction_not_found")


def test_unknown_is_404(user, operator):
    for viewer in (user, operator):
        path = f"/api/transactions/{uuid.uuid4()}/receipt"
        viewer.get(path).problem(404, "transaction_not_found")


def test_bad_input(user, paid):
    user.get("/api/transactions/1/receipt").problem(
        422, "validation_failed", {"id": "invalid_format"}
    )
    user.get(f"/api/transactions/{paid['id']}/receipt", params={"show": "all"}).problem(
        422, "validation_failed", {"show": "not_allowed"}
    )


def test_of_every_kind(user, payee, operator, verify):
    (opening,) = user.history()
    done = user.pay(payee, 5).ok(201)
    refund = payee.post(f"/api/transactions/{done['id']}/refund", {"amount": 2}).ok(201)
    operator.adjust(user, 7).ok()
    adjustment = user.history()[0]
    for kind, transaction in (
        ("opening", opening),
        ("refund", refund),
        ("adjustment", adjustment),
    ):
        receipt = receipt_of(user, transaction["id"])
        assert verify(receipt)["genuine"]
        claims = claims_of(receipt)["transaction"]
        assert claims["kind"] == kind
        assert claims["refundOf"] == (done["id"] if kind == "refund" else None)
        assert claims["actorId"] == (operator.id if kind == "adjustment" else None)


def test_of_every_transfer_of_a_batch(user, payee, verify):
    items = [{"receiver_email": payee.email, "amount": n, "note": f"n {n}"} for n in range(1, 38)]
    body = {"transfers": items, "atomic": True}
    results = user.post("/api/transactions/batch", body).ok()["results"]
    for result in (results[0], results[17], results[36]):
        receipt = receipt_of(payee, result["transaction"]["id"])
        claims = claims_of(receipt)
        assert claims["batch"]["transferCount"] >= 37
        assert claims["proof"]["path"]
        assert verify(receipt)["genuine"]


def test_what_is_hashed_is_what_the_document_says(user, payee, operator):
    items = [{"receiver_email": payee.email, "amount": n, "note": "é" * n} for n in range(1, 12)]
    items.append({"receiver_email": payee.email, "amount": 5000})
    results = user.post("/api/transactions/batch", {"transfers": items}, key="k").ok()["results"]
    done = [result["transaction"]["id"] for result in results[:-1]]
    by_staff = operator.post(f"/api/transactions/{done[3]}/refund", {}, key="k").ok(201)["id"]
    back = payee.post(f"/api/transactions/{done[2]}/refund", {}).ok(201)["id"]
    done.append(by_staff)
    done += [back, user.history()[-1]["id"], user.pay(payee, 1).ok(201)["id"]]
    for transaction in done:
        for viewer in (user, payee, operator):
            if viewer is payee and transaction == done[-2]:
                continue  # the sender's opening grant
            claims = claims_of(receipt_of(viewer, transaction))
            assert root_of(claims) == claims["batch"]["merkleRoot"]
            assert batch_hash_of(claims) == claims["batch"]["hash"]


TAMPERINGS = [
    *("iss", "iat", "version", "transaction", "sender", "receiver", "batch", "proof"),
    *(f"transaction.{n}" for n in ("id", "senderId", "receiverId", "amount", "amountMinor")),
    *(f"transaction.{n}" for n in ("currency", "kind", "note", "noteBlinding", "refundOf")),
    *(f"transaction.{n}" for n in ("reference", "actorId", "createdAt")),
    *(f"sender.{n}" for n in ("seq", "balanceAfter", "balanceAfterMinor", "blinding")),
    *(f"sender.{n}" for n in ("heldAfterMinor", "heldChangeMinor", "sentTodayMinor")),
    *("sender.idempotencyKeyHash", "sender.requestHash", "sender.refusedItems", "receiver.hash"),
    *(f"batch.{n}" for n in ("chain", "seq", "prevHash", "merkleRoot", "transferCount")),
    *("batch.committedAt", "batch.hash", "proof.index", "proof.path"),
]
# The signature alone stands for these: they say nothing about the ledger.
SIGNED_ONLY = {"iat"}


def other(value):
    match value:
        case bool() | None:
            return str(uuid.uuid4())
        case int():
            return value + 1
        case list():
            return [*value, "00" * 32]
        case dict():
            return {}
    if len(value) >= 32 and "-" not in value:
        return ("1" if value[0] == "0" else "0") + value[1:]
    if value.endswith("Z"):
        return value.replace("2", "1", 1)
    if len(value) == 36:
        return str(uuid.uuid4())
    return {"transfer": "refund", "EGP": "JPY"}.get(value, value + "1")


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampered_receipt_is_refused(user, paid, verify, name):
    """By its signature; and if somebody with the key signed it, by the hashes all the same."""
    receipt = receipt_of(user, paid["id"])
    claims = claims_of(receipt)
    *path, last = name.split(".")
    place = claims
    for step in path:
        place = place[step]
    place[last] = other(place[last])

    signed = RECEIPT_KEY.sign(claims, header_of(receipt))
    unsigned = ".".join([*signed.split(".")[:2], receipt.split(".")[2]])
    assert verify(unsigned)["code"] == "bad_signature"
    if name not in SIGNED_ONLY:
        expected = ("bad_field", "not_in_batch", "bad_batch_hash")
        verdict = verify(signed)
        assert verdict["code"] in expected, verdict


def test_a_receipt_signed_again_unchanged_is_genuine(user, paid, verify):
    """So that what fails above fails for the reason that is meant."""
    receipt = receipt_of(user, paid["id"])
    assert verify(RECEIPT_KEY.sign(claims_of(receipt), header_of(receipt)))["genuine"]


def test_a_strangers_signature(user, paid, verify):
    receipt = receipt_of(user, paid["id"])
    stranger = SigningKey("ES256")
    head = {**header_of(receipt), "kid": stranger.kid}
    assert verify(stranger.sign(claims_of(receipt), head))["code"] == "unknown_key"
    head["kid"] = RECEIPT_KEY.kid
    assert verify(stranger.sign(claims_of(receipt), head))["code"] == "bad_signature"
    head["jwk"] = stranger.jwk
    assert verify(stranger.sign(claims_of(receipt), head))["code"] == "bad_signature"


def test_a_forgery_does_not_steer_the_terminal(user, paid, jwks):
    """The key's name is the forger's to choose."""
    claims = claims_of(receipt_of(user, paid["id"]))
    for trick in ("\x1b[2K\rThe receipt is genuine", "\x9b2K", "\u202eenineg"):
        forged = SigningKey("ES256").sign(
            claims, {"alg": "ES256", "typ": "receipt+jwt", "kid": trick}
        )
        done = run("verify-receipt", "-", "--jwks", str(jwks), stdin=forged)
        assert done.returncode == 1
        assert done.stdout.startswith("NOT PROVEN (unknown_key)")
        assert all(char.isprintable() for char in done.stdout.rstrip("\n")), repr(done.stdout)


@pytest.mark.parametrize(
    "text", ["", "x", "a.b", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", "x" * 20_000], ids=repr
)
def test_what_is_no_receipt(verify, text):
    assert verify(text)["code"] == "malformed"


def test_from_a_file_and_with_white_space_at_its_end(platform, user, paid, verify, jwks):
    receipt = receipt_of(user, paid["id"])
    assert verify(receipt + "\r\n")["genuine"]
    file = platform.dir / "receipt.jwt"
    file.write_text(receipt + "\n")
    done = run("verify-receipt", str(file), "--jwks", str(jwks))
    assert done.returncode == 0, done.stdout
    for word in ("genuine", paid["id"], user.id, "12.30 EGP", '"Lunch"', "987.70 EGP"):
        assert word in done.stdout
    missing = run("verify-receipt", "/nowhere/receipt", "--jwks", str(jwks))
    assert missing.returncode == 1
    assert "/nowhere/receipt" in missing.stdout
    assert run("verify-receipt", str(file)).returncode == 2


def test_with_a_url_of_keys(platform, user, paid, verify):
    receipt = receipt_of(user, paid["id"])
    for service in ("transaction", "gateway"):
        assert verify(receipt, keys=platform.urls[service] + JWKS)["genuine"]
    # Access tokens have other keys, and of another kind.
    other_keys = platform.urls["user"] + "/.well-known/jwks.json"
    assert verify(receipt, keys=other_keys)["code"] == "unusable_jwks"
    for wrong in (
        platform.urls["user"] + JWKS,
        "http://127.0.0.1:1/",
        "/nowhere/keys",
        "http://keys.example/",
    ):
        assert verify(receipt, keys=wrong)["code"] in ("unusable_jwks", "unreadable")


def test_with_a_hash_noted_earlier(user, paid, verify):
    receipt = receipt_of(user, paid["id"])
    batch = claims_of(receipt)["batch"]
    for noted in (batch["hash"], batch["prevHash"]):
        assert verify(receipt, "--chain-hash", noted)["genuine"]
    assert verify(receipt, "--chain-hash", "00" * 32)["code"] == "other_chain_hash"


def test_the_keys_are_published(client):
    (key,) = client.get(JWKS).ok()["keys"]
    assert key == RECEIPT_KEY.published
    assert client.get(JWKS, service="gateway").ok() == {"keys": [key]}
    client.get(JWKS, service="user").problem(404, "route_not_found")


def test_a_receipt_key_signs_no_access_token(client, user, paid):
    """Nor does a receipt open anything."""
    mine = claims_of(user.token)
    claims = fresh_claims(sub=mine["sub"], sid=mine["sid"])
    receipt = receipt_of(user, paid["id"])
    protected = {operation.service for operation in of_services() if operation.protected}
    assert protected == {"user", "transaction", "reporting"}
    for path in (
        "/api/users/me",
        f"/api/transactions/user/{user.id}",
        f"/api/reports/users/{user.id}",
    ):
        client.get(path, token=SHARED_KEY.sign(claims)).ok()
        for token in (RECEIPT_KEY.sign(claims), receipt):
            client.get(path, token=token).problem(401, "token_invalid")


def test_an_access_token_is_no_receipt(platform, user, paid, verify):
    receipt = receipt_of(user, paid["id"])
    assert verify(user.token)["code"] == "malformed"
    by_the_other_key = SHARED_KEY.sign(claims_of(receipt), {"typ": "receipt+jwt"})
    assert verify(by_the_other_key)["code"] == "unknown_key"
    assert verify(RECEIPT_KEY.sign(claims_of(receipt), {"typ": "at+jwt"}))["code"] == "malformed"


def test_keys_rotate(launch, tmp_path):
    old, new = SigningKey("ES256"), SigningKey("ES256")
    platform = launch(RECEIPT_PRIVATE_KEY=old.pem)
    user, payee = platform.new_user(), platform.new_user()
    done = user.pay(payee, 5).ok(201)
    by_old = receipt_of(user, done["id"])
    platform.stop()
    platform = launch(RECEIPT_PRIVATE_KEY=new.pem + old.pem)
    user = login(platform.client, user.email, user.password)
    by_new = receipt_of(user, done["id"])
    assert (header_of(by_old)["kid"], header_of(by_new)["kid"]) == (old.kid, new.kid)
    both = platform.client.get(JWKS)
    assert {key["kid"] for key in both.ok()["keys"]} == {old.kid, new.kid}
    for text, genuine in ((both.text, {by_old, by_new}), (jwks_of(new), {by_new})):
        file = tmp_path / secrets.token_hex(4)
        file.write_text(text)
        for receipt in (by_old, by_new):
            checked = run("verify-receipt", "-", "--jwks", str(file), "--json", stdin=receipt)
            verdict = json.loads(checked.stdout)
            assert verdict["genuine"] == (receipt in genuine)
            assert verdict["genuine"] or verdict["code"] == "unknown_key"


@pytest.fixture(scope="module")
def history():
    """A ledger of its own, with more blocks than a receipt looks at first. What is in one batch was
    seeded with times that lie days apart."""
    cluster = Cluster()
    platform = Platform(DATABASE_URL=cluster.url)
    try:
        size = ("--accounts", "1000", "--transfers", "40000", "--days", "365")
        seeded = platform.run("seed", *size, timeout_s=300)
        assert seeded.returncode == 0, seeded.stderr
        yield platform.start(), cluster
        platform.stop()
    finally:
        platform.remove()
        cluster.remove()


def genuine_receipts_of(platform, cluster, tmp_path):
    operator = platform.operator()
    file = tmp_path / "jwks"
    file.write_text(platform.client.get(JWKS).text)
    counts = []
    some = cluster.sql(
        "SELECT transfer_id FROM entries TABLESAMPLE BERNOULLI (0.02) REPEATABLE (7)"
    )
    for row in some:
        receipt = receipt_of(operator, row["transfer_id"])
        done = run("verify-receipt", "-", "--jwks", str(file), stdin=receipt)
        assert done.returncode == 0, done.stdout
        counts.append(claims_of(receipt)["batch"]["transferCount"])
    return counts


def test_batches_are_found_wherever_their_entries_lie(history, tmp_path):
    platform, cluster = history
    counts = genuine_receipts_of(platform, cluster, tmp_path)
    assert len(counts) > 5
    assert max(counts) > 500
    # Now the entries of a batch lie all over the table.
    cluster.sql("CLUSTER entries USING entries_pkey")
    (size,) = cluster.sql("SELECT pg_relation_size('entries') / 8192 AS blocks")
    assert int(size["blocks"]) > 1024, "what is read first is not to be all"
    assert genuine_receipts_of(platform, cluster, tmp_path)


def test_books_that_were_changed_prove_nothing(launch, cluster):
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    done = user.pay(payee, 5, note="Tea").ok(201)
    path = f"/api/transactions/{done['id']}/receipt"

    def change(note):
        cluster.sql(
            "SET session_replication_role = replica;"
            f"UPDATE entries SET note = '{note}' WHERE transfer_id = '{done['id']}'"
        )

    change("Gold")
    try:
        user.get(path).problem(500, "internal_error")
    finally:
        change("Tea")
    receipt_of(user, done["id"])
