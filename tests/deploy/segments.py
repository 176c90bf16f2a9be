"""Containers without a container engine: each has namespaces of its own for network, processes and
mounts, a root made of this machine's programs, and Docker's way of names: a server at 127.0.0.11
that knows who is on the same networks. Nothing is shared but these networks, and everything ends
with this process, also when that is killed: no namespace has a name."""

import concurrent.futures
import contextlib
import ctypes
import ctypes.util
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from files import succeeds

T = TypeVar("T")
LIBC = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
DNS = "127.0.0.11"
STOP_TIMEOUT_S = 20
# What an image has of the system, from this machine.
FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo",
           "/usr/share/postgresql", "/usr/share/fonts", "/usr/share/fontconfig", "/etc/fonts",
           "/var/cache/fontconfig", "/etc/alternatives")  # fmt: skip
FILES = ("/etc/passwd", "/etc/group", "/etc/ld.so.cache", "/etc/localtime")


def _dies_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def why_not() -> str:
    """Why no namespaces can be made here; empty when they can."""
    if os.geteuid() != 0:
        return "making network namespaces needs root"
    probe = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c"]
    script = "mount -t tmpfs none /mnt && ip link add name probe type bridge"
    done = subprocess.run([*probe, script], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"no namespaces here: {done.stderr.strip()}"


def enter_network(pid: int) -> None:
    """The calling thread, from now on."""
    with Path(f"/proc/{pid}/ns/net").open() as file:
        if LIBC.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(pid: int) -> Iterator[None]:
    """This thread's sockets are opened in that network meanwhile."""
    with Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net").open() as home:
        enter_network(pid)
        try:
            yield
        finally:
            assert LIBC.setns(home.fileno(), CLONE_NEWNET) == 0


def call_inside(pid: int, function: Callable[[], T]) -> T:
    """In a thread of its own, which nothing else uses."""
    with concurrent.futures.ThreadPoolExecutor(
        1, initializer=enter_network, initargs=(pid,)
    ) as one:
        return one.submit(function).result()


class Namespace:
    """Holds the namespaces open; its first process waits for nothing and takes in orphans."""

    def __init__(self) -> None:
        command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
        self.holder = subprocess.Popen(
            [*command, "--propagation", "private", "sleep", "infinity"],
            preexec_fn=_dies_with_parent,
            stdin=subprocess.DEVNULL,
        )
        children = Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while True:
            self.pid = int((children.read_text().split() or ["0"])[0])
            # The child exists before it is `sleep`, but not before the namespaces do.
            if self.pid:
                break
            assert self.holder.poll() is None and time.monotonic() < deadline
            time.sleep(0.005)
        self.run("ip", "link", "set", "lo", "up")

    def enter(self, *command: str, root: Path | None = None, user: str = "") -> list[str]:
        line = ["nsenter", "-t", str(self.pid), "-n", "-m", "-p"]
        if root is not None:
            line += ["chroot", *([f"--userspec={user}"] if user else []), str(root)]
        return [*line, *command]

    def run(self, *command: str, **options: object) -> str:
        done = subprocess.run(
            self.enter(*command),
            capture_output=True,
            text=True,
            **options,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def end(self) -> None:
        self.holder.kill()
        self.holder.wait()


class Container(Namespace):
    def __init__(self, name: str, folder: Path) -> None:
        super().__init__()
        self.name, self.folder = name, folder / name
        self.folder.mkdir()
        self.root = self.folder / "root"
        self.root.mkdir()
        self.log = self.folder / "log"
        self.log.touch()
        self.log.chmod(0o666)  # nginx opens /dev/stdout by itself, as another user
        self.addresses: dict[str, str] = {}  # by network
        self.process: subprocess.Popen | None = None
        self.names: socket.socket | None = None

    def make_root(self, mounts: dict[str, Path], folders: tuple[str, ...], user: str) -> None:
        """`mounts`: what is where; `folders`: empty ones that the user may write."""
        root = self.root
        lines = [f"mount -t tmpfs -o mode=755 none {root}"]
        lines += [f"mkdir -p {root}/{d}" for d in ("etc", "proc", "dev", "tmp", "usr/local/bin")]
        for folder in filter(os.path.isdir, FOLDERS):
            lines.append(f"mkdir -p {root}{folder} && mount --bind {folder} {root}{folder}")
        for name in ("bin", "sbin", "lib", "lib64"):
            lines.append(f"ln -s usr/{name} {root}/{name}")
        lines.append(f"mkdir -p {root}/run {root}/var && ln -s ../run {root}/var/run")
        lines += [f"cp {file} {root}/etc/" for file in FILES]
        lines += [
            f"mount -t proc proc {root}/proc && mount --rbind /dev {root}/dev",
            f"mount -t tmpfs -o mode=1777 none {root}/tmp",
            f"echo 127.0.0.1 localhost >{root}/etc/hosts",
            f"echo nameserver {DNS} >{root}/etc/resolv.conf",
            f"echo hosts: files dns >{root}/etc/nsswitch.conf",
        ]
        for target, source in mounts.items():
            make = (
                f"mkdir -p {root}{target}"
                if source.is_dir()
                else (f"mkdir -p {root}{os.path.dirname(target)} && touch {root}{target}")
            )
            lines.append(f"{make} && mount --bind -o ro {source} {root}{target}")
        for folder in folders:
            lines.append(f"install -d -o {user.split(':')[0] or '0'} {root}{folder}")
        self.run("sh", "-euc", "\n".join(lines))

    def command(self, *command: str, user: str = "") -> list[str]:
        return self.enter(*command, root=self.root, user=user)

    def start(self, *command: str, env: dict[str, str], user: str = "") -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command(*command, user=user),
                env={
                    "PATH": "/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/bin:/usr/sbin:/bin",
                    **env,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_dies_with_parent,
                cwd="/",
            )

    def once(self, *command: str, env: dict[str, str], user: str = "") -> None:
        """To its end, which has to be a good one."""
        self.start(*command, env=env, user=user)
        assert self.process
        assert self.process.wait(60) == 0, f"{self.name}: {self.log.read_text()}"

    def end(self) -> None:
        super().end()
        if self.names is not None:
            self.names.close()
        if self.process is not None:
            self.process.wait(STOP_TIMEOUT_S)


class Segments:
    """Networks, and containers with a leg in some of them."""

    def __init__(self, folder: Path, networks: list[str]) -> None:
        self.folder = folder
        self.networks = {name: number for number, name in enumerate(networks, 1)}
        self.containers: list[Container] = []
        self.services: dict[str, list[Container]] = {}
        self.switch = Namespace()
        for name in networks:
            self.switch.run("ip", "link", "add", "name", f"br-{name}", "type", "bridge")
            self.switch.run("ip", "link", "set", f"br-{name}", "up")

    def add(self, service: str, networks: list[str], number: int = 1) -> Container:
        container = Container(f"{service}-{number}", self.folder)
        self.containers.append(container)
        host = len(self.containers) + 1
        for leg, name in enumerate(networks):
            port, address = f"p{host}-{leg}", f"10.91.{self.networks[name]}.{host}"
            other = ("type", "veth", "peer", "name", f"eth{leg}", "netns", str(container.pid))
            # In its network only: the kernel looks the process up among those of the caller.
            line = ("nsenter", "-t", str(self.switch.pid), "-n", "ip", "link", "add", "name", port)
            succeeds(*line, *other)
            self.switch.run("ip", "link", "set", port, "master", f"br-{name}", "up")
            container.run("ip", "address", "add", f"{address}/24", "dev", f"eth{leg}")
            container.run("ip", "link", "set", f"eth{leg}", "up")
            container.addresses[name] = address
        self.services.setdefault(service, []).append(container)
        container.names = call_inside(container.pid, self._listen)
        threading.Thread(target=self._answer, args=(container,), daemon=True).start()
        return container

    @staticmethod
    def _listen() -> socket.socket:
        names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        names.bind((DNS, 53))
        return names

    def lookup(self, asker: Container, name: str) -> list[str] | None:
        """Addresses on the first network that both are on; None: there is no such name for it."""
        found = self.services.get(name) or [c for c in self.containers if c.name == name]
        for network in sorted(asker.addresses):
            shared = [c.addresses[network] for c in found if network in c.addresses]
            if shared:
                return shared
        return None

    def _answer(self, asker: Container) -> None:
        assert asker.names
        with contextlib.suppress(OSError):
            while True:
                query, client = asker.names.recvfrom(512)
                labels, at = [], 12
                while query[at]:
                    labels.append(query[at + 1 : at + 1 + query[at]].decode())
                    at += 1 + query[at]
                kind = struct.unpack(">H", query[at + 1 : at + 3])[0]
                addresses = self.lookup(asker, ".".join(labels))
                status = 3 if addresses is None else 0
                # Only IPv4 addresses exist: for others the answer is empty.
                answers = (addresses or []) if kind == 1 else []
                head = query[:2] + struct.pack(">HHHHH", 0x8180 | status, 1, len(answers), 0, 0)
                records = b"".join(
                    b"\xc0\x0c\0\x01\0\x01" + struct.pack(">IH", 600, 4) + socket.inet_aton(address)
                    for address in answers
                )
                asker.names.sendto(head + query[12 : at + 5] + records, client)

    def remove(self) -> None:
        for container in reversed(self.containers):
            container.end()
        self.switch.end()
        shutil.rmtree(self.folder, ignore_errors=True)


def user_of_postgres() -> str:
    entry = pwd.getpwnam("postgres")
    return f"{entry.pw_uid}:{entry.pw_gid}"
