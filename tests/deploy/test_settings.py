"""One contract of settings: the list in src/config/settings.cpp says which processes use a setting,
which do not start in production without it, and whether it is secret. Every file that deploys is
held to it: it gives each process what that needs, nothing else, one value of what is shared, and
secrets as files only."""

import json
import re
import sys
from functools import cache

import pytest
from compose import PROCESS_OF, environment_of, image_environment, interpolate, services
from files import COMPOSE_FILES, ROOT, manifests, run, succeeds
from harness.platform import BINARY

SERVICES = ("user", "transaction", "reporting")
# Variables of what starts a process, not of the process.
NOT_SETTINGS = {"MIGRATE_DATABASE_URL_FILE"}
KUBERNETES = "k8s"


@cache
def settings() -> dict[str, dict]:
    listed = json.loads(succeeds(BINARY, "config", "--json"))["data"]
    return {setting["name"]: setting for setting in listed}


@cache
def config_maps() -> dict[tuple[str, str], dict[str, str]]:
    return {
        (d["metadata"]["namespace"], d["metadata"]["name"]): d["data"]
        for _, d in manifests()
        if d["kind"] == "ConfigMap"
    }


def value_of(variable: dict) -> str:
    """Of a container's `env`, from the ConfigMap that it names."""
    if "value" in variable:
        return str(variable["value"])
    reference = variable["valueFrom"]["configMapKeyRef"]
    return config_maps()["instapay", reference["name"]][reference["key"]]


def processes_of_kubernetes() -> dict[str, dict[str, str]]:
    found = {}
    for _, document in manifests():
        spec = document.get("spec", {})
        spec = spec.get("jobTemplate", {}).get("spec", spec)
        for container in spec.get("template", {}).get("spec", {}).get("containers", []):
            if process := PROCESS_OF.get(container["name"]):
                assert "envFrom" not in container, f"{process} is given what it does not use"
                found[process] = {v["name"]: value_of(v) for v in container["env"]}
    return found


@cache
def processes(deployment: str) -> dict[str, dict[str, str]]:
    """Process → variables as they stand in the files, with those of the image."""
    if deployment == KUBERNETES:
        return processes_of_kubernetes()
    return {
        PROCESS_OF[name]: {k: str(v) for k, v in (service.get("environment") or {}).items()}
        for name, service in services(deployment).items()
        if name in PROCESS_OF
    }


def setting_of(variable: str) -> str:
    name = variable.removesuffix("_FILE")
    return name if name in settings() else variable


@pytest.mark.parametrize("deployment", (*COMPOSE_FILES, KUBERNETES))
class TestEachProcess:
    def test_is_there(self, deployment: str) -> None:
        assert set(processes(deployment)) >= {*SERVICES, "migrate"}

    def test_is_given_only_what_it_uses(self, deployment: str) -> None:
        for process, variables in processes(deployment).items():
            for variable in set(variables) - NOT_SETTINGS:
                setting = settings().get(setting_of(variable))
                assert setting, f"{process}: there is no setting {variable}"
                assert process in setting["usedBy"], f"{process} does not use {variable}"

    def test_is_given_what_production_demands(self, deployment: str) -> None:
        """Also where it is no production: what works there works here."""
        for process, variables in processes(deployment).items():
            given = {setting_of(variable) for variable, value in variables.items() if value}
            missing = {
                name
                for name, setting in settings().items()
                if process in setting["requiredBy"] and name not in given
            }
            assert not missing, f"{process} is not given {missing}"
            if process in SERVICES:
                assert given & {"TRUSTED_PROXIES", "TLS_CERT_FILE"}, process

    def test_shares_what_is_shared(self, deployment: str) -> None:
        """A setting that one process is given is given to all that use it, with one value."""
        for name, setting in settings().items():
            if not setting["shared"]:
                continue
            given = {
                process: variables.get(name, setting["default"])
                for process, variables in processes(deployment).items()
                if process in setting["usedBy"]
            }
            assert len(set(given.values())) == 1, f"{name} differs: {given}"

    def test_secrets_are_files(self, deployment: str) -> None:
        for process, variables in processes(deployment).items():
            for variable, value in variables.items():
                if settings().get(setting_of(variable), {}).get("secret"):
                    assert variable.endswith("_FILE"), f"{process}: {variable}"
                    # Each has a folder of its own.
                    assert value.startswith(f"/run/instapay/secrets/{folder_of(process)}/"), value


def folder_of(process: str) -> str:
    if process == "seed":
        return "migrate"
    return f"{process}-service" if process in SERVICES else process


def test_no_config_map_has_a_secret() -> None:
    for (_, name), data in config_maps().items():
        for key in data:
            assert not settings().get(setting_of(key), {}).get("secret"), f"{name}: {key}"


def test_every_value_of_the_config_map_is_used() -> None:
    used = set()
    for _, document in manifests():
        used |= set(re.findall(r"'name': 'instapay-config', 'key': '(\w+)'", str(document)))
    assert set(config_maps()["instapay", "instapay-config"]) == used


def test_the_image_sets_only_settings_of_its_processes() -> None:
    for name in image_environment():
        assert set(settings()[name]["usedBy"]) >= set(SERVICES), name


@pytest.mark.parametrize("deployment", ["docker-compose.prod.yml", KUBERNETES])
@pytest.mark.parametrize("variables", [{}, {"OPENING_BALANCE": ""}], ids=["unset", "empty"])
def test_production_gives_no_money_away(deployment: str, variables: dict[str, str]) -> None:
    granted = interpolate(processes(deployment)["user"]["OPENING_BALANCE"], variables)
    assert float(granted) == 0
    # What the operator says is what holds.
    if deployment != KUBERNETES:
        said = interpolate(
            processes(deployment)["user"]["OPENING_BALANCE"], {"OPENING_BALANCE": "5"}
        )
        assert said == "5"


def test_limits_reach_who_shows_them_and_who_holds_them() -> None:
    variables = {"TRANSFER_LIMIT": "70", "DAILY_LIMIT": "90"}
    for file in COMPOSE_FILES:
        for name in ("user-service", "transaction-service"):
            given = environment_of(services(file)[name], variables)
            assert {k: given[k] for k in variables} == variables, f"{file}: {name}"


def test_the_table_of_the_documentation_is_the_list() -> None:
    done = run(sys.executable, ROOT / "deploy/settings.py", BINARY, "--check")
    assert done.returncode == 0, f"run deploy/settings.py: {done.stdout}{done.stderr}"
