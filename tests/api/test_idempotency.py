"""One key is one request of one principal, on whatever endpoint, and its first answer stays."""

import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.exact_json import Literal
from harness.users import login, through, unique_name


def new_key():
    return str(uuid.uuid4())


def by_name(user, username, amount, key):
    body = {"sender_email": user.email, "receiver_username": username, "amount": amount}
    return user.post("/api/transactions", body, key=key)


def batch(user, items, key, **fields):
    return user.post("/api/transactions/batch", {"transfers": items, **fields}, key=key)


def to(person, amount, **fields):
    email = person if isinstance(person, str) else person.email
    return {"receiver_email": email, "amount": amount, **fields}


def refund(by, transaction, body, key):
    return by.post(f"/api/transactions/{transaction['id']}/refund", body, key=key)


def adjust(by, person, amount, key, **fields):
    return by.adjust(person, amount, key=key, **fields)


def is_replay(reply, first):
    assert reply.headers.get("idempotent-replayed") == "true", str(reply)
    assert (reply.status, reply.json) == (first.status, first.json), f"{reply}\n{first}"


def is_reuse(reply):
    reply.problem(422, "idempotency_key_reused")
    assert "idempotent-replayed" not in reply.headers


def rename(person, username):
    person.patch(f"/api/users/{person.id}", {"username": username}).ok()


def set_status(operator, person, status):
    if status == "closed":
        operator.close_account(person).ok()
    else:
        operator.patch(f"/api/users/{person.id}", {"status": status}).ok()


# The same request, whatever became of the names since.


def forget_releases(cluster, person):
    """As if it were more than 12 months ago that the person gave a username up."""
    cluster.sql(
        "ALTER TABLE username_releases DISABLE TRIGGER username_releases_append_only;"
        f"DELETE FROM username_releases WHERE user_id = '{person.id}';"
        "ALTER TABLE username_releases ENABLE TRIGGER username_releases_append_only"
    )


def test_the_payee_is_renamed_and_the_name_taken(launch, cluster):
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    key = new_key()
    first = by_name(user, payee.username, 10, key)
    first.ok(201)
    rename(payee, unique_name())
    is_replay(by_name(user, payee.username, 10, key), first)
    forget_releases(cluster, payee)
    heir = platform.new_user(username=payee.username)
    is_replay(by_name(user, payee.username, 10, key), first)
    assert (user.balance(), payee.balance(), heir.balance()) == (990, 1010, 1000)
    # With a key of its own it is the new holder's.
    by_name(user, payee.username, 10, new_key()).ok(201)
    assert heir.balance() == 1010


def test_the_payer_takes_the_payees_name(launch, cluster):
    """To today's names it would be a payment to oneself."""
    platform = launch()
    user, payee = platform.new_user(), platform.new_user()
    key, name = new_key(), payee.username
    first = by_name(user, name, 10, key)
    first.ok(201)
    rename(payee, unique_name())
    forget_releases(cluster, payee)
    rename(user, name)
    is_replay(by_name(user, name, 10, key), first)


def test_an_unknown_payee_of_a_batch_registers_later(user, payee, new_user):
    key, name = new_key(), unique_name()
    email = f"{name}@example.com"
    items = [to(payee, 1), to(email, 2), to(payee, 3)]
    first = batch(user, items, key)
    results = first.ok()["results"]
    assert [result["status"] for result in results] == ["completed", "rejected", "completed"]
    assert results[1]["error"]["code"] == "payee_not_found"
    late = new_user(username=name, email=email)
    is_replay(batch(user, items, key), first)
    assert (user.balance(), late.balance()) == (996, 1000)


def test_what_was_refused_for_funds_stays_refused(user, payee, operator):
    key = new_key()
    items = [to(payee, 600), to(payee, 500), to(payee, 300), to(user, 1)]
    first = batch(user, items, key)
    results = first.ok()["results"]
    assert [result["status"] for result in results] == [
        "completed",
        "rejected",
        "completed",
        "rejected",
    ]
    assert results[1]["error"]["left"] == Decimal("400.00")
    assert results[3]["error"]["code"] == "self_transfer"
    adjust(operator, user, 5000, new_key()).ok()
    is_replay(batch(user, items, key), first)
    assert (user.balance(), payee.balance()) == (5100, 1900)


