"""A PostgreSQL of the tests' own, that they may stop, kill and question."""

import contextlib
import csv
import io
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from harness.ports import free_port
from harness.waiting import wait_until

KILLED_WITHIN_S = 30


def _bin_dir() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: p.parts[-3])
    if installed:
        return installed[-1].parent
    found = shutil.which("pg_ctl")
    assert found, "PostgreSQL is not installed"
    return Path(found).resolve().parent


def _alive(pid: int) -> bool:
    """A zombie that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # the latter when it ends between open and read
        return False


def freeze(postmaster: int) -> list[int]:
    """Stops PostgreSQL where it stands: connections stay, nobody answers. Its processes, the
    postmaster last: while that stands still, none of the others can be started or reaped."""
    os.kill(postmaster, signal.SIGSTOP)
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    family = [*map(int, children), postmaster]
    signal_all(family, signal.SIGSTOP)
    return family


def signal_all(pids: list[int], signum: int) -> None:
    """Whoever has ended meanwhile is passed over."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)


class Cluster:
    """Listens on 127.0.0.1 only; PostgreSQL refuses to run as root, so root hands it over. `env` is
    the server's, beside what it inherits; `folder`: where it is made, instead of the usual place;
    `conf`: more lines of its configuration."""

    def __init__(
        self, env: dict[str, str] | None = None, folder: Path | None = None, conf: str = ""
    ) -> None:
        self.env = {**os.environ, **(env or {})}
        self.bin = _bin_dir()
        self.port = free_port()
        self.password = secrets.token_urlsafe(18)
        self.run_as = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        self.dir = Path(tempfile.mkdtemp(prefix="instapay-pg-", dir=folder))
        if self.run_as:
            shutil.chown(self.dir, "postgres", "postgres")
        self.data = self.dir / "data"
        password_file = self.dir / "password"
        password_file.write_text(self.password)
        password_file.chmod(0o644)
        self._run(
            "initdb",
            *("-D", str(self.data), "-U", "instapay", "-E", "UTF8", "--locale=C"),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"),
        )
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(
                f"listen_addresses = '127.0.0.1'\nport = {self.port}\n"
                f"unix_socket_directories = ''\nmax_connections = 200\nshared_buffers = 64MB\n"
                f"{conf}"
            )
        self.start()
        self.sql("CREATE DATABASE instapay", database="postgres")

    @property
    def url(self) -> str:
        return f"postgresql://instapay:{self.password}@127.0.0.1:{self.port}/instapay"

    def _run(self, tool: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [str(self.bin / tool), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd="/",
            **self.run_as,
        )
        assert not check or done.returncode == 0, f"{tool}: {done.stdout}"
        return done

    def start(self) -> None:
        log = str(self.dir / "log")
        # pg_ctl's own output goes nowhere: the server inherits it, and a pipe would never close.
        done = subprocess.run(
            [str(self.bin / "pg_ctl"), "-D", str(self.data), "-l", log, "-w", "start"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.env,
            cwd="/",
            **self.run_as,
        )
        assert done.returncode == 0, Path(log).read_text()

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop", check=False)

    def kill(self) -> None:
        """As if the machine had lost its power: no process gets to say good-bye, and none lives on
        beside the next start, as backends do when only the postmaster is killed."""
        family = self.freeze()
        signal_all(family, signal.SIGKILL)
        wait_until(lambda: not any(map(_alive, family)), KILLED_WITHIN_S, "all of it is gone")
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def freeze(self) -> list[int]:
        """Until thaw()."""
        return freeze(int((self.data / "postmaster.pid").read_text().splitlines()[0]))

    def thaw(self, family: list[int]) -> None:
        signal_all(family, signal.SIGCONT)

    def running(self) -> bool:
        return self._run("pg_ctl", "-D", str(self.data), "status", check=False).returncode == 0

    def sql(self, statement: str, database: str = "instapay") -> list[dict[str, str]]:
        """Rows as text, as PostgreSQL prints them: numbers stay exact."""
        done = subprocess.run(
            [str(self.bin / "psql"), "-X", "-q", "--csv", "-v", "ON_ERROR_STOP=1", "-c", statement],
            env={
                **os.environ,
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": "instapay",
                "PGPASSWORD": self.password,
                "PGDATABASE": database,
                "PGTZ": "UTC",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return list(csv.DictReader(io.StringIO(done.stdout)))

    def remove(self) -> None:
        self.stop("immediate")
        shutil.rmtree(self.dir, ignore_errors=True)


class Lock:
    """Held in a transaction of the owner's while the block runs."""

    def __init__(self, cluster: Cluster, statement: str) -> None:
        self.psql = subprocess.Popen(
            [str(cluster.bin / "psql"), "-X", "-q", cluster.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.tell(f"BEGIN; {statement};")

    def tell(self, statement: str) -> None:
        assert self.psql.stdin and self.psql.stdout
        self.psql.stdin.write(f"{statement}\n\\echo done\n")
        self.psql.stdin.flush()
        assert self.psql.stdout.readline() == "done\n"

    def __enter__(self) -> "Lock":
        return self

    def __exit__(self, *_: object) -> None:
        self.psql.communicate("ROLLBACK;\n")
