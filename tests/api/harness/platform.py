"""The executable under test: started as an operator would, stopped by SIGTERM."""

import atexit
import json
import os
import secrets
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import httpx

from harness.client import Client
from harness.keys import SigningKey, b64url
from harness.ports import free_port
from harness.users import User, login, register, unique_name

ROOT = Path(__file__).resolve().parents[3]
BINARY = Path(os.environ.get("INSTAPAY_BIN", ROOT / "build/release/instapay")).resolve()
# Sizes and times are promised for a release build.
SANITIZED = bool({"asan", "tsan"} & set(BINARY.parts))
# A sanitized executable on a busy machine is slow to start, not broken.
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
PORT_OF = {
    "user": "USER_PORT",
    "transaction": "TRANSACTION_PORT",
    "reporting": "REPORTING_PORT",
    "gateway": "GATEWAY_PORT",
}
SHARED_KEY = SigningKey()
RECEIPT_KEY = SigningKey("ES256")
VAPID_KEY = SigningKey("ES256")
FACTOR_KEY = b64url(secrets.token_bytes(32))


@cache
def _all_settings() -> frozenset[str]:
    listed = subprocess.run(
        [str(BINARY), "config", "--json"],
        capture_output=True,
        text=True,
        check=True,
        cwd="/",
    )
    names = {setting["name"] for setting in json.loads(listed.stdout)["data"]}
    return frozenset(names | {f"{name}_FILE" for name in names})


def environment(**settings: str) -> dict[str, str]:
    # What the shell of a developer may have set must not decide a test.
    env = {name: value for name, value in os.environ.items() if name not in _all_settings()}
    defaults = {
        "BCRYPT_COST": "4",
        "JWT_PRIVATE_KEY": SHARED_KEY.pem,
        "RECEIPT_PRIVATE_KEY": RECEIPT_KEY.pem,
        "FACTOR_KEY": FACTOR_KEY,
        "VAPID_PRIVATE_KEY": VAPID_KEY.pem,
        "LOG_FORMAT": "json",
        "LOGIN_ATTEMPTS_PER_MIN": "0",
        "RATE_LIMIT_ADDRESS_PER_S": "0",
        "RATE_LIMIT_USER_PER_S": "0",
    }
    env.update(defaults)
    # Any process on a database may take a push: each knows the push services of the tests, which
    # only development may have.
    developing = settings.get("INSTAPAY_ENV", "development") == "development"
    env["PUSH_HOSTS"] = "127.0.0.1" if developing else "none"
    env.update(settings)
    # An empty setting means: not set at all.
    return {name: value for name, value in env.items() if value != ""}


def run(
    *arguments: str, timeout_s: float = 60, stdin: str = "", **settings: str
) -> subprocess.CompletedProcess[str]:
    """Runs a sub-command to its end."""
    return subprocess.run(
        [str(BINARY), *arguments],
        env=environment(**settings),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd="/",
    )


def migrate(database_url: str) -> None:
    """The schema, in a database that is empty."""
    done = run("migrate", DATABASE_URL=database_url)
    assert done.returncode == 0, done.stderr


@cache
def _base_dir() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="instapay-api-"))
    directory.chmod(0o711)
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory


def private_dir() -> Path:
    """Where a cluster run by another user can reach its data; short, as unix sockets need it."""
    directory = Path(tempfile.mkdtemp(prefix="", dir=_base_dir()))
    directory.chmod(0o711)
    return directory


class Platform:
    """One `instapay serve` process."""

    def __init__(
        self, what: str = "all", *, tls: ssl.SSLContext | None = None, **settings: str
    ) -> None:
        self.what = what
        self.arguments: tuple[str, ...] = ()
        self.binary = BINARY
        self.dir = private_dir()
        names = list(PORT_OF) if what == "all" else [what]
        self.ports = {name: free_port() for name in names}
        self.operator_email = f"{unique_name('operator')}@example.com"
        self.operator_password = secrets.token_urlsafe(18)
        if what in ("all", "user"):
            settings.setdefault("OPERATOR_EMAIL", self.operator_email)
            settings.setdefault("OPERATOR_PASSWORD", self.operator_password)
        self.operator_email = settings.get("OPERATOR_EMAIL", "")
        self.operator_password = settings.get("OPERATOR_PASSWORD", "")
        self.settings = {
            "DATA_DIR": str(self.dir / "data"),
            **{PORT_OF[name]: str(port) for name, port in self.ports.items()},
            **settings,
        }
        scheme = "https" if tls else "http"
        self.tls = tls
        self.urls = {name: f"{scheme}://127.0.0.1:{port}" for name, port in self.ports.items()}
        self.client = Client(self.urls, tls)
        self.log_file = self.dir / "log"
        self.process: subprocess.Popen | None = None
        self.spawned_at = 0.0

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def log_tail(self) -> str:
        return f"--- {self.what}, log ---\n{self.log[-12_000:]}"

    def log_objects(self) -> list[dict]:
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def spawn(self) -> None:
        self.spawned_at = time.time()
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(
                [str(self.binary), "serve", self.what, *self.arguments],
                env=environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
            )

    def start(self) -> "Platform":
        self.spawn()
        self.wait_ready()
        return self

    def probe(self, service: str, path: str) -> int:
        """The status of a GET; 0 while nobody answers."""
        verify = self.tls if self.tls is not None else True
        try:
            url = self.urls[service] + path
            return httpx.get(url, verify=verify, timeout=5, trust_env=False).status_code
        except httpx.TransportError:
            return 0

    def wait_for(self, path: str, status: int, timeout_s: float = START_TIMEOUT_S) -> None:
        assert self.process is not None
        deadline = time.monotonic() + timeout_s
        for service in self.ports:
            while (found := self.probe(service, path)) != status:
                died = self.process.poll()
                assert died is None, f"serve {self.what} exited with {died}\n{self.log_tail}"
                assert time.monotonic() < deadline, (
                    f"{service}{path} is {found}, not {status}\n{self.log_tail}"
                )
                time.sleep(0.02)

    def wait_ready(self) -> None:
        self.wait_for("/health/ready", 200)

    def stop(self) -> None:
        """SIGTERM must end the process, and well."""
        self.client.close()
        self.terminate()
        self.wait_stopped()

    def terminate(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """As a machine that loses power; start() begins it again."""
        assert self.process is not None
        self.process.kill()
        self.wait_stopped(-signal.SIGKILL)

    def wait_stopped(self, expected: int = 0) -> None:
        assert self.process is not None
        try:
            code = self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"SIGTERM did not stop it\n{self.log_tail}") from None
        assert code == expected, f"exit code {code}\n{self.log_tail}"

    def remove(self) -> None:
        """After a test, however it went."""
        self.client.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(
        self, *arguments: str, timeout_s: float = 60, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """A sub-command with this platform's settings."""
        return run(*arguments, timeout_s=timeout_s, **{**self.settings, **settings})

    def new_user(self, **fields: str) -> User:
        return register(self.client, **fields)

    def operator(self) -> User:
        return login(self.client, self.operator_email, self.operator_password)
