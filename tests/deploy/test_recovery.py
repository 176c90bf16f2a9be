"""Backups are worth what a restore proves: the archive of a running platform is restored into a new
database, recovered, compared with the original and audited."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from files import ROOT
from harness.ports import free_port
from harness.users import User, register
from production import POSTGRES_USER, Production

SUMS = "SELECT count(*), coalesce(sum(balance), 0), max(last_entry_at) FROM account_states"
ENTRIES = "SELECT count(*), max(batch_seq) FROM entries"


@pytest.fixture(scope="module")
def people(production: Production) -> Iterator[list[User]]:
    with production.client() as client:
        yield [register(client), register(client)]


def pay(people: list[User], times: int) -> None:
    for turn in range(times):
        people[turn % 2].pay(people[1 - turn % 2], "0.25").ok(201)


def state(production: Production, url: str) -> list[str]:
    answers = [production.psql(url, statement) for statement in (SUMS, ENTRIES)]
    assert all(answer.returncode == 0 for answer in answers), answers
    return [answer.stdout.strip() for answer in answers]


class Restored:
    """A database that restore.sh made, run by its own PostgreSQL."""

    def __init__(self, production: Production, folder: Path, *arguments: str) -> None:
        assert production.cluster
        self.production, self.data, self.port = production, folder / "data", free_port()
        folder.chmod(0o777)
        began = time.monotonic()
        done = subprocess.run(
            ["bash", str(production._published(ROOT / "deploy/postgres/restore.sh")), *arguments],
            env=production.environment(PGDATA=str(self.data), BACKUP_DIR=str(production.backups)),
            capture_output=True,
            text=True,
            cwd="/",
            **POSTGRES_USER,
        )
        self.took_s = time.monotonic() - began
        assert done.returncode == 0, done.stdout + done.stderr
        self._pg_ctl("-o", f"-c port={self.port}", "-l", str(self.data / "log"), "-w", "start")

    def _pg_ctl(self, *arguments: str) -> None:
        assert self.production.cluster
        command = [str(self.production.cluster.bin / "pg_ctl"), "-D", str(self.data), *arguments]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd="/", **quiet, **POSTGRES_USER)

    def url(self, of: str) -> str:
        assert self.production.cluster
        here = f"127.0.0.1:{self.production.cluster.port}"
        return self.production.database_url(of).replace(here, f"127.0.0.1:{self.port}")

    def stop(self) -> None:
        self._pg_ctl("-m", "fast", "-w", "stop")


def archived(production: Production) -> None:
    """Until the archive has all that was written: what a lost disk would otherwise cost."""
    url = production.database_url("migrate")
    # The newest position, asked first: what comes later may or may not be there.
    now = production.psql(url, "SELECT pg_current_wal_flush_lsn()").stdout.strip()
    monitor = (
        f"postgresql://monitoring:{(production.secrets / 'postgres-exporter/password').read_text()}"
        f"@{url.split('@')[1]}"
    )
    question = f"SELECT restart_lsn >= '{now}' FROM pg_replication_slots WHERE slot_name = 'backup'"
    deadline = time.monotonic() + 30
    while (answer := production.psql(monitor, question)).stdout.strip() != "t":
        assert time.monotonic() < deadline, answer
        time.sleep(0.05)


def test_everything_that_was_paid_comes_back(
    production: Production, people: list[User], scratch: Path
) -> None:
    pay(people, 20)
    original = state(production, production.database_url("audit"))
    archived(production)
    restored = Restored(production, scratch)
    try:
        assert state(production, restored.url("audit")) == original
        url_file = scratch / "url"
        url_file.write_text(restored.url("audit"))
        audit = production.audit(url_file=str(url_file))
        verdict = json.loads(audit.stdout)
        assert audit.returncode == 0 and verdict["balanced"] is True, audit.stdout
        # It is an ordinary database: it can be written to, and its next backup can begin.
        noted = production.audit("--record", url_file=str(url_file))
        assert noted.returncode == 0, noted.stderr
    finally:
        restored.stop()
    print(f"restored in {restored.took_s:.1f} s")


def test_a_moment_in_the_past(production: Production, people: list[User], scratch: Path) -> None:
    pay(people, 4)
    before = state(production, production.database_url("audit"))
    time.sleep(0.1)
    url = production.database_url("migrate")
    moment = production.psql(url, "SELECT clock_timestamp()").stdout.strip()
    time.sleep(0.1)
    pay(people, 6)  # the mistake that is to be undone
    archived(production)
    restored = Restored(production, scratch, "--to", moment)
    try:
        # Sessions are written too, so only the books are compared.
        assert state(production, restored.url("audit")) == before
    finally:
        restored.stop()


def test_a_slot_that_is_gone_is_made_again(production: Production, people: list[User]) -> None:
    """As after a failover to a server that never had it: the archive goes on by itself."""
    assert production.cluster
    # Between the end of its walsender and the next one there is a moment to drop it.
    production.cluster.sql(
        "DO $$ BEGIN LOOP"
        " PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots"
        "  WHERE slot_name = 'backup' AND active;"
        " BEGIN PERFORM pg_drop_replication_slot('backup'); EXIT;"
        " EXCEPTION WHEN object_in_use THEN END; END LOOP; END $$"
    )
    pay(people, 4)
    archived(production)


def test_never_over_a_database(production: Production, scratch: Path) -> None:
    assert production.cluster
    done = subprocess.run(
        ["bash", str(ROOT / "deploy/postgres/restore.sh")],
        env=production.environment(
            PGDATA=str(production.cluster.data), BACKUP_DIR=str(production.backups)
        ),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "holds a database" in done.stderr


def test_old_backups_go_and_the_last_stays(production: Production) -> None:
    bases = production.backups / "base"
    first = min(p for p in bases.iterdir() if not p.name.endswith(".partial"))
    month_ago = time.time() - 40 * 86400
    try:
        os.utime(first, (month_ago, month_ago))
        # It is the only one, and a day old: another is taken, then it goes.
        deadline = time.monotonic() + 60
        while first.exists():
            assert time.monotonic() < deadline, (production.dir / "backup.log").read_text()
            time.sleep(0.2)
        assert [p for p in bases.iterdir() if not p.name.endswith(".partial")]
    finally:
        print((production.dir / "backup.log").read_text())


def test_roles_can_be_made_again(production: Production) -> None:
    """Idempotent, also while the services run."""
    production.make_roles()
    production.wait_ready("transaction")


@pytest.mark.parametrize(
    ("login", "statement"),
    [
        ("transaction-service", "SELECT 1 FROM users"),
        ("transaction-service", "SET ROLE instapay_user"),
        ("reporting-service", "SET ROLE instapay_reporting; DELETE FROM entries"),
        ("reporting-service", "SET ROLE instapay_reporting; UPDATE accounts SET status = 1"),
        ("user-service", "SET ROLE instapay_user; UPDATE entries SET amount = 1"),
        ("user-service", "CREATE TABLE t (i int)"),
        ("audit", "UPDATE accounts SET status = 1"),
        ("backup", "SELECT 1 FROM accounts"),
        ("migrate", "DELETE FROM entries"),
    ],
)
def test_nobody_may_more_than_needed(production: Production, login: str, statement: str) -> None:
    done = production.psql(production.database_url(login), statement)
    refused = "permission denied" in done.stderr or "append-only" in done.stderr
    assert done.returncode != 0 and refused, done
