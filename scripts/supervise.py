"""Runs one command under a time limit and leaves nothing behind.

usage: supervise.py LIMIT_SECONDS COMMAND…

Exit status: the command's own; 124 when the time limit struck; 125 when the command ended well
but processes that it had started were still alive (they are named and killed).
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
EXIT_TIME_LIMIT = 124
EXIT_LEFT_BEHIND = 125
# What is already on its way out when the command ends gets this long before it counts as left.
GRACE_S = 3.0


def descendants() -> list[int]:
    """Every live process below this one; orphans too, since this process is their reaper."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if after_name[0] != "Z":
            parents.setdefault(int(after_name[1]), []).append(int(entry.name))
    found: list[int] = []
    queue = [os.getpid()]
    while queue:
        for pid in parents.get(queue.pop(), []):
            found.append(pid)
            queue.append(pid)
    return found


def name_of(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return str(pid)
    return f"{pid} {words.decode(errors='replace').strip()[:120]}"


def reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def wait_until_gone(seconds: float) -> list[int]:
    deadline = time.monotonic() + seconds
    while (alive := descendants()) and time.monotonic() < deadline:
        time.sleep(0.05)
        reap()
    return alive


def signal_all(signum: int) -> None:
    for pid in descendants():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signum)


def wait_for(child: subprocess.Popen, limit_s: float) -> int:
    """The command's status. Orphans that end meanwhile are reaped: whoever asks for their pid, as
    Patroni does for its PostgreSQL, would else take them for alive."""
    deadline = time.monotonic() + limit_s
    while True:
        # Only looked at: the command's own status is Popen's to take.
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None and ended.si_pid == child.pid:
            return child.wait()
        if ended is not None:
            os.waitpid(ended.si_pid, 0)
        elif time.monotonic() > deadline:
            raise subprocess.TimeoutExpired(child.args, limit_s)
        else:
            time.sleep(0.02)


def end_everything() -> None:
    signal_all(signal.SIGTERM)
    if wait_until_gone(10):
        signal_all(signal.SIGKILL)
        wait_until_gone(5)


def main() -> int:
    limit_s, command = float(sys.argv[1]), sys.argv[2:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # A session of its own: Ctrl-C reaches the command only through here, once, and in order.
    child = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        status = wait_for(child, limit_s)
    except subprocess.TimeoutExpired:
        print(f"supervise: the time limit of {limit_s:.0f} s struck", file=sys.stderr)
        return EXIT_TIME_LIMIT
    except KeyboardInterrupt:
        return 130
    else:
        left = wait_until_gone(GRACE_S)
        for pid in left:
            print(f"supervise: left running: {name_of(pid)}", file=sys.stderr)
        if status < 0:
            status = 128 - status
        return status or (EXIT_LEFT_BEHIND if left else 0)
    finally:
        end_everything()


if __name__ == "__main__":
    sys.exit(main())
