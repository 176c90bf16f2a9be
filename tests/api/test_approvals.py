"""Two pairs of eyes: /api/approvals, and what is proposed instead of being done."""

import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.users import SETTLEMENT, fresh_key, login, staff
from harness.waiting import wait_until


@pytest.fixture
def bank(launch):
    """A platform with the policy on, and limits to be above of."""
    return launch(APPROVALS="on", TRANSFER_LIMIT="500.00", DAILY_LIMIT="800.00")


@pytest.fixture
def first(bank):
    return bank.operator()


@pytest.fixture
def second(bank, cluster):
    return staff(bank, cluster, "operator")


@pytest.fixture
def customer(bank):
    return bank.new_user()


def approve(by, proposal):
    return by.post(f"/api/approvals/{proposal['id']}/approve")


def refuse(by, proposal, reason="Not so"):
    return by.post(f"/api/approvals/{proposal['id']}/refuse", {"reason": reason})


def withdraw(by, proposal):
    return by.post(f"/api/approvals/{proposal['id']}/withdraw")


def look(by, proposal):
    return by.get(f"/api/approvals/{proposal['id']}").ok()


def empty_and_close(first, second, whom):
    body = {"status": "closed", "restTo": SETTLEMENT, "reason": "Left"}
    approve(second, first.patch(f"/api/users/{whom.id}", body).ok(202)).ok()


def propose(kind, by, bank, second, whom):
    """A proposal of that kind, and how to see whether it was carried out."""
    path = f"/api/users/{whom.id}"
    if kind == "adjustment":
        reply = by.adjust(whom, "12.30", reason="Cash")
        return reply.ok(202), lambda: by.get(path).ok()["balance"] != 1000
    if kind == "limits":
        reply = by.put(f"{path}/limits", {"perTransfer": "500.01", "reason": "Asked"})
        return reply.ok(202), lambda: str(by.get(f"{path}/limits").ok()["perTransfer"]) == "500.01"
    if kind == "role":
        reply = by.patch(path, {"role": "auditor", "reason": "Joined"})
        return reply.ok(202), lambda: by.get(path).ok()["role"] == "auditor"
    if kind == "closing":
        heir = bank.new_user()
        reply = by.patch(path, {"status": "closed", "restTo": heir.email, "reason": "Left"})
        return reply.ok(202), lambda: by.get(path).ok()["status"] == "closed"
    empty_and_close(by, second, whom)
    reply = by.post(f"{path}/erasure", {"reason": "Asked, 4711"})
    return reply.ok(202), lambda: by.get(path).ok()["displayName"] == "Erased user"


