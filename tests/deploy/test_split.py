"""The installation of docker-compose.prod.yml, each service in namespaces of its own (split.py):
what only one machine's loopback made work before has to work here, with two replicas of two
services."""

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from types import SimpleNamespace

import httpx
import pytest
from files import ROOT, SERVICES
from harness.client import Client
from harness.holds import capture, hold, money, release
from harness.keys import claims_of, header_of
from harness.machines import OWN, running
from harness.mandates import agreed, draw, look_at_draw, make_due
from harness.papers import attached, code_on, texts_of
from harness.passkeys import Passkey
from harness.passkeys import register as register_passkey
from harness.users import User, again, login, register, through, unique_name
from harness.waiting import wait_until
from segments import Container, inside, why_not
from split import DOMAIN, POSTGRES, WEB, Split

OPERATOR = "operator@instapay.example"
LIMITS = {"TRANSFER_LIMIT": "500", "DAILY_LIMIT": "800"}
BROWSER_TIMEOUT_S = 120
SEEN_TIMEOUT_S = 10
PAYMENTS = "/api/transactions"


@pytest.fixture(scope="module")
def split() -> Iterator[Split]:
    if reason := why_not():
        assert os.environ.get("CI") != "true", f"the deployment must be tried split: {reason}"
        pytest.skip(reason)
    # An operator who says nothing about OPENING_BALANCE: Compose passes on an empty variable.
    place = Split(
        BCRYPT_COST="10",
        OPENING_BALANCE="",
        STAFF_SECOND_FACTOR="optional",
        APPROVALS="off",
        **LIMITS,
    )
    try:
        place.start()
        yield place
    finally:
        place.remove()


@pytest.fixture
def client(split: Split) -> Iterator[Client]:
    """Of the outside: knows the edge, and nothing else."""
    with inside(split.client_side.pid):
        client = split.client()
        yield client
        client.close()


@pytest.fixture
def operator(split: Split, client: Client) -> User:
    return login(client, OPERATOR, password_of_operator(split))


def password_of_operator(split: Split) -> str:
    return (split.secrets / "user-service/operator_password").read_text()


def fund(operator: User, whom: User, amount: str) -> None:
    body = {"amount": amount, "reason": "Salary"}
    operator.put(f"/api/users/{whom.id}/balance", body, key=unique_name("fund")).ok()


def test_who_registers_is_given_nothing(client: Client) -> None:
    assert register(client).balance() == 0


def test_a_payment_and_what_follows(client: Client, operator: User) -> None:
    """Register, sign in, pay, history, refund, report: over both replicas, as they come."""
    mona, omar = register(client), register(client)
    fund(operator, mona, "1000.00")
    paid = mona.pay(omar, "120.50", key="split-1").ok(201)
    # Asked again, the other replica knows it too.
    for _ in range(4):
        assert mona.pay(omar, "120.50", key="split-1").ok(201)["id"] == paid["id"]
    refund = omar.post(f"/api/transactions/{paid['id']}/refund", {"amount": "20.50"}, key="r-1")
    assert refund.ok(201)["refundOf"] == paid["id"]
    assert (mona.balance(), omar.balance()) == (900, 100)
    history = mona.history_page(limit=10)["data"]
    assert [entry["amount"] for entry in history] == [Decimal("20.50"), Decimal("120.50"), 1000]
    report = operator.get("/api/reports/system").ok()
    assert report["transactions"] >= 1 and report["users"] >= 3


def at(container: Container, user: User) -> User:
    """The same person, whose payments go to this replica."""
    url = f"http://{container.addresses['back']}:{SERVICES['transaction']}"
    return through(user, SimpleNamespace(urls={"transaction": url}))


def test_a_hold_is_one_at_every_replica(split: Split, client: Client, operator: User) -> None:
    """Made at one, captured in part at the other, released at the first."""
    mona, omar = register(client), register(client)
    fund(operator, mona, "100.00")
    first, second = split.segments.services["transaction-service"]
    payer, one, other = at(first, mona), at(first, omar), at(second, omar)
    with (
        inside(split.edge.pid),
        closing(payer.client),
        closing(one.client),
        closing(other.client),
    ):
        held = hold(payer, omar, "60.00").ok(201)
        part = capture(other, held, key="part", amount="25.00", final=False).ok(201)
        # Asked again, the first one knows it too.
        again = capture(one, held, key="part", amount="25.00", final=False)
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.ok(201)["id"] == part["id"]
        assert release(one, held).ok()["status"] == "released"
        capture(other, held).problem(409, "hold_released")
    assert money(mona) == (75, 0, 75)
    assert omar.balance() == 25


