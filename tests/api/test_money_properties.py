"""Money against models of a few lines, by hypothesis: amounts as text, and whole stories."""

import re
from decimal import Decimal

import pytest
from harness import amounts
from harness.exact_json import Literal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

quick = settings(
    max_examples=80,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

AMOUNT = re.compile(r"-?(0|[1-9]\d*)(\.\d{1,2})?", re.ASCII)
ALMOST_AMOUNTS = st.one_of(
    st.from_regex(r"-?[0-9]{1,20}(\.[0-9]{0,4})?([eE][-+]?[0-9]{1,3})?", fullmatch=True),
    st.text("0123456789.,-+eE xX\u0660\u00b2_", max_size=12),
    st.text(max_size=8),
)


@pytest.fixture(scope="module")
def pair(platform):
    return platform.new_user(), platform.new_user()


@quick
@given(text=ALMOST_AMOUNTS)
def test_an_amount_is_accepted_exactly_when_its_text_is_one(pair, text):
    user, payee = pair
    reply = user.pay(payee, text)
    value = Decimal(text) if AMOUNT.fullmatch(text) else None
    if value is not None and 0 < value <= Decimal(amounts.LARGEST):
        if reply.status == 201:
            assert reply.json["amount"] == value
            assert payee.pay(user, value).status == 201
        else:
            reply.problem(422, "insufficient_funds")
            assert value > user.balance()
    else:
        (error,) = reply.problem(422, "validation_failed")["errors"]
        assert error["field"] == "amount"


@quick
@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=3))
def test_a_number_is_never_rounded(pair, number):
    user, payee = pair
    text = format(number, "f")
    before = user.balance()
    reply = user.pay(payee, Literal(text))
    if reply.status == 201:
        assert reply.json["amount"] == number
        assert user.balance() == before - number
        payee.pay(user, number.quantize(Decimal("0.01"))).ok(201)
    else:
        assert reply.status == 422
        assert user.balance() == before


PEOPLE = 3
CENTS = st.integers(1, 150_000).map(lambda cents: Decimal(cents) / 100)
PERSON = st.integers(0, PEOPLE - 1)
STEP = st.one_of(
    st.tuples(st.just("pay"), PERSON, PERSON, CENTS),
    st.tuples(st.just("adjust"), PERSON, st.sampled_from([1, -1]), CENTS),
    st.tuples(
        st.just("batch"),
        PERSON,
        st.booleans(),
        st.lists(st.tuples(PERSON, CENTS), min_size=1, max_size=5),
    ),
)


def model_pay(balances, sender, receiver, amount):
    """The whole rule book of this test."""
    if sender == receiver:
        return "self_transfer"
    if balances[sender] < amount:
        return "insufficient_funds"
    balances[sender] -= amount
    balances[receiver] += amount
    return None


def model_batch(balances, sender, atomic, items):
    after = list(balances)
    codes = [model_pay(after, sender, receiver, amount) for receiver, amount in items]
    if not (atomic and any(codes)):
        balances[:] = after
    return codes


@settings(quick, max_examples=25)
@given(steps=st.lists(STEP, max_size=12))
def test_a_story_ends_as_the_model_says(platform, operator, steps):
    people = [platform.new_user() for _ in range(PEOPLE)]
    balances = [Decimal(1000)] * PEOPLE
    for step in steps:
        match step:
            case ("pay", sender, receiver, amount):
                reply = people[sender].pay(people[receiver], amount)
                refusal = model_pay(balances, sender, receiver, amount)
                if refusal:
                    reply.problem(422, refusal)
                else:
                    assert reply.ok(201)["balance"] == balances[sender]
            case ("adjust", person, sign, amount):
                reply = operator.adjust(people[person], sign * amount)
                if balances[person] + sign * amount < 0:
                    reply.problem(422, "insufficient_funds")
                else:
                    balances[person] += sign * amount
                    assert reply.ok()["balance"] == balances[person]
            case ("batch", sender, atomic, items):
                transfers = [
                    {"receiver_email": people[receiver].email, "amount": amount}
                    for receiver, amount in items
                ]
                body = {"transfers": transfers, "atomic": atomic}
                reply = people[sender].post("/api/transactions/batch", body)
                codes = model_batch(balances, sender, atomic, items)
                if atomic and any(codes):
                    reply.problem(422, "batch_rejected")
                else:
                    found = [r.get("error", {}).get("code") for r in reply.ok()["results"]]
                    assert found == codes
                    assert reply.json["balance"] == balances[sender]
    assert [person.balance() for person in people] == balances
    for person, balance in zip(people, balances, strict=True):
        told = sum(
            (e["amount"] if e["direction"] == "in" else -e["amount"] for e in person.history()),
            Decimal(0),
        )
        assert told == balance