def test_what_was_refused_for_limits_stays_refused(user, payee, operator):
    limits = f"/api/users/{user.id}/limits"
    operator.put(limits, {"perTransfer": 50, "perDay": 80}).ok()
    key = new_key()
    items = [to(payee, 51), to(payee, 50), to(payee, 40), to(payee, 30)]
    first = batch(user, items, key)
    results = first.ok()["results"]
    one, day = results[0]["error"], results[2]["error"]
    assert (one["code"], one["limit"], one["left"]) == ("transfer_limit_exceeded", 50, 50)
    assert (day["code"], day["limit"], day["left"]) == ("daily_limit_exceeded", 80, 30)
    assert day["resetsAt"].endswith("T00:00:00.000000Z")
    operator.put(limits, {}).ok()
    is_replay(batch(user, items, key), first)
    assert user.balance() == 920


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_the_payee_is_frozen_or_closed_since(user, payee, operator, status):
    keys = [new_key(), new_key()]
    one = user.pay(payee, 1, key=keys[0])
    many = batch(user, [to(payee, 2), to(payee, 5000)], keys[1])
    set_status(operator, payee, status)
    is_replay(user.pay(payee, 1, key=keys[0]), one)
    is_replay(batch(user, [to(payee, 2), to(payee, 5000)], keys[1]), many)
    user.pay(payee, 1, key=new_key()).problem(422, "receiver_unavailable")
    assert user.balance() == 997


def test_the_payer_is_frozen_since(user, payee, operator):
    keys = [new_key() for _ in range(4)]
    given = payee.pay(user, 50).ok(201)
    one = user.pay(payee, 1, key=keys[0])
    many = batch(user, [to(payee, 2), to(payee, 5000)], keys[1])
    back = refund(user, given, {"amount": 3}, keys[2])
    set_status(operator, user, "frozen")
    is_replay(user.pay(payee, 1, key=keys[0]), one)
    is_replay(batch(user, [to(payee, 2), to(payee, 5000)], keys[1]), many)
    is_replay(refund(user, given, {"amount": 3}, keys[2]), back)
    user.pay(payee, 1, key=keys[3]).problem(422, "sender_frozen")


def test_the_payer_is_closed_and_opened_again(user, payee, operator):
    key = new_key()
    first = user.pay(payee, 1, key=key)
    set_status(operator, user, "closed")
    set_status(operator, user, "active")
    adjust(operator, user, 1000, new_key()).ok()
    user = login(user.client, user.email, user.password)
    is_replay(user.pay(payee, 1, key=key), first)


def test_an_adjustment_of_who_is_closed_since(user, operator):
    key = new_key()
    first = adjust(operator, user, -1000, key)
    first.ok()
    set_status(operator, user, "closed")
    is_replay(adjust(operator, user, -1000, key), first)


def test_a_refund_of_all_that_remained(user, payee):
    key = new_key()
    done = user.pay(payee, 10).ok(201)
    first = refund(payee, done, {}, key)
    assert first.ok(201)["amount"] == 10
    is_replay(refund(payee, done, {}, key), first)
    is_replay(refund(payee, done, {"amount": None, "note": ""}, key), first)
    is_reuse(refund(payee, done, {"amount": 10}, key))


# What is refused as a whole leaves its key free.


def test_a_refused_request_leaves_its_key_free(user, payee, operator):
    key, name = new_key(), unique_name()
    email = f"{name}@example.com"
    user.pay(email, 1, key=key).problem(404, "payee_not_found")
    user.pay(payee, 5000, key=key).problem(422, "insufficient_funds")
    user.pay(user, 1, key=key).problem(422, "self_transfer")
    assert batch(user, [to(payee, 5000), to(email, 1)], key).ok()["completed"] == 0
    batch(user, [to(payee, 1), to(email, 1)], key, atomic=True).problem(422, "batch_rejected")
    set_status(operator, user, "frozen")
    user.pay(payee, 7, key=key).problem(422, "sender_frozen")
    set_status(operator, user, "active")
    first = user.pay(payee, 7, key=key)
    first.ok(201)
    is_replay(user.pay(payee, 7, key=key), first)
    is_reuse(user.pay(payee, 5000, key=key))
    is_reuse(user.pay(email, 1, key=key))
    is_reuse(user.pay(user, 1, key=key))
    assert user.balance() == 993


