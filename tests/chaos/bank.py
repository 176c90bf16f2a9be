"""People who use the platform, and remember every answer: what was promised must be so."""

import json
import random
import threading
import time
import uuid
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count as count_up
from itertools import pairwise
from typing import Any

import httpx
from harness.keys import claims_of
from harness.platform import SHARED_KEY

# Asked again and again until it is known, for so long.
PATIENCE_S = 90
# One request is answered within this, whatever has broken: its deadline of 8 s, the time in which a
# silent connection is given up and its batch settled, and room for a slow machine. More is a hang.
ANSWER_MAX_S = 30
# As the amount of a refund.
ALL_THAT_REMAINS = 0
# Refunds go for transfers that were paid lately: several clients meet at one.
REFUNDABLE_MAX = 100


@dataclass
class Person:
    name: str
    email: str
    password: str
    id: str = ""
    token: str = ""


@dataclass
class Order:
    """One movement of money that somebody wants; its note is unique, so the books can be asked."""

    note: str
    amount_minor: int  # ALL_THAT_REMAINS until the answer says how much that was
    payer: str
    payee: str
    kind: str = "transfer"
    refund_of: str | None = None  # refunds: the transfer that is given back
    asked_for_all: bool = False  # refunds: nothing may remain after it
    of_request: str | None = None  # the payment request that it pays, as others may
    acknowledged: str | None = None  # the transaction's id
    refused: str | None = None  # the code of a final refusal


@dataclass
class Request:
    """What is sent, and sent again with the same key after any doubt."""

    method: str
    service: str  # "user", or "transaction" for any of the transaction services
    path: str
    body: dict
    token: str
    orders: list[Order]
    key: str | None
    doubted: bool = False
    settled: bool = False


@dataclass
class Asked:
    """A payment request that may be paid once, by anybody."""

    id: str
    cancelled: bool = False  # and answered so


@dataclass
class Registration:
    person: Person
    settled: bool = False
    problems: list[str] = field(default_factory=list)