KINDS = ["adjustment", "limits", "role", "closing", "erasure"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_approved_is_done_once_and_told(bank, first, second, customer, kind):
    proposal, done = propose(kind, first, bank, second, customer)
    assert (proposal["kind"], proposal["status"]) == (kind, "open")
    assert proposal["subject"]["id"] == customer.id
    assert proposal["proposedBy"]["id"] == first.id
    assert not proposal["mayDecide"] and proposal["mayWithdraw"]
    assert not done(), "nothing happens before"
    assert look(second, proposal)["mayDecide"]
    executed = approve(second, proposal).ok()
    assert (executed["status"], executed["decidedBy"]["id"]) == ("executed", second.id)
    assert executed["change"] == proposal["change"] and done()
    before = customer_state(first, customer)
    assert approve(second, proposal).ok()["executedAt"] == executed["executedAt"], "the same again"
    assert customer_state(first, customer) == before
    refuse(second, proposal).problem(409, "approval_decided")
    withdraw(first, proposal).problem(409, "approval_decided")
    log = first.get("/api/reports/actions", params={"subject": customer.id, "limit": 100}).ok()
    steps = [
        (
            each["change"]["approval"]["status"],
            each["actor"]["id"],
            each["change"]["approval"]["sha256"],
        )
        for each in log["data"]
        if each["change"] and each["change"].get("approval", {}).get("id") == proposal["id"]
    ]
    hashed = proposal["sha256"]
    assert sorted(steps) == [("approved", second.id, hashed), ("proposed", first.id, hashed)]


def customer_state(by, whom):
    seen = by.get(f"/api/users/{whom.id}").ok()
    return seen["balance"], seen["role"], seen["status"]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_refused_or_withdrawn_is_not_done(bank, first, second, customer, kind):
    proposal, done = propose(kind, first, bank, second, customer)
    refused = refuse(second, proposal, "Not the amount").ok()
    assert (refused["status"], refused["decisionReason"]) == ("refused", "Not the amount")
    assert refuse(second, proposal).ok()["decidedAt"] == refused["decidedAt"]
    approve(second, proposal).problem(409, "approval_decided")
    assert not done()
    again, _ = (
        (first.post(f"/api/users/{customer.id}/erasure", {"reason": "x"}).ok(202), None)
        if kind == "erasure"
        else propose(kind, first, bank, second, customer)
    )
    withdraw(second, again).problem(403, "forbidden")
    assert withdraw(first, again).ok()["status"] == "withdrawn"
    approve(second, again).problem(409, "approval_decided")
    assert not done()


def test_never_by_the_proposer_nor_by_who_gains(bank, cluster, first, second, customer):
    third = staff(bank, cluster, "operator")
    own, _ = propose("adjustment", first, bank, second, third)
    for by in (first, third):
        approve(by, own).problem(403, "forbidden")
        assert not look(by, own)["mayDecide"]
    refuse(first, own).problem(403, "forbidden")
    body = {"status": "closed", "restTo": third.id, "reason": "Left"}
    closing = first.patch(f"/api/users/{customer.id}", body).ok(202)
    assert closing["beneficiary"]["id"] == third.id
    approve(third, closing).problem(403, "forbidden")
    approve(second, closing).ok()
    assert third.balance() == 2000


DECIDERS = {
    "adjustment": {"operator", "treasury"},
    "limits": {"operator", "treasury"},
    "closing": {"operator", "treasury"},
    "role": {"operator", "admin"},
    "erasure": {"operator", "admin"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_by_those_who_may_do_it_themselves(bank, cluster, first, second, customer, kind):
    proposal, done = propose(kind, first, bank, second, customer)
    for role in ("support", "auditor", "treasury", "admin"):
        by = staff(bank, cluster, role)
        assert look(by, proposal)["mayDecide"] == (role in DECIDERS[kind])
        if role not in DECIDERS[kind]:
            approve(by, proposal).problem(403, "forbidden")
            refuse(by, proposal).problem(403, "forbidden")
    assert not done()
    (role,) = DECIDERS[kind] - {"operator"}
    approve(staff(bank, cluster, role), proposal).ok()
    assert done()
    customer.get("/api/approvals").problem(403, "forbidden") if kind == "limits" else None


def expire(cluster, proposal):
    cluster.sql(
        "SET session_replication_role = replica; UPDATE approvals "
        "SET created_at = created_at - interval '8 days', "
        "expires_at = expires_at - interval '8 days' "
        f"WHERE id = '{proposal['id']}'; SELECT 1"
    )


def test_what_has_expired_is_over(bank, cluster, first, second, customer):
    proposal, done = propose("adjustment", first, bank, second, customer)
    expire(cluster, proposal)
    seen = look(second, proposal)
    assert (seen["status"], seen["mayDecide"]) == ("expired", False)
    approve(second, proposal).problem(409, "approval_expired")
    refuse(second, proposal).problem(409, "approval_expired")
    withdraw(first, proposal).problem(409, "approval_expired")
    assert not done()
    listed = second.get("/api/approvals", params={"status": "expired"}).ok()["data"]
    assert [each["id"] for each in listed][:1] == [proposal["id"]]


def test_a_key_is_one_proposal_for_ever(bank, launch, first, second, customer):
    keys = {
        "put": ("put", f"/api/users/{customer.id}/balance", {"amount": 5, "reason": "a"}),
        "limits": ("put", f"/api/users/{customer.id}/limits", {"perDay": 900, "reason": "a"}),
        "role": ("patch", f"/api/users/{customer.id}", {"role": "support", "reason": "a"}),
    }
    off = launch(
        APPROVALS="off",
        OPERATOR_EMAIL=bank.operator_email,
        OPERATOR_PASSWORD=bank.operator_password,
        TRANSFER_LIMIT="500.00",
        DAILY_LIMIT="800.00",
    ).operator()
    for method, path, body in keys.values():
        key = fresh_key()
        answers = [getattr(first, method)(path, body, key=key) for _ in range(2)]
        assert answers[0].ok(202) == answers[1].ok(202)
        assert answers[1].headers["idempotent-replayed"] == "true"
        getattr(first, method)(path, {**body, "reason": "b"}, key=key).problem(
            422, "idempotency_key_reused"
        )
        approve(second, answers[0].ok(202)).ok()
        for by in (first, off):
            assert getattr(by, method)(path, body, key=key).ok(202) == answers[0].ok(202)
    assert customer_state(first, customer)[0] == 1005
    # What was done at once under a key is not proposed.
    key = fresh_key()
    done = off.adjust(customer, 7, key=key).ok()
    assert first.adjust(customer, 7, key=key).ok() == done
    first.adjust(customer, 8, key=key).problem(422, "idempotency_key_reused")
    assert customer_state(first, customer)[0] == 1012


def test_of_many_who_propose_under_one_key_one_does(first, customer):
    key = fresh_key()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: first.adjust(customer, 3, key=key), range(8)))
    assert len({reply.ok(202)["id"] for reply in replies}) == 1


def test_of_two_who_approve_at_once_one_does(bank, cluster, first, second, customer):
    third = staff(bank, cluster, "treasury")
    for _ in range(5):
        before = customer.balance()
        proposal = first.adjust(customer, 10).ok(202)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda by, p=proposal: approve(by, p), [second, third] * 4))
        assert customer.balance() == before + 10
        winner = look(first, proposal)["decidedBy"]["id"]
        for by, reply in zip([second, third] * 4, replies, strict=True):
            if by.id == winner:
                assert reply.ok()["status"] == "executed"
            else:
                reply.problem(409, "approval_decided")