def test_a_signed_payment_is_one_at_every_replica(
    split: Split, client: Client, operator: User
) -> None:
    """Signed for what one replica asks, paid at the other, and asked again at both. The receipt
    shows it, and a passkey of somebody else's domain pays nothing."""
    mona, omar = register(client), register(client)
    fund(operator, mona, "100.00")
    passkey = Passkey(rp_id=DOMAIN, origin=f"https://{DOMAIN}", counter=1)
    register_passkey(mona, passkey)
    first, second = split.segments.services["transaction-service"]
    asked_at, paid_at = at(first, mona), at(second, mona)
    body = {"sender_email": mona.email, "receiver_id": omar.id, "amount": "40.00"}
    with inside(split.edge.pid), closing(asked_at.client), closing(paid_at.client):
        options = asked_at.post(f"{PAYMENTS}/authorization", body, key="signed").ok()
        signed = {**body, "passkey": passkey.get(options)}
        foreign = passkey.get(options, client={"origin": "https://pay.example.net"})
        refused = paid_at.post(PAYMENTS, {**body, "passkey": foreign}, key="signed")
        refused.problem(401, "passkey_invalid")
        paid = paid_at.post(PAYMENTS, signed, key="signed").ok(201)
        for replica in (asked_at, paid_at):
            again_ = replica.post(PAYMENTS, signed, key="signed")
            assert again_.headers["Idempotent-Replayed"] == "true"
            assert again_.ok(201)["id"] == paid["id"]
    assert (mona.balance(), omar.balance()) == (60, 40)
    for viewer in (mona, omar):
        receipt = viewer.get(f"{PAYMENTS}/{paid['id']}/receipt").text
        assert claims_of(receipt)["authorization"]["relyingParty"] == DOMAIN


def test_a_draw_is_paid_once_by_either_worker(split: Split, client: Client, operator: User) -> None:
    mona, gym = register(client), register(client)
    fund(operator, mona, "100.00")
    fund(operator, gym, "1.00")
    gym.pay(mona, "1.00").ok(201)  # a contact
    mandate = agreed(gym, mona, 10, 100)
    draws = [draw(gym, mandate, "5.00").ok(201) for _ in range(8)]
    books = SimpleNamespace(sql=lambda statement: split.sql(statement, "-dinstapay"))
    make_due(books, *draws)

    def paid() -> bool:
        return books.sql("SELECT count(*) FROM mandate_draws WHERE status = 0") == "0"

    wait_until(paid, SEEN_TIMEOUT_S, "the draws are paid")
    assert {look_at_draw(mona, drawn)["status"] for drawn in draws} == {"paid"}
    assert (mona.balance(), gym.balance()) == (61, 40)


def test_who_freezes_the_own_wallet_is_frozen_everywhere(
    split: Split, client: Client, operator: User
) -> None:
    """Asked at the edge; both transaction replicas refuse, and the other session ends at every
    service."""
    mona, omar = register(client), register(client)
    fund(operator, mona, "100.00")
    lost = again(mona)
    mona.post("/api/users/me/freeze").ok()
    for container in split.segments.services["transaction-service"]:
        payer = at(container, mona)
        with inside(split.edge.pid), closing(payer.client):
            payer.pay(omar, "1.00").problem(422, "sender_frozen")

    def ended() -> bool:
        paths = ("/api/users/me", f"/api/transactions/user/{mona.id}")
        asked = [lost.get(path) for path in (*paths, f"/api/reports/users/{mona.id}") * 2]
        return all(reply.json.get("code") == "token_revoked" for reply in asked)

    wait_until(ended, SEEN_TIMEOUT_S, "the end of the other session everywhere")
    mona.post("/api/users/me/unfreeze", {"password": mona.password}).ok()
    mona.pay(omar, "1.00").ok(201)


def test_papers_come_whole_through_the_edge(client: Client, operator: User, split: Split) -> None:
    """PDFs by way of nginx: of two services, with one key, and links to where the wallet is."""
    mona, omar = register(client), register(client)
    fund(operator, mona, "100.00")
    paid = mona.pay(omar, "12.30").ok(201)
    keys = client.get("/.well-known/receipt-jwks.json").ok()["keys"]
    for path, name, type_ in (
        (f"/api/transactions/{paid['id']}/receipt.pdf", "receipt.jws", "payment+jwt"),
        (f"/api/reports/users/{mona.id}/statement?format=pdf", "statement.jws", "statement+jwt"),
    ):
        reply = mona.get(path)
        assert reply.headers["content-type"] == "application/pdf", str(reply)
        assert reply.headers["cache-control"] == "no-store"
        assert reply.headers["content-disposition"].startswith("attachment; filename=")
        assert "12.30" in texts_of(reply.content)[0]
        assert attached(reply.content, name)
        link, _, token = code_on(reply.content).partition("#")
        assert link == f"https://{DOMAIN}/verify"
        assert header_of(token) == {"alg": "ES256", "typ": type_, "kid": keys[0]["kid"]}
    for name in ("transaction-service", "reporting-service"):
        for container in split.segments.services[name]:
            # Nobody there can write a cache of fonts, and nothing complains that it cannot.
            assert [line for line in container.log.read_text().splitlines() if line[0] != "{"] == []


