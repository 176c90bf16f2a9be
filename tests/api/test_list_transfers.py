"""GET /api/transactions/user/{user_id}."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from harness import amounts


def get(by, whom, **params):
    return by.get(f"/api/transactions/user/{whom.id}", params=params)


@pytest.fixture(scope="module")
def traffic(platform):
    """A wallet with 30 entries: the grant, then out, in, out, in …"""
    user, other = platform.new_user(), platform.new_user()
    done = []
    for i in range(29):
        payer, payee = (user, other) if i % 2 == 0 else (other, user)
        done.append(payer.pay(payee, Decimal(i + 1), note=f"n{i}").ok(201))
    return user, other, done


def test_newest_first_with_the_balance_after_each(traffic):
    user, other, done = traffic
    entries = user.history()
    assert [entry["id"] for entry in entries[:-1]] == [d["id"] for d in reversed(done)]
    assert entries[-1]["kind"] == "opening"
    assert [entry["createdAt"] for entry in entries] == sorted(
        (entry["createdAt"] for entry in entries), reverse=True
    )
    balance = Decimal(0)
    for entry in reversed(entries):
        assert set(entry) == {
            *("id", "senderId", "receiverId", "amount", "currency", "kind", "status", "note"),
            *("refunded", "refundable", "createdAt", "direction", "balanceAfter", "counterparty"),
        }
        assert entry["amount"] > 0
        assert amounts.is_money(entry["amount"])
        assert amounts.is_money(entry["balanceAfter"])
        incoming = entry["receiverId"] == user.id
        assert entry["direction"] == ("in" if incoming else "out")
        balance += entry["amount"] if incoming else -entry["amount"]
        assert entry["balanceAfter"] == balance
    assert balance == user.balance()
    assert entries[0]["counterparty"] == {
        "id": other.id,
        "username": other.username,
        "displayName": other.username,
    }


def test_both_sides_tell_the_same(traffic):
    user, other, _ = traffic
    mine = {entry["id"]: entry for entry in user.history()}
    for entry in other.history():
        if entry["kind"] == "transfer":
            twin = mine[entry["id"]]
            assert twin["direction"] != entry["direction"]
            same = ("senderId", "receiverId", "amount", "note", "createdAt", "kind", "status")
            assert all(entry[name] == twin[name] for name in same)


@pytest.mark.parametrize("limit", [1, 7, 10, 29, 30, 31, 100])
def test_pages_give_everything_once(traffic, limit):
    user, _, _ = traffic
    whole = [entry["id"] for entry in user.history()]
    seen, params = [], {}
    while True:
        page = user.history_page(limit=limit, **params)
        assert len(page["data"]) == min(limit, len(whole) - len(seen))
        seen += [entry["id"] for entry in page["data"]]
        assert page["hasMore"] == (len(seen) < len(whole))
        assert page["hasMore"] == (page["nextCursor"] is not None)
        if not page["hasMore"]:
            break
        params = {"cursor": page["nextCursor"]}
    assert seen == whole


def test_new_entries_do_not_shift_the_pages(new_user):
    user, payee = new_user(), new_user()
    for _ in range(5):
        user.pay(payee, 1).ok(201)
    first = user.history_page(limit=3)
    whole = [entry["id"] for entry in user.history()]
    for _ in range(3):
        user.pay(payee, 1).ok(201)
    second = user.history_page(limit=3, cursor=first["nextCursor"])
    assert [entry["id"] for entry in first["data"] + second["data"]] == whole


def test_a_page_has_20_by_default(traffic):
    assert len(traffic[0].history_page()["data"]) == 20


@pytest.mark.parametrize(("direction", "count"), [("in", 15), ("out", 15)])
def test_by_direction(traffic, direction, count):
    user, _, _ = traffic
    found = user.history(direction=direction)
    assert found == [entry for entry in user.history() if entry["direction"] == direction]
    assert len(found) == count
    paged = user.history_page(direction=direction, limit=10)
    rest = user.history_page(direction=direction, limit=10, cursor=paged["nextCursor"])
    assert paged["data"] + rest["data"] == found


def test_from_is_inclusive_and_to_exclusive_for_times(traffic):
    user, _, _ = traffic
    entries = user.history()
    first, last = entries[20], entries[10]
    found = user.history(**{"from": first["createdAt"], "to": last["createdAt"]})
    assert found == entries[11:21]
    assert user.history(**{"from": first["createdAt"]}) == entries[:21]
    assert user.history(to=last["createdAt"]) == entries[11:]


def test_from_and_to_are_exact(new_user):
    """Transfers of one request have one time: a moment has all of them or none."""
    user, payee = new_user(), new_user()
    transfers = [{"receiver_email": payee.email, "amount": "0.01"} for _ in range(20)]
    for _ in range(3):
        user.post("/api/transactions/batch", {"transfers": transfers}).ok()
    entries = payee.history()
    for first, last in ((59, 0), (39, 19), (20, 20)):
        begins, ends = entries[first]["createdAt"], entries[last]["createdAt"]
        within = [e for e in entries if begins <= e["createdAt"] < ends]
        assert payee.history(**{"from": begins, "to": ends}) == within


def test_by_note_person_and_amount(traffic):
    user, other, _ = traffic
    entries = user.history()
    assert user.history(q="N1") == [e for e in entries if (e["note"] or "").startswith("n1")]
    assert user.history(q=other.username[3:].upper()) == entries[:-1]
    assert user.history(q="%") == user.history(q="_") == []
    some = [e for e in entries if 5 <= e["amount"] <= 10]
    assert user.history(minAmount="5", maxAmount="10.00") == some
    assert user.history(minAmount="1000") == entries[-1:]


def test_with_one_person(user, payee, new_user):
    namesake = new_user()
    payee.patch(f"/api/users/{payee.id}", {"displayName": "Omar"}).ok()
    namesake.patch(f"/api/users/{namesake.id}", {"displayName": "Omar"}).ok()
    user.pay(payee, 1).ok(201)
    user.pay(namesake, 2).ok(201)
    payee.pay(user, 3).ok(201)
    assert [entry["amount"] for entry in user.history(counterparty=payee.id)] == [3, 1]
    assert [e["amount"] for e in user.history(counterparty=payee.id, direction="out")] == [1]
    assert user.history(counterparty=user.id) == []


def searched(operator, **params):
    """By an operator, all pages."""
    found, cursor = [], {}
    while True:
        page = operator.get("/api/transactions", params={**params, **cursor}).ok()
        found += page["data"]
        if not page["hasMore"]:
            return found
        cursor = {"cursor": page["nextCursor"]}


def test_a_filtered_page_ends_after_so_many_entries(launch, cluster):
    """Whatever is asked for costs so much and no more; the next page goes on."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    user.pay(payee, 3, note="the first").ok(201)
    # Each says what the first says, but for its number.
    cluster.sql(
        "SET session_replication_role = replica; INSERT INTO entries SELECT account_id,"
        " transfer_id, counterparty_id, refund_of, reference, actor_id, seq + i, counterparty_seq,"
        " amount, balance_after, held_after, held_change, sent_today, created_at, 1, 1, 0, kind,"
        " NULL, NULL, NULL, NULL, 'more', NULL FROM entries, generate_series(1, 45000) AS i"
        f" WHERE account_id = '{user.id}' AND note = 'the first'"
    )
    try:
        sizes, cursor = [], {}
        while True:
            page = user.history_page(q="THE FIRST", **cursor)
            sizes.append(len(page["data"]))
            if not page["hasMore"]:
                break
            cursor = {"cursor": page["nextCursor"]}
        assert sizes == [0, 0, 1]
        assert len(user.history_page(q="more", limit=100)["data"]) == 100
        assert user.history(q=payee.username, direction="in") == []
        operator = platform.operator()
        for params in ({"q": "THE FIRST"}, {"kind": "opening"}):
            assert len(searched(operator, user=user.id, **params)) == 1, params
    finally:
        cluster.sql(
            "SET session_replication_role = replica;"
            f" DELETE FROM entries WHERE account_id = '{user.id}' AND note = 'more'"
        )


