"""Staff sign what they propose and approve: the chain covers it, and receipts prove it."""

import copy
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.factors import aged, enrol, renew
from harness.keys import b64url, claims_of
from harness.passkeys import EDDSA, ES256, RS256, UP, b64url_decode, new_passkey, register
from harness.platform import RECEIPT_KEY, run
from harness.receipts import alone, authorization_hash, proposal_challenge
from harness.users import SETTLEMENT, staff


@pytest.fixture
def bank(launch):
    return launch(APPROVALS="on", DAILY_LIMIT="5000.00")


def with_passkey(bank, person, **fields):
    passkey = new_passkey(bank, **{"counter": 1, **fields})
    register(person, passkey)
    return passkey


@pytest.fixture
def first(bank, cluster):
    return staff(bank, cluster)


@pytest.fixture
def second(bank, cluster):
    return staff(bank, cluster)


@pytest.fixture
def first_key(bank, first):
    return with_passkey(bank, first)


@pytest.fixture
def second_key(bank, second):
    return with_passkey(bank, second)


@pytest.fixture
def customer(bank):
    return bank.new_user()


def path_of(proposal, step=""):
    return f"/api/approvals/{proposal['id']}{step}"


def ask(by, proposal):
    return by.post(path_of(proposal, "/authorization"))


def send(by, proposal, answer):
    return by.post(path_of(proposal, "/signature"), {"passkey": answer})


def sign(by, passkey, proposal, **how):
    return send(by, proposal, passkey.get(ask(by, proposal).ok(), **how))


def approve(by, proposal):
    return by.post(path_of(proposal, "/approve"))


def look(by, proposal):
    return by.get(path_of(proposal)).ok()


def adjusted(by, whom):
    """The last adjustment of the wallet."""
    params = {"subject": whom.id, "kind": "adjustment"}
    return by.get("/api/reports/actions", params=params).ok()["data"][0]


def receipt_of(by, identifier, **params):
    return by.get(f"/api/transactions/{identifier}/receipt", params=params).text


@pytest.fixture
def jwks(bank):
    file = bank.dir / "approvals-jwks.json"
    file.write_text(bank.client.get("/.well-known/receipt-jwks.json").text)
    return str(file)


@pytest.fixture
def verify(jwks):
    def check(receipt):
        command = ("verify-receipt", "-", "--jwks", jwks, "--json")
        return json.loads(run(*command, stdin=receipt, DATABASE_URL="", DATA_DIR="/none").stdout)

    return check


@pytest.fixture
def signed(first, second, first_key, second_key, customer):
    """An adjustment that both have signed: the proposal, and the transaction's id."""
    proposal = first.adjust(customer, "12.30", reason="Cash 4711").ok(202)
    sign(first, first_key, proposal).ok()
    done = sign(second, second_key, proposal).ok()
    return done, adjusted(first, customer)["id"]


def test_the_challenge_is_the_proposal_and_the_decision(
    first, second, first_key, second_key, customer
):
    proposal = first.adjust(customer, "12.30", reason="نقدًا").ok(202)
    facts = {
        "id": proposal["id"],
        "kind": "adjustment",
        "subjectId": customer.id,
        "beneficiaryId": None,
        "proposedBy": first.id,
        "change": '{"amount":12.30,"reason":"نقدًا"}',
    }
    assert hashlib.sha256(facts["change"].encode()).hexdigest() == proposal["sha256"]
    for by, decision, key in (
        (first, "proposed", first_key),
        (second, "approved", second_key),
    ):
        asked = ask(by, proposal).ok()
        assert asked["decision"] == decision and asked["approval"]["id"] == proposal["id"]
        challenge = b64url_decode(asked["publicKey"]["challenge"])
        assert challenge == proposal_challenge(facts, decision, by.id)
        assert asked["publicKey"]["allowCredentials"][0]["id"] == b64url(key.id)


