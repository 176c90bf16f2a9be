"""GET /api/transactions."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from harness.requests import ask, settle
from harness.users import unique_name
from harness.waiting import wait_until

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


def test_an_address_is_found_as_it_is_typed_and_whose_it_is_now(operator, new_user, client):
    first = new_user()
    first.pay(new_user(), 1).ok(201)
    typed = f"  {first.email.upper()} "
    assert len(search(operator, user=typed, kind="transfer").ok()["data"]) == 1
    operator.close_account(first).ok()
    operator.post(f"/api/users/{first.id}/erasure", {"reason": "Ticket 1"}).ok()
    assert search(operator, user=typed).ok()["data"] == []
    second = new_user(email=first.email)
    second.pay(new_user(), 2).ok(201)
    found = search(operator, user=typed, kind="transfer").ok()["data"]
    assert [item["sender"]["id"] for item in found] == [second.id]


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


def test_by_what_was_paid(operator, new_user):
    """A request's id finds its payments, the newest first."""
    payer, payee = new_user(), new_user()
    asked = ask(payee, uses="many").ok(201)
    paid = [settle(payer, asked, amount=amount).ok(201)["id"] for amount in ("1.00", "2.00")]
    assert [item["id"] for item in search(operator, q=asked["id"]).ok()["data"]] == paid[::-1]
    assert [item["id"] for item in pages(operator, q=asked["id"], limit=1)] == paid[::-1]
    found = search(operator, q=asked["id"]).ok()["data"]
    assert {item["requestId"] for item in found} == {asked["id"]}


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


def fill(cluster, transfer, count, note):
    """So many older transfers, made of the payer's entry of this one, and indexed."""
    cluster.sql(
        "SET session_replication_role = replica; WITH more AS (INSERT INTO entries (account_id,"
        " transfer_id, counterparty_id, seq, counterparty_seq, amount, balance_after, sent_today,"
        " created_at, batch_seq, chain_id, position, kind, note) SELECT account_id, (lpad(to_hex("
        "(extract(epoch FROM created_at) * 1000)::bigint - i), 12, '0')"
        " || '70008000' || lpad(to_hex(i), 12, '0'))::uuid, counterparty_id, seq + i,"
        " counterparty_seq, -1, balance_after, sent_today, created_at - i * interval '1 ms',"
        f" batch_seq, chain_id, position, kind, {note} FROM entries, generate_series(1, {count})"
        f" AS i WHERE transfer_id = '{transfer}' AND amount < 0 RETURNING *)"
        " INSERT INTO transfer_search SELECT transfer_id, NULL, 1, created_at, kind, note FROM more"
    )


def test_what_is_rare_is_found_and_what_is_nowhere_ends(launch, cluster):
    """However many there are: a request looks at so many, and the indexes know the rest."""
    platform = launch()
    operator, payer, payee = platform.operator(), platform.new_user(), platform.new_user()
    mine = payer.pay(payee, 7, note="Älteste Nadel").ok(201)["id"]

    def indexed():
        return cluster.sql(f"SELECT kind FROM transfer_search WHERE transfer_id = '{mine}'")

    wait_until(indexed, 30, "the index")
    rows = 85_000
    behind = "SET session_replication_role = replica; "
    try:
        fill(
            cluster,
            mine,
            rows,
            f"CASE i WHEN {rows} THEN 'dernière épingle %' WHEN {rows - 1} THEN 'في آخر السوق'"
            f" WHEN {rows - 2} THEN 'ж!' ELSE 'usual thing' END",
        )
        for q in ("DERNI", "PINGLE %"):
            page = search(operator, q=q).ok()
            assert (len(page["data"]), page["hasMore"]) == (1, False), q
        # This database's locale is C: its index knows no letters but ASCII's, so the pages go on.
        for q in ("nière ép", "آخر الس"):
            assert len(pages(operator, q=q)) == 1, q
        nothing = {"data": [], "hasMore": False, "nextCursor": None}
        assert search(operator, q="needle of nobody").ok() == nothing
        assert search(operator, q="AL THI").ok()["data"], "what is common is found at once"
        found = search(operator, minAmount="7.00", maxAmount="7.00").ok()["data"]
        assert found[0]["id"] == mine
        # Too short for the index: the pages end in between, and come to it in the end.
        first = search(operator, q="ж!").ok()
        assert (first["data"], first["hasMore"]) == ([], True)
        assert len(pages(operator, q="ж!")) == 1
        assert len(pages(operator, q="ж?")) == 0
        # Far behind, as after an update: what the index has is not all, so the pages go on too.
        cluster.sql(
            behind + "INSERT INTO ledger_batches SELECT 990000, 1, h, h, h, 30000, false, now(), h"
            " FROM sha256('x') AS h; INSERT INTO report_chains (chain_id) VALUES (990000)"
        )
        first = search(operator, q="PINGLE %").ok()
        assert (first["data"], first["hasMore"]) == ([], True)
        assert len(pages(operator, q="PINGLE %")) == 1
    finally:
        cluster.sql(
            behind + f"DELETE FROM entries WHERE account_id = '{payer.id}' AND amount = -1;"
            " DELETE FROM transfer_search WHERE amount = 1 AND note IS NOT NULL;"
            " DELETE FROM ledger_batches WHERE chain_id = 990000;"
            " DELETE FROM report_chains WHERE chain_id = 990000"
        )


BAD = [
    ({"limit": "0"}, {"limit": "out_of_range"}),
    ({"cursor": "x"}, {"cursor": "invalid_format"}),
    ({"kind": "gift"}, {"kind": "not_allowed"}),
    ({"q": "", "user": " "}, {"q": "required", "user": "required"}),
    ({"q": "x" * 141}, {"q": "too_long"}),
    ({"user": "x" * 255}, {"user": "too_long"}),
    ({"minAmount": "a"}, {"minAmount": "invalid_format"}),
    ({"from": "x", "to": "y"}, {"from": "invalid_format", "to": "invalid_format"}),
    ({"from": "2026-02-03", "to": "2026-02-01"}, {"from": "out_of_range"}),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters(operator, params, fields):
    search(operator, **params).problem(422, "validation_failed", fields)
