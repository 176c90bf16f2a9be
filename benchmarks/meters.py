"""What a load costs: CPU by process tree, write-ahead log, disk, memory."""

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from cluster import Cluster

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
# Whatever tables the product has: heaps and indexes, each by its name.
SIZES = """
SELECT c.relname, pg_relation_size(c.oid)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i')
"""
LOG = """
SELECT pg_current_wal_insert_lsn() - '0/0', checkpoints_timed + checkpoints_req
FROM pg_stat_bgwriter
"""


def _stat_fields(pid: int) -> list[str] | None:
    """The fields after the name, from the state on; None when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def tree_cpu_s(root: int) -> float:
    """CPU seconds of a process, of its living descendants, and of those it has already reaped."""
    children: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat_fields(int(entry.name))):
            pid = int(entry.name)
            children.setdefault(int(fields[1]), []).append(pid)
            used[pid] = sum(int(ticks) for ticks in fields[11:15])  # utime stime cutime cstime
    total, queue = 0, [root]
    while queue:
        pid = queue.pop()
        total += used.get(pid, 0)
        queue.extend(children.get(pid, []))
    return total / TICKS_PER_S


def busy_cpu_s() -> float:
    """CPU seconds of the whole machine since it started, time stolen by its host included."""
    user, nice, system, _idle, _iowait, irq, softirq, steal = (
        int(ticks) for ticks in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    )
    return (user + nice + system + irq + softirq + steal) / TICKS_PER_S


def resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


@dataclass
class Reading:
    """What was used in some time; readings of several times add up."""

    seconds: float
    database_cpu_s: float
    service_cpu_s: float
    wal_bytes: int
    checkpoints: int
    busy_cpu_s: float
    disk_bytes: Counter[str] = field(default_factory=Counter)  # by table and index
    load_cpu_s: float = 0.0
    transfers: int = 0

    def __add__(self, other: "Reading") -> "Reading":
        return Reading(*(getattr(self, n) + getattr(other, n) for n in self.__dataclass_fields__))

    def per_transfer_us(self, cpu_s: float) -> float:
        return cpu_s * 1e6 / self.transfers if self.transfers else 0.0

    def cores_of_others(self) -> float:
        """What everything else on the machine used meanwhile."""
        own_s = self.database_cpu_s + self.service_cpu_s + self.load_cpu_s
        return max(0.0, self.busy_cpu_s - own_s) / self.seconds

    def wal_bytes_per_transfer(self) -> float:
        return self.wal_bytes / self.transfers if self.transfers else 0.0

    def disk_bytes_per_transfer(self) -> dict[str, float]:
        """Of the tables and indexes that grew, the largest first."""
        grown = self.disk_bytes.most_common() if self.transfers else []
        return {name: grew / self.transfers for name, grew in grown if grew > 0}


class Meter:
    """Starts at its making; read() tells what was used since."""

    def __init__(self, cluster: Cluster, service_pids: list[int]) -> None:
        self.cluster = cluster
        self.service_pids = service_pids
        self.sizes_before, self.began = self._now()

    def _now(self) -> tuple[Counter[str], tuple[float, ...]]:
        assert self.cluster.process is not None
        log, *sizes = self.cluster.sql(f"{LOG};{SIZES}").splitlines()
        wal, checkpoints = log.split("\t")
        return Counter({name: int(size) for name, size in (row.split("\t") for row in sizes)}), (
            time.monotonic(),
            tree_cpu_s(self.cluster.process.pid),
            sum(tree_cpu_s(pid) for pid in self.service_pids),
            int(wal),
            int(checkpoints),
            busy_cpu_s(),
        )

    def read(self) -> Reading:
        sizes, now = self._now()
        seconds, database, service, wal, checkpoints, busy = (
            after - before for before, after in zip(self.began, now, strict=True)
        )
        return Reading(
            seconds, database, service, int(wal), int(checkpoints), busy, sizes - self.sizes_before
        )
