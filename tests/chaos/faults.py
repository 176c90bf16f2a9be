"""What happens to the platform, from one seed."""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from gate import Gate, Trap, at_commit
from harness.platform import Platform
from harness.postgres import Cluster

# The load commits many times a second; less often while something else is being recovered from.
CAUGHT_WITHIN_S = 3
LIBFAKETIME = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)


class Faults:
    """`services` by name; `gates` by the name of the service behind each."""

    def __init__(
        self,
        seed: int,
        cluster: Cluster,
        services: dict[str, Platform],
        gates: dict[str, Gate],
        clock: Path | None,
    ) -> None:
        self.rng = random.Random(seed)
        self.cluster, self.services, self.gates, self.clock = cluster, services, gates, clock
        self.log: list[str] = []
        self.slowest_recovery_s = 0.0
        self.mid_batch = 0  # how often a COMMIT was held back

    def kinds(self) -> list[Callable[[], None]]:
        kinds = [
            self.kill_service,
            self.kill_service,
            self.terminate_service,
            self.pause_service,
            self.terminate_backends,
            self.terminate_backends,
            self.kill_backend,
            self.kill_cluster,
            self.freeze_cluster,
            self.stop_gate,
            self.delay_gate,
            self.cut_gate,
            self.cut_after,
            self.commit_lost_before,
            self.commit_lost_before,
            self.commit_lost_after,
            self.commit_lost_after,
            self.commit_late,
            self.commit_late,
            self.terminate_mid_batch,
            self.kill_backend_mid_batch,
            self.kill_cluster_mid_batch,
            self.half_a_batch,
        ]
        return kinds if self.clock is None else [*kinds, self.jump_clock]

    def run(self, until: float, gap_s: float = 0.5) -> None:
        """All kinds in a random order, again and again; each is over when the next begins."""
        waiting: list[Callable[[], None]] = []
        while time.monotonic() < until:
            if not waiting:
                waiting = self.kinds()
                self.rng.shuffle(waiting)
            fault = waiting.pop()
            self.log.append(fault.__name__)
            fault()
            time.sleep(self.rng.uniform(0.1, 2 * gap_s - 0.1))

    def heal(self) -> None:
        for gate in self.gates.values():
            gate.heal()
        if self.clock is not None:
            self.clock.write_text("+0\n")
        if not self.cluster.running():
            self.cluster.start()

    def recovered(self, within_s: float) -> None:
        """Every service is ready again without help, soon."""
        began = time.monotonic()
        for service in self.services.values():
            service.wait_for("/health/ready", 200, within_s)
        self.slowest_recovery_s = max(self.slowest_recovery_s, time.monotonic() - began)

    # ---- services

    def _any(self) -> Platform:
        return self.services[self.rng.choice(sorted(self.services))]

    def kill_service(self) -> None:
        service = self._any()
        assert service.process is not None
        service.process.kill()
        service.process.wait()
        service.spawn()

    def terminate_service(self) -> None:
        """SIGTERM in the middle of the work: a clean end, in time."""
        service = self._any()
        service.wait_for(
            "/health", 200
        )  # before that it is a process like any other, and just ends
        service.terminate()
        service.wait_stopped()
        service.spawn()

    def pause_service(self) -> None:
        """As a machine that swaps, or a virtual one that moves."""
        process = self._any().process
        assert process is not None
        process.send_signal(signal.SIGSTOP)
        time.sleep(self.rng.choice([0.3, 1.0, 2.0]))
        process.send_signal(signal.SIGCONT)

    def jump_clock(self) -> None:
        assert self.clock is not None
        self.clock.write_text(self.rng.choice(["+600", "-600", "+5", "-5"]) + "\n")
        time.sleep(1)
        self.clock.write_text("+0\n")

    # ---- PostgreSQL

    def terminate_backends(self) -> None:
        self._sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            f" AND random() < {self.rng.choice(['0.4', '2'])}"
        )

    def kill_backend(self) -> None:
        """The server ends all sessions and starts again from its log."""
        pids = [
            int(row["pid"])
            for row in self._sql(
                "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND backend_type = 'client backend' ORDER BY pid"
            )
        ]
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.rng.choice(pids), signal.SIGKILL)

    def kill_cluster(self) -> None:
        self.cluster.kill()
        time.sleep(self.rng.choice([0, 0.5, 1.5]))
        self.cluster.start()

    def freeze_cluster(self) -> None:
        """Connections stay, and nobody answers."""
        family = self.cluster.freeze()
        time.sleep(self.rng.choice([0.5, 3.0, 10.0]))
        self.cluster.thaw(family)

    def _sql(self, statement: str) -> list[dict[str, str]]:
        """Also while the server recovers: it does so some time after one of its processes died."""
        deadline = time.monotonic() + 30
        while True:
            try:
                return self.cluster.sql(statement)
            except AssertionError:
                assert time.monotonic() < deadline, "PostgreSQL did not come back"
                time.sleep(0.1)

    # ---- the line between them

    def _gate(self) -> Gate:
        return self.gates[self.rng.choice(sorted(self.gates))]

    def stop_gate(self) -> None:
        gate = self._gate()
        gate.stop()
        time.sleep(self.rng.choice([0.3, 1.5, 4.0]))
        gate.heal()

    def delay_gate(self) -> None:
        gate = self._gate()
        gate.delay_s = self.rng.choice([0.01, 0.1])
        time.sleep(1.5)
        gate.heal()

    def cut_gate(self) -> None:
        self._gate().cut_now()

    def cut_after(self) -> None:
        self._gate().cut_after(self.rng.randrange(1, 20_000), answers=self.rng.random() < 0.5)

    def commit_lost_before(self) -> None:
        for gate in self.gates.values():
            gate.cut_at_commit("before")

    def commit_lost_after(self) -> None:
        for gate in self.gates.values():
            gate.cut_at_commit("after")

    # ---- in the middle of a batch: all is written, and COMMIT is still on its way

    def _held_at_commit(self, *, deaf: bool = False) -> Trap | None:
        """Stops the next COMMIT that comes through one of the gates; None when none came."""
        gate = self._gate()
        trap = Trap(at_commit, hold=True, deaf=deaf)
        gate.set(trap)
        if trap.caught.wait(CAUGHT_WITHIN_S):
            self.mid_batch += 1
            return trap
        gate.set(None)
        trap.release()
        return None

    def _writing(self) -> list[int]:
        """Backends that have a batch written and not committed."""
        rows = self._sql(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND backend_xid IS NOT NULL AND backend_type = 'client backend'"
        )
        return [int(row["pid"]) for row in rows]

    def terminate_mid_batch(self) -> None:
        if trap := self._held_at_commit():
            self._sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_xid IS NOT NULL"
            )
            trap.release()

    def kill_backend_mid_batch(self) -> None:
        if trap := self._held_at_commit():
            for pid in self._writing()[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            trap.release()

    def kill_cluster_mid_batch(self) -> None:
        if trap := self._held_at_commit():
            self.cluster.kill()
            trap.release()
            self.cluster.start()

    def commit_late(self) -> None:
        """The service has lost its connection and asks what became of the batch; only then COMMIT
        arrives at the server, or never."""
        if trap := self._held_at_commit(deaf=True):
            time.sleep(self.rng.choice([0.02, 0.2, 1.0, 4.0]))
            trap.release()

    def half_a_batch(self) -> None:
        """Neither side hears of the other for a while, with all locks of the batch held."""
        if trap := self._held_at_commit():
            time.sleep(self.rng.choice([0.5, 2.0, 6.0, 12.0]))
            trap.release()
