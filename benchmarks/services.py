"""The product's own processes, set up as in production but for TLS and the rate limits."""

import contextlib
import os
import re
import secrets
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

START_TIMEOUT_S = 30
STOP_TIMEOUT_S = 15
OPERATOR_EMAIL = "operator@bench.example"


class Product:
    """The executable with the environment that all its sub-commands share."""

    def __init__(self, binary: Path, database_url: str, key_pem: str, directory: Path) -> None:
        self.binary = binary
        self.directory = directory
        self.environment = {
            **os.environ,
            "INSTAPAY_ENV": "development",
            "DATABASE_URL": database_url,
            "DATA_DIR": str(directory),
            "JWT_PRIVATE_KEY": key_pem,
            "RATE_LIMIT_USER_PER_S": "0",
            "RATE_LIMIT_ADDRESS_PER_S": "0",
            "OPERATOR_EMAIL": OPERATOR_EMAIL,
            "OPERATOR_PASSWORD": secrets.token_urlsafe(24),
            "LOG_LEVEL": "warn",
            "LOG_FORMAT": "json",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binary), *arguments], env=self.environment, capture_output=True, text=True
        )

    def accepts_key(self) -> bool:
        done = self.run("migrate")
        return done.returncode == 0 or "JWT_PRIVATE_KEY" not in done.stderr

    def deposit(self, user_port: int, user_id: str, amount: str) -> None:
        token = self.must("token", OPERATOR_EMAIL).strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{user_port}/api/users/{user_id}/balance",
            data=f'{{"amount": {amount}, "reason": "benchmark"}}'.encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Idempotency-Key": secrets.token_hex(16),
            },
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=30):
            pass

    def must(self, *arguments: str) -> str:
        done = self.run(*arguments)
        if done.returncode != 0:
            words = " ".join(arguments)
            raise RuntimeError(f"instapay {words}: {(done.stderr or done.stdout).strip()}")
        return done.stdout


class Service:
    def __init__(
        self, product: Product, name: str, port: int, settings: tuple[tuple[str, str], ...] = ()
    ) -> None:
        self.product = product
        self.settings = dict(settings)
        self.name = name
        self.port = port
        self.log_path = product.directory / f"{name}-{port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {**self.product.environment, **self.settings}
        environment[f"{self.name.upper()}_PORT"] = str(self.port)
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(self.product.binary), "serve", self.name],
                env=environment,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the {self.name} service did not start:\n{self.log_tail()}")
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def follows(self) -> bool:
        """All that is derived from the ledger is there, as its metrics say."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as reply:
            lags = re.findall(
                r"^instapay_(?:reports|search)_lag_seconds (\S+)$", reply.read().decode(), re.M
            )
        return all(float(lag) == 0 for lag in lags)

    def log_tail(self) -> str:
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-20:])

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=STOP_TIMEOUT_S)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
