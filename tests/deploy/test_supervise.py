"""scripts/supervise.py, under which ./test and CI run every suite."""

import sys
from pathlib import Path

from files import ROOT, run

SUPERVISE = (sys.executable, ROOT / "scripts/supervise.py")
ORPHAN = """
bash -c 'sleep 0.2 & echo $! >"$0"' "$0"
for _ in $(seq 100); do
  [ -d "/proc/$(cat "$0")" ] || exit 7
  sleep 0.1
done
"""


def test_an_orphan_that_ends_is_gone(tmp_path: Path) -> None:
    """A zombie still has a pid, and who asks for it, as Patroni does, waits for ever."""
    done = run(*SUPERVISE, "20", "bash", "-c", ORPHAN, tmp_path / "pid")
    assert done.returncode == 7, done.stderr


def test_a_limit_strikes_and_a_status_is_passed_on() -> None:
    assert run(*SUPERVISE, "0.2", "sleep", "30").returncode == 124
    assert run(*SUPERVISE, "20", "bash", "-c", "exit 3").returncode == 3
    assert run(*SUPERVISE, "20", "bash", "-c", "kill -9 $$").returncode == 137