def test_times_with_an_offset_are_the_same_moments(traffic):
    user, _, _ = traffic
    entries = user.history()
    moment = datetime.fromisoformat(entries[15]["createdAt"])
    cairo = moment.astimezone(UTC) + timedelta(hours=2)
    written = cairo.replace(tzinfo=None).isoformat(timespec="microseconds") + "+02:00"
    assert user.history(**{"from": written}) == entries[:16]


def test_dates_are_whole_days_and_to_is_inclusive(traffic):
    user, _, _ = traffic
    entries = user.history()
    days = [entry["createdAt"][:10] for entry in entries]
    first, last = days[-1], days[0]
    assert user.history(**{"from": first, "to": last}) == entries
    before = (datetime.fromisoformat(first) - timedelta(days=1)).date().isoformat()
    after = (datetime.fromisoformat(last) + timedelta(days=1)).date().isoformat()
    assert user.history(to=before) == []
    assert user.history(**{"from": after}) == []
    page = user.history_page(**{"from": after})
    assert page == {"data": [], "hasMore": False, "nextCursor": None}


def test_who_may_look(traffic, operator, auditor, new_user):
    user, other, _ = traffic
    for viewer in (operator, auditor):
        assert get(viewer, user).ok()["data"][0]["id"] == user.history_page()["data"][0]["id"]
    for stranger in (other, new_user()):
        get(stranger, user).problem(403, "forbidden")
    operator.get(f"/api/transactions/user/{uuid.uuid4()}").problem(404, "user_not_found")


