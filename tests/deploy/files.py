"""The deployment's files, read once, and the tools that judge them."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILES = (
    "docker-compose.yml",
    "docker-compose.dev.yml",
    "docker-compose.staging.yml",
    "docker-compose.prod.yml",
)
SERVICES = {"user": 8000, "transaction": 8001, "reporting": 8002}


class _Loader(yaml.SafeLoader):
    """YAML with Compose's own tags."""


_Loader.add_multi_constructor(
    "!",
    lambda loader, suffix, node: (
        loader.construct_sequence(node, deep=True)
        if isinstance(node, yaml.SequenceNode)
        else loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.MappingNode)
        else None
    ),
)


def require_tool(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert found, f"{name} is missing: scripts/packages.txt, group test"
    return found


def run(*command: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=ROOT, **options
    )


def succeeds(*command: str | Path, **options: object) -> str:
    done = run(*command, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}"
    return done.stdout


@cache
def load(path: str) -> dict:
    return yaml.load((ROOT / path).read_text(), Loader=_Loader)


@cache
def manifests() -> tuple[tuple[str, dict], ...]:
    return tuple(
        (path.name, document)
        for path in sorted((ROOT / "k8s").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document
    )


@cache
def dashboards() -> dict[str, dict]:
    folder = ROOT / "monitoring/grafana/dashboards"
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))}


def queries() -> list[tuple[str, str, str]]:
    """(dashboard, panel, expression) of every panel."""
    return [
        (name, panel["title"], target["expr"])
        for name, dashboard in dashboards().items()
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
    ]


def rules(file: str) -> list[dict]:
    return [rule for group in load(f"monitoring/rules/{file}")["groups"] for rule in group["rules"]]