def test_a_kill_while_it_is_approved_leaves_it_done_or_open(bank, first, second, customer):
    proposals = [first.adjust(customer, 1).ok(202) for _ in range(40)]
    with ThreadPoolExecutor(8) as pool:
        sent = [pool.submit(approve, second, proposal) for proposal in proposals]
        wait_until(lambda: customer.balance() > 1000, 20, "the first is carried out")
        bank.kill()
        for each in sent:
            each.exception()
    bank.start()
    first, second = bank.operator(), login(bank.client, second.email, second.password)
    done = [p for p in proposals if look(first, p)["status"] == "executed"]
    assert first.get(f"/api/users/{customer.id}").ok()["balance"] == 1000 + len(done)
    for proposal in proposals:
        assert approve(second, proposal).ok()["status"] == "executed"
    assert first.get(f"/api/users/{customer.id}").ok()["balance"] == 1040


def test_an_erasure_that_was_interrupted_is_finished_by_who_approves_once_more(
    bank, cluster, first, second, customer
):
    proposal, done = propose("erasure", first, bank, second, customer)
    cluster.sql(
        "SET session_replication_role = replica; UPDATE approvals SET status = 'approved', "
        f"decided_by = '{second.id}', decided_at = now() WHERE id = '{proposal['id']}'; SELECT 1"
    )
    third = staff(bank, cluster, "admin")
    refuse(third, proposal).problem(409, "approval_decided")
    finished = approve(third, proposal).ok()
    assert (finished["status"], finished["decidedBy"]["id"]) == ("executed", second.id)
    assert done()


def test_what_the_ledger_refuses_stays_open(first, second, customer):
    proposal = first.adjust(customer, "-1000").ok(202)
    other = first.adjust(customer, "-0.01").ok(202)
    approve(second, other).ok()
    approve(second, proposal).problem(422, "insufficient_funds")
    assert look(second, proposal)["status"] == "open"
    approve(second, first.adjust(customer, "0.01").ok(202)).ok()
    assert approve(second, proposal).ok()["status"] == "executed"
    assert first.get(f"/api/users/{customer.id}").ok()["balance"] == 0


def test_a_role_that_changed_meanwhile_is_not_changed_by_an_old_proposal(first, second, customer):
    path = f"/api/users/{customer.id}"
    old = first.patch(path, {"role": "admin"}).ok(202)
    approve(second, first.patch(path, {"role": "auditor"}).ok(202)).ok()
    approve(second, old).problem(409, "approval_outdated")
    assert customer_state(first, customer)[1] == "auditor"


def test_no_more_goes_to_the_heir_than_was_shown(bank, first, second, customer):
    proposal, closed = propose("closing", first, bank, second, customer)
    payer = bank.new_user()
    payer.pay(customer, 50).ok(201)
    approve(second, proposal).problem(409, "approval_outdated")
    assert not closed() and first.get(f"/api/users/{customer.id}").ok()["balance"] == 1050
    customer.pay(payer, 450).ok(201)
    approve(second, proposal).ok()
    assert closed(), "less is none of the second one's worries"


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_no_longer_do_it_has_proposed_nothing(bank, cluster, first, second, customer, kind):
    proposal, done = propose(kind, first, bank, second, customer)
    cluster.sql(f"UPDATE users SET role = 'support' WHERE id = '{first.id}' RETURNING 1")
    approve(second, proposal).problem(409, "approval_outdated")
    cluster.sql(f"UPDATE users SET role = 'operator' WHERE id = '{first.id}' RETURNING 1")
    assert not done()


