"""GET /api/reports/actions: the operators' log."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from harness.users import fresh_key, login

PATH = "/api/reports/actions"
COMMAND_LINE = "00000000-0000-0000-0000-000000000003"


def actions_of(by, **params):
    """All pages, newest first."""
    found, cursor = [], {}
    while True:
        page = by.get(PATH, params={"limit": 100, **params, **cursor}).ok()
        assert page["hasMore"] == (page["nextCursor"] is not None)
        found += page["data"]
        if not page["hasMore"]:
            return found
        cursor = {"cursor": page["nextCursor"]}


def about(by, subject, **params):
    return actions_of(by, subject=subject.id, **params)


def close_empty(operator, user, reason="Left"):
    held = user.balance()
    if held:
        operator.adjust(user, -held).ok()
    operator.patch(f"/api/users/{user.id}", {"status": "closed", "reason": reason}).ok()


def status(before, after):
    return {"status": {"before": before, "after": after}}


def limits(per_transfer, per_day):
    return {"perTransfer": per_transfer, "perDay": per_day}


def test_each_change_says_who_when_what_and_why(user, operator):
    path = f"/api/users/{user.id}"
    began = datetime.fromisoformat(operator.patch(path, {"displayName": "D"}).ok()["updatedAt"])
    operator.patch(path, {"status": "frozen", "reason": "Card stolen"}).ok()
    operator.patch(path, {"status": "active"}).ok()
    operator.put(f"{path}/limits", {"perTransfer": "500.00", "reason": "New"}).ok()
    operator.put(f"{path}/limits", {"perDay": 900}).ok()
    operator.patch(path, {"role": "auditor", "reason": "Joined"}).ok()
    operator.close_account(user, role="user", reason="Left").ok()

    log = list(reversed(about(operator, user, kind="control")))
    none, five_hundred = limits(None, None), limits(Decimal("500.00"), None)
    assert [(each["change"], each["reason"]) for each in log] == [
        (status("active", "frozen"), "Card stolen"),
        (status("frozen", "active"), None),
        ({"limits": {"before": none, "after": five_hundred}}, "New"),
        ({"limits": {"before": five_hundred, "after": limits(None, Decimal("900.00"))}}, None),
        ({"role": {"before": "user", "after": "auditor"}}, "Joined"),
        ({**status("active", "closed"), "role": {"before": "auditor", "after": "user"}}, "Left"),
    ]
    profile = operator.profile()
    for each in log:
        assert each["actor"] == {n: profile[n] for n in ("id", "username", "displayName")}
        assert each["subject"] == {"id": user.id, "username": user.username, "displayName": "D"}
        assert (each["kind"], each["amount"], each["refundOf"]) == ("control", None, None)
        at = datetime.fromisoformat(each["at"])
        assert began <= at < began + timedelta(minutes=5)
    assert [each["at"] for each in log] == sorted(each["at"] for each in log)
    assert len({each["id"] for each in log}) == len(log)


def test_what_changes_nothing_is_not_told(user, operator):
    path = f"/api/users/{user.id}"
    operator.patch(path, {"status": "active", "role": "user"}).ok()
    operator.put(f"{path}/limits", {}).ok()
    operator.patch(path, {"displayName": "Somebody"}).ok()
    user.patch(path, {"displayName": "Myself"}).ok()
    assert about(operator, user) == []


def test_adjustments_and_refunds_by_staff(user, payee, operator):
    paid_in = operator.adjust(user, "250.00", reason="Cash").ok()["transaction"]
    taken = operator.adjust(user, "-40.50").ok()["transaction"]
    done = user.pay(payee, 30).ok(201)
    refund_path = f"/api/transactions/{done['id']}/refund"
    by_staff = operator.post(refund_path, {"amount": 12, "note": "Disputed"}, key=fresh_key())
    by_staff = by_staff.ok(201)
    payee.post(refund_path, {"amount": 1}).ok(201)  # no operator's doing

    adjustments = about(operator, user)
    assert [(each["id"], each["amount"], each["reason"]) for each in adjustments] == [
        (taken["id"], Decimal("-40.50"), None),
        (paid_in["id"], Decimal("250.00"), "Cash"),
    ]
    (refund,) = about(operator, payee)
    assert refund["id"] == by_staff["id"]
    assert (refund["kind"], refund["amount"], refund["reason"]) == (
        "refund",
        Decimal("-12.00"),
        "Disputed",
    )
    assert refund["refundOf"] == done["id"]
    for each in (*adjustments, refund):
        assert each["actor"]["id"] == operator.id
        assert each["change"] is None


def test_an_operators_own_payments_are_none(platform, payee, operator):
    other = platform.new_user()
    operator.patch(f"/api/users/{other.id}", {"role": "operator"}).ok()
    other = login(platform.client, other.email, other.password)
    done = other.pay(payee, 2).ok(201)
    payee.post(f"/api/transactions/{done['id']}/refund", {}).ok(201)
    assert actions_of(operator, actor=other.id) == about(operator, payee) == []


def test_an_erasure(new_user, operator, platform):
    by_operator, by_command = new_user(), new_user()
    for person in (by_operator, by_command):
        close_empty(operator, person)
    operator.post(f"/api/users/{by_operator.id}/erasure", {"reason": "Ticket 4711"}).ok()
    done = platform.run("erase-user", by_command.id, "--reason", "Ticket 4712")
    assert done.returncode == 0, done.stdout + done.stderr
    erased = about(operator, by_operator)[0]
    assert (erased["kind"], erased["change"]) == ("control", {"erased": True})
    assert erased["reason"] == "Ticket 4711"
    assert erased["actor"]["id"] == operator.id
    erased = about(operator, by_command)[0]
    assert (erased["change"], erased["reason"]) == ({"erased": True}, "Ticket 4712")
    assert erased["actor"] == {"id": COMMAND_LINE, "username": None, "displayName": None}
    assert erased in actions_of(operator, actor=COMMAND_LINE)


@pytest.fixture
def busy(platform, user, operator):
    """Another operator, who did seven things to one user."""
    other = platform.new_user()
    operator.patch(f"/api/users/{other.id}", {"role": "operator"}).ok()
    other = login(platform.client, other.email, other.password)
    for i in range(3):
        other.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": f"n {i}"}).ok()
        other.patch(f"/api/users/{user.id}", {"status": "active"}).ok()
    other.adjust(user, 1).ok()
    return other


def test_pages_give_every_action_once(user, operator, busy):
    whole = about(operator, user)
    assert len(whole) == 7
    assert about(operator, user, limit=2) == whole
    assert about(operator, user, limit=7) == whole
    # What is done meanwhile moves no page.
    first = operator.get(PATH, params={"subject": user.id, "limit": 3}).ok()
    busy.adjust(user, 2).ok()
    rest = about(operator, user, cursor=first["nextCursor"])
    assert first["data"] + rest == whole
    assert len(about(operator, user)) == 8


def test_filters(user, operator, busy):
    whole = about(operator, user)
    for who in (busy.id, busy.email, busy.username):
        assert actions_of(operator, actor=who) == whole
    for whom in (user.id, user.email, user.username):
        assert actions_of(operator, subject=whom, actor=busy.id) == whole
    assert actions_of(operator, actor=operator.id, subject=user.id) == []
    assert actions_of(operator, actor="nobody@example.com") == []
    assert actions_of(operator, subject="nobody-at-all") == []
    kinds = {kind: about(operator, user, kind=kind) for kind in ("control", "adjustment", "refund")}
    assert [len(found) for found in kinds.values()] == [6, 1, 0]
    at = whole[2]["at"]
    assert about(operator, user, **{"from": at}) == [each for each in whole if each["at"] >= at]
    assert about(operator, user, to=at) == [each for each in whole if each["at"] < at]
    day = at[:10]
    if whole[0]["at"][:10] == whole[-1]["at"][:10]:
        assert about(operator, user, **{"from": day, "to": day}) == whole
    assert about(operator, user, to="2001-01-01") == []
    assert about(operator, user, **{"from": "2999-01-01"}) == []


def test_as_csv(user, operator, busy):
    whole = about(operator, user)
    asked = {"subject": user.id, "limit": 2}  # a file has no pages
    by_name = operator.get(PATH, params={**asked, "format": "csv"})
    by_header = operator.get(PATH, params=asked, headers={"Accept": "text/csv"})
    for reply in (by_name, by_header):
        assert reply.status == 200, str(reply)
        assert reply.headers["content-type"].startswith("text/csv")
        rows = list(csv.DictReader(io.StringIO(reply.text, newline="")))
        assert [row["id"] for row in rows] == [each["id"] for each in whole]
        for row, each in zip(rows, whole, strict=True):
            assert (row["at"], row["kind"]) == (each["at"], each["kind"])
            assert (row["actorId"], row["actor"]) == (busy.id, busy.username)
            assert (row["subjectId"], row["subject"]) == (user.id, user.username)
            assert row["amount"] == ("" if each["amount"] is None else str(each["amount"]))
            change = json.loads(row["change"]) if row["change"] else None
            assert change == each["change"]
            assert row["reason"] == (each["reason"] or "")


def test_a_reason_is_no_formula_of_a_spreadsheet(user, operator):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen", "reason": "=1+1"}).ok()
    reply = operator.get(PATH, params={"subject": user.id, "format": "csv"})
    (row,) = csv.DictReader(io.StringIO(reply.text, newline=""))
    assert row["reason"] == "'=1+1"


def test_is_for_staff(user, operator, auditor):
    user.get(PATH).problem(403, "forbidden")
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    assert about(auditor, user) == about(operator, user) != []
    operator.get(PATH, headers={"Accept": "image/png"}).problem(406, "not_acceptable")


BAD = [
    ({"kind": "transfer"}, {"kind": "not_allowed"}),
    ({"kind": ""}, {"kind": "not_allowed"}),
    ({"from": "x"}, {"from": "invalid_format"}),
    ({"to": "2026-99-01"}, {"to": "invalid_format"}),
    ({"from": "2026-02-02", "to": "2026-02-01"}, {"from": "out_of_range"}),
    ({"cursor": "nonsense"}, {"cursor": "invalid_format"}),
    ({"cursor": "1.2.3"}, {"cursor": "invalid_format"}),
    ({"limit": "0"}, {"limit": "out_of_range"}),
    ({"limit": "101"}, {"limit": "out_of_range"}),
    ({"actor": "", "subject": " "}, {"actor": "required", "subject": "required"}),
    ({"actor": "x" * 255}, {"actor": "too_long"}),
    ({"subject": "x" * 255}, {"subject": "too_long"}),
    ({"format": "pdf"}, {"format": "not_allowed"}),
]


@pytest.mark.parametrize(("params", "fields"), BAD)
def test_refuses_bad_parameters(operator, params, fields):
    operator.get(PATH, params=params).problem(422, "validation_failed", fields)


def test_a_reason_is_a_note(user, operator):
    path = f"/api/users/{user.id}"
    for bad, code in (("x" * 141, "too_long"), ("a\u202eb", "invalid_format"), (5, "wrong_type")):
        for reply in (
            operator.patch(path, {"status": "frozen", "reason": bad}),
            operator.put(f"{path}/limits", {"reason": bad}),
        ):
            reply.problem(422, "validation_failed", {"reason": code})
    assert user.profile()["status"] == "active"


def test_changes_at_one_moment_follow_each_other(user, operator):
    """All of them stand in the log, and each takes up where the one before ended."""
    path = f"/api/users/{user.id}"
    wanted = [{"role": role} for role in ("auditor", "operator", "user")]
    wanted += [{"status": status} for status in ("frozen", "active")]
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda i: operator.patch(path, wanted[i % 5]), range(40)))
    assert {reply.status for reply in replies} == {200}, [str(r) for r in replies if r.status > 200]
    now = {"role": "user", "status": "active"}
    for each in reversed(about(operator, user)):
        for name, change in each["change"].items():
            assert change["before"] == now[name] != change["after"]
            now[name] = change["after"]
    shown = operator.get(path).ok()
    assert now == {name: shown[name] for name in now}