def test_both_sign_and_everybody_can_prove_it(
    first, second, first_key, second_key, customer, signed, verify, jwks
):
    done, identifier = signed
    assert done["status"] == "executed" and customer.balance() != 1000
    action = adjusted(first, customer)
    told = action["change"]["approval"]
    both = [done["signatures"]["proposed"], done["signatures"]["approved"]]
    assert (told["status"], told["signatures"]) == ("executed", both)
    log = first.get("/api/reports/actions", params={"subject": customer.id}).ok()["data"]
    steps = {
        each["change"]["approval"]["status"]: each["change"]["approval"].get("signatures")
        for each in log
        if each["kind"] == "control"
    }
    assert steps == {"proposed": None, "signed": both[:1], "approved": both}
    expected = [
        {
            "decision": decision,
            "signerId": by.id,
            "credentialId": b64url(key.id),
            "origin": key.origin,
        }
        for decision, by, key in (
            ("proposed", first, first_key),
            ("approved", second, second_key),
        )
    ]
    for viewer in (customer, first):
        receipt = receipt_of(viewer, identifier)
        verdict = verify(receipt)
        assert verdict["genuine"], verdict
        assert verdict["approval"]["signatures"] == expected
    claims = claims_of(receipt_of(customer, identifier))
    assert [authorization_hash(each) for each in claims["approval"]["signatures"]] == both
    said = run("verify-receipt", "-", "--jwks", jwks, stdin=receipt, DATABASE_URL="").stdout
    assert "approved by  two keys, which have signed just this adjustment" in said
    assert b64url(second_key.id) in said


def test_what_is_given_on_has_the_hashes_alone(customer, signed, verify):
    shown = receipt_of(customer, signed[1], show="nothing")
    approval = claims_of(shown)["approval"]
    assert set(approval) == {"id", "kind", "sha256", "signatures"}
    assert [set(each) for each in approval["signatures"]] == [{"hash"}, {"hash"}]
    assert verify(shown)["genuine"]


def test_what_its_proposer_alone_has_signed_is_not_called_approved(
    first, second, first_key, customer, verify, jwks
):
    proposal = first.adjust(customer, 5, reason="Fee").ok(202)
    sign(first, first_key, proposal).ok()
    approve(second, proposal).ok()
    receipt = receipt_of(customer, adjusted(first, customer)["id"])
    decisions = [each["decision"] for each in verify(receipt)["approval"]["signatures"]]
    assert decisions == ["proposed"]
    said = run("verify-receipt", "-", "--jwks", jwks, stdin=receipt, DATABASE_URL="").stdout
    assert "signed by    one key, which has signed just this adjustment" in said
    assert "approved by" not in said


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_each_algorithm_approves(bank, first, second, customer, verify, algorithm):
    key = with_passkey(bank, second, algorithm=algorithm)
    proposal = first.adjust(customer, "-5", reason="Fee").ok(202)
    assert sign(second, key, proposal).ok()["status"] == "executed"
    verdict = verify(receipt_of(customer, adjusted(first, customer)["id"]))
    assert [each["decision"] for each in verdict["approval"]["signatures"]] == ["approved"]


def test_a_closing_is_proved_too(bank, first, second, first_key, second_key, customer, verify):
    heir = bank.new_user()
    body = {"status": "closed", "restTo": heir.id, "reason": "Left"}
    proposal = first.patch(f"/api/users/{customer.id}", body).ok(202)
    sign(first, first_key, proposal).ok()
    sign(second, second_key, proposal).ok()
    assert heir.balance() == 2000
    identifier = heir.history()[0]["id"]
    verdict = verify(receipt_of(first, identifier))
    assert verdict["genuine"] and len(verdict["approval"]["signatures"]) == 2, verdict
    assert verdict["approval"]["kind"] == "closing"
    # Who is paid by it learns nothing of the closed account, and can prove it all the same.
    theirs = receipt_of(heir, identifier)
    assert verify(theirs)["genuine"]
    approval = claims_of(theirs)["approval"]
    assert set(approval) == {"id", "kind", "sha256", "signatures"}
    assert [set(each) for each in approval["signatures"]] == [{"hash"}, {"hash"}]


def resigned(claims):
    """As a platform would issue it that tells it differently."""
    return RECEIPT_KEY.sign(claims, {"typ": "receipt+jwt"})


PARTS = ["credentialId", "publicKey", "clientDataJSON", "authenticatorData", "signature"]


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("what", [*PARTS, "relyingParty"])
def test_a_tampered_assertion_is_no_proof(customer, signed, verify, which, what):
    claims = claims_of(receipt_of(customer, signed[1]))
    assert verify(resigned(claims))["genuine"]
    each = claims["approval"]["signatures"][which]
    if what == "relyingParty":
        each[what] = "evil.example"
    else:
        data = bytearray(b64url_decode(each[what]))
        data[-1] ^= 1
        each[what] = b64url(bytes(data))
    assert verify(resigned(claims))["code"] == "not_in_batch"


def changed_text(claims, before, after):
    approval = claims["approval"]
    assert before in approval["change"]
    approval["change"] = approval["change"].replace(before, after)
    approval["sha256"] = hashlib.sha256(approval["change"].encode()).hexdigest()


