"""Three nodes of PostgreSQL under Patroni and etcd, made from the files of deploy/ha."""

import csv
import io
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import httpx
from harness.platform import ROOT
from harness.postgres import _bin_dir, signal_all
from harness.waiting import wait_until
from network import NODES, Machine

HEALTHY_S = 60
NAMES = ("postgres-1", "postgres-2", "postgres-3")
_FILES = (
    "deploy/ha/patroni.yml",
    "deploy/ha/patroni.sh",
    "deploy/ha/etcd.sh",
    "deploy/postgres/postgresql.conf",
)


class Node:
    def __init__(self, name: str, number: int, scratch: Path, secrets: Path) -> None:
        self.name = name
        self.machine = Machine(name, number, node=True)
        self.dir = scratch / name
        self.dir.mkdir()
        self.secrets = secrets
        # The files as they are deployed: only the folders are others.
        for file in _FILES:
            text = (ROOT / file).read_text().replace("/etc/instapay", str(self.dir))
            copy = self.dir / Path(file).name
            copy.write_text(text.replace("/var/run/postgresql", str(self.dir)))
            copy.chmod(0o755)
        shutil.copy(ROOT / "db/postgresql.conf", self.dir / "platform.conf")
        shutil.chown(self.dir, "postgres", "postgres")

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.dir),
            "NODE_NAME": self.name,
            "NODE_ADDRESS": self.machine.node_address,
            "ETCD_HOSTS": ",".join(f"{NODES}.{11 + i}:2379" for i in range(len(NAMES))),
            "ETCD_CLUSTER": ",".join(
                f"{name}=http://{NODES}.{11 + i}:2380" for i, name in enumerate(NAMES)
            ),
            "ETCD_DATA": str(self.dir / "etcd"),
            "PGDATA": str(self.dir / "data"),
            "PATRONI_CONFIG": str(self.dir / "patroni.yml"),
            "SECRETS_DIR": str(self.secrets),
        }

    def _spawn(self, script: str) -> None:
        log = self.dir / f"{script}.log"
        command = ("bash", str(self.dir / script))
        self.machine.spawn(*command, env=self.environment(), log=log, user="postgres")

    def start_etcd(self) -> None:
        self._spawn("etcd.sh")

    def start_patroni(self) -> None:
        self._spawn("patroni.sh")

    def start(self) -> None:
        self.start_etcd()
        self.start_patroni()

    def named(self, *names: str) -> list[int]:
        """Processes here that are called so; a backend of PostgreSQL calls itself what it does."""
        found = []
        for pid in self.machine.processes():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
            if any(name in words for name in names):
                found.append(pid)
        return found

    def postmaster(self) -> int:
        return int((self.dir / "data/postmaster.pid").read_text().splitlines()[0])

    def power_off(self) -> None:
        """Its links first: not even the kernel says that the connections are gone. (What was not
        yet on the disk stays in this machine's page cache; only a real power cut takes that.)"""
        self.machine.unplug()
        self.machine.kill_all()

    def power_on(self) -> None:
        self.machine.plug()
        self.start()


class Trio:
    """The cluster; what is asked goes over the clients' network, as the platform does it."""

    def __init__(self, scratch: Path, secrets: Path) -> None:
        self.bin = _bin_dir()
        self.secrets = secrets
        self.nodes = {
            name: Node(name, 11 + i, scratch, secrets / "postgres") for i, name in enumerate(NAMES)
        }
        self.hosts = ",".join(node.machine.address for node in self.nodes.values())
        self._http = httpx.Client(timeout=2, trust_env=False)

    def start(self) -> None:
        for node in self.nodes.values():
            node.start_etcd()
        for node in self.nodes.values():
            node.start_patroni()
        self.wait_healthy()

    def members(self) -> list[dict]:
        """As the first node that answers sees them; empty when none does."""
        for node in self.nodes.values():
            try:
                reply = self._http.get(f"http://{node.machine.address}:8008/cluster")
            except httpx.TransportError:
                continue
            if reply.status_code == 200:
                return reply.json()["members"]
        return []

    def status_of(self, node: Node, path: str = "") -> int:
        try:
            return self._http.get(f"http://{node.machine.address}:8008/{path}").status_code
        except httpx.TransportError:
            return 0

    def with_role(self, *roles: str) -> list[Node]:
        return [self.nodes[m["name"]] for m in self.members() if m["role"] in roles]

    def _the(self, role: str) -> Node:
        found = wait_until(lambda: self.with_role(role), HEALTHY_S, f"somebody is {role}")
        return found[0]

    def primary(self) -> Node:
        return self._the("leader")

    def synchronous(self) -> Node:
        return self._the("sync_standby")

    def healthy(self) -> bool:
        members = self.members()
        return (
            sorted(m["role"] for m in members) == ["leader", "replica", "sync_standby"]
            and len({m["timeline"] for m in members if "timeline" in m}) == 1
            and all(m["state"] in ("running", "streaming") for m in members)
            and all(m.get("lag", 0) == 0 for m in members)
            and self.status_of(self.nodes[self._name_of_leader(members)], "primary") == 200
        )

    @staticmethod
    def _name_of_leader(members: list[dict]) -> str:
        return next(m["name"] for m in members if m["role"] == "leader")

    def wait_healthy(self, within_s: float = HEALTHY_S) -> float:
        began = time.monotonic()
        deadline = began + within_s
        while not self.healthy():
            assert time.monotonic() < deadline, f"not healthy: {self.members()}\n{self.log_tails()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def ctl(self, *words: str) -> str:
        """patronictl, on the first node that lives."""
        for node in self.nodes.values():
            if self.status_of(node):
                done = subprocess.run(
                    node.machine.inside("bash", str(node.dir / "patroni.sh"), "ctl", *words),
                    env=node.environment(),
                    capture_output=True,
                    text=True,
                    cwd="/",
                )
                assert done.returncode == 0, done.stdout + done.stderr
                return done.stdout
        raise AssertionError("no node answers")

    def configure(self, **settings: object) -> None:
        """What `patronictl edit-config` does."""
        words = [w for k, v in settings.items() for w in ("--set", f"{k}={str(v).lower()}")]
        self.ctl("edit-config", "--force", "--quiet", *words, "instapay")

    def sql(self, statement: str, database: str = "instapay") -> list[dict[str, str]]:
        """At the primary."""
        done = subprocess.run(
            [str(self.bin / "psql"), "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-c", statement],
            env={
                "PATH": os.environ["PATH"],
                "PGHOST": self.hosts,
                "PGTARGETSESSIONATTRS": "read-write",
                "PGUSER": "postgres",
                "PGPASSWORD": (self.secrets / "postgres/password").read_text(),
                "PGDATABASE": database,
                "PGTZ": "UTC",
                "PGCONNECT_TIMEOUT": "2",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def etcd_away(self) -> None:
        for node in self.nodes.values():
            signal_all(node.named("etcd --name"), signal.SIGKILL)
        wait_until(
            lambda: not any(node.named("etcd --name") for node in self.nodes.values()),
            10,
            "no etcd",
        )

    def logs(self) -> list[Path]:
        return [path for node in self.nodes.values() for path in sorted(node.dir.glob("*.log"))]

    def log_tails(self) -> str:
        return "\n".join(f"--- {path}\n{path.read_text()[-3000:]}" for path in self.logs())

    def remove(self) -> None:
        self._http.close()
        for node in self.nodes.values():
            node.machine.remove()
