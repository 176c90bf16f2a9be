"""The compose files as Compose reads them: extended services merged, variables filled in."""

import os
import re
from functools import cache
from pathlib import Path

from files import ROOT, load

PROCESS_OF = {
    "user-service": "user",
    "transaction-service": "transaction",
    "reporting-service": "reporting",
    "migrate": "migrate",
    "audit": "audit",
    "heads": "heads",
    "seed": "seed",
}


def _target(volume: str) -> str:
    return volume.split(":")[-2 if volume.endswith((":ro", ":rw")) else -1]


def _absolute(volume: str, base: Path) -> str:
    """Paths are relative to the file that names them."""
    return str((base / volume.split(":")[0]).resolve()) + volume[volume.index(":") :]


def service_of(file: str, name: str) -> dict:
    """A service with what it extends, merged as Compose does it."""
    own = dict(load(file)["services"][name])
    base = ROOT / Path(file).parent
    own["volumes"] = [
        _absolute(v, base) if v.startswith((".", "/")) and ":" in v else v
        for v in own.get("volumes", [])
    ]
    extends = own.pop("extends", None)
    if not extends:
        return own
    base_file = str(Path(os.path.normpath(Path(file).parent / extends["file"])))
    merged = dict(service_of(base_file, extends["service"]))
    for key, value in own.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = {**merged[key], **value}
        elif key == "volumes":
            replaced = {_target(v) for v in value}
            merged[key] = [v for v in merged.get(key, []) if _target(v) not in replaced] + value
        elif key == "networks":
            merged[key] = list(dict.fromkeys([*merged.get(key, []), *value]))
        else:
            merged[key] = value
    return merged


@cache
def services(file: str) -> dict[str, dict]:
    return {name: service_of(file, name) for name in load(file)["services"]}


def interpolate(text: str, variables: dict[str, str]) -> str:
    """${NAME:-default} as Compose fills it in: the default also for what is empty."""
    return re.sub(
        r"\$\{([A-Z_]+)(?::-([^}]*))?\}",
        lambda found: variables.get(found[1], "") or (found[2] or ""),
        text,
    )


def environment_of(service: dict, variables: dict[str, str]) -> dict[str, str]:
    environment = service.get("environment") or {}
    return {name: interpolate(str(value), variables) for name, value in environment.items()}


def image_environment() -> dict[str, str]:
    """What the image of the services sets by itself."""
    runtime = (ROOT / "Dockerfile").read_text().split(" AS runtime\n")[1].split("\nFROM ")[0]
    (line,) = re.findall(r"^ENV (.+)$", runtime, re.MULTILINE)
    return dict(pair.split("=", 1) for pair in line.split())