def test_another_adjustment_is_not_what_was_signed(bank, customer, first, second, signed, verify):
    """The platform itself cannot move signatures to anything else: hashes of its own would fit."""
    good = claims_of(receipt_of(customer, signed[1]))
    assert verify(resigned(alone(copy.deepcopy(good))))["genuine"]
    other = bank.new_user().id

    def amount(claims):
        claims["transaction"].update(amount="99.00", amountMinor=9900)

    def amount_of_both(claims):
        amount(claims)
        changed_text(claims, "12.30", "99.00")

    def subject(claims):
        claims["transaction"]["receiverId"] = other

    def subject_of_both(claims):
        subject(claims)
        claims["approval"]["subjectId"] = other

    def kind(claims):
        claims["approval"]["kind"] = "closing"

    def reason(claims):
        claims["transaction"]["note"] = "Another"

    def reason_of_both(claims):
        reason(claims)
        changed_text(claims, "Cash 4711", "Another")

    def proposer(claims):
        claims["transaction"]["actorId"] = other

    def proposer_of_both(claims):
        proposer(claims)
        claims["approval"]["proposedBy"] = other
        claims["approval"]["signatures"][0]["signerId"] = other

    def proposal(claims):
        claims["approval"]["id"] = other

    def beneficiary(claims):
        claims["approval"]["beneficiaryId"] = other

    def decision(claims):
        claims["approval"]["signatures"].reverse()

    def decision_name(claims):
        claims["approval"]["signatures"] = claims["approval"]["signatures"][1:]
        claims["approval"]["signatures"][0]["decision"] = "proposed"

    def approver(claims):
        claims["approval"]["signatures"][1]["signerId"] = other

    def one_key_twice(claims):
        claims["approval"]["signatures"][1] = claims["approval"]["signatures"][0]

    changes = (
        *(amount, amount_of_both, subject, subject_of_both, kind, reason, reason_of_both),
        *(proposer, proposer_of_both, proposal, beneficiary, decision, decision_name, approver),
        one_key_twice,
    )
    for change in changes:
        claims = copy.deepcopy(good)
        change(claims)
        assert verify(resigned(alone(claims)))["code"] == "bad_approval", change.__name__
    claims = copy.deepcopy(good)
    claims["approval"]["sha256"] = "00" * 32
    assert verify(resigned(alone(claims)))["code"] == "bad_field"


def test_what_was_signed_for_one_proposal_approves_no_other(
    first, second, first_key, second_key, customer
):
    one, other = (first.adjust(customer, 5, reason="x").ok(202) for _ in range(2))
    answer = second_key.get(ask(second, one).ok())
    send(second, other, answer).problem(401, "passkey_invalid")
    # What its proposer has signed is no approval, and the other way round.
    proposed = first_key.get(ask(first, one).ok())
    send(second, one, proposed).problem(401, "passkey_invalid")
    send(first, one, answer).problem(401, "passkey_invalid")
    assert customer.balance() == 1000
    assert look(first, one)["signatures"] == {"proposed": None, "approved": None}
    assert send(second, one, answer).ok()["status"] == "executed"


@pytest.mark.parametrize(
    "how",
    [
        {"flags": UP},
        {"rp_id": "evil.example"},
        {"client": {"origin": "https://evil.example"}},
        {"client": {"crossOrigin": True}},
        {"client": {"type": "webauthn.create"}},
        {"client": {"pad": "x" * 2_000}},
        {"handle": b"somebody"},
        {"after": b"more"},
    ],
)
def test_what_is_no_assertion_approves_nothing(first, second, second_key, customer, how):
    proposal = first.adjust(customer, 5).ok(202)
    sign(second, second_key, proposal, **how).problem(401, "passkey_invalid")
    assert look(first, proposal)["status"] == "open" and customer.balance() == 1000


def test_a_passkey_that_was_removed_or_copied(bank, first, second, second_key, customer):
    enrol(second)  # staff keep one factor
    proposal = first.adjust(customer, 5).ok(202)
    second_key.counter -= 1
    sign(second, second_key, proposal, counts=False).problem(401, "passkey_copied")
    second_key.counter += 5
    answer = second_key.get(ask(second, proposal).ok())
    removal = {"password": second.password}
    path = f"/api/users/me/factors/passkeys/{second_key.info['id']}/removal"
    second.post(path, removal).ok(204)
    renew(second)
    send(second, proposal, answer).problem(401, "passkey_invalid")
    ask(second, proposal).problem(404, "factor_not_found")
    assert look(first, proposal)["status"] == "open"