BAD = [
    ({"limit": "0"}, {"limit": "out_of_range"}),
    ({"limit": "101"}, {"limit": "out_of_range"}),
    ({"limit": "x"}, {"limit": "out_of_range"}),
    ({"limit": ""}, {"limit": "out_of_range"}),
    ({"limit": "1e1"}, {"limit": "out_of_range"}),
    ({"limit": "99999999999999999999"}, {"limit": "out_of_range"}),
    ({"q": ""}, {"q": "required"}),
    ({"q": "x" * 65}, {"q": "too_long"}),
    ({"q": "a\nb"}, {"q": "invalid_format"}),
    ({"counterparty": "x"}, {"counterparty": "invalid_format"}),
    ({"counterparty": ""}, {"counterparty": "invalid_format"}),
    ({"minAmount": "-1"}, {"minAmount": "invalid_format"}),
    ({"maxAmount": "1e3"}, {"maxAmount": "invalid_format"}),
    ({"direction": "up"}, {"direction": "not_allowed"}),
    ({"direction": ""}, {"direction": "not_allowed"}),
    ({"cursor": "x"}, {"cursor": "invalid_format"}),
    ({"cursor": "AAAA"}, {"cursor": "invalid_format"}),
    ({"cursor": "' OR 1=1"}, {"cursor": "invalid_format"}),
    ({"from": "yesterday"}, {"from": "invalid_format"}),
    ({"from": ""}, {"from": "invalid_format"}),
    ({"cursor": ""}, {"cursor": "invalid_format"}),
    ({"minAmount": ""}, {"minAmount": "invalid_format"}),
    ({"from": "2026-02-30"}, {"from": "invalid_format"}),
    ({"from": "2026-13-01"}, {"from": "invalid_format"}),
    ({"from": "2026-01-01T25:00:00Z"}, {"from": "invalid_format"}),
    ({"from": "2026-01-01T00:00:00"}, {"from": "invalid_format"}),
    ({"to": "20260101"}, {"to": "invalid_format"}),
    (
        {"limit": "x", "direction": "up", "to": "x"},
        {"limit": "out_of_range", "direction": "not_allowed", "to": "invalid_format"},
    ),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters_all_at_once(user, params, fields):
    get(user, user, **params).problem(422, "validation_failed", fields)


def test_from_after_to_is_422(user):
    reply = get(user, user, **{"from": "2026-02-02", "to": "2026-02-01"})
    reply.problem(422, "validation_failed")


def test_a_cursor_that_was_changed_is_refused_or_harmless(traffic, new_user):
    user, _, _ = traffic
    cursor = user.history_page(limit=5)["nextCursor"]
    stranger = new_user()
    reply = get(stranger, stranger, cursor=cursor)
    if reply.status == 200:
        assert all(stranger.id in (e["senderId"], e["receiverId"]) for e in reply.json["data"])
    else:
        reply.problem(422, "validation_failed", {"cursor": "invalid_format"})


def test_an_id_that_is_none_is_422(user):
    user.get("/api/transactions/user/x").problem(
        422, "validation_failed", {"user_id": "invalid_format"}
    )


def test_ignores_unknown_parameters(user):
    get(user, user, utm_source="x").ok()
