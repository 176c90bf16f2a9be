"""What people do with the platform while it is being operated on."""

import json
import os
import re
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field
from decimal import Decimal

import httpx
from files import ROOT
from harness.client import Client
from harness.users import User, register


def tour_of_the_readme(base: str, certificate: str = "") -> None:
    """The lines that README.md asks people to paste, as they are, against another address."""
    readme = (ROOT / "README.md").read_text()
    block = re.search(r"```sh\n(api=.*?)```", readme, re.DOTALL)
    assert block and "http://localhost:8080" in block[1]
    done = subprocess.run(
        ["bash", "-c", block[1].replace("http://localhost:8080", base)],
        env={**os.environ, **({"CURL_CA_BUNDLE": certificate} if certificate else {})},
        capture_output=True,
        text=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines() if line]
    assert len(answers) == 4 and not done.stderr, done.stdout + done.stderr
    amal, omar, payment, history = answers
    assert (amal["email"], omar["email"]) == ("amal@example.com", "omar@example.com")
    assert '"amount":250.75' in done.stdout and payment["note"] == "Lunch"
    assert payment["id"] in [entry["id"] for entry in history["data"]]


def client_of(base: str, tls: ssl.SSLContext | None = None) -> Client:
    return Client(dict.fromkeys(("user", "transaction", "reporting", "gateway"), base), tls)


CENT = Decimal("0.01")


@dataclass
class Payer:
    user: User
    paid: int = 0
    failures: list[str] = field(default_factory=list)


class Load:
    """People who pay one shop a cent at a time, and look at their balance in between. With `retry`
    a payment that got no answer, or a 503, is asked again under its key, as docs/api.md says."""

    def __init__(self, base: str, tls: ssl.SSLContext | None, retry: bool) -> None:
        self.base, self.tls, self.retry = base, tls, retry
        self.client = client_of(base, tls)
        self.shop = register(self.client)
        self.payers = [Payer(register(self.client)) for _ in range(3)]
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self._pay, args=(p,)) for p in self.payers]

    def __enter__(self) -> "Load":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self.client.close()

    def stop(self) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()

    def paid(self) -> int:
        return sum(payer.paid for payer in self.payers)

    def failures(self) -> list[str]:
        return [failure for payer in self.payers for failure in payer.failures]

    def wait_for_more(self, payments: int, limit_s: float = 60) -> None:
        goal, deadline = self.paid() + payments, time.monotonic() + limit_s
        while self.paid() < goal:
            assert time.monotonic() < deadline, self.failures()[-3:]
            time.sleep(0.05)

    def received(self) -> Decimal:
        """What the shop has got, by its own account."""
        return self.shop.balance() - Decimal("1000.00")

    def _pay(self, payer: Payer) -> None:
        headers = {"Authorization": f"Bearer {payer.user.token}"}
        verify = self.tls or True
        body = {
            "sender_email": payer.user.email,
            "receiver_email": self.shop.email,
            "amount": str(CENT),
        }
        with httpx.Client(
            base_url=self.base, headers=headers, verify=verify, trust_env=False, timeout=20
        ) as own:
            turn = 0
            while not self.done.is_set():
                turn += 1
                key = {"Idempotency-Key": f"{payer.user.id}-{turn}"}
                if self._ask(payer, own, "POST", "/api/transactions", 201, json=body, headers=key):
                    payer.paid += 1
                self._ask(payer, own, "GET", "/api/users/me", 200)
                time.sleep(0.03)  # below the limit of requests by one address

    def _ask(
        self, payer: Payer, own: httpx.Client, method: str, path: str, good: int, **options: object
    ) -> bool:
        deadline = time.monotonic() + 120
        while True:
            try:
                reply = own.request(method, path, **options)
                if reply.status_code == good:
                    return True
                failure = f"{method} {path}: {reply.status_code} {reply.text[:200]}"
                again = reply.status_code == 503
            except httpx.TransportError as error:
                failure, again = f"{method} {path}: {error!r}", True
            payer.failures.append(failure)
            if not (self.retry and again) or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
