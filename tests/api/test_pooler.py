"""PgBouncer in front of the database: session mode works, the others are refused at the start."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.platform import run
from harness.ports import free_port
from harness.postgres import Cluster
from harness.waiting import wait_until

STARTED_WITHIN_S = 20
PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Pooler:
    def __init__(self, cluster: Cluster, mode: str, *, round_robin: bool) -> None:
        assert PGBOUNCER, "no pgbouncer: scripts/packages.txt lists its package"
        self.port = free_port()
        self.dir = Path(tempfile.mkdtemp(prefix="instapay-pgbouncer-"))
        config = self.dir / "pgbouncer.ini"
        config.write_text(
            "[databases]\n"
            f"instapay = host=127.0.0.1 port={cluster.port} dbname=instapay"
            f" user=instapay password={cluster.password}\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = {mode}\ndefault_pool_size = 40\n"
            f"server_round_robin = {int(round_robin)}\n"
        )
        if cluster.run_as:
            for path in (self.dir, config):
                shutil.chown(path, "postgres", "postgres")
        self.process = subprocess.Popen(
            [PGBOUNCER, "-q", str(config)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **cluster.run_as,
        )
        wait_until(lambda: _listens(self.port), STARTED_WITHIN_S, "PgBouncer listens")
        # Several sessions are open and free, as on a pooler that has been in use.
        with ThreadPoolExecutor(6) as threads:
            list(threads.map(lambda _: self.sql("SELECT pg_sleep(0.2)"), range(6)))

    @property
    def url(self) -> str:
        return f"postgresql://instapay@127.0.0.1:{self.port}/instapay"

    def sql(self, statement: str) -> str:
        done = subprocess.run(
            ["psql", "-X", "-At", "-c", statement, self.url], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def remove(self) -> None:
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir)


@pytest.fixture
def pooler(cluster: Cluster) -> Iterator[Callable[..., Pooler]]:
    started: list[Pooler] = []

    def start(mode: str, *, round_robin: bool = False) -> Pooler:
        started.append(Pooler(cluster, mode, round_robin=round_robin))
        return started[-1]

    yield start
    for one in started:
        one.remove()


@pytest.mark.parametrize(
    ("mode", "round_robin"), [("transaction", False), ("transaction", True), ("statement", False)]
)
def test_other_modes_are_refused(launch, pooler, mode, round_robin):
    url = pooler(mode, round_robin=round_robin).url
    for what in ("transaction", "all"):
        service = launch(
            what, wait=False, DATABASE_URL=url, JWKS_URL="http://127.0.0.1:1/.well-known/jwks.json"
        )
        service.spawn()
        service.wait_stopped(1)
        said = [line for line in service.log.splitlines() if line.startswith("instapay: ")]
        assert len(said) == 1, service.log
        assert "transaction mode: set pool_mode = session" in said[0]
    for command in (["audit"], ["migrate"]):
        done = run(*command, DATABASE_URL=url)
        assert done.returncode == 1
        assert "set pool_mode = session" in done.stderr


def test_standbys_likewise(launch, cluster, pooler):
    service = launch(wait=False, REPORTING_DATABASE_URL=pooler("transaction").url)
    service.spawn()
    service.wait_stopped(1)
    assert "set pool_mode = session" in service.log


def test_session_mode_works(launch, cluster, pooler):
    """Also what needs the session's true number: a committer whose connection is cut settles what
    it had sent."""
    platform = launch(DATABASE_URL=pooler("session").url)
    user, payee = platform.new_user(), platform.new_user()
    for amount in range(1, 6):
        user.pay(payee, amount).ok(201)
        cut = cluster.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND application_name LIKE 'instapay%'"
        )
        assert len(cut) > 1
        for path in ("/api/users/me", f"/api/transactions/user/{payee.id}"):
            reader = user if path.endswith("/me") else payee
            wait_until(
                lambda p=path, r=reader: r.get(p).status == 200, STARTED_WITHIN_S, "it is back"
            )
    assert len(payee.history()) == 6
    assert payee.balance() == 1000 + 15
    audit = run("audit", **{**platform.settings})
    assert audit.returncode == 0, audit.stdout + audit.stderr
