"""POST /api/transactions/batch."""

import uuid
from decimal import Decimal

import pytest
from harness import amounts, exact_json
from harness.exact_json import Literal


def send(by, transfers, key=None, **more):
    return by.post("/api/transactions/batch", {"transfers": transfers, **more}, key=key)


def item(to, amount, **more):
    return {"receiver_email": to.email if hasattr(to, "email") else to, "amount": amount, **more}


@pytest.mark.parametrize("atomic", [False, True])
def test_pays_many(user, new_user, atomic):
    payees = [new_user() for _ in range(3)]
    body = send(
        user,
        [item(payee, f"{i + 1}.50", note=f"n{i}") for i, payee in enumerate(payees)],
        atomic=atomic,
    ).ok()
    assert set(body) == {"results", "completed", "rejected", "balance"}
    assert (body["completed"], body["rejected"]) == (3, 0)
    assert body["balance"] == user.balance() == Decimal("992.50")
    for i, result in enumerate(body["results"]):
        assert set(result) == {"index", "status", "transaction"}
        assert (result["index"], result["status"]) == (i, "completed")
        done = result["transaction"]
        assert (done["senderId"], done["receiverId"]) == (user.id, payees[i].id)
        assert (done["amount"], done["note"]) == (Decimal(f"{i + 1}.50"), f"n{i}")
        assert payees[i].balance() == 1000 + done["amount"]


def test_each_item_stands_for_itself(user, payee):
    body = send(
        user,
        [
            item(payee, 600),
            item("nobody.at.all@example.com", 1),
            item(payee, 600),
            item(user, 1),
            item(payee, 400),
            item(payee, "0.01"),
        ],
    ).ok()
    found = [
        result["status"] if "error" not in result else result["error"]["code"]
        for result in body["results"]
    ]
    assert found == [
        *("completed", "payee_not_found", "insufficient_funds", "self_transfer", "completed"),
        "insufficient_funds",
    ]
    assert [result["index"] for result in body["results"]] == list(range(6))
    assert all(result["error"]["detail"] for result in body["results"] if "error" in result)
    lefts = [result["error"].get("left") for result in body["results"] if "error" in result]
    assert lefts == [None, 400, None, 0]
    assert (body["completed"], body["rejected"]) == (2, 4)
    assert (body["balance"], payee.balance()) == (0, 2000)


@pytest.mark.parametrize(
    ("bad", "field", "code"),
    [
        (lambda user, payee: item(payee, 991), "transfers[1]", "insufficient_funds"),
        (
            lambda user, payee: item("nobody.at.all@example.com", 1),
            "transfers[1]",
            "payee_not_found",
        ),
        (lambda user, payee: item(user, 1), "transfers[1]", "self_transfer"),
    ],
)
def test_atomic_is_all_or_nothing(user, payee, bad, field, code):
    reply = send(user, [item(payee, 10), bad(user, payee), item(payee, 5)], atomic=True)
    (error,) = reply.problem(422, "batch_rejected")["errors"]
    assert error["field"].startswith(field), error
    assert error["code"] == code
    assert (user.balance(), payee.balance()) == (1000, 1000)
    assert len(payee.history()) == 1


def test_a_thousand_items(user, payee):
    body = send(user, [item(payee, "0.50", note=str(i)) for i in range(1000)]).ok()
    assert (body["completed"], body["balance"]) == (1000, 500)
    ids = [result["transaction"]["id"] for result in body["results"]]
    assert len(set(ids)) == 1000
    history = payee.history()
    assert len(history) == 1001
    assert {entry["id"] for entry in history} > set(ids)
    assert [entry["note"] for entry in reversed(history[:-1])] == [str(i) for i in range(1000)]


def test_sender_email_may_be_given_but_must_be_ones_own(user, payee):
    send(user, [item(payee, 1, sender_email=user.email.upper())]).ok()
    reply = send(user, [item(payee, 1), item(payee, 1, sender_email=payee.email)])
    if reply.status == 200:
        assert reply.json["results"][1]["error"]["code"] == "not_the_sender"
    else:
        reply.problem(403, "not_the_sender")
    assert payee.balance() <= 1002


