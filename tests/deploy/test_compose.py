"""The compose files: each works alone, and production is as closed as it claims to be."""

import json
import re
from pathlib import Path

import pytest
from compose import services
from engine import COMPOSE
from files import COMPOSE_FILES, ROOT, load, run

PROFILES = ("monitoring", "logging", "restore")
SECRET_WORD = re.compile(r"password|secret|private_key|database_url|token", re.IGNORECASE)


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


@pytest.mark.parametrize("name", (*LONG_RUNNING, "web", "backup", "audit", "heads"))
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


# ---- networks

NETWORKS = {
    "postgres": {"data"},
    "roles": {"data"},
    "migrate": {"data"},
    "seed": {"data"},
    "audit": {"data"},
    "heads": {"data"},
    "backup": {"data"},
    "user-service": {"back", "data", "mail"},
    "transaction-service": {"back", "data"},
    "reporting-service": {"back", "data"},
    "web": {"front", "back"},
    "web-dev": {"front"},
    "postgres-exporter": {"watch", "data"},
    "prometheus": {"watch", "back"},
    "jaeger": {"watch", "back"},
}
OTHERS = {"logging": {"logs"}, "monitoring": {"watch"}}


@pytest.mark.parametrize("file", COMPOSE_FILES)
def test_networks_are_segments(file: str) -> None:
    """Who is in a network has business there; what has none is in none."""
    networks = load(file)["networks"]
    for inner in ("back", "data"):
        assert networks[inner] == {"internal": True}
    for name, service in {**services(file), **load("monitoring/compose.yml")["services"]}.items():
        if "network_mode" in service:
            assert service["network_mode"] == "none", name
            continue
        expected = NETWORKS.get(name) or OTHERS[service["profiles"][0]]
        # A port can be opened only on a network that is not internal: while developing.
        opened = {"front"} if file == "docker-compose.dev.yml" and service.get("ports") else set()
        if name in load("monitoring/compose.yml")["services"]:
            opened = set()
        assert set(service.get("networks", [])) == expected | opened, name


@pytest.mark.parametrize("file", ("docker-compose.prod.yml", "docker-compose.staging.yml"))
def test_the_database_and_the_outside_share_no_network(file: str) -> None:
    parts = services(file)
    outside = {
        network
        for service in parts.values()
        if service.get("ports")
        for network in service["networks"]
    }
    assert not outside & set(parts["postgres"]["networks"])
    for name in ("user", "transaction", "reporting"):
        assert "front" not in parts[f"{name}-service"]["networks"]
