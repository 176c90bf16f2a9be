"""GET /api/transactions."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from harness.users import unique_name

PATH = "/api/transactions"


def search(by, **params):
    return by.get(PATH, params=params)


def pages(by, **params):
    """Everything, page by page."""
    found, cursor = [], {}
    while True:
        page = search(by, **params, **cursor).ok()
        found += page["data"]
        assert page["hasMore"] == (page["nextCursor"] is not None)
        if not page["hasMore"]:
            return found
        cursor = {"cursor": page["nextCursor"]}


@pytest.fixture(scope="module")
def deal(platform):
    """Two people and what happened between them, newest first."""
    payer, payee = platform.new_user(), platform.new_user()
    word = unique_name("word")
    done = [payer.pay(payee, i + 1, note=f"{word} {i}").ok(201) for i in range(5)]
    return payer, payee, word, [d["id"] for d in reversed(done)]


def test_is_for_operators_and_auditors(user, auditor):
    search(auditor).ok()
    search(user).problem(403, "forbidden")


def test_by_user(operator, deal):
    payer, payee, _, ids = deal
    for text in (payer.id, payer.email, payer.email.upper(), payer.username):
        found = search(operator, user=text).ok()["data"]
        assert [item["id"] for item in found if item["kind"] == "transfer"] == ids
    item = found[0]
    assert (item["sender"]["id"], item["receiver"]["id"]) == (payer.id, payee.id)
    assert item == operator.get(f"{PATH}/{ids[0]}").ok()
    assert search(operator, user="nobody.at.all").ok()["data"] == []
    assert search(operator, user=str(uuid.uuid4())).ok()["data"] == []


def test_by_id_and_by_note(operator, deal):
    _, _, word, ids = deal
    assert [item["id"] for item in search(operator, q=ids[2]).ok()["data"]] == [ids[2]]
    assert [item["id"] for item in search(operator, q=word.upper()).ok()["data"]] == ids
    assert search(operator, q=str(uuid.uuid4())).ok()["data"] == []


def test_by_kind_amount_and_time(operator, deal):
    payer, _, word, ids = deal
    (opening,) = search(operator, user=payer.id, kind="opening").ok()["data"]
    assert opening["sender"] is None
    found = search(operator, q=word, minAmount="2", maxAmount="4.00").ok()["data"]
    assert [item["id"] for item in found] == ids[1:4]
    at = {item["id"]: item["createdAt"] for item in search(operator, q=word).ok()["data"]}
    found = search(operator, q=word, **{"from": at[ids[3]], "to": at[ids[1]]}).ok()["data"]
    assert [item["id"] for item in found] == ids[2:4]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    assert search(operator, q=word, **{"from": tomorrow}).ok()["data"] == []


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_pages_give_everything_once(operator, deal, limit):
    payer, _, word, ids = deal
    assert [item["id"] for item in pages(operator, q=word, limit=limit)] == ids
    assert len(pages(operator, user=payer.id, limit=limit)) == len(ids) + 1


def test_everybodys_in_the_order_of_time(operator, deal):
    found = search(operator, limit=100).ok()["data"]
    times = [item["createdAt"] for item in found]
    assert times == sorted(times, reverse=True)
    assert len({item["id"] for item in found}) == len(found), "no transaction twice"


BAD = [
    ({"limit": "0"}, {"limit": "out_of_range"}),
    ({"cursor": "x"}, {"cursor": "invalid_format"}),
    ({"kind": "gift"}, {"kind": "not_allowed"}),
    ({"q": "x" * 141}, {"q": "too_long"}),
    ({"user": "x" * 255}, {"user": "too_long"}),
    ({"minAmount": "a"}, {"minAmount": "invalid_format"}),
    ({"from": "x", "to": "y"}, {"from": "invalid_format", "to": "invalid_format"}),
    ({"from": "2026-02-03", "to": "2026-02-01"}, {"from": "out_of_range"}),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters(operator, params, fields):
    search(operator, **params).problem(422, "validation_failed", fields)