def test_a_key_is_honoured(user, payee):
    key = str(uuid.uuid4())
    transfers = [item(payee, 1), item(payee, 2)]
    first = send(user, transfers, key)
    again = send(user, transfers, key)
    assert first.ok() == again.ok()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert user.balance() == 997


def test_the_same_key_with_another_batch_is_refused(user, payee):
    key = str(uuid.uuid4())
    first = [item(payee, 1), item(payee, 2)]
    send(user, first, key).ok()
    for other in (
        [item(payee, 1), item(payee, 3)],
        [*first, item(payee, 4)],
        first[:1],
        first[::-1],
    ):
        send(user, other, key).problem(422, "idempotency_key_reused")
    send(user, first, key, atomic=True).problem(422, "idempotency_key_reused")
    assert user.balance() == 997


@pytest.mark.parametrize("key", ["", "k" * 256, "two words"])
def test_keys_that_are_not(user, payee, key):
    send(user, [item(payee, 1)], key).problem(400, "idempotency_key_invalid")


@pytest.mark.parametrize(("sent", "code"), amounts.literals(amounts.BAD))
def test_refuses_bad_amounts(user, payee, sent, code):
    reply = send(user, [item(payee, 1), item(payee, sent)])
    reply.problem(422, "validation_failed", {"transfers[1].amount": code})
    assert user.balance() == 1000


BAD = [
    ({}, {"transfers": "required"}),
    ({"transfers": []}, {"transfers": "too_short"}),
    ({"transfers": {}}, {"transfers": "wrong_type"}),
    ({"transfers": "x"}, {"transfers": "wrong_type"}),
    ({"transfers": None}, {"transfers": "wrong_type"}),
    ({"transfers": [1]}, {"transfers[0]": "wrong_type"}),
    ({"transfers": [None]}, {"transfers[0]": "wrong_type"}),
    (
        {"transfers": [{}]},
        {"transfers[0].receiver_email": "required", "transfers[0].amount": "required"},
    ),
    (
        {
            "transfers": [{"receiver_email": "a@example.com", "amount": Literal("1")}],
            "atomic": "yes",
        },
        {"atomic": "wrong_type"},
    ),
    (
        {"transfers": [{"receiver_email": "a@example.com", "amount": 1, "fee": 1}]},
        {"transfers[0].fee": "unknown_field"},
    ),
    (
        {
            "transfers": [
                {"receiver_email": 1, "amount": 0},
                {"receiver_email": "a@example.com", "amount": 1, "note": "x" * 141},
            ],
            "x": 1,
        },
        {
            "transfers[0].receiver_email": "wrong_type",
            "transfers[0].amount": "out_of_range",
            "transfers[1].note": "too_long",
            "x": "unknown_field",
        },
    ),
]


@pytest.mark.parametrize(("sent", "fields"), BAD)
def test_refuses_bad_fields_all_at_once(user, sent, fields):
    user.post("/api/transactions/batch", sent).problem(422, "validation_failed", fields)


def test_refuses_more_than_a_thousand(user, payee):
    reply = send(user, [item(payee, "0.01") for _ in range(1001)])
    reply.problem(422, "validation_failed", {"transfers": "too_long"})


def test_takes_a_body_of_half_a_megabyte_and_no_more(user, payee):
    def padded(size):
        transfers = [item(payee, "0.01", note="n" * 140) for _ in range(1000)]
        body = {"transfers": transfers}
        text = exact_json.dumps(body)
        return (text + " " * (size - len(text))).encode()

    limit = 512 * 1024
    path = "/api/transactions/batch"
    assert user.post(path, content=padded(limit)).ok()["completed"] == 1000
    user.post(path, content=padded(limit + 1)).problem(413, "body_too_large")
