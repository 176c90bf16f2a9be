"""Several transaction services on one database, all paying from and to the same accounts."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from harness.keys import SigningKey
from harness.platform import RECEIPT_KEY
from harness.users import through
from harness.waiting import wait_until

PROCESSES = 3


@pytest.fixture
def fleet(launch):
    """A user service, and transaction services that learn its keys by JWKS."""
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    services = [launch("transaction", JWT_PRIVATE_KEY="", JWKS_URL=jwks) for _ in range(PROCESSES)]
    return users, services


def test_a_token_is_not_refused_before_its_keys_could_be_fetched(launch):
    """A restart while the user service is away must not sign anybody out."""
    users = launch("user")
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    user, payee = users.new_user(), users.new_user()
    users.stop()
    service = launch("transaction", wait=False, JWT_PRIVATE_KEY="", JWKS_URL=jwks)
    service.spawn()
    service.wait_for("/health", 200)
    door = through(user, service)
    assert door.pay(payee, 1).problem(503, "keys_unavailable")
    users.start()
    service.wait_ready()
    door.pay(payee, 1).ok(201)


def test_a_receipt_key_never_verifies_tokens(launch):
    """Each process is right by itself; who has the receipts' key sees that tokens have it too."""
    tokens = SigningKey("ES256")
    users = launch("user", JWT_PRIVATE_KEY=tokens.pem)
    jwks = f"{users.urls['user']}/.well-known/jwks.json"
    user, payee = users.new_user(), users.new_user()
    shared = RECEIPT_KEY.pem + tokens.pem
    service = launch(
        "transaction", wait=False, JWT_PRIVATE_KEY="", JWKS_URL=jwks, RECEIPT_PRIVATE_KEY=shared
    )
    service.spawn()
    wait_until(lambda: "give receipts their own" in service.log, 30, "it is said")
    service.wait_for("/health/ready", 503)
    through(user, service).pay(payee, 1).problem(503, "keys_unavailable")


def test_hot_accounts_stay_right(fleet):
    users, services = fleet
    people = [users.new_user() for _ in range(3)]
    doors = [[through(person, service) for service in services] for person in people]
    rng = random.Random(11)

    def pay(_):
        sender, receiver = rng.sample(range(3), 2)
        door = doors[sender][rng.randrange(PROCESSES)]
        return door.pay(people[receiver], Decimal(rng.randrange(1, 30_000)) / 100)

    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(pay, range(400)))
    for reply in replies:
        assert reply.status == 201 or reply.json["code"] == "insufficient_funds", str(reply)
    assert sum(reply.status == 201 for reply in replies) > 200
    assert sum(person.balance() for person in people) == 3000
    for person, own in zip(people, doors, strict=True):
        histories = [door.history() for door in own]
        assert all(history == histories[0] for history in histories)
        balance = Decimal(0)
        for entry in reversed(histories[0]):
            balance += entry["amount"] if entry["direction"] == "in" else -entry["amount"]
            assert entry["balanceAfter"] == balance >= 0
        assert balance == person.balance()
    audit = users.run("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def test_one_account_drained_through_all_of_them(fleet):
    users, services = fleet
    payer, payee = users.new_user(), users.new_user()
    doors = [through(payer, service) for service in services]
    with ThreadPoolExecutor(30) as pool:
        replies = list(pool.map(lambda i: doors[i % PROCESSES].pay(payee, 30), range(60)))
    assert sum(reply.status == 201 for reply in replies) == 33
    for reply in replies:
        if reply.status != 201:
            reply.problem(422, "insufficient_funds")
    assert (payer.balance(), payee.balance()) == (10, 1990)


def test_one_key_through_all_of_them_is_one_transfer(fleet):
    users, services = fleet
    payer, payee = users.new_user(), users.new_user()
    doors = [through(payer, service) for service in services]
    key = str(uuid.uuid4())
    with ThreadPoolExecutor(21) as pool:
        replies = list(pool.map(lambda i: doors[i % PROCESSES].pay(payee, 7, key=key), range(21)))
    assert len({reply.ok(201)["id"] for reply in replies}) == 1
    assert sum("idempotent-replayed" not in reply.headers for reply in replies) == 1
    assert payer.balance() == 993
    assert doors[0].pay(payee, 7, key=key).headers["idempotent-replayed"] == "true"


def test_what_one_process_did_the_others_know_at_once(fleet):
    users, services = fleet
    payer, payee = users.new_user(), users.new_user()
    doors = [through(payer, service) for service in services]
    for i in range(30):
        assert doors[i % PROCESSES].pay(payee, 1).ok(201)["balance"] == 999 - i
    operator = users.operator()
    operator.adjust(payer, -970).ok()
    for door in doors:
        door.pay(payee, "0.01").problem(422, "insufficient_funds")
    operator.patch(f"/api/users/{payer.id}", {"status": "frozen"}).ok()
    for door in doors:
        door.pay(payee, "0.01").problem(422, "sender_frozen")