def test_who_may_not_approve_may_not_sign(bank, cluster, first, second_key, second, customer):
    proposal = first.adjust(customer, 5).ok(202)
    for role in ("support", "auditor", "admin"):
        by = staff(bank, cluster, role)
        passkey = with_passkey(bank, by)
        ask(by, proposal).problem(403, "forbidden")
        send(by, proposal, second_key.get(ask(second, proposal).ok())).problem(403, "forbidden")
        assert passkey.counter == 1
    customer.post(path_of(proposal, "/authorization")).problem(403, "forbidden")


def test_it_counts_as_the_factor_for_this_approval(first, second, second_key, customer):
    one, other = (first.adjust(customer, 5, reason="x").ok(202) for _ in range(2))
    later = aged(second)
    approve(later, one).problem(403, "step_up_required")
    answer = second_key.get(ask(later, one).ok())
    assert send(later, one, answer).ok()["status"] == "executed"
    # Who asks again, since the answer was lost, does nothing that a factor would be for.
    assert send(later, one, answer).ok()["status"] == "executed"
    assert approve(later, one).ok()["status"] == "executed"
    approve(later, other).problem(403, "step_up_required")


def test_the_same_again_is_answered_the_same(first, second, first_key, second_key, customer):
    proposal = first.adjust(customer, 5).ok(202)
    answer = first_key.get(ask(first, proposal).ok())
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: send(first, proposal, answer), range(4)))
    assert len({reply.ok()["signatures"]["proposed"] for reply in replies}) == 1
    answer = second_key.get(ask(second, proposal).ok())
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: send(second, proposal, answer), range(4)))
    assert {reply.ok()["status"] for reply in replies} == {"executed"}
    assert customer.balance() == 1005
    assert send(second, proposal, answer).ok()["status"] == "executed"
    assert approve(second, proposal).ok()["status"] == "executed"
    ask(second, proposal).problem(409, "approval_decided")
    assert send(first, proposal, first_key.get({"publicKey": {"challenge": "AAAA"}})).ok()


def test_of_a_signature_and_an_approval_at_once_both_are_told_or_one(
    first, second, first_key, second_key, customer, verify
):
    for _ in range(6):
        proposal = first.adjust(customer, 1, reason="r").ok(202)
        mine = first_key.get(ask(first, proposal).ok())
        theirs = second_key.get(ask(second, proposal).ok())
        with ThreadPoolExecutor(2) as pool:
            one = pool.submit(send, first, proposal, mine)
            two = pool.submit(send, second, proposal, theirs)
        assert two.result().ok()["status"] == "executed"
        if one.result().status != 200:
            one.result().problem(409, "approval_decided")
        verdict = verify(receipt_of(customer, adjusted(first, customer)["id"]))
        assert verdict["genuine"] and len(verdict["approval"]["signatures"]) in (1, 2)


def test_what_the_ledger_refuses_keeps_nothing(first, second, second_key, customer):
    proposal = first.adjust(customer, "-2000").ok(202)
    answer = second_key.get(ask(second, proposal).ok())
    send(second, proposal, answer).problem(422, "insufficient_funds")
    assert look(first, proposal)["signatures"]["approved"] is None
    approve(second, first.adjust(customer, 1500).ok(202)).ok()
    # The counter is as it was, so the same answer is good once there is enough.
    assert send(second, proposal, answer).ok()["status"] == "executed"


@pytest.mark.parametrize("kind", ["limits", "role", "erasure"])
def test_the_other_kinds_are_signed_in_the_chain(first, second, second_key, customer, kind):
    path = f"/api/users/{customer.id}"
    if kind == "erasure":
        body = {"status": "closed", "restTo": SETTLEMENT, "reason": "Left"}
        approve(second, first.patch(path, body).ok(202)).ok()
        proposal = first.post(f"{path}/erasure", {"reason": "Asked"}).ok(202)
    elif kind == "role":
        proposal = first.patch(path, {"role": "auditor", "reason": "Joined"}).ok(202)
    else:
        proposal = first.put(f"{path}/limits", {"perDay": "5000.01"}).ok(202)
    done = sign(second, second_key, proposal).ok()
    assert done["status"] == "executed"
    log = first.get("/api/reports/actions", params={"subject": customer.id}).ok()["data"]
    told = [
        step["signatures"]
        for each in log
        if (step := (each["change"] or {}).get("approval"))
        and (step["id"], step["status"]) == (proposal["id"], "approved")
    ]
    assert told == [[done["signatures"]["approved"]]]