def test_staff_come_back_by_two_pairs_of_eyes(bank, cluster, first, second):
    treasury = staff(bank, cluster, "treasury")
    leaver = staff(bank, cluster, "operator")
    empty_and_close(first, second, leaver)
    for one in (treasury, first):
        one.patch(f"/api/users/{leaver.id}", {"status": "active"}).problem(403, "forbidden")
    role = first.patch(f"/api/users/{leaver.id}", {"role": "user", "reason": "Left"}).ok(202)
    approve(second, role).ok()
    treasury.patch(f"/api/users/{leaver.id}", {"status": "active"}).ok()


def test_a_row_that_somebody_has_changed_is_not_carried_out(cluster, first, second, customer):
    proposal = first.adjust(customer, 5).ok(202)
    more = '{"amount":5000.00,"reason":""}'
    cluster.sql(
        f"SET session_replication_role = replica; UPDATE approvals SET payload = '{more}', "
        f"payload_hash = sha256('{more}') WHERE id = '{proposal['id']}'; SELECT 1"
    )
    approve(second, proposal).problem(403, "forbidden")
    assert customer.balance() == 1000


def test_the_policy_is_by_kind_and_amount(launch):
    bank = launch(APPROVALS="on", APPROVAL_ADJUSTMENT_ABOVE="50.00")
    first, customer = bank.operator(), bank.new_user()
    first.adjust(customer, 50).ok()
    first.adjust(customer, "50.01").ok(202)
    first.adjust(customer, "-50.01").ok(202)
    path = f"/api/users/{customer.id}"
    # Without limits of the platform's none is above them; freezing cannot wait.
    first.put(f"{path}/limits", {"perTransfer": 900}).ok()
    first.patch(path, {"status": "frozen"}).ok()
    first.patch(path, {"status": "active"}).ok()
    first.patch(path, {"displayName": "Renamed"}).ok()
    first.patch(path, {"role": "auditor", "status": "frozen"}).problem(
        422, "validation_failed", {"status": "not_allowed"}
    )


def test_limits_up_to_the_platforms_need_nobody(first, customer):
    path = f"/api/users/{customer.id}/limits"
    first.put(path, {"perTransfer": 500, "perDay": 800}).ok()
    first.put(path, {"perTransfer": 500, "perDay": "800.01"}).ok(202)


def test_there_are_so_many_at_once(cluster, first, customer):
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: first.adjust(customer, 1), range(101)))
    assert sorted(reply.status for reply in replies) == [202] * 100 + [422]
    first.adjust(customer, 1).problem(422, "approval_limit_exceeded")


def test_an_answer_that_was_lost_is_given_again_at_the_limit(first, customer):
    key = fresh_key()
    made = first.adjust(customer, 1, key=key).ok(202)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: first.adjust(customer, 1), range(99)))
    again = first.adjust(customer, 1, key=key)
    assert again.ok(202) == made and again.headers["Idempotent-Replayed"] == "true"
    first.adjust(customer, 2, key=key).problem(422, "idempotency_key_reused")


def test_the_list_is_paged_and_filtered(first, second, customer):
    made = [first.adjust(customer, 1).ok(202)["id"] for _ in range(3)]
    page = first.get("/api/approvals", params={"limit": 2, "status": "open"}).ok()
    assert [each["id"] for each in page["data"]] == made[:0:-1]
    more = {"limit": 2, "status": "open", "cursor": page["nextCursor"]}
    assert first.get("/api/approvals", params=more).ok()["data"][0]["id"] == made[0]
    first.get("/api/approvals", params={"status": "x"}).problem(
        422, "validation_failed", {"status": "not_allowed"}
    )
    for path in ("", "/approve", "/withdraw"):
        nobody = f"/api/approvals/{uuid.uuid4()}{path}"
        (first.post if path else first.get)(nobody).problem(404, "approval_not_found")
    refuse(second, {"id": made[0]}, " ").problem(422, "validation_failed", {"reason": "required"})
    refuse(second, {"id": made[0]}, secrets.token_hex(71)).problem(
        422, "validation_failed", {"reason": "too_long"}
    )
