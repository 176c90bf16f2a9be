"""deploy/ha as files: what ./test ha runs is what compose and Kubernetes start. It runs there."""

import os
import re
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from compose import service_of
from engine import COMPOSE
from files import ROOT, load, manifests, run, succeeds
from test_compose import SECRET_WORD
from test_kubernetes import KUBERNETES, containers_of, name_of, template_of

FILE = "deploy/ha/compose.yml"
ETCD = ("etcd-1", "etcd-2", "etcd-3")
NODES = ("postgres-1", "postgres-2", "postgres-3")


@cache
def services() -> dict[str, dict]:
    return {name: service_of(FILE, name) for name in load(FILE)["services"]}


@cache
def documents() -> list[dict]:
    folder = ROOT / "deploy/ha/kubernetes"
    return [
        document
        for path in sorted(folder.glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text())
        if document
    ]


def of_kind(*kinds: str) -> list[dict]:
    return [document for document in documents() if document["kind"] in kinds]


@pytest.mark.containers
def test_compose_itself_accepts_it() -> None:
    done = run(*COMPOSE, "-f", FILE, "--profile", "monitoring", "config", "--format", "json")
    assert done.returncode == 0, done.stderr


def test_it_has_all_of_production() -> None:
    production = set(load("docker-compose.prod.yml")["services"])
    # restore.sh makes a database of a node's folder: docs/high-availability.md says how.
    assert set(services()) == production - {"restore"} | {*ETCD, *NODES}


@pytest.mark.parametrize("name", (*ETCD, *NODES, "postgres"))
def test_a_part_is_confined_and_its_files_are_there(name: str) -> None:
    service = services()[name]
    assert service["user"] == "999:999" and service["read_only"] is True
    assert service["cap_drop"] == ["ALL"] and service["restart"] == "unless-stopped"
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["deploy"]["resources"]["limits"]["memory"]
    assert service["logging"]["options"]["max-size"] and service["healthcheck"]
    assert "ports" not in service
    for volume in service["volumes"]:
        source = Path(volume.split(":")[0])
        if source.is_relative_to(ROOT):
            assert source.exists(), volume
    for key in service["environment"]:
        assert not SECRET_WORD.search(key), key


def test_networks_are_segments() -> None:
    inner, production = load(FILE)["networks"], load("docker-compose.prod.yml")["networks"]
    assert inner == production | {"nodes": {"internal": True}}
    parts = services()
    assert parts["postgres"]["networks"] == ["data"]
    for name in ETCD:
        assert parts[name]["networks"] == ["nodes"], "nobody but the nodes asks etcd"
    for name, service in parts.items():
        assert ("nodes" in service["networks"]) == (name in (*ETCD, *NODES)), name


def test_the_nodes_differ_in_their_names_only() -> None:
    for names in (ETCD, NODES):
        texts = {yaml.dump(services()[name]).replace(name, "NAME") for name in names}
        # The lists of all nodes name each, so the others' names remain in some of them.
        kinds = {re.sub(r"(NAME|(etcd|postgres)-\d)", "", text) for text in texts}
        assert len(kinds) == 1, names


def test_the_scripts_get_what_they_ask_for() -> None:
    for script, parts in (("etcd", ETCD), ("patroni", NODES)):
        text = (ROOT / f"deploy/ha/{script}.sh").read_text()
        needed = set(re.findall(r'"\$\{([A-Z_]+):\?\}"', text))
        assert needed
        for name in parts:
            assert needed <= set(services()[name]["environment"]), name
        (workload,) = [
            w for w in of_kind("StatefulSet") if f"{script}.sh" in yaml.dump(template_of(w))
        ]
        (container,) = containers_of(workload)
        assert needed <= {variable["name"] for variable in container["env"]}


