"""The platform as production runs it, without containers: roles.sh made the logins, `instapay
migrate` the schema, each service is a process with a login of its own, and backup.sh archives."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from files import ROOT, SERVICES, succeeds
from harness.client import Client
from harness.platform import BINARY, START_TIMEOUT_S
from harness.ports import free_port
from harness.postgres import Cluster

NAMES = {
    "migrate": "instapay_owner",
    "user-service": "user_service",
    "transaction-service": "transaction_service",
    "reporting-service": "reporting_service",
    "audit": "audit_job",
    "heads": "heads_job",
    "backup": "backup_job",
}
POSTGRES_USER = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


class Production:
    def __init__(self) -> None:
        self.dir = Path(tempfile.mkdtemp(prefix="instapay-production-"))
        self.dir.chmod(0o755)
        self.secrets = self.dir / "secrets"
        self.backups = self.dir / "backups"
        self.ports = {name: free_port() for name in SERVICES}
        self.processes: dict[str, subprocess.Popen] = {}
        self.cluster: Cluster | None = None

    # ---- its parts

    def database_url(self, of: str) -> str:
        return (self.secrets / of / "database_url").read_text()

    def psql(self, url: str, statement: str) -> subprocess.CompletedProcess[str]:
        assert self.cluster
        command = [
            str(self.cluster.bin / "psql"),
            url,
            "-XAtqv",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
        ]
        return subprocess.run(command, capture_output=True, text=True)

    def environment(self, **more: str) -> dict[str, str]:
        keep = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TMPDIR") if k in os.environ}
        # The server's own tools first: Debian's wrappers want a cluster of theirs.
        tools = f"{self.cluster.bin}:{BINARY.parent}" if self.cluster else str(BINARY.parent)
        return {**keep, "PATH": f"{tools}:{keep['PATH']}", **more}

    def settings(self, name: str) -> dict[str, str]:
        service = f"{name}-service"
        settings = {
            "INSTAPAY_ENV": "production",
            "DATABASE_URL_FILE": str(self.secrets / service / "database_url"),
            "TRUSTED_PROXIES": "127.0.0.0/8",
            "BCRYPT_COST": "10",
            "STAFF_SECOND_FACTOR": "optional",
            "LOG_FORMAT": "json",
            "RATE_LIMIT_ADDRESS_PER_S": "0",
            "RATE_LIMIT_USER_PER_S": "0",
            f"{name.upper()}_PORT": str(self.ports[name]),
        }
        if name != "reporting":
            settings["STORAGE_PATH"] = "/"
        if name == "user":
            folder = self.secrets / service
            settings |= {
                "OPENING_BALANCE": "1000",
                "APPROVALS": "off",
                "JWT_PRIVATE_KEY_FILE": str(folder / "jwt_private_key"),
                "FACTOR_KEY_FILE": str(folder / "factor_key"),
                "VAPID_PRIVATE_KEY_FILE": str(folder / "vapid_private_key"),
                "PUSH_HOSTS": "none",
                "OPERATOR_EMAIL": "operator@example.com",
                "OPERATOR_PASSWORD_FILE": str(folder / "operator_password"),
            }
        else:
            settings["JWKS_URL"] = f"http://127.0.0.1:{self.ports['user']}/.well-known/jwks.json"
        if name == "reporting":
            for other, port in self.ports.items():
                settings[f"{other.upper()}_URL"] = f"http://127.0.0.1:{port}"
        if name in ("transaction", "reporting"):
            folder = self.secrets / service
            settings["RECEIPT_PRIVATE_KEY_FILE"] = str(folder / "receipt_private_key")
        return settings

    def instapay(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(BINARY), *arguments]
        return subprocess.run(
            command, env=self.environment(**more), capture_output=True, text=True, cwd="/"
        )

    # ---- its life

    def start(self) -> None:
        self.cluster = Cluster()
        cluster = self.cluster
        with (cluster.data / "postgresql.conf").open("a") as conf:
            conf.write(f"include '{self._published(ROOT / 'db/postgresql.conf')}'\n")
            conf.write("shared_buffers = 64MB\nwal_level = replica\nmax_wal_senders = 5\n")
        with (cluster.data / "pg_hba.conf").open("a") as hba:
            hba.write("host replication backup_job 127.0.0.1/32 scram-sha-256\n")
        cluster.stop()
        cluster.start()
        cluster.sql("DROP DATABASE instapay", database="postgres")
        host = f"127.0.0.1:{cluster.port}"
        succeeds(
            *(ROOT / "deploy/make-secrets.sh", self.secrets, "pay.example.com"),
            env=self.environment(DB_HOST="127.0.0.1", SECRETS_MODE="0711"),
        )
        for name in NAMES:
            url = self.secrets / name / "database_url"
            text = url.read_text().replace("127.0.0.1:5432", host)
            url.unlink()
            url.write_text(text)
        self.make_roles()
        url_file = str(self.secrets / "migrate/database_url")
        migrated = self.instapay("migrate", INSTAPAY_ENV="production", DATABASE_URL_FILE=url_file)
        assert migrated.returncode == 0, migrated.stderr
        self.start_backup()
        audited = self.audit("--record")
        assert audited.returncode == 0, audited.stdout + audited.stderr
        for name in SERVICES:
            self.spawn(name)
        for name in SERVICES:
            self.wait_ready(name)

    def _published(self, path: Path) -> Path:
        """A copy that the database's user can read."""
        copy = self.dir / path.name
        shutil.copy(path, copy)
        copy.chmod(0o644)
        return copy

    def make_roles(self) -> None:
        assert self.cluster
        env = self.environment(
            **{"PGHOST": "127.0.0.1", "PGPORT": str(self.cluster.port), "PGUSER": "instapay"},
            **{"PGPASSWORD": self.cluster.password, "SECRETS_DIR": str(self.secrets)},
        )
        succeeds("bash", ROOT / "deploy/postgres/roles.sh", env=env)

    def audit(self, *arguments: str, url_file: str = "") -> subprocess.CompletedProcess[str]:
        url_file = url_file or str(self.secrets / "audit/database_url")
        return self.instapay("audit", "--json", *arguments, DATABASE_URL_FILE=url_file)

    def backup_environment(self) -> dict[str, str]:
        return self.environment(
            DATABASE_URL_FILE=str(self.secrets / "backup/database_url"),
            BACKUP_DIR=str(self.backups),
            BACKUP_POLL_S="1",
        )

    def start_backup(self) -> None:
        """The archiver, until its first base backup is there."""
        self.backups.mkdir()
        if POSTGRES_USER:
            shutil.chown(self.backups, **POSTGRES_USER)
        with (self.dir / "backup.log").open("a") as log:
            self.processes["backup"] = subprocess.Popen(
                ["bash", str(self._published(ROOT / "deploy/postgres/backup.sh"))],
                env=self.backup_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                **POSTGRES_USER,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while "taken and verified" not in (text := (self.dir / "backup.log").read_text()):
            assert time.monotonic() < deadline, text
            assert self.processes["backup"].poll() is None, text
            time.sleep(0.1)

    def spawn(self, name: str, executable: Path = BINARY, **more: str) -> None:
        log = (self.dir / f"{name}.log").open("a")
        env = self.environment(**{**self.settings(name), **more})
        command = [str(executable), "serve", name]
        self.processes[name] = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/"
        )
        log.close()

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    @contextlib.contextmanager
    def client(self) -> Iterator[Client]:
        urls = {name: self.url(name) for name in SERVICES}
        client = Client({**urls, "gateway": urls["user"]})
        try:
            yield client
        finally:
            client.close()

    def wait_ready(self, name: str, host: str = "127.0.0.1") -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            process = self.processes[name]
            assert process.poll() is None, (self.dir / f"{name}.log").read_text()
            try:
                reply = httpx.get(f"http://{host}:{self.ports[name]}/health/ready", trust_env=False)
                if reply.status_code == 200:
                    return
                text = reply.text
            except httpx.TransportError as error:
                text = str(error)
            assert time.monotonic() < deadline, f"{name} is not ready: {text}"
            time.sleep(0.05)

    def stop_service(self, name: str) -> None:
        process = self.processes.pop(name)
        process.terminate()
        assert process.wait(20) == 0, (self.dir / f"{name}.log").read_text()[-2000:]

    def stop(self) -> None:
        for name in list(self.processes):
            self.stop_service(name)

    def remove(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self.cluster:
            self.cluster.remove()
        shutil.rmtree(self.dir, ignore_errors=True)
