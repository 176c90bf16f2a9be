"""Machines that are network namespaces, with links that can be cut: nodes have an address among the
nodes and one among the clients, the others the latter only. A namespace lives as long as a process
in it, so nothing is left when they have gone."""

import contextlib
import ctypes
import os
import signal
import subprocess
from pathlib import Path

from harness.waiting import wait_until

NODES, CLIENTS = "10.77.0", "10.77.1"
HERE = f"{CLIENTS}.1"
DISK = "6g"  # of all machines together; some 2 GB are used
_CLONE_NEWNET, _CLONE_NEWNS = 0x40000000, 0x00020000


def _do(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def _ip(*words: str) -> None:
    _do("ip", *words)


def obstacle() -> str | None:
    """Why there can be no network of our own here; None when there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    done = subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True, text=True)
    if done.returncode == 0:
        return None
    return f"no network namespaces can be made here: {done.stderr.strip()}"


def enter() -> None:
    """This process and what it starts leave the machine's network and its mounts; the two switches
    are here."""
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET | _CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    _do("mount", "--make-rprivate", "/")
    _ip("link", "set", "lo", "up")
    for switch in ("nodes", "clients"):
        _ip("link", "add", switch, "type", "bridge")
        _ip("link", "set", switch, "up")
    _ip("addr", "add", f"{HERE}/24", "dev", "clients")


def disk(path: Path) -> None:
    """A file system in memory, which nobody else sees and which goes with the last of us."""
    _do("mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0755", "tmpfs", str(path))


def remove_disk(path: Path) -> None:
    _do("umount", "--lazy", str(path))
    path.rmdir()


class Machine:
    """Has address .`number` on the clients' network, and on the nodes' when it is a node."""

    def __init__(self, name: str, number: int, *, node: bool = False) -> None:
        self.name, self.number = name, number
        self.address = f"{CLIENTS}.{number}"
        self.node_address = f"{NODES}.{number}"
        self._holder = subprocess.Popen(
            ["unshare", "--net", "sleep", "infinity"], stdin=subprocess.DEVNULL
        )
        self._path = Path(f"/proc/{self._holder.pid}/ns/net")
        ours = os.readlink("/proc/self/ns/net")
        wait_until(lambda: os.readlink(self._path) != ours, 10, f"{name} has a namespace")
        self._namespace = os.readlink(self._path)
        self._spawned: list[subprocess.Popen] = []
        self.links = {"clients": f"c{number}"} | ({"nodes": f"n{number}"} if node else {})
        self.run("ip", "link", "set", "lo", "up")
        for switch, link in self.links.items():
            inside = f"to-{switch}"
            _ip("link", "add", link, "type", "veth", "peer", inside, "netns", str(self._holder.pid))
            _ip("link", "set", link, "master", switch, "up")
            address = self.node_address if switch == "nodes" else self.address
            self.run("ip", "addr", "add", f"{address}/24", "dev", inside)
            self.run("ip", "link", "set", inside, "up")

    def inside(self, *command: str, user: str | None = None) -> list[str]:
        """The command line that runs `command` on this machine."""
        become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"] if user else []
        return ["nsenter", f"--net={self._path}", *become, *command]

    def spawn(
        self, *command: str, env: dict[str, str], log: Path, user: str | None = None
    ) -> subprocess.Popen:
        with log.open("a") as file:
            process = subprocess.Popen(
                self.inside(*command, user=user),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd="/",
            )
        self._spawned.append(process)
        return process

    def run(self, *command: str) -> str:
        done = subprocess.run(self.inside(*command), capture_output=True, text=True)
        assert done.returncode == 0, f"{self.name}: {command}: {done.stdout}{done.stderr}"
        return done.stdout

    def unplug(self, *switches: str) -> None:
        """From there on nothing comes through, and nobody is told."""
        for switch in switches or self.links:
            _ip("link", "set", self.links[switch], "nomaster")

    def plug(self) -> None:
        for switch, link in self.links.items():
            _ip("link", "set", link, "master", switch)

    def processes(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != self._holder.pid:
                with contextlib.suppress(OSError):
                    if os.readlink(entry / "ns/net") == self._namespace:
                        found.append(int(entry.name))
        return found

    def kill_all(self) -> None:
        """As a power cut does it: nobody says good-bye."""
        while pids := self.processes():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def remove(self) -> None:
        self.kill_all()
        for process in self._spawned:
            process.wait()
        self._holder.kill()
        self._holder.wait()
