"""The compose files: each works alone, and production is as closed as it claims to be."""

import json
import os
import re
from functools import cache
from pathlib import Path

import pytest
from engine import COMPOSE
from files import COMPOSE_FILES, ROOT, load, run

PROFILES = ("monitoring", "logging", "restore")
SECRET_WORD = re.compile(r"password|secret|private_key|database_url|token", re.IGNORECASE)


def service_of(file: str, name: str, _depth: int = 0) -> dict:
    """A service with what it extends, merged as Compose does it."""
    own = dict(load(file)["services"][name])
    extends = own.pop("extends", None)
    if not extends:
        return own
    base_file = str(Path(os.path.normpath(Path(file).parent / extends["file"])))
    merged = dict(service_of(base_file, extends["service"]))
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = {**merged[key], **value}
        elif key == "volumes":
            target = lambda v: v.split(":")[-2 if v.endswith((":ro", ":rw")) else -1]  # noqa: E731
            kept = [v for v in merged.get(key, []) if target(v) not in map(target, value)]
            merged[key] = kept + value
        else:
            merged[key] = value
    return merged


@cache
def services(file: str) -> dict[str, dict]:
    return {name: service_of(file, name) for name in load(file)["services"]}


@pytest.mark.containers
@pytest.mark.parametrize("file", COMPOSE_FILES)
def test_compose_itself_accepts_it(file: str) -> None:
    profiles = [word for profile in PROFILES for word in ("--profile", profile)]
    done = run(*COMPOSE, "-f", file, *profiles, "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    project = json.loads(done.stdout)
    for name, service in project["services"].items():
        for volume in service.get("volumes", []):
            if volume["type"] == "bind" and volume["source"].startswith(str(ROOT)):
                source = Path(volume["source"])
                assert "secrets" in source.parts or source.exists(), f"{name}: no {source}"


@pytest.mark.parametrize("file", COMPOSE_FILES)
def test_order_of_start(file: str) -> None:
    parts = services(file)
    assert parts["postgres"]["image"] == "postgres:15"
    assert parts["roles"]["depends_on"]["postgres"]["condition"] == "service_healthy"
    assert parts["migrate"]["depends_on"]["roles"]["condition"] == "service_completed_successfully"
    for name in ("user", "transaction", "reporting"):
        needs = parts[f"{name}-service"]["depends_on"]
        assert needs["migrate"]["condition"] == "service_completed_successfully"
        assert parts["web"]["depends_on"][f"{name}-service"]["condition"] == "service_healthy"
    assert "postgres-data" in load(file)["volumes"], "the data outlives its container"
    known = set(parts) | set(load("monitoring/compose.yml")["services"])
    for name, service in parts.items():
        assert set(service.get("depends_on", {})) <= known, name


@pytest.mark.parametrize("file", (*COMPOSE_FILES, "monitoring/compose.yml"))
def test_no_secret_is_written_down(file: str) -> None:
    for name, service in load(file)["services"].items():
        for key, value in (service.get("environment") or {}).items():
            if SECRET_WORD.search(key) and not key.endswith(("_FILE", "__FILE")):
                assert key in ("SECRETS_MODE", "SECRETS_DIR"), f"{file}: {name}: {key}={value}"


def images_of(file: str) -> list[str]:
    """Our own have the version that is being deployed; others are pinned."""
    found = [s["image"] for s in services(file).values() if "image" in s]
    return [image for image in found if "${VERSION" not in image]


@pytest.mark.parametrize("file", (*COMPOSE_FILES[2:], "monitoring/compose.yml"))
def test_images_are_pinned(file: str) -> None:
    for image in images_of(file):
        assert re.search(r":v?\d+", image), image


def test_production_opens_only_the_edge() -> None:
    parts = services("docker-compose.prod.yml")
    assert [name for name, service in parts.items() if service.get("ports")] == ["web"]
    ends = [port.rsplit(":", 1)[1] for port in parts["web"]["ports"]]
    assert ends == ["8080", "8443"] and parts["web"]["environment"]["EDGE_TLS"] == "on"
    for service in load("monitoring/compose.yml")["services"].values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), port


LONG_RUNNING = ("postgres", "user-service", "transaction-service", "reporting-service")


@pytest.mark.parametrize("name", (*LONG_RUNNING, "web", "backup", "audit"))
def test_production_is_confined(name: str) -> None:
    service = services("docker-compose.prod.yml")[name]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == "unless-stopped"
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["logging"]["options"]["max-size"]
    if name != "backup":
        assert service["read_only"] is True
    # Each sees the folder of its own secrets, no other.
    mounted = [v for v in service["volumes"] if "SECRETS_DIR" in v]
    assert len(mounted) == 1 and mounted[0].endswith(":ro")
    folder = {"web": "edge"}.get(name, name)
    assert f"/{folder}:/run/instapay/secrets/{folder}" in mounted[0]


def test_staging_mirrors_production() -> None:
    staging, production = (
        services("docker-compose.staging.yml"),
        services("docker-compose.prod.yml"),
    )
    assert set(staging) == set(production) | {"seed"}
    for name, service in production.items():
        for key in ("image", "build", "read_only", "cap_drop", "deploy", "healthcheck", "command"):
            assert staging[name].get(key) == service.get(key), f"{name}.{key}"
    for name in ("user", "transaction", "reporting"):
        assert staging[f"{name}-service"]["environment"]["INSTAPAY_ENV"] == "staging"