def test_the_policy_demands_it(launch, cluster):
    bank = launch(APPROVALS="on", APPROVAL_SIGNATURES="passkey")
    first, second, customer = staff(bank, cluster), staff(bank, cluster), bank.new_user()
    # Who has none goes on with what they have.
    assert approve(second, first.adjust(customer, 1).ok(202)).ok()["status"] == "executed"
    key = with_passkey(bank, second)
    proposal = first.adjust(customer, 1).ok(202)
    approve(second, proposal).problem(422, "validation_failed", {"passkey": "required"})
    assert sign(second, key, proposal).ok()["status"] == "executed"


def test_the_policy_demands_it_of_both(launch, cluster):
    bank = launch(APPROVALS="on", APPROVAL_SIGNATURES="required")
    first, second, customer = staff(bank, cluster), staff(bank, cluster), bank.new_user()
    proposal = first.adjust(customer, 1).ok(202)
    approve(second, proposal).problem(403, "forbidden")
    sign(first, with_passkey(bank, first), proposal).ok()
    approve(second, proposal).problem(422, "validation_failed", {"passkey": "required"})
    assert sign(second, with_passkey(bank, second), proposal).ok()["status"] == "executed"
    assert customer.balance() == 1001


def test_wrong_input(first, second, second_key, customer):
    proposal = first.adjust(customer, 5).ok(202)
    for wrong in ({}, "x", {"id": "!", "type": "public-key", "response": {}}):
        send(second, proposal, wrong).problem(422, "validation_failed")
    nobody = {"id": "00000000-0000-4000-8000-000000000000"}
    ask(second, nobody).problem(404, "approval_not_found")
    answer = second_key.get(ask(second, proposal).ok())
    send(second, nobody, answer).problem(404, "approval_not_found")


def test_an_export_has_what_they_signed(first, second, second_key, signed):
    (exported,) = second.get(f"/api/users/{second.id}/export").ok()["signedProposals"]
    done, _ = signed
    assert (exported["approvalId"], exported["decision"]) == (done["id"], "approved")
    assert exported["hash"] == done["signatures"]["approved"] == authorization_hash(exported)


def test_the_audit_misses_a_signature_that_is_gone_or_changed(launch, cluster):
    bank = launch(APPROVALS="on")
    first, second, customer = staff(bank, cluster), staff(bank, cluster), bank.new_user()
    key = with_passkey(bank, second)
    proposal = first.adjust(customer, 5).ok(202)
    sign(second, key, proposal).ok()
    assert bank.run("audit").returncode == 0
    owner = "SET session_replication_role = replica;"
    where = f"WHERE approval_id = '{proposal['id']}'"
    cluster.sql(f"CREATE TABLE kept AS SELECT * FROM approval_signatures {where}")
    tamper = (
        f"DELETE FROM approval_signatures {where}",
        "ALTER TABLE approval_signatures DROP CONSTRAINT approval_signatures_hash; "
        f"UPDATE approval_signatures SET signature = 'x' {where}",
    )
    for statement in tamper:
        cluster.sql(f"{owner} {statement}")
        try:
            found = bank.run("audit")
            assert found.returncode == 1
            assert "what staff have signed of it is not kept" in found.stdout
        finally:
            cluster.sql(
                f"{owner} DELETE FROM approval_signatures {where}; "
                "INSERT INTO approval_signatures SELECT * FROM kept"
            )
    cluster.sql(
        "DROP TABLE kept; ALTER TABLE approval_signatures ADD CONSTRAINT approval_signatures_hash "
        "CHECK (hash = authorization_hash(relying_party, credential_id, public_key, client_data, "
        "authenticator_data, signature))"
    )
    assert bank.run("audit").returncode == 0


def test_the_audit_checks_each_signature(launch, cluster):
    bank = launch(APPROVALS="on")
    first, second, customer = staff(bank, cluster), staff(bank, cluster), bank.new_user()
    key = with_passkey(bank, second)
    change = {"role": "auditor", "reason": "Joined"}
    proposal = first.patch(f"/api/users/{customer.id}", change).ok(202)
    sign(second, key, proposal).ok()
    assert bank.run("audit").returncode == 0

    def kept_of(signer):
        cluster.sql(
            "SET session_replication_role = replica; UPDATE approval_signatures "
            f"SET signer_id = '{signer.id}' WHERE approval_id = '{proposal['id']}'"
        )

    kept_of(first)
    try:
        found = bank.run("audit")
        assert found.returncode == 1
        assert f"the passkey of {first.id} has not signed that it was approved" in found.stdout
    finally:
        kept_of(second)
    assert bank.run("audit").returncode == 0
