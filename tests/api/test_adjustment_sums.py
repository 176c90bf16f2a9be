"""What operators adjust alone is added up by the day: many small ones are no way around."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from harness.users import fresh_key, staff


@pytest.fixture
def bank(launch):
    return launch(APPROVALS="on", APPROVAL_ADJUSTMENT_ABOVE="100.00")


@pytest.fixture
def first(bank, cluster):
    return staff(bank, cluster)


@pytest.fixture
def second(bank, cluster):
    return staff(bank, cluster)


@pytest.fixture
def customer(bank):
    return bank.new_user()


def test_those_of_one_operator(bank, first, second):
    people = [bank.new_user() for _ in range(3)]
    first.adjust(people[0], 60).ok()
    # Taking away is no less than giving.
    first.adjust(people[1], -40).ok()
    proposal = first.adjust(people[2], "0.01").ok(202)
    assert people[2].balance() == 1000
    second.post(f"/api/approvals/{proposal['id']}/approve").ok()
    second.adjust(people[2], 99).ok()


def test_those_of_one_wallet(bank, cluster, first, second, customer):
    first.adjust(customer, 60).ok()
    second.adjust(customer, 40).ok()
    second.adjust(customer, "0.01").ok(202)
    staff(bank, cluster).adjust(customer, -1).ok(202)
    # The operator has room for others still.
    second.adjust(bank.new_user(), 60).ok()


def test_what_is_approved_takes_nothing(first, second, customer):
    proposal = first.adjust(customer, 500).ok(202)
    second.post(f"/api/approvals/{proposal['id']}/approve").ok()
    first.adjust(customer, 100).ok()


def test_what_the_ledger_refuses_takes_nothing(bank, first, customer):
    poor = bank.new_user()
    poor.pay(customer, 1000).ok(201)
    first.adjust(poor, -100).problem(422, "insufficient_funds")
    first.adjust(poor, 100).ok()


def test_of_many_at_once_no_more_than_alone_are_done(first, second, customer):
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda by: by.adjust(customer, 30), [first, second] * 4))
    assert sorted(reply.status for reply in replies) == [200] * 3 + [202] * 5
    assert customer.balance() == 1090


def test_a_key_keeps_its_first_answer(cluster, first, customer):
    key = fresh_key()
    done = first.adjust(customer, 100, key=key).ok()
    proposed = fresh_key()
    proposal = first.adjust(customer, 1, key=proposed).ok(202)
    again = first.adjust(customer, 100, key=key)
    assert again.ok() == done and again.headers["Idempotent-Replayed"] == "true"
    first.adjust(customer, 2, key=key).problem(422, "idempotency_key_reused")
    # The next day there is room again, and each key has its answer still.
    cluster.sql("UPDATE adjustment_sums SET day = day - 1 RETURNING 1")
    assert first.adjust(customer, 1, key=proposed).ok(202) == proposal
    assert first.adjust(customer, 100, key=key).ok() == done
    first.adjust(customer, 100).ok()
    first.adjust(customer, 1).ok(202)
    assert customer.balance() == 1200


def test_a_key_keeps_its_answer_also_where_nothing_may_be_proposed(first, customer):
    key = fresh_key()
    done = first.adjust(customer, 100, key=key).ok()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: first.adjust(customer, 1), range(100)))
    assert {reply.status for reply in replies} == {202}
    first.adjust(customer, 1).problem(422, "approval_limit_exceeded")
    again = first.adjust(customer, 100, key=key)
    assert again.ok() == done and again.headers["Idempotent-Replayed"] == "true"
    first.adjust(customer, 2, key=key).problem(422, "idempotency_key_reused")
    assert customer.balance() == 1100


def test_without_the_policy_nothing_is_added_up(launch):
    bank = launch(APPROVALS="off", APPROVAL_ADJUSTMENT_ABOVE="100.00")
    first, customer = bank.operator(), bank.new_user()
    for _ in range(3):
        first.adjust(customer, 90).ok()
