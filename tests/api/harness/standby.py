"""A streaming standby of a Cluster: a real one, made by pg_basebackup."""

import shutil
import tempfile
from pathlib import Path

from harness.ports import free_port
from harness.postgres import Cluster
from harness.waiting import wait_until

PROMOTED_WITHIN_S = 30


class Standby(Cluster):
    """What a test writes to the primary is replayed here, until the test pauses it."""

    def __init__(self, primary: Cluster) -> None:
        self.env, self.bin, self.run_as = primary.env, primary.bin, primary.run_as
        self.port, self.password = free_port(), primary.password
        self.dir = Path(tempfile.mkdtemp(prefix="instapay-pg-"))
        if self.run_as:
            shutil.chown(self.dir, "postgres", "postgres")
        self.data = self.dir / "data"
        self._run(
            "pg_basebackup",
            *("-d", primary.url, "-D", str(self.data), "-R", "-X", "stream", "-c", "fast"),
            "--no-sync",
        )
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(f"port = {self.port}\n")
        self.start()

    def pause(self) -> None:
        """It goes on receiving, and shows nothing new."""
        self.sql("SELECT pg_wal_replay_pause()")
        wait_until(
            lambda: self.sql("SELECT pg_get_wal_replay_pause_state() AS is")[0]["is"] == "paused",
            PROMOTED_WITHIN_S,
            "replay is paused",
        )

    def promote(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "-w", "promote")
