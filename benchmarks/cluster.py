"""A PostgreSQL cluster of its own for one benchmark, on a real disk, durable, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
DATABASE = "instapay"
START_TIMEOUT_S = 30
WAL_FILE_MB = 16
# What a benchmark of durable transfers must never be without; last, so that nothing overrides it.
DURABLE = ["fsync = on", "synchronous_commit = on", "full_page_writes = on"]


class Cluster:
    def __init__(self, port: int, settings: str) -> None:
        self.port = port
        self.settings = settings
        # Not /tmp, which is memory on some systems: an fsync there costs nothing.
        self.directory = Path(tempfile.mkdtemp(prefix="instapay-bench-", dir="/var/tmp"))
        self.data = self.directory / "data"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        host = quote(str(self.directory), safe="")
        return f"postgresql://postgres@/{DATABASE}?host={host}&port={self.port}"

    def as_postgres(self) -> list[str]:
        """PostgreSQL refuses to run as root; anybody else runs it as themselves."""
        if os.geteuid() != 0:
            return []
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"]

    def start(self) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        initdb = [str(PROGRAMS / "initdb"), "-D", str(self.data), "-U", "postgres"]
        initdb += ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*self.as_postgres(), *initdb], check=True, stdout=subprocess.DEVNULL, cwd="/"
        )
        own = [
            f"port = {self.port}",
            "listen_addresses = ''",
            f"unix_socket_directories = '{self.directory}'",
        ]
        with open(self.data / "postgresql.conf", "a") as file:
            file.write("\n".join([self.settings, *own, *DURABLE]) + "\n")
        log = open(self.directory / "postgresql.log", "wb")  # noqa: SIM115 (the child's for its life)
        self.process = subprocess.Popen(
            [*self.as_postgres(), str(PROGRAMS / "postgres"), "-D", str(self.data)],
            stdout=log,
            stderr=log,
            cwd="/",
        )
        deadline = time.monotonic() + START_TIMEOUT_S
        ready = [str(PROGRAMS / "pg_isready"), "-q", "-h", str(self.directory)]
        ready += ["-p", str(self.port)]
        while subprocess.run(ready).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + self.log_tail())
            time.sleep(0.05)
        self.sql(f"CREATE DATABASE {DATABASE}", database="postgres")

    def grow_old(self) -> None:
        """As one that has run for a while: as many files of the log as min_wal_size keeps, to be
        used again. A new cluster makes each anew, and all commits wait for it."""
        kept_mb = int(self.sql("SELECT setting FROM pg_settings WHERE name = 'min_wal_size'"))
        self.sql(
            f"""DO $$ BEGIN FOR i IN 1..{kept_mb // WAL_FILE_MB} LOOP
                PERFORM pg_logical_emit_message(false, 'bench', ''), pg_switch_wal();
            END LOOP; END $$"""
        )
        self.sql("CHECKPOINT")

    def log_tail(self) -> str:
        return "\n".join((self.directory / "postgresql.log").read_text().splitlines()[-20:])

    def client(self, program: str, database: str = DATABASE) -> list[str]:
        command = [str(PROGRAMS / program), "-h", str(self.directory), "-p", str(self.port)]
        return [*command, "-U", "postgres", *(["-d"] if program == "psql" else []), database]

    def sql(self, text: str, database: str = DATABASE) -> str:
        """Runs statements, answers what they print: rows by line, columns by tab."""
        command = [*self.client("psql", database), "-XAqt", "-F\t", "-v", "ON_ERROR_STOP=1"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.rstrip("\n")

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=30)
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


@contextlib.contextmanager
def running_cluster(port: int, settings: str) -> Iterator[Cluster]:
    cluster = Cluster(port, settings)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