def test_a_request_with_mistakes_leaves_its_key_free(user, payee):
    key = new_key()
    user.pay(payee, "0.001", key=key).problem(422, "validation_failed")
    user.pay(payee, 1, note=5, key=key).problem(422, "validation_failed")
    user.pay(payee, 1, key=key).ok(201)


# The same request, spelled differently.


def test_spelled_differently(user, payee):
    key = new_key()
    body = {"sender_email": user.email, "receiver_email": payee.email, "amount": 5}
    first = user.post("/api/transactions", body, key=key)
    first.ok(201)
    same = [
        {**body, "amount": "5.00"},
        {**body, "amount": Literal("5.0")},
        {**body, "receiver_email": payee.email.upper()},
        {**body, "sender_email": user.email.title(), "amount": "5"},
        {**body, "note": None},
        {**body, "note": "  "},
        dict(reversed(body.items())),
    ]
    for spelled in same:
        is_replay(user.post("/api/transactions", spelled, key=key), first)
    others = [
        {**body, "amount": "5.01"},
        {**body, "note": "Tea"},
        {**body, "receiver_email": user.email},
        {**body, "receiver_email": "nobody@example.com"},
    ]
    for other in others:
        is_reuse(user.post("/api/transactions", other, key=key))
    # Whom it names is the request, not whom the name stands for.
    is_reuse(by_name(user, payee.username, 5, key))
    assert user.balance() == 995


def test_a_batch_spelled_differently(user, payee):
    key = new_key()
    items = [to(payee, 5, note="a"), to(payee, "6.50")]
    first = batch(user, items, key)
    first.ok()
    spelled = [to(payee.email.upper(), "5.00", note=" a "), to(payee, Literal("6.5"))]
    is_replay(batch(user, spelled, key, atomic=False), first)
    is_reuse(batch(user, items[::-1], key))
    is_reuse(batch(user, items[:1], key))
    is_reuse(batch(user, [*items, to(payee, 1)], key))
    is_reuse(batch(user, items, key, atomic=True))
    assert user.balance() == Decimal("988.50")


def test_ids_in_paths_are_in_any_case(user, payee, operator):
    keys = [new_key(), new_key()]
    done = user.pay(payee, 10).ok(201)
    back = refund(payee, done, {"amount": 1}, keys[0])
    back.ok(201)
    is_replay(refund(payee, {"id": done["id"].upper()}, {"amount": 1}, keys[0]), back)
    path = f"/api/users/{user.id}/balance"
    adjusted = operator.put(path, {"amount": 1}, key=keys[1])
    adjusted.ok()
    path = f"/api/users/{user.id.upper()}/balance"
    is_replay(operator.put(path, {"amount": 1}, key=keys[1]), adjusted)


# One key on all endpoints.


@pytest.fixture
def kinds(user, payee):
    """Everything that one user can do under a key; each moves money from user to payee."""
    given = payee.pay(user, 100).ok(201)
    return {
        "payment": lambda key: user.pay(payee, 3, key=key),
        "batch": lambda key: batch(user, [to(payee, 3)], key),
        "partly": lambda key: batch(user, [to(payee, 3), to(payee, 50_000)], key),
        "atomic": lambda key: batch(user, [to(payee, 3)], key, atomic=True),
        "refund": lambda key: refund(user, given, {"amount": 3}, key),
    }


@pytest.mark.parametrize("first", ["payment", "batch", "partly", "atomic", "refund"])
def test_a_key_is_one_on_all_endpoints(user, kinds, first):
    key = new_key()
    done = kinds[first](key)
    assert done.status in (200, 201)
    for name, request in kinds.items():
        if name == first:
            is_replay(request(key), done)
        else:
            is_reuse(request(key))
    assert user.balance() == 1097


def test_operators_keys_are_their_own(user, operator, other_operator):
    key = new_key()
    one, two = adjust(operator, user, 5, key), adjust(other_operator, user, 5, key)
    assert (one.ok()["balance"], two.ok()["balance"]) == (1005, 1010)
    is_replay(adjust(operator, user, 5, key), one)
    is_replay(adjust(other_operator, user, 5, key), two)


