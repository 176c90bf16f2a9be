"""POST /api/transactions."""

import uuid
from decimal import Decimal

import pytest
from harness import amounts
from harness.exact_json import Literal
from harness.users import unique_name


def test_moves_the_money(user, payee):
    reply = user.pay(payee, "120.50", note="Lunch")
    done = reply.ok(201)
    assert set(done) == {
        *("id", "senderId", "receiverId", "amount", "currency", "kind", "status", "note"),
        *("createdAt", "balance"),
    }
    assert (done["senderId"], done["receiverId"]) == (user.id, payee.id)
    assert (done["kind"], done["status"], done["currency"]) == ("transfer", "completed", "EGP")
    assert (done["amount"], done["balance"]) == (Decimal("120.50"), Decimal("879.50"))
    assert done["note"] == "Lunch"
    assert '"amount":120.50' in reply.text.replace(" ", "")
    assert reply.headers["location"] == f"/api/transactions/{done['id']}"
    assert reply.headers["cache-control"] == "no-store"
    assert user.balance() == Decimal("879.50")
    assert payee.balance() == Decimal("1120.50")


@pytest.mark.parametrize(("sent", "value"), amounts.GOOD)
def test_amounts_are_exact(user, payee, sent, value):
    done = user.pay(payee, Literal(sent)).ok(201)
    assert done["amount"] == Decimal(value)
    assert amounts.is_money(done["amount"])
    assert amounts.is_money(done["balance"])
    assert user.balance() == 1000 - Decimal(value)
    assert payee.balance() == 1000 + Decimal(value)


@pytest.mark.parametrize(("sent", "code"), amounts.literals(amounts.BAD))
def test_refuses_bad_amounts(user, payee, sent, code):
    user.pay(payee, sent).problem(422, "validation_failed", {"amount": code})


@pytest.mark.parametrize("sent", ["-1", "-0.01", '"-12.30"', "-9e99"])
def test_refuses_negative_amounts(user, payee, sent):
    code = "invalid_format" if "e" in sent else "out_of_range"
    user.pay(payee, Literal(sent)).problem(422, "validation_failed", {"amount": code})


@pytest.mark.parametrize("sent", amounts.NOT_JSON)
def test_amounts_that_are_no_json_are_400(user, payee, sent):
    user.pay(payee, Literal(sent)).problem(400, "invalid_json")


def test_a_refused_transfer_changes_nothing(user, payee):
    for amount in ("1000.01", amounts.LARGEST):
        refused = user.pay(payee, amount).problem(422, "insufficient_funds")
        assert refused["left"] == 1000
        assert not {"limit", "resetsAt"} & set(refused)
    assert (user.balance(), payee.balance()) == (1000, 1000)
    assert len(user.history()) == len(payee.history()) == 1


def test_everything_down_to_the_last_cent(user, payee):
    assert user.pay(payee, "999.99").ok(201)["balance"] == Decimal("0.01")
    assert user.pay(payee, "0.01").ok(201)["balance"] == 0
    user.pay(payee, "0.01").problem(422, "insufficient_funds")
    assert payee.pay(user, 2000).ok(201)["balance"] == 0


@pytest.mark.parametrize(
    "note",
    [
        "",
        "x" * 140,
        "é" * 140,
        "😀" * 140,
        "غداء",
        "👩\u200d💻",
        'quote " and \\ back',
        "</script>",
        None,
    ],
)
def test_notes_that_are_good(user, payee, note):
    done = user.pay(payee, 1, note=note).ok(201)
    assert (done["note"] or "") == (note or "")
    assert payee.history()[0]["note"] == done["note"]


def test_emails_in_any_case_and_padded(user, payee):
    body = {
        "sender_email": f" {user.email.upper()} ",
        "receiver_email": payee.email.upper(),
        "amount": 1,
    }
    user.post("/api/transactions", body).ok(201)


def test_to_oneself_is_refused(user):
    user.pay(user, 1).problem(422, "self_transfer")
    user.pay(user.email.upper(), 1).problem(422, "self_transfer")


@pytest.mark.parametrize("email", ["nobody.at.all@example.com", "no-email", "@", "x" * 254])
def test_to_an_unknown_email_is_404(user, email):
    user.pay(email, 1).problem(404, "payee_not_found")
    assert user.balance() == 1000


def test_by_username(user, payee):
    body = {"sender_email": user.email, "receiver_username": payee.username.upper(), "amount": 1}
    assert user.post("/api/transactions", body).ok(201)["receiverId"] == payee.id
    body["receiver_username"] = "nobody.at.all"
    user.post("/api/transactions", body).problem(404, "payee_not_found")
    body["receiver_username"] = user.username
    user.post("/api/transactions", body).problem(422, "self_transfer")


def test_to_somebody_who_registered_a_moment_ago(user, new_user):
    """An e-mail that was unknown is not remembered as unknown."""
    name = unique_name()
    user.pay(f"{name}@example.com", 1).problem(404, "payee_not_found")
    late = new_user(email=f"{name}@example.com")
    user.pay(late, 1).ok(201)


def test_from_somebody_elses_account_is_403(user, payee, operator, new_user):
    third = new_user()
    for by in (payee, third, operator):
        body = {"sender_email": user.email, "receiver_email": third.email, "amount": 1}
        by.post("/api/transactions", body).problem(403, "not_the_sender")
    body = {"sender_email": "nobody.at.all@example.com", "receiver_email": payee.email, "amount": 1}
    user.post("/api/transactions", body).problem(403, "not_the_sender")
    assert user.balance() == 1000


