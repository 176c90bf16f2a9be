"""POST /api/users/{id}/erasure and `instapay erase-user`."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.keys import claims_of
from harness.platform import run
from harness.users import login, unique_name
from harness.waiting import wait_until


@pytest.fixture
def proven(platform, operator, tmp_path):
    """What the receipts of these transactions say; each must verify."""
    jwks = tmp_path / "jwks"
    jwks.write_text(platform.client.get("/.well-known/receipt-jwks.json").text)

    def check(*transactions, viewer=operator):
        claims = []
        for identifier in transactions:
            receipt = viewer.get(f"/api/transactions/{identifier}/receipt").text
            done = run("verify-receipt", "-", "--jwks", str(jwks), stdin=receipt)
            assert done.returncode == 0, done.stdout
            claims.append(claims_of(receipt)["transaction"])
        return claims

    return check


def erase(by, identifier, reason="Ticket 4711"):
    return by.post(f"/api/users/{identifier}/erasure", {"reason": reason})


def close(operator, person):
    operator.close_account(person).ok()


@pytest.fixture
def leaver(new_user):
    return new_user(displayName="Somebody Unforgettable")


def test_only_a_closed_and_empty_account(user, operator, leaver):
    assert "not closed" in erase(operator, leaver.id).problem(409, "not_erasable")["detail"]
    operator.patch(f"/api/users/{leaver.id}", {"status": "frozen"}).ok()
    erase(operator, leaver.id).problem(409, "not_erasable")
    operator.patch(f"/api/users/{leaver.id}", {"status": "closed"}).problem(409, "balance_not_zero")
    assert operator.get(f"/api/users/{leaver.id}").ok()["email"] == leaver.email
    close(operator, leaver)
    erase(operator, leaver.id).ok()


def test_the_person_is_gone(platform, client, user, operator, leaver, proven):
    theirs = leaver.pay(user, 10, note="From the leaver", key="k").ok(201)["id"]
    mine = user.pay(leaver, 20, note="To the leaver").ok(201)["id"]
    back = leaver.post(f"/api/transactions/{mine}/refund", {"amount": 5, "note": "Too much"})
    back = back.ok(201)["id"]
    mute = leaver.pay(user, 1).ok(201)["id"]
    all_of_them = (theirs, mine, back, mute)
    before = proven(*all_of_them)
    amounts = [(e["id"], e["amount"], e["balanceAfter"]) for e in user.history()]
    assert [claims["note"] for claims in before] == [
        "From the leaver",
        "To the leaver",
        "Too much",
        None,
    ]
    close(operator, leaver)
    erased = erase(operator, leaver.id).ok()
    assert (erased["status"], erased["balance"]) == ("closed", 0)

    # Under none of the names that they had.
    personal = (leaver.email, leaver.username, "Unforgettable")
    shown = [
        operator.get(f"/api/users/{leaver.id}").text,
        operator.get(f"/api/users/{leaver.id}/export").text,
        operator.get(f"/api/users/{leaver.id}/export", params={"format": "csv"}).text,
        operator.get(f"/api/reports/actions?subject={leaver.id}").text,
        operator.get(f"/api/reports/users/{user.id}").text,
        user.get(f"/api/users/{leaver.id}").text,
        user.get(f"/api/transactions/user/{user.id}").text,
        operator.get(f"/api/transactions/user/{leaver.id}").text,
        *(operator.get(f"/api/transactions/{each}").text for each in all_of_them),
    ]
    for text in shown:
        assert not [word for word in personal if word in text], text
    for path in (f"by-email/{leaver.email}", f"by-username/{leaver.username}"):
        user.get(f"/api/users/{path}").problem(404, "user_not_found")
    assert operator.get("/api/users", params={"q": leaver.username}).ok()["data"] == []
    found = operator.get("/api/transactions", params={"user": leaver.id, "q": "leaver"}).ok()
    assert [each["note"] for each in found["data"]] in ([], ["To the leaver"])

    # What they wrote is gone on both sides; what others wrote stays with those.
    notes = {entry["id"]: entry["note"] for entry in user.history()}
    assert [notes[each] for each in all_of_them] == [None, "To the leaver", None, None]
    their_history = operator.get(f"/api/transactions/user/{leaver.id}").ok()["data"]
    assert {e["note"] for e in their_history if e["kind"] != "adjustment"} == {None}
    assert [(e["id"], e["amount"], e["balanceAfter"]) for e in user.history()] == amounts

    # They cannot come back, and nothing of theirs goes on.
    body = {"email": leaver.email, "password": leaver.password}
    client.post("/api/users/login", body).problem(401, "invalid_credentials")
    client.get("/api/users/me", token=leaver.token).problem(401, "token_revoked")
    body = {"refreshToken": leaver.refresh_token}
    client.post("/api/users/refresh", body).problem(401, "refresh_token_invalid")
    assert operator.get(f"/api/users/{leaver.id}/sessions").ok() == {"data": []}

    # Every proof still holds.
    after = proven(*all_of_them)
    for old, new in zip(before, after, strict=True):
        hidden = {name: old[name] for name in old if name not in ("note", "noteBlinding")}
        assert {**hidden, **new} == new
    assert [("noteHash" in claims) for claims in after][0::2] == [True, True]
    proven(*all_of_them, viewer=user)
    audit = platform.run("audit", "--json")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_their_words_are_gone_from_the_search(launch, cluster):
    platform = launch()
    operator, user, leaver = platform.operator(), platform.new_user(), platform.new_user()
    word = unique_name("word")
    theirs = leaver.pay(user, 10, note=f"{word} of the leaver").ok(201)["id"]
    mine = user.pay(leaver, 20, note=f"{word} of the other").ok(201)["id"]

    def searched():
        found = operator.get("/api/transactions", params={"q": word}).ok()["data"]
        return {item["id"] for item in found}

    def words():
        return cluster.sql(f"SELECT note FROM transfer_search WHERE note LIKE '{word}%'")

    wait_until(lambda: len(words()) == 2, 30, "the index")
    assert searched() == {theirs, mine}
    close(operator, leaver)
    erase(operator, leaver.id).ok()
    assert words() == [{"note": f"{word} of the other"}]
    assert searched() == {mine}


def test_again_is_no_error(operator, leaver):
    close(operator, leaver)
    first = erase(operator, leaver.id).ok()
    second = erase(operator, leaver.id, reason="Once more").ok()
    assert second == first
    log = operator.get("/api/reports/actions", params={"subject": leaver.id}).ok()["data"]
    assert [each["reason"] for each in log if each["change"] == {"erased": True}] == ["Ticket 4711"]


def test_the_address_is_free_for_others(client, user, new_user, operator, leaver):
    """Also where a service had remembered whose it was. Usernames stay reserved: test_names.py."""
    user.pay(leaver, 1).ok(201)
    close(operator, leaver)
    erase(operator, leaver.id).ok()
    user.pay(leaver.email, 1).problem(404, "payee_not_found")
    heir = new_user(email=leaver.email)
    user.pay(leaver.email, 2).ok(201)
    assert heir.balance() == 1002
    heir.pay(user, 1).ok(201)


def test_notes_over_many_pages(platform, user, operator, leaver):
    items = [{"receiver_email": user.email, "amount": "0.01", "note": f"n {i}"} for i in range(700)]
    leaver.post("/api/transactions/batch", {"transfers": items}).ok()
    close(operator, leaver)
    erase(operator, leaver.id).ok()
    assert {entry["note"] for entry in user.history()} == {None}
    assert platform.run("audit").returncode == 0


def test_an_operator_who_did_things_is_erased_too(platform, operator, user, new_user):
    other = new_user()
    operator.patch(f"/api/users/{other.id}", {"role": "operator"}).ok()
    other = login(other.client, other.email, other.password)
    other.adjust(user, 5, reason="Cash").ok()
    close(operator, other)
    erase(operator, other.id).ok()
    log = operator.get("/api/reports/actions", params={"subject": user.id})
    (action,) = log.ok()["data"]
    assert action["actor"]["id"] == other.id
    assert other.username not in log.text
    assert action["reason"] == "Cash"
    assert platform.run("audit").returncode == 0


def test_by_the_command(platform, client, operator, new_user):
    for name_of in (lambda p: p.id, lambda p: p.email, lambda p: p.username):
        person = new_user()
        refused = platform.run("erase-user", name_of(person), "--reason", "Asked for")
        assert refused.returncode == 1
        assert "not closed" in refused.stderr
        close(operator, person)
        done = platform.run("erase-user", name_of(person), "--reason", "Asked for")
        assert done.returncode == 0, done.stdout + done.stderr
        body = {"email": person.email, "password": person.password}
        client.post("/api/users/login", body).problem(401, "invalid_credentials")
        assert person.email not in operator.get(f"/api/users/{person.id}").text
        assert platform.run("erase-user", person.id, "--reason", "x").returncode == 0
    unknown = platform.run("erase-user", "nobody@example.com", "--reason", "x")
    assert unknown.returncode == 1
    assert "no such user" in unknown.stderr.lower()
    assert platform.run("erase-user", "nobody@example.com").returncode == 2
    audit = json.loads(platform.run("audit", "--json").stdout)
    assert audit["balanced"]


def test_who_may(user, operator, auditor, leaver):
    close(operator, leaver)
    for by in (user, auditor):
        erase(by, leaver.id).problem(403, "forbidden")
    erase(user, user.id).problem(403, "forbidden")
    erase(operator, uuid.uuid4()).problem(404, "user_not_found")
    erase(operator, "x").problem(422, "validation_failed", {"id": "invalid_format"})


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"reason": "required"}),
        ({"reason": None}, {"reason": "wrong_type"}),
        ({"reason": " "}, {"reason": "required"}),
        ({"reason": "x" * 141}, {"reason": "too_long"}),
        ({"reason": 1}, {"reason": "wrong_type"}),
        ({"reason": "x", "force": True}, {"force": "unknown_field"}),
    ],
)
def test_refuses_a_bad_body(operator, user, body, fields):
    operator.post(f"/api/users/{user.id}/erasure", body).problem(422, "validation_failed", fields)


def test_the_last_of_it_cannot_be_named_by_its_new_names(operator, leaver, user):
    """Nobody pays who is erased, by whatever name."""
    close(operator, leaver)
    erased = erase(operator, leaver.id).ok()
    user.pay(erased["email"], 1).problem(422, "receiver_unavailable")
    body = {"sender_email": user.email, "receiver_username": erased["username"], "amount": 1}
    user.post("/api/transactions", body).problem(422, "receiver_unavailable")
    assert user.balance() == Decimal(1000)
    assert unique_name() != erased["username"]


def test_nobody_stands_in_the_way_by_a_name_made_beforehand(operator, leaver, new_user):
    """Ids are public, so what an erased user will be called can be guessed."""
    close(operator, leaver)
    person = new_user()
    for field, value in (
        ("username", "erased-" + leaver.id.replace("-", "")[:24]),
        ("email", f"{leaver.id}@erased.invalid"),
    ):
        body = {
            "username": unique_name("early"),
            "email": f"{unique_name('early')}@example.com",
            "password": "correct horse 7",
            field: value,
        }
        reply = operator.client.post("/api/users/register", body)
        reply.problem(422, "validation_failed", {field: "invalid_format"})
    person.patch(f"/api/users/{person.id}", {"username": "erased-me"}).problem(
        422, "validation_failed", {"username": "invalid_format"}
    )
    erase(operator, leaver.id).ok()


def test_an_erased_account_stays_as_it_is(operator, leaver):
    close(operator, leaver)
    erased = erase(operator, leaver.id).ok()
    path = f"/api/users/{leaver.id}"
    for change in ({"status": "active"}, {"displayName": "Back"}, {"username": leaver.username}):
        assert operator.patch(path, change).status in (403, 409, 422), change
    assert operator.get(path).ok() == erased


def test_many_times_at_one_moment(operator, leaver):
    close(operator, leaver)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda i: erase(operator, leaver.id, f"n {i}"), range(8)))
    assert [reply.status for reply in replies] == [200] * 8, [str(reply) for reply in replies]
    log = operator.get("/api/reports/actions", params={"subject": leaver.id}).ok()["data"]
    assert len([each for each in log if each["change"] == {"erased": True}]) == 1


def test_never_while_it_is_opened_and_paid_into_again(operator, new_user):
    """Whatever comes first: who is erased has a closed, empty account, then and later."""
    for _ in range(10):
        person = new_user()
        close(operator, person)
        path = f"/api/users/{person.id}"

        def come_back(path=path):
            if operator.patch(path, {"status": "active"}).status == 200:
                operator.put(f"{path}/balance", {"amount": 5}, key="back")

        with ThreadPoolExecutor(2) as pool:
            gone = pool.submit(erase, operator, person.id)
            pool.submit(come_back).result()
        log = operator.get("/api/reports/actions", params={"subject": person.id}).ok()["data"]
        status, balance, changes = "active", Decimal(1000), []
        for each in reversed(log):
            change = each["change"] or {}
            status = change.get("status", {"after": status})["after"]
            balance += each["amount"] or 0
            changes.append(change or each["amount"])
            if "erased" in change:
                assert (status, balance) == ("closed", 0), changes
        erased = {"erased": True} in changes
        assert erased == (gone.result().status == 200)
        assert not erased or changes[-1] == {"erased": True}, changes
        assert erased == (operator.get(path).ok()["email"] != person.email)
