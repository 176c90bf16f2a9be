"""Runs bench_load and reads the meters exactly while it measures."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster import Cluster
from meters import Meter, Reading, resident_mb
from services import Service


@dataclass
class LoadResult:
    """What bench_load says, and what it cost."""

    raw: dict[str, Any]
    reading: Reading
    resident_mb: float = 0.0
    tolerated: frozenset[int] = frozenset()

    @property
    def tps(self) -> float:
        return self.raw["achieved"] / self.raw["measured_s"] if self.raw["measured_s"] else 0.0

    @property
    def errors(self) -> int:
        """Requests that achieved nothing although the scenario wants them to."""
        refused = self.raw["requests"] - self.raw["latency_ms"]["count"]
        wanted = sum(self.raw["statuses"].get(str(code), 0) for code in self.tolerated)
        return refused - wanted + self.raw["lost"]

    def latency_ms(self, quantile: str) -> float:
        return self.raw["latency_ms"][quantile]


class LoadGenerator:
    def __init__(self, binary: Path, directory: Path, cluster: Cluster) -> None:
        self.binary = binary
        self.cluster = cluster
        self.directory = directory
        self.accounts = directory / "accounts.tsv"
        self.tokens = directory / "tokens"
        self.seed = 0

    def sign(self, key: Path, accounts: Path, tokens: Path, role: str = "user") -> None:
        command = [str(self.binary), "sign", "--accounts", str(accounts), "--key", str(key)]
        subprocess.run([*command, "--out", str(tokens), "--role", role], check=True)

    def run(self, services: list[Service], arguments: list[str]) -> LoadResult:
        self.seed += 1  # other pairs and other keys every time
        command = [str(self.binary), "load", "--accounts", str(self.accounts)]
        command += ["--tokens", str(self.tokens), "--seed", str(self.seed)]
        for service in services:
            command += ["--port", str(service.port)]
        process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None and process.stderr is not None
        meter, reading, raw = None, None, None
        try:
            for line in process.stdout:
                if line == "measuring\n":
                    meter = Meter(self.cluster, [service.pid for service in services])
                elif line == "measured\n" and meter is not None:
                    reading = meter.read()
                elif line.startswith("{"):
                    raw = json.loads(line)
        finally:
            if raw is None:
                process.terminate()
            process.wait()
        if raw is None or reading is None:
            raise RuntimeError(f"bench_load: {process.stderr.read().strip()}")
        reading.transfers = raw["achieved"]
        reading.load_cpu_s = raw["own_cpu_s"]
        for service in services:
            if not service.is_alive():
                raise RuntimeError(f"the {service.name} service died:\n{service.log_tail()}")
        return LoadResult(raw, reading, sum(resident_mb(service.pid) for service in services))
