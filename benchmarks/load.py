"""Runs bench_load and reads the meters exactly while it measures."""

import json
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from cluster import Cluster
from meters import Meter, Reading, resident_mb
from services import Service

QUANTILES = ("p50", "p95", "p99", "p999")


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


def combined(rounds: list[LoadResult]) -> LoadResult:
    """What was counted adds up, quantiles are averaged, and of stalls the longest stays."""
    if len(rounds) == 1:
        return rounds[0]
    raws = [result.raw for result in rounds]
    raw: dict[str, Any] = {**max(raws, key=lambda raw: raw["stall_ms"])}
    for name in raw:
        values = [other[name] for other in raws]
        if name.endswith("latency_ms"):
            raw[name] = {quantile: mean(v[quantile] for v in values) for quantile in QUANTILES}
            raw[name]["count"] = sum(v["count"] for v in values)
            raw[name]["max"] = max(v["max"] for v in values)
        elif name == "statuses":
            raw[name] = dict(sum((Counter(v) for v in values), Counter()))
        elif name == "ran_out":
            raw[name] = any(values)
        elif name == "samples":
            raw[name] = [sample for v in values for sample in v][:3]
        elif not name.startswith("stall_"):
            raw[name] = sum(values)
    reading = rounds[0].reading
    for result in rounds[1:]:
        reading += result.reading
    resident = max(result.resident_mb for result in rounds)
    return LoadResult(raw, reading, resident, rounds[0].tolerated)


class LoadGenerator:
    def __init__(self, binary: Path, directory: Path, cluster: Cluster, key: Path) -> None:
        self.binary = binary
        self.cluster = cluster
        self.key = key
        self.accounts = directory / "accounts.tsv"
        self.tokens = directory / "tokens"
        self.fresh_tokens = directory / "fresh_tokens"
        self.seed = 0

    def sign(self, tokens: Path, each: int = 1) -> None:
        """So many tokens for each account, unlike all that were signed before."""
        command = [str(self.binary), "sign", "--accounts", str(self.accounts)]
        command += ["--key", str(self.key), "--each", str(each), "--out", str(tokens)]
        subprocess.run(command, check=True)

    def run(
        self, services: list[Service], arguments: list[str], tokens: Path | None = None
    ) -> LoadResult:
        self.seed += 1  # other pairs and other keys every time
        command = [str(self.binary), "load", "--accounts", str(self.accounts)]
        command += ["--tokens", str(tokens or self.tokens), "--seed", str(self.seed)]
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