def stamp() -> str:
    """As the services' logs have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def aged(token: str) -> str:
    """The same, issued an hour ago: where a clock is set back, new ones are not yet valid."""
    claims = claims_of(token)
    return SHARED_KEY.sign({**claims, "iat": claims["iat"] - 3600})


def money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def body_of(reply: httpx.Response) -> Any:
    """With its amounts exact."""
    return json.loads(reply.text, parse_float=Decimal)


class Bank:
    """`urls`: of the user service, and of each transaction service."""

    def __init__(self, seed: int, user_url: str, transaction_urls: list[str]) -> None:
        self.user_url, self.transaction_urls = user_url, transaction_urls
        self.seed = seed
        self.people: list[Person] = []
        self._by_id: dict[str, Person] = {}
        self.operator: Person | None = None
        self.requests: list[Request] = []
        self.registrations: list[Registration] = []
        self.asked: list[Asked] = []
        self.unexpected: list[str] = []
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.setbacks: Counter[str] = Counter()  # what people met on their way
        self.slowest_s = 0.0
        self.pages_read = 0
        # Every answer that acknowledged something: by the monotonic clock, and where it was asked.
        self.paid_at: list[tuple[float, str]] = []
        self.only_payments = False  # nothing that would tell of something that was lost before
        self._refundable: deque[Order] = deque(maxlen=REFUNDABLE_MAX)

    # ---- sending

    def _client(self) -> httpx.Client:
        return httpx.Client(timeout=ANSWER_MAX_S, trust_env=False)

    def _ask(self, client: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
        """Every request to a service goes through here: none may hang."""
        began = time.monotonic()
        try:
            return client.request(method, url, **options)
        except httpx.ReadTimeout:
            self._complain(f"{method} {url}: no answer within {ANSWER_MAX_S} s, at {stamp()}")
            raise
        finally:
            with self._lock:
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    def _url(self, service: str, attempt: int) -> str:
        if service == "user":
            return self.user_url
        return self.transaction_urls[attempt % len(self.transaction_urls)]

    def login(self, person: Person) -> None:
        deadline = time.monotonic() + PATIENCE_S
        with self._client() as client:
            while True:
                try:
                    body = {"email": person.email, "password": person.password}
                    url = self.user_url + "/api/users/login"
                    reply = self._ask(client, "POST", url, json=body)
                    if reply.status_code == 200:
                        person.token = aged(reply.json()["accessToken"])
                        person.id = reply.json()["user"]["id"]
                        return
                except httpx.TransportError:
                    pass
                assert time.monotonic() < deadline, f"cannot log in {person.email}"
                time.sleep(0.1)

    def register(self, client: httpx.Client, person: Person) -> Registration:
        registration = Registration(person)
        with self._lock:
            self.registrations.append(registration)
        body = {"username": person.name, "email": person.email, "password": person.password}
        doubted = False
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                url = self.user_url + "/api/users/register"
                reply = self._ask(client, "POST", url, json=body)
            except httpx.TransportError:
                doubted = True
                time.sleep(0.05)
                continue
            if reply.status_code == 201 or (
                doubted and reply.status_code == 409 and reply.json()["code"] == "email_taken"
            ):
                registration.settled = True
                return registration
            doubted = doubted or reply.json().get("code") == "outcome_unknown"
            if reply.status_code != 503:
                self._complain(f"register {person.name}: {reply.status_code} {reply.text[:300]}")
                return registration
            time.sleep(0.05)
        return registration

    def settle(self, client: httpx.Client, request: Request, first: int) -> None:
        """Asks until there is an answer that is final; without a key only while it is safe."""
        deadline = time.monotonic() + PATIENCE_S
        attempt = first
        while time.monotonic() < deadline:
            try:
                reply = self._send(client, request, attempt)
            except httpx.TransportError as error:
                # A refused connection has not sent anything.
                self.setbacks[type(error).__name__] += 1
                if not isinstance(error, httpx.ConnectError):
                    request.doubted = True
                    if request.key is None:
                        return
                attempt += 1
                time.sleep(0.05)
                continue
            if reply.status_code != 503:
                self._note(request, reply)
                return
            self.setbacks[reply.json()["code"]] += 1
            if reply.json()["code"] == "outcome_unknown":
                request.doubted = True
                if request.key is None:
                    return
            attempt += 1
            time.sleep(0.05)

    def _send(self, client: httpx.Client, request: Request, attempt: int) -> httpx.Response:
        headers = {"Authorization": f"Bearer {request.token}"}
        if request.key is not None:
            headers["Idempotency-Key"] = request.key
        url = self._url(request.service, attempt) + request.path
        return self._ask(client, request.method, url, json=request.body, headers=headers)

    def _note(self, request: Request, reply: httpx.Response) -> None:
        body = body_of(reply)
        asked = f"{reply.url.scheme}://{reply.url.netloc.decode()}"
        if reply.status_code in (200, 201):
            request.settled = True
            self.paid_at.append((time.monotonic(), asked))
            if "results" in body:
                for order, result in zip(request.orders, body["results"], strict=True):
                    if result["status"] == "completed":
                        self._acknowledge(order, result["transaction"])
                    else:
                        order.refused = result["error"]["code"]
            else:
                self._acknowledge(request.orders[0], body.get("transaction", body))
        elif reply.status_code == 422 or (
            reply.status_code == 409
            and (request.orders[0].of_request is not None or request.orders[0].kind == "capture")
        ):
            request.settled = True
            for order in request.orders:
                order.refused = body["code"]
        else:
            self._complain(
                f"{request.method} {request.path}: {reply.status_code} {reply.text[:300]}"
            )

    def _acknowledge(self, order: Order, transaction: dict) -> None:
        order.acknowledged, order.refused = transaction["id"], None
        if order.amount_minor == ALL_THAT_REMAINS:
            order.amount_minor = int(transaction["amount"] * 100)
        if order.kind == "transfer":
            self._refundable.append(order)

    def _complain(self, what: str) -> None:
        with self._lock:
            self.unexpected.append(what)

    # ---- load

    def _make(self, rng: random.Random, name: str, count: int) -> Request:
        dice = rng.random()
        with self._lock:
            people = list(self.people)
        payer = rng.choice(people)
        others = [person for person in people if person is not payer]
        key = str(uuid.UUID(int=rng.getrandbits(128))) if rng.random() > 0.1 else None
        note = f"{name}-{count}"
        # Small balances and large amounts: refusals belong to the load.
        amount = rng.choice([rng.randrange(1, 500), rng.randrange(500, 60_000)])
        if dice < 0.1:
            assert self.operator is not None
            minor = rng.choice([1, 1, -1]) * amount
            orders = [Order(note, amount, *self._ends(payer, minor), "adjustment")]
            body = {"amount": ("-" if minor < 0 else "") + money(amount), "reason": note}
            path = f"/api/users/{payer.id}/balance"
            key = key or str(uuid.UUID(int=rng.getrandbits(128)))
            return Request("PUT", "user", path, body, self.operator.token, orders, key)
        if dice < 0.25:
            payees = [rng.choice(others) for _ in range(rng.randrange(2, 12))]
            orders = [
                Order(f"{note}/{i}", max(1, amount // 4), payer.id, payee.id)
                for i, payee in enumerate(payees)
            ]
            items = [
                {
                    "receiver_email": payee.email,
                    "amount": money(order.amount_minor),
                    "note": order.note,
                }
                for payee, order in zip(payees, orders, strict=True)
            ]
            body = {"transfers": items, "atomic": rng.random() < 0.5}
            return Request(
                "POST", "transaction", "/api/transactions/batch", body, payer.token, orders, key
            )
        # One of the first people is paid most of the time: a hot account.
        payee = others[0] if rng.random() < 0.3 else rng.choice(others)
        orders = [Order(note, amount, payer.id, payee.id)]
        body = {
            "sender_email": payer.email,
            "receiver_email": payee.email,
            "amount": money(amount),
            "note": note,
        }
        return Request("POST", "transaction", "/api/transactions", body, payer.token, orders, key)

    def _refund(self, rng: random.Random, original: Order, note: str) -> Request:
        """By its receiver, or an operator: a part, as much as it was, or all that remains."""
        assert self.operator is not None
        by = self.operator if rng.random() < 0.1 else self._by_id[original.payee]
        some = rng.randrange(1, original.amount_minor + 1)
        amount = rng.choice([some, some, original.amount_minor, ALL_THAT_REMAINS])
        order = Order(note, amount, original.payee, original.payer, "refund", original.acknowledged)
        order.asked_for_all = amount == ALL_THAT_REMAINS
        body = {"note": note} if order.asked_for_all else {"note": note, "amount": money(amount)}
        keyless = by is not self.operator and rng.random() < 0.1
        key = None if keyless else str(uuid.UUID(int=rng.getrandbits(128)))
        path = f"/api/transactions/{original.acknowledged}/refund"
        return Request("POST", "transaction", path, body, by.token, [order], key)

    def _give_back(self, client: httpx.Client, rng: random.Random, note: str) -> None:
        """Often several times at once, through both services: together never more than was paid."""
        if not self._refundable:
            return
        original = rng.choice(list(self._refundable))
        requests = [
            self._refund(rng, original, f"{note}/back{i}") for i in range(rng.choice([1, 1, 2, 4]))
        ]
        with self._lock:
            self.requests += requests
        with ThreadPoolExecutor(len(requests)) as pool:
            for done in [
                pool.submit(self.settle, client, request, i) for i, request in enumerate(requests)
            ]:
                done.result()

    def _until_answered(self, client: httpx.Client, request: Request) -> httpx.Response | None:
        """For what may be asked again without end: it does the same each time."""
        deadline = time.monotonic() + PATIENCE_S
        for attempt in count_up():
            if time.monotonic() > deadline:
                return None
            try:
                reply = self._send(client, request, attempt)
            except httpx.TransportError as error:
                self.setbacks[type(error).__name__] += 1
            else:
                if reply.status_code != 503:
                    return reply
                self.setbacks[reply.json()["code"]] += 1
            time.sleep(0.05)
        return None

    def _ask_for_money(self, client: httpx.Client, rng: random.Random, note: str) -> None:
        """One asks, several pay at once through both services, and sometimes it is taken back."""
        payee = rng.choice(self.people)
        minor = rng.randrange(1, 400)
        body = {"amount": money(minor), "note": note}
        key = str(uuid.UUID(int=rng.getrandbits(128)))
        create = Request("POST", "transaction", "/api/requests", body, payee.token, [], key)
        made = self._until_answered(client, create)
        if made is None or made.status_code != 201:
            # So many a day are enough.
            if made is None or made.json()["code"] != "request_limit_exceeded":
                self._complain(f"{note}: no request: {made and made.text[:300]}")
            return
        asked = Asked(made.json()["id"])
        path = f"/api/requests/{asked.id}"
        payers = rng.sample([p for p in self.people if p is not payee], rng.choice([1, 2, 4]))
        payments = [
            Request(
                "POST",
                "transaction",
                f"{path}/pay",
                {},
                payer.token,
                [Order(note, minor, payer.id, payee.id, of_request=asked.id)],
                str(uuid.UUID(int=rng.getrandbits(128))),
            )
            for payer in payers
        ]
        with self._lock:
            self.asked.append(asked)
            self.requests += payments
        with ThreadPoolExecutor(len(payments) + 1) as pool:
            done = [pool.submit(self.settle, client, each, i) for i, each in enumerate(payments)]
            if rng.random() < 0.5:
                done.append(pool.submit(self._take_back, client, asked, payee, f"{path}/cancel"))
            for each in done:
                each.result()

    def _set_aside(self, client: httpx.Client, rng: random.Random, note: str) -> None:
        """Of one hold several parts are taken at once, with a release or its end among them."""

        def post(path: str, body: dict, who: Person, orders: list[Order]) -> Request:
            key = str(uuid.UUID(int=rng.getrandbits(128)))
            return Request("POST", "transaction", path, body, who.token, orders, key)

        payer, payee = rng.sample(self.people, 2)
        minor = rng.randrange(10, 2_000)
        ends = datetime.now(UTC) + timedelta(seconds=rng.choice([3, 60, 600]))
        terms = {"amount": money(minor), "expiresAt": ends.isoformat().replace("+00:00", "Z")}
        body = {"receiver_email": payee.email, "note": note, **terms}
        made = self._until_answered(client, post("/api/holds", body, payer, []))
        if made is None or made.status_code != 201:
            if made is None or made.status_code != 422:
                self._complain(f"{note}: no hold: {made and made.text[:300]}")
            return
        path = f"/api/holds/{made.json()['id']}"
        parts = []
        for i in range(rng.choice([1, 2, 4])):
            order = Order(f"{note}/{i}", rng.randrange(1, minor + 1), payer.id, payee.id, "capture")
            body = {"amount": money(order.amount_minor), "note": order.note}
            body["final"] = rng.random() < 0.3
            parts.append(post(f"{path}/capture", body, payee, [order]))
        with self._lock:
            self.requests += parts
        with ThreadPoolExecutor(len(parts) + 1) as pool:
            done = [pool.submit(self.settle, client, each, i) for i, each in enumerate(parts)]
            if rng.random() < 0.3:
                release = Request(
                    "POST", "transaction", f"{path}/release", {}, payee.token, [], None
                )
                done.append(pool.submit(self._until_answered, client, release))
            for each in done:
                each.result()

    def _take_back(self, client: httpx.Client, asked: Asked, payee: Person, path: str) -> None:
        cancel = Request("POST", "transaction", path, {}, payee.token, [], None)
        reply = self._until_answered(client, cancel)
        if reply is not None and reply.status_code == 200:
            asked.cancelled = True
        elif reply is None or reply.json()["code"] != "request_already_paid":
            self._complain(f"{path}: {reply and reply.text[:300]}")

    @staticmethod
    def _ends(person: Person, minor: int) -> tuple[str, str]:
        settlement = "00000000-0000-0000-0000-000000000002"
        return (settlement, person.id) if minor > 0 else (person.id, settlement)

    def _live(self, name: str) -> None:
        rng = random.Random(f"{self.seed} {name}")
        try:
            with self._client() as client:
                count = 0
                while not self.stop.is_set():
                    count += 1
                    if not self.only_payments and self._other(client, rng, name, count):
                        continue
                    request = self._make(rng, name, count)
                    with self._lock:
                        self.requests.append(request)
                    self.settle(client, request, rng.randrange(2))
        except Exception as error:  # a thread that dies silently would prove nothing
            self._complain(f"client {name}: {error!r}")

    def _other(self, client: httpx.Client, rng: random.Random, name: str, count: int) -> bool:
        if rng.random() < 0.04:
            self._newcomer(client, rng, f"{name}n{count}")
        elif rng.random() < 0.1:
            self._read(client, rng)
        elif rng.random() < 0.1:
            self._give_back(client, rng, f"{name}-{count}")
        elif rng.random() < 0.05:
            self._ask_for_money(client, rng, f"{name}-{count}/ask")
        elif rng.random() < 0.05:
            self._set_aside(client, rng, f"{name}-{count}/hold")
        else:
            return False
        return True

    def _read(self, client: httpx.Client, rng: random.Random) -> None:
        """What anybody sees at any moment is a piece of a right book."""
        person = rng.choice(self.people)
        path = f"/api/transactions/user/{person.id}?limit=50"
        url = self._url("transaction", rng.randrange(2)) + path
        try:
            reply = self._ask(
                client, "GET", url, headers={"Authorization": f"Bearer {person.token}"}
            )
        except httpx.TransportError:
            return
        if reply.status_code != 200:
            if reply.status_code != 503:
                self._complain(f"GET {path}: {reply.status_code} {reply.text[:300]}")
            return
        page = body_of(reply)["data"]
        for newer, older in pairwise(page):
            change = newer["amount"] if newer["direction"] == "in" else -newer["amount"]
            if older["balanceAfter"] + change != newer["balanceAfter"]:
                self._complain(f"GET {path}: {older} is followed by {newer}")
        with self._lock:
            self.pages_read += 1

    def _newcomer(self, client: httpx.Client, rng: random.Random, name: str) -> None:
        person = Person(name, f"{name}@example.com", f"pw-{rng.getrandbits(64):x}")
        self.register(client, person)

    def open(self, people: int) -> None:
        with self._client() as client:
            for i in range(people):
                person = Person(f"p{i}x", f"p{i}x@example.com", f"quiet harbour {i} lantern")
                assert self.register(client, person).settled, self.unexpected
                self.login(person)
                self.people.append(person)
                self._by_id[person.id] = person

    def start(self, clients: int, named: str = "c") -> None:
        """Who opens again, after finish(), needs other names."""
        self.stop.clear()
        self._threads = []
        for i in range(clients):
            thread = threading.Thread(target=self._live, args=(f"{named}{i}",), daemon=True)
            thread.start()
            self._threads.append(thread)

    def pays_again(self, within_s: float) -> None:
        """Each transaction service moves money again, without help and soon."""
        deadline = time.monotonic() + within_s
        payer, payee = self.people[:2]
        with self._client() as client:
            for at, url in enumerate(self.transaction_urls):
                path, key = "/api/transactions", str(uuid.uuid4())
                body = {
                    "sender_email": payer.email,
                    "receiver_email": payee.email,
                    "amount": "0.01",
                    "note": f"again-{key}",
                }
                order = Order(body["note"], 1, payer.id, payee.id)
                request = Request("POST", "transaction", path, body, payer.token, [order], key)
                with self._lock:
                    self.requests.append(request)
                while not request.settled:
                    assert time.monotonic() < deadline, f"{url}: no payment within {within_s} s"
                    try:
                        reply = self._send(client, request, at)
                    except httpx.TransportError:
                        request.doubted = True
                        continue
                    if reply.status_code == 503:
                        request.doubted |= reply.json()["code"] == "outcome_unknown"
                        time.sleep(0.05)
                    else:
                        self._note(request, reply)
                        break

    def finish(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join(PATIENCE_S + 30)
            assert not thread.is_alive(), "a client never got its answer"

    def ask_again(self) -> None:
        """A refusal after a doubt is not the last word until all is quiet: the first try may have
        been under way still. Now it is not."""
        with self._client() as client:
            for request in self.requests:
                if request.key is not None and (request.doubted or not request.settled):
                    request.settled = False
                    self.settle(client, request, 0)
                    if not request.settled:
                        self._complain(f"never settled: {request.path} {request.orders[0].note}")