BAD = [
    ({"sender_email": ...}, {"sender_email": "required"}),
    ({"sender_email": None}, {"sender_email": "wrong_type"}),
    ({"sender_email": 1}, {"sender_email": "wrong_type"}),
    ({"sender_email": ""}, {"sender_email": "required"}),
    ({"receiver_email": ...}, {"receiver_email": "required"}),
    ({"receiver_email": {}}, {"receiver_email": "wrong_type"}),
    ({"receiver_email": ""}, {"receiver_email": "required"}),
    ({"receiver_email": "a\u0000@b.example"}, {"receiver_email": "invalid_format"}),
    ({"receiver_email": ..., "receiver_username": 1}, {"receiver_username": "wrong_type"}),
    ({"receiver_email": ..., "receiver_username": ""}, {"receiver_username": "required"}),
    ({"receiver_username": "both"}, {"receiver_username": "unknown_field"}),
    ({"receiver_email": f"{'x' * 250}@example.com"}, {"receiver_email": "too_long"}),
    ({"amount": ...}, {"amount": "required"}),
    ({"note": 1}, {"note": "wrong_type"}),
    ({"note": "x" * 141}, {"note": "too_long"}),
    ({"note": "é" * 141}, {"note": "too_long"}),
    ({"note": "a\u0000b"}, {"note": "invalid_format"}),
    ({"note": "a\nb"}, {"note": "invalid_format"}),
    ({"note": "a\u0085b"}, {"note": "invalid_format"}),
    ({"note": "paid \u202e5 EGP"}, {"note": "invalid_format"}),
    ({"note": "a\u200bb"}, {"note": "invalid_format"}),
    ({"currency": "EGP"}, {"currency": "unknown_field"}),
    ({"fee": 1}, {"fee": "unknown_field"}),
    ({"receiverEmail": "a@example.com"}, {"receiverEmail": "unknown_field"}),
    (
        {"receiver_email": 5, "amount": 0, "note": 1, "x": None},
        {
            "receiver_email": "wrong_type",
            "amount": "out_of_range",
            "note": "wrong_type",
            "x": "unknown_field",
        },
    ),
]


@pytest.mark.parametrize(("changes", "fields"), BAD)
def test_refuses_bad_fields_all_at_once(user, payee, changes, fields):
    body = {"sender_email": user.email, "receiver_email": payee.email, "amount": 1, **changes}
    body = {name: value for name, value in body.items() if value is not ...}
    user.post("/api/transactions", body).problem(422, "validation_failed", fields)
    assert user.balance() == 1000


# ---- Idempotency-Key


def test_the_same_key_and_body_is_answered_again(user, payee):
    key = str(uuid.uuid4())
    first = user.pay(payee, "12.30", note="once", key=key)
    user.pay(payee, 1).ok(201)
    again = user.pay(payee, "12.30", note="once", key=key)
    assert first.ok(201) == again.ok(201), "the first answer, its balance too"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert user.balance() == Decimal("986.70")


def test_the_same_transfer_written_differently_is_the_same(user, payee):
    key = str(uuid.uuid4())
    first = user.pay(payee, Literal("5"), key=key).ok(201)
    assert user.pay(payee.email.upper(), Literal('"5.00"'), key=key).ok(201) == first


def test_the_same_key_with_another_body_is_refused(user, payee, new_user):
    key = str(uuid.uuid4())
    user.pay(payee, 5, key=key).ok(201)
    for reply in (
        user.pay(payee, 6, key=key),
        user.pay(new_user(), 5, key=key),
        user.pay(payee, 5, note="other", key=key),
    ):
        reply.problem(422, "idempotency_key_reused")
    assert user.balance() == 995


def test_a_key_belongs_to_its_user(user, payee):
    key = str(uuid.uuid4())
    mine = user.pay(payee, 5, key=key).ok(201)
    theirs = payee.pay(user, 5, key=key).ok(201)
    assert mine["id"] != theirs["id"]


def test_a_refusal_does_not_use_the_key_up(user, payee, operator):
    key = str(uuid.uuid4())
    user.pay(payee, 1500, key=key).problem(422, "insufficient_funds")
    operator.adjust(user, 500).ok()
    reply = user.pay(payee, 1500, key=key)
    assert reply.ok(201)["balance"] == 0
    assert "idempotent-replayed" not in reply.headers


def test_a_replay_is_answered_though_the_money_is_gone_or_the_account_frozen(user, payee, operator):
    key = str(uuid.uuid4())
    first = user.pay(payee, 1000, key=key).ok(201)
    assert user.pay(payee, 1000, key=key).ok(201) == first
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    assert user.pay(payee, 1000, key=key).ok(201) == first


def test_without_a_key_every_request_is_a_transfer(user, payee):
    ids = {user.pay(payee, 1).ok(201)["id"] for _ in range(3)}
    assert len(ids) == 3
    assert user.balance() == 997


@pytest.mark.parametrize("key", ["k", "k" * 255, "!~", "a-b_c:d/e?f=g", '"quoted"'])
def test_keys_that_are_good(user, payee, key):
    user.pay(payee, 1, key=key).ok(201)


@pytest.mark.parametrize("key", ["", "k" * 256, "two words", "tab\there", "k" * 4000])
def test_keys_that_are_not(user, payee, key):
    user.pay(payee, 1, key=key).problem(400, "idempotency_key_invalid")


def test_a_key_of_other_letters_is_refused(user, payee):
    body = {"sender_email": user.email, "receiver_email": payee.email, "amount": 1}
    headers = [(b"Idempotency-Key", "clé".encode())]
    user.post("/api/transactions", body, headers=headers).problem(400, "idempotency_key_invalid")


def test_two_keys_are_refused(user, payee):
    body = {"sender_email": user.email, "receiver_email": payee.email, "amount": 1}
    headers = [("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    reply = user.post("/api/transactions", body, headers=headers)
    assert reply.status == 400, str(reply)
    assert user.balance() == 1000
