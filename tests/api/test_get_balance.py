"""GET /api/users/{id}/balance: now, and at a moment."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest


def get(by, identifier, **params):
    return by.get(f"/api/users/{identifier}/balance", params=params)


def at(person, moment):
    return get(person, person.id, at=moment).ok()["balance"]


def shifted(moment, microseconds):
    moved = datetime.fromisoformat(moment) + timedelta(microseconds=microseconds)
    return moved.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_now(user, payee):
    user.pay(payee, "12.30").ok(201)
    answer = get(user, user.id).ok()
    asked = datetime.fromisoformat(answer.pop("at"))
    assert abs(datetime.now(UTC) - asked) < timedelta(minutes=1)
    assert answer == {
        "userId": user.id,
        "balance": Decimal("987.70"),
        "held": Decimal("0.00"),
        "available": Decimal("987.70"),
        "currency": "EGP",
    }


def test_at_every_entry_and_the_microsecond_before(user, payee):
    for amount in ("1.00", "2.50", "0.01", "100.00", "7.77"):
        user.pay(payee, amount).ok(201)
        payee.pay(user, "0.50").ok(201)
    for person in (user, payee):
        entries = list(reversed(person.history()))
        assert len(entries) == 11
        before = Decimal(0)
        for this, following in zip(entries, [*entries[1:], None], strict=True):
            if following is None or following["createdAt"] != this["createdAt"]:
                assert at(person, this["createdAt"]) == this["balanceAfter"]
            if at(person, shifted(this["createdAt"], -1)) != before:
                # Two entries of one microsecond.
                assert this["createdAt"] in [e["createdAt"] for e in entries if e is not this]
            before = this["balanceAfter"]


def test_nothing_before_the_first_entry(user):
    opened = user.history()[-1]["createdAt"]
    for moment in (shifted(opened, -1), "2001-01-01", "1970-01-01T00:00:00Z", "0001-01-01"):
        assert at(user, moment) == 0
    assert at(user, opened) == 1000


def test_later_than_everything_is_now(user, payee):
    user.pay(payee, 1).ok(201)
    for moment in ("2999-12-31", "9999-12-31T23:59:59Z", "9999-12-31"):
        assert at(user, moment) == 999


def test_a_day_is_its_end_and_offsets_count(user):
    opened = datetime.fromisoformat(user.history()[-1]["createdAt"])
    day = opened.date()
    assert at(user, day.isoformat()) == 1000
    assert at(user, (day - timedelta(days=1)).isoformat()) == 0
    answer = get(user, user.id, at=day.isoformat()).ok()
    assert answer["at"] == f"{day}T23:59:59.999999Z"
    two_ahead = (opened + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%f")
    assert at(user, two_ahead + "+02:00") == 1000
    assert at(user, two_ahead + "+02:01") == 0


def test_what_moves_no_money_changes_nothing(user, operator):
    operator.patch(f"/api/users/{user.id}", {"status": "frozen"}).ok()
    operator.put(f"/api/users/{user.id}/limits", {"perDay": 5}).ok()
    assert get(user, user.id).ok()["balance"] == 1000
    operator.adjust(user, "-0.01").ok()
    assert get(user, user.id).ok()["available"] == Decimal("999.99")


def test_the_reports_opening_and_closing_agree(user, payee):
    for amount in (1, 2, 4, 8):
        user.pay(payee, amount).ok(201)
    payee.pay(user, 3).ok(201)
    moments = [entry["createdAt"] for entry in reversed(user.history())]
    path = f"/api/reports/users/{user.id}"
    for first, last in ((0, 5), (1, 3), (2, 2), (4, 5)):
        # The end of a range is not in it; what happened at a moment is in the balance then.
        begins, ends = moments[first], shifted(moments[last], 1)
        report = user.get(path, params={"startDate": begins, "endDate": ends}).ok()
        assert report["openingBalance"] == at(user, shifted(begins, -1))
        assert report["closingBalance"] == at(user, moments[last])
        assert report["openingBalance"] + report["net"] == report["closingBalance"]
    today = user.get(path).ok()
    assert (today["openingBalance"], today["closingBalance"]) == (0, user.balance())
    past = user.get(path, params={"startDate": "2001-01-01", "endDate": "2001-01-02"}).ok()
    assert (past["openingBalance"], past["closingBalance"]) == (0, 0)
    future = user.get(path, params={"startDate": "2999-01-01", "endDate": "2999-01-02"}).ok()
    assert future["openingBalance"] == future["closingBalance"] == user.balance()


def test_who_may_look(user, payee, operator, auditor):
    for viewer in (user, operator, auditor):
        get(viewer, user.id).ok()
    get(payee, user.id).problem(403, "forbidden")
    get(payee, uuid.uuid4()).problem(403, "forbidden")
    get(operator, uuid.uuid4()).problem(404, "user_not_found")
    # The system's accounts are no users.
    get(operator, "00000000-0000-0000-0000-000000000001").problem(404, "user_not_found")


BAD = ["", "x", "2026-13-01", "2026-02-30", "2026-01-31T10:00:00", "10000-01-01", "now"]


@pytest.mark.parametrize("moment", BAD)
def test_refuses_what_is_no_moment(user, moment):
    get(user, user.id, at=moment).problem(422, "validation_failed", {"at": "invalid_format"})


def test_refuses_a_bad_id(user):
    get(user, "x").problem(422, "validation_failed", {"id": "invalid_format"})