def test_a_program_is_known_to_every_service(client: Client, operator: User) -> None:
    """Its token, of the user service, opens the other two; without it they open no more."""
    mona, omar = register(client), register(client)
    fund(operator, mona, "100.00")
    told = client.get("/.well-known/oauth-authorization-server").ok()
    assert told["token_endpoint"] == f"https://{DOMAIN}/oauth/token"
    shop = running(mona, ["payments:read", "payments:write", "reports:read"])
    for _ in range(4):  # both replicas
        assert shop.get(f"/api/users/{mona.id}/balance").ok()["balance"] == 100
        assert shop.get(f"/api/transactions/user/{mona.id}").ok()["data"]
    shop.pay(mona, omar, "10.00", key="shop-1").ok(201)
    assert shop.get(f"/api/reports/users/{mona.id}").ok()["closingBalance"] == 90
    mona.delete(f"{OWN}/{shop.id}").ok(204)

    def ended() -> bool:
        paths = (f"/api/users/{mona.id}/balance", f"/api/transactions/user/{mona.id}")
        asked = [shop.get(path) for path in (*paths, f"/api/reports/users/{mona.id}") * 2]
        return all(reply.json.get("code") == "token_revoked" for reply in asked)

    wait_until(ended, SEEN_TIMEOUT_S, "the end of its tokens everywhere")


def test_limits_are_shown_where_they_hold(client: Client, operator: User) -> None:
    mona, omar = register(client), register(client)
    fund(operator, mona, "1000.00")
    shown = mona.get(f"/api/users/{mona.id}/limits").ok()
    assert (shown["perTransfer"], shown["perDay"]) == (500, 800)
    mona.pay(omar, "500.01").problem(422, "transfer_limit_exceeded")
    mona.pay(omar, "500").ok(201)
    mona.pay(omar, "300.01").problem(422, "daily_limit_exceeded")
    assert mona.get(f"/api/users/{mona.id}/limits").ok()["leftToday"] == 300


def test_the_console_shows_every_replica(split: Split, operator: User) -> None:
    services = operator.get("/api/reports/services").ok()["data"]
    assert [service["service"] for service in services] == list(SERVICES)
    for service in services:
        assert (service["status"], service["ready"]) == ("ok", True), service
        assert service["version"] and set(service["checks"].values()) == {"ok"}
        running = split.segments.services[f"{service['service']}-service"]
        known = {c.addresses["back"] for c in running}
        assert {replica["address"] for replica in service["replicas"]} == known
        assert all(replica["ready"] for replica in service["replicas"])


def test_the_ledgers_figures_are_those_of_all_replicas(
    split: Split, client: Client, operator: User
) -> None:
    mona, omar = register(client), register(client)
    fund(operator, mona, "10.00")
    before = operator.get("/api/reports/ledger").ok()
    # One payment, then its key again at each replica: both count a replay of their own.
    mona.pay(omar, "1.00", key="sum-1").ok(201)
    replicas = split.segments.services["transaction-service"]
    body = {"sender_email": mona.email, "receiver_email": omar.email, "amount": "1.00"}
    headers = {"Authorization": f"Bearer {mona.token}", "Idempotency-Key": "sum-1"}
    with inside(split.edge.pid):
        for container in replicas:
            url = f"http://{container.addresses['back']}:8001/api/transactions"
            again = httpx.post(url, json=body, headers=headers, trust_env=False)
            assert again.headers["Idempotent-Replayed"] == "true", again.text

    def counted() -> bool:
        now = operator.get("/api/reports/ledger").ok()
        assert now["queue"]["max"] == len(replicas) * 20_000
        assert now["books"]["balanced"] is True
        return now["conflicts"]["replays"] - before["conflicts"]["replays"] == len(replicas)

    # What was seen less than a second ago is not asked again.
    wait_until(counted, SEEN_TIMEOUT_S, "the replays of both replicas")


