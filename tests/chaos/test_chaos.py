"""A bank under load while everything that can fail does, from a seed that is printed."""

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bank import Bank, Person
from faults import LIBFAKETIME, Faults
from gate import Gate
from harness.platform import BINARY, ROOT, SANITIZED, Platform, migrate
from harness.ports import free_port
from harness.postgres import Cluster
from verdict import differences

PEOPLE = 12
CLIENTS = 10
RECOVERY_S = 15
# So small that batches are full under this load, and are planned on those in flight.
SMALL_BATCHES = {"BATCH_MAX": "4", "COMMITTERS": "3"}
# A sanitizer and libfaketime do not start together, each calls the other: the service whose clock
# moves is the release build then.
CLOCK_BINARY = ROOT / "build/release/instapay" if SANITIZED else BINARY
CLOCK_MOVES = LIBFAKETIME is not None and CLOCK_BINARY.is_file()


@contextmanager
def platform_of(
    cluster: Cluster,
) -> Iterator[tuple[dict[str, Platform], dict[str, Gate], Path | None]]:
    """A user service and two transaction services, each behind a gate of its own; one has a clock
    that can be moved."""
    if not CLOCK_MOVES:
        print("no clock jumps: libfaketime or build/release/instapay is missing")
    names = ["user", "transaction1", "transaction2"]
    gates = {name: Gate(free_port(), cluster.port) for name in names}
    scratch = Path(tempfile.mkdtemp(prefix="instapay-chaos-"))
    clock = scratch / "clock" if CLOCK_MOVES else None
    if clock:
        clock.write_text("+0\n")
    services: dict[str, Platform] = {}

    def launch(name: str, binary: Path = BINARY, **settings: str) -> None:
        url = cluster.url.replace(f":{cluster.port}/", f":{gates[name].port}/")
        service = Platform(
            name.rstrip("12"), DATABASE_URL=url, ACCESS_TOKEN_TTL_S="86400", **settings
        )
        service.binary = binary
        services[name] = service
        service.start()

    try:
        migrate(cluster.url)
        launch("user")
        jwks = f"{services['user'].urls['user']}/.well-known/jwks.json"
        verifier = {"JWT_PRIVATE_KEY": "", "JWKS_URL": jwks}
        launch("transaction1", **verifier, **SMALL_BATCHES)
        moved = {
            "LD_PRELOAD": str(LIBFAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        if clock:
            launch("transaction2", CLOCK_BINARY, **verifier, **moved)
        else:
            launch("transaction2", **verifier)
        yield services, gates, clock
    finally:
        for service in services.values():
            service.remove()
        for gate in gates.values():
            gate.close()
        shutil.rmtree(scratch)


def open_bank(seed: int, services: dict[str, Platform]) -> Bank:
    transaction_urls = [services[f"transaction{i}"].urls["transaction"] for i in (1, 2)]
    bank = Bank(seed, services["user"].urls["user"], transaction_urls)
    user = services["user"]
    bank.operator = Person("operator", user.operator_email, user.operator_password)
    bank.login(bank.operator)
    bank.open(PEOPLE)
    return bank


def must_plan_ahead(service: Platform) -> None:
    """The load still runs: since the service last started, a batch was planned on others."""
    deadline = time.monotonic() + RECOVERY_S
    counted = re.compile(r"^instapay_ledger_planned_ahead_total ([1-9].*)", re.MULTILINE)
    while not counted.search(service.client.get("/metrics", service="transaction").text):
        assert time.monotonic() < deadline, "nothing is planned ahead: is the load too small?"
        time.sleep(0.1)


def keep_logs(services: dict[str, Platform]) -> str:
    directory = ROOT / "build/results/chaos"
    directory.mkdir(parents=True, exist_ok=True)
    for name, service in services.items():
        shutil.copy(service.log_file, directory / f"{name}.log")
    return str(directory.relative_to(ROOT))


def must_be_right(bank: Bank, cluster: Cluster, services: dict[str, Platform], told: str) -> None:
    found = differences(bank, cluster)
    audit = services["user"].run("audit", "--json")
    if audit.returncode != 0:
        found.append(f"audit: {audit.stdout}{audit.stderr}")
    broken = [
        f"{name}: {entry}"
        for name, service in services.items()
        for entry in service.log_objects()
        if entry.get("http.response.status_code") == 500
    ]
    found += broken[:3]
    if found:
        told += f"\nthe services' logs: {keep_logs(services)}"
    orders = [order for request in bank.requests for order in request.orders]
    done = sum(order.acknowledged is not None for order in orders)
    refused = sum(order.refused is not None for order in orders)
    refunds = [order for order in orders if order.kind == "refund"]
    given_back = sum(order.acknowledged is not None for order in refunds)
    too_much = sum(order.refused == "refund_exceeds_transfer" for order in refunds)
    doubted = sum(request.doubted for request in bank.requests)
    print(
        f"{told}\n{len(bank.requests)} requests, {done} orders done, {refused} refused,"
        f" {given_back} refunds done, {too_much} of more than remained,"
        f" {doubted} requests in doubt, {len(bank.registrations)} people,"
        f" {bank.pages_read} pages read, slowest answer {bank.slowest_s:.1f} s;"
        f" met on the way: {dict(bank.setbacks)}"
    )
    assert not found, f"{told}\n" + "\n".join(found[:20])
    assert done > 20 and given_back > 5 and too_much > 0, "a load that proves nothing"


def test_nothing_is_lost_or_doubled_whatever_breaks(
    cluster: Cluster, seed: int, seconds: float
) -> None:
    with platform_of(cluster) as (services, gates, clock):
        bank = open_bank(seed, services)
        faults = Faults(seed, cluster, services, gates, clock)
        bank.start(CLIENTS)
        try:
            faults.run(time.monotonic() + seconds)
        finally:
            faults.heal()
        faults.recovered(RECOVERY_S)
        bank.pays_again(RECOVERY_S)
        must_plan_ahead(services["transaction1"])
        bank.finish()
        bank.ask_again()
        must_be_right(
            bank,
            cluster,
            services,
            f"seed {seed}: {len(faults.log)} faults ({' '.join(faults.log)}),"
            f" {sum(gate.caught for gate in gates.values())} connections caught,"
            f" {faults.mid_batch} of them at COMMIT,"
            f" ready again after {faults.slowest_recovery_s:.1f} s",
        )
        assert faults.mid_batch > 0, "no COMMIT was held back: does gate.py still know one?"
        for service in services.values():
            service.stop()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system that gets full."""
    path = Path(tempfile.mkdtemp(prefix="instapay-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", str(path)],
        capture_output=True,
        text=True,
    )
    if mounted.returncode != 0:
        path.rmdir()
        pytest.skip(f"may not mount a tmpfs here: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)
        path.rmdir()


def test_a_full_disk_refuses_and_recovers(
    monkeypatch: pytest.MonkeyPatch, seed: int, seconds: float
) -> None:
    with small_disk(256) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        cluster = Cluster()
        monkeypatch.setattr(tempfile, "tempdir", None)
        try:
            with platform_of(cluster) as (services, _, _):
                bank = open_bank(seed, services)
                bank.start(CLIENTS)
                ballast = disk / "ballast"
                for _ in range(max(1, round(seconds / 60))):
                    time.sleep(1)
                    fill(ballast)
                    # Tables and log need room soon: statements fail, or the server stops by itself.
                    time.sleep(4)
                    ballast.unlink()
                    if not cluster.running():
                        cluster.start()
                for service in services.values():
                    service.wait_for("/health/ready", 200, RECOVERY_S)
                bank.pays_again(RECOVERY_S)
                bank.finish()
                bank.ask_again()
                # Tables need room first, and it is said so; or the log does, and the server ends.
                refused = bank.setbacks["storage_low"] + bank.setbacks["database_unavailable"]
                assert refused > 0, "the disk was never full"
                must_be_right(bank, cluster, services, f"seed {seed}: full disk")
        finally:
            cluster.remove()


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"\0" * 65_536):
                pass
        except OSError:
            pass
