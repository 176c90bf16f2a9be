"""The Dockerfile, as far as it can be judged without building it."""

import re
import shutil
import subprocess

import pytest
from files import ROOT, run, succeeds
from harness.platform import BINARY, SANITIZED

TARGETS = ("user-service", "transaction-service", "reporting-service", "web")


def dockerfile() -> dict[str, list[str]]:
    """Instructions by stage, lines joined."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    stages: dict[str, list[str]] = {}
    stage = ""
    for line in text.splitlines():
        if begun := re.match(r"FROM (\S+) AS (\S+)", line):
            stage = begun[2]
            stages[stage] = [line]
        elif line.strip() and not line.startswith("#"):
            stages[stage].append(line)
    return stages


def with_parents(stage: str) -> list[str]:
    stages = dockerfile()
    parent = stages[stage][0].split()[1]
    return (with_parents(parent) if parent in stages else []) + stages[stage]


@pytest.mark.parametrize("target", TARGETS)
def test_runs_as_nobody_in_particular_and_says_how_it_is(target: str) -> None:
    lines = with_parents(target)
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users[-1] == "10001:10001", "a number, so that Kubernetes can tell it is not root"
    assert any(line.startswith("HEALTHCHECK ") for line in lines)
    assert any("org.opencontainers.image.version" in line for line in lines)
    # An ENTRYPOINT in exec form: the process itself gets SIGTERM.
    assert any(line.startswith('ENTRYPOINT ["') for line in lines)


def test_base_images_have_a_version() -> None:
    stages = dockerfile()
    for lines in stages.values():
        image = lines[0].split()[1]
        assert image in stages or (":" in image and not image.endswith(":latest")), image


def test_everything_copied_is_there_and_let_through() -> None:
    allowed = [
        line[1:]
        for line in (ROOT / ".dockerignore").read_text().splitlines()
        if line.startswith("!")
    ]
    for lines in dockerfile().values():
        for line in lines:
            if not line.startswith("COPY ") or "--from=" in line:
                continue
            for source in line.split()[1:-1]:
                if source.split("/")[0] == "web" and not (ROOT / "web").exists():
                    continue
                assert (ROOT / source).exists(), f"{line}: no {source}"
                let_through = any(source == a or source.startswith(a + "/") for a in allowed)
                assert let_through, f".dockerignore keeps {source} out"


@pytest.mark.skipif(SANITIZED, reason="a sanitized executable links other things")
@pytest.mark.skipif(not shutil.which("dpkg"), reason="asks Debian's packages")
def test_the_runtime_has_every_library() -> None:
    """What the executable itself links is named in the image's list of packages."""
    needed = re.findall(r"NEEDED\s+(\S+)", succeeds("objdump", "-p", BINARY))
    listing = succeeds("ldd", BINARY)
    runtime = " ".join(with_parents("user-service"))
    base = {"libc6", "libgcc-s1"}
    for library in needed:
        found = re.search(rf"{re.escape(library)} => (\S+)", listing)
        if not found:
            continue
        path = found[1]
        owner = run("dpkg", "-S", path)
        if owner.returncode:  # merged /usr: dpkg may know it by the other name
            owner = run(
                "dpkg", "-S", path.removeprefix("/usr") if "/usr" in path else "/usr" + path
            )
        package = owner.stdout.split(":")[0]
        assert package in base or re.search(rf"\b{re.escape(package)}(\s|$)", runtime), (
            f"{library} comes from {package}, which the image does not install"
        )


@pytest.mark.parametrize("script", sorted(p for p in (ROOT / "deploy").rglob("*.sh")), ids=str)
def test_scripts_parse_and_are_executable(script) -> None:
    shell = script.read_text().splitlines()[0].split("/")[-1].split()[-1]
    subprocess.run([shell, "-n", str(script)], check=True)
    assert script.stat().st_mode & 0o111