def test_a_replica_that_hangs_is_shown(split: Split, operator: User) -> None:
    """It keeps its address and does not answer: the service is not good, and the rest is seen."""
    container = split.segments.services["user-service"][1]
    container.run("ip", "link", "set", "eth0", "down")
    try:

        def seen() -> bool:
            (user, *others) = operator.get("/api/reports/services").ok()["data"]
            states = {r["address"]: r["status"] for r in user["replicas"]}
            assert {other["status"] for other in others} == {"ok"}
            return user["status"] == "down" and states == {
                split.segments.services["user-service"][0].addresses["back"]: "ok",
                container.addresses["back"]: "down",
            }

        wait_until(seen, SEEN_TIMEOUT_S, "the replica that is down")
    finally:
        container.run("ip", "link", "set", "eth0", "up")


def test_networks_are_segments(split: Split) -> None:
    """The outside reaches the edge only, and the edge no database."""
    everybody = {c.name: list(c.addresses.values()) for c in split.segments.containers}
    open_ports = {8080, 8443, *SERVICES.values(), 5432}
    with inside(split.client_side.pid):
        for name, addresses in everybody.items():
            for address in addresses:
                reached = {port for port in open_ports if connects(address, port)}
                expected = {8080, 8443} if address == split.edge.addresses["front"] else set()
                assert reached == expected, f"{name} {address}"
    with inside(split.edge.pid):
        assert not connects(split.postgres.addresses["data"], 5432)
        for name, port in SERVICES.items():
            for container in split.segments.services[f"{name}-service"]:
                assert connects(container.addresses["back"], port)


def connects(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.3)
        return probe.connect_ex((address, port)) == 0


@pytest.mark.parametrize("path", ["/metrics", "/health", "/health/ready"])
def test_the_inside_stays_inside(client: Client, split: Split, path: str) -> None:
    reply = httpx.get(f"{split.base}{path}", verify=split.trust(), trust_env=False)
    assert reply.status_code == 404


def test_the_owner_of_the_schema_is_no_user_of_the_server(split: Split) -> None:
    """It made the schema (the fixture); more it may not, by whatever way."""
    url = (split.secrets / "migrate/database_url").read_text()
    url = url.replace("@postgres:", f"@{split.postgres.addresses['data']}:")
    for statement in (
        "CREATE ROLE mine LOGIN",
        "CREATE DATABASE mine",
        "ALTER ROLE instapay_owner CREATEROLE",
        "GRANT pg_execute_server_program TO instapay_owner",
        "GRANT pg_read_server_files TO instapay_owner",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "COPY (SELECT 1) TO '/tmp/mine'",
        "CREATE EXTENSION file_fdw",
    ):
        command = split.postgres.command(f"{POSTGRES}/psql", url, "-Xqc", statement)
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode != 0, statement
        assert re.search("permission denied|must be|must have", done.stderr), done.stderr


def test_replicas_share_the_first_operator(split: Split) -> None:
    """Both begin at once, and both want to make it."""
    for container in split.segments.services["user-service"]:
        assert '"log.level":"error"' not in container.log.read_text()


def test_in_a_browser(split: Split, client: Client, operator: User) -> None:
    """Registers, pays, sees the network go and come back; the operator sees every replica."""
    assert (WEB / "index.html").exists(), "build the wallet: npm run build in web/"
    node = shutil.which("node")
    assert node, "node is missing: scripts/packages.txt, group web"
    payee = register(client)
    task = {
        "origin": f"https://{DOMAIN}",
        "resolve": f"MAP {DOMAIN}:443 {split.edge.addresses['front']}:8443",
        "operator": {"email": OPERATOR, "password": password_of_operator(split)},
        "payee": payee.username,
        "replicas": len(split.segments.services["user-service"]),
    }
    script = ("nsenter", "-t", str(split.client_side.pid), "-n", node)
    process = subprocess.Popen(
        [*script, ROOT / "tests/deploy/browser.mjs", json.dumps(task)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(BROWSER_TIMEOUT_S, process.kill)
    watchdog.start()
    said = []
    try:
        assert process.stdin and process.stdout
        for line in process.stdout:
            said.append(line)
            match line.split():
                case ["fund", email]:
                    person = operator.get(f"/api/users/by-email/{email}").ok()
                    body = {"amount": "50.00", "reason": "Salary"}
                    path = f"/api/users/{person['id']}/balance"
                    operator.put(path, body, key=unique_name("fund")).ok()
                case ["network", state]:
                    split.client_side.run("ip", "link", "set", "eth0", state)
                case _:
                    continue
            process.stdin.write("done\n")
            process.stdin.flush()
        assert process.wait() == 0, "".join(said)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()  # closes its pipes
        split.client_side.run("ip", "link", "set", "eth0", "up")
    assert payee.balance() == Decimal("12.34")
