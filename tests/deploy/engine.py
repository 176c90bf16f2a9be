"""Containers for real, with the engine and the compose command of this machine:

CONTAINER_ENGINE         docker, or what takes its arguments
COMPOSE_COMMAND          "docker compose", or what takes its arguments
CONTAINER_BUILD_OPTIONS  more options of `build`, as this machine needs them
CONTAINER_VERSION        of the four images, when they are built already
CONTAINER_PREVIOUS       a commit or tag: the release that an update begins with (or else the one
                         before the newest migration came)
KUBE_PLAY, KUBE_ENGINE   "KUBE_PLAY up|down FILE" runs manifests as pods of KUBE_ENGINE (podman's)
"""

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import httpx
from files import ROOT
from harness.ports import free_port

ENGINE = shlex.split(os.environ.get("CONTAINER_ENGINE", "docker"))
COMPOSE = shlex.split(os.environ.get("COMPOSE_COMMAND", "docker compose"))
VERSION = os.environ.get("CONTAINER_VERSION")
BUILD_OPTIONS = shlex.split(os.environ.get("CONTAINER_BUILD_OPTIONS", ""))
PREVIOUS = os.environ.get("CONTAINER_PREVIOUS")
TARGETS = ("user-service", "transaction-service", "reporting-service", "web")
BUILD_LIMIT_S = 2400
HEALTHY_LIMIT_S = 300


def image(target: str, version: str) -> str:
    """In full: engines differ in what they put before a short name."""
    return f"docker.io/library/{target}:{version}"


def call(
    *command: str | Path, env: dict[str, str] | None = None, limit_s: float = HEALTHY_LIMIT_S
) -> str:
    """Its output; fails with all that it said."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=limit_s,
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def engine(*arguments: str, limit_s: float = HEALTHY_LIMIT_S) -> str:
    return call(*ENGINE, *arguments, limit_s=limit_s)


def build(version: str, tree: Path = ROOT) -> None:
    """The four images of a source tree."""
    for target in TARGETS:
        engine(
            *("build", *BUILD_OPTIONS, "--target", target),
            *("-t", image(target, version), str(tree)),
            limit_s=BUILD_LIMIT_S,
        )


def release_before() -> str:
    """The commit that an update begins with."""
    if PREVIOUS:
        return call("git", "rev-parse", PREVIOUS + "^{commit}")
    newest = max((ROOT / "db/migrations").glob("*.sql"))
    came = call("git", "log", "-1", "--diff-filter=A", "--format=%H", "--", newest)
    return call("git", "rev-parse", came + "^" if came else "HEAD")


def inspect(container: str, template: str) -> str:
    return engine("inspect", "--format", template, container)


def crash(container: str) -> None:
    """As the kernel ends a process. (`docker kill` would count as stopped on purpose.)"""
    pid = int(inspect(container, "{{.State.Pid}}"))
    if os.geteuid() == 0:
        os.kill(pid, signal.SIGKILL)
    else:
        call("sudo", "-n", "kill", "-KILL", str(pid))


class Project:
    """One of the compose files under a name and on ports of its own, so that an installation that
    is already on this machine is not touched."""

    def __init__(self, file: str, name: str, **env: str) -> None:
        self.file = file
        self.ports = {
            variable: free_port()
            for variable in (
                *("GATEWAY_PORT", "HTTP_PORT", "HTTPS_PORT", "POSTGRES_PORT", "VITE_PORT"),
                *("USER_PORT", "TRANSACTION_PORT", "REPORTING_PORT"),
            )
        }
        ports = {variable: str(port) for variable, port in self.ports.items()}
        self.env = {"COMPOSE_PROJECT_NAME": name, **ports, **env}

    def compose(self, *arguments: str, limit_s: float = HEALTHY_LIMIT_S) -> str:
        return call(*COMPOSE, "-f", self.file, *arguments, env=self.env, limit_s=limit_s)

    def up(self, *more: str, limit_s: float = HEALTHY_LIMIT_S) -> float:
        """Seconds until everything is healthy."""
        began = time.monotonic()
        try:
            self.compose("up", "-d", *more, limit_s=limit_s)
            self.wait_healthy(limit_s)
        except (AssertionError, subprocess.TimeoutExpired) as error:
            raise AssertionError(f"{error}\n{self.logs()}") from error
        return time.monotonic() - began

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def container(self, service: str) -> str:
        (only,) = self.containers(service)
        return only

    def wait_healthy(self, limit_s: float = HEALTHY_LIMIT_S) -> None:
        deadline = time.monotonic() + limit_s
        for service in TARGETS:
            while True:
                states = [
                    inspect(id_, "{{.State.Status}} {{.State.Health.Status}}")
                    for id_ in self.containers(service)
                ]
                if states and set(states) == {"running healthy"}:
                    break
                assert time.monotonic() < deadline, f"{service}: {states}"
                time.sleep(0.2)

    def wait_restarted(self, service: str, pid: str) -> None:
        """Until another process is the service's, and healthy."""
        deadline = time.monotonic() + HEALTHY_LIMIT_S
        while inspect(self.container(service), "{{.State.Pid}}") in ("0", pid):
            assert time.monotonic() < deadline, f"{service} does not come back"
            time.sleep(0.1)
        self.wait_healthy()

    def logs(self) -> str:
        done = subprocess.run(
            [*COMPOSE, "-f", self.file, "logs", "--tail", "30"],
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
        return done.stdout[-12000:] + done.stderr[-2000:]

    def down(self) -> None:
        profiles = ("--profile", "restore")
        self.compose(*profiles, "down", "-v", "--remove-orphans", "--timeout", "20")


def wait_for(
    url: str, *, status: int = 200, holds: str = "", limit_s: float = HEALTHY_LIMIT_S
) -> None:
    """Until it answers so. (Vite comes after npm ci, a change after its build.)"""
    deadline = time.monotonic() + limit_s
    answer = "nothing"
    while True:
        try:
            reply = httpx.get(url, trust_env=False)
            if reply.status_code == status and holds in reply.text:
                return
            answer = f"{reply.status_code} {reply.text[:200]}"
        except httpx.TransportError as error:
            answer = repr(error)
        assert time.monotonic() < deadline, f"{url} answers {answer}"
        time.sleep(0.2)
