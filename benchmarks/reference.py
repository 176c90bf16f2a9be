"""The reference R: pgbench, one stored-function call per transfer (reference.sql)."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cluster import Cluster
from meters import Meter, Reading

CLIENTS = 16
# One random account, and another one that is never the same.
SCRIPT = """\
\\set payer random(1, {accounts})
\\set payee 1 + (:payer + random(0, {accounts} - 2)) % {accounts}
SELECT reference.transfer(
  ('00000000-0000-7000-8000-' || lpad(:payer::text, 12, '0'))::uuid,
  ('00000000-0000-7000-8000-' || lpad(:payee::text, 12, '0'))::uuid,
  1, uuid_send(gen_random_uuid()));
"""


@dataclass
class ReferenceResult:
    tps: float
    p50_ms: float
    p99_ms: float
    reading: Reading


def prepare(cluster: Cluster, accounts: int) -> None:
    text = (Path(__file__).parent / "reference.sql").read_text()
    cluster.sql(f"\\set accounts {accounts}\n{text}")


def run(
    cluster: Cluster, accounts: int, duration_s: float, clients: int = CLIENTS
) -> ReferenceResult:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "transfer.sql"
        script.write_text(SCRIPT.format(accounts=accounts))
        command = cluster.client("pgbench")
        command[-1:-1] = ["-n", "-M", "prepared", "-f", str(script), "-T", str(round(duration_s))]
        command[-1:-1] = ["-c", str(clients), "-j", str(min(clients, 2))]
        command[-1:-1] = ["--log", f"--log-prefix={folder}/log"]
        if clients > 1:
            command[-1:-1] = ["--sampling-rate=0.1"]
        meter = Meter(cluster, [])
        own_before = os.times()
        done = subprocess.run(command, capture_output=True, text=True)
        reading = meter.read()
        own = os.times()
        reading.load_cpu_s = (own.children_user + own.children_system) - (
            own_before.children_user + own_before.children_system
        )
        if done.returncode != 0 or "tps = " not in done.stdout:
            raise RuntimeError(f"pgbench: {done.stderr.strip()}")
        # Of each logged line, the third word is the latency in microseconds.
        latencies_us = sorted(
            int(line.split()[2])
            for log in Path(folder).glob("log.*")
            for line in log.read_text().splitlines()
        )
    tps = float(done.stdout.split("tps = ")[1].split()[0])
    reading.transfers = round(tps * reading.seconds)

    def quantile_ms(share: float) -> float:
        return latencies_us[min(len(latencies_us) - 1, int(share * len(latencies_us)))] / 1000

    return ReferenceResult(tps, quantile_ms(0.5), quantile_ms(0.99), reading)
