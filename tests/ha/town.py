"""A user service and two transaction services, each on its own machine, and people who pay."""

import json
import os
import re
import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import httpx
from bank import Bank, Person
from harness.platform import BINARY, ROOT, environment
from harness.waiting import wait_until
from network import Machine
from nodes import Trio

PEOPLE, CLIENT_THREADS = 12, 10
READY_S = 60
_PORTS = {"user": 8000, "transaction": 8001}
_WENT_BACK = re.compile(r"^instapay_ledger_database_went_back_total (\d+)", re.MULTILINE)


class Service:
    def __init__(self, what: str, number: int, scratch: Path, **settings: str) -> None:
        self.what, self.machine = what, Machine(f"{what}-{number}", number)
        self.dir = scratch / f"{what}-{number}"
        self.dir.mkdir()
        self.log_file = self.dir / "service.log"
        self.url = f"http://{self.machine.address}:{_PORTS[what]}"
        self.process = self.machine.spawn(
            *(str(BINARY), "serve", what),
            env=environment(BIND_ADDRESS="0.0.0.0", ACCESS_TOKEN_TTL_S="86400", **settings),
            log=self.log_file,
        )

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log_file.read_text()[-3000:]
        try:
            return httpx.get(f"{self.url}/health/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def wait_ready(self) -> None:
        wait_until(self.ready, READY_S, f"{self.what} is ready")

    def errors(self) -> list[dict]:
        lines = [line for line in self.log_file.read_text().splitlines() if line.startswith("{")]
        return [e for e in map(json.loads, lines) if e.get("http.response.status_code") == 500]

    def went_back(self) -> int:
        metrics = httpx.get(f"{self.url}/metrics", trust_env=False).text
        found = _WENT_BACK.search(metrics)
        return int(found[1]) if found else 0


class Town:
    def __init__(self, trio: Trio, scratch: Path) -> None:
        self.trio, self.scratch, self.secrets = trio, scratch, trio.secrets
        self.services: list[Service] = []
        self.proxy, self.archive = Machine("proxy", 30), Machine("archive", 40)
        self.bank: Bank

    def database_url(self, of: str) -> str:
        return (self.secrets / of / "database_url").read_text()

    def instapay(self, *words: str, url: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BINARY), *words],
            env=environment(DATABASE_URL=url),
            capture_output=True,
            text=True,
            cwd="/",
        )

    def start(self) -> None:
        made = subprocess.run(
            ["bash", str(ROOT / "deploy/postgres/roles.sh")],
            env={
                "PATH": os.environ["PATH"],
                "PGHOST": self.trio.hosts,
                "PGTARGETSESSIONATTRS": "read-write",
                "PGUSER": "postgres",
                "PGPASSWORD_FILE": str(self.secrets / "postgres/password"),
                "SECRETS_DIR": str(self.secrets),
            },
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        migrated = self.instapay("migrate", url=self.database_url("migrate"))
        assert migrated.returncode == 0, migrated.stderr
        self.start_proxy()
        self.start_archive()
        self.serve(
            "user", 21, OPERATOR_EMAIL="operator@example.com", OPERATOR_PASSWORD="operator's 77"
        )
        jwks = f"{self.services[0].url}/.well-known/jwks.json"
        self.serve("transaction", 22, JWKS_URL=jwks, JWT_PRIVATE_KEY="")
        # The same login, and one address.
        login = self.database_url("transaction-service").split("@")[0]
        url = f"{login}@{self.proxy.address}:5432/instapay"
        self.serve("transaction", 23, JWKS_URL=jwks, JWT_PRIVATE_KEY="", DATABASE_URL=url)
        user, *transaction = [service.url for service in self.services]
        self.bank = Bank(1, user, transaction)
        self.bank.operator = Person("operator", "operator@example.com", "operator's 77")
        self.bank.login(self.bank.operator)
        self.bank.open(PEOPLE)

    def serve(self, what: str, number: int, **settings: str) -> None:
        url = settings.pop("DATABASE_URL", self.database_url(f"{what}-service"))
        service = Service(what, number, self.scratch, DATABASE_URL=url, **settings)
        self.services.append(service)
        service.wait_ready()

    def start_proxy(self) -> None:
        nodes = enumerate(self.trio.nodes.values(), 1)
        addresses = {f"POSTGRES_{i}": node.machine.address for i, node in nodes}
        self.proxy.spawn(
            *("haproxy", "-db", "-f", str(ROOT / "deploy/ha/haproxy.cfg")),
            env={"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin", **addresses},
            log=self.scratch / "haproxy.log",
        )

    def start_archive(self) -> None:
        """backup.sh, as it is deployed, until its first base backup is there."""
        folder = self.scratch / "backups"
        folder.mkdir()
        shutil.chown(folder, "postgres", "postgres")
        script = self.scratch / "backup.sh"
        shutil.copy(ROOT / "deploy/postgres/backup.sh", script)
        log = self.scratch / "backup.log"
        self.archive.spawn(
            *("bash", str(script)),
            env={
                "PATH": f"{self.trio.bin}:{os.environ['PATH']}",
                "DATABASE_URL_FILE": str(self.secrets / "backup/database_url"),
                "BACKUP_DIR": str(folder),
                "BACKUP_POLL_S": "1",
            },
            log=log,
            user="postgres",
        )
        wait_until(lambda: "taken and verified" in log.read_text(), READY_S, "a base backup")

    def archived(self) -> None:
        """The archive has all that is written until now."""
        (now,) = self.trio.sql("SELECT pg_current_wal_flush_lsn() AS lsn")
        question = (
            f"SELECT 1 AS yes FROM pg_replication_slots WHERE slot_name = 'backup'"
            f" AND active AND restart_lsn >= '{now['lsn']}'"
        )
        wait_until(lambda: self.trio.sql(question), READY_S, "the log is archived")

    def silence(self, since: float, url: str = "") -> float:
        """The longest time without an acknowledged payment, in seconds; of one service, or any."""
        paid = [at for at, where in self.bank.paid_at if at >= since and url in where]
        moments = [since, *paid, time.monotonic()]
        return max(later - earlier for earlier, later in zip(moments, moments[1:], strict=False))

    def pays(self, count: int, within_s: float) -> None:
        """So many more payments are acknowledged, by each transaction service."""
        before = Counter(where for _, where in self.bank.paid_at)

        def enough() -> bool:
            now = Counter(where for _, where in self.bank.paid_at)
            return all(now[url] >= before[url] + count for url in self.bank.transaction_urls)

        wait_until(enough, within_s, "payments go on")

    def audit(self) -> str:
        """Empty when the books balance."""
        done = self.instapay("audit", "--json", url=self.database_url("audit"))
        return "" if done.returncode == 0 else done.stdout + done.stderr

    def complaints(self) -> list[str]:
        """Of the services themselves: none ended, none answered 500."""
        found = [
            f"{service.what} ended: {service.process.returncode}"
            for service in self.services
            if service.process.poll() is not None
        ]
        return found + [str(error) for service in self.services for error in service.errors()[:3]]

    def logs(self) -> list[Path]:
        return [*self.scratch.glob("*.log"), *(service.log_file for service in self.services)]

    def remove(self) -> None:
        if hasattr(self, "bank"):
            self.bank.stop.set()
        for service in self.services:
            service.machine.remove()
        self.proxy.remove()
        self.archive.remove()