def test_a_lost_primary_stops_before_another_is_made() -> None:
    """Patroni's own rule: else two could write for a moment."""
    dcs = load("deploy/ha/patroni.yml")["bootstrap"]["dcs"]
    assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"]
    assert dcs["synchronous_mode"] and dcs["synchronous_mode_strict"] and dcs["failsafe_mode"]
    assert dcs["slots"] == {"backup": {"type": "physical"}}


def test_the_proxy_accepts_its_file() -> None:
    env = {"PATH": f"{os.environ['PATH']}:/usr/sbin"} | {
        f"POSTGRES_{i}": f"127.0.0.{i}" for i in (1, 2, 3)
    }
    succeeds("haproxy", "-c", "-f", ROOT / "deploy/ha/haproxy.cfg", env=env)


@pytest.mark.parametrize("document", [pytest.param(d, id=name_of(d)) for d in documents()])
def test_a_manifest_is_valid(document: dict) -> None:
    kubernetes_validate.validate(document, KUBERNETES, strict=True)
    assert document["metadata"]["namespace"] == "instapay"


def test_it_takes_the_place_of_one_file() -> None:
    """With all of k8s/ but 20-postgres.yaml no name is there twice, and `postgres` is."""
    rest = [d for file, d in manifests() if file != "20-postgres.yaml"]
    names = [name_of(d) for d in documents()]
    assert not set(names) & {
        name_of(d) for d in rest if d["metadata"].get("namespace") == "instapay"
    }
    assert "Service/postgres" in names


@pytest.mark.parametrize("workload", of_kind("StatefulSet", "Deployment"), ids=name_of)
def test_a_workload_is_whole_and_confined(workload: dict) -> None:
    template = template_of(workload)
    assert (
        workload["spec"]["selector"]["matchLabels"].items()
        <= template["metadata"]["labels"].items()
    )
    spec = template["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True and spec["affinity"]["podAntiAffinity"]
    assert spec["automountServiceAccountToken"] is False
    maps = {d["metadata"]["name"] for d in of_kind("ConfigMap")}
    secrets = {d["metadata"]["name"]: d for _, d in manifests() if d["kind"] == "Secret"}
    volumes = {v["name"]: v for v in spec["volumes"]}
    for volume in volumes.values():
        if "configMap" in volume:
            assert volume["configMap"]["name"] in maps
        if "secret" in volume:
            keys = secrets[volume["secret"]["secretName"]]["metadata"]["annotations"]
            for item in volume["secret"]["items"]:
                assert item["key"] in keys["instapay.example/keys"].split(", ")
    claims = {c["metadata"]["name"] for c in workload["spec"].get("volumeClaimTemplates", [])}
    for container in containers_of(workload):
        context = container["securityContext"]
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert {"requests", "limits"} <= container["resources"].keys()
        assert {m["name"] for m in container["volumeMounts"]} <= claims | set(volumes)


def test_every_pod_has_a_policy() -> None:
    named = yaml.dump([p["spec"]["podSelector"] for p in of_kind("NetworkPolicy")])
    for workload in of_kind("StatefulSet", "Deployment"):
        label = template_of(workload)["metadata"]["labels"]["app.kubernetes.io/name"]
        assert re.search(rf"\b{label}\b", named), label


def test_urls_of_several_hosts(tmp_path: Path) -> None:
    """make-secrets.sh: with commas in DB_HOST, the URL finds the primary by itself."""
    env = {"PATH": os.environ["PATH"], "DB_HOST": "a,b,c"}
    succeeds(ROOT / "deploy/make-secrets.sh", tmp_path / "s", "localhost", env=env)
    url = (tmp_path / "s/transaction-service/database_url").read_text()
    assert re.fullmatch(
        r"postgresql://transaction_service:[0-9a-f]{48}@a,b,c/instapay"
        r"\?target_session_attrs=read-write&connect_timeout=2",
        url,
    )
    # roles.sh finds the password in it.
    assert re.search(r"^postgresql://[^:]*:([^@]*)@", url)
