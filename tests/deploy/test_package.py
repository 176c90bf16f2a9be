"""The Debian package: made of the executable under test, installed, run as its unit says, and
removed, on a copy of this machine's files that nobody else sees. And what systemd says of the unit.
"""

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from files import ROOT, require_tool, succeeds
from harness.platform import BINARY, SANITIZED
from harness.ports import free_port
from harness.postgres import Cluster

pytestmark = pytest.mark.skipif(SANITIZED, reason="packages are made of a release build")
UNIT = "deploy/systemd/instapay@.service"
SERVICES = ("user", "transaction", "reporting")
# Whom these name.
ASKED = {
    "JWKS_URL": "user",
    "USER_URL": "user",
    "TRANSACTION_URL": "transaction",
    "REPORTING_URL": "reporting",
}
# The user stays, and what useradd keeps of the time before.
OF_THE_USER = re.compile(r"etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|etc/\.pwd\.lock")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    config = BINARY.parent / "CPackConfig.cmake"
    succeeds(require_tool("cpack"), "--config", config, "-B", folder)
    (made,) = folder.glob("*.deb")
    return made


@contextlib.contextmanager
def copied_root(folder: Path) -> Iterator[Path]:
    """What is written there is in memory, and seen there only."""
    memory, root = folder / "memory", folder / "root"
    for each in (memory, root):
        each.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "instapay-test", memory], check=True)
    mounted = [memory]
    try:
        for name in ("upper", "work"):
            (memory / name).mkdir()
        options = f"lowerdir=/,upperdir={memory}/upper,workdir={memory}/work"
        subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", root], check=True)
        mounted.append(root)
        for name in ("proc", "dev"):
            subprocess.run(["mount", "--bind", f"/{name}", root / name], check=True)
            mounted.append(root / name)
        yield root
    finally:
        for each in reversed(mounted):
            subprocess.run(["umount", "--lazy", each], check=True)


def written(root: Path) -> set[str]:
    """Files that are there and were not."""
    upper = root.parent / "memory/upper"
    found = {str(f.relative_to(upper)) for f in upper.rglob("*") if f.is_file()}
    return {f for f in found if not f.startswith(("var/lib/dpkg/", "var/log/", "var/cache/"))}


