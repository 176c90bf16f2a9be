"""A database whose disk fills: payments are refused in time and by name, all else goes on, and even
when nothing at all is left nothing is lost. On a file system of its own, which root may make."""

import contextlib
import os
import subprocess
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from harness.platform import Platform, migrate, private_dir
from harness.postgres import Cluster
from harness.users import fresh_key, unique_name
from harness.waiting import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a file system")
MEBIBYTE = 1024 * 1024
DISK_BYTES = 400 * MEBIBYTE
FREE_MIN_BYTES = 100 * MEBIBYTE
NOTICED_WITHIN_S = 15
FULL_WITHIN_S = 60
# What the log may take of the disk, so that it is the tables that find it full.
LOG_BYTES = 64 * MEBIBYTE
SMALL_LOG = "max_wal_size = 64MB\nmin_wal_size = 32MB\n"


class Disk:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def free_bytes(self) -> int:
        space = os.statvfs(self.folder)
        return space.f_bavail * space.f_frsize

    def leave(self, free_bytes: int) -> None:
        with self._ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, self.free_bytes() - free_bytes)

    def fill(self) -> None:
        """To the last byte, whoever else writes."""
        with self._ballast.open("ab", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(b"\0" * 65_536):
                pass

    def empty(self) -> None:
        self._ballast.unlink(missing_ok=True)


@contextlib.contextmanager
def small_disk():
    folder = private_dir() / "disk"
    folder.mkdir()
    options = f"size={DISK_BYTES},mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "instapay-test", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def disk():
    with small_disk() as made:
        yield made


@pytest.fixture
def cluster(disk):
    own = Cluster(folder=disk.folder, conf=SMALL_LOG)
    try:
        yield own
    finally:
        own.remove()


@pytest.fixture
def serve(cluster, disk):
    """`serve all` over the small disk."""
    started = []

    def start(**settings):
        platform = Platform(DATABASE_URL=cluster.url, **settings)
        started.append(platform)
        return platform.start()

    yield start
    try:
        for platform in started:
            platform.stop()
    finally:
        for platform in started:
            platform.remove()


def storage_of(platform):
    body = platform.client.get("/health/ready", service="transaction").ok()
    assert body["status"] == "ready", "reads go on, so nobody is taken out of service"
    return body["checks"]["storage"]


def metric(platform, name):
    return platform.client.metric(name, "transaction")


def must_balance(platform):
    audit = platform.run("audit")
    assert audit.returncode == 0, audit.stdout + audit.stderr


def all_but_payments_go_on(platform, operator, user, payee, first_key, first):
    # What happened before is answered as before.
    again = user.pay(payee, "1.00", key=first_key)
    assert again.ok(201)["id"] == first["id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert user.balance() == 999
    assert len(user.history()) == 2
    operator.get("/api/reports/transactions").ok()
    # Somebody who is robbed just now can be helped.
    operator.patch(f"/api/users/{payee.id}", {"status": "frozen"}).ok()
    operator.patch(f"/api/users/{payee.id}", {"status": "active"}).ok()
    must_balance(platform)


@pytest.mark.parametrize("measured_by", ["path", "size"])
def test_payments_are_refused_before_the_disk_is_full(serve, cluster, disk, measured_by):
    by_path = {"STORAGE_PATH": str(disk.folder)}
    migrate(cluster.url)
    used = int(cluster.sql("SELECT pg_database_size('instapay') AS bytes")[0]["bytes"])
    # Ten more than what is to be left, beside what the log may take.
    by_size = {"STORAGE_MAX_BYTES": str(used + LOG_BYTES + FREE_MIN_BYTES + 10 * MEBIBYTE)}
    platform = serve(
        STORAGE_FREE_MIN_BYTES=str(FREE_MIN_BYTES),
        **(by_path if measured_by == "path" else by_size),
    )
    operator, user, payee = platform.operator(), platform.new_user(), platform.new_user()
    key = fresh_key()
    first = user.pay(payee, "1.00", key=key).ok(201)
    assert storage_of(platform) == "ok"
    assert metric(platform, "instapay_storage_free_bytes") >= FREE_MIN_BYTES
    if measured_by == "path":
        disk.leave(FREE_MIN_BYTES - MEBIBYTE)
    else:
        cluster.sql(
            "CREATE TABLE ballast AS SELECT repeat('x', 900) FROM generate_series(1, 20000)"
        )

    wait_until(lambda: storage_of(platform) == "low", NOTICED_WITHIN_S, "it is noticed")
    refused = user.pay(payee, "1.00")
    refused.problem(503, "storage_low")
    assert int(refused.headers["retry-after"]) > 0
    operator.adjust(user, "5.00").problem(503, "storage_low")
    name = unique_name()
    late = {"username": name, "email": f"{name}@example.com", "password": "a good passphrase"}
    platform.client.post("/api/users/register", late).problem(503, "storage_low")
    all_but_payments_go_on(platform, operator, user, payee, key, first)
    assert metric(platform, "instapay_storage_low") == 1
    assert metric(platform, "instapay_storage_free_bytes") < FREE_MIN_BYTES

    if measured_by == "path":
        disk.empty()
    else:
        cluster.sql("DROP TABLE ballast")
    wait_until(
        lambda: user.pay(payee, "1.00").status == 201, NOTICED_WITHIN_S, "payments by themselves"
    )
    assert storage_of(platform) == "ok"
    assert user.balance() == 998
    must_balance(platform)


class Payer(threading.Thread):
    """Pays one unit under key after key, each until it is answered for good."""

    def __init__(self, user, payee) -> None:
        super().__init__(daemon=True)
        self.user, self.payee = user, payee
        self.paid = 0
        self.refusals = []
        self.surprises = []
        self.ending = threading.Event()

    def run(self) -> None:
        while not self.ending.is_set():
            key = fresh_key()
            while not self.pay_once(key):
                pass

    def pay_once(self, key) -> bool:
        reply = self.user.pay(self.payee, "0.01", note="x" * 140, key=key)
        if reply.status == 201:
            self.paid += 1
        elif reply.status == 503:
            self.refusals.append(reply.json["code"])
            return False
        else:
            self.surprises.append(str(reply))
        return True


def test_a_disk_that_is_full_loses_nothing(serve, cluster, disk):
    """Nobody measures here: it is PostgreSQL that says it."""
    platform = serve(STORAGE_FREE_MIN_BYTES="0")
    operator = platform.operator()
    people = [platform.new_user() for _ in range(8)]
    payee = platform.new_user()
    payers = [Payer(person, payee) for person in people]
    for payer in payers:
        payer.start()
    wait_until(lambda: all(payer.paid > 5 for payer in payers), FULL_WITHIN_S, "all pay")
    disk.fill()

    def refused(code):
        return sum(payer.refusals.count(code) for payer in payers)

    wait_until(lambda: refused("storage_low") >= 20, FULL_WITHIN_S, "it is refused by name")
    assert disk.free_bytes() < MEBIBYTE
    assert platform.process.poll() is None
    assert platform.probe("transaction", "/health") == 200
    before = sum(payer.paid for payer in payers)

    disk.empty()
    # When the log finds no space either, PostgreSQL ends itself; whatever supervises it starts it.
    if not cluster.running():
        cluster.start()
    wait_until(lambda: sum(p.paid for p in payers) > before + 100, FULL_WITHIN_S, "they pay again")
    for payer in payers:
        payer.ending.set()
    for payer in payers:
        payer.join(FULL_WITHIN_S)
        assert not payer.is_alive()
        assert payer.surprises == []
    platform.wait_for("/health/ready", 200, NOTICED_WITHIN_S)
    for payer in payers:
        assert payer.user.balance() == 1000 - Decimal(payer.paid) / 100
    assert payee.balance() == 1000 + Decimal(sum(payer.paid for payer in payers)) / 100
    operator.get("/api/reports/system").ok()
    must_balance(platform)