def test_an_operator_and_a_user_with_one_key(user, payee, operator):
    key = new_key()
    done = user.pay(payee, 10, key=key)
    done.ok(201)
    adjust(operator, user, -1, key).ok()
    is_replay(user.pay(payee, 10, key=key), done)
    back = payee.post(f"/api/transactions/{done.json['id']}/refund", {"amount": 1}, key=key)
    back.ok(201)
    is_reuse(refund(operator, done.json, {"amount": 1}, key))
    refund(operator, done.json, {"amount": 1}, new_key()).ok(201)


def test_all_that_an_operator_does_under_one_key(user, payee, other_operator):
    done = user.pay(payee, 50).ok(201)
    requests = {
        "up": lambda key: adjust(other_operator, user, 3, key),
        "down": lambda key: adjust(other_operator, user, -3, key),
        "somebody else": lambda key: adjust(other_operator, payee, 3, key),
        "reason": lambda key: adjust(other_operator, user, 3, key, reason="Cash"),
        "refund": lambda key: refund(other_operator, done, {"amount": 3}, key),
        "own payment": lambda key: other_operator.pay(user, 3, key=key),
        "own batch": lambda key: batch(other_operator, [to(user, 3)], key),
    }
    for first, request in requests.items():
        key = new_key()
        answer = request(key)
        assert answer.status in (200, 201), f"{first}: {answer}"
        for name, other in requests.items():
            if name != first:
                is_reuse(other(key))
        is_replay(request(key), answer)


# At the same moment, through several services.


def test_different_requests_under_one_key_at_one_moment(two_services):
    users, services = two_services
    payer, payee = users.new_user(), users.new_user()
    operator = users.operator()
    given = [through(payee, services[0]).pay(payer, 10).ok(201) for _ in range(2)]
    spent = 0
    doors = [through(payer, service) for service in services]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(25):
            key = secrets.token_hex(8)
            requests = [
                lambda key=key, d=doors[0]: d.pay(payee, 1, key=key),
                lambda key=key, d=doors[1]: batch(d, [to(payee, 1), to(payee, 10_000)], key),
                lambda key=key, d=doors[0]: batch(d, [to(payee, 1)], key, atomic=True),
                lambda key=key, d=doors[1]: d.pay(payee, 1, note="x", key=key),
                lambda key=key, d=doors[0]: refund(d, given[0], {"amount": "0.10"}, key),
                lambda key=key, d=doors[1]: refund(d, given[1], {"amount": "0.10"}, key),
            ]
            replies = list(pool.map(lambda request: request(), requests))
            done = [i for i, reply in enumerate(replies) if reply.status in (200, 201)]
            assert len(done) == 1, [str(reply) for reply in replies]
            for i, reply in enumerate(replies):
                if i not in done:
                    is_reuse(reply)
            (winner,) = done
            spent += Decimal("0.10") if winner >= 4 else 1
            is_replay(requests[winner](), replies[winner])
    assert payer.balance() == 1020 - spent
    key = secrets.token_hex(8)
    staff = through(operator, services[0])
    with ThreadPoolExecutor(3) as pool:
        jobs = [
            pool.submit(adjust, operator, payer, 5, key),
            pool.submit(adjust, operator, payee, 5, key),
            pool.submit(refund, staff, given[0], {"amount": "0.01"}, key),
        ]
        statuses = sorted(job.result().status for job in jobs)
    assert statuses[1:] == [422, 422]
    audit = users.run("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_one_batch_under_one_key_at_one_moment(two_services):
    users, services = two_services
    payer, payee = users.new_user(), users.new_user()
    doors = [through(payer, service) for service in services]
    items = [to(payee, 1), to("nobody@example.com", 1), to(payee, 5000), to(payee, 2)]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            key = secrets.token_hex(8)
            replies = list(pool.map(lambda i, k=key: batch(doors[i % 2], items, k), range(8)))
            assert len({reply.text for reply in replies}) == 1, [str(reply) for reply in replies]
            fresh = [r for r in replies if "idempotent-replayed" not in r.headers]
            assert len(fresh) == 1
            assert fresh[0].ok()["completed"] == 2
    assert payer.balance() == 1000 - 30