def inside(root: Path, *command: str, **env: str) -> str:
    full = {"PATH": os.environ["PATH"], "DEBIAN_FRONTEND": "noninteractive", **env}
    done = subprocess.run(
        [require_tool("chroot"), root, *command],
        env=full,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def environment_of(root: Path, service: str, credentials: str) -> dict[str, str]:
    """As systemd would read it from the unit."""
    env: dict[str, str] = {}
    for name in re.findall(r"^EnvironmentFile=(\S+)", (ROOT / UNIT).read_text(), re.MULTILINE):
        for line in (root / name.replace("%i", service).lstrip("/")).read_text().splitlines():
            if line and not line.startswith("#"):
                key, _, value = line.partition("=")
                env[key] = value.replace(
                    f"/run/credentials/instapay@{service}.service", credentials
                )
    return env


def credentials_of(root: Path, service: str) -> str:
    """Copies as LoadCredential= makes them, for the service's user alone."""
    folder = root / f"run/credentials-{service}"
    folder.mkdir(parents=True)
    for secret in (root / f"etc/instapay/secrets/{service}-service").iterdir():
        (folder / f"secrets_{secret.name}").write_bytes(secret.read_bytes())
    inside(root, "chown", "-R", "instapay:instapay", f"/run/credentials-{service}")
    return f"/run/credentials-{service}"


def test_what_the_package_says_of_itself(package: Path) -> None:
    fields = succeeds("dpkg-deb", "--field", package)
    architecture = succeeds("dpkg", "--print-architecture").strip()
    assert f"Architecture: {architecture}" in fields
    for library in ("libpq5", "libssl3", "libboost-json1.81.0", "libicu72"):
        assert library in fields, fields
    listed = succeeds("dpkg-deb", "--contents", package)
    for file in (
        "usr/bin/instapay",
        "lib/systemd/system/instapay@.service",
        "etc/instapay/user.env",
    ):
        assert re.search(rf" \./{re.escape(file)}$|/{re.escape(file)}$", listed, re.M), listed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can install, and make file systems")
def test_it_installs_runs_and_is_removed(package: Path, tmp_path: Path) -> None:
    cluster = Cluster()
    try:
        with copied_root(tmp_path) as root:
            (root / "tmp/instapay.deb").write_bytes(package.read_bytes())
            inside(root, "dpkg", "--install", "/tmp/instapay.deb")
            (root / "tmp/instapay.deb").unlink()
            assert inside(root, "/usr/bin/instapay", "--version").startswith("instapay ")
            assert "instapay" in inside(root, "getent", "passwd", "instapay")
            installed = written(root)
            inside(
                root,
                *("/usr/share/instapay/make-secrets.sh", "/etc/instapay/secrets", "localhost"),
                DB_HOST="127.0.0.1",
            )
            runs_as_its_unit_says(root, cluster)
            told = with_systemd(root)
            (root / "tmp/instapay.deb").write_bytes(package.read_bytes())
            said = inside(root, "dpkg", "--install", "/tmp/instapay.deb")
            (root / "tmp/instapay.deb").unlink()
            assert set(told()) == {"daemon-reload"}, "what runs waits for the schema"
            # What a release needs new first, then the schema, then the services.
            told_to_do = ("make-secrets.sh", "instapay migrate", "systemctl restart")
            places = [said.index(step) for step in told_to_do]
            assert places == sorted(places)
            inside(root, "dpkg", "--remove", "instapay")
            assert "stop instapay@*.service" in told()
            left = {f for f in installed & written(root) if (root / f).exists()}
            assert {f for f in left if f.startswith("etc/instapay/")}, "what you set stays"
            inside(root, "dpkg", "--purge", "instapay")
            left = {f for f in installed & written(root) if (root / f).exists()}
            assert [file for file in sorted(left) if not OF_THE_USER.fullmatch(file)] == []
            assert (root / "etc/instapay/secrets/user-service/jwt_private_key").exists()
    finally:
        cluster.remove()


def with_systemd(root: Path) -> Callable[[], list[str]]:
    """As if systemd ran there; what it was told until now."""
    (root / "run/systemd/system").mkdir(parents=True, exist_ok=True)
    heard = root / "tmp/systemctl.log"
    systemctl = root / "usr/bin/systemctl"
    systemctl.unlink(missing_ok=True)
    systemctl.write_text('#!/bin/sh\necho "$@" >>/tmp/systemctl.log\n')
    systemctl.chmod(0o755)
    return lambda: heard.read_text().splitlines()


def runs_as_its_unit_says(root: Path, cluster: Cluster) -> None:
    for service in SERVICES:
        url = root / f"etc/instapay/secrets/{service}-service/database_url"
        url.chmod(0o600)
        url.write_text(cluster.url)
    inside(root, "/usr/bin/instapay", "migrate", DATABASE_URL=cluster.url)
    ports = {service: free_port() for service in SERVICES}
    (command,) = re.findall(r"^ExecStart=(.+)$", (ROOT / UNIT).read_text(), re.MULTILINE)
    running = []
    try:
        for service in SERVICES:
            env = environment_of(root, service, credentials_of(root, service))
            env |= {f"{name.upper()}_PORT": str(port) for name, port in ports.items()}
            for asked, of in ASKED.items():
                if asked in env:
                    env[asked] = re.sub(r":\d+", f":{ports[of]}", env[asked], count=1)
            running.append(
                subprocess.Popen(
                    [require_tool("chroot"), "--userspec=instapay:instapay", root]
                    + command.replace("%i", service).split(),
                    env=env,
                    stdout=subprocess.DEVNULL,
                )
            )
        for service, port in ports.items():
            asked = ("health", "--url", f"http://127.0.0.1:{port}/health/ready")
            for _ in range(300):
                done = subprocess.run([BINARY, *asked], capture_output=True)
                if done.returncode == 0:
                    break
                with contextlib.suppress(subprocess.TimeoutExpired):
                    running[SERVICES.index(service)].wait(0.1)
            assert done.returncode == 0, f"{service}: {done.stdout!r}{done.stderr!r}"
    finally:
        for process in running:
            process.terminate()
        codes = [process.wait(20) for process in running]
    assert codes == [0, 0, 0]


def test_systemd_accepts_the_unit_and_finds_little_exposed(tmp_path: Path) -> None:
    analyze = require_tool("systemd-analyze")
    unit = tmp_path / "instapay@user.service"
    text = (ROOT / UNIT).read_text()
    unit.write_text(text.replace("/usr/bin/instapay", str(BINARY)))
    done = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True)
    # Of other units of this machine it complains as well.
    ours = [line for line in done.stderr.splitlines() if "instapay" in line]
    assert ours == []
    # 0 is nothing at all, 10 is everything.
    succeeds(analyze, "security", "--offline=true", "--threshold=20", unit)


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_is_given_what_production_demands(service: str) -> None:
    """By the same list as containers (test_settings.py)."""
    given = set()
    for file in ("instapay.env", f"{service}.env"):
        text = (ROOT / "deploy/systemd" / file).read_text()
        given |= {line.partition("=")[0] for line in text.splitlines() if re.match("[A-Z]", line)}
    settings = {s["name"]: s for s in json.loads(succeeds(BINARY, "config", "--json"))["data"]}
    names = {name.removesuffix("_FILE") if name not in settings else name for name in given}
    demanded = {name for name, s in settings.items() if service in s["requiredBy"]}
    assert demanded - names == set()
    own = {
        line.partition("=")[0]
        for line in (ROOT / f"deploy/systemd/{service}.env").read_text().splitlines()
        if re.match("[A-Z]", line)
    }
    for name in own:
        setting = settings[name if name in settings else name.removesuffix("_FILE")]
        assert service in setting["usedBy"], name
        assert not setting["secret"] or name.endswith("_FILE")
