"""GET /api/users/{id}/export."""

import csv
import io
import uuid
from decimal import Decimal

import pytest
from harness import exact_json
from harness.factors import renew
from harness.keys import claims_of
from harness.passkeys import new_passkey, register
from harness.receipts import authorization_hash
from harness.users import fresh_key


def export(by, identifier, **params):
    return by.get(f"/api/users/{identifier}/export", params=params)


def as_json(by, person):
    reply = export(by, person.id)
    assert reply.status == 200, str(reply)
    assert reply.headers["content-type"].startswith("application/json")
    name = f"mini-instapay-{person.username}.json"
    assert reply.headers["content-disposition"] == f'attachment; filename="{name}"'
    return exact_json.loads(reply.text)


def as_csv(by, person):
    reply = export(by, person.id, format="csv")
    assert reply.status == 200, str(reply)
    assert reply.headers["content-type"].startswith("text/csv")
    assert f"{person.username}.csv" in reply.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(reply.text, newline="")))


def adds_up(entries, balance):
    held = Decimal(0)
    for number, entry in enumerate(entries, 1):
        held += entry["amount"]
        assert (entry["seq"], entry["balanceAfter"]) == (number, held)
    assert held == balance


def test_all_that_is_kept(user, payee, operator):
    done = user.pay(payee, "12.30", note='Lunch, with "quotes"\u00e9').ok(201)
    back = payee.post(f"/api/transactions/{done['id']}/refund", {"amount": 2}).ok(201)
    operator.adjust(user, 7, reason="Cash").ok()
    whole = as_json(user, user)
    assert whole["profile"] == user.profile()
    opening, paid, refunded, adjusted = whole["entries"]
    history = {entry["id"]: entry for entry in user.history()}
    for entry in whole["entries"]:
        told = history[entry["transactionId"]]
        for name in ("createdAt", "kind", "note", "balanceAfter"):
            assert entry[name] == told[name]
        assert abs(entry["amount"]) == told["amount"]
        assert (entry["amount"] < 0) == (told["direction"] == "out")
    assert (opening["kind"], opening["amount"], opening["counterparty"]) == ("opening", 1000, None)
    assert (paid["counterpartyId"], paid["counterparty"]) == (payee.id, payee.username)
    assert (refunded["transactionId"], refunded["refundOf"]) == (back["id"], done["id"])
    assert (adjusted["kind"], adjusted["note"]) == ("adjustment", "Cash")
    adds_up(whole["entries"], user.balance())


def test_csv_says_the_same(user, payee):
    user.pay(payee, 1, note='a,"b"').ok(201)
    payee.pay(user, 2).ok(201)
    rows, entries = as_csv(user, user), as_json(user, user)["entries"]
    assert [list(row) for row in rows] == [list(entry) for entry in entries]
    for row, entry in zip(rows, entries, strict=True):
        assert row == {name: "" if v is None else str(v) for name, v in entry.items()}


def test_a_note_is_no_formula_of_a_spreadsheet(user, payee):
    user.pay(payee, 1, note="=1+1").ok(201)
    assert as_csv(user, user)[1]["note"] == "'=1+1"
    assert as_json(user, user)["entries"][1]["note"] == "=1+1"


def test_events_that_move_nothing_are_there(user, operator):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": "Card stolen"}).ok()
    opening, frozen = as_json(user, user)["entries"]
    assert (frozen["kind"], frozen["amount"], frozen["balanceAfter"]) == ("control", 0, 1000)
    # The reason is the operators' own.
    assert frozen["note"] is None
    assert frozen["counterparty"] is None
    adds_up((opening, frozen), 1000)


def test_of_many_pages(user, payee):
    items = [
        {"receiver_email": payee.email, "amount": "0.01", "note": f"n {i}"} for i in range(1000)
    ]
    for _ in range(2):
        results = user.post("/api/transactions/batch", {"transfers": items}).ok()
        assert results["completed"] == 1000
    for person in (user, payee):
        entries = as_json(person, person)["entries"]
        assert len(entries) == 2001
        adds_up(entries, person.balance())
        rows = as_csv(person, person)
        assert [row["seq"] for row in rows] == [str(n) for n in range(1, 2002)]
        assert sum(Decimal(row["amount"]) for row in rows) == person.balance()


@pytest.mark.parametrize("more", [-1, 0, 1])
def test_of_just_about_a_page(user, payee, more):
    items = [{"receiver_email": payee.email, "amount": "0.01"}] * (499 + more)
    user.post("/api/transactions/batch", {"transfers": items}).ok()
    adds_up(as_json(user, user)["entries"], user.balance())


def test_who_may(user, payee, operator, auditor):
    export(operator, user.id).ok()
    for by in (payee, auditor):
        export(by, user.id).problem(403, "forbidden")
        export(by, user.id, format="csv").problem(403, "forbidden")
    export(operator, uuid.uuid4()).problem(404, "user_not_found")


def test_refuses_bad_parameters(user):
    export(user, "x").problem(422, "validation_failed", {"id": "invalid_format"})
    export(user, user.id, format="pdf").problem(422, "validation_failed", {"format": "not_allowed"})


def test_names_the_passkeys(platform, user):
    assert as_json(user, user)["passkeys"] == []
    added = register(user, new_passkey(platform), "Mona's phone")["passkey"]
    assert as_json(user, user)["passkeys"] == [added]


def test_how_it_is_set_up_and_where_it_is_signed_in(user, payee, platform):
    whole = as_json(user, user)
    none = {"language": None, "pinPerPayment": None, "pinPerDay": None}
    assert whole["settings"] == {**none, "stepUpAbove": None, "stepUpNewPayees": False}
    listed = user.get(f"/api/users/{user.id}/sessions").ok()["data"]
    assert whole["sessions"] == [{**session, "current": False} for session in listed]
    register(user, new_passkey(platform))
    user.put("/api/users/me/factors/step-up", {"above": "5.00", "newPayees": True}).ok()
    renew(user)
    settings = as_json(user, user)["settings"]
    assert settings == {**none, "stepUpAbove": 5, "stepUpNewPayees": True}


def test_what_was_split(user, payee):
    payee.pay(user, 1).ok(201)
    assert as_json(user, user)["splits"] == []
    body = {"amount": "9.00", "people": [{"to": payee.id}], "includeMe": True, "note": "Tea"}
    made = user.post("/api/splits", body, key=fresh_key()).ok(201)
    (split,) = as_json(user, user)["splits"]
    assert (split["id"], split["note"]) == (made["id"], "Tea")
    assert as_json(payee, payee)["splits"] == []


def test_what_was_signed(platform, user, payee):
    passkey = new_passkey(platform)
    register(user, passkey)
    body, key = {"sender_email": user.email, "receiver_id": payee.id, "amount": 1}, fresh_key()
    proof = passkey.get(user.post("/api/transactions/authorization", body, key=key).ok())
    paid = user.post("/api/transactions", {**body, "passkey": proof}, key=key).ok(201)
    (signed,) = as_json(user, user)["signedPayments"]
    claims = claims_of(user.get(f"/api/transactions/{paid['id']}/receipt").text)
    shown = claims["authorization"]
    del shown["idempotencyKeyHash"], signed["createdAt"]
    assert signed == {**shown, "hash": authorization_hash(shown)}
    assert as_json(payee, payee)["signedPayments"] == []
    assert as_json(user, user)["signedProposals"] == []
